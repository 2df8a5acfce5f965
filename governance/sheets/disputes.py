"""Read an existing 矛盾纠纷台账 and judge every row of it (missions M13, M39; domain.md §12)."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from governance.sheets.cells import CLEAN, EMPTY, LOOK, REFUSE, Cleaned, clean_choice, clean_text, raw_text, tidy
from governance.sheets.dates import clean_date
from governance.sheets.headings import Field
from governance.sheets.limits import Limits
from governance.sheets.reader import Cell, read_workbook
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.tables import Table, read_tables
from governance.sheets.villagenames import VillageNames

SOURCES = {
    "巡查发现": "巡查发现", "巡查": "巡查发现", "排查": "巡查发现", "群众反映": "群众反映", "群众": "群众反映", "当事人申请": "群众反映",
    "申请": "群众反映", "走访": "走访", "上级交办": "上级交办", "交办": "上级交办", "移送": "上级交办", "电话": "电话", "其他": "其他",
}  # fmt: skip
RISKS = {
    "红": "红", "红色": "红", "高": "红", "重大": "红", "高风险": "红", "黄": "黄", "黄色": "黄", "中": "黄", "较大": "黄", "中风险": "黄",
    "绿": "绿", "绿色": "绿", "低": "绿", "一般": "绿", "低风险": "绿",
}  # fmt: skip
AGREED, FAILED = "达成协议", "未达成协议"
_AGREED = re.compile(r"达成|调解成功|已?化解|和解|调结|办结|已调")
_FAILED = re.compile(r"未达成|未化解|不成|失败|未调|诉讼")
_FILED = re.compile(r"已?归档|已?结案")
_BETWEEN = re.compile(r"[、，,；;/\n]|(?<=[^、，,；;/\n]{2})[与和](?=[^、，,；;/\n]{2,4}$)")
_ROLE = re.compile(r"^(甲方|乙方|丙方|申请人|被申请人|当事人)\s*\d?\s*[:：]?")
_BRACKETS = re.compile(r"[（(][^）)]*[)）]")


def clean_parties(cell: Cell) -> Cleaned:
    """Names parted by 、, without roles and what stands in brackets: `甲方：王某（154…）；乙方：李某` → `王某、李某`."""
    text = tidy(raw_text(cell))
    if not text:
        return EMPTY
    names = [_ROLE.sub("", _BRACKETS.sub("", part).strip()).strip() for part in _BETWEEN.split(text)]
    value = "、".join(dict.fromkeys(name for name in names if name))
    if not value:
        return EMPTY
    return Cleaned(value) if value == raw_text(cell) else Cleaned(value, CLEAN, f"当事人整理成“{value}”")


def clean_result(cell: Cell) -> Cleaned:
    """达成协议, 未达成协议, or nothing for a dispute still being mediated."""
    text = tidy(raw_text(cell))
    if not text:
        return EMPTY
    value = FAILED if _FAILED.search(text) else AGREED if _AGREED.search(text) else None
    if value is None:
        return Cleaned(None, CLEAN, f"“{text}”按正在调解处理")
    return Cleaned(value) if value == text else Cleaned(value, CLEAN, f"“{text}”按“{value}”处理")


DISPUTE_FIELDS = (
    Field("village", "村（社区）", "村 村名 村社区 所属村 行政村 社区 村居 单位", clean_text),
    Field("accepted_on", "受理日期", "受理日期 受理时间 登记日期 登记时间 发生时间 发生日期 日期", clean_date, required=True),
    Field("source", "来源", "来源 案件来源 纠纷来源", lambda cell: clean_choice(cell, SOURCES, "来源")),
    Field("category", "纠纷类型", "纠纷类型 纠纷类别 矛盾类型 类型 类别", clean_text),
    Field("parties", "当事人", "当事人 纠纷当事人 当事人姓名 双方当事人 涉及人员", clean_parties, required=True),
    Field("text", "基本情况", "基本情况 简要情况 纠纷简要情况 主要情况 事由 纠纷事由 基本案情 事件描述", clean_text, required=True),
    Field("risk", "风险等级", "风险等级 等级 风险", lambda cell: clean_choice(cell, RISKS, "风险等级")),
    Field("leader", "责任领导", "责任领导 包案领导", clean_text),
    Field("responsible", "责任人", "责任人 调解员 调解人 承办人 包案责任人", clean_text),
    Field("measures", "调处措施", "调处措施 化解措施 处理措施 调解过程 调处情况", clean_text),
    Field("due", "办理时限", "办理时限 化解时限 时限", clean_text),
    Field("result", "调处结果", "调处结果 调解结果 化解情况 处理结果 是否化解 办理结果", clean_result),
    Field("performance", "履行情况", "履行情况 协议履行情况", clean_text),
    Field("visited_on", "回访日期", "回访日期 回访时间", clean_date),
    Field("visit_text", "回访情况", "回访情况 回访结果 回访记录", clean_text),
    Field("note", "备注", "备注 说明", clean_text),
)


def read_disputes(
    source: str | Path | bytes,
    filename: str,
    villages: Iterable[tuple[str, str]],
    today: dt.date,
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> ReadSheets:
    """Read a ledger row by row: `values` hold every key of DISPUTE_FIELDS, `village_code` and `filed` ('是' where the ledger
    says so). `villages`: (12-digit code, official name). Raises SheetError when the file cannot be read or holds no ledger."""
    names, result = VillageNames(villages), ReadSheets()
    result.tables, result.problems = read_tables(read_workbook(source, filename, limits), DISPUTE_FIELDS, overrides)
    for table in result.tables:
        result.rows += [_read_row(table, number, cells, names, today) for number, cells in table.rows.items()]
    return result


def row_key(row: RowResult) -> str:
    """By what a second import of the same ledger finds the row: village, day, parties and the beginning of the text."""
    said = (row.values[key] for key in ("village_code", "accepted_on", "parties", "text"))
    return hashlib.sha256("|".join(str(value)[:60] for value in said).encode()).hexdigest()


def _read_row(table: Table, number: int, cells: list[Cell], names: VillageNames, today: dt.date) -> RowResult:
    row, _ = clean_row(table, number, cells, DISPUTE_FIELDS)
    _settle_village(row, table, names)
    _settle_dates(row, today)
    for key, label in (("parties", "当事人"), ("text", "基本情况")):
        if not row.values[key]:
            row.settle(key, None, REFUSE, f"没有{label}")
    said = " ".join(row.before(key) for key in ("result", "note"))
    row.values["filed"] = "是" if _FILED.search(said) else None
    if row.values["filed"] and not (row.values["visited_on"] and row.values["visit_text"]):
        row.flag("visited_on", REFUSE, "台账写已归档，但没有回访日期和回访情况，回访未完成不能归档")
    return row


def _settle_village(row: RowResult, table: Table, names: VillageNames) -> None:
    written = row.values["village"]
    row.values["village_code"] = names.find(str(written)) if written else names.of_table(table)
    if row.values["village_code"] is None:
        said = f"“{written}”不在本镇的村（社区）名单里" if written else "看不出是哪个村（社区），请用村名作工作表名"
        row.flag("village", REFUSE, said)


def _settle_dates(row: RowResult, today: dt.date) -> None:
    accepted = row.values["accepted_on"]
    if not isinstance(accepted, dt.date):
        row.settle("accepted_on", None, REFUSE, "没有看得懂的受理日期")
    elif accepted > today:
        row.settle("accepted_on", accepted, REFUSE, "受理日期晚于今天")
    visited = row.values["visited_on"]
    if isinstance(visited, dt.date) and isinstance(accepted, dt.date) and not accepted <= visited <= today:
        row.settle("visited_on", None, LOOK, f"回访日期 {visited} 不在受理之后、今天之前，未采用")
