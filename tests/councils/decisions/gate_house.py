"""Every shipped kind with all its gates, and attempts at each: just enough, and short of one thing by one. What is tried is read from the
shipped lists, so that a kind or a rule that is added there is tried as well."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any

from governance.councils.covenants.models import Clause, Covenant, CovenantVersion
from governance.councils.decisions.setting_up import FOLDER, decision_kinds_set_up
from governance.councils.models import Decision, DecisionKind, Gate, GatePaper, GateRecord, Nominee
from governance.disclosure.models import Objection
from tests.builders import make_household, make_resident, settlement_of
from tests.councils.decisions.house import BEGUN, DecisionHouse, noon

ENTITLED, HOUSES = 42, 30
LATE = date(2027, 2, 1)
FINISHED = "finish"
SHOWN = ("notice", "publication")
_serial = count(1)


def _lines(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _places() -> Iterator[tuple[str, str]]:
    """A kind whose rules differ is tried in a village and in a community, any other in a village."""
    for kind in _lines("decision_kinds"):
        areas = {gate["area"] for gate in _lines("gates") if gate["kind"] == kind["code"]} - {""}
        yield from ((kind["code"], area) for area in sorted(areas) or [Gate.Area.VILLAGE.value])


PLACES = list(_places())


class GateHouse(DecisionHouse):
    """A village or a community with all that is shipped."""

    def __init__(self, area: str = "village") -> None:
        super().__init__(area)
        self.area = area
        decision_kinds_set_up(township=self.township)
        self.resident = make_resident(make_household(self.village), "陈小英")

    def steps(self, kind: DecisionKind) -> dict[int, list[Gate]]:
        """The rules of each step that are law here in autumn 2026."""
        found: dict[int, list[Gate]] = {}
        for gate in kind.gates.order_by("position", "pk"):
            if gate.area in ("", self.area) and gate.rule.is_law_on(BEGUN):
                found.setdefault(gate.position, []).append(gate)
        assert set(found) == set(kind.gates.values_list("position", flat=True)), "a step without a rule for this place"
        return found

    def begin(self, kind: DecisionKind) -> Decision:
        """With who is elected, or the draft of a covenant, where the kind asks for it."""
        yard = kind.place == DecisionKind.Place.YARD
        decision = self.decision(kind, unit=settlement_of(self.village) if yard else self.village)
        if kind.effect == DecisionKind.Effect.APPOINT:
            Nominee.objects.create(decision=decision, duty="yard_head", resident=self.resident)
        if kind.effect == DecisionKind.Effect.COVENANT:
            self._draft(decision, "yard" if yard else "covenant")
        return decision

    def _draft(self, decision: Decision, kind: str) -> None:
        made = {"made_by": self.secretary, "made_at": noon(BEGUN)}
        covenant = Covenant.objects.create(unit=decision.unit, kind=kind, title=f"公约{next(_serial)}", **made)
        version = CovenantVersion.objects.create(covenant=covenant, number=1, note="初次订立", decision=decision, **made)
        Clause.objects.create(version=version, number=1, text="爱国守法")

    def tell(self, decision: Decision, gate: Gate, said: dict[str, Any]) -> GateRecord:
        """The attempt in the database, past the service."""
        fields = dict(said)
        held, papers, days = fields.pop("held_on"), fields.pop("papers"), fields.pop("days", 0)
        objection, withdrawn = fields.pop("objection", ""), fields.pop("withdrawn", False)
        if days:
            last = held + timedelta(days=days - 1)
            notice = self.notice(held, last)
            fields |= {"notice": notice, "notice_from": held, "notice_to": last}
            answered = {"answered_at": noon(last), "answer": "已答复"} if objection == "upheld" else {}
            if objection:
                Objection.objects.create(
                    notice=notice, number=f"YY{next(_serial)}", name="李某", phone="15400000001", text="不对", answer_by=last,
                    state=objection, **answered,
                )  # fmt: skip
            if withdrawn:
                notice.withdrawn_at, notice.withdrawn_reason, notice.withdrawn_by = noon(last), "写错", self.staff
                notice.save()
        record = self.record(decision, gate, held, **fields)
        for number in range(1, papers + 1):
            GatePaper.objects.create(record=record, position=number, name=gate.paper_names[number - 1], number="八一〔2026〕1号")
        return record

    def tell_all(self, decision: Decision, steps: dict[int, list[Gate]], stage: str, *, leave: int = 0) -> None:
        """Every step of the stage that has no record yet, but the one to be left out."""
        done = set(decision.records.values_list("position", flat=True))
        for position, (gate, *_) in steps.items():
            if gate.stage == stage and position not in done and position != leave:
                self.tell(decision, gate, enough(gate))


def day_of(position: int) -> date:
    return BEGUN + timedelta(days=8 * position)


def least(gate: Gate, name: str, whole: int) -> int:
    """The smallest part of `whole` that is enough, found by trying."""
    num, den, more = (getattr(gate, f"{name}_{part}") for part in ("num", "den", "more"))
    return next(part for part in range(whole + 1) if (part / whole > num / den + 1e-9 if more else part / whole >= num / den - 1e-9))


def enough(gate: Gate) -> dict[str, Any]:
    """An attempt that just holds."""
    return enoughs(gate)[0]


def enoughs(gate: Gate) -> Sequence[dict[str, Any]]:
    """The same, each way in which it may: where people or households are enough, each of them without the other, too."""
    day = day_of(gate.position)
    fields: dict[str, Any] = {"held_on": day, "papers": len(gate.paper_names)}
    if gate.what in SHOWN:
        return [{**fields, "days": gate.notice_days}]
    if gate.what != "meeting":
        return [fields]
    fields["called_on"] = day - timedelta(days=gate.call_days)
    people, houses = least(gate, "quorum", ENTITLED), least(gate, "house", HOUSES)
    if gate.quorum_base == "either":
        return [{**fields, **_figures(gate, *came)} for came in ((people, houses), (people, houses - 1), (people - 1, houses))]
    return [{**fields, **_figures(gate, people, houses)}]


def _figures(gate: Gate, present: int, came: int) -> dict[str, Any]:
    """So many people and households came, and just enough of them agreed; what the gate does not count is not said."""
    by_people = gate.quorum_base in ("people", "either") or gate.majority_base in ("entitled", "present")
    by_houses = gate.quorum_base in ("houses", "either") or gate.majority_base in ("houses", "houses_here")
    base = {"entitled": ENTITLED, "present": present, "houses": HOUSES, "houses_here": came}
    found: dict[str, Any] = {"entitled": ENTITLED, "present": present} if by_people else {}
    found |= {"houses_entitled": HOUSES, "houses_present": came} if by_houses else {}
    if gate.majority_base:
        found["yes"] = least(gate, "majority", base[gate.majority_base])
        assert found["yes"] <= (came if gate.majority_base in ("houses", "houses_here") else present)
    return found


def short(gate: Gate, ended: date | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Attempts that each miss one thing by one, with words of the refusal; `ended`: when the step before was over."""
    good = enough(gate)
    if gate.what == "meeting":
        yield from _short_meeting(gate, good)
    if ended:
        yield "早于上一步", _moved(good, ended - timedelta(days=1))
        if gate.min_days:
            yield "距上一步", _moved(good, ended + timedelta(days=gate.min_days - 1))
    if gate.confirm:
        yield "确认", {**good, "confirmed": False}
    if gate.paper_names:
        yield "材料", {**good, "papers": good["papers"] - 1}
    if gate.what == "preview":
        yield "预审没有通过", {**good, "is_passed": False}
    if gate.what in SHOWN:
        if gate.notice_days > 1:
            yield f"不足 {gate.notice_days} 天", {**good, "days": good["days"] - 1}
        yield "异议没有答复", {**good, "objection": "open"}
        yield "异议成立", {**good, "objection": "upheld"}
        yield "已撤回", {**good, "withdrawn": True}


def _short_meeting(gate: Gate, good: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    fewer: dict[str, Any] = {name: good[name] - 1 for name in ("present", "houses_present") if name in good}
    if gate.quorum_base:
        yes = {"yes": min(good["yes"], *fewer.values())} if "yes" in good else {}
        yield "实到", {**good, **fewer, **yes}
    if gate.majority_base:
        yield "同意", {**good, "yes": good["yes"] - 1}
    if gate.call_days:
        yield "通知", {**good, "called_on": good["called_on"] + timedelta(days=1)}
        yield "通知", {**good, "called_on": None}


def _moved(good: dict[str, Any], day: date) -> dict[str, Any]:
    called = {"called_on": day - (good["held_on"] - good["called_on"])} if "called_on" in good else {}
    return {**good, "held_on": day, **called}
