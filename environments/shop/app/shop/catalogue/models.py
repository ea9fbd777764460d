from uuid import uuid4

from django.db import models


class Category(models.Model):
    slug = models.SlugField(primary_key=True)
    name = models.CharField(max_length=100)

    class Meta:
        db_table = "categories"
        ordering = ["slug"]


class Product(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    sku = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    quantity = models.PositiveIntegerField()
    weight_kg = models.DecimalField(max_digits=6, decimal_places=3, default=1)

    class Meta:
        db_table = "products"
        ordering = ["sku"]
