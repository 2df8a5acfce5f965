"""Read a list of those who get an account, with the duties that are proposed for them (missions M01, M03)."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from governance.sheets.cells import EMPTY, LOOK, REFUSE, Cleaned, clean_compact, clean_phone, clean_text, raw_text, tidy
from governance.sheets.dates import clean_date
from governance.sheets.headings import Field
from governance.sheets.limits import Limits
from governance.sheets.persons import clean_name
from governance.sheets.reader import Cell, read_workbook
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.tables import Table, read_tables
from governance.sheets.villagenames import VillageNames
from governance.sheets.yardnames import VILLAGE_CODE, YardNames

_SPELLINGS = {
    "staff": "镇工作人员 乡镇工作人员 镇干部 乡镇干部 经办人",
    "leader": "镇领导 乡镇领导 党委书记 镇党委书记 镇长 副镇长 党委副书记 分管领导",
    "supervisor": "督查员 督查人员",
    "secretary": "村党组织书记 村书记 村支书 村支部书记 村党支部书记 村党总支书记 社区书记 社区党支部书记 社区党总支书记 党支部书记",
    "cadre": "村“两委”干部 村两委干部 两委干部 村干部 社区干部 村主任 村委会主任 村副主任 村文书 文书 村委会委员 社区主任",
    "overseer": "村务监督委员会成员 监督委员会成员 村务监督委员会主任 监委会主任 监委会成员",
    "group_head": "村民小组长 小组长 组长 社长",
    "yard_head": "院户长",
    "publicist": "政策宣传员 宣传员",
    "mediator": "矛盾纠纷调解员 调解员 纠纷调解员",
    "sanitation": "环境卫生监督员 卫生监督员 环境监督员",
    "informant": "社情民意信息员 信息员 民意信息员",
    "child_head": "儿童主任",
    "child_town": "儿童督导员",
    "volunteer": "志愿者",
    "system": "系统管理员",
    "security": "安全管理员",
    "audit": "审计员 审计管理员",
}
DUTIES = {word: duty for duty, words in _SPELLINGS.items() for word in words.split()}
GUARDS = ("system", "security", "audit")
LOW_DUTIES = ("group_head", "yard_head", "publicist", "mediator", "sanitation", "informant")
TOWN_CODE = 9
_LOGIN = re.compile(r"[\w.@-]{1,32}")


def clean_duty(cell: Cell) -> Cleaned:
    """The duty's name in the matrix. The list is closed: another word, or two at once, is looked at and gives no duty."""
    text = "".join(tidy(raw_text(cell)).split()).replace('"', "")
    if not text:
        return EMPTY
    duty = DUTIES.get(text)
    return Cleaned(duty) if duty else Cleaned(None, LOOK, f"不认识的职务“{text}”，只建账号，不提职务；两个职务请分两行写")


def clean_login(cell: Cell) -> Cleaned:
    cleaned = clean_compact(cell)
    if cleaned.value and not _LOGIN.fullmatch(str(cleaned.value)):
        return Cleaned(None, REFUSE, "登录名只能用字母、数字、汉字和 . @ - _，最多32个字")
    return cleaned


ACCOUNT_FIELDS = (
    Field("name", "姓名", "姓名 名字 人员姓名", clean_name, required=True),
    Field("phone", "电话", "电话 联系电话 手机 手机号 手机号码 电话号码 联系方式", clean_phone),
    Field("duty", "职务", "职务 岗位 担任职务 身份", clean_duty),
    Field("unit", "单位", "单位 所在单位 工作单位 村 村社区 村（社区） 所属村 任职单位", clean_text),
    Field("term_end", "任期至", "任期至 任期止 任期截止 任期结束 任期到期", clean_date),
    Field("username", "登录名", "登录名 账号 用户名", clean_login),
)


class UpperNames:
    """Counties, townships and villages of one house; a village's name may have its township's before it."""

    def __init__(self, units: Iterable[tuple[str, str]]) -> None:
        given = list(units)
        self._all, self._towns = VillageNames(given), {}
        for code, name in given:
            if code.endswith("000") and not code.endswith("000000"):
                villages = [unit for unit in given if unit[0][:TOWN_CODE] == code[:TOWN_CODE] and unit[0] != code]
                self._towns[name] = VillageNames(villages, (name,))

    def find(self, text: str) -> str | None:
        """The 12-digit code that `text` names, None where nothing or more than one unit answers to it."""
        in_town = {names.find(text) for town, names in self._towns.items() if town in text}
        return self._all.find(text) or next(iter(in_town - {None}), None)


def read_accounts(
    source: str | Path | bytes,
    filename: str,
    units: Iterable[tuple[str, str]],
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> ReadSheets:
    """Read a list row by row: `values` hold every key of ACCOUNT_FIELDS, `duty` in the matrix's word, and `unit_code`.
    `units`: (code, name) of all units that stand. Raises SheetError."""
    given = list(units)
    upper, lower = UpperNames(unit for unit in given if len(unit[0]) == VILLAGE_CODE), YardNames(given)
    result = ReadSheets()
    result.tables, result.problems = read_tables(read_workbook(source, filename, limits), ACCOUNT_FIELDS, overrides)
    for table in result.tables:
        result.rows += [_read_row(table, number, cells, upper, lower) for number, cells in table.rows.items()]
    return result


def _read_row(table: Table, number: int, cells: list[Cell], upper: UpperNames, lower: YardNames) -> RowResult:
    row, _ = clean_row(table, number, cells, ACCOUNT_FIELDS)
    if not row.values["name"]:
        row.settle("name", None, REFUSE, "没有姓名")
    row.values["unit_code"] = None
    duty, written = row.values["duty"], str(row.values["unit"] or "")
    if duty in GUARDS or not duty:
        return row
    code = lower.find_whole(written) if duty in LOW_DUTIES else upper.find(written)
    row.values["unit_code"] = code
    if code is None:
        said = f"看不出“{written}”是哪个单位" if written else "没有写单位"
        row.flag("unit", LOOK, f"{said}，只建账号，不提职务")
    return row
