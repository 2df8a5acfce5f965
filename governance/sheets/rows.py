"""Turn rows of a found table into cleaned values, with a verdict per row and a reason per doubtful cell."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from governance.progress import moved
from governance.sheets.account import Account
from governance.sheets.cells import CLEAN, LEVELS, LOOK, OK, Cleaned, column_letter, is_ditto, is_error, raw_text, worst
from governance.sheets.headings import Field
from governance.sheets.reader import Cell
from governance.sheets.tables import Table

Value = str | dt.date | None


@dataclass(frozen=True)
class Issue:
    """What was changed or is doubtful in one cell (`cell` as Excel says it, '' for the row), and why, in Chinese."""

    cell: str
    field: str
    level: str
    before: str
    after: str
    reason: str


@dataclass
class RowResult:
    """One record of a ledger. `row_number` as Excel shows it; `values`: field key → cleaned value, None for nothing;
    `source`: cells as uploaded, merged and omitted household cells filled in; `columns`: field key → 0-based column;
    `part` as in `Table`."""

    sheet: str
    row_number: int
    values: dict[str, Value]
    source: list[Cell]
    columns: dict[str, int]
    issues: list[Issue] = field(default_factory=list)
    part: int = 0

    @property
    def verdict(self) -> str:
        """`take`, `clean`, `look` or `refuse`: the gravest of the issues."""
        return worst([issue.level for issue in self.issues]) if self.issues else OK

    @property
    def reason(self) -> str:
        """All reasons in one line, each with its cell, the gravest first."""
        return "；".join(filter(None, (self.reason_of(level) for level in reversed(LEVELS))))

    def reason_of(self, *levels: str) -> str:
        """The reasons of these levels in one line, each with its cell."""
        return "；".join(f"{issue.cell} {issue.reason}".strip() for issue in self.issues if issue.level in levels)

    def cell(self, key: str) -> str:
        """The address of a field in this row, such as F12, or '' when the ledger has no such column."""
        return f"{column_letter(self.columns[key])}{self.row_number}" if key in self.columns else ""

    def before(self, key: str) -> str:
        """What stood in the field's cell."""
        return raw_text(self.source[self.columns[key]]) if key in self.columns else ""

    def flag(self, key: str, level: str, reason: str, before: str | None = None) -> None:
        """Add an issue about a field whose value is already what it shall be; `before` defaults to the cell's text."""
        after = self.values.get(key)
        before = self.before(key) if before is None else before
        self.issues.append(Issue(self.cell(key), key, level, before, "" if after is None else str(after), reason))

    def flag_column(self, column: int, key: str, level: str, reason: str) -> None:
        """Add an issue about any cell of the row, also one whose column is mapped to nothing (`key` '')."""
        address = f"{column_letter(column)}{self.row_number}"
        self.issues.append(Issue(address, key, level, raw_text(self.source[column]), "", reason))

    def settle(self, key: str, value: Value, level: str, reason: str) -> None:
        """Give a field its final value and replace what was said about it. A change is told only of a cell that exists."""
        self.values[key] = value
        self.issues = [issue for issue in self.issues if issue.field != key]
        if level != CLEAN or key in self.columns:
            self.flag(key, level, reason)


@dataclass
class ReadSheets:
    """Everything read from one file. `rows` in its order; `tables`: where they came from, for correcting the mapping;
    `problems`: sheets left out and why."""

    rows: list[RowResult] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def account(self) -> Account:
        """What became of everything in the file; `counts` say the rest."""
        return Account.of(self.tables)

    @property
    def missing(self) -> list[str]:
        """The labels of required fields for want of which rows were left unread, where no row was read."""
        wanting = [label for table in self.tables if table.unread for label in table.mapping.missing]
        return [] if self.rows else list(dict.fromkeys(wanting))

    @property
    def counts(self) -> Counter[str]:
        """Verdict → number of rows."""
        return Counter(row.verdict for row in self.rows)


def clean_row(
    table: Table, number: int, source: list[Cell], fields: Sequence[Field]
) -> tuple[RowResult, dict[str, Cleaned]]:
    """Clean every mapped cell of one row; also return the cleaned cells themselves, for what was cut out of them."""
    columns, carried = table.mapping.columns, table.filled.get(number, {})
    row = RowResult(table.sheet, number, {}, source, columns, part=table.part)
    cleaned: dict[str, Cleaned] = {}
    for item in fields:
        column = columns.get(item.key)
        if column is None:
            row.values[item.key] = None
            continue
        cleaned[item.key] = outcome = _cleaned_once(table, source[column], item)
        row.values[item.key] = outcome.value
        if outcome.level != OK:
            row.flag(item.key, outcome.level, outcome.reason)
        if filled := carried.get(column):
            row.flag(item.key, CLEAN, f"{filled.said}，沿用上面的“{row.before(item.key)}”", filled.before)
    moved()
    return row, cleaned


def _cleaned_once(table: Table, cell: Cell, item: Field) -> Cleaned:
    """The same text in the same column is the same."""
    if cell is not None and not isinstance(cell, str):
        return _clean_cell(cell, item)
    found = table.cleaned.get((item.key, cell))
    if found is None:
        found = table.cleaned[item.key, cell] = _clean_cell(cell, item)
    return found


def _clean_cell(cell: Cell, item: Field) -> Cleaned:
    """A failed formula and a mark of repetition with nothing above it are no values."""
    if is_error(cell):
        return Cleaned(None, LOOK, f"单元格是错误值（{raw_text(cell)}），未采用")
    if is_ditto(cell):
        return Cleaned(None, LOOK, f"“{raw_text(cell)}”上面没有内容，未采用")
    return item.clean(cell)
