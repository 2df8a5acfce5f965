"""The working calendar in force: what comes with the project, replaced year by year by what staff load (design §3)."""

from __future__ import annotations

from datetime import date
from typing import IO, Any

from django.db import transaction
from django.db.models import QuerySet
from simple_history.utils import bulk_create_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.sheets.cells import REFUSE, clean_choice, clean_text
from governance.sheets.dates import clean_date
from governance.sheets.headings import Field
from governance.sheets.limits import Limits
from governance.sheets.reader import read_workbook
from governance.sheets.rows import RowResult, clean_row
from governance.sheets.tables import find_table
from governance.workdays import WorkCalendar, shipped
from villages.calendar.models import keeps_the_county
from villages.models import CalendarDay, Unit

KINDS = {"休": "off", "放假": "off", "休息": "off", "off": "off", "班": "work", "上班": "work", "调休上班": "work", "work": "work"}
FIELDS = (
    Field("day", "日期", "日期 date 时间", clean_date, required=True),
    Field("name", "名称", "名称 节日 name", clean_text, required=True),
    Field("kind", "类型", "类型 休班 kind 安排", lambda cell: clean_choice(cell, KINDS, "类型"), required=True),
)


class CalendarError(DomainError):
    """A calendar that is refused: `scope`, `rows`."""


def work_calendar(township_id: int | None) -> WorkCalendar:
    """The calendar in force in a township (None: the county's), in one query."""
    years: dict[int, dict[str, set[date]]] = {}
    own: dict[str, set[date]] = {"off": set(), "work": set()}
    for owner, day, kind in CalendarDay.objects.of(township_id).order_by().values_list("township", "day", "kind"):
        days = own if owner else years.setdefault(day.year, {"off": set(), "work": set()})
        days[kind].add(day)
    calendar = shipped()
    for year, days in years.items():
        calendar = calendar.with_year(year, frozenset(days["off"]), frozenset(days["work"]))
    return calendar.over(frozenset(own["off"]), frozenset(own["work"]))


def townships_kept_by(user: User) -> QuerySet[Unit]:
    """The townships whose own days `user` keeps."""
    return Unit.objects.visible_to(user, Action.CALENDAR_EDIT).filter(level=Unit.Level.TOWNSHIP)


def place_of(by: User, township: Unit | None) -> Unit | None:
    """Whose days `by` changes: the township that was chosen, else the whole county (None) for who keeps that, else the one that `by`
    keeps. Raises CalendarError."""
    if township is not None and not townships_kept_by(by).filter(pk=township.pk).exists():
        raise CalendarError("您不能维护这个乡镇的节假日。", "scope")
    if township is not None or keeps_the_county(by):
        return township
    kept = list(townships_kept_by(by)[:2])
    if len(kept) != 1:
        raise CalendarError("您不能维护节假日。" if not kept else "请选择乡镇。", "scope", "township")
    return kept[0]


def calendar_year_load(*, year: int, file: bytes | IO[bytes], filename: str, by: User, township: Unit | None = None) -> int:
    """Replace a year's days by those of a sheet with 日期, 名称 and 类型 (休 or 班); all of them or none. Returns how many.
    A township's year is written over the county's: what the county has and the sheet has not becomes an ordinary day there.
    Raises CalendarError, naming each wrong cell, and SheetError."""
    place = place_of(by, township)
    rows = _rows(file if isinstance(file, bytes) else file.read(Limits().file_bytes + 1), filename, year)
    wrong = [row.reason for row in rows if row.verdict == REFUSE]
    if wrong or not rows:
        raise CalendarError("；".join(wrong) or "表里没有日期，请用“日期、名称、类型”三列。", "rows")
    said: list[dict[str, Any]] = [row.values for row in rows]
    days = [CalendarDay(township=place, day=one["day"], name=one["name"][:20], kind=one["kind"]) for one in said]
    with transaction.atomic():
        CalendarDay.objects.filter(day__year=year, township=place).delete()
        if place is not None:
            days += _ordinary(place, year, {day.day for day in days})
        bulk_create_with_history(days, CalendarDay, default_user=by)
    return len(said)


def _ordinary(township: Unit, year: int, named: set[date]) -> list[CalendarDay]:
    """Own days that undo what the county has in the year beside the days that are `named`."""
    county = work_calendar(None)
    undone = {CalendarDay.Kind.WORK: county.off, CalendarDay.Kind.OFF: county.work}
    return [
        CalendarDay(township=township, day=day, name="照常", kind=kind)
        for kind, days in undone.items()
        for day in sorted(days)
        if day.year == year and day not in named and (day.weekday() < 5) == (kind == CalendarDay.Kind.WORK)
    ]


def _rows(data: bytes, filename: str, year: int) -> list[RowResult]:
    found: list[RowResult] = []
    seen: set[object] = set()
    for sheet in read_workbook(data, filename, hidden=False):
        table = find_table(sheet, FIELDS)
        if table is None or table.mapping.missing:
            continue
        for number, cells in table.rows.items():
            row, _ = clean_row(table, number, cells, FIELDS)
            _judge(row, year, seen)
            found.append(row)
    return found


def _judge(row: RowResult, year: int, seen: set[object]) -> None:
    day = row.values["day"]
    if not isinstance(day, date):
        row.settle("day", None, REFUSE, f"“{row.before('day')}”不是日期")
    elif day.year != year:
        row.settle("day", day, REFUSE, f"{day} 不在 {year} 年")
    elif day in seen:
        row.settle("day", day, REFUSE, f"{day} 写了两次")
    seen.add(day)
    if row.values["kind"] not in ("off", "work"):
        row.settle("kind", None, REFUSE, "类型请写“休”或“班”")
    if not row.values["name"]:
        row.settle("name", None, REFUSE, "没有名称")
