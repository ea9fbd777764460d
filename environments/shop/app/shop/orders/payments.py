from django.db import transaction

from shop import partners
from shop.catalogue import stock
from shop.http import Refusal
from shop.orders.models import Order, Payment

CURRENCY = "RUB"


def begin(order):
    """Asks the gateway for a payment; the money moves when the customer has confirmed it there."""
    if order.payment_processed:
        raise Refusal(409, f"the order is {order.payment_status}")
    payment = Payment(order=order)
    answer = partners.create_payment(
        {
            "order_id": order.pk,
            "amount": order.total,
            "currency": CURRENCY,
            "payment_method": order.payment_method,
        },
        idempotence_key=str(payment.pk),
    )
    payment.gateway_id = answer["id"]
    payment.confirmation_url = answer.get("confirmation_url", "")
    payment.save()
    return payment


def settle(order, payment):
    """Asks the gateway for the state of a payment; returns whether the order is paid now."""
    payment.status = partners.payment_status(payment.gateway_id)["status"]
    payment.save(update_fields=["status"])
    if payment.status != "succeeded" or order.payment_processed:
        return False
    order.move_to(payment_status=Order.PaymentStatus.PAID, status=Order.Status.CONFIRMED)
    return True


def refund(order, reason):
    if order.payment_status != Order.PaymentStatus.PAID:
        raise Refusal(409, f"the order is {order.payment_status}")
    paid = order.payments.filter(status="succeeded").first()
    answer = partners.create_refund({
        "order_id": order.pk,
        "payment_id": paid.gateway_id,
        "amount": order.total,
        "currency": CURRENCY,
        "reason": reason,
    })
    with transaction.atomic():
        if order.inventory_reserved:
            for item in order.items.all():
                stock.put_back(item.product_id, item.quantity)
        order.move_to(
            payment_status=Order.PaymentStatus.REFUNDED,
            status=Order.Status.REFUNDED,
            inventory_reserved=False,
        )
    return answer
