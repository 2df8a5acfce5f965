"""A place's way: entered, looked at, mended, put right, ended with the reason; a broken one becomes a case by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.periods import today
from governance.rooms import named
from villages.calendar.services import work_calendar
from villages.facilities.kinds import kinds
from villages.facilities.models import Facility, FacilityCheck, FacilityFault
from villages.making import Matter
from villages.models import Unit
from villages.units.lineage import village_of

Outcome, State, How = FacilityCheck.Outcome, Facility.State, FacilityFault.How
PUBLIC_TEXTS = ("name", "address", "hours")
STATES = {Outcome.FINE: State.WORKING, Outcome.BROKEN: State.BROKEN, Outcome.CLOSED: State.CLOSED}


class FacilityError(DomainError):
    """What cannot be done with a place: `scope`, `state`, `date`, `text`, `kind`, `place`."""


@dataclass(frozen=True)
class Place:
    """What the register says of a place."""

    unit: Unit
    kind: str
    name: str
    since: date
    address: str = ""
    keeper: str = ""
    owner: str = ""
    hours: str = ""
    amount: str = ""
    served: int | None = None
    connected: int | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


def facility_add(*, place: Place, by: User) -> Facility:
    facility = Facility(recorded_by=by)
    _write(facility, place, by)
    return facility


def facility_change(*, facility: Facility, place: Place, by: User) -> Facility:
    """The kind and the village stay: another kind is another place."""
    with transaction.atomic():
        facility = _locked(facility, by, Action.FACILITY_EDIT)
        if place.kind != facility.kind or village_of(place.unit) != facility.village:
            raise FacilityError("类型和村（社区）不能改，请撤销后另外登记。", "kind", "kind")
        _write(facility, place, by)
    return facility


def facility_end(*, facility: Facility, on: date, reason: str, by: User) -> Facility:
    if not reason.strip():
        raise FacilityError("请写撤销的原因。", "text", "reason")
    with transaction.atomic():
        facility = _locked(facility, by, Action.FACILITY_EDIT)
        begins = max(filter(None, (facility.since, facility.checked_on)))
        if not begins <= on <= today():
            raise FacilityError(f"撤销日期应在 {begins} 到今天之间。", "date", "on")
        _mend(facility, on, How.ENDED)
        facility.state, facility.ended_on, facility.end_reason = State.ENDED, on, reason.strip()
        facility.check_due_on = None
        save_by(facility, by, FacilityError)
    return facility


def facility_check(
    *, facility: Facility, on: date, outcome: str, note: str, by: User, corrects: FacilityCheck | None = None, at: datetime | None = None
) -> FacilityCheck:
    """Somebody looked at it. Broken: a fault, and a case by the room that has them. Fine: what was broken is mended."""
    now = at or timezone.now()
    with transaction.atomic():
        facility = _locked(facility, by, Action.FACILITY_CHECK)
        if not facility.since <= on <= today(now):
            raise FacilityError(f"检查日期应在 {facility.since} 到今天之间。", "date", "on")
        if outcome != Outcome.FINE and not note.strip():
            raise FacilityError("请写明哪里坏了，或者为什么停用。", "text", "note")
        check = FacilityCheck(facility=facility, on=on, outcome=outcome, note=note.strip(), by=by, at=now, corrects=corrects)
        save_by(check, by, FacilityError)
        _follow(facility, by, now)
    return check


def check_correct(*, check: FacilityCheck, on: date, outcome: str, note: str, by: User) -> FacilityCheck:
    """Another check instead of a wrong one, which stays to be read."""
    if FacilityCheck.objects.filter(corrects=check).exists():
        raise FacilityError("这次检查已经更正过，请更正后来的一次。", "state")
    return facility_check(facility=check.facility, on=on, outcome=outcome, note=note, by=by, corrects=check)


def case_settled(*, case_row: int, on: date, by: User | None) -> None:
    """The case of a fault was settled: what it was about is mended."""
    fault = FacilityFault.objects.filter(case_row=case_row, mended_on=None).first()
    if fault is None:
        return
    facility = Facility.objects.select_for_update(of=("self",)).get(pk=fault.facility_id)
    fault = FacilityFault.objects.filter(case_row=case_row, mended_on=None).first()
    if fault and _over(fault, on, How.CASE) and facility.state == State.BROKEN:
        facility.state = State.WORKING
        save_by(facility, by, FacilityError)


def _follow(facility: Facility, by: User, now: datetime) -> None:
    """What stands of the place after its newest check that was not put right; that of the same day which was entered last."""
    newest = facility.checks.filter(corrected_by=None).order_by("-on", "-id").first()
    assert newest is not None
    outcome = Outcome(newest.outcome)
    fault = FacilityFault.objects.filter(facility=facility, mended_on=None).first()
    if fault and outcome != Outcome.BROKEN and _righted(fault.found_by):
        _mend(facility, newest.on, How.RIGHTED)
    elif outcome == Outcome.FINE:
        _mend(facility, newest.on, How.CHECK)
    facility.state, facility.checked_on = STATES[outcome], newest.on
    if outcome == Outcome.BROKEN and fault is None:
        if _was_mended(newest):
            facility.state = State.WORKING
        else:
            _fault(facility, newest, by, now)
    facility.check_due_on = None if outcome == Outcome.CLOSED else facility.its_kind.next_check(newest.on)
    save_by(facility, by, FacilityError)


def _righted(check: FacilityCheck) -> bool:
    """Whether nothing was broken after all: what the check was put right to at last."""
    while (later := FacilityCheck.objects.filter(corrects=check).first()) is not None:
        check = later
    return check.outcome != Outcome.BROKEN


def _was_mended(check: FacilityCheck | None) -> bool:
    """Whether the check was made in the days of a fault that is mended, or it, or one that it puts right, has had its fault."""
    assert check is not None
    if FacilityFault.objects.filter(facility=check.facility_id, found_on__lte=check.on, mended_on__gt=check.on).exists():
        return True
    while check is not None:
        if FacilityFault.objects.filter(found_by=check).exists():
            return True
        check = check.corrects
    return False


def _fault(facility: Facility, check: FacilityCheck, by: User, now: datetime) -> None:
    """One case of it, where the township has the category; its limit begins with the day it was found."""
    kind = facility.its_kind
    text = f"{kind.name}“{facility.name}”损坏：{check.note}"
    makers = named("mends") if facility.unit.stands_on(today(now)) else ()
    made = next((maker(Matter(text, facility.unit, check.on), kind.category, by) for maker in makers), None)
    FacilityFault.objects.create(
        facility=facility, found_by=check, found_on=check.on, due_on=kind.mend_by(check.on, work_calendar(facility.village.parent_id)),
        case_row=made.row if made else None, case_number=made.label if made else "",
    )  # fmt: skip


def _mend(facility: Facility, on: date, how: str) -> bool:
    """The open fault is over, no earlier than it was found; False where there is none."""
    fault = FacilityFault.objects.filter(facility=facility, mended_on=None).first()
    return fault is not None and _over(fault, on, how)


def _over(fault: FacilityFault, on: date, how: str) -> bool:
    fault.mended_on, fault.mended_how = max(on, fault.found_on), how
    fault.save(update_fields=["mended_on", "mended_how"])
    return True


def public_check(village: Unit, texts: list[str]) -> None:
    """What residents will read names nobody of the register."""
    for check in named("public_texts") if texts else ():
        check(village, texts)


def _write(facility: Facility, place: Place, by: User) -> None:
    village, kind = village_of(place.unit), kinds().get(place.kind)
    if village is None or not by.may(Action.FACILITY_EDIT, place.unit.path):
        raise FacilityError("您不能登记这个地方的设施。", "scope", "unit")
    if kind is None:
        raise FacilityError("请选类型。", "kind", "kind")
    if place.since > today():
        raise FacilityError("启用日期不能晚于今天。", "date", "since")
    if not kind.serves and (place.served is not None or place.connected is not None):
        raise FacilityError(f"{kind.name}不填户数。", "kind", "served")
    public_check(village, [getattr(place, name) for name in PUBLIC_TEXTS] if kind.is_public else [])
    if facility.pk is None:
        facility.check_due_on = kind.next_check(today())
    facility.village, facility.unit, facility.kind = village, place.unit, place.kind
    for name in ("name", "address", "owner", "hours", "amount"):
        setattr(facility, name, getattr(place, name).strip())
    for name in ("keeper", "served", "connected", "latitude", "longitude", "since"):
        setattr(facility, name, getattr(place, name))
    save_by(facility, by, FacilityError)


def _locked(facility: Facility, by: User, action: Action) -> Facility:
    found = Facility.objects.select_for_update(of=("self",)).select_related("village", "unit").get(pk=facility.pk)
    if not by.may(action, found.unit.path):
        raise FacilityError("这处设施不归您登记。", "scope")
    if found.state == State.ENDED:
        raise FacilityError("这处设施已撤销，不能再改。", "state")
    return found
