"""Hand refused rows back as a workbook to be corrected: the columns as uploaded, then where the row stood and the reason."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from governance.sheets.cells import REFUSE, raw_text
from governance.sheets.headings import RETURNED
from governance.sheets.rows import RowResult
from governance.sheets.tables import Table
from governance.sheets.writer import Column, LedgerSheet, Value, write_sheets

_WIDTHS = dict(zip(RETURNED, (12, 8, 60), strict=True))


def write_rejects(stream: IO[bytes], tables: Iterable[Table], rows: Sequence[RowResult]) -> int:
    """Write the refused ones among `rows` as .xlsx, a sheet per uploaded table with its own name and headings, so that
    the corrected workbook can be uploaded as it is. Returns how many rows were written."""
    refused: dict[tuple[str, int], list[RowResult]] = {}
    for row in rows:
        if row.verdict == REFUSE:
            refused.setdefault((row.sheet, row.part), []).append(row)
    found = [(table, refused[table.sheet, table.part]) for table in tables if (table.sheet, table.part) in refused]
    write_sheets(stream, [_sheet(table, rows) for table, rows in found])
    return sum(map(len, refused.values()))


def _sheet(table: Table, refused: list[RowResult]) -> LedgerSheet:
    """The columns of the record, also those without a heading where something stands in them."""
    said = {column for row in refused for column, cell in enumerate(row.source) if raw_text(cell).strip()}
    shown = [column for column, heading in enumerate(table.headings) if heading not in RETURNED and (heading or column in said)]
    columns = [Column(table.headings[column], max(8, min(24, 2 * len(table.headings[column]) + 2))) for column in shown]
    columns += [Column(heading, width) for heading, width in _WIDTHS.items()]
    name = f"{table.sheet[:28]}-{table.part + 1}" if table.part else table.sheet
    return LedgerSheet(name, " ".join(table.titles[:3]), columns, _rows(table, refused, shown))


def _rows(table: Table, refused: list[RowResult], shown: list[int]) -> Iterator[list[Value]]:
    """Of a row that comes back a second time the place in the first file is kept."""
    before = {heading: table.headings.index(heading) for heading in RETURNED[:2] if heading in table.headings}
    for row in refused:
        reasons = [f"{issue.cell} {issue.reason}".strip() for issue in row.issues if issue.level == REFUSE]
        here: tuple[Value, Value] = (row.sheet, row.row_number)
        place = [row.source[before[key]] if key in before else value for key, value in zip(RETURNED, here, strict=False)]
        yield [*(row.source[column] for column in shown), *place, "；".join(reasons)]
