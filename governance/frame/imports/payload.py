"""The judged rows of a sheet as one encrypted text, so that a reload keeps the work and nothing lies open at rest."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from dataclasses import asdict, dataclass, field, fields, replace
from operator import attrgetter
from typing import IO, Any

from governance.crypto import decrypt_bytes, encrypt_bytes
from governance.sheets.cells import LOOK, REFUSE
from governance.sheets.headings import HeadingMap
from governance.sheets.reader import Cell
from governance.sheets.rejects import write_rejects
from governance.sheets.rows import Issue, ReadSheets, RowResult
from governance.sheets.tables import Table

NEW, UPDATE, SAME, NONE = "new", "update", "same", ""
_PARTS = attrgetter(*(part.name for part in fields(Issue)))
OUTCOMES = {NEW: "新增", UPDATE: "更新", SAME: "无变化", NONE: ""}


@dataclass
class PreviewRow:
    """`row` with its verdict and issues; `own`: how many issues the file itself gave, the others came from comparing
    with the register; `outcome`: what an import makes of it (a key of OUTCOMES); `is_own`: it came out of this portal."""

    row: RowResult
    own: int
    outcome: str = NONE
    is_own: bool = False

    def withdraw(self, reason: str) -> None:
        """Take back what the file's own look gave as `reason`, where the register knows better."""
        kept = [issue for issue in self.row.issues if issue.reason != reason]
        self.own -= len(self.row.issues) - len(kept)
        self.row.issues = kept


@dataclass
class Preview:
    """A read sheet: `rows` in the order of the file, `tables` with headings for the mapping, `problems` in Chinese."""

    rows: list[PreviewRow] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, sheets: ReadSheets) -> Preview:
        tables = [replace(table, rows={}, filled={}) for table in sheets.tables]
        return cls([PreviewRow(row, len(row.issues)) for row in sheets.rows], tables, sheets.problems)

    @property
    def rejects(self) -> list[RowResult]:
        """The rows that are to be looked at or refused."""
        return [item.row for item in self.rows if item.row.verdict in (LOOK, REFUSE)]


def pack(preview: Preview) -> bytes:
    """Encrypted text of a preview, compressed: a tenth of it goes to the database and back."""
    plain = {
        "tables": [asdict(table) for table in preview.tables],
        "rows": [_plain_row(item) for item in preview.rows],
        "problems": preview.problems,
    }
    return encrypt_bytes(zlib.compress(json.dumps(plain, ensure_ascii=False, default=_plain_date).encode(), level=1))


def unpack(stored: bytes) -> Preview:
    """Inverse of `pack`, also of a text that was kept before it was compressed; nothing stored is an empty preview."""
    if not stored:
        return Preview()
    text = decrypt_bytes(stored)
    plain = json.loads(text if text.startswith(b"{") else zlib.decompress(text))
    tables = [_table(table) for table in plain["tables"]]
    columns = {(table.sheet, table.part): table.mapping.columns for table in tables}
    return Preview([_row(item, columns) for item in plain["rows"]], tables, plain["problems"])


def stored_rejects(stream: IO[bytes], preview: Preview) -> int:
    """Write the rows that are to be looked at or refused, with reasons, as .xlsx; returns how many."""
    rows = preview.rejects
    for row in rows:
        row.issues = [replace(issue, level=REFUSE) if issue.level == LOOK else issue for issue in row.issues]
    return write_rejects(stream, preview.tables, rows)


def _plain_row(item: PreviewRow) -> list[Any]:
    row = item.row
    issues = [_PARTS(issue) for issue in row.issues]
    return [row.sheet, row.row_number, row.values, row.source, issues, item.own, item.outcome, row.part]


def _plain_date(value: object) -> list[str]:
    if isinstance(value, dt.datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, dt.date):
        return ["date", value.isoformat()]
    raise TypeError(f"{type(value)} is no cell")


def _row(plain: list[Any], columns: dict[tuple[str, int], dict[str, int]]) -> PreviewRow:
    sheet, number, values, source, issues, own, outcome, part = plain
    cells = [_day(cell) if type(cell) is list else cell for cell in source]
    found: Any = {key: _day(value) if type(value) is list else value for key, value in values.items()}
    row = RowResult(sheet, number, found, cells, columns[sheet, part], [Issue(*issue) for issue in issues], part)
    return PreviewRow(row, own, outcome)


def _day(cell: list[str]) -> Cell:
    kind = dt.datetime if cell[0] == "datetime" else dt.date
    return kind.fromisoformat(cell[1])


def _table(plain: dict[str, Any]) -> Table:
    skipped = {int(number): reason for number, reason in plain["skipped"].items()}
    rest = {"header_rows": tuple(plain["header_rows"]), "mapping": HeadingMap(**plain["mapping"]), "skipped": skipped}
    return Table(**{**plain, **rest})
