"""JSON in, JSON out: shared by all views."""

import json

from django.http import Http404, JsonResponse


class Refusal(Exception):
    """The request cannot be served; `reason` is any JSON."""

    def __init__(self, status, reason):
        super().__init__(status, reason)
        self.status = status
        self.reason = reason

    def __str__(self):
        return str(self.reason)


def endpoint(**views):
    """One URL with a view per HTTP method. A view takes the request and returns `(status, body)`."""

    def serve(request, **params):
        try:
            view = views.get(request.method)
            if view is None:
                raise Refusal(405, f"use one of: {', '.join(views)}")
            request.json = parsed(request.body)
            status, body = view(request, **params)
        except Refusal as refusal:
            status, body = refusal.status, {"error": refusal.reason}
        except Http404 as missing:
            status, body = 404, {"error": str(missing)}
        return JsonResponse(body, status=status, safe=False)

    return serve


def parsed(body):
    try:
        value = json.loads(body or "{}")
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise Refusal(400, "the body is not a JSON object")
    return value


def valid(form):
    """The cleaned data of a form, or a 400 that lists the invalid fields."""
    if not form.is_valid():
        raise Refusal(400, form.errors)
    return form.cleaned_data
