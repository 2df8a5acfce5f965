"""Read a list of 一长四员 as villages keep it: a row for each settlement with a column for each duty, or a row for each person."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from governance.sheets.accounts import DUTIES, clean_duty
from governance.sheets.cells import CLEAN, LOOK, REFUSE, Cleaned, clean_compact, clean_text, raw_text, tidy
from governance.sheets.dates import clean_date
from governance.sheets.headings import Field
from governance.sheets.limits import Limits
from governance.sheets.persons import clean_name
from governance.sheets.reader import Cell, read_workbook
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.tables import Table, read_tables
from governance.sheets.villagenames import NO_VILLAGE, VillageNames
from governance.sheets.yardnames import GROUP_CODE, VILLAGE_CODE, YardNames

YARD_DUTIES = ("yard_head", "publicist", "mediator", "sanitation", "informant")
PERSONS = (*YARD_DUTIES, "name")
NOBODY = "没有写任何人"
_VACANT = frozenset(("空缺", "缺", "暂缺", "暂无", "待定", "待选", "未定"))


def clean_officer(cell: Cell) -> Cleaned:
    """A name; nothing where the sheet says that nobody holds the post."""
    text = "".join(tidy(raw_text(cell)).split())
    return Cleaned(None, CLEAN, f"“{text}”按没有人处理") if text in _VACANT else clean_name(cell)


OFFICER_FIELDS = (
    Field("village", "村（社区）", "村 村名 村社区 所属村 行政村 社区 村居", clean_text, carries=True),
    Field("group", "村民小组", "村民小组 组 小组 组别 所在组", clean_text, carries=True),
    Field(
        "settlement", "聚居点（院落）", "聚居点 院落 聚居点院落 院户 院落名称 聚居点名称 院户名称 所在院落", clean_text,
        required=True, carries=True,
    ),
    Field("yard_head", "院户长", "院户长 院户长姓名", clean_officer),
    Field("publicist", "政策宣传员", "政策宣传员 政策宣传员姓名 宣传员 宣传员姓名", clean_officer),
    Field("mediator", "矛盾纠纷调解员", "矛盾纠纷调解员 矛盾纠纷调解员姓名 纠纷调解员 调解员 调解员姓名", clean_officer),
    Field("sanitation", "环境卫生监督员", "环境卫生监督员 环境卫生监督员姓名 卫生监督员 卫生监督员姓名 环境监督员", clean_officer),
    Field("informant", "社情民意信息员", "社情民意信息员 社情民意信息员姓名 信息员 信息员姓名 民意信息员", clean_officer),
    Field("name", "姓名", "姓名 名字 人员姓名", clean_officer),
    Field("duty", "职务", "职务 岗位 担任职务", clean_duty),
    Field("household_no", "户号", "户号 户编号", clean_compact),
    Field("appointed_on", "聘任日期", "聘任日期 聘任时间 任职时间 任职日期", clean_date),
    Field("term_end", "任期至", "任期至 任期止 任期截止 任期结束 任期到期", clean_date),
)  # fmt: skip


def read_officers(
    source: str | Path | bytes,
    filename: str,
    units: Iterable[tuple[str, str]],
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    towns: Sequence[str] = (),
) -> ReadSheets:
    """Read a list person by person: one row for each name of a sheet's row, with its `name`, its `duty` in the matrix's word,
    `column` (the field whose cell names the person), `village_code` and `yard_code`. `units`: (code, name) of the township's
    villages, groups and settlements; `towns` as in VillageNames. Raises SheetError."""
    given = list(units)
    villages, yards = VillageNames((unit for unit in given if len(unit[0]) == VILLAGE_CODE), towns), YardNames(given)
    result = ReadSheets()
    result.tables, result.problems = read_tables(read_workbook(source, filename, limits), OFFICER_FIELDS, overrides)
    for table in result.tables:
        for number, cells in table.rows.items():
            row, _ = clean_row(table, number, cells, OFFICER_FIELDS)
            people = list(_people(row, villages, yards, table))
            result.rows += people
            if people:
                table.lines += len(people) - 1
            else:
                table.skipped[number] = NOBODY
    return result


def _people(row: RowResult, villages: VillageNames, yards: YardNames, table: Table) -> Iterator[RowResult]:
    """The row once for each person in it, with the issues of that person's cell only."""
    grave = {issue.field for issue in row.issues if issue.level in (LOOK, REFUSE)}
    keys = [key for key in PERSONS if row.values[key] or key in grave]
    for key in keys:
        issues = [issue for issue in row.issues if _owner(issue.field, keys) in ("", key)]
        one = replace(row, values=dict(row.values), issues=issues)
        one.values["column"], one.values["name"] = key, row.values[key]
        one.values["duty"] = row.values["duty"] if key == "name" else key
        _settle_place(one, villages, yards, table)
        _settle_duty(one)
        yield one


def _owner(key: str, keys: list[str]) -> str:
    """Whose row an issue about a field goes to; "" for everybody's."""
    if key not in (*PERSONS, "duty"):
        return ""
    own = "name" if key == "duty" else key
    return own if own in keys else keys[0]


def _settle_place(row: RowResult, villages: VillageNames, yards: YardNames, table: Table) -> None:
    written, group, yard = (str(row.values[key] or "") for key in ("village", "group", "settlement"))
    village = villages.find(written) if written else villages.of_table(table)
    code = yards.find(village, f"{group} {yard}") or yards.find(village, yard) if village and yard else None
    if village and code and len(code) == GROUP_CODE:
        code = yards.only(village, yard)
    if village and not yard and group:
        code = yards.only(village, group)
    if code is None and yard and not written:
        code = yards.find_whole(yard)
    row.values["village_code"] = village = code[:VILLAGE_CODE] if code else village
    row.values["yard_code"] = code
    if village is None:
        said = f"“{written}”不在本镇的村（社区）名单里" if written else NO_VILLAGE
        row.flag("village", REFUSE, said)
    elif code is None:
        row.flag("settlement", REFUSE, f"本村没有聚居点（院落）“{yard}”，请先在单位里补上" if yard else "看不出是哪个聚居点（院落）")


def _settle_duty(row: RowResult) -> None:
    if row.values["duty"] not in YARD_DUTIES:
        written = row.before("duty")
        known = DUTIES.get("".join(tidy(written).split()))
        said = f"“{written}”不是一长四员的职务" if known else f"不认识的职务“{written}”" if written else "没有职务"
        row.settle("duty", None, REFUSE, said)
    if row.values["name"] is None:
        row.flag("name", REFUSE, "没有看得懂的姓名")
    for key, label in (("appointed_on", "聘任日期"), ("term_end", "任期")):
        if any(issue.field == key and issue.level == REFUSE for issue in row.issues):
            row.settle(key, None, LOOK, f"看不懂的{label}“{row.before(key)}”，未采用")
    start, end = row.values["appointed_on"], row.values["term_end"]
    if isinstance(start, dt.date) and isinstance(end, dt.date) and end < start:
        row.settle("term_end", None, LOOK, f"任期至 {end} 早于聘任日期，未采用")
