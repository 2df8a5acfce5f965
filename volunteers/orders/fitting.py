"""Who can take an order: by skill, days, village, and what else they do at that time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from governance.periods import SHANGHAI, today
from villages.calendar.services import work_calendar
from volunteers.orders.models import OPEN, Offer, Run, ServiceOrder
from volunteers.orders.order_flow import Step
from volunteers.people.fitness import may_do
from volunteers.people.models import Volunteer

LEFT_IT = {Step.NO_SHOW: "同一时间未到过", Step.REDISPATCH: "同一时间已改派"}


@dataclass(frozen=True)
class Candidate:
    """`refusal` says why somebody may not be asked; `warning` what else they do at that time, or that they kept silent or left the order:
    then they are asked by hand alone. Both "" where they can."""

    volunteer: Volunteer
    refusal: str = ""
    warning: str = ""

    @property
    def fits(self) -> bool:
        return not self.reason

    @property
    def reason(self) -> str:
        return self.refusal or self.warning


def people_for(order: ServiceOrder, at: datetime) -> list[Candidate]:
    """The active volunteers that serve the village, those who can first."""
    serves = Q(village=order.village_id) | Q(pk__in=Volunteer.covers.through.objects.filter(unit=order.village_id).values("volunteer"))
    rows = Volunteer.objects.active().filter(serves, township=order.township_id)
    found = candidates(order, rows, at)
    return sorted(found, key=lambda one: (not one.fits, bool(one.refusal)))


def candidates(order: ServiceOrder, volunteers: QuerySet[Volunteer], at: datetime) -> list[Candidate]:
    """What stands against each of `volunteers`, in a fixed number of statements."""
    rows = list(volunteers.select_related("user", "village", "resident").prefetch_related("projects"))
    taken = _people_of(order.runs.filter(Q(ended_at=None) | Q(outcome=Run.Outcome.DONE)))
    asked = _people_of(order.offers.filter(state=Offer.State.ASKED))
    same_time = Q(wanted_at__isnull=True) if order.wanted_at is None else Q(wanted_at=order.wanted_at)
    declined = _people_of(order.offers.filter(same_time, state=Offer.State.DECLINED))
    passed = dict.fromkeys(_people_of(order.offers.filter(same_time, state=Offer.State.EXPIRED)), "同一时间没有答复") | _left_it(order)
    busy, day = busy_at(order, rows), today(order.wanted_at or at)
    rests = not work_calendar(order.township_id).is_workday(day)
    found = []
    for row in rows:
        who = person_of(row)
        refusal = "已在这一单" if who in taken else "已派给他" if who in asked else may_do(row, order.project, day)
        refusal = refusal or own_refusal(order, row)
        if not refusal and who in declined:
            refusal = "同一时间已问过，不再问"
        warning = busy.get(row.pk) or passed.get(who) or _day_off(row, rests, order.is_emergency)
        found.append(Candidate(row, refusal, warning))
    return found


def person_of(volunteer: Volunteer) -> str:
    """Who somebody is, also where they left and were registered anew: the resident, else the keyed hash of their number."""
    return volunteer.id_hash if volunteer.resident_id is None else str(volunteer.resident_id)


def own_refusal(order: ServiceOrder, volunteer: Volunteer) -> str:
    """Nobody serves their own household for points."""
    resident = volunteer.resident
    if resident is None or order.household_id is None:
        return ""
    return "是服务对象本人" if resident.pk == order.resident_id else "和服务对象同户" if resident.household_id == order.household_id else ""


def _left_it(order: ServiceOrder) -> dict[str, str]:
    """Person → how the order got away from them since its time was last changed."""
    retimed = order.steps.filter(step=Step.RETIME).order_by().values("order").annotate(last=Max("pk")).values("last")
    steps = order.steps.filter(step__in=LEFT_IT, pk__gt=Coalesce(Subquery(retimed), 0)).select_related("volunteer")
    return {person_of(step.volunteer): LEFT_IT[Step(step.step)] for step in steps if step.volunteer is not None}


def _people_of(rows: QuerySet[Run] | QuerySet[Offer]) -> set[str]:
    return {person_of(row.volunteer) for row in rows.select_related("volunteer")}


def busy_at(order: ServiceOrder, volunteers: Iterable[Volunteer]) -> dict[int, str]:
    """Volunteer id → with which open order its time overlaps; nothing where no time is wished for."""
    if order.wanted_at is None:
        return {}
    ids, begin = [one.pk for one in volunteers], order.wanted_at
    end, longest = begin + timedelta(minutes=order.project.minutes), timedelta(days=1)
    near = ServiceOrder.objects.filter(state__in=OPEN, wanted_at__lt=end, wanted_at__gt=begin - longest).exclude(pk=order.pk)
    held = Run.objects.filter(volunteer__in=ids, ended_at=None, order__in=near.order_by())
    asked = Offer.objects.filter(volunteer__in=ids, state=Offer.State.ASKED, order__in=near.order_by())
    found: dict[int, str] = {}
    for rows, what in ((held, "已接"), (asked, "已派")):
        read = rows.order_by().values_list("volunteer", "order__number", "order__wanted_at", "order__project__minutes")
        for volunteer, number, wanted, minutes in read:
            if wanted + timedelta(minutes=minutes) > begin:
                found.setdefault(volunteer, f"同一时间{what} {number}（{wanted.astimezone(SHANGHAI):%m-%d %H:%M}）")
    return found


def warnings_of(order: ServiceOrder, volunteers: Sequence[Volunteer], at: datetime) -> list[str]:
    """What is to be said before `volunteers` are asked: overlaps, days off, more or fewer people than are needed."""
    rows = candidates(order, Volunteer.objects.filter(pk__in=[one.pk for one in volunteers]), at)
    found = [f"{one.volunteer.name}：{one.warning}" for one in rows if one.warning]
    kept = order.runs.filter(Q(ended_at=None) | Q(outcome=Run.Outcome.DONE)).count()
    waiting = order.offers.filter(state=Offer.State.ASKED).count()
    places, asking = order.people - kept, waiting + len(rows)
    if asking > places:
        found.append(f"还差 {places} 人，已派 {waiting} 人，再派 {len(rows)} 人：先接的算，满了就收回其余的。")
    elif asking < places:
        found.append(f"还差 {places} 人，只派了 {asking} 人。")
    return found


def _day_off(volunteer: Volunteer, rests: bool, is_emergency: bool) -> str:
    """Emergencies ask everybody."""
    if is_emergency or volunteer.days == Volunteer.Days.ALL:
        return ""
    if volunteer.days == (Volunteer.Days.WORKDAYS if rests else Volunteer.Days.RESTDAYS):
        return f"只能{volunteer.get_days_display()}服务"
    return ""
