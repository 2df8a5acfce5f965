"""Forms of closings: a period to compute, notices to withdraw, a strike after an upheld objection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from governance.frame.forms import PageForm
from governance.periods import Kind, Period, today
from moral_bank.models import Claim, Closing

MONTHS_BACK, QUARTERS_BACK, YEARS_BACK = 13, 5, 2


def periods_due() -> list[Period]:
    """Ended months, quarters and years that somebody may still look at, latest first."""
    found = []
    for kind, count in ((Kind.MONTH, MONTHS_BACK), (Kind.QUARTER, QUARTERS_BACK), (Kind.YEAR, YEARS_BACK)):
        period = Period.of(kind, today())
        for _ in range(count):
            period = period.previous()
            found.append(period)
    return found


class PeriodForm(PageForm):
    """One of the ended periods; `Closing.kind` knows no half-years."""

    period = forms.ChoiceField(label="期间")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = [(str(period), period.label) for period in periods_due()]  # type: ignore[attr-defined]

    def chosen(self) -> Period:
        """The chosen period, last month where none or a wrong one was given."""
        if self.is_bound and self.is_valid():
            return Period.parse(self.cleaned_data["period"])
        return Period.of(Kind.MONTH, today()).previous()


class TakeDownForm(PageForm):
    """Which running notices are withdrawn, each ticked by name, and why."""

    closings = forms.ModelMultipleChoiceField(
        Closing.objects.none(), label="撤回哪些公示", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请勾选要撤回的公示。"},
    )  # fmt: skip
    reason = forms.CharField(
        label="撤回原因", max_length=100, widget=forms.Textarea({"rows": 2}), error_messages={"required": "请写明撤回原因。"}
    )

    def __init__(self, *args: Any, closings: Sequence[Closing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["closings"]
        field.queryset = Closing.objects.filter(pk__in=[closing.pk for closing in closings])  # type: ignore[attr-defined]
        field.choices = [(closing.pk, _notice_words(closing)) for closing in closings]  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "closings": list(self.cleaned_data["closings"])}


def _notice_words(closing: Closing) -> str:
    assert closing.notice is not None
    return f"{closing.notice.title}（公示到 {closing.notice.closes_on:%Y-%m-%d}）"


class StrikeForm(PageForm):
    claim = forms.ModelChoiceField(
        Claim.objects.none(), label="撤销哪一条", empty_label=None, widget=forms.RadioSelect,
        error_messages={"required": "请选要撤销的申报。"},
    )  # fmt: skip
    reason = forms.CharField(
        label="撤销原因",
        max_length=190,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "请写明撤销原因。"},
    )

    def __init__(self, *args: Any, claims: Sequence[Claim], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["claim"]
        field.queryset = Claim.objects.filter(pk__in=[claim.pk for claim in claims])  # type: ignore[attr-defined]
        field.choices = [(claim.pk, _words(claim)) for claim in claims]  # type: ignore[attr-defined]
        field.initial = claims[0].pk if len(claims) == 1 else None


def _words(claim: Claim) -> str:
    day = claim.counts_on or claim.occurred_on
    return f"{claim.account.household.head_name}户 {day.month}月{day.day}日 {claim.deed.name} {claim.score:+d}"
