from django import forms
from django.shortcuts import get_object_or_404

from shop.accounts.tokens import signed_in
from shop.http import Refusal, valid
from shop.orders import payments
from shop.orders.access import held
from shop.orders.models import Payment
from shop.orders.tasks import send_notification


class PaymentForm(forms.Form):
    order_id = forms.UUIDField()
    amount = forms.DecimalField(required=False)


class ConfirmationForm(forms.Form):
    payment_id = forms.UUIDField()


class RefundForm(PaymentForm):
    reason = forms.CharField(max_length=200)


@signed_in
def create(request):
    wanted = valid(PaymentForm(request.json))
    with held(wanted["order_id"], customer=request.customer) as order:
        check_amount(wanted["amount"], order)
        return 201, shown(payments.begin(order))


@signed_in
def confirm(request):
    payment_id = valid(ConfirmationForm(request.json))["payment_id"]
    payment = get_object_or_404(Payment, pk=payment_id, order__customer=request.customer)
    with held(payment.order_id) as order:
        return 200, settled(order, payment)


@signed_in
def process(request):
    """Both steps at once, for a card that needs no confirmation by its owner."""
    wanted = valid(PaymentForm(request.json))
    with held(wanted["order_id"], customer=request.customer) as order:
        check_amount(wanted["amount"], order)
        return 200, settled(order, payments.begin(order))


@signed_in
def refund(request):
    wanted = valid(RefundForm(request.json))
    with held(wanted["order_id"], customer=request.customer) as order:
        check_amount(wanted["amount"], order)
        answer = payments.refund(order, wanted["reason"])
    send_notification.delay(str(order.pk), "order_refunded")
    return 201, {"id": answer["id"], "status": answer["status"], "amount": order.total}


def settled(order, payment):
    if payments.settle(order, payment):
        send_notification.delay(str(order.pk), "order_confirmation")
    return shown(payment)


def check_amount(amount, order):
    if amount is not None and amount != order.total:
        raise Refusal(400, f"the amount of this order is {order.total}: it is paid and refunded as a whole")


def shown(payment):
    names = ("id", "order_id", "status", "confirmation_url")
    return {name: getattr(payment, name) for name in names}
