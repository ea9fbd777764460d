import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()

# Django loads the addresses and everything behind them at the first request: here that is before gunicorn forks, so once for all workers.
from shop import urls  # noqa: E402, F401
