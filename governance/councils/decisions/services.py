"""Decisions from their beginning to their end: begun, withdrawn, adopted once all gates hold, done (plan §三.1; mission M19)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.covenants.effects import check_marks, version_adopt
from governance.councils.decisions.errors import DecisionError
from governance.councils.decisions.gates import Stage
from governance.councils.decisions.kind_models import DecisionKind
from governance.councils.decisions.models import Beneficiary, Decision
from governance.councils.decisions.standing import missing_of
from governance.disclosure.due import CLOSES
from governance.disclosure.masked import texts_check
from governance.disclosure.models import Notice
from governance.disclosure.notices import notices_fall
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Household, Unit
from villages.numbers.services import numbers_take
from villages.posts.services import post_appoint

NUMBER_LETTERS = "JC"


def kinds_for(unit: Unit, township_id: int | None, day: date) -> QuerySet[DecisionKind]:
    """The kinds by which something may be decided at a unit, as they are in force on `day`; elections and covenants begin elsewhere."""
    place = DecisionKind.Place.YARD if unit.level == Unit.Level.SETTLEMENT else DecisionKind.Place.VILLAGE
    kinds = DecisionKind.objects.in_force(day).filter(township=township_id, place=place)
    return kinds.filter(effect=DecisionKind.Effect.NONE).order_by("pk")


def decision_begin(
    *,
    kind: DecisionKind,
    unit: Unit,
    title: str,
    purpose: str,
    proposed_on: date,
    by: User,
    money_fen: int | None = None,
    households: Sequence[Household] = (),
    at: datetime | None = None,
) -> Decision:
    """动议: written down with its number; from now on it follows the steps as its kind has them now. `households` get money by it."""
    now = at or timezone.now()
    village = village_of(unit)
    township = village.parent
    if township is None or not by.may(Action.DECISION_RUN, village.path):
        raise DecisionError(f"{village}的决策事项不归您登记。", "scope")
    if not title.strip() or not purpose.strip():
        raise DecisionError("请写明提议事项和动议事由。", "need")
    if proposed_on > today(now):
        raise DecisionError("提议时间不能晚于今天。", "date", field="proposed_on")
    texts_check(village, [title, purpose])
    _check_kind(kind, unit, township, proposed_on)
    if (money_fen is not None or households) and not kind.takes_money:
        raise DecisionError(f"{kind.name}不涉及资金。", "need", field="money")
    with transaction.atomic():
        decision = Decision(
            township=township,
            village=village,
            unit=unit,
            kind=kind,
            number=numbers_take(township, f"{NUMBER_LETTERS}{today(now).year}-")[0],
            title=title.strip(),
            purpose=purpose.strip(),
            proposed_on=proposed_on,
            money_fen=money_fen,
            begun_by=by,
            begun_at=now,
        )
        save_by(decision, by, DecisionError)
        Beneficiary.objects.bulk_create([Beneficiary(decision=decision, household=household) for household in households])
    return decision


def decision_withdraw(*, decision: Decision, reason: str, by: User, at: datetime | None = None) -> Decision:
    """撤回 before it is adopted; what was done stays on record, what hangs for it is taken down."""
    now = at or timezone.now()
    if not reason.strip():
        raise DecisionError("撤回须写明原因。", "need", field="reason")
    with transaction.atomic():
        row = decision_take(decision, by)
        if row.state != Decision.State.RUNNING:
            raise DecisionError(f"这件决策{row.state.label}，不能撤回。", "state")
        row.withdrawn_by, row.withdrawn_at, row.withdrawn_reason = by, now, reason.strip()
        save_by(row, by, DecisionError, ["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
        hung = Notice.objects.filter(pk__in=row.records.exclude(notice=None).values("notice"))
        notices_fall(notices=hung.exclude(CLOSES.past(now)), reason=f"这件决策已撤回：{reason}", by=by, at=now)
    return row


def decision_resubmit(*, decision: Decision, note: str, by: User, at: datetime | None = None) -> Decision:
    """重新报审: the village has done what the township asked for when it gave the decision back, and says what."""
    now = at or timezone.now()
    if not note.strip():
        raise DecisionError("请写明改了什么。", "need", field="note")
    with transaction.atomic():
        row = decision_take(decision, by)
        if not Decision.objects.running().returned(today(now)).filter(pk=row.pk).exists():
            raise DecisionError("这件决策没有退回等着修改的预审意见。", "state")
        row.resubmitted_by, row.resubmitted_at, row.resubmitted_note = by, now, note.strip()
        save_by(row, by, DecisionError, ["resubmitted_by", "resubmitted_at", "resubmitted_note"])
    return row


def decision_adopt(*, decision: Decision, by: User, at: datetime | None = None) -> Decision:
    """通过: only where all gates before it hold; else the first that does not is named with its figure. One that appoints or puts a
    covenant in force does so in the same breath; one without further gates is done (办结) as well."""
    now = at or timezone.now()
    with transaction.atomic():
        row = decision_take(decision, by)
        if row.state != Decision.State.RUNNING:
            raise DecisionError(f"这件决策{row.state.label}。", "state")
        check_gates(row, Stage.DECIDE, today(now), "通过")
        if row.kind.effect == DecisionKind.Effect.COVENANT:
            check_marks(row)
        row.adopted_by, row.adopted_at = by, now
        save_by(row, by, DecisionError, ["adopted_by", "adopted_at"])
        if row.kind.effect == DecisionKind.Effect.APPOINT:
            _appoint(row, by, today(now))
        if row.kind.effect == DecisionKind.Effect.COVENANT:
            version_adopt(row, by, today(now))
        if not row.kind.gates.filter(stage=Stage.FINISH).exists():
            _finish(row, by, now)
    return row


def decision_finish(*, decision: Decision, by: User, at: datetime | None = None) -> Decision:
    """办结: only where the gates behind the adoption hold, too."""
    now = at or timezone.now()
    with transaction.atomic():
        row = decision_take(decision, by)
        if row.state != Decision.State.ADOPTED:
            raise DecisionError(f"这件决策{row.state.label}，不能办结。", "state")
        check_gates(row, Stage.FINISH, today(now), "办结")
        _finish(row, by, now)
    return row


def decision_take(decision: Decision, by: User, action: Action = Action.DECISION_RUN) -> Decision:
    """The decision under its lock, for who may do `action` there."""
    row = Decision.objects.select_for_update(of=("self",)).select_related("kind", "village__parent", "unit").get(pk=decision.pk)
    if not by.may(action, row.village.path):
        raise DecisionError("这件决策不归您办理。", "scope")
    return row


def check_gates(decision: Decision, stage: Stage, day: date, what: str) -> None:
    """Refuse by naming the first gate of the stage that does not hold, with its figure."""
    if missing := missing_of(decision, stage, day):
        raise DecisionError(f"还不能登记为已{what}。{missing.words}。", "gate")


def village_of(unit: Unit) -> Unit:
    """The village of a place within it, or the village itself."""
    while unit.level in (Unit.Level.GROUP, Unit.Level.SETTLEMENT) and unit.parent is not None:
        unit = unit.parent
    if unit.level != Unit.Level.VILLAGE:
        raise DecisionError("决策须在村（社区）或聚居点办理。", "scope")
    return unit


def _check_kind(kind: DecisionKind, unit: Unit, township: Unit, day: date) -> None:
    if not DecisionKind.objects.in_force(day).filter(pk=kind.pk, township=township).exists():
        raise DecisionError(f"{kind}在 {day} 不是现行的程序。", "kind", field="kind")
    is_yard = unit.level == Unit.Level.SETTLEMENT
    if is_yard != (kind.place == DecisionKind.Place.YARD):
        raise DecisionError(f"{kind.name}在{kind.get_place_display()}办理。", "kind", field="unit")


def _finish(decision: Decision, by: User, now: datetime) -> None:
    decision.finished_by, decision.finished_at = by, now
    save_by(decision, by, DecisionError, ["finished_by", "finished_at"])


def _appoint(decision: Decision, by: User, day: date) -> None:
    """聘任 of everybody who was elected, by who presses."""
    elected_on = decision.records.order_by("position", "-attempt").values_list("held_on", flat=True).first()
    for nominee in decision.nominees.select_related("resident__household__village__parent").order_by("pk"):
        nominee.post = post_appoint(
            kind=nominee.duty, unit=decision.unit, resident=nominee.resident, elected_on=elected_on, appointed_on=day, by=by
        )
        nominee.save(update_fields=["post"])
