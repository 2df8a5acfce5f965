"""What a served order earns: the project's deed as a verified claim of each volunteer's household; panel, notice, caps and lock are the
moral bank's own (mission M29)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.utils import timezone

from governance.accounts.models import User
from moral_bank.claims.bringing import claim_recount, claims_bring
from moral_bank.claims.services import ClaimError, Declaration
from moral_bank.rules.models import Deed, RuleSet
from volunteers.orders.errors import OrderError
from volunteers.orders.fitting import person_of
from volunteers.orders.models import Hours, ServiceOrder
from volunteers.orders.notices import dispatchers_of, tell
from volunteers.orders.order_flow import Step
from volunteers.orders.steps import order_take, step_write, words_of
from volunteers.people.models import Volunteer

Points = ServiceOrder.Points


def row_key_of(order_id: int, volunteer: Volunteer) -> UUID:
    """The key of the claim that a person's part in an order makes, also where they were registered as a volunteer twice."""
    return uuid5(NAMESPACE_URL, f"xiangzhi:service:{order_id}:{person_of(volunteer)}")


def earners_of(order: ServiceOrder) -> list[Hours]:
    """The hours that stand, of the volunteers who are residents of the register: their households earn, but not for themselves. None
    where the project has no deed."""
    if not order.project.deed_code:
        return []
    rows = Hours.objects.filter(order=order, reverses=None, reversed_by=None, volunteer__resident__isnull=False)
    if order.household_id is not None:
        rows = rows.exclude(volunteer__resident__household=order.household_id)
    return list(rows.select_related("volunteer__resident__household__village", "volunteer__resident__household__unit").order_by("pk"))


def points_open(order: ServiceOrder, reason: str = "") -> None:
    """The village decides about what the order earns; nothing where it earns nothing."""
    order.points = Points.OPEN if earners_of(order) else Points.NONE
    order.points_reason = reason[:200] if order.points else ""
    order.save(update_fields=["points", "points_reason"])


def points_settle(order: ServiceOrder, by: User, now: datetime) -> None:
    """Declare what a satisfied order earns; where the moral bank refuses, it stays open with the reason, and the village is told."""
    if not earners_of(order):
        return points_open(order)
    try:
        _bring(order, by, now)
    except OrderError as refusal:
        points_open(order, refusal.message)
        tell(order, dispatchers_of(order.village, now), "积分没有计入，请看原因", now, key="points")
        return None
    order.points = Points.RELEASED
    order.save(update_fields=["points"])
    return None


def points_release(*, order: ServiceOrder, reason: str, by: User, at: datetime | None = None) -> ServiceOrder:
    """同意计分 with a reason, for what was not judged, judged unsatisfied, or refused before."""
    now, reason = at or timezone.now(), words_of(reason, "同意计分须写明原因。")
    with transaction.atomic():
        row = _take_open(order, Step.RELEASE, by)
        _bring(row, by, now)
        return _decide(row, Points.RELEASED, Step.RELEASE, reason, by, now)


def points_withhold(*, order: ServiceOrder, reason: str, by: User, at: datetime | None = None) -> ServiceOrder:
    """不予计分 with a reason."""
    now, reason = at or timezone.now(), words_of(reason, "不予计分须写明原因。")
    with transaction.atomic():
        row = _take_open(order, Step.WITHHOLD, by)
        return _decide(row, Points.WITHHELD, Step.WITHHOLD, reason, by, now)


def points_recount(order: ServiceOrder, hours: Hours, by: User, now: datetime) -> None:
    """A correction changes what is declared only where the deed counts by quantity and the panel has not judged it."""
    if order.points == Points.RELEASED:
        claim_recount(row_key=row_key_of(order.pk, hours.volunteer), quantity=hours_counted(hours.minutes), by=by, at=now)


def hours_counted(minutes: int) -> int:
    """Whole hours, one at least: what a deed by quantity counts."""
    return max(minutes // 60, 1)


def _take_open(order: ServiceOrder, step: Step, by: User) -> ServiceOrder:
    row = order_take(order, step, by)
    if row.points != Points.OPEN:
        raise OrderError(f"{row.number}的计分不用村里定，或已经定过。", "points")
    return row


def _decide(order: ServiceOrder, points: str, step: Step, reason: str, by: User, now: datetime) -> ServiceOrder:
    order.points, order.points_reason = points, reason
    order.save(update_fields=["points", "points_reason"])
    step_write(order, step, by=by, at=now, source=order.state, note=reason)
    return order


def _bring(order: ServiceOrder, by: User, now: datetime) -> None:
    """All claims of the order, or none. Raises OrderError (`points`) with what the moral bank says."""
    with transaction.atomic():
        for found in claims_bring(declarations=list(_declarations(order)), by=by, at=now):
            if isinstance(found, ClaimError):
                raise OrderError(found.message, "points")


def _declarations(order: ServiceOrder) -> Iterator[Declaration]:
    for hours in earners_of(order):
        resident = hours.volunteer.resident
        assert resident is not None
        deed = _deed(order, hours)
        yield Declaration(
            household=resident.household,
            deed=deed,
            occurred_on=hours.served_on,
            score=deed.score if deed.is_judged else None,
            quantity=hours_counted(hours.minutes) if deed.by_quantity else 1,
            note=f"志愿服务 {order.number} {order.project.name}",
            row_key=row_key_of(order.pk, hours.volunteer),
        )


def _deed(order: ServiceOrder, hours: Hours) -> Deed:
    """The project's deed by the rules of the day of service, in the household's township."""
    code, day = order.project.deed_code, hours.served_on
    rules = RuleSet.objects.in_force(order.township_id, day)
    deed = rules.deeds.filter(code=code, score__gt=0).select_related("rule_set").first() if rules is not None else None
    if deed is None:
        raise OrderError(f"{day} 施行的积分细则里没有编号 {code} 的加分事项，请镇工作人员改正服务项目或细则。", "points")
    return deed
