from django import forms
from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError

from shop.accounts.models import Customer
from shop.accounts.tasks import send_verification_email
from shop.accounts.tokens import access_token, signed_in, verified_customer_id
from shop.http import Refusal, valid


class RegistrationForm(forms.ModelForm):
    email = forms.EmailField()  # uniqueness is the database's to decide: two may register at once
    password = forms.CharField(min_length=8, max_length=128, strip=False)

    class Meta:
        model = Customer
        fields = ["first_name", "last_name", "phone"]


class LoginForm(forms.Form):
    email = forms.EmailField()
    password = forms.CharField(strip=False)


class VerificationForm(forms.Form):
    token = forms.CharField()


class PasswordForm(forms.Form):
    old_password = forms.CharField(strip=False)
    new_password = forms.CharField(min_length=8, max_length=128, strip=False)


class ProfileForm(forms.ModelForm):
    class Meta:
        model = Customer
        fields = ["first_name", "last_name", "phone"]


def register(request):
    fields = valid(RegistrationForm(request.json))
    fields.update(email=fields["email"].lower(), password=make_password(fields["password"]))
    try:
        customer = Customer.objects.create(**fields)
    except IntegrityError:
        raise Refusal(409, "this address is registered already") from None
    send_verification_email.delay(customer.pk)
    return 201, {"user": profile(customer), "access_token": access_token(customer)}


def log_in(request):
    fields = valid(LoginForm(request.json))
    customer = Customer.objects.filter(email=fields["email"].lower()).first()
    # An unknown address is checked against no password and takes as long as a known one.
    if not check_password(fields["password"], customer.password if customer else make_password(None)):
        raise Refusal(401, "wrong address or password")
    return 200, {"user": profile(customer), "access": access_token(customer)}


def verify_email(request):
    customer_id = verified_customer_id(valid(VerificationForm(request.json))["token"])
    Customer.objects.filter(pk=customer_id).update(email_verified=True)
    return 200, {"email_verified": True}


@signed_in
def change_password(request):
    fields = valid(PasswordForm(request.json))
    customer = request.customer
    if not check_password(fields["old_password"], customer.password):
        raise Refusal(400, {"old_password": ["This is not your password."]})
    customer.password = make_password(fields["new_password"])
    customer.save(update_fields=["password"])
    return 200, {"access_token": access_token(customer)}


@signed_in
def show_profile(request):
    return 200, profile(request.customer)


@signed_in
def update_profile(request):
    form = ProfileForm(request.json, instance=request.customer)
    valid(form)
    return 200, profile(form.save())


def profile(customer):
    shown = ("id", "email", "first_name", "last_name", "phone", "email_verified")
    return {name: getattr(customer, name) for name in shown}
