"""Read a household roster (花名册) of one or many villages and judge every row of it (missions M01, M39)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from governance.sheets.cells import CLEAN, LOOK, REFUSE, Cleaned, raw_text, tidy
from governance.sheets.headings import heading_key
from governance.sheets.households import check_duplicates, check_households
from governance.sheets.limits import Limits
from governance.sheets.persons import birth_of, sex_of
from governance.sheets.reader import Cell, read_workbook
from governance.sheets.remarks import GONE, flag_gone
from governance.sheets.roster_fields import ROSTER_FIELDS
from governance.sheets.rows import ReadSheets, RowResult, Value, clean_row
from governance.sheets.tables import Table, read_tables
from governance.sheets.villagenames import NO_VILLAGE, VillageNames
from governance.sheets.words import HEAD, RELATIONS, STATUSES

_YEARS = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_HOUSEHOLD = ("household_no", "head_name", "address", "kind")


def read_roster(
    source: str | Path | bytes,
    filename: str,
    villages: Iterable[tuple[str, str]],
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    towns: Sequence[str] = (),
) -> ReadSheets:
    """Read a roster and judge it row by row: one row per person, `values` hold every key of ROSTER_FIELDS and
    `village_code`. `villages`: (12-digit code, official name); `towns` as in `VillageNames`; `overrides`: heading → field key, or ''
    for a column to leave out. Raises SheetError when the file cannot be read or holds no roster."""
    names = VillageNames(villages, towns)
    result = ReadSheets()
    result.tables, result.problems = read_tables(read_workbook(source, filename, limits), ROSTER_FIELDS, overrides)
    for table in result.tables:
        result.rows += _read_table(table, names)
    check_duplicates(result.rows)
    check_households(result.rows)
    return result


def _read_table(table: Table, names: VillageNames) -> list[RowResult]:
    """Rows of one sheet; where neither 户号 nor 户主 is a column, people belong to the head written above them."""
    code = names.of_table(table)
    rows: list[RowResult] = []
    above: list[Cell] | None = None
    nameless = not table.mapping.columns.keys() & {"household_no", "head_name"}
    head_name: Value = None
    heads_only = nameless and _lists_heads(table)
    for number, cells in table.rows.items():
        filled = _fill_down(cells, above, table.mapping.columns) if above else []
        row, cleaned = clean_row(table, number, cells, ROSTER_FIELDS)
        for key in filled:
            row.flag(key, CLEAN, f"空白，沿用上一行的“{row.before(key)}”", before="")
        if row.values["relation"] == HEAD:
            head_name = row.values["name"]
        if nameless:
            row.values["head_name"] = row.values["name"] if heads_only else head_name
        _settle_village(row, code, names)
        _keep_asides(row, cleaned)
        if row.values["status"] not in GONE:
            flag_gone(row, table)
        _settle_person(row)
        rows.append(row)
        above = cells
    return rows


def _lists_heads(table: Table) -> bool:
    """A list of heads alone, whose names stand under 户主."""
    columns = table.mapping.columns
    return "relation" not in columns and "name" in columns and heading_key(table.headings[columns["name"]]).startswith(HEAD)


def _fill_down(cells: list[Cell], above: list[Cell], columns: dict[str, int]) -> list[str]:
    """Fill cells that the village left out because the line above says them; return the fields that were filled."""
    filled = [key for key in _HOUSEHOLD if not _said(cells, columns, key) and _said(above, columns, key)]
    if not filled or _is_head(cells, columns) or not _same_household(cells, above, columns):
        return []
    for key in filled:
        cells[columns[key]] = above[columns[key]]
    return filled


def _said(cells: list[Cell], columns: dict[str, int], key: str) -> str:
    return raw_text(cells[columns[key]]).strip() if key in columns else ""


def _is_head(cells: list[Cell], columns: dict[str, int]) -> bool:
    return RELATIONS.get(_said(cells, columns, "relation")) == HEAD


def _same_household(cells: list[Cell], above: list[Cell], columns: dict[str, int]) -> bool:
    """Neither the household number nor the head's name, as far as they are written, says another household."""
    pairs = [(_said(cells, columns, key), _said(above, columns, key)) for key in ("household_no", "head_name")]
    return all(not mine or mine == theirs for mine, theirs in pairs)


def _settle_village(row: RowResult, sheet_code: str | None, names: VillageNames) -> None:
    written = row.values["village"]
    code = names.find(str(written)) if written else sheet_code
    row.values["village_code"] = code
    if code is None:
        reason = f"“{written}”不在本镇的村（社区）名单里" if written else NO_VILLAGE
        row.flag("village", REFUSE, reason)


def _keep_asides(row: RowResult, cleaned: dict[str, Cleaned]) -> None:
    """What was cut out of a name becomes the status if it is one, else a note, like further phone numbers."""
    notes = [str(row.values["note"])] if row.values["note"] else []
    aside = cleaned["name"].aside
    if aside in STATUSES and not row.values["status"]:
        row.values["status"] = STATUSES[aside]
    elif aside:
        notes.append(aside)
    if "phone" in cleaned and (other := cleaned["phone"].aside):
        notes.append(f"{'其他电话' if other[0].isdigit() else '电话注明'}：{other}")
    row.values["note"] = "；".join(notes) or None


def _settle_person(row: RowResult) -> None:
    values = row.values
    if not values["name"]:
        row.settle("name", None, REFUSE, "没有姓名")
    if not values["household_no"] and not values["head_name"]:
        row.flag("household_no", REFUSE, "没有户号也没有户主姓名，不知道归哪一户")
    if "relation" in row.columns and not values["relation"] and values["name"] != values["head_name"]:
        row.flag("relation", LOOK, "没有填与户主关系")
    if not values["relation"] and values["name"] and values["name"] == values["head_name"]:
        row.settle("relation", HEAD, CLEAN, "姓名与户主姓名相同，认作户主")
    if number := values["id_number"]:
        _settle_sex(row, sex_of(str(number)))
        _settle_birth(row, str(number))
    elif "id_number" in row.columns and not row.before("id_number").strip():
        row.flag("id_number", LOOK, "没有身份证号")


def _settle_sex(row: RowResult, sex: str) -> None:
    written = row.values["sex"]
    if written is None:
        row.settle("sex", sex, CLEAN, f"由身份证号得出“{sex}”")
    elif written != sex:
        row.settle("sex", written, LOOK, f"性别写的是“{written}”，身份证号是“{sex}”")


def _settle_birth(row: RowResult, number: str) -> None:
    """The number is proven by its checksum, so its day completes a missing or month-only birth date."""
    birth = birth_of(number)
    assert birth is not None
    written = row.values["birth_date"]
    vague = any(issue.field == "birth_date" and issue.level == LOOK for issue in row.issues)
    other = [year for year in _YEARS.findall(tidy(row.before("birth_date"))) if int(year) != birth.year]
    if written is None and other:
        row.flag("birth_date", LOOK, f"出生日期里的{other[0]}年与身份证号（{birth}）不一致")
    elif written is None:
        row.settle("birth_date", birth, CLEAN, f"由身份证号得出 {birth}")
    elif vague and str(written)[:7] == str(birth)[:7]:
        row.settle("birth_date", birth, CLEAN, f"只有年月，日取自身份证号：{birth}")
    elif written != birth:
        row.settle("birth_date", written, LOOK, f"出生日期与身份证号（{birth}）不一致")
