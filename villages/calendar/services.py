"""The working calendar in force: what comes with the project, replaced year by year by what staff load (design §3)."""

from __future__ import annotations

from datetime import date
from typing import IO, Any

from django.db import transaction
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
from villages.models import CalendarDay

KINDS = {"休": "off", "放假": "off", "休息": "off", "off": "off", "班": "work", "上班": "work", "调休上班": "work", "work": "work"}
FIELDS = (
    Field("day", "日期", "日期 date 时间", clean_date, required=True),
    Field("name", "名称", "名称 节日 name", clean_text, required=True),
    Field("kind", "类型", "类型 休班 kind 安排", lambda cell: clean_choice(cell, KINDS, "类型"), required=True),
)


class CalendarError(DomainError):
    """A calendar that is refused: `scope`, `rows`."""


def work_calendar() -> WorkCalendar:
    """The calendar in force, in one query."""
    years: dict[int, dict[str, set[date]]] = {}
    for day, kind in CalendarDay.objects.values_list("day", "kind"):
        years.setdefault(day.year, {"off": set(), "work": set()})[kind].add(day)
    calendar = shipped()
    for year, days in years.items():
        calendar = calendar.with_year(year, frozenset(days["off"]), frozenset(days["work"]))
    return calendar


def calendar_year_load(*, year: int, file: bytes | IO[bytes], filename: str, by: User) -> int:
    """Replace a year's days by those of a sheet with 日期, 名称 and 类型 (休 or 班); all of them or none. Returns how many.
    Raises CalendarError, naming each wrong cell, and SheetError."""
    if not by.may(Action.CALENDAR_EDIT):
        raise CalendarError("您不能维护节假日。", "scope")
    rows = _rows(file if isinstance(file, bytes) else file.read(Limits().file_bytes + 1), filename, year)
    wrong = [row.reason for row in rows if row.verdict == REFUSE]
    if wrong or not rows:
        raise CalendarError("；".join(wrong) or "表里没有日期，请用“日期、名称、类型”三列。", "rows")
    said: list[dict[str, Any]] = [row.values for row in rows]
    days = [CalendarDay(day=one["day"], name=one["name"][:20], kind=one["kind"]) for one in said]
    with transaction.atomic():
        CalendarDay.objects.filter(day__year=year).delete()
        bulk_create_with_history(days, CalendarDay, default_user=by)
    return len(days)


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
