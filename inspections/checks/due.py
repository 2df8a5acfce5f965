"""What waits of 户月评: households that nobody has judged this month, and last month while it can still be judged (plan §三.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse

from governance.accounts.duties import TOWN_OFFICES, Action
from governance.accounts.models import User
from governance.frame.due import DueKind, Lines, Todo, day_words, evening
from governance.periods import Kind, Period, today
from inspections.checks.lists import month_query
from inspections.checks.services import check_day
from inspections.conflicts import home_ids
from inspections.models import Checklist, HouseholdCheck, Recusal
from moral_bank.models import Closing
from villages.models import Household, Placement, Unit

PLACES = 5  # a line for each place of a village up to this many, one for the village beyond

Month = Callable[[datetime], Period]


def _this(now: datetime) -> Period:
    return Period.of(Kind.MONTH, today(now))


def _last(now: datetime) -> Period:
    return _this(now).previous()


def _unjudged(month: Period, now: datetime) -> QuerySet[Household]:
    """Households of the month without a judgement, where a card was in force and the month is not locked."""
    on = check_day(month, now)
    cards = Checklist.objects.filter(use=Checklist.Use.HOUSEHOLD, state=Checklist.State.ADOPTED, valid_from__lte=on)
    locked = Closing.objects.filter(kind=Kind.MONTH, start=month.start, state=Closing.State.LOCKED)
    there = Placement.objects.filter(household=OuterRef("pk"), valid_from__lte=on)
    judged = HouseholdCheck.objects.filter(household=OuterRef("pk"), month=month.start)
    rows = Household.objects.filter(ended_on=None, village__parent__in=cards.order_by().values("township"))
    return rows.filter(Exists(there), ~Exists(judged)).exclude(village__in=locked.order_by().values("village"))


def _to_judge(rows: Any, user: User, now: datetime) -> QuerySet[Household]:
    """Of my own place, but not my own people's or of a village that I keep away from; the office may judge but is not asked to."""
    found: QuerySet[Household] = rows.visible_to(user, Action.CHECK_SCORE)
    if user.duties() & set(TOWN_OFFICES):
        return found.none()
    return found.exclude(pk__in=home_ids(user)).exclude(village__in=Recusal.objects.filter(user=user).values("village"))


def _lines(month_of: Month) -> Lines:
    def lines(rows: QuerySet[Household], user: User, now: datetime) -> Iterator[Todo]:
        month = month_of(now)
        counted = rows.order_by().values_list("village", "unit").annotate(households=Count("pk"))
        villages: dict[int, dict[int, int]] = defaultdict(dict)
        for village, unit, households in counted.order_by("village__path", "unit__path"):
            villages[village][unit] = households
        units = Unit.objects.in_bulk({*villages, *(unit for places in villages.values() for unit in places)}) if villages else {}
        for village, places in villages.items():
            if len(places) > PLACES:
                link = reverse("inspections:check-list", query=month_query(month))
                yield _line(month, units[village], sum(places.values()), link, now)
                continue
            for unit, households in places.items():
                yield _line(month, units[unit], households, reverse("inspections:check-walk", args=[unit], query=month_query(month)), now)

    return lines


def _line(month: Period, place: Unit, households: int, link: str, now: datetime) -> Todo:
    last = month.end - timedelta(days=1)
    return Todo(evening(last), f"户月评：{place}", f"{month.label}还有 {households} 户没评", link, day_words(last, now))


def _home(home: Household, now: datetime) -> Todo:
    """A household that was not judged last month."""
    month = _last(now)
    link = reverse("inspections:check-walk", args=[home.unit_id], query=month_query(month))
    line = _line(month, home.unit, 1, link, now)
    return replace(line, title=f"户月评：{home.head_name}", words=f"{home.unit} {month.label}没评")


KINDS = [
    DueKind("check", "户月评", open=lambda now: _unjudged(_this(now), now), held=_to_judge, lines=_lines(_this)),
    DueKind(
        "check-last-month",
        "上月户月评",
        open=lambda now: _unjudged(_last(now), now),
        held=_to_judge,
        lines=_lines(_last),
        line=_home,
        order=("village__path", "unit__path", "pk"),
        related=("village", "unit"),
        late=lambda rows, now: rows,
        words="上月户月评 {} 户没评",
        page=lambda home: reverse("villages:household-detail", args=[home.pk]),
    ),
]
