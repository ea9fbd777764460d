import logging

from django.db import connection

from shop.celery import app as celery
from shop.store import redis

log = logging.getLogger(__name__)


def show(request):
    checks = {"database": passes(database), "cache": passes(cache), "queue": passes(queue)}
    return 200 if all(checks.values()) else 503, checks


def passes(check):
    try:
        check()
    except Exception as failure:
        log.warning("%s: %s", check.__name__, failure)
        return False
    return True


def database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def cache():
    redis.set("health", "ok", ex=60)


def queue():
    """The broker answers and the queue, if there is one yet, is a list that tasks can be put on."""
    redis.llen(celery.conf.task_default_queue)
