"""Read what a remark says of somebody who should no longer stand in a register: 已迁出, 已嫁出, 2025年12月死亡未注销."""

import re

from governance.sheets.cells import LOOK, raw_text, tidy
from governance.sheets.headings import RETURNED
from governance.sheets.rows import RowResult
from governance.sheets.tables import Table

GONE = ("死亡", "迁出", "已注销")

_NOT = "(?<![未没非不])(?<!没有)"
_SAYS = (
    ("死亡", re.compile(rf"{_NOT}(?:[已病亡身]故|去世|过世|离世|逝世|死亡|已死|已亡|病逝|已殁)")),
    ("迁出", re.compile(rf"{_NOT}(?:迁出|迁走|迁往|迁至|转出|嫁出|出嫁|外嫁|嫁到|嫁往|嫁外)|(?:户口|户籍)已?(?:迁|转走)(?!入)")),
    ("已注销", re.compile(rf"{_NOT}(?:已注销|销户|户口注销|户籍注销)")),
)


def gone_in(text: str) -> str | None:
    """The status that a remark suggests (one of GONE), or None. 死亡未注销 is 死亡; 户口未迁出 suggests nothing."""
    text = "".join(tidy(text).split())
    return next((status for status, pattern in _SAYS if pattern.search(text)), None)


def flag_gone(row: RowResult, table: Table, keys: tuple[str, ...] = ("note",)) -> None:
    """Ask to look at a row of which a free text, mapped to one of `keys` or to nothing, says that the person is gone."""
    columns = table.mapping.columns
    named = {columns[key]: key for key in keys if key in columns}
    for column in sorted({*range(len(row.source))}.difference(columns.values()) | named.keys()):
        key = named.get(column, "")
        heading = table.headings[column] if column < len(table.headings) else ""
        text = raw_text(row.source[column]).strip() if key or heading not in RETURNED else ""
        if text and (status := gone_in(text)):
            row.flag_column(column, key, LOOK, f"{heading or '表外'}写着“{text[:30]}”，可能应登记为“{status}”，请核对")
