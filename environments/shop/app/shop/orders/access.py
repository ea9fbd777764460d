from contextlib import contextmanager

from django.shortcuts import get_object_or_404

from shop.orders.models import Order
from shop.store import alone


@contextmanager
def held(order_id, **owner):
    """Locks the order, so that only one request at a time pays, processes or refunds it."""
    with alone(f"order {order_id}"):
        yield get_object_or_404(Order, pk=order_id, **owner)


def own(request, order_id):
    return get_object_or_404(Order, pk=order_id, customer=request.customer)
