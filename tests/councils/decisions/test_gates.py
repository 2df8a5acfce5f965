"""Each gate of each shipped kind: just short it holds nothing, just enough it does; the database, the service and the pages all name
the gate and its figure (issue: done when 2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from governance.councils.decisions.errors import DecisionError
from governance.councils.decisions.services import decision_adopt, decision_finish
from governance.councils.decisions.setting_up import decision_kinds_set_up
from governance.councils.models import Decision, DecisionKind, Gate, GatePaper, GateRecord, Nominee
from governance.disclosure.models import Objection
from tests.builders import make_household, make_resident, settlement_of
from tests.councils.decisions.house import ADOPT, BEGUN, FINISH, DecisionHouse, marked, noon

ENTITLED, HOUSES = 42, 30
_serial = count(1)


class KindHouse(DecisionHouse):
    def __init__(self) -> None:
        super().__init__()
        decision_kinds_set_up(township=self.township)
        self.resident = make_resident(make_household(self.village), "陈小英")


def least(gate: Gate, name: str, whole: int) -> int:
    """The smallest part of `whole` that is enough, found by trying."""
    num, den, more = (getattr(gate, f"{name}_{part}") for part in ("num", "den", "more"))
    return next(part for part in range(whole + 1) if (part / whole > num / den + 1e-9 if more else part / whole >= num / den - 1e-9))


def enough(gate: Gate, day: date) -> dict[str, Any]:
    """An attempt that just holds."""
    fields: dict[str, Any] = {"held_on": day, "papers": len(gate.paper_names)}
    if gate.what in ("notice", "publication"):
        return {**fields, "days": gate.notice_days}
    if gate.what == "meeting":
        people, houses = gate.quorum_base in ("people", "either"), gate.quorum_base in ("houses", "either")
        present, came = least(gate, "quorum", ENTITLED), least(gate, "house", HOUSES)
        here = came if gate.majority_base in ("houses", "houses_here") else present
        base = {"entitled": ENTITLED, "present": present, "houses": HOUSES, "houses_here": came}[gate.majority_base]
        fields |= {"entitled": ENTITLED, "present": present} if people else {}
        fields |= {"houses_entitled": HOUSES, "houses_present": came} if houses else {}
        fields |= {"yes": least(gate, "majority", base), "called_on": day - timedelta(days=gate.call_days)}
        assert fields["yes"] <= here
    return fields


def short(gate: Gate, day: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """Attempts that each miss one thing by one, with words of the refusal."""
    good = enough(gate, day)
    if gate.what == "meeting":
        if gate.quorum_base == "either":
            yield "实到", {**good, "present": good["present"] - 1, "houses_present": good["houses_present"] - 1, "yes": 1}
        elif gate.quorum_base == "people":
            yield "实到", {**good, "present": good["present"] - 1, "yes": min(good["yes"], good["present"] - 1)}
        elif gate.quorum_base == "houses":
            yield "实到", {**good, "houses_present": good["houses_present"] - 1, "yes": 1}
        yield "同意", {**good, "yes": good["yes"] - 1}
        if gate.call_days:
            yield "通知", {**good, "called_on": good["called_on"] + timedelta(days=1)}
    if gate.confirm:
        yield "确认", {**good, "confirmed": False}
    if gate.paper_names:
        yield "材料", {**good, "papers": good["papers"] - 1}
    if gate.what == "preview":
        yield "预审没有通过", {**good, "is_passed": False}
    if gate.what in ("notice", "publication"):
        yield f"不足 {gate.notice_days} 天", {**good, "days": good["days"] - 1}
        yield "异议没有答复", {**good, "objection": "open"}
        yield "异议成立", {**good, "objection": "upheld"}
        yield "已撤回", {**good, "withdrawn": True}


def tell(house: KindHouse, decision: Decision, gate: Gate, said: dict[str, Any]) -> GateRecord:
    fields = dict(said)
    held, papers, days = fields.pop("held_on"), fields.pop("papers"), fields.pop("days", 0)
    objection, withdrawn = fields.pop("objection", ""), fields.pop("withdrawn", False)
    if days:
        last = held + timedelta(days=days - 1)
        notice = house.notice(held, last)
        fields |= {"notice": notice, "notice_from": held, "notice_to": last}
        answered = {"answered_at": noon(last), "answer": "已答复"} if objection == "upheld" else {}
        if objection:
            Objection.objects.create(
                notice=notice, number=f"YY{next(_serial)}", name="李某", phone="15400000001", text="不对", answer_by=last,
                state=objection, **answered,
            )  # fmt: skip
        if withdrawn:
            notice.withdrawn_at, notice.withdrawn_reason, notice.withdrawn_by = noon(last), "写错", house.staff
            notice.save()
    record = house.record(decision, gate, held, **fields)
    for number in range(1, papers + 1):
        GatePaper.objects.create(record=record, position=number, name=gate.paper_names[number - 1], number="八一〔2026〕1号")
    return record


def offered(kind: DecisionKind) -> dict[int, list[Gate]]:
    """The rules of each step that are law in autumn 2026 in a village."""
    found: dict[int, list[Gate]] = {}
    for gate in kind.gates.order_by("position", "pk"):
        if gate.area != Gate.Area.COMMUNITY and gate.rule.is_law_on(BEGUN):
            found.setdefault(gate.position, []).append(gate)
    return found


def begin(house: KindHouse, kind: DecisionKind) -> Decision:
    yard = kind.place == DecisionKind.Place.YARD
    decision = house.decision(kind, unit=settlement_of(house.village) if yard else house.village)
    if kind.effect:
        Nominee.objects.create(decision=decision, duty="yard_head", resident=house.resident)
    return decision


def day_of(position: int) -> date:
    return BEGUN + timedelta(days=8 * position)


LATE = date(2027, 2, 1)
CODES = ("siyi", "sisisi", "yishi", "hongbai", "yuanhu", "tuixuan")


@pytest.mark.django_db
@pytest.mark.parametrize("code", CODES)
def test_each_gate_just_short_and_just_enough(code: str) -> None:
    """One decision from step to step; at each, by each of its rules, every shortfall is tried and undone."""
    house, tried = KindHouse(), 0
    kind = DecisionKind.objects.get(code=code)
    decision = begin(house, kind)
    for position, gates in offered(kind).items():
        if gates[0].stage == "finish" and tried and Decision.objects.get(pk=decision.pk).adopted_at is None:
            assert marked(house, decision, LATE, ADOPT) == ""
        for gate in gates:
            for number, (words, said) in enumerate(short(gate, day_of(position))):
                with transaction.atomic():
                    check_short(house, decision, gate, words, said, by_service=not number)
                    transaction.set_rollback(True)
                tried += 1
        tell(house, decision, gates[0], enough(gates[0], day_of(position)))
    assert marked(house, decision, LATE, FINISH if kind.gates.filter(stage="finish").exists() else ADOPT) == ""
    assert tried >= 5


def check_short(house: KindHouse, decision: Decision, gate: Gate, words: str, said: dict[str, Any], *, by_service: bool) -> None:
    """The attempt is refused by name and figure, by the database and the service; the next one, just enough, stands in the way no
    more."""
    mark, service = (ADOPT, decision_adopt) if gate.stage == "decide" else (FINISH, decision_finish)
    tell(house, decision, gate, said)
    refused = marked(house, decision, LATE, mark)
    assert f"{gate.name}：" in refused and words in refused, (gate, words, refused)
    if by_service:
        with pytest.raises(DecisionError, match=gate.name) as error:
            service(decision=decision, by=house.staff, at=noon(LATE))
        assert words in error.value.message
    tell(house, decision, gate, enough(gate, day_of(gate.position)))
    assert f"{gate.name}：" not in marked(house, decision, LATE, mark), (gate, words)


@pytest.mark.django_db
@pytest.mark.parametrize("code", CODES)
def test_no_gate_of_a_kind_is_passed_by(code: str, client: Client) -> None:
    """Each gate left out, by the page, which says which; and by admin and API, which take nothing at all."""
    house = KindHouse()
    kind = DecisionKind.objects.get(code=code)
    client.force_login(house.staff)
    steps = offered(kind)
    for position, (gate, *_) in steps.items():
        if gate.stage != "decide":
            continue
        decision = begin(house, kind)
        for earlier, (other, *_) in steps.items():
            if earlier < position:
                tell(house, decision, other, enough(other, day_of(earlier)))
        said = client.post(reverse("councils:decision-adopt", args=[decision.pk]), follow=True).content.decode()
        assert f"{gate.name}：还没有办理" in said
        assert Decision.objects.get(pk=decision.pk).adopted_at is None
        if position > 1:
            continue
        at = {"adopted_at_0": "2026-11-30", "adopted_at_1": "12:00:00", "adopted_by": house.staff.pk}
        assert client.post(reverse("admin:councils_decision_change", args=[decision.pk]), at).status_code in (403, 404)
        for method in (client.patch, client.put, client.post):
            answer = method(f"/api/v1/decisions/{decision.pk}/", {"adopted_at": "2026-11-30T12:00:00+08:00"}, "application/json")
            assert answer.status_code == 405
