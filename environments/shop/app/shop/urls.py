"""The shop's whole API, one line per address."""

from django.urls import path

from shop import analytics, health, jobs
from shop.accounts import views as accounts
from shop.catalogue import views as catalogue
from shop.http import endpoint
from shop.orders.views import carts, notifications, orders, payments, shipping

urlpatterns = [
    path("health/", endpoint(GET=health.show)),
    path("api/auth/register/", endpoint(POST=accounts.register)),
    path("api/auth/login/", endpoint(POST=accounts.log_in)),
    path("api/auth/verify-email/", endpoint(POST=accounts.verify_email)),
    path("api/auth/change-password/", endpoint(POST=accounts.change_password)),
    path("api/users/profile/", endpoint(GET=accounts.show_profile, PUT=accounts.update_profile)),
    path("api/storefront/", endpoint(GET=catalogue.show_storefront)),
    path("api/categories/", endpoint(GET=catalogue.list_categories)),
    path("api/products/", endpoint(GET=catalogue.list_products, POST=catalogue.create_product)),
    path("api/products/<uuid:id>/", endpoint(GET=catalogue.show_product)),
    path("api/products/<uuid:id>/inventory/", endpoint(PUT=catalogue.record_sale)),
    path("api/inventory/sync/", endpoint(POST=catalogue.start_sync)),
    path("api/inventory/status/", endpoint(GET=catalogue.show_sync)),
    path("api/cart/", endpoint(GET=carts.show)),
    path("api/cart/items/", endpoint(POST=carts.add)),
    path("api/orders/", endpoint(POST=orders.create)),
    path("api/orders/<uuid:id>/", endpoint(GET=orders.show)),
    path("api/orders/<uuid:id>/process/", endpoint(POST=orders.process)),
    path("api/payments/create/", endpoint(POST=payments.create)),
    path("api/payments/confirm/", endpoint(POST=payments.confirm)),
    path("api/payments/process/", endpoint(POST=payments.process)),
    path("api/payments/refund/", endpoint(POST=payments.refund)),
    path("api/shipping/methods/", endpoint(GET=shipping.list_methods)),
    path("api/shipping/calculate/", endpoint(POST=shipping.calculate)),
    path("api/shipping/create/", endpoint(POST=shipping.create)),
    path("api/shipping/tracking/<uuid:id>/", endpoint(GET=shipping.track)),
    path("api/notifications/send/", endpoint(POST=notifications.send)),
    path("api/notifications/order/<uuid:id>/", endpoint(GET=notifications.of_order)),
    path("api/tasks/<uuid:id>/status/", endpoint(GET=jobs.show_status)),
    path("api/analytics/track/", endpoint(POST=analytics.track)),
    path("api/analytics/stats/", endpoint(GET=analytics.show_stats)),
]
