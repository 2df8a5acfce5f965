"""Read lists of administrative units as they are published or pasted, and lists of groups and settlements (missions M01, M39)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO

from governance.sheets.cards import CHARS, sheet_of_text, text_of_rows
from governance.sheets.cells import REFUSE, clean_compact, clean_text, raw_text, tidy
from governance.sheets.dates import clean_date
from governance.sheets.headings import Field
from governance.sheets.limits import Limits, SheetError
from governance.sheets.reader import Cell, Sheet, read_workbook
from governance.sheets.roster_fields import ROSTER_FIELDS, clean_group
from governance.sheets.tables import BLANK, Table, fill_merged, find_table
from governance.sheets.villagenames import VillageNames

UNIT_FIELDS = (
    Field("code", "代码", "代码 统计用区划代码 区划代码 行政区划代码 单位代码 村代码 编码 code", clean_compact, required=True),
    Field("name", "名称", "名称 单位名称 村名 村名称 村（社区）名称 区划名称 村社区 name", clean_compact, required=True),
    Field("remark", "备注", "备注 说明 状态 变更情况 status", clean_text),
    Field("valid_from", "设立日期", "设立日期 设立时间 成立时间 成立日期", clean_date),
    Field("valid_to", "撤销日期", "撤销日期 撤销时间 撤并时间 撤并日期", clean_date),
    Field("successor", "并入单位", "并入单位 并入 并入村 并入村社区 后继单位 合并后村名", clean_compact),
)
IGNORED = {"城乡分类代码", "类型", "级别", "上级代码", "序号", "level", "parent_code", "category"}
PLACE_FIELDS = tuple(item for item in ROSTER_FIELDS if item.key in ("village", "group", "settlement"))
NO_UNITS = "没有找到单位：每行要有 12 位代码和名称，例如“511929101201 青杠村委会”，或者带“代码”“名称”两列的表"
NO_PLACES = "没有找到聚居点：每行写“八一村 1组：柏树院、王家院”，或者用带“村”“村民小组”“聚居点”三列的表"

_CODE = re.compile(r"\d{6}|\d{9}|\d{12}|\d{15}|\d{18}")
_LINE = re.compile(r"\s*([\d０-９]{6,18})[\s,，、:：|]*(.*)")
_ENDED = re.compile(r"撤销|撤并|已并入|removed")
_IN_NAME = re.compile(r"[（(【\[]?(?:已撤销|已撤并|撤销|撤并)[）)】\]]?$")
_DAY = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}(?:\s*[-/.月]\s*\d{1,2}\s*日?|\s*月)?")
_INTO = re.compile(r"(?:并入|合并到|合并至|合并为|划归)了?([一-鿿\d]+?(?:村民委员会|居民委员会|村委会|居委会|社区|村)|\d{12})")
_PARTS = re.compile(r"[、，,;；/\s]+")
_GROUP = re.compile(r"第?(?:\d{1,3}|[一二三四五六七八九十]{1,3})(?:村民|居民)?小?[组社]")
_GROUP_AT_END = re.compile(rf"(.*?)\s*({_GROUP.pattern})")


@dataclass(frozen=True)
class ListedUnit:
    """One line of a list of units; `successor` is a code where the list has it. `fault`: why the line cannot be used."""

    line: int
    code: str
    name: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    ended: bool = False
    successor: str = ""
    fault: str = ""


@dataclass(frozen=True)
class UnitList:
    """`unknown`: headings that nothing was read from; `skipped`: rows that are no units, and why."""

    units: list[ListedUnit] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ListedPlaces:
    """One line of a list of groups and settlements: as it names the village, the group (3组, "" for none) and settlements."""

    line: int
    village: str
    group: str
    yards: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaceList:
    """As `UnitList`."""

    places: list[ListedPlaces]
    unknown: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def units_text(*, file: IO[bytes], filename: str) -> str:
    """The list of an uploaded file as it would be pasted, row numbers kept. Raises SheetError."""
    sheets = read_workbook(file.read(Limits().file_bytes + 1), filename)
    return _pasted([sheet for sheet in sheets if sheet.rows and _lines_of(sheet).units], NO_UNITS)


def read_units(text: str) -> UnitList:
    """Every line of a pasted list: a table with headings, bare columns, or code and name in a line. Raises SheetError."""
    table = sheet_of_text(text) if "\t" in text else None
    found = _lines_of(table if table and _has_headings(table) else _sheet_of_lines(text))
    if not found.units:
        raise SheetError(NO_UNITS, "no_table")
    names = VillageNames((unit.code, unit.name) for unit in found.units if not unit.ended)
    return replace(found, units=[_with_successor(unit, names) for unit in found.units])


def places_text(*, file: IO[bytes], filename: str) -> str:
    """The list of an uploaded file as it would be pasted, row numbers kept. Raises SheetError."""
    sheets = read_workbook(file.read(Limits().file_bytes + 1), filename)
    return _pasted([sheet for sheet in sheets if sheet.rows and _place_table(sheet)], NO_PLACES)


def read_places(text: str) -> PlaceList:
    """A table of 村, 村民小组 and 聚居点, or lines such as 八一村 1组：柏树院、王家院. Raises SheetError."""
    table = _place_table(sheet_of_text(text)) if "\t" in text or "," in text else None
    if table:
        found = PlaceList(_places_of_table(table), _unknown(table), _skipped(table))
    else:
        found = PlaceList([place for line in enumerate(text.splitlines(), 1) if (place := _place(*line))])
    if not found.places:
        raise SheetError(NO_PLACES, "no_table")
    return found


def _pasted(sheets: Sequence[Sheet], nothing: str) -> str:
    if not sheets:
        raise SheetError(nothing, "no_table")
    if len(sheets) > 1:
        names = "、".join(f"“{sheet.name}”" for sheet in sheets)
        raise SheetError(f"文件里有 {len(sheets)} 张这样的表（{names}），请只留一张再上传", "many")
    return text_of_rows(fill_merged(sheets[0]))


def _sheet_of_lines(text: str) -> Sheet:
    """Lines without headings: a code, then the rest, parted by tabs, commas or blanks."""
    if len(text) > CHARS:
        raise SheetError(f"粘贴的内容超过 {CHARS} 字，请分几次粘贴", "size")
    rows: dict[int, list[Cell]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        found = _LINE.fullmatch(line)
        rest = found.group(2) if found else line
        cells = [part.strip() for part in re.split(r"[,，|\t]", rest)] if re.search(r"[,，|\t]", rest) else rest.split()
        rows[number] = [*([found.group(1)] if found else []), *cells]
    return Sheet("粘贴的名单", {number: row for number, row in rows.items() if any(row)})


def _has_headings(sheet: Sheet) -> bool:
    table = find_table(sheet, UNIT_FIELDS) if sheet.rows else None
    return table is not None and not table.mapping.missing


def _lines_of(sheet: Sheet) -> UnitList:
    table = find_table(sheet, UNIT_FIELDS) if sheet.rows else None
    if table is not None and not table.mapping.missing:
        units = [_unit_of_cells(number, _cells_by_key(table, row)) for number, row in table.rows.items()]
        return UnitList(units, _unknown(table), _skipped(table))
    bare = {number: _bare(row) for number, row in fill_merged(sheet).items()}
    first = next((number for number, cells in bare.items() if cells.get("code")), None)
    rows = {number: cells for number, cells in bare.items() if first is not None and number >= first}
    titles = [f"第 {number} 行（标题）" for number in bare if number not in rows]
    return UnitList([_unit_of_cells(number, cells) for number, cells in rows.items()], skipped=titles)


def _unknown(table: Table) -> list[str]:
    return sorted(set(table.mapping.unknown) - IGNORED)


def _skipped(table: Table) -> list[str]:
    return [f"第 {number} 行（{reason}）" for number, reason in table.skipped.items() if reason != BLANK]


def _cells_by_key(table: Table, row: Sequence[Cell]) -> dict[str, Cell]:
    return {key: row[column] for key, column in table.mapping.columns.items()}


def _bare(row: Sequence[Cell]) -> dict[str, Cell]:
    """Columns without headings: a code, the first words, and what else is said."""
    texts = [tidy(raw_text(cell)) for cell in row]
    code = next((text for text in texts if _CODE.fullmatch(text)), "")
    words = [text for text in texts if text and not text.isdecimal()]
    return {"code": code, "name": words[0] if words else "", "remark": " ".join(words[1:])}


def _unit_of_cells(number: int, cells: Mapping[str, Cell]) -> ListedUnit:
    code, name = (str(clean_compact(cells.get(key)).value or "") for key in ("code", "name"))
    remark = str(clean_text(cells.get("remark")).value or "")
    faults, days = [], {}
    for key, label in (("valid_from", "设立日期"), ("valid_to", "撤销日期")):
        cleaned = clean_date(cells.get(key))
        days[key] = cleaned.value if isinstance(cleaned.value, dt.date) else None
        if cleaned.level == REFUSE:
            faults.append(f"{label}：{cleaned.reason}")
    ended = bool(days["valid_to"] or _ENDED.search(remark) or _IN_NAME.search(name))
    if ended and days["valid_to"] is None and (said := _DAY.search(remark)):
        day = clean_date(said.group()).value
        days["valid_to"] = day if isinstance(day, dt.date) else None
    into = _INTO.search(remark)
    successor = str(clean_compact(cells.get("successor")).value or "") or (into.group(1) if into else "")
    return ListedUnit(
        number, code, _IN_NAME.sub("", name), days["valid_from"], days["valid_to"], ended, successor if ended else "", "；".join(faults)
    )


def _with_successor(unit: ListedUnit, names: VillageNames) -> ListedUnit:
    code = names.find(unit.successor) if unit.successor else None
    return replace(unit, successor=code) if code else unit


def _place_table(sheet: Sheet) -> Table | None:
    table = find_table(sheet, PLACE_FIELDS)
    return table if table is not None and "village" in table.mapping.columns else None


def _places_of_table(table: Table) -> list[ListedPlaces]:
    """Village and group stand in their first row alone, as people write them, or in every one."""
    found: list[ListedPlaces] = []
    village = group = ""
    for number, row in table.rows.items():
        cells = {key: tidy(raw_text(cell)) for key, cell in _cells_by_key(table, row).items()}
        own_group = group_name(cells.get("group", ""))
        if cells["village"]:
            village, group = cells["village"], own_group
        group = own_group or group
        found.append(ListedPlaces(number, village, group, _names(cells.get("settlement", ""))))
    return found


def _place(number: int, line: str) -> ListedPlaces | None:
    """八一村 1组：柏树院、王家院; 八一村：1组、2组 are groups."""
    line = tidy(line)
    if not line:
        return None
    head, _, rest = line.replace(":", "：").partition("：")
    if not rest:
        head, _, rest = line.partition(" ")
        if found := re.match(rf"({_GROUP.pattern})(?:\s+|$)", rest):
            head, rest = f"{head} {found.group(1)}", rest[found.end() :]
    village, group = head.strip(), ""
    if found := _GROUP_AT_END.fullmatch(village):
        village, group = found.group(1), group_name(found.group(2))
    return ListedPlaces(number, village, group, _names(rest))


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in _PARTS.split(text) if name))


def group_name(text: str) -> str:
    """第三村民小组, 第三居民小组, 三组 and 3社 are all 3组; a named group keeps its name."""
    return str(clean_group(text).value or "")


def is_group(name: str) -> bool:
    """Whether a name is that of a villagers' group: 3组, 第三村民小组, 三社."""
    return _GROUP.fullmatch(name) is not None
