"""Read a 户月评 as villages keep it: households down, items or days across (plan §三.4 一月一评; missions M27, M39)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from governance.sheets.cells import CLEAN, LOOK, REFUSE, clean_compact, clean_text, raw_text
from governance.sheets.check_marks import (
    CLEAN_PLATE,
    CROSS,
    FAILED,
    MET,
    PLATES,
    TICK,
    Legend,
    clean_mark,
    clean_month,
    clean_plate,
    clean_points,
    month_in,
    month_of,
)
from governance.sheets.dates import year_of
from governance.sheets.headings import Field, heading_key
from governance.sheets.ledger_rows import settle_village
from governance.sheets.limits import Limits
from governance.sheets.persons import clean_id_number
from governance.sheets.places import VILLAGE, clean_sought_name
from governance.sheets.reader import Sheet, read_workbook
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.tables import Table, leave_out, read_tables
from governance.sheets.villagenames import VillageNames

ITEM, DAY = "item:", "day:"
LOSS, GAIN = "loss", "gain"
ZERO = Decimal(0)
HOUSEHOLD = "户主或户号"
UNCLEAR = "unclear"  # a key of the values: why nothing can be made of the row

CHECK_FIELDS = (
    VILLAGE,
    Field("number", "户号", "户号 户编号 家庭编号 户码", clean_compact),
    Field("head", "户主", "户主 户主姓名 户主名 户名 家庭户主 农户姓名 姓名", clean_sought_name),
    Field("id_number", "身份证号", "身份证号 身份证号码 公民身份号码 身份证 户主身份证号", clean_id_number),
    Field("month", "月份", "月份 评比月份 检查月份 年月", clean_month),
    Field("total", "得分", "得分 总分 总得分 合计得分 合计 综合得分 月评得分 最后得分", clean_points),
    Field("plate", "清洁牌", "清洁牌 评定等次 评定结果 评比结果 结果 等次 评定 月评结果 清洁程度", clean_plate),
    Field("note", "说明", "说明 备注 扣分说明 扣分原因", clean_text),
)
_MONTHS = range(1, 13)
_TOP_ROWS = 10
_NUMBERS = frozenset(["序号", "编号", "人口", "人数", "家庭人口", "组", "组别", "电话", "联系电话", "排名", "名次"])
DAYS = tuple(
    Field(f"{DAY}{day}", f"{day}日", " ".join([f"{day}日", f"{day}号", *(f"{month}月{day}日" for month in _MONTHS)]), clean_mark)
    for day in range(1, 32)
)


@dataclass(frozen=True)
class CheckItem:
    """A line or a section of the township's card. `points`: what it may lose at most, None where it shares them; `per_case`: what a
    case of it takes, 0 where that is not fixed (a section)."""

    name: str
    points: Decimal | None
    per_case: Decimal = ZERO


def check_fields(names: Iterable[str]) -> tuple[Field, ...]:
    """All columns of a matrix: the household, days, and an item for each name."""
    return (*CHECK_FIELDS, *DAYS, *map(_item_field, dict.fromkeys(names)))


def _item_field(name: str) -> Field:
    return Field(f"{ITEM}{name}", name, f"{name} 规范{name} {name}情况 {name}扣分 {name}得分", clean_mark)


def read_checks(
    source: str | Path | bytes,
    filename: str,
    villages: Iterable[tuple[str, str]],
    items: Sequence[CheckItem],
    full: Decimal,
    today: dt.date,
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    towns: Sequence[str] = (),
) -> ReadSheets:
    """Read a matrix row by row, a row being a household's month. `values`: the keys of CHECK_FIELDS (`month` its first day, `total` the
    points as text), `village_code`, each item that was judged as what it takes (`item:堆码` → "5", "0"), `marks`: the cells in words;
    `unclear` says why nothing can be made of a row. `full`: the card's full marks. Raises SheetError where no matrix is found."""
    names, result = VillageNames(villages, towns), ReadSheets()
    fields = check_fields(item.name for item in items)
    sheets = {sheet.name: sheet for sheet in read_workbook(source, filename, limits)}
    known_days = {**_dated_headings(sheets.values()), **(overrides or {})}
    result.tables, result.problems = read_tables(sheets.values(), fields, known_days)
    for table in result.tables:
        _need_household(table)
        matrix = _Matrix(table, sheets[table.sheet], fields, items, full)
        for row in matrix.rows:
            settle_village(row, table, names)
            _settle_month(row, table, today)
            matrix.judge(row)
        result.rows += matrix.rows
    return result


def _dated_headings(sheets: Iterable[Sheet]) -> dict[str, str]:
    """Headings that are dates of Excel's own (2026-10-05), two or more beside each other near the top, and the days they mean."""
    found: dict[str, str] = {}
    for sheet in sheets:
        for cells in list(sheet.rows.values())[:_TOP_ROWS]:
            days = [cell for cell in cells if isinstance(cell, dt.date)]
            found |= {raw_text(day): f"{DAY}{day.day}" for day in days if len(days) > 1}
    return found


def _need_household(table: Table) -> None:
    """Without a column of households no row is read: the columns are mapped first."""
    if table.headings and not {"number", "head"} & set(table.mapping.columns):
        table.mapping.missing = [*table.mapping.missing, HOUSEHOLD]
        leave_out(table, f"缺少“{HOUSEHOLD}”列")


def _settle_month(row: RowResult, table: Table, today: dt.date) -> None:
    said = row.values["month"]
    if isinstance(said, str):
        year = year_of(table)
        said = month_in(said, year)
        row.settle("month", said, CLEAN, f"按{year}年写成 {said:%Y-%m}" if said else "")
    if row.before("month").strip() and said is None:
        row.settle("month", None, REFUSE, f"“{row.before('month').strip()}”看不出是哪年哪月")
        return
    row.values["month"] = said = said or month_of(table)
    if not isinstance(said, dt.date):
        row.settle("month", None, REFUSE, "看不出是哪个月，请在表题或工作表名里写明年月")
    elif said > today:
        row.settle("month", said, REFUSE, f"{said:%Y-%m} 还没有到")


class _Matrix:
    """One table: what its figures, ticks and blanks mean is the same in all its rows."""

    def __init__(self, table: Table, sheet: Sheet, fields: Sequence[Field], items: Sequence[CheckItem], full: Decimal) -> None:
        self.table, self.full = table, full
        self.items = {item.name: item for item in items}
        standing = [item for item in fields if item.key in table.mapping.columns or item in CHECK_FIELDS]
        self.rows = [clean_row(table, number, cells, standing)[0] for number, cells in table.rows.items()]
        self.keys = [key for key in table.mapping.columns if key.startswith(ITEM)]
        self.days = sorted((key for key in table.mapping.columns if key.startswith(DAY)), key=lambda key: int(key.removeprefix(DAY)))
        notes = [raw_text(cell) for number in table.skipped for cell in sheet.rows.get(number, [])]
        self.legend = Legend([table.sheet, *table.titles, *(note for note in notes if note)])
        cells = [row.values[key] for row in self.rows for key in (*self.keys, *self.days)]
        self.tick = self.legend.tick or (MET if CROSS in cells and TICK in cells else None)
        self.way = self._way()
        self.blank_is_nought = self._blanks_add_up()
        unknown = [column for column, heading in enumerate(table.headings) if heading in table.mapping.unknown]
        self.strange = [column for column in unknown if self._is_judged(column)]

    def _is_judged(self, column: int) -> bool:
        """Whether a column that is no line of the card holds marks all the same."""
        said = [cleaned for row in self.rows if raw_text(row.source[column]).strip() and (cleaned := clean_mark(row.source[column]))]
        marks = [str(cleaned.value) for cleaned in said if cleaned.value is not None]
        figures = [mark for mark in marks if _is_figure(mark) and not mark.startswith("-")]
        bare = heading_key(self.table.headings[column]) in _NUMBERS or (figures and self.way is None)
        return len(marks) == len(said) > 0 and not bare

    def judge(self, row: RowResult) -> None:
        """Say what each cell takes, and in words what stands there."""
        if not row.values["head"] and not row.values["number"]:
            row.settle("head", None, REFUSE, "没有户主，也没有户号")
        shown = [(key.split(":", 1)[1], row.before(key).strip()) for key in (*self.keys, *self.days)]
        row.values["marks"] = "、".join(f"{name}{text}" for name, text in shown if text)
        row.values[UNCLEAR] = None
        if self.days:
            self._judge_days(row)
        lost = self._losses(row)
        if strange := [self.table.headings[column] for column in self.strange if raw_text(row.source[column]).strip()]:
            if row.values["total"] is None and row.values["plate"] is None:
                self._unclear(row, "", f"检查表里没有“{'、'.join(strange)}”，请在“对应列”里指出是哪一项")
            lost = None
        self._judge_total(row, lost)
        if row.values["total"] is None and row.values["plate"] is None and row.values[UNCLEAR] is None:
            self._unclear(row, "", "这一户没有得分、清洁牌或看得懂的扣分")

    # --- what a figure means ------------------------------------------------------------------------------------------

    def _way(self) -> str | None:
        """Whether bare figures are lost or gained, by the sums of the rows that have a total, else by what the sheet says."""
        losses = gains = others = 0
        for row in self.rows:
            figures = [Decimal(str(row.values[key])) for key in self.keys if _is_figure(row.values[key])]
            total = row.values["total"]
            if figures and total is not None:
                by_loss, by_gain = self.full - sum(map(abs, figures), ZERO), sum(figures, ZERO)
                losses += Decimal(str(total)) == by_loss != by_gain
                gains += Decimal(str(total)) == by_gain != by_loss
                others += Decimal(str(total)) not in (by_loss, by_gain)
        if losses or gains:
            return LOSS if losses > gains + others else GAIN if gains > losses + others else None
        if self.legend.losses != self.legend.gains:
            return LOSS if self.legend.losses else GAIN
        return None

    def _blanks_add_up(self) -> bool:
        """Whether most rows that have a total come to it if nothing in a cell is nothing found."""
        said = [
            Decimal(str(row.values["total"])) == self.full - sum((abs(Decimal(str(row.values[key]))) for key in judged), ZERO)
            for row in self.rows
            if row.values["total"] is not None
            and len(judged := [key for key in self.keys if _is_figure(row.values[key])]) < len(self.keys)
        ]
        return self.way != GAIN and sum(said) > len(said) / 2

    def _losses(self, row: RowResult) -> list[Decimal] | None:
        """What each judged item takes, written into the values as well; None where one cannot be told."""
        found: list[Decimal] = []
        clear, blanks = True, []
        for key in self.keys:
            value = row.values[key]
            if value is None and row.before(key).strip():
                clear = False
            elif value is None:
                blanks.append(key)
            elif (lost := self._loss(self.items[key.removeprefix(ITEM)], str(value))) is None:
                clear = False
            else:
                row.values[key] = f"{lost:f}"
                found.append(lost)
        if not clear:
            if row.values["total"] is None and row.values["plate"] is None:
                self._unclear(row, "", "有的格看不出扣了几分")
            return None
        return self._with_blanks(row, found, blanks)

    def _with_blanks(self, row: RowResult, found: list[Decimal], blanks: list[str]) -> list[Decimal] | None:
        """Nothing in a cell is nothing found where the sheet says so, or where its totals add up like this."""
        total = row.values["total"]
        adds_up = total is not None and self.way != GAIN and Decimal(str(total)) == self.full - sum(found, ZERO)
        adds_up |= total is not None and self.blank_is_nought
        if blanks and not self.legend.empty_is_fine and not adds_up:
            if total is not None or row.values["plate"] is not None:
                return None
            if not found:
                self._unclear(row, "", "各项都空着，不知道是没有问题还是没有检查")
                return None
            row.flag(blanks[0], LOOK, f"有 {len(blanks)} 项空着，不知道是没有问题还是没有检查，按没有问题")
        for key in blanks:
            row.values[key] = "0"
        return found

    def _loss(self, item: CheckItem, value: str) -> Decimal | None:
        """What one cell takes; None where it does not say."""
        word = self._word(item, value) if value in (TICK, CROSS) else value
        if word in ("", MET, FAILED):
            return {MET: ZERO, FAILED: item.per_case or None}.get(word)
        if value in PLATES:
            return ZERO if value == CLEAN_PLATE else None
        figure = Decimal(value)
        if item.points is not None and abs(figure) > item.points:
            return None
        if figure < 0 or self.way == LOSS or not figure and self.way is None:
            return abs(figure)
        if self.way == GAIN and item.points is not None:
            return item.points - figure
        return None

    def _word(self, item: CheckItem, sign: str) -> str:
        """A tick or cross as MET or FAILED, "" where the sheet does not say: under the name of a fault (衣物乱晾) it may be either."""
        tick = self.legend.tick if item.per_case else self.tick
        if tick is None:
            return ""
        return tick if sign == TICK else MET if tick == FAILED else FAILED

    # --- what comes of a row ------------------------------------------------------------------------------------------

    def _judge_total(self, row: RowResult, lost: list[Decimal] | None) -> None:
        total = row.values["total"]
        if total is not None and Decimal(str(total)) > self.full:
            row.settle("total", total, REFUSE, f"得分 {total} 超过满分 {self.full.normalize():f}")
        if lost is None or not (lost or (self.legend.empty_is_fine or self.blank_is_nought) and self.keys):
            return
        sum_ = max(self.full - sum(lost, ZERO), ZERO)
        if total is None:
            row.values["total"] = f"{sum_.normalize():f}"
        elif Decimal(str(total)) != sum_:
            self._unclear(row, "total", f"表上得分 {total}，按各项算是 {sum_.normalize():f}，请核对")

    def _judge_days(self, row: RowResult) -> None:
        """The month is what all its days say, else what the last one says, for a second look."""
        said = [(key, str(row.values[key])) for key in self.days if row.values[key] is not None]
        if any(row.values[key] is None and row.before(key).strip() for key in self.days):
            self._unclear(row, "", "有的格看不懂")
        elif said and row.values["plate"] is None and row.values["total"] is None:
            key, value = said[-1]
            if not self._take_day(row, value):
                self._unclear(row, key, f"“{value}”看不出是什么结果")
            elif len({other for _, other in said}) > 1:
                row.flag(key, LOOK, f"各次不一样，按最后一次（{key.removeprefix(DAY)}日）")

    def _take_day(self, row: RowResult, value: str) -> bool:
        if value in PLATES:
            row.values["plate"] = value
            return True
        if not _is_figure(value) or (self.way is None and Decimal(value) >= 0):
            return False
        figure = Decimal(value)
        points = self.full - abs(figure) if figure < 0 or self.way == LOSS else figure
        row.values["total"] = f"{max(points, ZERO).normalize():f}"
        return points <= self.full

    def _unclear(self, row: RowResult, key: str, reason: str) -> None:
        row.flag(key, LOOK, reason)
        row.values[UNCLEAR] = reason


def _is_figure(value: object) -> bool:
    return isinstance(value, str) and value not in (TICK, CROSS, MET, FAILED, *PLATES)
