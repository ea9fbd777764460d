from shop import partners
from shop.accounts.models import Customer
from shop.accounts.tokens import verification_token
from shop.celery import app


@app.task
def send_verification_email(customer_id):
    customer = Customer.objects.get(pk=customer_id)
    partners.send_email({
        "to": customer.email,
        "template": "email_verification",
        "subject": "Welcome! Please confirm your address",
        "token": verification_token(customer),
    })
