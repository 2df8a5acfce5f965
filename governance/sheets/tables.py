"""Find the table on a worksheet: titles above, one- or two-row heading, rows of data; leave out what is no record."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from governance.sheets.blocks import blocks_of, stand_in
from governance.sheets.cells import Cleaned, column_letter, is_ditto, raw_text, tidy
from governance.sheets.headings import RETURNED, Field, HeadingMap, map_headings
from governance.sheets.limits import SheetError
from governance.sheets.reader import Cell, Sheet

NO_HEADING = "没有找到表头"
HIDDEN_SHEETS = "隐藏的工作表"  # a key of the overrides: with any value the hidden sheets are read, too
_GUESSED_ROWS, _LEAST_HEADINGS = 15, 3
_SEARCHED_ROWS = 40
_MERGE_BUDGET = 2_000_000
_SUBTOTAL = re.compile(r".{0,8}(小计|合计|总计|共计)[:：]?.{0,12}")
_NOTE = re.compile(
    r"(备注|说明|注|填写?说明|填写注意事项|填[表报][人单位日期时间]*|制表[人单位日期时间]*|审[核批][人单位]*|负责人|经办人|联系人|(?:检查|评分|评比|登记|记录|统计|复核)人员?|单位盖章|盖章)"
    r"([(（].{0,10}[)）])?(\s*[:：].*|\s*\d*[.、．].*)?",
    re.DOTALL,
)
_COUNT = re.compile(r"共?[\d.,]+\w{0,2}")
_LONE_TEXT = 12
_FEW_WORDS = 3  # a line of sums has figures beside its own name, and little else

BLANK, SUBTOTAL, NOTE, HEADING, NUMBERING = "空行", "小计合计", "说明", "重复的表头", "栏号"


@dataclass(frozen=True, slots=True)
class Filled:
    """What stood in a cell that repeats the one above it, and what it is called."""

    before: str
    said: str


@dataclass
class Table:
    """A found table. `headings`: one per column, levels joined by `/`, '' for none. `rows`: 1-based row number → cells
    as wide as `headings`, merged ones filled in. `skipped`: row number → why it is no record. `titles`: texts above.
    `filled`: row number → column → what repeated the cell above. `part`: which record of a line it is, where a line holds
    several. `unused`: heading, or the letter of a column without one → cells that nothing is made of. `lines`: records below the
    heading that are not blank, `unread` of them were left out as a whole for the reason `why`."""

    sheet: str
    titles: list[str]
    header_rows: tuple[int, ...]
    headings: list[str]
    mapping: HeadingMap
    rows: dict[int, list[Cell]] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)
    filled: dict[int, dict[int, Filled]] = field(default_factory=dict)
    part: int = 0
    unused: dict[str, int] = field(default_factory=dict)
    lines: int = 0
    unread: int = 0
    why: str = ""

    def __post_init__(self) -> None:
        self.cleaned: dict[tuple[str, str | None], Cleaned] = {}  # what cells of a field became, while the table is read


def find_table(sheet: Sheet, fields: Sequence[Field], overrides: Mapping[str, str] | None = None) -> Table | None:
    """The first of `find_tables`."""
    return next(iter(find_tables(sheet, fields, overrides)), None)


def find_tables(sheet: Sheet, fields: Sequence[Field], overrides: Mapping[str, str] | None = None) -> list[Table]:
    """The table on a sheet whose heading names most of `fields`: one for each record of its lines, none where no row names
    two of them. `overrides` as in `map_headings`. Raises SheetError when merged cells are beyond reason."""
    filled = fill_merged(sheet)
    found = _find_header(sheet.name, filled, fields, overrides)
    if found is None:
        return []
    first = found.header_rows[0]
    above = [raw_text(cell).strip() for number, row in filled.items() if number < first for cell in row]
    titles = [text for text in dict.fromkeys(above) if text]
    blocks = blocks_of(found.headings, fields)
    tables = []
    for part, headings in enumerate(blocks):
        table = Table(found.sheet, titles, found.header_rows, headings, map_headings(headings, fields, overrides), part=part)
        if len(blocks) > 1 and part == 0:
            stand_in(table.mapping, headings, fields)
        others = {column for column, heading in enumerate(headings) if not heading and (part or found.headings[column])}
        common = {column for column, heading in enumerate(headings) if part and heading and blocks[0][column]}
        _take_rows(table, sheet, filled, fields, others, common)
        tables.append(table)
    return tables


def _take_rows(
    table: Table, sheet: Sheet, filled: dict[int, list[Cell]], fields: Sequence[Field], others: set[int], common: set[int]
) -> None:
    """The lines below the heading, without the cells in `others`, the columns of other records. What stands in `common` for
    all records of a line makes none by itself."""
    last, width, columns = table.header_rows[-1], len(table.headings), table.mapping.columns
    needed = [columns[item.key] for item in fields if item.required and item.key in columns]

    def own(cells: list[Cell]) -> list[Cell]:
        return [None if column in others else cell for column, cell in enumerate(cells)] if others else cells

    for number, raw in sheet.rows.items():
        cells = own(raw)
        if number <= last or (common and all(cell is None or column in common for column, cell in enumerate(cells))):
            continue
        written = any(cell is not None and tidy(raw_text(cell)) for cell in cells)
        table.lines += written
        if reason := _skip_reason(cells, table, needed):
            if written:
                table.skipped[number] = reason
        else:
            whole = own(filled[number])
            if not table.part:
                _count_unused(table, whole, range(width, len(whole)))
            table.rows[number] = whole[:width] + [None] * (width - len(whole))
    _fill_down(table, [columns[item.key] for item in fields if item.carries and item.key in columns])
    used = {columns[item.key] for item in fields if item.key in columns}
    unused = [column for column, heading in enumerate(table.headings) if column not in used and heading not in RETURNED]
    for cells in table.rows.values():
        _count_unused(table, cells, unused)


def _count_unused(table: Table, cells: list[Cell], columns: Iterable[int]) -> None:
    for column in columns:
        if cells[column] is not None and tidy(raw_text(cells[column])):
            heading = table.headings[column] if column < len(table.headings) else ""
            name = heading or f"{column_letter(column)}列"
            table.unused[name] = table.unused.get(name, 0) + 1


def _fill_down(table: Table, carried: Sequence[int]) -> None:
    """Cells that say 同上, and blank ones of the columns `carried`, take what stands above them; of these, wider places come before
    narrower ones, and below a village of its own a blank group is none."""
    above: list[Cell] = []
    for number, cells in table.rows.items():
        cells = list(cells)
        fresh = [bool(above and raw_text(cells[one]).strip()) and not is_ditto(cells[one]) and cells[one] != above[one] for one in carried]
        carries = {column for place, column in enumerate(carried) if not any(fresh[:place])}
        for column, cell in enumerate(cells if above else []):
            ditto, over = is_ditto(cell), above[column]
            repeats = ditto or (column in carries and not raw_text(cell).strip())
            if repeats and raw_text(over).strip() and not is_ditto(over):
                said = f"“{raw_text(cell).strip()}”" if ditto else "空白"
                table.filled.setdefault(number, {})[column] = Filled(raw_text(cell), said)
                cells[column] = over
        table.rows[number] = above = cells


def read_tables(
    sheets: Iterable[Sheet], fields: Sequence[Field], overrides: Mapping[str, str] | None = None
) -> tuple[list[Table], list[str]]:
    """The tables, and in Chinese what else is to be known of the sheets. A table without a required column has no `rows` but
    counts them in `unread`, so that its headings can be mapped; so has a sheet without any known heading where no other one
    can be read. Raises SheetError where nothing looks like a table."""
    tables, problems, strange = list[Table](), list[str](), list[Sheet]()
    hidden = list[Table]()
    for sheet in sheets:
        if not sheet.rows:
            continue
        if sheet.hidden and not (overrides or {}).get(HIDDEN_SHEETS):
            problems.append(f"工作表“{sheet.name}”是隐藏的，未读取")
            hidden.append(leave_out(Table(sheet.name, [], (), [], HeadingMap(), lines=len(sheet.rows)), HIDDEN_SHEETS))
            continue
        found = find_tables(sheet, fields, overrides)
        strange += [] if found else [sheet]
        for table in found:
            if table.mapping.missing:
                problems.append(f"工作表“{sheet.name}”缺少“{'、'.join(table.mapping.missing)}”列，未读取")
                leave_out(table, f"缺少“{'、'.join(table.mapping.missing)}”列")
        tables += found
        problems += _unseen(sheet, found[0]) if found else []
    guess = not any(table.rows or not table.mapping.missing for table in tables)
    for sheet in strange:
        problems.append(f"工作表“{sheet.name}”里没有找到表头，未读取")
        headings = _guessed(sheet) if guess else None
        table = headings or Table(sheet.name, [], (), [], HeadingMap(), lines=len(sheet.rows))
        if headings:
            table.mapping = map_headings(table.headings, fields, overrides)
        tables.append(leave_out(table, NO_HEADING))
    if not any(table.headings for table in tables):
        raise SheetError("；".join(problems) or "文件无法读取：表格是空的", "no_table")
    return tables + hidden, problems


def leave_out(table: Table, why: str) -> Table:
    """Read nothing of a table, and say why."""
    table.why, table.unread = why, table.lines
    table.rows, table.skipped, table.filled, table.unused = {}, {}, {}, {}
    return table


def _guessed(sheet: Sheet) -> Table | None:
    """The first of the widest rows of words near the top may be a heading that nobody knows."""
    widths = {
        number: len([cell for cell in cells if isinstance(cell, str) and cell.strip()])
        for number, cells in list(sheet.rows.items())[:_GUESSED_ROWS]
    }
    first = max(widths, key=lambda number: widths[number])
    if widths[first] < _LEAST_HEADINGS:
        return None
    below = sum(number > first for number in sheet.rows)
    return Table(sheet.name, [], (first,), _join_headings([sheet.rows[first]]), HeadingMap(), lines=below)


def _unseen(sheet: Sheet, table: Table) -> list[str]:
    """What was read although the user does not see it, and what was filled in."""
    said = []
    if rows := [number for number in sheet.hidden_rows if number in table.rows]:
        said.append(f"工作表“{sheet.name}”第{_spans(rows)}行被筛选或隐藏，已一并读取")
    headings = [table.headings[column] for column in sheet.hidden_columns if column < len(table.headings)]
    if shown := [heading for heading in headings if heading]:
        said.append(f"工作表“{sheet.name}”的“{'、'.join(shown)}”列是隐藏的，已一并读取")
    first = table.header_rows[-1]
    if merged := sum(bottom > top > first for top, _, bottom, _ in sheet.merged):
        said.append(f"工作表“{sheet.name}”有 {merged} 处上下合并的单元格，每一行都按合并的内容读取")
    return said


def _spans(numbers: list[int]) -> str:
    """3, 4, 5, 9 as 3–5、9."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    return "、".join("–".join(map(str, span)) for span in spans)


def fill_merged(sheet: Sheet) -> dict[int, list[Cell]]:
    """Rows with the value of each merged range in every one of its cells; ranges are clamped to rows that exist."""
    if not sheet.merged or not sheet.rows:
        return sheet.rows
    rows = {number: list(row) for number, row in sheet.rows.items()}
    lowest, width = max(rows), max(map(len, rows.values()))
    budget = _MERGE_BUDGET
    for top, left, bottom, right in sheet.merged:
        bottom, right = min(bottom, lowest), min(right, width - 1)
        budget -= max(0, bottom - top + 1) * max(1, right - left + 1)
        if budget < 0:
            raise SheetError("文件无法读取：合并单元格范围过大，请取消合并后再上传", "size")
        corner = sheet.rows.get(top, [])
        value = corner[left] if left < len(corner) else None
        if value is None:
            continue
        for number in range(top, bottom + 1):
            if number in rows:
                row = rows[number]
                row.extend([None] * (right + 1 - len(row)))
                row[left : right + 1] = [value] * (right + 1 - left)
    return rows


def _find_header(
    name: str, rows: dict[int, list[Cell]], fields: Sequence[Field], overrides: Mapping[str, str] | None
) -> Table | None:
    """Try each of the first rows alone and with one or two below it; the most fields win, then rows that belong together.
    They do when cells are merged over them or when the upper ones name fields that the lower ones do not."""

    def candidate(*span: int) -> Table:
        headings = _join_headings([rows[number] for number in span])
        return Table(name, [], span, headings, map_headings(headings, fields, overrides))

    best, best_score = None, (1, 0)
    for number in list(rows)[:_SEARCHED_ROWS]:
        options = [(candidate(number), 0)]
        for last in (number + 1, number + 2):
            if last not in rows:
                break
            both, stacked = candidate(*range(number, last + 1)), _is_stacked(rows[last - 1], rows[last])
            below = max(candidate(*range(start, last + 1)).mapping.known for start in range(number + 1, last + 1))
            if not (stacked or both.mapping.known > below):
                break
            options.append((both, (last - number) * stacked))
        for table, levels in options:
            score = (table.mapping.known, levels)
            if score > best_score:
                best, best_score = table, score
    return best


def _is_stacked(upper: list[Cell], lower: list[Cell]) -> bool:
    return any(above is not None and above == below for above, below in zip(upper, lower, strict=False))


def _join_headings(levels: list[list[Cell]]) -> list[str]:
    """One text per column. A blank upper cell takes the one on its left when there is something below it."""
    width = max(map(len, levels))
    texts = [[" ".join(raw_text(cell).split()) for cell in row] + [""] * (width - len(row)) for row in levels]
    for level, row in enumerate(texts[:-1]):
        for column in range(1, width):
            below = any(lower[column] for lower in texts[level + 1 :])
            same = all(upper[column] == upper[column - 1] for upper in texts[:level])
            if not row[column] and below and same:
                row[column] = row[column - 1]
    return ["/".join(dict.fromkeys(text for text in column if text)) for column in zip(*texts, strict=True)]


def _skip_reason(raw: list[Cell], table: Table, needed: Sequence[int]) -> str:
    """Why a row below the heading is no record, or ''. It is judged as written, before merged cells are filled in. What has all that a
    record needs, which is more than one thing, is one: 补偿款合计3000元 may be what a dispute is about."""
    said = (text for cell in raw if cell is not None and (text := tidy(raw_text(cell))))
    first = list(islice(said, 3))
    if not first:
        return BLANK
    compact = ["".join(text.split()) for text in first]
    if any("计" in text and _SUBTOTAL.fullmatch(text) for text in compact) and _is_sum(raw, table, needed):
        return SUBTOTAL
    if (_NOTE.fullmatch(compact[0]) and not _is_whole(raw, needed)) or (len(first) == 1 and len(first[0]) > _LONE_TEXT):
        return NOTE
    if not any(raw_text(raw[column]).strip() for column in table.mapping.columns.values() if column < len(raw)):
        return BLANK
    if first == ["1", "2", "3"] and all(text == str(number) for number, text in enumerate(said, 4)):
        return NUMBERING
    return HEADING if _repeats_heading(raw, table) else ""


def _is_whole(raw: list[Cell], needed: Sequence[int]) -> bool:
    """Whether a row has all of what a record needs, where that is more than one thing: no note that is merged over all columns."""
    texts = {tidy(raw_text(raw[column])) if column < len(raw) else "" for column in needed}
    return len(texts) > 1 and "" not in texts


def _is_sum(raw: list[Cell], table: Table, needed: Sequence[int]) -> bool:
    """Whether a row with a word of sums says little beside it."""
    mapped = (raw_text(raw[column]).strip() for column in table.mapping.columns.values() if column < len(raw))
    words = sum(bool(text) and not _COUNT.fullmatch(text) for text in mapped)
    return words <= _FEW_WORDS and not _is_whole(raw, needed)


def _repeats_heading(raw: list[Cell], table: Table) -> bool:
    """At least two cells say again what stands above them, as after each printed page."""
    echoes = 0
    for column in table.mapping.columns.values():
        cell = raw[column] if column < len(raw) else None
        if isinstance(cell, str) and cell[:1] in table.headings[column]:
            echoes += " ".join(cell.split()) in table.headings[column].split("/")
    return echoes >= 2
