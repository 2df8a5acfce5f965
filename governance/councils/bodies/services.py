"""Bodies of a village and who sits in them (plan §三.2 一约七会, §三.4 院户会; domain.md §3; mission M18)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.bodies.kinds import PANEL, SORTS, kinds_of, quorum_of, shipped
from governance.councils.bodies.rhythm import next_day
from governance.councils.errors import CouncilError
from governance.councils.models import Body, Meeting, Seat
from governance.frame.saving import insert_by, save_by
from governance.periods import today
from villages.models import Resident, Unit, UnitQuerySet

MET = (Meeting.State.HELD, *Meeting.WRITTEN)
OVER = "任期届满"


def bodies_set_up(*, township: Unit, by: User | None = None) -> int:
    """Put up what each village and settlement of the township should have and has not; returns how many bodies were added."""
    if by is not None and not by.may(Action.COUNCIL_EDIT, township.path):
        raise CouncilError("您不能维护这个乡镇的议事组织。", "scope")
    return _put_up(Unit.objects.on(today()).within(township), by)


def bodies_fill(*, by: User) -> int:
    """The same for the villages that `by` keeps."""
    return _put_up(Unit.objects.visible_to(by, Action.COUNCIL_EDIT).on(today()), by)


def _put_up(units: UnitQuerySet, by: User | None) -> int:
    with transaction.atomic():
        list(units.villages().order_by("pk").select_for_update(of=("self",)).values_list("pk"))
        missing = list(bodies_missing(units))
        insert_by(missing, by, CouncilError)
    return len(missing)


def bodies_missing(units: UnitQuerySet) -> Iterable[Body]:
    """The bodies, not saved yet, that the villages and settlements among `units` should have and have not."""
    villages = {village.code: village for village in units.villages().order_by("path")}
    settlements = units.filter(level=Unit.Level.SETTLEMENT).order_by("path")
    places = [(village, village, False) for village in villages.values()]
    places += [(villages[unit.code[:12]], unit, True) for unit in settlements if unit.code[:12] in villages]
    standing = Body.objects.filter(village__in=villages.values(), ended_on=None).order_by()
    there = set(standing.values_list("unit", "kind"))
    for village, unit, settlement in places:
        for kind in kinds_of(village.code, settlement=settlement):
            if (unit.pk, kind) not in there:
                yield body_draft(village, unit, kind, today())


def body_draft(village: Unit, unit: Unit, kind: str, founded_on: date) -> Body:
    texts = shipped()[kind]
    label = Body.Kind(kind).label
    return Body(
        unit=unit, village=village, kind=kind, name=f"{unit.short_name}{label}"[:60], charter=texts.charter, convener=texts.convener,
        every_months=texts.every_months, founded_on=founded_on, meet_by=next_day(founded_on, texts.every_months),
    )  # fmt: skip


def body_change(*, body: Body, name: str, convener: str, every_months: int, charter: str, by: User) -> Body:
    """Its name, who calls it, how often, its charter."""
    with transaction.atomic():
        body = _taken(body, by)
        body.name, body.convener, body.every_months = name.strip(), convener.strip(), every_months
        body.charter = charter.strip()
        body.meet_by = _meet_by(body)
        save_by(body, by, CouncilError, ["name", "convener", "every_months", "charter", "meet_by"])
    return body


def body_end(*, body: Body, ended_on: date, by: User, at: datetime | None = None) -> Body:
    """撤销: no meeting of it may wait, and its seats end with it."""
    with transaction.atomic():
        body = _taken(body, by)
        if ended_on > today(at):
            raise CouncilError("撤销日期不能晚于今天。", "date", field="ended_on")
        if body.meetings.exclude(state__in=[*Meeting.KEPT, Meeting.State.CANCELLED]).exists():
            raise CouncilError("还有没办完的会议，请先确认或取消。", "state")
        if body.seats.filter(ended_on=None, since__gt=ended_on).exists():
            raise CouncilError("有成员在这一天以后才任职，请核对日期。", "date", field="ended_on")
        for seat in body.seats.filter(ended_on=None):
            seat.ended_on, seat.end_reason = ended_on, "组织撤销"
            save_by(seat, by, CouncilError, ["ended_on", "end_reason"])
        body.ended_on, body.meet_by = ended_on, None
        save_by(body, by, CouncilError, ["ended_on", "meet_by"])
    return body


def body_reckon(body: Body) -> None:
    """Set `meet_by` anew after a meeting was held, written down or cancelled."""
    Body.objects.filter(pk=body.pk, ended_on=None).update(meet_by=_meet_by(body))


def _meet_by(body: Body) -> date | None:
    """None also of the moral panel, whose sittings the moral bank follows."""
    if SORTS[body.kind].base == PANEL:
        return None
    return next_day(_last_met(body) or body.founded_on, body.every_months)


def _last_met(body: Body) -> date | None:
    """The day of the last meeting to which enough came; one that fell short is held again."""
    held = body.meetings.filter(state__in=MET).order_by("-on", "-pk").values_list("on", "base", "entitled", "present")
    for on, base, entitled, present in held.iterator():
        share = quorum_of(body.kind, base)
        if share is None or entitled is None or share.holds(present or 0, entitled):
            return on
    return None


# --- seats -----------------------------------------------------------------------------------------------------------


def seat_add(
    *, body: Body, resident: Resident, role: str, since: date, by: User, term_end: date | None = None, at: datetime | None = None
) -> Seat:
    """A resident of the village takes a seat; who is elected again leaves the one whose term is over."""
    with transaction.atomic():
        body = _taken(body, by)
        _leave_over(body.seats.filter(resident=resident), since, by)
        _check_seat(body, resident, since, at)
        seat = Seat(body=body, resident=resident, role=role, since=since, term_end=term_end)
        if role == Seat.Role.HEAD and body.seats.filter(role=role, ended_on=None).exists():
            raise CouncilError(f"这个组织已有{seat.get_role_display()}，请先办理离任。", "role", field="role")
        save_by(seat, by, CouncilError)
    return seat


def seats_add(
    *, body: Body, residents: Sequence[Resident], since: date, by: User, term_end: date | None = None, renews: bool = False,
    at: datetime | None = None,
) -> list[Seat]:  # fmt: skip
    """Several members at once; who sits there already stays as they are, who is elected again leaves the seat whose term is over. With
    `renews` they are the new term (换届): all whose term is over leave."""
    with transaction.atomic():
        body = _taken(body, by)
        again = body.seats.all() if renews else body.seats.filter(resident__in=residents)
        _leave_over(again, since, by)
        there = set(body.seats.seated(today(at)).values_list("resident", flat=True))
        added = []
        for resident in residents:
            if resident.pk not in there:
                _check_seat(body, resident, since, at)
                there.add(resident.pk)
                added.append(Seat(body=body, resident=resident, role=Seat.Role.MEMBER, since=since, term_end=term_end))
        return insert_by(added, by, CouncilError)


def seat_end(*, seat: Seat, ended_on: date, reason: str, by: User, at: datetime | None = None) -> Seat:
    """离任: from `ended_on` on they sit there no more."""
    with transaction.atomic():
        seat = Seat.objects.select_for_update(of=("self",)).select_related("body__unit").get(pk=seat.pk)
        _check_keeper(seat.body, by)
        if seat.ended_on is not None:
            raise CouncilError("这位成员已经离任。", "state")
        if ended_on > today(at):
            raise CouncilError("离任日期不能晚于今天。", "date", field="ended_on")
        if not reason.strip():
            raise CouncilError("请写明离任原因。", "words", field="reason")
        seat.ended_on, seat.end_reason = ended_on, reason.strip()
        save_by(seat, by, CouncilError, ["ended_on", "end_reason"])
    return seat


def _leave_over(seats: QuerySet[Seat], since: date, by: User) -> None:
    """Those of the seats whose term was over before `since` end with it."""
    for seat in seats.filter(ended_on=None, term_end__lt=since):
        seat.ended_on, seat.end_reason = since, OVER
        save_by(seat, by, CouncilError, ["ended_on", "end_reason"])


def _check_seat(body: Body, resident: Resident, since: date, at: datetime | None) -> None:
    if not SORTS[body.kind].seats:
        raise CouncilError(f"{body.get_kind_display()}不设推选的成员。", "kind")
    if resident.household.village_id != body.village_id or resident.status != Resident.Status.PRESENT:
        raise CouncilError("成员须是本村（社区）在册的居民。", "member")
    if since > today(at or timezone.now()):
        raise CouncilError("任职日期不能晚于今天。", "date", field="since")
    if since < body.founded_on:
        raise CouncilError(f"任职日期不能早于组织成立的日期（{body.founded_on}）。", "date", field="since")
    if body.seats.filter(resident=resident, ended_on__gt=since).exists():
        raise CouncilError(f"{resident.name}在这一天还没有离任，两次任期不能重叠。", "date", field="since")


def _taken(body: Body, by: User) -> Body:
    """The body under its lock, where `by` keeps it and it stands."""
    body = Body.objects.select_for_update(of=("self",)).select_related("unit", "village").get(pk=body.pk)
    _check_keeper(body, by)
    if body.ended_on is not None:
        raise CouncilError("这个组织已经撤销。", "state")
    return body


def _check_keeper(body: Body, by: User) -> None:
    if not by.may(Action.COUNCIL_EDIT, body.unit.path):
        raise CouncilError("这个组织不归您维护。", "scope")
