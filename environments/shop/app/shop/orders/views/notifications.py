from django import forms

from shop.accounts.tokens import signed_in
from shop.http import valid
from shop.orders.access import own
from shop.orders.notifications import SUBJECTS
from shop.orders.tasks import send_notification


class NotificationForm(forms.Form):
    order_id = forms.UUIDField()
    notification_type = forms.ChoiceField(choices=[(template, template) for template in SUBJECTS])


@signed_in
def send(request):
    wanted = valid(NotificationForm(request.json))
    order = own(request, wanted["order_id"])
    return 202, {"task_id": send_notification.delay(str(order.pk), wanted["notification_type"]).id}


@signed_in
def of_order(request, id):
    return 200, list(own(request, id).notifications.values("type", "template", "recipient", "sent_at"))
