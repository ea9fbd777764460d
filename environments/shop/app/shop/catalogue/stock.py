from django.db.models import F

from shop.catalogue.models import Product
from shop.http import Refusal


def take(product_id, quantity):
    """Takes pieces from the shelf, or refuses when there are too few; safe when many do it at once."""
    on_shelf = Product.objects.filter(pk=product_id, quantity__gte=quantity)
    if not on_shelf.update(quantity=F("quantity") - quantity):
        raise Refusal(409, f"not enough of product {product_id} in stock")


def put_back(product_id, quantity):
    Product.objects.filter(pk=product_id).update(quantity=F("quantity") + quantity)
