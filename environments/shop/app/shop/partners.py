"""The three companies the shop talks to. Each call returns the partner's JSON answer or fails with 502."""

import json
from http.client import HTTPException
from urllib.parse import quote
from urllib.request import Request, urlopen

from django.conf import settings

from shop.http import Refusal


def create_payment(payload, idempotence_key):
    url = f"{settings.PAYMENT_URL}/api/v1/payments"
    return call("POST", url, payload, {"Idempotence-Key": idempotence_key})


def payment_status(gateway_id):
    return call("GET", f"{settings.PAYMENT_URL}/api/v1/payments/{quote(gateway_id, safe='')}")


def create_refund(payload):
    return call("POST", f"{settings.PAYMENT_URL}/api/v1/refunds", payload)


def quote_shipping(payload):
    return call("POST", f"{settings.SHIPPING_URL}/api/v1/shipping/calculate", payload)


def create_shipment(payload):
    return call("POST", f"{settings.SHIPPING_URL}/api/v1/shipping/orders", payload)


def send_email(payload):
    return call("POST", f"{settings.EMAIL_URL}/api/v1/emails/send", payload)


def call(method, url, payload=None, headers=None):
    body = None if payload is None else json.dumps(payload, default=str).encode()
    request = Request(url, body, {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        with urlopen(request, timeout=5) as response:
            return json.load(response)
    except (OSError, HTTPException, ValueError) as failure:
        raise Refusal(502, f"{method} {url}: {failure}") from failure
