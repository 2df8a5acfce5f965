"""One-tap steps as phones send them, each by its UUID once (docs/decisions/0010-offline.md): a tick of a round, a step of one's order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from django import forms
from django.db import transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.accounts.used_keys import key_taken
from governance.cases.sending.senders import Answer, Reasons, payload_of, reasons_of, true_time
from governance.cases.sending.services import digest
from governance.frame.forms import year_fits
from volunteers.care.rounds import round_tick
from volunteers.models import CareRoundPerson
from volunteers.orders.lookups import own_order, phone_steps
from volunteers.orders.order_flow import BY_STEP, Step
from volunteers.orders.step_forms import DEEDS, QUEUED, StepForm

KEPT = timedelta(hours=24)


class TapForm(forms.Form):
    """`saved_at`: when the phone's owner tapped, by the phone's clock."""

    client_key = forms.UUIDField()
    saved_at = forms.DateTimeField(validators=[year_fits])

    def clean_saved_at(self) -> object:
        saved, now = true_time(self.cleaned_data["saved_at"], self.data), timezone.now()
        if saved < now - KEPT:
            raise forms.ValidationError("这一步是 24 小时以前点的，请打开页面写明时间再记。")
        return min(saved, now)


class TickForm(TapForm):
    person = forms.ModelChoiceField(CareRoundPerson.objects.none(), error_messages={"invalid_choice": "这份名单不在您可以登记的范围内。"})
    what = forms.ChoiceField(choices=[("answered", "叫应"), ("moved", "转移")])

    def __init__(self, data: Mapping[str, str], user: User) -> None:
        super().__init__(data)
        people = CareRoundPerson.objects.visible_to(user).select_related("round", "household")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class OwnStepForm(TapForm):
    order = forms.IntegerField(min_value=1)
    step = forms.ChoiceField(choices=[(step, BY_STEP[step].label) for step in QUEUED])


def tick_take(data: dict[str, str], user: User) -> tuple[Answer, Reasons]:
    form = TickForm(data, user)
    if not form.is_valid():
        return {}, reasons_of(form)
    person, what, at = form.cleaned_data["person"], form.cleaned_data["what"], form.cleaned_data["saved_at"]
    status = _once(
        form, user, lambda: round_tick(person=person, answered=what == "answered", moved=what == "moved", by=user, at=at)
    )
    return {"status": status, "link": f"/care/rounds/{person.round_id}/", "number": f"{person.household.head_name}户"}, {}


def step_take(data: dict[str, str], user: User) -> tuple[Answer, Reasons]:
    """A step of one's own run; finished for as long as the project says, which the village corrects with a reason."""
    form = OwnStepForm(data)
    if not form.is_valid():
        return {}, reasons_of(form)
    order, step, at = own_order(user, form.cleaned_data["order"]), Step(form.cleaned_data["step"]), form.cleaned_data["saved_at"]
    asked = {"minutes": order.project.minutes, "happened_at": at}
    own = StepForm(asked, order=order, step=step, own=user.volunteer)

    def take() -> object:
        if BY_STEP[step] not in phone_steps(order, user) or not own.is_valid():
            raise forms.ValidationError(f"{order.number}现在不能{BY_STEP[step].label}。")
        return DEEDS[step].service(by=user, **own.arguments())

    try:
        status = _once(form, user, take)
    except forms.ValidationError as error:
        return {}, {"step": error.messages}
    return {"status": status, "link": "/my-orders/", "number": f"{order.number} {BY_STEP[step].label}"}, {}


def _once(form: TapForm, user: User, take: Callable[[], object]) -> str:
    with transaction.atomic():
        used = key_taken(user_id=user.pk, key=f"tap {form.cleaned_data['client_key']}", digest=digest(payload_of(form.data)))
        if used.status is not None:
            return "same"
        take()
        used.settle(201, "")
    return "created"
