"""走访、巡查、上门: logged once (plan §四.2, §四.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Visit
from governance.errors import DomainError
from governance.periods import today
from villages.models import Household, Unit
from villages.units.lineage import village_of


class VisitError(DomainError):
    """A visit or care note that is refused: `scope`, `place`, `need`, `date`."""


@dataclass(frozen=True)
class VisitReport:
    """What a visit says: `unit` is where, `household` to whom (within `unit`'s village), `went_at` not in the future."""

    kind: str
    unit: Unit
    seen: str
    went_at: datetime | None = None
    place: str = ""
    household: Household | None = None
    companions: str = ""

    @property
    def place_unit(self) -> Unit:
        return self.household.unit if self.household is not None else self.unit


def visit_log(*, report: VisitReport, by: User, at: datetime | None = None) -> Visit:
    """Write a visit down; the household's own unit is taken where one is named."""
    if not by.may(Action.VISIT_LOG, report.place_unit.path):
        raise VisitError("这个地方不在您可以登记的范围内。", "scope")
    return visit_write(report=report, by=by, at=at)


def visit_write(*, report: VisitReport, by: User, at: datetime | None = None) -> Visit:
    """As `visit_log`, for a caller that has asked whether `by` may."""
    now = at or timezone.now()
    unit = report.place_unit
    village = village_of(unit)
    if village is None or not unit.stands_on(today(now)):
        raise VisitError("请选本村（社区）现有的地方。", "place")
    if not report.seen.strip():
        raise VisitError("请写一句看到的、听到的情况。", "need")
    went_at = report.went_at or now
    if went_at > now:
        raise VisitError("走访时间不能晚于现在。", "date")
    visit = Visit(
        kind=report.kind,
        village=village,
        unit=unit,
        place=report.place.strip(),
        household=report.household,
        went_at=went_at,
        companions=report.companions.strip(),
        seen=report.seen.strip(),
        by=by,
        logged_at=now,
    )
    visit.full_clean()
    visit.save()
    return visit


def claim_day(user: User, query: QueryDict) -> dict[str, object]:
    """The day of the visit that the address names, for a claim of what was seen there; its words stay with the visit."""
    visit = query.get("visit", "")
    row = Visit.objects.visible_to(user).filter(pk=visit).first() if visit.isdecimal() else None
    return {"occurred_on": today(row.went_at)} if row else {}
