"""Whatever a sheet holds: every record has a verdict or a reason why it is none, every cell is a value, an issue or unused."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
import xlsxwriter
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from governance.sheets.accounts import ACCOUNT_FIELDS, read_accounts
from governance.sheets.care import CARE_FIELDS, read_care
from governance.sheets.cells import REFUSE, column_letter, raw_text, tidy
from governance.sheets.checks import CheckItem, check_fields, read_checks
from governance.sheets.claims import CLAIM_FIELDS, read_claims
from governance.sheets.decisions import DECISION_FIELDS, read_decisions
from governance.sheets.disputes import DISPUTE_FIELDS, read_disputes
from governance.sheets.facilities import FACILITY_FIELDS, read_facilities
from governance.sheets.headings import Field
from governance.sheets.hours import HOURS_FIELDS, read_hours
from governance.sheets.officers import OFFICER_FIELDS, read_officers
from governance.sheets.reader import Cell, Sheet, read_workbook
from governance.sheets.roster import read_roster
from governance.sheets.roster_fields import ROSTER_FIELDS
from governance.sheets.rows import ReadSheets, RowResult
from governance.sheets.tables import Table
from tests.sheets.messy import VILLAGES, make_id

Reader = Callable[[bytes], ReadSheets]
TODAY = dt.date(2026, 11, 29)
YARDS = (("511923102201001", "一组"), ("511923102201001001", "柏树院"))
CHECKS = [item for item in check_fields(["堆码"]) if not item.key.startswith("day:") or item.key == "day:5"]
READERS: list[tuple[Sequence[Field], Reader]] = [
    (ROSTER_FIELDS, lambda data: read_roster(data, "a.xlsx", VILLAGES)),
    (CLAIM_FIELDS, lambda data: read_claims(data, "a.xlsx", VILLAGES, TODAY)),
    (DISPUTE_FIELDS, lambda data: read_disputes(data, "a.xlsx", VILLAGES, TODAY)),
    (DECISION_FIELDS, lambda data: read_decisions(data, "a.xlsx", VILLAGES, TODAY)),
    (FACILITY_FIELDS, lambda data: read_facilities(data, "a.xlsx", VILLAGES, TODAY)),
    (HOURS_FIELDS, lambda data: read_hours(data, "a.xlsx", VILLAGES, TODAY)),
    (OFFICER_FIELDS, lambda data: read_officers(data, "a.xlsx", [*VILLAGES, *YARDS])),
    (ACCOUNT_FIELDS, lambda data: read_accounts(data, "a.xlsx", VILLAGES)),
    (CARE_FIELDS, lambda data: read_care(data, "a.xlsx", VILLAGES, TODAY)),
    (CHECKS, lambda data: read_checks(data, "a.xlsx", VILLAGES, [CheckItem("堆码", Decimal(20))], Decimal(100), TODAY)),
]
OPTIONS = settings(
    max_examples=2,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
STRANGE = ("民族", "序号", "座机", "甲", "", "文化程度")
CELLS: list[Cell] = [
    None, None, "", "张三", "李 四", "秦五/尤六", "八一村", "西兴社区", "北京", "2026年3月5日", "64.3.5", "3月5日", "农历三月初五", "#REF!",
    "同上", "〃", "合计", "说明：以上", "无", "√", "化解中", "已迁出", "15400000001（儿子）", "154", "+5分", "3小时", "户主", "远房", "男",
    "\u200b", "1组", 12.0, 1964.1, True, dt.date(1964, 3, 5), make_id(dt.date(1964, 3, 5), 11), make_id(dt.date(1990, 1, 1), 12),
]  # fmt: skip


def sheets_of(fields: Sequence[Field]) -> st.SearchStrategy[list[list[list[Cell]]]]:
    """Twelve sheets of known and strange headings and lines of anything; most have the columns that must be there."""

    def one(headings: list[str]) -> st.SearchStrategy[list[list[Cell]]]:
        line = st.lists(st.sampled_from(CELLS), min_size=len(headings) // 2, max_size=len(headings) + 1)
        return st.lists(line, min_size=4, max_size=8).map(lambda lines: [[*headings], *lines])

    names = {item.synonyms.split()[0]: item.required for item in fields}
    needed = [name for name, required in names.items() if required]
    others = st.permutations([*(name for name, required in names.items() if not required), *STRANGE])
    some = st.tuples(others, st.integers(3, 12)).map(lambda pick: [*needed, *pick[0][: pick[1]]])
    strange = st.lists(st.sampled_from([*names, *STRANGE]), min_size=4, max_size=9)
    headings = st.one_of(some, some, some, strange).flatmap(st.permutations)
    return st.lists(headings.flatmap(one), min_size=12, max_size=12)


def book(sheets: list[list[list[Cell]]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as file:
        day = file.add_format({"num_format": "yyyy-mm-dd"})
        for lines in sheets:
            page = file.add_worksheet()
            for number, line in enumerate(lines):
                for column, cell in enumerate(line):
                    if isinstance(cell, dt.date):
                        page.write_datetime(number, column, cell, day)
                    elif isinstance(cell, str):
                        page.write_string(number, column, cell)
                    elif cell is not None:
                        page.write(number, column, cell)
    return stream.getvalue()


NO_NUMBERS = {987654321: "NaN", 987654322: "inf", 987654323: "-1e999"}  # what stands for each while Excel's own way is written


def without_numbers(data: bytes) -> bytes:
    """The workbook with cells whose numbers are none, as other programs than Excel write them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(stream, "w") as changed:
        for name in whole.namelist():
            part = whole.read(name)
            for stands, written in NO_NUMBERS.items():
                part = part.replace(f"<v>{stands}</v>".encode(), f"<v>{written}</v>".encode())
            changed.writestr(name, part)
    return stream.getvalue()


NAMES = ("roster", "claims", "disputes", "decisions", "facilities", "hours", "officers", "accounts", "care", "checks")


@pytest.mark.parametrize(("fields", "read"), READERS, ids=NAMES)
def test_it_loses_no_row_and_no_cell(fields: Sequence[Field], read: Reader) -> None:
    @settings(OPTIONS)
    @given(sheets_of(fields))
    def check(sheets: list[list[list[Cell]]]) -> None:
        data = book(sheets)
        found = read(data)
        account, whole = found.account, read_workbook(data, "a.xlsx")
        assert account.read == len(found.rows) + sum(account.skipped.values())
        for table in found.tables:
            _check_table(table, next(sheet for sheet in whole if sheet.name == table.sheet), found.rows)

    check()


@pytest.mark.parametrize(("fields", "read"), READERS, ids=NAMES)
def test_it_takes_no_number_that_is_none(fields: Sequence[Field], read: Reader) -> None:
    names = [item.synonyms.split()[0] for item in fields]
    lines: list[list[Cell]] = [[*names]]
    lines += [[number] * len(names) for number in NO_NUMBERS]
    found = read(without_numbers(book([lines])))
    assert {row.row_number for row in found.rows} == {2, 3, 4}
    assert {row.verdict for row in found.rows} == {REFUSE}
    assert {value for row in found.rows for value in row.values.values() if isinstance(value, float)} == set()


def _check_table(table: Table, sheet: Sheet, rows: list[RowResult]) -> None:
    mine: dict[int, list[RowResult]] = {}
    for row in rows:
        if row.sheet == table.sheet and row.part == table.part:
            mine.setdefault(row.row_number, []).append(row)
    below = [number for number in sheet.rows if table.header_rows and number > table.header_rows[-1]]
    written = [number for number in below if any(tidy(raw_text(cell)) for cell in sheet.rows[number])]
    if not table.unread:
        assert sorted(mine.keys() | table.skipped.keys()) == written
    for number, of_line in mine.items():
        for column, cell in enumerate(sheet.rows[number]):
            if tidy(raw_text(cell)):
                assert any(_is_accounted(table, row, column) for row in of_line), (number, column, cell)


def _is_accounted(table: Table, row: RowResult, column: int) -> bool:
    keys = [key for key, where in table.mapping.columns.items() if where == column]
    named = any(issue.cell == f"{column_letter(column)}{row.row_number}" for issue in row.issues)
    heading = table.headings[column] if column < len(table.headings) else ""
    return named or any(row.values[key] is not None for key in keys) or (heading or f"{column_letter(column)}列") in table.unused

