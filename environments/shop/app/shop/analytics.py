from django import forms

from shop.accounts.tokens import signed_in
from shop.http import valid
from shop.store import redis

EVENTS = ("page_view", "add_to_cart", "purchase")


class EventForm(forms.Form):
    type = forms.ChoiceField(choices=[(event, event) for event in EVENTS])


@signed_in
def track(request):
    event = valid(EventForm(request.json))["type"]
    redis.hincrby("analytics", event, 1)
    return 200, {"tracked": event}


@signed_in
def show_stats(request):
    views, carts, purchases = (int(count or 0) for count in redis.hmget("analytics", EVENTS))
    return 200, {
        "page_views": views,
        "add_to_cart": carts,
        "purchases": purchases,
        "conversion_rate": purchases / views if views else 0,
    }
