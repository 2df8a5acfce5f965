"""Filters and forms of 最美家庭, honours and private reminders."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm
from governance.frame.pinyin import name_q
from governance.periods import Kind, Period, today
from moral_bank.awards.models import Honour, Nomination
from moral_bank.awards.reminders import ratings_to_remind
from moral_bank.awards.services import LEAST_PRESENT, Vote, halves_open
from moral_bank.models import Rating
from villages.filters import VillageFilter
from villages.lineage import villages_before
from villages.models import Household

_HOUSEHOLD = "account__household__"
PERIODS_BACK = 6
MOST_PRESENT = 500


def household_q(words: str, prefix: str = _HOUSEHOLD) -> Q:
    """Households by the head's name, its pinyin, or number."""
    named = name_q(words, name=f"{prefix}head_name", key=f"{prefix}head_pinyin")
    return named | Q(**{f"{prefix}number__contains": words.strip()})


def halves_shown() -> list[Period]:
    """The running half-year and those before it, latest first."""
    found = [Period.of(Kind.HALF, today())]
    while len(found) < PERIODS_BACK:
        found.append(found[-1].previous())
    return found


class NominationFilter(VillageFilter):
    half = forms.ChoiceField(label="半年", required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "全部状态"), *Nomination.State.choices], required=False)

    field_order = ["half", "village", "state", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        halves = [(str(half), half.label) for half in halves_shown()]
        self.fields["half"].choices = [("", "全部半年"), *halves]  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["placeholder"] = "户主姓名、拼音或户号"

    def rows(self, user: User) -> QuerySet[Nomination]:
        rows = Nomination.objects.visible_to(user)
        if self.value("half"):
            rows = rows.filter(half=Period.parse(self.value("half")).start)
        if "village" in self.fields and self.value("village"):
            village = self.value("village").pk
            rows = rows.filter(village__in=[village, *villages_before(today()).get(village, ())])
        if self.value("state"):
            rows = rows.filter(state=self.value("state"))
        return rows.filter(household_q(self.value("q"))) if self.value("q") else rows


class HonourFilter(VillageFilter):
    kind = forms.ChoiceField(label="荣誉", choices=[("", "全部荣誉"), *Honour.Kind.choices], required=False)
    period = forms.ChoiceField(label="年度", required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "有效"), ("revoked", "已撤销")], required=False)

    field_order = ["period", "kind", "village", "state", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = [str(today().year - back) for back in range(PERIODS_BACK)]
        self.fields["period"].choices = [("", "全部年度"), *((year, f"{year}年") for year in years)]  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["placeholder"] = "户主姓名、拼音或户号"

    def rows(self, user: User, action: Action = Action.AWARD_VIEW) -> QuerySet[Honour]:
        """What stands, unless the filter asks for what was revoked."""
        revoked = self.value("state") == "revoked"
        rows = Honour.objects.visible_to(user, action).filter(revoked_on__isnull=not revoked)
        if self.value("kind"):
            rows = rows.filter(kind=self.value("kind"))
        if self.value("period"):
            rows = rows.filter(period__startswith=self.value("period"))
        if "village" in self.fields and self.value("village"):
            rows = rows.filter(account__household__village=self.value("village"))
        return rows.filter(household_q(self.value("q"))) if self.value("q") else rows


class ReminderFilter(VillageFilter):
    period = forms.ChoiceField(label="季度", required=False)
    told = forms.ChoiceField(label="状态", choices=[("", "全部"), ("0", "待提醒"), ("1", "已提醒")], required=False)

    field_order = ["period", "village", "told", "q"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        starts = ratings_to_remind(user).order_by("-closing__start").values_list("closing__start", flat=True).distinct()
        self.quarters = [Period(Kind.QUARTER, start) for start in starts[:PERIODS_BACK]]
        self.fields["period"].choices = [(str(quarter), quarter.label) for quarter in self.quarters]  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["placeholder"] = "户主姓名、拼音或户号"

    def quarter(self) -> Period | None:
        """The chosen quarter, the latest where none is chosen; None where no household lacks stars."""
        return Period.parse(self.value("period")) if self.value("period") else next(iter(self.quarters), None)

    def rows(self, user: User) -> QuerySet[Rating]:
        quarter = self.quarter()
        rows = ratings_to_remind(user)
        rows = rows.in_period(quarter) if quarter else rows.none()  # type: ignore[attr-defined]
        if "village" in self.fields and self.value("village"):
            rows = rows.filter(account__household__village=self.value("village"))
        if self.value("told"):
            rows = rows.filter(reminder__isnull=self.value("told") == "0")
        return rows.filter(household_q(self.value("q"))) if self.value("q") else rows


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        initial=today,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
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
    source = forms.ChoiceField(label="谁提名", choices=SOURCES, error_messages={"required": "请选谁提名。"})
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

    def _halves(self) -> list[tuple[str, str]]:
        """What the chosen household's village still takes."""
        chosen = str(self["household"].value() or "")
        homes = self.fields["household"].queryset  # type: ignore[attr-defined]
        self.chosen = homes.filter(pk=chosen).first() if chosen.isdecimal() else None
        village = self.chosen.village if self.chosen else None
        return [(str(half), half.label) for half in halves_open(today(), village)]

    def said(self) -> dict[str, Any]:
        """Arguments of `nomination_add`."""
        return {**self.cleaned_data, "half": Period.parse(self.cleaned_data["half"])}


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

    def vote(self) -> Vote:
        return Vote(**self.cleaned_data)


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

    def said(self) -> dict[str, date | str]:
        """Arguments of `reminder_tell`."""
        return {"told_on": self.cleaned_data["told_on"], "note": self.cleaned_data["note"]}
