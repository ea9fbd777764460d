from django.utils import timezone

from shop.catalogue.models import Product
from shop.celery import app
from shop.store import redis


@app.task
def sync_inventory():
    """Publishes the stock of every product to Redis, where other systems read it."""
    levels = dict(Product.objects.values_list("sku", "quantity"))
    with redis.pipeline() as pipe:
        pipe.delete("inventory:stock")
        if levels:
            pipe.hset("inventory:stock", mapping=levels)
        pipe.hset("inventory:sync", mapping={"at": timezone.now().isoformat(), "products": len(levels)})
        pipe.execute()
