from django import forms
from django.db import transaction

from shop.accounts.tokens import signed_in
from shop.http import Refusal, valid
from shop.orders.access import own
from shop.orders.models import Order, OrderItem, ShippingMethod
from shop.orders.tasks import process_order
from shop.orders.views.carts import LineForm


class AddressForm(forms.Form):
    first_name = forms.CharField(max_length=100)
    last_name = forms.CharField(max_length=100)
    street = forms.CharField(max_length=200)
    city = forms.CharField(max_length=100)
    postal_code = forms.CharField(max_length=20)
    country = forms.CharField(max_length=2)


class AddressField(forms.JSONField):
    def clean(self, value):
        address = super().clean(value)
        if not isinstance(address, dict):
            raise forms.ValidationError("An address is an object.")
        form = AddressForm({"country": "RU", **address})
        if not form.is_valid():
            raise forms.ValidationError([f"{name}: {text[0]}" for name, text in form.errors.items()])
        return form.cleaned_data


class OrderForm(forms.Form):
    shipping_address = AddressField()
    billing_address = AddressField()
    shipping_method = forms.ModelChoiceField(ShippingMethod.objects)
    payment_method = forms.CharField(max_length=20)


@signed_in
def create(request):
    """Orders the lines under `items`, or else the cart, which is empty afterwards."""
    usual = {
        "shipping_method": "standard",
        "payment_method": "card",
        "billing_address": request.json.get("shipping_address"),
    }
    fields = valid(OrderForm({**usual, **request.json}))
    with transaction.atomic():
        lines = wanted_lines(request.json["items"]) if "items" in request.json else cart_lines(request.customer)
        if not lines:
            raise Refusal(400, "nothing is ordered: give items or fill the cart")
        total = sum(product.price * quantity for product, quantity in lines)
        order = Order.objects.create(customer=request.customer, total=total, **fields)
        OrderItem.objects.bulk_create(
            OrderItem(order=order, product=product, quantity=quantity, price=product.price)
            for product, quantity in lines
        )
    return 201, shown(order)


@signed_in
def show(request, id):
    return 200, shown(own(request, id))


@signed_in
def process(request, id):
    order = own(request, id)
    if order.status not in (Order.Status.PENDING, Order.Status.CONFIRMED):
        raise Refusal(409, f"the order is {order.status}")
    return 202, {"task_id": process_order.delay(str(order.pk)).id}


def wanted_lines(items):
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Refusal(400, "items is not a list of objects")
    lines = [valid(LineForm(item)) for item in items]
    return [(line["product_id"], line["quantity"]) for line in lines]


def cart_lines(customer):
    in_cart = customer.cartitem_set.select_related("product").select_for_update(of=["self"])
    lines = [(line.product, line.quantity) for line in in_cart]
    customer.cartitem_set.all().delete()
    return lines


def shown(order):
    names = (
        "id", "status", "payment_status", "payment_method", "shipping_method_id", "total",
        "inventory_reserved", "payment_processed", "shipping_created", "created_at",
    )
    items = [
        {"product_id": item.product_id, "quantity": item.quantity, "price": item.price}
        for item in order.items.all()
    ]
    return {**{name: getattr(order, name) for name in names}, "items": items}
