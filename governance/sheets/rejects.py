"""Hand refused rows back as a workbook to be corrected: the columns as uploaded and, at the end, the reason."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from governance.sheets.cells import REFUSE
from governance.sheets.rows import RowResult
from governance.sheets.tables import Table
from governance.sheets.writer import Column, LedgerSheet, Value, write_sheets

REASON = "原因"


def write_rejects(stream: IO[bytes], tables: Iterable[Table], rows: Sequence[RowResult]) -> int:
    """Write the refused ones among `rows` as .xlsx, a sheet per uploaded sheet with its own name and headings, so that
    the corrected workbook can be uploaded as it is. Returns how many rows were written."""
    refused: dict[str, list[RowResult]] = {}
    for row in rows:
        if row.verdict == REFUSE:
            refused.setdefault(row.sheet, []).append(row)
    write_sheets(stream, [_sheet(table, refused[table.sheet]) for table in tables if table.sheet in refused])
    return sum(map(len, refused.values()))


def _sheet(table: Table, refused: list[RowResult]) -> LedgerSheet:
    columns = [Column(heading, max(8, min(24, 2 * len(heading) + 2))) for heading in table.headings]
    return LedgerSheet(table.sheet, " ".join(table.titles[:3]), [*columns, Column(REASON, 60)], _rows(refused))


def _rows(refused: list[RowResult]) -> Iterator[list[Value]]:
    for row in refused:
        reasons = [f"{issue.cell} {issue.reason}".strip() for issue in row.issues if issue.level == REFUSE]
        yield [*row.source, "；".join(reasons)]
