"""Forms of decisions: each step asks only what its gate needs; a chosen meeting brings its own day and figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from governance.accounts.duties import Action, Duty
from governance.accounts.models import User
from governance.councils.decisions.elections import duties_open
from governance.councils.decisions.gates import WHAT_LABELS, Majority, Quorum, Stage, What
from governance.councils.decisions.kind_models import DecisionKind, Gate
from governance.councils.decisions.models import MOST, Decision, GateVote
from governance.councils.decisions.recording import RESULT, Figures, figures_of, tells_result
from governance.councils.meetings.models import Attendance, Item, Meeting
from governance.frame.forms import PageForm, day_widget
from governance.periods import today
from villages.filters import place_choices, places_of
from villages.models import Household, Resident, Unit

BETWEEN = re.compile(r"[、，,；;\s]+")
PICK = {"class": "btn-check"}
HOUSE_BASES = (Majority.HOUSES, Majority.HOUSES_PRESENT)


def words_field(label: str, most: int, missing: str = "", rows: int = 3) -> forms.CharField:
    """Several lines of words; asked for where `missing` says what to say without them."""
    return forms.CharField(
        label=label, max_length=most, required=bool(missing), widget=forms.Textarea({"rows": rows}),
        error_messages={"required": missing} if missing else None,
    )  # fmt: skip


def day_field(label: str, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=day_widget(), error_messages={"required": "请选日期。", "invalid": "日期应写作 2026-04-08。"}
    )


def number_field(label: str, hint: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=MOST, widget=forms.NumberInput({"inputmode": "numeric"}), help_text=hint
    )


class BeginForm(PageForm):
    """动议. Money and households only for a kind that takes money; the service says so."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label="哪里的事", error_messages={"required": "请选村（社区）或聚居点。"})
    kind = forms.ModelChoiceField(
        DecisionKind.objects.none(), label="按什么程序办", widget=forms.RadioSelect(PICK), empty_label=None,
        error_messages={"required": "请选程序。"},
    )  # fmt: skip
    title = forms.CharField(
        label="提议事项", max_length=120, help_text="会向村民公开，不写个人姓名和电话。", error_messages={"required": "请写明提议事项。"}
    )
    purpose = words_field("动议事由", 1000, "请写明动议事由。")
    proposed_on = day_field("提议时间")
    money = forms.DecimalField(
        label="金额（元，不涉及资金的不填）", required=False, min_value=0, max_digits=14, decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal"}),
    )  # fmt: skip
    households = forms.CharField(
        label="受益户的户号（不是发给具体户的不填）", required=False, max_length=500,
        help_text="几户之间用顿号或空格。受益户的家庭成员在表决和记录时须回避。",
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        levels = (Unit.Level.VILLAGE, Unit.Level.SETTLEMENT)
        units, choices = self.fields["unit"], places_of(user, Action.DECISION_RUN).filter(level__in=levels)
        units.queryset = choices  # type: ignore[attr-defined]
        units.choices = place_choices(choices)  # type: ignore[attr-defined]
        self.offer_kinds(DecisionKind.objects.visible_to(user, Action.DECISION_RUN).in_force(today()))
        self.initial.setdefault("proposed_on", today())

    def offer_kinds(self, kinds: QuerySet[DecisionKind]) -> None:
        """Of these, those that begin here; elections and covenants begin elsewhere."""
        field: Any = self.fields["kind"]
        field.queryset = kinds.filter(effect=DecisionKind.Effect.NONE).order_by("pk")
        field.label_from_instance = lambda kind: kind.name

    def village_code(self) -> str:
        """Where the households are looked for, "" where no place was chosen."""
        unit = self.cleaned_data.get("unit")
        return unit.code[:12] if unit else ""

    def clean_households(self) -> list[Household]:
        """The households by their numbers, in the village that was chosen."""
        numbers = [number for number in BETWEEN.split(self.cleaned_data["households"].strip()) if number]
        code = self.village_code()
        if not numbers or not code:
            return []
        seen = Household.objects.visible_to(self.user).filter(ended_on=None, number__in=numbers, village__code=code)
        found = {household.number: household for household in seen}
        if missing := [number for number in numbers if number not in found]:
            raise forms.ValidationError(f"本村没有户号 {'、'.join(missing)}。")
        return list(found.values())

    def arguments(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        money: Decimal | None = cleaned.pop("money")
        return {**cleaned, "money_fen": None if money is None else int(money * 100)}


class ItemBeginForm(BeginForm):
    """动议 out of what a meeting agreed: the place is the meeting's yard or its village, as the kind has it, and is not asked."""

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.village, field = item.meeting.village, self.fields["kind"]
        del self.fields["unit"]
        if item.meeting.unit.level != Unit.Level.SETTLEMENT:
            self.offer_kinds(field.queryset.exclude(place=DecisionKind.Place.YARD))  # type: ignore[attr-defined]

    def village_code(self) -> str:
        return self.village.code


class ResubmitForm(PageForm):
    note = words_field("改了什么、补了什么", 300, "请写明改了什么。")


class WithdrawForm(PageForm):
    reason = words_field("撤回原因", 200, "撤回须写明原因。")


class GateChoiceForm(PageForm):
    """`gate`: which of several rules of the step is followed; hidden where there is one."""

    gate = forms.ModelChoiceField(
        Gate.objects.none(), label="按哪一种办", widget=forms.RadioSelect(PICK), empty_label=None, error_messages={"required": "请选一种。"}
    )

    def __init__(self, *args: Any, gates: Sequence[Gate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gates = gates
        field: Any = self.fields["gate"]
        field.queryset = Gate.objects.filter(pk__in=[gate.pk for gate in gates]).select_related("kind").order_by("position", "pk")
        field.label_from_instance = _rule_name
        if len(gates) == 1:
            field.widget, self.initial["gate"] = forms.HiddenInput(), gates[0].pk


class StepForm(GateChoiceForm):
    """A meeting, a paper or the township's opinion. `meetings` are those whose day and figures may be taken; of `meeting`, the one that
    was chosen before the form was opened, day and figures are not asked, and who came may be named with their vote."""

    def __init__(
        self, *args: Any, decision: Decision, gates: Sequence[Gate], meetings: Sequence[Meeting], meeting: Meeting | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, gates=gates, **kwargs)
        self.voters: list[Resident] = []
        if meetings:
            self.fields["meeting"] = forms.ModelChoiceField(
                Meeting.objects.filter(pk__in=[one.pk for one in meetings]).select_related("body").order_by("-on", "-pk"),
                label="哪一次会议", required=False, empty_label="不选，自己填", help_text="选了会议，日期和人数由会议带出，不用再填。",
            )  # fmt: skip
        self._add_figures(decision)
        if meeting is not None:
            self._take_from(meeting)
        self._add_words()
        for field in self.fields.values():
            if not isinstance(field.widget, (forms.HiddenInput, forms.RadioSelect)):
                field.widget.attrs.setdefault("class", "form-select" if isinstance(field.widget, forms.Select) else "form-control")

    @property
    def what(self) -> What:
        return What(self.gates[0].what)

    def _add_figures(self, decision: Decision) -> None:
        """What any of the rules counts."""
        rules = [gate.rule for gate in self.gates]
        bases = {rule.majority_base for rule in rules} - {Majority.NONE}
        quorums = {rule.quorum_base for rule in rules}
        self.fields["held_on"] = day_field("日期", required=False)
        self.initial.setdefault("held_on", today())
        if any(rule.call_days for rule in rules):
            self.fields["called_on"] = day_field("会议通知（张贴）日期", required=False)
        if quorums & {Quorum.PEOPLE, Quorum.EITHER} or bases - set(HOUSE_BASES):
            self.fields |= {"entitled": number_field("应到人数"), "present": number_field("实到人数")}
        if by_houses := [gate for gate in self.gates if _counts_houses(gate)]:
            hint = self._only_of(by_houses)
            self.fields |= {"houses_entitled": number_field("应到户数", hint), "houses_present": number_field("实到户数", hint)}
        if bases:
            self.fields |= {"yes": number_field("同意"), "no": number_field("不同意"), "abstain": number_field("弃权")}
            if decision.beneficiaries.exists():
                self.fields["recused"] = number_field("回避（受益户的家庭成员）")

    def _only_of(self, counting: Sequence[Gate]) -> str:
        """Which of the meetings that may be held counts this, "" where each does."""
        names = dict.fromkeys(gate.get_body_display() for gate in counting)
        return f"只有{'、'.join(names)}按户到会的填" if len(names) < len({gate.body for gate in self.gates}) else ""

    def _take_from(self, meeting: Meeting) -> None:
        self.initial["meeting"], self.fields["meeting"].widget = meeting.pk, forms.HiddenInput()
        for name in ("held_on", "called_on", *figures_of(meeting)):
            self.fields.pop(name, None)
        if not any(gate.is_secret for gate in self.gates):
            self._add_voters(meeting)

    def _add_voters(self, meeting: Meeting) -> None:
        came = meeting.attendances.filter(status=Attendance.Status.PRESENT)
        people = Q(pk__in=came.values("seat__resident")) | Q(pk__in=came.values("post__resident"))
        self.voters = list(Resident.objects.filter(people).order_by("name_pinyin", "pk"))
        for voter in self.voters:
            self.fields[f"vote_{voter.pk}"] = forms.ChoiceField(
                label=f"{voter.name} 的表决（不记名的不填）", choices=[("", "不记名"), *GateVote.Choice.choices], required=False
            )

    def _add_words(self) -> None:
        opinion = self.gates[0].opinion_word
        if self.what == What.PREVIEW:
            again = "不同意，退回修改" if self.gates[0].stage == Stage.DECIDE else "不满意，继续整改"
            self.fields["is_passed"] = forms.ChoiceField(
                label=f"{opinion}结果", choices=[("1", "同意" if again.startswith("不同意") else "满意"), ("0", again)],
                widget=forms.RadioSelect(PICK), error_messages={"required": f"请选{opinion}结果。"},
            )  # fmt: skip
        names = self.gates[0].paper_names
        for number, name in enumerate(names, 1):
            self.fields[f"paper_{number}"] = forms.CharField(label=f"{name}：编号或存放处", max_length=120, required=False)
        counted = "；应到与名册不同的写明原因" if self.what == What.MEETING else ""
        label = f"{opinion}意见" if self.what == What.PREVIEW else f"内容（提议内容、议定意见{counted}）"
        self.fields["text"] = words_field(label, 1000, f"请写明{opinion}意见。" if self.what == What.PREVIEW else "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("meeting") is None and "held_on" not in self.fields:
            self.add_error(None, "请重新选会议，或者不用会议，自己填日期和人数。")
        elif cleaned.get("meeting") is None:
            if not cleaned.get("held_on") and "held_on" not in self.errors:
                self.add_error("held_on", "请选日期。")
            gate = cleaned.get("gate")
            for name, label in (_needed(gate) if gate else {}).items():
                if name in self.fields and cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, f"请填{label}。")
        gate = cleaned.get("gate")
        if gate and gate.majority_base and cleaned.get("yes") is None and not self._votes(cleaned) and "yes" not in self.errors:
            self.add_error("yes", "请填同意的票数。")
        return cleaned

    def _votes(self, cleaned: dict[str, Any]) -> dict[Resident, str]:
        return {voter: choice for voter in self.voters if (choice := cleaned.get(f"vote_{voter.pk}"))}

    def arguments(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        counts = {name: cleaned[name] for name in Figures.__dataclass_fields__ if cleaned.get(name) is not None}
        papers = {number: cleaned[f"paper_{number}"] for number in range(1, len(self.gates[0].paper_names) + 1)}
        return {
            "gate": cleaned["gate"],
            "meeting": cleaned.get("meeting"),
            "held_on": cleaned.get("held_on") or today(),
            "called_on": cleaned.get("called_on"),
            "figures": Figures(**counts),
            "votes": self._votes(cleaned),
            "papers": papers,
            "is_passed": cleaned.get("is_passed", "1") == "1",
            "text": cleaned["text"],
        }


class NoticeForm(GateChoiceForm):
    """公示 or 公开: from when, how long, where people may say something."""

    opens_on = day_field("开始日期")
    days = forms.IntegerField(
        min_value=1, max_value=60, widget=forms.NumberInput({"inputmode": "numeric"}), error_messages={"required": "请填几天。"}
    )
    channel = forms.CharField(
        label="提意见的渠道", max_length=120, help_text="如：村（居）务监督委员会，便民服务室。不写私人电话。",
        error_messages={"required": "请写明提意见的渠道。"},
    )  # fmt: skip
    text = words_field("说明（可不填）", 300)

    def __init__(self, *args: Any, decision: Decision, gates: Sequence[Gate], **kwargs: Any) -> None:
        super().__init__(*args, gates=gates, **kwargs)
        if tells_result(decision.kind, gates[0]):
            result = self.fields["text"]
            result.label, result.required, result.error_messages["required"] = "实施结果（会公开）", True, RESULT
        self.initial.update({"opens_on": today(), "days": gates[0].notice_days, "channel": "村（居）务监督委员会"})
        self.fields["days"].label = f"{WHAT_LABELS[What(gates[0].what)]}几天"


class NomineesForm(PageForm):
    """One resident for each vacant duty of the settlement; a blank leaves it vacant."""

    def __init__(self, *args: Any, decision: Decision, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        residents = residents_of(decision, user)
        chosen = dict(decision.nominees.values_list("duty", "resident"))
        for duty in duties_open(decision):
            field: Any = forms.ModelChoiceField(
                residents, label=duty.label, required=False, empty_label="先空着", widget=forms.Select({"class": "form-select"})
            )
            field.label_from_instance = lambda resident: f"{resident.name}（{resident.household.number}）"
            self.fields[duty.value], self.initial[duty.value] = field, chosen.get(duty)

    def arguments(self) -> dict[str, Any]:
        return {"residents": {Duty(name): resident for name, resident in self.cleaned_data.items() if resident}}


class ElectionsForm(PageForm):
    """The village whose vacant posts are put to the vote."""

    village = forms.ModelChoiceField(Unit.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Unit.objects.visible_to(user, Action.DECISION_RUN).villages().on(today())
        self.fields["village"].queryset = found  # type: ignore[attr-defined]


def _counts_houses(gate: Gate) -> bool:
    return gate.rule.quorum_base in (Quorum.HOUSES, Quorum.EITHER) or gate.rule.majority_base in HOUSE_BASES


def residents_of(decision: Decision, user: User) -> QuerySet[Resident]:
    """Adults of the decision's settlement."""
    grown = date(today().year - 18, today().month, min(today().day, 28))
    rows = Resident.objects.visible_to(user).present().filter(household__unit=decision.unit, household__ended_on=None)
    return rows.exclude(birth_date__gt=grown).select_related("household").order_by("name_pinyin", "pk")


def _needed(gate: Gate) -> dict[str, str]:
    """The figures without which the gate cannot hold, by their fields."""
    base, majority = gate.rule.quorum_base, gate.rule.majority_base
    people, houses = {"entitled": "应到人数", "present": "实到人数"}, {"houses_entitled": "应到户数", "houses_present": "实到户数"}
    found: dict[str, str] = {}
    if base == Quorum.PEOPLE or majority in (Majority.ENTITLED, Majority.PRESENT):
        found |= people
    if base == Quorum.HOUSES or majority in HOUSE_BASES:
        found |= houses
    return found


def _rule_name(gate: Gate) -> str:
    days = f"（{gate.law_to:%Y年%-m月%-d日}以前）" if gate.law_to else f"（{gate.law_from:%Y年%-m月%-d日}起）" if gate.law_from else ""
    return f"{gate.get_body_display() if gate.body else gate.name}{days}"
