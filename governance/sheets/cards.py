"""Read a scorecard (考核计分表) as townships keep it, from a paste or a workbook, into the rows of a card (missions M34, M39).

A cell of points that is merged over several lines is one pool that they share: only its first line carries the points. What
cannot be read is handed back with row, cell and reason; nothing is guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from governance.sheets.card_lines import CARD_FIELDS, LONGEST, DraftItem, Line, figure_of
from governance.sheets.card_wording import BONUS, EACH, NOTE, VETO
from governance.sheets.cells import LOOK, REFUSE, raw_text, tidy
from governance.sheets.limits import Limits, SheetError
from governance.sheets.reader import Cell, Sheet
from governance.sheets.rows import RowResult, clean_row
from governance.sheets.tables import NOTE as REMARK
from governance.sheets.tables import Table, fill_merged, find_table

NORMAL = "normal"
ROWS, CHARS = 500, 200_000
_ZERO = Decimal(0)
_IN_NAME = re.compile(r"[（(](?:(?:上限|不超过|最多|标准分|满分|共|计)\s*(\d+(?:\.\d+)?)\s*分?|(\d+(?:\.\d+)?)\s*分)[）)]$")
_BELOW = re.compile(r"(.*?)(\d+(?:\.\d+)?)((?:分|%)?(?:以下|不到|不足))")


@dataclass
class DraftSection:
    """考核项目. `points` None: not written, so that they are what its lines add up to. `sort`: normal, bonus, veto."""

    name: str
    points: Decimal | None = None
    sort: str = NORMAL
    items: list[DraftItem] = field(default_factory=list)


@dataclass
class CardRow:
    """One row of the sheet: its cells with what is wrong with them, and the line they make, None where they do not.

    `pool` are the points that the row opens, also where it is refused.
    """

    result: RowResult
    section: int
    item: DraftItem | None = None
    pool: Decimal | None = None


@dataclass
class CardDraft:
    """`rows` in the sheet's order; `skipped`: row number → why it is no line; `unknown`: headings that nothing was read
    from; `notes`: how doubtful headings were read."""

    sections: list[DraftSection] = field(default_factory=list)
    rows: list[CardRow] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def refused(self) -> list[CardRow]:
        return [row for row in self.rows if row.item is None]


def sheet_of_text(text: str) -> Sheet:
    """A table pasted from a sheet (columns parted by tabs), or typed with | or commas; row 1 is the first line."""
    if len(text) > CHARS:
        raise SheetError(f"粘贴的内容超过 {CHARS} 字，请分几张表粘贴", "size")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in text else "|" if "|" in text else ",")
    try:
        rows = {number: [cell.strip() or None for cell in row] for number, row in enumerate(lines, 1)}
    except csv.Error as error:
        raise SheetError("粘贴的内容不是表格，请从 Excel 或 WPS 里整块复制", "text") from error
    most = Limits().cell_chars
    if any(len(cell or "") > most for row in rows.values() for cell in row):
        raise SheetError(f"粘贴的内容里有一格超过 {most} 字，请缩短后再粘贴", "size")
    return Sheet("粘贴的表格", {number: list(row) for number, row in rows.items() if any(row)})


def text_of_sheet(sheet: Sheet) -> str:
    """A sheet as it would be pasted, merged cells spelt out as `read_card` understands them."""
    return text_of_rows(unmerged(sheet).rows)


def text_of_rows(rows: Mapping[int, Sequence[Cell]]) -> str:
    """Rows of a sheet as they would be pasted, row numbers kept."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
    for number in range(1, max(rows, default=0) + 1):
        writer.writerow([tidy(raw_text(cell)) for cell in rows.get(number, [])])
    return stream.getvalue()


def card_sheet(sheets: Sequence[Sheet]) -> Sheet:
    """The one sheet of a workbook that holds a card. Raises SheetError where there is none, or more than one."""
    found = [sheet for sheet in sheets if sheet.rows and _is_card(find_table(sheet, CARD_FIELDS))]
    if not found:
        raise SheetError("没有找到表头：须有“考核项目”“考核内容”两列，通常还有“分值”“评分办法”", "no_table")
    if len(found) > 1:
        names = "、".join(f"“{sheet.name}”" for sheet in found)
        raise SheetError(f"文件里有 {len(found)} 张考核表（{names}），请只留一张再上传", "many")
    return found[0]


def unmerged(sheet: Sheet) -> Sheet:
    """The sheet with merged cells filled in, but for points: those stand in their first line alone."""
    table = find_table(sheet, CARD_FIELDS) if sheet.merged else None
    if table is None:
        return sheet
    columns = _columns(table)[0]
    once = {columns[key] for key in ("points", "section_points") if key in columns}
    rows = {number: list(cells) for number, cells in fill_merged(sheet).items()}
    for top, left, bottom, right in sheet.merged:
        for number in range(max(top, table.header_rows[-1]) + 1, bottom + 1):
            for column in once.intersection(range(left, right + 1)):
                if number in rows and column < len(rows[number]):
                    rows[number][column] = None
    return Sheet(sheet.name, rows)


def read_card(sheet: Sheet, measured: Mapping[str, str] | None = None) -> CardDraft:
    """Judge every row of a card. `measured`: what a 实测指标 may be called → its code. Raises SheetError where no heading
    names 考核项目 and 考核内容, or there are too many rows."""
    sheet = card_sheet([unmerged(sheet)])
    table = find_table(sheet, CARD_FIELDS)
    if table is None or len(sheet.rows) > ROWS:
        raise SheetError(f"一张考核表最多 {ROWS} 行", "size")
    columns, notes = _columns(table)
    table.mapping.columns = columns
    draft = CardDraft(unknown=[name for name in table.mapping.unknown if name], notes=notes)
    reader = _Reader(table, draft, measured or {})
    for number, cells in sheet.rows.items():
        if number > table.header_rows[-1]:
            reader.take(number, cells + [None] * (len(table.headings) - len(cells)))
    reader.settle()
    return draft


def good_sections(draft: CardDraft) -> list[DraftSection]:
    """Sections with the lines that could be read; where the first line of a pool is refused, its points go to the next.

    A section's own points are kept, so that what is left out shows in the sums.
    """
    found = [replace(section, items=[]) for section in draft.sections]
    for place, section in enumerate(found):
        waiting: Decimal | None = None
        above: DraftItem | None = None
        for row in (row for row in draft.rows if row.section == place):
            item = row.item
            if item is None:
                waiting = row.pool or waiting
            elif item.kind == NOTE:
                section.items.append(item)
            else:
                shares = item.points is None and section.sort == NORMAL
                points = waiting if shares else item.points
                section.items.append(replace(item, points=points, exclusive=item.exclusive and above is not None and not points))
                waiting = None
            above = item
    return [section for section in found if section.items]


def _is_card(table: Table | None) -> bool:
    return table is not None and not table.mapping.missing


def _columns(table: Table) -> tuple[dict[str, int], list[str]]:
    """Field → column. 标准分 means the points of the 考核项目 where it stands left of 考核内容, else those of the line."""
    columns = dict(table.mapping.columns)
    notes: list[str] = []
    if "points" not in columns or "section_points" in columns or "name" not in columns:
        return columns, notes
    names = table.mapping.ambiguous.get("points", [table.headings[columns["points"]]])
    claims = [column for column, heading in enumerate(table.headings) if heading in names]
    if claims[0] < columns["name"] or len(claims) > 1:
        columns["section_points"] = claims[0]
        notes.append(f"“{table.headings[claims[0]]}”一列按考核项目的标准分读入")
        if len(claims) > 1:
            columns["points"] = claims[1]
            notes.append(f"“{table.headings[claims[1]]}”一列按考核内容的分值读入")
        else:
            del columns["points"]
    return columns, notes


class _Reader:
    """Goes down the rows and remembers the section and the pool that a row without its own stands in."""

    def __init__(self, table: Table, draft: CardDraft, measured: Mapping[str, str]) -> None:
        self.table, self.draft, self.measured = table, draft, measured
        self.card = ""
        self.pool_lost = False

    def take(self, number: int, cells: list[Cell]) -> None:
        """One row below the heading."""
        said = {key: tidy(raw_text(cells[column])) for key, column in self.table.mapping.columns.items()}
        texts = {text for cell in cells if (text := tidy(raw_text(cell)))}
        reason = self.table.skipped.get(number, "")
        alone = said["name"] and not (len(texts) == 1 and said["section"])
        if not texts or (reason and not (reason == REMARK and alone)):
            if texts:
                self.draft.skipped[number] = reason
            return
        if len(texts) == 1 and said["section"] and (found := _IN_NAME.search(said["section"])):
            self._open(said["section"][: found.start()].strip(), Decimal(found[1] or found[2]))
            return
        result, _ = clean_row(self.table, number, cells, CARD_FIELDS)
        self._read(result)

    def settle(self) -> None:
        """What shows only when all rows are known: the sort of each section, its points where not written."""
        for place, section in enumerate(self.draft.sections):
            rows = [row for row in self.draft.rows if row.section == place]
            self._settle_sort(section, [row for row in rows if row.item is not None])
            if section.sort == VETO and section.points is None:
                section.points = _ZERO
            self._settle_points(section, rows)

    def _read(self, result: RowResult) -> None:
        self._place(result)
        row = CardRow(result, len(self.draft.sections) - 1)
        self.draft.rows.append(row)
        card = str(result.values["card"] or self.card)
        self.card = self.card or card
        if card != self.card:
            result.flag("card", REFUSE, "一次只能导入一张检查表，这一行是另一张的")
        points = self._points(result)
        row.pool = points if points else None
        item = Line(result, self._hint(), self.measured, self._pool(row)).item(points)
        if item is not None and result.verdict != REFUSE:
            row.item = self._alike(row, item)
            row.pool = None if item.kind == NOTE else row.pool
        for key, longest in LONGEST.items():
            said = row.item.name if key == "name" and row.item else str(result.values[key] or "")
            if len(said) > longest:
                result.flag(key, REFUSE, f"太长，最多 {longest} 字")
                row.item = None

    def _points(self, result: RowResult) -> Decimal | None:
        """The row's own points; a row that shares what cannot be read cannot be placed either."""
        points = figure_of(result, "points")
        if result.values["points"]:
            self.pool_lost = points is None
        elif self.pool_lost:
            result.flag("points", REFUSE, "与上面一条共用分值，而那里的分值看不懂")
        return points

    def _place(self, result: RowResult) -> None:
        """The section that the row stands in; its points are written once, or alike in every row."""
        name, points = str(result.values["section"] or ""), figure_of(result, "section_points")
        if found := _IN_NAME.search(name):
            inside = Decimal(found[1] or found[2])
            if points is not None and points != inside:
                result.flag("section_points", REFUSE, f"项目名里写的是 {inside} 分，这里是 {points} 分，两者不一致")
            name, points = name[: found.start()].strip(), inside if points is None else points
        sections = self.draft.sections
        if not name and not sections:
            result.flag("section", REFUSE, "没有写考核项目")
        if name and (not sections or name != sections[-1].name):
            if name in [section.name for section in sections]:
                result.flag("section", REFUSE, f"“{name}”前面已经有了，同一项目的内容须连在一起")
            self._open(name, points)
        elif sections and points is not None and sections[-1].points not in (None, points):
            result.flag("section_points", REFUSE, f"同一项目的标准分前后不一致（前面是 {sections[-1].points} 分）")
        elif sections and points is not None:
            sections[-1].points = points

    def _open(self, name: str, points: Decimal | None) -> None:
        self.pool_lost = False
        self.draft.sections.append(DraftSection(name, points))

    def _hint(self) -> str:
        """What the name of the section says of its lines."""
        name = self.draft.sections[-1].name if self.draft.sections else ""
        return VETO if "否决" in name else BONUS if "加分" in name else NORMAL

    def _pool(self, row: CardRow) -> Decimal | None:
        """The points that the row's line draws on, where they are known."""
        for other in reversed(self.draft.rows):
            if other.section == row.section and other.pool is not None:
                return other.pool
        return self.draft.sections[row.section].points if row.section >= 0 else None

    def _alike(self, row: CardRow, item: DraftItem) -> DraftItem:
        """Two lines in a row of the same name, or of one figure in steps (90分以下扣1, 80分以下扣5)."""
        before = self.draft.rows[-2] if len(self.draft.rows) > 1 else None
        if before is None or before.item is None or before.section != row.section:
            return item
        if before.result.values["name"] == item.name:
            item = replace(item, name=f"{item.name}（{item.rule}）" if item.rule else item.name)
        upper, lower = _BELOW.fullmatch(before.item.name), _BELOW.fullmatch(item.name)
        if not (upper and lower) or (upper[1], upper[3]) != (lower[1], lower[3]) or item.points is not None:
            return item
        steps = Decimal(lower[2]) < Decimal(upper[2]) and item.kind == before.item.kind == EACH
        if steps and not item.exclusive and not row.result.before("exclusive").strip():
            row.result.flag("name", LOOK, "与上一条是同一指标的两档，按“只扣重的一条”读入")
            return replace(item, exclusive=True)
        return item

    def _settle_sort(self, section: DraftSection, rows: list[CardRow]) -> None:
        sorts = [row.item.kind if row.item.kind in (BONUS, VETO) else NORMAL for row in rows if row.item]
        section.sort = sorts[0] if sorts else NORMAL
        for row, sort in zip(rows, sorts, strict=True):
            if sort != section.sort:
                row.result.flag("rule", REFUSE, "计分、加分和一票否决不能放在同一个考核项目里")
                row.item = None

    def _settle_points(self, section: DraftSection, rows: list[CardRow]) -> None:
        """Points that are not written are the sum of the lines', where every line has some or shares some."""
        if section.points is not None or not rows:
            return
        counted = [row for row in rows if row.item is None or row.item.kind != NOTE]
        if section.sort == BONUS:
            missing = [row for row in counted if row.pool is None and (row.item is None or row.item.points is None)]
            said = "没有写加分上限（写在项目标准分里，或每条写“最多几分”）"
        else:
            missing = [row for row in counted[:1] if row.pool is None]
            said = "没有写分值，也没有写项目的标准分"
        for row in missing:
            if not row.result.values["points"]:
                row.result.flag("points", REFUSE, said)
            row.item = None
        own = [row.item.points if row.item else row.pool for row in rows]
        section.points = sum((points for points in own if points is not None), _ZERO)


