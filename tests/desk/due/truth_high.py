"""Inspections, volunteers' service and care."""

from __future__ import annotations

from datetime import date
from typing import Any

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Case
from inspections.models import FrontPatrol, Order, OrderExtension, Recusal, Reply, Round, Scorecard
from inspections.orders.rights import check_refusal
from tests.desk.due.truth import Truth, lasts, of_town, own_homes
from tests.desk.due.world import NOW, TODAY
from villages.models import Household
from volunteers.models import CareNote, CareRecord, CareRoundPerson, Offer, Run, ServiceOrder

MARCH, FEBRUARY = (date(2026, 3, 1), TODAY), (date(2026, 2, 1), date(2026, 2, 28))


def _unjudged(home: Any, month: date, on: date) -> bool:
    """西兴镇 alone has a card; its second village has locked February."""
    there = any(placement.valid_from <= on for placement in home.placements.all())
    judged = any(check.month == month for check in home.checks.all())
    town = home.village.path.startswith("/511923000000/511923102000/")
    locked = month.month == 2 and home.village.code == "511923102202"
    return home.ended_on is None and there and not judged and town and not locked


def _scores(home: Any, user: User) -> bool:
    away = Recusal.objects.filter(user=user, village=home.village_id).exists()
    return user.may(Action.CHECK_SCORE, home.unit.path) and not of_town(user) and home.pk not in own_homes(user) and not away


def homes() -> list[Household]:
    return list(Household.objects.select_related("unit", "village").prefetch_related("placements", "checks"))


def _rechecks(row: Any, user: User) -> bool:
    front = row.front
    own = front.person == user.name or front.household_id in own_homes(user)
    return user.may(Action.FRONT_PATROL, front.unit.path) and row.by_id != user.pk and not own


def patrols() -> list[FrontPatrol]:
    return list(FrontPatrol.objects.select_related("front__unit").order_by("pk"))


def _order_late(order: Any) -> bool:
    working = order.state in ("issued", "signed", "failed")
    return (order.state == "issued" and order.sign_due_on < TODAY) or (working and order.fix_due_on < TODAY)


def _decides(row: Any, user: User) -> bool:
    return any(
        Action.ROUND_DECIDE in grant.actions and (grant.path.startswith(row.township.path) or row.township.path.startswith(grant.path))
        for grant in user.grants
    )


INSPECTIONS = {
    "check": Truth(homes, lambda row: _unjudged(row, *MARCH), _scores),
    "check-last-month": Truth(
        homes, lambda row: _unjudged(row, *FEBRUARY), _scores,
        lambda row: True, lambda row, user: user.may(Action.HOUSEHOLD_VIEW, row.unit.path),
    ),
    "front-recheck": Truth(
        patrols,
        lambda row: row.state == "reminded" and row.due_on <= TODAY and row.front.ended_on is None,
        _rechecks, lambda row: row.due_on < TODAY,
        lambda row, user: user.may(Action.FRONT_VIEW, row.front.unit.path), lambda row: row.front.village_id,
    ),
    "front-again": Truth(
        lambda: lasts(patrols(), lambda row: row.front_id),
        lambda row: row.state == "again" and row.front.ended_on is None,
        lambda row, user: user.may(Action.FRONT_EDIT, row.front.unit.path),
    ),
    "order-fix": Truth(
        lambda: Order.objects.select_related("village"),
        lambda row: row.state in ("issued", "signed", "failed"),
        lambda row, user: user.may(Action.ORDER_FIX, row.village.path) and not of_town(user),
        _order_late, lambda row, user: user.may(Action.ORDER_VIEW, row.village.path),
    ),
    "order-extension": Truth(
        lambda: OrderExtension.objects.select_related("order__village"),
        lambda row: row.state == "asked",
        lambda row, user: user.may(Action.ORDER_ISSUE, row.order.village.path) and row.asked_by_id != user.pk,
    ),
    "order-check": Truth(
        lambda: Order.objects.select_related("village"),
        lambda row: row.state == "reported",
        lambda row, user: user.may(Action.ORDER_CHECK, row.village.path) and check_refusal(row, user, TODAY) is None,
    ),
    "order-talk": Truth(
        lambda: Order.objects.select_related("village").prefetch_related("blames"),
        lambda row: row.state != "closed" and row.misses >= 2 and not row.blames.all(),
        lambda row, user: user.may(Action.BLAME, row.village.path),
    ),
    "card-score": Truth(
        lambda: Scorecard.objects.select_related("round", "village").prefetch_related("team__members"),
        lambda row: row.round.state == "scoring" and row.scored_at is None,
        lambda row, user: user.may(Action.ROUND_SCORE, row.village.path) and any(one.user_id == user.pk for one in row.team.members.all()),
        lambda row: row.round.closes_on < TODAY, lambda row, user: user.may(Action.ROUND_VIEW, row.village.path),
    ),
    "card-reply": Truth(
        lambda: Scorecard.objects.select_related("round", "village"),
        lambda row: row.round.state == "replying" and row.round.reply_due_at >= NOW,
        lambda row, user: user.may(Action.SELF_SCORE, row.village.path) and not of_town(user),
    ),
    "reply-answer": Truth(
        lambda: Reply.objects.select_related("card__village"),
        lambda row: row.state == "open",
        lambda row, user: user.may(Action.ROUND_PLAN, row.card.village.path) and of_town(user) and row.asked_by_id != user.pk,
    ),
    "round-decide": Truth(
        lambda: Round.objects.select_related("township"),
        lambda row: row.state == "decided" or (row.state == "replying" and row.reply_due_at < NOW),
        _decides,
    ),
}  # fmt: skip


def services() -> list[ServiceOrder]:
    return list(ServiceOrder.objects.select_related("unit").prefetch_related("runs__volunteer__resident"))


def _sends(row: Any, user: User) -> bool:
    return user.may(Action.SERVICE_DISPATCH, row.unit.path) and not of_town(user)


def _gets_climbed(row: Any, user: User) -> bool:
    if not user.may(Action.SERVICE_DISPATCH, row.unit.path):
        return False
    if of_town(user):
        return bool(row.level == "township")
    return row.level == "secretary" and row.state not in ("callback", "asked", "offered")


def _served(row: Any, user: User) -> bool:
    """The user, or somebody of the household of theirs."""
    mine = own_homes(user) | {run.volunteer.resident.household_id for run in _runs_of(user) if run.volunteer.resident}
    return any(
        user.pk in (run.user_id, run.volunteer.user_id) or (run.volunteer.resident and run.volunteer.resident.household_id in mine)
        for run in row.runs.all()
    )


def _runs_of(user: User) -> list[Run]:
    return list(Run.objects.filter(volunteer__user=user).select_related("volunteer__resident"))


def _judges(row: Any, user: User) -> bool:
    return _sends(row, user) and not _served(row, user)


def _views_service(row: Any, user: User) -> bool:
    return user.may(Action.SERVICE_VIEW, row.unit.path)


OPEN = ("callback", "asked", "offered", "accepted", "on_way", "arrived")

SERVICE = {
    "offer": Truth(
        lambda: Offer.objects.select_related("volunteer"),
        lambda row: row.state == "asked",
        lambda row, user: row.volunteer.user_id == user.pk and user.may(Action.SERVICE_RUN),
        lambda row: row.expires_at < NOW,
    ),
    "service-run": Truth(
        services, lambda row: row.state in OPEN,
        lambda row, user: user.may(Action.SERVICE_RUN)
        and any(run.volunteer.user_id == user.pk and run.ended_at is None for run in row.runs.all()),
        lambda row: row.due_at < NOW, _views_service,
    ),
    "service-send": Truth(services, lambda row: row.state in ("callback", "asked", "offered"), _sends, lambda row: row.due_at < NOW),
    "service-climbed": Truth(
        services, lambda row: row.state in OPEN and row.level != "village", _gets_climbed, lambda row: row.due_at < NOW
    ),
    "service-judge": Truth(services, lambda row: row.state == "done", _judges, lambda row: row.judge_due_at < NOW, _views_service),
    "service-points": Truth(services, lambda row: row.points == "open" and row.state != "done", _judges),
}  # fmt: skip


def records() -> list[CareRecord]:
    return list(CareRecord.objects.select_related("resident", "village", "unit"))


def _present(row: Any) -> bool:
    return row.left_on is None and row.resident.status == "present"


def _listed(row: Any) -> bool:
    people = CareRoundPerson.objects.filter(record=row, round__day=TODAY).order_by("pk")
    return any(person.answered_at is None and person.moved_at is None for person in people)


def _helps(row: Any, user: User) -> bool:
    around = any(
        Action.SERVICE_RUN in grant.actions and (row.village.path.startswith(grant.path) or grant.path.startswith(row.village.path))
        for grant in user.grants
    )
    return row.left_on is None and user.pk in (row.helper_id, row.substitute_id) and around


def _keeps(row: Any, user: User) -> bool:
    path = row.unit.path
    grown = user.may(Action.CARE_VIEW, path) and user.may(Action.CARE_EDIT, path)
    return (user.may(Action.CARE_L3, path) and grown or user.may(Action.CARE_CHILD, path)) if row.is_child else grown


def _looks(row: Any, user: User) -> bool:
    """By duty alone."""
    path = row.unit.path
    return (user.may(Action.CARE_L3, path) or user.may(Action.CARE_CHILD, path)) if row.is_child else user.may(Action.CARE_VIEW, path)


def _reads(note: Any, user: User) -> bool:
    found = [record for record in records() if record.resident_id == note.resident_id]
    if note.by_id == user.pk or any(_helps(record, user) for record in found):
        return True
    if any(record.is_child for record in found):
        return any(record.is_child and _looks(record, user) for record in found)
    return user.may(Action.CARE_VIEW, note.resident.household.unit.path)


def _keeps_notes(note: Any, user: User) -> bool:
    code, keeps = note.resident.household.village.code, (Action.CARE_EDIT, Action.CARE_CHILD)
    near = any(set(keeps) & grant.actions and code in grant.path.split("/") for grant in user.grants)
    return near and _reads(note, user)


def notes() -> list[CareNote]:
    return list(CareNote.objects.select_related("resident__household__unit", "resident__household__village", "visit"))


def _unsettled(note: Any) -> bool:
    later = any(
        (other.visit.went_at, other.pk) > (note.visit.went_at, note.pk) for other in notes() if other.resident_id == note.resident_id
    )
    met = ServiceOrder.objects.filter(visit=note.visit_id).exists() or Case.objects.filter(visit=note.visit_id).exists()
    return note.condition != "well" and note.resident.status == "present" and not later and not met


CARE = {
    "care": Truth(
        records, lambda row: _present(row) and (row.due_on <= TODAY or _listed(row)),
        lambda row, user: user.may(Action.SERVICE_RUN) and _helps(row, user), lambda row: row.due_on < TODAY,
    ),
    "care-late": Truth(
        records, lambda row: _present(row) and row.due_on < TODAY, _keeps,
        lambda row: True, lambda row, user: _looks(row, user) or _helps(row, user),
    ),
    "care-gone": Truth(records, lambda row: row.left_on is None and not _present(row), _keeps),
    "care-judge": Truth(records, lambda row: _present(row) and row.judged_on <= date(2025, 3, 20), _keeps),
    "care-need": Truth(notes, _unsettled, _keeps_notes),
    "care-again": Truth(
        notes, lambda row: row.again_on is not None and row.again_on <= TODAY and row.again_by_id is None,
        lambda row, user: row.by_id == user.pk,
        lambda row: row.again_on < TODAY, _reads, lambda row: row.resident.household.village_id,
    ),
}  # fmt: skip
