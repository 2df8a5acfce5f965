"""Days that a village plans by: the named days off of the calendar in force, and days of the year that are no holidays."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from typing import NamedTuple

from governance.workdays import SOURCE
from villages.models import CalendarDay

# month, day, name: fixed days on which something is usually held
FIXED = (
    (3, 5, "学雷锋纪念日"), (3, 8, "妇女节"), (4, 15, "全民国家安全教育日"), (5, 12, "全国防灾减灾日"), (6, 1, "儿童节"),
    (6, 26, "国际禁毒日"), (7, 1, "建党节"), (8, 1, "建军节"), (11, 9, "全国消防日"), (12, 4, "国家宪法日"), (12, 5, "国际志愿者日"),
)  # fmt: skip


class Festival(NamedTuple):
    name: str
    day: date


def festivals(township_id: int | None, begins: date, ends: date) -> list[Festival]:
    """Those from `begins` to before `ends`, in order; a holiday of several days is named once, by its first."""
    years = range(begins.year, ends.year + 1)
    own = CalendarDay.objects.of(township_id).filter(day__gte=begins, day__lt=ends, kind=CalendarDay.Kind.OFF)
    named = {day: name for day, name in _shipped().items() if begins <= day < ends}
    named.update(own.order_by().values_list("day", "name"))
    holidays = [Festival(name, day) for day, name in named.items() if named.get(day - timedelta(days=1)) != name]
    fixed = [Festival(name, date(year, month, day)) for year in years for month, day, name in FIXED]
    return sorted([*holidays, *(one for one in fixed if begins <= one.day < ends)], key=lambda one: one.day)


def _shipped() -> dict[date, str]:
    with SOURCE.open(encoding="utf-8", newline="") as file:
        return {date.fromisoformat(row["date"]): row["name"] for row in csv.DictReader(file) if row["kind"] == "off"}
