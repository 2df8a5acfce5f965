"""One step of an order: its service, and what its form asks at the desk and on the volunteer's own phone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.utils import timezone

from governance.frame.forms import PageForm, day_widget, look_of
from volunteers.models import Hours, Offer, Run, ServiceOrder, Volunteer
from volunteers.orders import services
from volunteers.orders.forms import AHEAD, check_moment, moment_input
from volunteers.orders.order_flow import Step
from volunteers.orders.rows import live_hours


class Deed(NamedTuple):
    """`asks`: the fields of its form. `of`: what the service is about: the order, one run, one offer or one row of hours.
    `phone`: what a volunteer's own page asks; None where the step is not theirs."""

    service: Callable[..., Any]
    asks: tuple[str, ...]
    of: str = "order"
    phone: tuple[str, ...] | None = None


DEEDS: Mapping[Step, Deed] = {
    Step.CALL_BACK: Deed(services.order_call_back, ("note",)),
    Step.ACCEPT: Deed(services.offer_accept, (), "offer", ()),
    Step.DECLINE: Deed(services.offer_decline, ("reason",), "offer", ("reason",)),
    Step.CONTACT: Deed(services.order_contact, ("happened_at", "note_too"), phone=("happened_too",)),
    Step.SET_OUT: Deed(services.run_set_out, (), "run", ()),
    Step.ARRIVE: Deed(services.run_arrive, ("happened_at",), "run", ("happened_too",)),
    Step.FINISH: Deed(
        services.run_finish, ("minutes", "reason_if_other", "served_too"), "run", ("minutes", "reason_if_other")
    ),
    Step.REDISPATCH: Deed(services.run_redispatch, ("reason",), "run", ("reason",)),
    Step.RETIME: Deed(services.order_retime, ("wanted_at", "note_too")),
    Step.NO_SHOW: Deed(services.run_no_show, ("reason",), "run"),
    Step.ABORT: Deed(services.order_abort, ("reason",), phone=("reason",)),
    Step.CANCEL: Deed(services.order_cancel, ("reason",)),
    Step.JUDGE: Deed(services.judge_by_phone, ("rating", "words")),
    Step.RELEASE: Deed(services.points_release, ("reason",)),
    Step.WITHHOLD: Deed(services.points_withhold, ("reason",)),
    Step.CORRECT: Deed(services.hours_correct, ("right_minutes", "reason"), "hours"),
}
TAPS = ((), ("happened_too",))  # what a volunteer's own page asks where one tap does it: nothing, or what may be left empty
QUEUED = (Step.SET_OUT, Step.ARRIVE, Step.FINISH)  # what a phone takes without signal
DECLINED_REASONS = ("时间不合适", "人不在本地", "身体不便", "做不了这件事")


def _row_label(row: Run | Offer | Hours) -> str:
    """The name of the volunteer whose row it is."""
    return f"{row.volunteer.name}（{row.minutes} 分钟）" if isinstance(row, Hours) else row.volunteer.name


def _reason() -> forms.Field:
    return forms.CharField(label="原因", max_length=200, error_messages={"required": "请写明原因。"})


def _minutes(label: str, order: ServiceOrder) -> forms.Field:
    return forms.IntegerField(label=label, min_value=1, max_value=1440, initial=order.project.minutes)


def _field(name: str, order: ServiceOrder) -> tuple[str, forms.Field]:
    """(argument of the service, the field)"""
    note = forms.Textarea({"rows": 2})
    fields: dict[str, tuple[str, Callable[[], forms.Field]]] = {
        "note": ("note", lambda: forms.CharField(label="核实的情况", max_length=200, widget=note)),
        "note_too": ("note", lambda: forms.CharField(label="说明（可不填）", max_length=200, required=False)),
        "reason": ("reason", _reason),
        "reason_if_other": (
            "reason", lambda: forms.CharField(label="时长和项目不同的原因（相同可不填）", max_length=100, required=False)
        ),
        "happened_at": (
            "happened_at", lambda: forms.DateTimeField(label="实际时间", widget=moment_input(), initial=timezone.localtime)
        ),
        "happened_too": (
            "happened_at",
            lambda: forms.DateTimeField(label="实际时间（不填就是现在）", required=False, widget=moment_input()),
        ),
        "served_too": (
            "served_on",
            lambda: forms.DateField(
                label="服务那天（不填按到达的那天）", required=False, widget=day_widget()
            ),
        ),
        "wanted_at": ("wanted_at", lambda: forms.DateTimeField(label="改到什么时间", widget=moment_input(), initial=order.wanted_at)),
        "minutes": ("minutes", lambda: _minutes("服务时长（分钟，不含路上）", order)),
        "right_minutes": ("minutes", lambda: _minutes("正确的时长（分钟）", order)),
        "rating": (
            "rating",
            lambda: forms.ChoiceField(
                label="群众说", choices=ServiceOrder.Rating, widget=forms.RadioSelect, error_messages={"required": "请选满意或不满意。"}
            ),
        ),
        "words": ("words", lambda: forms.CharField(label="群众的话（可不填）", max_length=200, required=False)),
    }  # fmt: skip
    argument, make = fields[name]
    return argument, make()


def rows_of(order: ServiceOrder, of: str) -> Any:
    """What a step may be about: the open runs, the open offers, the hours that count."""
    if of == "hours":
        return live_hours(order)
    open_rows = Run.objects.filter(ended_at=None) if of == "run" else Offer.objects.filter(state=Offer.State.ASKED)
    return open_rows.filter(order=order).select_related("volunteer").order_by("pk")


class StepForm(PageForm):
    """`own`: the volunteer whose phone it is; then it is about their own run or offer."""

    def __init__(self, *args: Any, order: ServiceOrder, step: Step, own: Volunteer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order, self.deed, self.own = order, DEEDS[step], own
        if self.deed.of != "order" and own is None:
            rows = rows_of(order, self.deed.of)
            chosen = forms.ModelChoiceField(rows, label="哪位志愿者", widget=forms.RadioSelect, empty_label=None, initial=rows.first())
            chosen.error_messages["required"] = "请选哪位志愿者。"
            chosen.label_from_instance = _row_label  # type: ignore[method-assign, assignment]
            self.fields["row"] = chosen
        for name in (self.deed.phone or ()) if own is not None else self.deed.asks:
            argument, field = _field(name, order)
            self.fields[argument] = field
        if own is not None and step == Step.DECLINE:
            choices = [(words, words) for words in DECLINED_REASONS]
            asked = {"required": "请选为什么不接。"}
            self.fields["reason"] = forms.ChoiceField(label="为什么不接", choices=choices, widget=forms.RadioSelect, error_messages=asked)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", look_of(field.widget))

    def clean_wanted_at(self) -> datetime | None:
        return check_moment(self.cleaned_data["wanted_at"])

    def clean_happened_at(self) -> datetime | None:
        return check_moment(self.cleaned_data["happened_at"], AHEAD)

    @property
    def asks(self) -> bool:
        """Whether there is anything to fill in; else one tap does it."""
        return bool(self.fields)

    def own_row(self) -> Any:
        """The run or offer of the volunteer whose phone it is; None where there is none, or the step is about the order."""
        return rows_of(self.order, self.deed.of).filter(volunteer=self.own).first() if self.deed.of != "order" and self.own else None

    def arguments(self) -> dict[str, Any]:
        found: dict[str, Any] = dict(self.cleaned_data)
        of = self.deed.of
        row = found.pop("row", None) or self.own_row()
        if "happened_at" in found:
            moment = found["happened_at"] or timezone.now()
            found["happened_at"] = moment
        if of == "offer":
            return {"order": self.order, "volunteer": row.volunteer, **found}
        return {of: row if of != "order" else self.order, **found}
