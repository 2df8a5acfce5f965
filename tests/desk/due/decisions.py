"""What waits of decisions: written past the services at random, and judged row by row."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.models import CovenantVersion, Decision, DecisionKind, Gate, GateRecord
from governance.disclosure.models import Notice, Objection
from governance.periods import today
from tests.desk.due.truth import Truth, of_town
from tests.desk.due.world import NOW, TODAY, DueWorld
from villages.models import Unit

RELATED = ("decision__village", "decision__kind", "gate", "notice")


def decisions_fill(world: DueWorld, number: int = 160) -> None:
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


def objected_fill(world: DueWorld, number: int = 16) -> None:
    """Resolutions that hang since they were adopted, and what is said against them, some of it answered."""
    for serial in range(number):
        village = world.one(world.villages)
        by = world.somebody(village, "secretary", "cadre")
        kind, is_new = DecisionKind.objects.get_or_create(
            township_id=village.parent_id, code="objected", defaults={"name": "公开", "valid_from": date(2026, 1, 1)}
        )
        if is_new:
            Gate.objects.create(kind=kind, position=1, name="决议公开", what="publication", notice_days=5)
            DecisionKind.objects.filter(pk=kind.pk).update(state="adopted", adopted_at=NOW)
        decision = Decision.objects.create(
            township_id=village.parent_id or 0, village=village, unit=village, kind=kind, number=f"JC2026-8{serial:04d}", title="修桥",
            purpose="出行不便", begun_by=by, begun_at=NOW, proposed_on=TODAY,
        )  # fmt: skip
        notice = Notice.objects.create(
            unit=village, kind="other", title="决议公开：修桥", opens_on=TODAY, closes_on=TODAY + timedelta(days=4)
        )
        _record(
            world, decision, kind.gates.get(), by, held_on=TODAY, ended_on=TODAY, notice=notice, notice_from=TODAY,
            notice_to=notice.closes_on,
        )  # fmt: skip
        decision.adopted_at, decision.adopted_by = NOW, by
        decision.save(update_fields=["adopted_at", "adopted_by"])
        for number_of in range(world.random.randint(0, 2)):
            answered = {"state": "dismissed", "answered_at": NOW, "answer": "已说明"} if world.often() else {}
            Objection.objects.create(
                notice=notice, number=f"YY8{serial:02d}{number_of}", name="李某", phone="15400000001", text=f"账不对{number_of}",
                answer_by=TODAY, **answered,
            )  # fmt: skip


def _kinds(world: DueWorld, village: Unit) -> list[DecisionKind]:
    """A paper, the township's opinion, the result; a 公示 with a paper behind it, and alone; a meeting whose resolution is published."""
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
        "hung": [{"position": 1, "name": "公示", "what": "notice", "notice_days": 3}],
        "held": [
            {"position": 1, "name": "会议", "what": "meeting", "confirm": "village", "majority_base": "entitled", "majority_den": 2,
             "majority_num": 1, "majority_more": True},
            {"position": 2, "name": "决议公开", "what": "publication", "notice_days": 5},
        ],
    }  # fmt: skip
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
    if decision.kind.code in ("shown", "hung"):
        first = TODAY - timedelta(days=world.random.randint(1, 8))
        notice = Notice.objects.create(
            unit=decision.village, kind="other", title="公示", opens_on=first, closes_on=first + timedelta(days=2)
        )
        shown = {"notice": notice, "notice_from": first, "notice_to": notice.closes_on}
        _record(world, decision, gates[0], by, held_on=first, ended_on=notice.closes_on, **shown)
        if len(gates) > 1 and world.often(0.3):
            _record(world, decision, gates[1], by)
        return
    if decision.kind.code == "held":
        _hold(world, decision, gates, by)
        return
    other, day = world.somebody(decision.village, "overseer"), TODAY - timedelta(days=world.one([8, 220]))
    for _ in range(world.random.randint(0, 2)):
        confirmed = {"confirmed_by": other, "confirmed_at": NOW} if world.often(0.6) else {}
        last = _record(world, decision, gates[0], by, held_on=day, ended_on=day, **confirmed)
    if decision.records.exists() and last.confirmed_at and world.often():
        opinion = _record(world, decision, gates[1], by, held_on=day, ended_on=day, is_passed=world.often(0.6))
        if not opinion.is_passed and world.often():
            anew = {"resubmitted_at": world.before(9), "resubmitted_by": by, "resubmitted_note": "补了预算"}
            Decision.objects.filter(pk=decision.pk).update(**anew)
        _adopt(world, decision, gates[2], by)


def _hold(world: DueWorld, decision: Decision, gates: list[Gate], by: User) -> None:
    """A meeting, some too small, some unconfirmed, some held again; then what hangs of it, some too short, some taken down."""
    other = {"confirmed_by": world.somebody(decision.village, "overseer"), "confirmed_at": NOW}
    for _ in range(world.random.randint(0, 2)):
        counted = {"entitled": 42, "present": 30, "yes": world.one([21, 22, 30])}
        last = _record(world, decision, gates[0], by, **counted, **(other if world.often(0.8) else {}))
    if not decision.records.exists() or last.confirmed_at is None or (last.yes or 0) < 22 or world.often(0.3):
        return
    first, days = TODAY - timedelta(days=world.one([1, 7])), world.one([5, 5, 3])
    gone = {"withdrawn_at": NOW, "withdrawn_by": by, "withdrawn_reason": "写错"} if world.often(0.4) else {}
    notice = Notice.objects.create(
        unit=decision.village, kind="other", title="公开", opens_on=first, closes_on=first + timedelta(days=days - 1), **gone
    )
    shown = {"notice": notice, "notice_from": first, "notice_to": notice.closes_on}
    _record(world, decision, gates[1], by, held_on=first, ended_on=first, **shown)


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
    said = {"held_on": day, "ended_on": fields.get("held_on", day), "recorded_at": world.before(9), **fields}
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
    if not first or first[-1].confirmed_at is None:
        return False
    return not second or (not second[-1].is_passed and not _was_returned(decision))


def _was_returned(decision: Decision) -> bool:
    second = [one for one in decision.records.order_by("attempt") if one.position == 2]
    if decision.kind.code != "opinion" or not _runs(decision) or decision.adopted_at or not second or second[-1].is_passed:
        return False
    return decision.resubmitted_at is None or decision.resubmitted_at < second[-1].recorded_at


WAITS, TOWNSHIPS, ENDS = "waits", "township", "ends"


def _next_step(decision: Decision) -> str:
    """The name of the step that is to be recorded next; or why none is: it waits, it is the township's, a 公示 has ended; "" where all are
    done."""
    last = {record.position: record for record in decision.records.select_related("notice").order_by("position", "attempt")}
    first, second = last.get(1), last.get(2)
    judges = {"opinion": _after_paper, "shown": _after_notice, "hung": _after_notice, "held": _after_meeting, "covenant": _after_vote}
    return judges[decision.kind.code](first, second)


def _after_vote(voted: Any, _: Any) -> str:
    return "" if voted else "议"


def _after_paper(paper: Any, opinion: Any) -> str:
    if paper is None or paper.confirmed_at is None:
        return WAITS if paper else "方案"
    return "" if opinion and opinion.is_passed else TOWNSHIPS


def _after_notice(shown: Any, paper: Any) -> str:
    if shown.notice.closes_on >= TODAY:
        return WAITS
    if paper is None:
        return ENDS
    return "" if paper.held_on >= shown.notice.closes_on else "材料"


def _after_meeting(met: Any, shown: Any) -> str:
    if met is None or met.confirmed_at is None:
        return WAITS if met else "会议"
    if met.yes < 22 or shown is None:
        return "会议" if met.yes < 22 else "决议公开"
    notice = shown.notice
    if notice.withdrawn_at is None and (notice.closes_on - notice.opens_on).days >= 4:
        return ""
    return WAITS if notice.withdrawn_at is None and notice.closes_on >= TODAY else "决议公开"


def _to_record(decision: Decision) -> bool:
    return _runs(decision) and decision.adopted_at is None and _next_step(decision) not in ("", WAITS, TOWNSHIPS, ENDS)


def _to_adopt(decision: Decision) -> bool:
    marks = [clause for version in decision_versions(decision) for clause in version.clauses.all() if clause.marks and not clause.answer]
    return _runs(decision) and decision.adopted_at is None and _next_step(decision) == "" and not marks


def decision_versions(decision: Decision) -> list[CovenantVersion]:
    return list(CovenantVersion.objects.filter(decision=decision))


def _since(decision: Decision) -> date:
    last = max([record.recorded_at for record in decision.records.all()], default=decision.begun_at)
    return today(max(last, decision.resubmitted_at or last))


def _owns(village: Unit, user: User) -> bool:
    return user.may(Action.DECISION_RUN, village.path) and not of_town(user)


def _views(village: Unit, user: User) -> bool:
    return user.may(Action.COUNCIL_VIEW, village.path)


def records() -> list[GateRecord]:
    return list(GateRecord.objects.select_related(*RELATED))


def decisions() -> list[Decision]:
    return list(Decision.objects.select_related("village", "kind"))


def objections() -> list[Objection]:
    return list(Objection.objects.select_related("notice__unit"))


DECISIONS = {
    "decision-objection": Truth(
        objections, lambda row: row.state == "open" and row.notice_id in {record.notice_id for record in records()},
        lambda row, user: _owns(row.notice.unit, user), village=lambda row: row.notice.unit_id,
    ),
    "decision-step": Truth(decisions, _to_record, lambda row, user: _owns(row.village, user)),
    "decision-adopt": Truth(decisions, _to_adopt, lambda row, user: _owns(row.village, user)),
    "decision-returned": Truth(decisions, _was_returned, lambda row, user: _owns(row.village, user)),
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
