from shop import partners
from shop.orders.models import Notification

SUBJECTS = {
    "order_created": "We have your order",
    "order_confirmation": "Your payment has arrived",
    "order_processing": "Your order is on its way",
    "order_refunded": "Your money is on its way back",
}


def send_email(order, template):
    recipient = order.customer.email
    partners.send_email({
        "to": recipient,
        "template": template,
        "subject": SUBJECTS[template],
        "order_id": order.pk,
        "status": order.status,
        "total": order.total,
    })
    Notification.objects.create(order=order, template=template, recipient=recipient)
