"""Has it been logged already? Same category, same settlement or within 200 metres, in the last 14 days (mission M12)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt

from django.db.models import Q
from django.utils import timezone

from governance.accounts.models import User
from governance.cases.engine.flow import State
from governance.cases.models import Case, Category
from villages.models import Unit

DAYS = 14
METRES = 200
SHOWN = 5
EARTH = 6_371_000
DEGREE = EARTH * radians(1)

Point = tuple[Decimal, Decimal]


def cases_alike(
    *, user: User, category: Category, unit: Unit, point: Point | None = None, at: datetime | None = None
) -> list[Case]:
    """Cases that `user` sees and that may be the same, latest first."""
    since = (at or timezone.now()) - timedelta(days=DAYS)
    near = Q(unit=unit)
    if point is not None:
        near |= _box(point)
    rows = Case.objects.visible_to(user).filter(near, category=category, logged_at__gte=since)
    found = rows.exclude(state=State.VOID).select_related("unit", "category").order_by("-logged_at", "-pk")
    return [case for case in found[: SHOWN * 4] if case.unit_id == unit.pk or _within(case, point)][:SHOWN]


def metres(first: Point, second: Point) -> float:
    """The way between two points (latitude, longitude) over the earth's curve, in metres."""
    lat1, lon1, lat2, lon2 = (radians(float(value)) for value in (*first, *second))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH * asin(sqrt(half))


def _within(case: Case, point: Point | None) -> bool:
    if point is None or case.latitude is None or case.longitude is None:
        return False
    return metres(point, (case.latitude, case.longitude)) <= METRES


def _box(point: Point) -> Q:
    """A square around the circle, for the database."""
    high = Decimal(METRES / DEGREE)
    wide = Decimal(METRES / (DEGREE * cos(radians(float(point[0])))))
    return Q(
        latitude__range=(point[0] - high, point[0] + high), longitude__range=(point[1] - wide, point[1] + wide)
    )
