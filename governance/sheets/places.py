"""What of a row is sought in the register: its village, a name."""

from __future__ import annotations

from dataclasses import replace

from governance.sheets.cells import CLEAN, LOOK, Cleaned, clean_text
from governance.sheets.headings import Field
from governance.sheets.persons import clean_name
from governance.sheets.reader import Cell

VILLAGE = Field("village", "村（社区）", "村 村名 村社区 所属村 行政村 社区 村居 社区村 所属村社区 所在村", clean_text, carries=True)


def clean_sought_name(cell: Cell) -> Cleaned:
    """A name that the register must have: what is doubtful in its spelling needs no second look where it is found."""
    cleaned = clean_name(cell)
    return replace(cleaned, level=CLEAN) if cleaned.level == LOOK else cleaned
