"""Everything that differs between deployments comes from environment variables."""

import os
from datetime import timedelta
from urllib.parse import unquote, urlsplit


def postgres(url):
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parts.hostname,
        "PORT": parts.port or 5432,
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # One connection per request: a database that was reset or replaced meanwhile is never a stale one.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"connect_timeout": 3},
    }


SECRET_KEY = os.environ["SECRET_KEY"]
DATABASES = {"default": postgres(os.environ["DATABASE_URL"])}
REDIS_URL = os.environ["REDIS_URL"]
PAYMENT_URL = os.environ["PAYMENT_URL"]
SHIPPING_URL = os.environ["SHIPPING_URL"]
EMAIL_URL = os.environ["EMAIL_URL"]

ALLOWED_HOSTS = ["*"]  # reached as app:8000 by services and as 127.0.0.1:<any port> by tests
INSTALLED_APPS = ["shop.accounts", "shop.catalogue", "shop.orders"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
ROOT_URLCONF = "shop.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_TASK_TRACK_STARTED = True
CELERY_BEAT_SCHEDULE_FILENAME = "/tmp/celerybeat-schedule"
CELERY_BEAT_SCHEDULE = {
    "publish stock levels": {"task": "shop.catalogue.tasks.sync_inventory", "schedule": timedelta(minutes=15)},
    "empty abandoned carts": {"task": "shop.orders.tasks.expire_carts", "schedule": timedelta(hours=1)},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
    "root": {"handlers": ["stdout"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
