"""Forms of 最美家庭, honours and private reminders."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm, day_widget
from governance.periods import Period, today
from moral_bank.awards.models import Nomination
from moral_bank.awards.services import LEAST_PRESENT, Vote, halves_open
from villages.models import Household, Unit

MOST_PRESENT = 500


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        initial=today,
        widget=day_widget(),
        error_messages={"required": "请选日期。", "invalid": "日期应写作 2026-04-08。"},
        **more,
    )


class NominationForm(PageForm):
    """Who nominates whom and why; `household` comes from the list beside it."""

    SOURCES = [choice for choice in Nomination.Source.choices if choice[0] != Nomination.Source.SCORE]

    household = forms.ModelChoiceField(
        Household.objects.none(), widget=forms.HiddenInput, error_messages={"required": "请先选提名哪一户。"}
    )
    half = forms.ChoiceField(
        label="评哪个半年", error_messages={"invalid_choice": "这个半年已经公示，或不在受理期内，不再受理提名。"}
    )
    source = forms.ChoiceField(
        label="谁提名", choices=SOURCES, widget=forms.RadioSelect, error_messages={"required": "请选谁提名。"}
    )
    nominator = forms.CharField(label="提名的人或组织（自荐可不填）", max_length=60, required=False)
    story = forms.CharField(
        label="主要事迹",
        max_length=500,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "请写主要事迹。"},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        homes = Household.objects.visible_to(user, Action.AWARD_NOMINATE).filter(ended_on=None)
        self.fields["household"].queryset = homes.select_related("village", "unit")  # type: ignore[attr-defined]
        self.fields["half"].choices = self._halves()  # type: ignore[attr-defined]
        if self.closed:
            self.fields["half"].widget = forms.HiddenInput()

    def _halves(self) -> list[tuple[str, str]]:
        """What the chosen household's village still takes; it is `closed` where that is nothing."""
        chosen = str(self["household"].value() or "")
        homes = self.fields["household"].queryset  # type: ignore[attr-defined]
        self.chosen = homes.filter(pk=chosen).first() if chosen.isdecimal() else None
        village = self.chosen.village if self.chosen else None
        halves = halves_open(today(), village)
        self.closed = not halves
        return [(str(half), half.label) for half in halves]

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "half": Period.parse(self.cleaned_data["half"])}


class CandidatesForm(PageForm):
    """Whose best households are looked for, and by which half-year's scores."""

    village = forms.ChoiceField(label="村（社区）", required=False)
    half = forms.ChoiceField(label="半年", required=False)

    def __init__(self, *args: Any, villages: list[Unit], halves: list[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].choices = [(str(one.pk), str(one)) for one in villages]  # type: ignore[attr-defined]
        self.fields["half"].choices = [(str(one), one.label) for one in halves]  # type: ignore[attr-defined]


class CorrectForm(PageForm):
    nominator = forms.CharField(label="提名人", max_length=60, error_messages={"required": "请写提名人。"})
    story = forms.CharField(
        label="主要事迹", max_length=500, widget=forms.Textarea({"rows": 4}), error_messages={"required": "请写主要事迹。"}
    )


def _count(label: str, least: int = 0) -> forms.IntegerField:
    wrong = {"required": "请填人数。", "invalid": "请填整数。"}
    limits = {"min_value": f"至少 {least}。", "max_value": f"至多 {MOST_PRESENT}。"}
    widget = forms.NumberInput({"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, min_value=least, max_value=MOST_PRESENT, widget=widget, error_messages={**wrong, **limits}
    )


class VoteForm(PageForm):
    held_on = _day("村评议日期")
    present = _count(f"到会人数（不含回避人员，至少 {LEAST_PRESENT} 人）")
    yes = _count("同意票")
    no = _count("不同意票")
    recused = forms.CharField(label="回避人员（姓名之间用顿号，没有可不填）", max_length=100, required=False)

    def arguments(self) -> dict[str, Any]:
        return {"vote": Vote(**self.cleaned_data)}


def _reason(max_length: int) -> forms.CharField:
    return forms.CharField(
        label="原因",
        max_length=max_length,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "请写明原因。"},
    )


class ReasonForm(PageForm):
    reason = _reason(200)


class WithdrawForm(PageForm):
    reason = _reason(100)


class ToldForm(PageForm):
    told_on = _day("提醒日期")
    note = forms.CharField(
        label="约定怎么改（可不填）", max_length=200, required=False, widget=forms.Textarea({"rows": 3})
    )
