"""Read a 特殊群体台账 as villages keep it, and judge what the sheet itself says (plan §三.2; missions M28, M39; domain.md §12)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from governance.sheets.care_words import category_of, clean_category, clean_frequency, clean_tier
from governance.sheets.cells import CLEAN, LOOK, NONE_WORDS, REFUSE, Cleaned, clean_text, tidy
from governance.sheets.dates import clean_birth, clean_day, year_of
from governance.sheets.headings import Field
from governance.sheets.ledger_rows import settle_village, settle_year
from governance.sheets.limits import Limits
from governance.sheets.persons import birth_of, clean_id_number
from governance.sheets.places import VILLAGE, clean_sought_name
from governance.sheets.reader import Cell, read_workbook
from governance.sheets.remarks import flag_gone
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.tables import Table, read_tables
from governance.sheets.villagenames import VillageNames

_WELL = NONE_WORDS | {"正常", "良好", "平安", "一切正常", "未发现", "未发现问题", "无问题", "没有问题", "无异常", "身体良好", "情况良好"}


def clean_said(cell: Cell) -> Cleaned:
    """Free text; 无 says nothing."""
    cleaned = clean_text(cell)
    return Cleaned(None, CLEAN, f"“{cleaned.value}”按没有处理") if cleaned.value in NONE_WORDS else cleaned


def clean_problem(cell: Cell) -> Cleaned:
    """What was found, nothing where all was well."""
    cleaned = clean_text(cell)
    if str(cleaned.value).rstrip("。.！!") in _WELL:
        return Cleaned(None, CLEAN, f"“{cleaned.value}”按没有发现问题处理")
    return cleaned


CARE_FIELDS = (
    VILLAGE,
    Field("name", "姓名", "姓名 对象姓名 关爱对象 服务对象 老人姓名 儿童姓名 救助对象 帮扶对象 名字", clean_sought_name, required=True),
    Field("id_number", "身份证号", "身份证号 身份证号码 公民身份证号码 公民身份号码 身份证 证件号码", clean_id_number),
    Field("born", "出生日期", "出生日期 出生年月 出生年月日 生日", clean_birth),
    Field("category", "类别", "类别 人员类别 对象类别 群体类别 特殊群体类别 救助原因 困难类型 困难类别 类型", clean_category),
    Field("tier", "等级", "等级 关注程度 关爱等级 探访等级 关注等级 风险等级 级别", clean_tier),
    Field("frequency", "探访频次", "探访频次 走访频次 探访次数 频次", clean_frequency),
    Field("state", "在册状态", "状态 在册状态 当前状态 人员状态 退出日期 退出时间 退出原因 退出情况", clean_said),
    Field("health", "病情", "身体情况 身体状况 健康状况 健康情况 病情 患病情况 疾病名称 病种", clean_said),
    Field("disability", "残疾", "残疾类别 残疾类型 残疾情况", clean_said),
    Field("disability_level", "残疾等级", "残疾等级 残疾级别", clean_said),
    Field(
        "guardian",
        "监护（赡养）人",
        "监护人 监护人姓名 委托监护人姓名 委托监护人 赡养人 赡养人姓名 家属姓名 家属 监护/姓名",
        clean_said,
    ),
    Field("guardian_relation", "监护人关系", "与被监护人关系 监护人关系 监护关系 与监护人关系", clean_said),
    Field(
        "guardian_phone",
        "监护人电话",
        "监护人电话 监护人联系电话 监护人联系方式 委托监护人联系电话 赡养人电话 家属电话 家属联系电话",
        clean_said,
    ),
    Field("helper", "结对帮扶人", "结对帮扶人 帮扶人 结对人 帮扶责任人 结对帮扶人姓名 包保人 探访人 帮扶干部", clean_sought_name),
    Field("needs", "需要什么", "需要什么 需求 主要需求 帮扶需求 服务需求 生活需求", clean_said),
    Field("last_on", "最近探访", "最近探访 最近探访日期 最近探访时间 上次探访 探访日期 探访时间 最近走访 走访日期 走访时间", clean_day),
    Field("found", "发现问题", "发现问题 发现的问题 存在问题", clean_problem),
    Field("seen", "探访情况", "探访情况 走访情况 看望情况 探访记录", clean_said),
    Field("done", "处理结果", "处理结果 处理情况 救助帮扶情况 帮扶情况 解决情况", clean_said),
    Field("note", "备注", "备注 说明", clean_said),
)
_STANDING = frozenset(["在册", "正常", "在管", "在家", "健在", "在村", "是", "在"])
_OUT = re.compile(r"\d{4}-\d{2}-\d{2} ?退出：")  # as the house's own export says it
_ENDED = re.compile(r"(?<![未没])(?:已退出|退出|停保|已终止|已取消|不再享受|已脱困)")


def read_care(
    source: str | Path | bytes,
    filename: str,
    villages: Iterable[tuple[str, str]],
    today: dt.date,
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    towns: Sequence[str] = (),
) -> ReadSheets:
    """Read a ledger row by row: `values` hold every key of CARE_FIELDS, `village_code`, `also` (what else a cell of the category
    says), `left` (是 where the ledger says that the person left it). `villages`: (12-digit code, official name); with a single one
    the sheet need not name it. `towns`: as of `VillageNames`. Raises SheetError when the file holds no ledger."""
    names, result = VillageNames(villages, towns), ReadSheets()
    result.tables, result.problems = read_tables(read_workbook(source, filename, limits), CARE_FIELDS, overrides)
    for table in result.tables:
        result.rows += [_read_row(table, number, cells, names, today) for number, cells in table.rows.items()]
    return result


def _read_row(table: Table, number: int, cells: list[Cell], names: VillageNames, today: dt.date) -> RowResult:
    row, cleaned = clean_row(table, number, cells, CARE_FIELDS)
    settle_village(row, table, names)
    if not row.values["name"]:
        row.settle("name", None, REFUSE, "没有姓名")
    row.values["also"] = cleaned["category"].aside if "category" in cleaned else None
    if row.values["category"] is None:
        said = category_of(table)
        row.settle("category", said, CLEAN if said else LOOK, f"按表名写成“{said}”" if said else "没有类别")
    row.values["tier"] = row.values["tier"] or row.values["frequency"]
    _settle_visit(row, table, today)
    _judge_birth(row)
    _flag_left(row, table)
    return row


def _settle_visit(row: RowResult, table: Table, today: dt.date) -> None:
    """A day that is not sure is no contact; the person stays."""
    settle_year(row, "last_on", year_of(table))
    day = row.values["last_on"]
    levels = [issue.level for issue in row.issues if issue.field == "last_on"]
    if row.before("last_on").strip() and (not isinstance(day, dt.date) or LOOK in levels or REFUSE in levels):
        reasons = "；".join(issue.reason for issue in row.issues if issue.field == "last_on")
        row.settle("last_on", None, LOOK, f"{reasons or '看不出是哪一天'}，探访日期未采用")
    elif isinstance(day, dt.date) and day > today:
        row.settle("last_on", None, LOOK, f"探访日期 {day} 晚于今天，未采用")


def _judge_birth(row: RowResult) -> None:
    number, born = row.values["id_number"], row.values["born"]
    sure = not any(issue.field == "born" and issue.level == LOOK for issue in row.issues)
    if number and isinstance(born, dt.date) and sure and birth_of(str(number)) != born:
        row.flag("born", LOOK, f"出生日期 {born} 与身份证号不一致，按身份证号找人")


def _flag_left(row: RowResult, table: Table) -> None:
    """Who has left the ledger, moved away or died should not come in as somebody in care."""
    flag_gone(row, table, ("note", "found", "seen", "done"))
    row.values["left"] = None
    state = "".join(tidy(str(row.values["state"] or "")).split())
    if state and state not in _STANDING:
        row.flag("state", LOOK, f"台账写着“{state[:30]}”，已退出的不再纳入，请核对")
        row.values["left"] = "是"
    if _OUT.match(str(row.values["note"] or "")):
        row.flag("note", LOOK, "备注写着已退出，已退出的不再纳入")
        row.values["left"] = "是"
    elif found := _ENDED.search(str(row.values["note"] or "")):
        row.flag("note", LOOK, f"备注写着“{found[0]}”，可能已退出，请核对")
