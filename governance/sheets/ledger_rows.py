"""What the rows of all ledgers of past work share: the village, days whose year only the title says, an ID number that only helps."""

from __future__ import annotations

import datetime as dt

from governance.sheets.cells import CLEAN, LOOK, REFUSE, Cleaned
from governance.sheets.dates import day_in_year
from governance.sheets.persons import clean_id_number
from governance.sheets.reader import Cell
from governance.sheets.rows import RowResult
from governance.sheets.tables import Table
from governance.sheets.villagenames import NO_VILLAGE, VillageNames

TOWN = "本镇的村（社区）名单"


def settle_village(row: RowResult, table: Table, names: VillageNames, whose: str = TOWN) -> None:
    """`village_code` by its own cell, else by the sheet's name or title, else the only village there is. `whose`: the
    list in which a village must stand."""
    written = row.values["village"]
    row.values["village_code"] = found = names.find(str(written)) if written else names.of_table(table) or names.only
    if found is None:
        said = f"“{written}”不在{whose}里" if written else NO_VILLAGE
        row.flag("village", REFUSE, said)


def settle_day(row: RowResult, key: str, label: str, year: int | None, today: dt.date) -> dt.date | None:
    """The day that the row is about: 3月5日 is of the sheet's `year`; it is refused where it is none, or is yet to come."""
    settle_year(row, key, year)
    day = row.values[key]
    if isinstance(day, str):
        row.settle(key, None, REFUSE, f"没有看得懂的{label}：“{day}”没有年份，表题里也没有写是哪一年")
    elif not isinstance(day, dt.date):
        row.settle(key, None, REFUSE, f"没有看得懂的{label}")
    elif day > today:
        row.settle(key, day, REFUSE, f"{label}晚于今天")
    else:
        return day
    return None


def settle_year(row: RowResult, key: str, year: int | None) -> None:
    """A day without a year is one of `year`, where the sheet says just one."""
    day = row.values[key]
    if isinstance(day, str) and year is not None:
        cleaned = day_in_year(day, year)
        row.settle(key, cleaned.value, cleaned.level, cleaned.reason)


def clean_helping_id(cell: Cell) -> Cleaned:
    """An ID number that tells people of one name apart: what is none is left out for a second look, and refuses nothing."""
    cleaned = clean_id_number(cell)
    if cleaned.value is not None:
        return Cleaned(cleaned.value, CLEAN, cleaned.reason) if cleaned.reason else cleaned
    return Cleaned(None, LOOK, f"{cleaned.reason}，未采用") if cleaned.reason else cleaned
