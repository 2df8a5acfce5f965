"""An existing list of shops on its way into 门前三包: read, every cell judged, the good rows written (plan §三.1–2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from governance.accounts.models import User
from governance.periods import today
from governance.sheets.cards import sheet_of_text, text_of_rows
from governance.sheets.cells import REFUSE, clean_phone, clean_text
from governance.sheets.dates import clean_date
from governance.sheets.headings import Field
from governance.sheets.limits import Limits, SheetError
from governance.sheets.reader import Sheet, read_workbook
from governance.sheets.rows import RowResult, clean_row
from governance.sheets.tables import Table, fill_merged, find_table
from inspections.errors import InspectionError
from inspections.fronts.services import FrontDetails, fronts_register
from inspections.models import Front
from villages.models import Unit
from villages.units.lineage import village_of

FIELDS = (
    Field("name", "店名", "店名 店铺名称 商铺名称 商户名称 店名户主 单位名称 名称", clean_text, required=True),
    Field("person", "责任人", "责任人 负责人 经营者 店主 责任人姓名", clean_text, required=True),
    Field("phone", "联系电话", "联系电话 电话 手机 手机号 联系方式", clean_phone),
    Field("place", "位置", "位置 门牌 门牌号 地址 门牌或位置 经营地址", clean_text, required=True),
    Field("signed_on", "签订日期", "签订日期 签订时间 签约日期 责任书签订日期", clean_date),
)
WANTED = "没有找到表头：须有“店名”“责任人”“位置”三列，还可以有“联系电话”“签订日期”"


@dataclass(frozen=True)
class FrontList:
    """The judged rows of a list, and the headings that were not used."""

    rows: list[RowResult]
    unknown: list[str]

    @property
    def refused(self) -> list[RowResult]:
        return [row for row in self.rows if row.verdict == REFUSE]

    @property
    def good(self) -> list[RowResult]:
        return [row for row in self.rows if row.verdict != REFUSE]


def fronts_text(*, file: IO[bytes], filename: str) -> str:
    """The list of an uploaded sheet as it would be pasted, row numbers kept. Raises SheetError."""
    sheets = read_workbook(file.read(Limits().file_bytes + 1), filename, hidden=False)
    sheet = next((sheet for sheet in sheets if _table(sheet)), None)
    if sheet is None:
        raise SheetError(WANTED, "no_table")
    return text_of_rows(fill_merged(sheet))


def fronts_read(*, text: str, unit: Unit, at: datetime | None = None) -> FrontList:
    """Every row of a pasted list with what is wrong with it; nothing is written. Raises SheetError."""
    table = _table(sheet_of_text(text))
    if table is None:
        raise SheetError(WANTED, "no_table")
    village = village_of(unit)
    standing = Front.objects.standing().filter(village=village).values_list("name", "place", "plate_number")
    known = {(name, place): f"已登记过，责任牌 {plate}" for name, place, plate in standing}
    rows = []
    for number, cells in table.rows.items():
        row, _ = clean_row(table, number, cells, FIELDS)
        _judge(row, known, today(at))
        rows.append(row)
    return FrontList(rows, table.mapping.unknown)


def fronts_import(
    *, text: str, unit: Unit, good_only: bool, by: User, at: datetime | None = None
) -> list[Front]:
    """Register a list's shops at a place in its order; with rows that are refused, only if `good_only` leaves them out."""
    found = fronts_read(text=text, unit=unit, at=at)
    if found.refused and not good_only:
        raise InspectionError(f"有 {len(found.refused)} 行要改，改好再写入，或选“只写入没有问题的行”。", "rows")
    if not found.good:
        raise InspectionError("没有可以写入的行。", "rows")
    return fronts_register(details=[_details(row, unit) for row in found.good], by=by, at=at)


def _table(sheet: Sheet) -> Table | None:
    table = find_table(sheet, FIELDS) if sheet.rows else None
    return table if table is not None and not table.mapping.missing else None


def _judge(row: RowResult, known: dict[tuple[Any, Any], str], day: date) -> None:
    """What a row must say; a day of signature that is not sure is refused, since it stands on paper."""
    for field in FIELDS:
        value = row.values[field.key]
        most: int | None = getattr(Front._meta.get_field(field.key), "max_length", None)
        if field.required and not value:
            row.settle(field.key, None, REFUSE, f"没有{field.label}")
        elif isinstance(value, str) and most is not None and len(value) > most:
            row.settle(field.key, value, REFUSE, f"{field.label}超过 {most} 字")
    _judge_day(row, day)
    key = (row.values["name"], row.values["place"])
    if key in known:
        row.settle("name", row.values["name"], REFUSE, known[key])
    elif all(key):
        known[key] = f"和第 {row.row_number} 行重复"


def _judge_day(row: RowResult, day: date) -> None:
    signed, before = row.values["signed_on"], row.before("signed_on").strip()
    unsure = [issue for issue in row.issues if issue.field == "signed_on" and issue.level in ("look", REFUSE)]
    if unsure or (before and signed is None):
        row.settle("signed_on", None, REFUSE, unsure[0].reason if unsure else f"“{before}”不是日期")
    elif isinstance(signed, date) and signed > day:
        row.settle("signed_on", signed, REFUSE, f"签订日期 {signed} 晚于今天")


def _details(row: RowResult, unit: Unit) -> FrontDetails:
    said: dict[str, Any] = row.values
    return FrontDetails(
        kind=Front.Kind.SHOP,
        unit=unit,
        name=said["name"],
        person=said["person"],
        phone=said["phone"] or "",
        place=said["place"],
        signed_on=said["signed_on"],
    )
