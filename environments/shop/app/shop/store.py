"""Redis: the shop's cache, its locks and its counters."""

from contextlib import contextmanager

from django.conf import settings
from redis import Redis
from redis.exceptions import LockError

from shop.http import Refusal

redis = Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_timeout=2)


@contextmanager
def alone(name):
    """Only one process at a time is inside; a second one waits up to ten seconds."""
    lock = redis.lock(f"lock:{name}", timeout=60, blocking_timeout=10)
    if not lock.acquire():
        raise Refusal(409, f"{name} is busy, try again")
    try:
        yield
    finally:
        try:
            lock.release()
        except LockError:
            pass  # it expired, or the store was reset meanwhile: nothing is left to release
