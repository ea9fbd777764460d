from uuid import uuid4

from django.db import models

from shop.accounts.models import Customer
from shop.catalogue.models import Product


class ShippingMethod(models.Model):
    code = models.SlugField(primary_key=True)
    name = models.CharField(max_length=100)

    class Meta:
        db_table = "shipping_methods"
        ordering = ["code"]


class CartItem(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)
    product = models.ForeignKey(Product, models.CASCADE)
    quantity = models.PositiveIntegerField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "cart_items"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["customer", "product"], name="one_line_per_product")]


class Order(models.Model):
    class Status(models.TextChoices):
        PENDING = "pending"
        CONFIRMED = "confirmed"
        PROCESSING = "processing"
        REFUNDED = "refunded"

    class PaymentStatus(models.TextChoices):
        UNPAID = "unpaid"
        PAID = "paid"
        REFUNDED = "refunded"

    id = models.UUIDField(primary_key=True, default=uuid4)
    customer = models.ForeignKey(Customer, models.PROTECT)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    payment_status = models.CharField(max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.UNPAID)
    payment_method = models.CharField(max_length=20)
    shipping_method = models.ForeignKey(ShippingMethod, models.PROTECT)
    shipping_address = models.JSONField()
    billing_address = models.JSONField()
    total = models.DecimalField(max_digits=12, decimal_places=2)
    inventory_reserved = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "orders"

    @property
    def payment_processed(self):
        return self.payment_status != self.PaymentStatus.UNPAID

    @property
    def shipping_created(self):
        return self.shipments.exists()

    def move_to(self, **fields):
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=list(fields))


class OrderItem(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, models.PROTECT)
    quantity = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        db_table = "order_items"


class Payment(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    order = models.ForeignKey(Order, models.CASCADE, related_name="payments")
    gateway_id = models.CharField(max_length=100)
    status = models.CharField(max_length=20, default="pending")
    confirmation_url = models.URLField(blank=True)

    class Meta:
        db_table = "payments"


class Shipment(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    order = models.ForeignKey(Order, models.CASCADE, related_name="shipments")
    carrier_id = models.CharField(max_length=100)
    tracking_number = models.CharField(max_length=100)
    status = models.CharField(max_length=20)
    cost = models.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        db_table = "shipments"


class Notification(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="notifications")
    type = models.CharField(max_length=20, default="email")
    template = models.CharField(max_length=40)
    recipient = models.EmailField()
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "notifications"
        ordering = ["id"]
