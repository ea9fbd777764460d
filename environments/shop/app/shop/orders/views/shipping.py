from django import forms
from django.shortcuts import get_object_or_404

from shop.accounts.tokens import signed_in
from shop.http import valid
from shop.orders import shipping
from shop.orders.access import held, own
from shop.orders.models import Shipment, ShippingMethod


class ShippingForm(forms.Form):
    order_id = forms.UUIDField()


def list_methods(request):
    return 200, {"results": list(ShippingMethod.objects.values("code", "name"))}


@signed_in
def calculate(request):
    order_id = valid(ShippingForm(request.json))["order_id"]
    return 200, shipping.quote(own(request, order_id))


@signed_in
def create(request):
    order_id = valid(ShippingForm(request.json))["order_id"]
    with held(order_id, customer=request.customer) as order:
        return 201, shown(shipping.ship(order))


@signed_in
def track(request, id):
    return 200, shown(get_object_or_404(Shipment, pk=id, order__customer=request.customer))


def shown(shipment):
    names = ("id", "order_id", "tracking_number", "status", "cost")
    return {name: getattr(shipment, name) for name in names}
