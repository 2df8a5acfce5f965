"""What of a row is sought in the register: its village (its own cell, else the sheet's name or title, else the only one), a name."""

from __future__ import annotations

from dataclasses import replace

from governance.sheets.cells import CLEAN, LOOK, REFUSE, Cleaned, clean_text
from governance.sheets.headings import Field
from governance.sheets.persons import clean_name
from governance.sheets.reader import Cell
from governance.sheets.rows import RowResult
from governance.sheets.tables import Table
from governance.sheets.villagenames import VillageNames

VILLAGE = Field("village", "村（社区）", "村 村名 村社区 所属村 行政村 社区 村居 社区村 所属村社区 所在村", clean_text, carries=True)


def clean_sought_name(cell: Cell) -> Cleaned:
    """A name that the register must have: what is doubtful in its spelling needs no second look where it is found."""
    cleaned = clean_name(cell)
    return replace(cleaned, level=CLEAN) if cleaned.level == LOOK else cleaned


def settle_village(row: RowResult, table: Table, names: VillageNames, only: str | None) -> None:
    """Set `village_code`; a row of no known village is refused."""
    written = row.values["village"]
    row.values["village_code"] = found = names.find(str(written)) if written else names.of_table(table) or only
    if found is None:
        reason = f"“{written}”不在本镇的村（社区）名单里" if written else "看不出是哪个村（社区），请用村名作工作表名"
        row.flag("village", REFUSE, reason)
