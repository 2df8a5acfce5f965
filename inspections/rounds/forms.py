"""Forms of a quarter's inspection: plan, team, recusal, the committee's word."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import ChosenField, PageForm, day_widget
from governance.periods import Kind, Period, today
from inspections.models import Checklist, Round, Scorecard, Team
from inspections.rounds.services import Plan, inspectors, round_villages
from villages.models import Unit

QUARTERS_OFFERED = 5


def quarters_offered() -> list[tuple[str, str]]:
    """This quarter and those before it, latest first."""
    quarter = Period.of(Kind.QUARTER, today())
    found = []
    for _ in range(QUARTERS_OFFERED):
        found.append((str(quarter), quarter.label))
        quarter = quarter.previous()
    return found


def day_field(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=day_widget(),
        error_messages={"required": "请选日期。", "invalid": "日期应写作 2026-04-08。"},
    )


class PlanForm(PageForm):
    """督查方案. `township` and `quarter` are asked only for a new one."""

    township = forms.ModelChoiceField(Unit.objects.none(), label="乡镇", empty_label=None)
    quarter = forms.ChoiceField(label="季度")
    checklist = forms.ModelChoiceField(
        Checklist.objects.none(), label="检查表", empty_label=None, error_messages={"required": "请选检查表。"}
    )
    opens_on = day_field("现场督查开始")
    closes_on = day_field("现场督查结束")
    focus = forms.CharField(
        label="督查重点（印在方案里，可不填）", max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )
    household_count = forms.IntegerField(label="每村抽查户数", min_value=0, max_value=50, initial=5)
    site_count = forms.IntegerField(label="每村抽查聚居点数", min_value=0, max_value=20, initial=2)
    case_count = forms.IntegerField(label="每村抽查事项数", min_value=0, max_value=50, initial=3)

    def __init__(self, *args: Any, user: User, inspection_round: Round | None = None, **kwargs: Any) -> None:
        if inspection_round is not None:
            kwargs["initial"] = {name: getattr(inspection_round, name) for name in Plan.__dataclass_fields__}
        super().__init__(*args, **kwargs)
        towns = Unit.objects.visible_to(user, Action.ROUND_PLAN).on(today()).filter(level=Unit.Level.TOWNSHIP)
        cards = Checklist.objects.visible_to(user, Action.ROUND_PLAN).filter(
            use=Checklist.Use.QUARTER, state=Checklist.State.ADOPTED
        )
        self.fields["township"].queryset = towns  # type: ignore[attr-defined]
        self.fields["checklist"].queryset = cards.order_by("-valid_from", "-version")  # type: ignore[attr-defined]
        self.fields["quarter"].choices = quarters_offered()  # type: ignore[attr-defined]
        if inspection_round is not None:
            del self.fields["township"], self.fields["quarter"]

    def arguments(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        arguments: dict[str, Any] = {"plan": Plan(**{name: cleaned[name] for name in Plan.__dataclass_fields__})}
        if "quarter" in cleaned:
            arguments |= {"township": cleaned["township"], "quarter": Period.parse(cleaned["quarter"])}
        return arguments

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("opens_on") and cleaned.get("closes_on") and cleaned["closes_on"] < cleaned["opens_on"]:
            self.add_error("closes_on", "现场督查结束不能早于开始。")
        return cleaned


class TeamForm(PageForm):
    """One team: members, its head among them, and its villages."""

    name = forms.CharField(label="组名", max_length=30, error_messages={"required": "请写组名，如第一组。"})
    head = forms.ModelChoiceField(
        User.objects.none(), label="组长", empty_label=None, error_messages={"required": "请选组长。"}
    )
    members = ChosenField(
        User.objects.none(), label="组员", required=False, widget=forms.CheckboxSelectMultiple({"class": "btn-check"})
    )
    villages = ChosenField(
        Unit.objects.none(), label="督查的村（社区）", required=False, widget=forms.CheckboxSelectMultiple({"class": "btn-check"})
    )

    def __init__(self, *args: Any, inspection_round: Round, team: Team | None = None, **kwargs: Any) -> None:
        if team is not None:
            members = list(team.members.all())
            kwargs["initial"] = {
                "name": team.name,
                "head": next((row.user_id for row in members if row.is_head), None),
                "members": [row.user_id for row in members],
                "villages": list(team.cards.values_list("village", flat=True)),
            }
        super().__init__(*args, **kwargs)
        people = User.objects.filter(pk__in=[user.pk for user in inspectors(inspection_round.township, today())]).order_by("name")
        villages = Unit.objects.filter(pk__in=[village.pk for village in round_villages(inspection_round)])
        for name in ("head", "members"):
            self.fields[name].queryset = people  # type: ignore[attr-defined]
        self.fields["villages"].queryset = villages.order_by("path")  # type: ignore[attr-defined]
        taken = {
            card.village_id: card.team.name
            for card in Scorecard.objects.filter(round=inspection_round, team__isnull=False).select_related("team")
            if card.team is not None and card.team_id != (team.pk if team else None)
        }
        self.fields["villages"].label_from_instance = (  # type: ignore[attr-defined]
            lambda village: f"{village}（现归{taken[village.pk]}）" if village.pk in taken else str(village)
        )

    def arguments(self) -> dict[str, Any]:
        """The head belongs to the team without being ticked."""
        cleaned = self.cleaned_data
        members = list(dict.fromkeys([cleaned["head"], *cleaned["members"]]))
        return {"name": cleaned["name"], "members": members, "head": cleaned["head"], "villages": list(cleaned["villages"])}


class RecusalForm(PageForm):
    """Who must not inspect which village, and why."""

    user = forms.ModelChoiceField(User.objects.none(), label="回避人", empty_label=None)
    village = forms.ModelChoiceField(Unit.objects.none(), label="回避的村（社区）", empty_label=None)
    reason = forms.CharField(label="原因", max_length=100, error_messages={"required": "请写明回避原因。"})

    def __init__(self, *args: Any, inspection_round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [user.pk for user in inspectors(inspection_round.township, today())]
        self.fields["user"].queryset = User.objects.filter(pk__in=people).order_by("name")  # type: ignore[attr-defined]
        villages = Unit.objects.filter(pk__in=[village.pk for village in round_villages(inspection_round)])
        self.fields["village"].queryset = villages.order_by("path")  # type: ignore[attr-defined]


class DecideForm(PageForm):
    """党委审定."""

    meeting_on = day_field("党委会日期")
    decision = forms.CharField(
        label="审定意见",
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "请写明审定意见。"},
    )
    ranks_shown = forms.BooleanField(
        label="通报公布名次", required=False, widget=forms.CheckboxInput({"class": "form-check-input"})
    )


class SendBackForm(PageForm):
    """退回重评."""

    reason = forms.CharField(
        label="退回原因",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "请写明退回原因。"},
    )
