"""What waits of decisions: written past the services at random, and judged row by row."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.models import Decision, DecisionKind, Gate, GateRecord
from governance.disclosure.models import Notice
from governance.periods import today
from tests.desk.due.truth import Truth, of_town
from tests.desk.due.world import NOW, TODAY, DueWorld
from villages.models import Unit

RELATED = ("decision__village", "decision__kind", "gate", "notice")


def decisions_fill(world: DueWorld, number: int = 60) -> None:
    kinds = {village.parent_id: _kinds(world, village) for village in world.villages}
    for serial in range(number):
        village = world.one(world.villages)
        kind = world.one(kinds[village.parent_id])
        by = world.somebody(village, "secretary", "cadre", "staff")
        begun = NOW - timedelta(days=world.random.randint(8, 12))
        decision = Decision.objects.create(
            township_id=village.parent_id or 0, village=village, unit=village, kind=kind, number=f"JC2026-{serial:05d}", title="修路",
            purpose="出行不便", begun_by=by, begun_at=begun, proposed_on=today(begun),
        )  # fmt: skip
        _tell(world, decision, by)
        if world.often(0.15) and decision.adopted_at is None:
            gone = {"withdrawn_at": NOW, "withdrawn_by": by, "withdrawn_reason": "并入别的项目"}
            Decision.objects.filter(pk=decision.pk).update(**gone)


def _kinds(world: DueWorld, village: Unit) -> list[DecisionKind]:
    """A paper, the township's opinion, the result; and a 公示 with a paper behind it."""
    given: dict[str, list[dict[str, Any]]] = {
        "opinion": [
            {"position": 1, "name": "方案", "what": "document", "confirm": "village"},
            {"position": 2, "name": "预审", "what": "preview"},
            {"position": 3, "name": "结果", "what": "document", "stage": "finish", "confirm": "township"},
        ],
        "shown": [
            {"position": 1, "name": "公示", "what": "notice", "notice_days": 3},
            {"position": 2, "name": "材料", "what": "document"},
        ],
    }
    made = []
    for code, rows in given.items():
        kind, is_new = DecisionKind.objects.get_or_create(
            township_id=village.parent_id, code=code, defaults={"name": code, "valid_from": date(2026, 1, 1)}
        )
        if is_new:
            Gate.objects.bulk_create([Gate(kind=kind, **row) for row in rows])
            DecisionKind.objects.filter(pk=kind.pk).update(state="adopted", adopted_at=NOW)
        made.append(kind)
    return made


def _tell(world: DueWorld, decision: Decision, by: User) -> None:
    gates = list(Gate.objects.filter(kind=decision.kind_id).order_by("position"))
    if decision.kind.code == "shown":
        first = TODAY - timedelta(days=world.random.randint(1, 8))
        notice = Notice.objects.create(
            unit=decision.village, kind="other", title="公示", opens_on=first, closes_on=first + timedelta(days=2)
        )
        shown = {"notice": notice, "notice_from": first, "notice_to": notice.closes_on}
        _record(world, decision, gates[0], by, held_on=first, ended_on=notice.closes_on, **shown)
        if world.often(0.3):
            _record(world, decision, gates[1], by)
        return
    other, day = world.somebody(decision.village, "overseer"), TODAY - timedelta(days=world.one([8, 220]))
    for _ in range(world.random.randint(0, 2)):
        confirmed = {"confirmed_by": other, "confirmed_at": NOW} if world.often(0.6) else {}
        last = _record(world, decision, gates[0], by, held_on=day, ended_on=day, **confirmed)
    if decision.records.exists() and last.confirmed_at and world.often():
        _record(world, decision, gates[1], by, held_on=day, ended_on=day, is_passed=world.often(0.7))
        _adopt(world, decision, gates[2], by)


def _adopt(world: DueWorld, decision: Decision, result: Gate, by: User) -> None:
    """Where the last opinion was 同意, on its day."""
    last = decision.records.order_by("position", "attempt").last()
    if last is None or not last.is_passed:
        return
    decision.adopted_at, decision.adopted_by = NOW - (TODAY - last.held_on), by
    decision.save(update_fields=["adopted_at", "adopted_by"])
    if world.often():
        _record(world, decision, result, by)


def _record(world: DueWorld, decision: Decision, gate: Gate, by: User, **fields: Any) -> GateRecord:
    before = GateRecord.objects.filter(decision=decision, position=gate.position).count()
    day = TODAY - timedelta(days=8)
    said = {"held_on": day, "ended_on": fields.get("held_on", day), "recorded_at": world.before(7), **fields}
    return GateRecord.objects.create(
        decision=decision, gate=gate, position=gate.position, attempt=before + 1, recorded_by=by, **said
    )


def _runs(row: Any) -> bool:
    return bool(row.withdrawn_at is None and row.finished_at is None and not row.is_history)


def _is_last(record: GateRecord) -> bool:
    later = [one for one in GateRecord.objects.filter(decision=record.decision_id) if one.position == record.position]
    return bool(record.attempt == max(one.attempt for one in later))


def _unconfirmed(record: GateRecord) -> bool:
    return record.gate.confirm != "" and record.confirmed_at is None and _runs(record.decision) and _is_last(record)


def _confirms(record: GateRecord, user: User) -> bool:
    path = record.decision.village.path
    own = user.may(Action.MEETING_CONFIRM, path) and not of_town(user)
    return record.recorded_by_id != user.pk and (own if record.gate.confirm == "village" else user.may(Action.DECISION_CHECK, path))


def _over(record: GateRecord) -> bool:
    decision = record.decision
    if record.gate.what != "notice" or not _runs(decision) or decision.adopted_at or record.ended_on >= TODAY:
        return False
    return _is_last(record) and not GateRecord.objects.filter(decision=decision, position__gt=record.position).exists()


def _waits_for_opinion(decision: Decision) -> bool:
    if decision.kind.code != "opinion" or not _runs(decision) or decision.adopted_at:
        return False
    records = list(decision.records.order_by("position", "attempt"))
    first = [one for one in records if one.position == 1]
    second = [one for one in records if one.position == 2]
    return bool(first) and first[-1].confirmed_at is not None and not (second and second[-1].is_passed)


def _since(decision: Decision) -> date:
    return today(max([record.recorded_at for record in decision.records.all()], default=decision.begun_at))


def _owns(village: Unit, user: User) -> bool:
    return user.may(Action.DECISION_RUN, village.path) and not of_town(user)


def _views(village: Unit, user: User) -> bool:
    return user.may(Action.COUNCIL_VIEW, village.path)


def records() -> list[GateRecord]:
    return list(GateRecord.objects.select_related(*RELATED))


def decisions() -> list[Decision]:
    return list(Decision.objects.select_related("village", "kind"))


DECISIONS = {
    "decision-confirm": Truth(
        records, _unconfirmed, _confirms, lambda row: today(row.recorded_at) + timedelta(days=3) < TODAY,
        lambda row, user: _views(row.decision.village, user), lambda row: row.decision.village_id,
    ),
    "decision-notice": Truth(
        records, _over, lambda row, user: _owns(row.decision.village, user),
        lambda row: row.notice.closes_on + timedelta(days=3) < TODAY,
        lambda row, user: _views(row.decision.village, user), lambda row: row.decision.village_id,
    ),
    "decision-preview": Truth(
        decisions, _waits_for_opinion, lambda row, user: user.may(Action.DECISION_CHECK, row.village.path),
        lambda row: _since(row) + timedelta(days=5) < TODAY, lambda row, user: _views(row.village, user),
    ),
    "decision-result": Truth(
        decisions, lambda row: row.adopted_at is not None and _runs(row), lambda row, user: _owns(row.village, user),
        lambda row: today(row.adopted_at) + timedelta(days=180) < TODAY, lambda row, user: _views(row.village, user),
    ),
}  # fmt: skip
