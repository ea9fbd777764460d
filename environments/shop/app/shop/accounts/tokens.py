"""Signed tokens. An access token lives for a day and dies with the password it was issued under."""

from functools import wraps

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from shop.accounts.models import Customer
from shop.http import Refusal

DAY = 24 * 60 * 60


def access_token(customer):
    return signing.dumps({"customer": customer.pk, "stamp": stamp(customer)}, salt="shop.access")


def verification_token(customer):
    return signing.dumps(customer.pk, salt="shop.verify-email")


def verified_customer_id(token):
    try:
        return signing.loads(token, salt="shop.verify-email", max_age=DAY)
    except signing.BadSignature:
        raise Refusal(400, "the token is not valid") from None


def signed_in(view):
    """For signed-in customers only; the view finds its own as `request.customer`."""

    @wraps(view)
    def serve(request, **params):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        customer = bearer(token) if scheme == "Bearer" else None
        if customer is None:
            raise Refusal(401, "log in first: Authorization: Bearer <access token>")
        request.customer = customer
        return view(request, **params)

    return serve


def bearer(token):
    try:
        claims = signing.loads(token, salt="shop.access", max_age=DAY)
    except signing.BadSignature:
        return None
    customer = Customer.objects.filter(pk=claims["customer"]).first()
    return customer if customer and constant_time_compare(claims["stamp"], stamp(customer)) else None


def stamp(customer):
    return salted_hmac("shop.access", customer.password).hexdigest()
