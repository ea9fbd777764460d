from django import forms
from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import get_object_or_404

from shop.accounts.tokens import signed_in
from shop.catalogue import stock
from shop.catalogue.models import Category, Product
from shop.catalogue.tasks import sync_inventory
from shop.http import valid
from shop.store import redis

PAGE_SIZE = 20


class ProductForm(forms.ModelForm):
    weight_kg = forms.DecimalField(min_value=0, max_digits=6, decimal_places=3, required=False)
    price = forms.DecimalField(min_value=0, max_digits=10, decimal_places=2)

    class Meta:
        model = Product
        fields = ["sku", "name", "description", "category", "price", "quantity", "weight_kg"]


class SaleForm(forms.Form):
    quantity = forms.IntegerField(min_value=1)


class PageForm(forms.Form):
    page = forms.IntegerField(min_value=1, required=False)
    category = forms.SlugField(required=False)


def show_storefront(request):
    with redis.pipeline() as pipe:
        pipe.get("storefront:banner")
        pipe.get("storefront:free_shipping_from")
        pipe.lrange("storefront:featured", 0, -1)
        pipe.zrevrange("storefront:popular_searches", 0, 9)
        pipe.hgetall("storefront:exchange_rates")
        pipe.smembers("storefront:payment_methods")
        banner, free_shipping_from, featured, searches, rates, payment_methods = pipe.execute()
    products = Product.objects.in_bulk(featured, field_name="sku")
    return 200, {
        "banner": banner,
        "free_shipping_from": free_shipping_from,
        "featured": [shown(products[sku]) for sku in featured if sku in products],
        "popular_searches": searches,
        "exchange_rates": rates,
        "payment_methods": sorted(payment_methods),
    }


def list_categories(request):
    categories = Category.objects.annotate(products=Count("product"))
    return 200, {"results": list(categories.values("slug", "name", "products"))}


def list_products(request):
    query = valid(PageForm(request.GET))
    products = Product.objects.all()
    if query["category"]:
        products = products.filter(category=query["category"])
    page = Paginator(products, PAGE_SIZE).get_page(query["page"])
    return 200, {
        "count": page.paginator.count,
        "pages": page.paginator.num_pages,
        "results": [shown(product) for product in page],
    }


def show_product(request, id):
    return 200, shown(get_object_or_404(Product, pk=id))


@signed_in
def create_product(request):
    form = ProductForm(request.json)
    valid(form)
    return 201, shown(form.save())


@signed_in
def record_sale(request, id):
    stock.take(get_object_or_404(Product, pk=id).pk, valid(SaleForm(request.json))["quantity"])
    return show_product(request, id)


@signed_in
def start_sync(request):
    return 202, {"task_id": sync_inventory.delay().id}


def show_sync(request):
    last_sync, products = redis.hmget("inventory:sync", "at", "products")
    return 200, {"last_sync": last_sync, "products_synced": int(products or 0)}


def shown(product):
    names = ("id", "sku", "name", "description", "category_id", "price", "quantity", "weight_kg")
    return {name: getattr(product, name) for name in names}
