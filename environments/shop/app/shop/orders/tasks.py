from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from shop.catalogue import stock
from shop.celery import app
from shop.http import Refusal
from shop.orders import notifications, payments, shipping
from shop.orders.access import held
from shop.orders.models import CartItem, Order


@app.task
def process_order(order_id):
    """Stock, money, carrier, mail. Completed steps are recorded, so a repeated task resumes where it stopped."""
    with held(order_id) as order:
        if order.status in (Order.Status.PROCESSING, Order.Status.REFUNDED):
            return
        reserve_inventory(order)
        if not order.payment_processed and not payments.settle(order, payments.begin(order)):
            raise Refusal(402, f"order {order_id} is not paid")
        shipping.ship(order)
        notifications.send_email(order, "order_processing")
        order.move_to(status=Order.Status.PROCESSING)


@transaction.atomic
def reserve_inventory(order):
    if order.inventory_reserved:
        return
    for item in order.items.order_by("product_id"):  # one order of taking for all: no deadlock
        stock.take(item.product_id, item.quantity)
    order.move_to(inventory_reserved=True)


@app.task
def send_notification(order_id, template):
    notifications.send_email(Order.objects.get(pk=order_id), template)


@app.task
def expire_carts():
    CartItem.objects.filter(updated_at__lt=timezone.now() - timedelta(days=7)).delete()
