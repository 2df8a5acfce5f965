"""Each gate of each shipped kind, in a village and in a community: just short it holds nothing, just enough it does; and nothing goes past
one, by the pages, the admin, the API, an import or SQL: whoever tries hears the gate and its figure (issue: done when 2)."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from governance.councils.decisions.errors import DecisionError
from governance.councils.decisions.services import decision_adopt, decision_finish
from governance.councils.decisions.sheet_import import DECISION_IMPORT
from governance.councils.models import Decision, DecisionKind, Gate, GatePaper, GateRecord, GateVote
from tests.councils.decisions.gate_house import FINISHED, LATE, PLACES, GateHouse, enough, enoughs, short
from tests.councils.decisions.house import ADOPT, FINISH, marked, noon, refusal

pytestmark = pytest.mark.django_db
each_kind = pytest.mark.parametrize(("code", "area"), PLACES)
MARKS = {"decide": ADOPT, FINISHED: FINISH}
NAMES = {"decide": "adopt", FINISHED: "finish"}


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(noon(LATE), tick=False):
        yield


def test_all_that_is_shipped_is_tried() -> None:
    house = GateHouse()
    kinds = set(DecisionKind.objects.filter(township=house.township).values_list("code", flat=True))
    assert kinds == {code for code, _ in PLACES} and len(kinds) >= 9
    assert {("siyi", "village"), ("siyi", "community"), ("guiyue", "community"), ("yuanyue", "village")} <= set(PLACES)


@pytest.mark.parametrize("code", ["guiyue", "bamian"])
def test_a_covenant_and_a_recall_are_the_meetings_own(code: str) -> None:
    """No row for its representatives, in a village or in a community; a recall is secret and called ten days before."""
    GateHouse()
    for area, body in (("village", "assembly"), ("community", "residents")):
        rows = Gate.objects.filter(kind__code=code, area=area, stage="decide", what="meeting")
        assert {(row.body, row.call_days, row.is_secret) for row in rows} == {(body, 10, code == "bamian")}


def kind_of(code: str) -> DecisionKind:
    return DecisionKind.objects.get(code=code)


def step_on(house: GateHouse, decision: Decision, gate: Gate) -> None:
    """Before the first step that comes behind it, the decision is adopted."""
    if gate.stage == FINISHED and Decision.objects.get(pk=decision.pk).adopted_at is None:
        assert marked(house, decision, LATE, ADOPT) == ""


@each_kind
def test_each_gate_just_short_and_just_enough(code: str, area: str) -> None:
    """One decision from step to step; at each, by each of its rules, every shortfall is tried and undone."""
    house = GateHouse(area)
    kind, ended = kind_of(code), None
    decision = house.begin(kind)
    for gates in house.steps(kind).values():
        step_on(house, decision, gates[0])
        for gate in gates:
            attempts = list(short(gate, ended))
            assert attempts, gate
            for number, (words, said) in enumerate(attempts):
                with transaction.atomic():
                    check_short(house, decision, gate, words, said, by_service=not number)
                    transaction.set_rollback(True)
            for said in enoughs(gate):
                with transaction.atomic():
                    check_enough(house, decision, gate, said)
                    transaction.set_rollback(True)
        ended = house.tell(decision, gates[0], enough(gates[0])).ended_on
    assert marked(house, decision, LATE, FINISH if kind.gates.filter(stage=FINISHED).exists() else ADOPT) == ""


def check_short(house: GateHouse, decision: Decision, gate: Gate, words: str, said: dict[str, Any], *, by_service: bool) -> None:
    """The attempt is refused by name and figure, by the database and the service; the next one, just enough, stands in the way no
    more."""
    house.tell(decision, gate, said)
    refused = marked(house, decision, LATE, MARKS[gate.stage])
    assert f"{gate.name}：" in refused and words in refused, (gate, words, refused)
    if by_service:
        service = decision_adopt if gate.stage == "decide" else decision_finish
        with pytest.raises(DecisionError, match=gate.name) as error:
            service(decision=decision, by=house.staff, at=noon(LATE))
        assert words in error.value.message
    check_enough(house, decision, gate, enough(gate))


def check_enough(house: GateHouse, decision: Decision, gate: Gate, said: dict[str, Any]) -> None:
    house.tell(decision, gate, said)
    assert f"{gate.name}：" not in marked(house, decision, LATE, MARKS[gate.stage]), (gate, said)


@each_kind
def test_no_gate_is_passed_by_on_a_page_in_the_admin_or_the_api(code: str, area: str, client: Client) -> None:
    house = GateHouse(area)
    kind = kind_of(code)
    client.force_login(house.staff)
    decision, steps = house.begin(kind), house.steps(kind)
    check_once(client, decision, steps[1][0])
    for gates in steps.values():
        step_on(house, decision, gates[0])
        before = where(decision)
        check_page(client, decision, gates[0], list(steps.values()))
        check_admin(client, decision, gates[0])
        check_api(client, decision)
        assert where(decision) == before
        house.tell(decision, gates[0], enough(gates[0]))


def where(decision: Decision) -> tuple[Any, ...]:
    row = Decision.objects.get(pk=decision.pk)
    return row.adopted_at, row.finished_at, row.kind_id, GateRecord.objects.filter(decision=row).count()


def check_page(client: Client, decision: Decision, gate: Gate, steps: list[list[Gate]]) -> None:
    """The button says which gate is open; the form of the next step does not take the one behind it."""
    said = client.post(reverse(f"councils:decision-{NAMES[gate.stage]}", args=[decision.pk]), follow=True).content.decode()
    assert f"{gate.name}：还没有办理" in said
    for later in [rules[0] for rules in steps if rules[0].position > gate.position][:1]:
        sent = {"gate": later.pk, "held_on": LATE, "text": "同意", "is_passed": "1", "days": "9", "channel": "村监委"}
        client.post(reverse("councils:decision-step", args=[decision.pk]), {**sent, "opens_on": LATE, "paper_1": "1号"})


def check_admin(client: Client, decision: Decision, gate: Gate) -> None:
    at = {"adopted_at_0": "2026-11-30", "adopted_at_1": "12:00:00", "finished_at_0": "2026-11-30", "quorum_num": "0", "post": "yes"}
    for name, pk in {"decision": decision.pk, "gate": gate.pk}.items():
        assert client.post(reverse(f"admin:councils_{name}_change", args=[pk]), at).status_code in (403, 404)


def check_api(client: Client, decision: Decision) -> None:
    marks = {"adopted_at": "2026-11-30T12:00:00+08:00", "finished_at": "2026-11-30T12:00:00+08:00", "state": "finished"}
    assert client.patch(f"/api/v1/decisions/{decision.pk}/", marks, "application/json").status_code == 405


def check_once(client: Client, decision: Decision, gate: Gate) -> None:
    """What is the same at every gate: staff look at a decision, its kind and its gates, and neither add nor delete one; nobody has a page
    of records there."""
    for name, pk in {"decision": decision.pk, "gate": gate.pk, "decisionkind": gate.kind_id}.items():
        assert client.get(reverse(f"admin:councils_{name}_change", args=[pk])).status_code == 200
        assert client.post(reverse(f"admin:councils_{name}_delete", args=[pk]), {"post": "yes"}).status_code in (403, 404)
    for name in ("decision", "gate"):
        assert client.post(reverse(f"admin:councils_{name}_add")).status_code in (403, 404)
    assert client.post(reverse("admin:councils_decisionkind_change", args=[gate.kind_id]), {"name": "x"}).status_code in (403, 404)
    assert not {GateRecord, GatePaper, GateVote} & set(admin.site._registry)
    for address in ("decisions/", f"decisions/{decision.pk}/", f"decision-kinds/{gate.kind_id}/"):
        for method in (client.put, client.post, client.delete):
            assert method(f"/api/v1/{address}", {"state": "adopted"}, "application/json").status_code == 405


@each_kind
def test_no_gate_is_passed_by_through_an_old_book(code: str, area: str) -> None:
    """A line that names a decision which waits at the gate leaves it there; a new one is history, which stands at the kind's first gate
    for ever and takes no record of any."""
    house = GateHouse(area)
    kind = kind_of(code)
    decision, steps = house.begin(kind), house.steps(kind)
    village = decision.village.name
    for position, gates in steps.items():
        step_on(house, decision, gates[0])
        before, title = where(decision), f"旧事{position}"
        lines = [
            "村,提议时间,提议事项,动议事由,程序,结果,通过时间,办结时间",
            *(f"{village},{decision.proposed_on},{one},,{kind.name},已通过已办结,2026-10-01,2026-10-02" for one in (decision.title, title)),
        ]
        sheet: dict[str, Any] = {"file": "\n".join(lines).encode(), "filename": "旧.csv", "township": house.township}
        read = DECISION_IMPORT.read(**sheet, by=house.staff, on=LATE)
        done = DECISION_IMPORT.commit(read, include_look=True, by=house.staff, on=LATE)
        assert (done.new, done.same, where(decision)) == (1, 1, before)
        old = Decision.objects.get(title=title)
        assert (old.state, old.adopted_at, old.finished_at) == (Decision.State.HISTORY, None, None)
        with pytest.raises(Exception, match="决策已过这一步"), transaction.atomic():
            house.tell(old, gates[0], enough(gates[0]))
        assert "：还没有办理" in marked(house, old, LATE, ADOPT) and marked(house, old, LATE, FINISH)
        house.tell(decision, gates[0], enough(gates[0]))


BOTH = "UPDATE councils_decision SET adopted_at = %s, finished_at = adopted_at, adopted_by_id = %s, finished_by_id = 1 WHERE id = %s"
_COPIED = "township_id, village_id, unit_id, kind_id, title, purpose, begun_by_id, begun_at, proposed_on, withdrawn_reason, history_outcome"
BORN = (
    f"INSERT INTO councils_decision ({_COPIED}, is_history, number, adopted_at, adopted_by_id)"
    f" SELECT {_COPIED}, is_history, 'JC-X', %s, %s FROM councils_decision WHERE id = %s"
)
WEAKER = {
    "asks for nothing": "UPDATE councils_gate SET what = 'document', quorum_base = '', majority_base = '', paper_count = 0 WHERE id = %s",
    "is moved behind": "UPDATE councils_gate SET stage = 'finish', position = 99 WHERE id = %s",
    "is one of another kind": "UPDATE councils_gate SET kind_id = kind_id + 1 WHERE id = %s",
    "is taken out": "DELETE FROM councils_gate WHERE id = %s",
    "has another key": "UPDATE councils_gate SET id = 999999 WHERE id = %s",
    "is of a draft again": (
        "UPDATE councils_decisionkind SET state = 'draft', adopted_at = NULL WHERE id = (SELECT kind_id FROM councils_gate WHERE id = %s)"
    ),
}


@each_kind
def test_no_gate_is_passed_by_in_sql(code: str, area: str) -> None:
    """All other gates of its stage done, this one left out: no statement makes it adopted or done, none makes the gate weaker."""
    house = GateHouse(area)
    kind = kind_of(code)
    decision, steps = house.begin(kind), house.steps(kind)
    for position, gates in steps.items():
        gate = gates[0]
        step_on(house, decision, gate)
        with transaction.atomic():
            house.tell_all(decision, steps, gate.stage, leave=position)
            check_marks(house, decision, gate)
            check_weaker(gates)
            check_borrowed(house, decision, gate, steps)
            check_other_rules(house, decision, gates)
            transaction.set_rollback(True)
        check_shown(house, decision, gate)
        house.tell(decision, gate, enough(gate))


def check_marks(house: GateHouse, decision: Decision, gate: Gate) -> None:
    named = f"{gate.name}：还没有办理"
    assert named in marked(house, decision, LATE, MARKS[gate.stage])
    if gate.stage == "decide":
        assert named in marked(house, decision, LATE, BOTH)
        assert "：还没有办理" in marked(house, decision, LATE, BORN)
        with pytest.raises(Exception, match=named), transaction.atomic():
            Decision.objects.filter(pk=decision.pk).update(adopted_at=noon(LATE), adopted_by=house.staff)
    assert Decision.objects.get(pk=decision.pk).finished_at is None


def check_weaker(gates: list[Gate]) -> None:
    for gate in gates:
        passed = [name for name, statement in WEAKER.items() if not refusal(statement, gate.pk)]
        assert passed == [], gate
    added = {"kind_id": gates[0].kind_id, "position": gates[0].position, "name": gates[0].name, "what": "document"}
    with pytest.raises(Exception, match="请复制为新版本"), transaction.atomic():
        Gate.objects.create(**added)


def check_borrowed(house: GateHouse, decision: Decision, gate: Gate, steps: dict[int, list[Gate]]) -> None:
    """No record of another step, kind or decision is made this gate's."""
    kept = "步骤记录只能增加"
    for near in [rules[0] for rules in steps.values() if rules[0].stage == gate.stage and rules[0] != gate][:1]:
        record = house.tell(decision, near, {**enough(near), "confirmed": False})
        moved = "UPDATE councils_gaterecord SET gate_id = %s, position = %s, attempt = 1 WHERE id = %s"
        assert kept in refusal(moved, gate.pk, gate.position, record.pk)
        assert kept in refusal("UPDATE councils_gaterecord SET decision_id = decision_id + 1 WHERE id = %s", record.pk)
        assert kept in refusal("UPDATE councils_gaterecord SET id = 999999 WHERE id = %s", record.pk)
    assert "不能改动" in refusal("UPDATE councils_decision SET id = 999999 WHERE id = %s", decision.pk)
    for other in Gate.objects.exclude(kind=gate.kind_id).filter(what="document", stage=gate.stage)[:1]:
        other.position = gate.position
        with pytest.raises(Exception, match="步骤记录与程序不符"), transaction.atomic():
            house.record(decision, other, LATE)


def check_other_rules(house: GateHouse, decision: Decision, gates: list[Gate]) -> None:
    """By a rule of the other kind of place, or of another time, nothing is recorded."""
    step = Gate.objects.filter(kind=gates[0].kind_id, position=gates[0].position)
    for other in step.exclude(pk__in=[gate.pk for gate in gates]):
        words = "不适用于这里" if other.area not in ("", house.area) else "在这一天不适用"
        with pytest.raises(Exception, match=words), transaction.atomic():
            house.tell(decision, other, enough(other))


def check_shown(house: GateHouse, decision: Decision, gate: Gate) -> None:
    """What hung and was taken down does not hang again; what was said against it stays said."""
    if gate.what not in ("notice", "publication"):
        return
    with transaction.atomic():
        gone = house.tell(decision, gate, {**enough(gate), "withdrawn": True}).notice_id
        assert "撤回" in refusal("UPDATE disclosure_notice SET withdrawn_at = NULL, withdrawn_by_id = NULL WHERE id = %s", gone)
        for state in ("open", "upheld"):
            notice = house.tell(decision, gate, {**enough(gate), "objection": state}).notice_id
            assert "异议" in refusal("DELETE FROM disclosure_objection WHERE notice_id = %s", notice)
            assert "异议" in refusal("UPDATE disclosure_objection SET notice_id = %s WHERE notice_id = %s", gone, notice)
        assert "异议" in refusal("UPDATE disclosure_objection SET state = 'dismissed' WHERE notice_id = %s", notice)
        transaction.set_rollback(True)
