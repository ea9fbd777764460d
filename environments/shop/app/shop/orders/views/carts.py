from django import forms

from shop.accounts.tokens import signed_in
from shop.catalogue.models import Product
from shop.http import valid
from shop.orders.models import CartItem


class LineForm(forms.Form):
    """A product and how many of it: a line of a cart or of an order."""

    product_id = forms.ModelChoiceField(Product.objects)
    quantity = forms.IntegerField(min_value=1, max_value=1000)


@signed_in
def show(request):
    lines = request.customer.cartitem_set.select_related("product")
    total = sum(line.product.price * line.quantity for line in lines)
    return 200, {"items": [shown(line) for line in lines], "total": total}


@signed_in
def add(request):
    line = valid(LineForm(request.json))
    item, _ = CartItem.objects.update_or_create(
        customer=request.customer, product=line["product_id"], defaults={"quantity": line["quantity"]}
    )
    return 201, shown(item)


def shown(line):
    return {"product_id": line.product_id, "quantity": line.quantity, "price": line.product.price}
