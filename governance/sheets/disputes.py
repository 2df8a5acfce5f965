"""Read an existing 矛盾纠纷台账 and judge every row of it (missions M13, M39; domain.md §12)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from governance.sheets.cells import CLEAN, EMPTY, LOOK, REFUSE, Cleaned, clean_compact, clean_text, raw_text, tidy
from governance.sheets.dates import clean_day, year_of
from governance.sheets.dispute_words import (
    AGREED,
    FAILED,
    FILED,
    OPEN,
    clean_filed,
    clean_result,
    clean_risk,
    clean_source,
    says_filed,
    tells_relapse,
    tier_of,
)
from governance.sheets.headings import Field
from governance.sheets.ledger_rows import settle_day, settle_village, settle_year
from governance.sheets.limits import Limits
from governance.sheets.parties import PHONE, clean_parties, parties_of, without_country
from governance.sheets.reader import Cell, read_workbook
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.tables import Table, read_tables
from governance.sheets.villagenames import VillageNames

LENGTHS = (("text", "基本情况", 1000), ("leader", "责任领导", 40), ("old_number", "原编号", 40))
SETTLED, RELAPSE = "settled", "relapse"
_SAME_DAY = frozenset({"当天", "当日", "同日", "当场", "即日", "即时"})
_TICKS = {"√": "是", "✓": "是", "✔": "是", "是": "是", "1": "是"}
_MARKS = (("marked_agreed", AGREED), ("marked_failed", FAILED), ("marked_open", OPEN))


def clean_mark(cell: Cell) -> Cleaned:
    """A tick below a heading that is a status itself (已化解, 未达成, 化解中)."""
    text = "".join(tidy(raw_text(cell)).split())
    if not text:
        return EMPTY
    return Cleaned(_TICKS[text]) if text in _TICKS else Cleaned(None, LOOK, f"看不懂的记号“{text}”，未采用")


DISPUTE_FIELDS = (
    Field("old_number", "原编号", "编号 纠纷编号 案件编号 台账编号 案号 卷宗号 卷宗编号 登记编号 受理编号 原编号 案卷号", clean_compact),
    Field("village", "村（社区）", "村 村名 村社区 所属村 行政村 社区 村居 单位 所属村社区 发生地", clean_text, carries=True),
    Field(
        "accepted_on",
        "受理日期",
        "受理日期 受理时间 登记日期 登记时间 排查日期 排查时间 发现日期 发现时间 发生时间 发生日期 上报时间 上报日期 日期 时间",
        clean_day,
        required=True,
    ),
    Field("found_on", "排查（发现）日期", "首次排查日期 首次排查时间 首次发现日期 首次发现时间", clean_day),
    Field("source", "来源", "来源 案件来源 纠纷来源", clean_source),
    Field("category", "纠纷类型", "纠纷类型 纠纷类别 矛盾类型 类型 类别", clean_text),
    Field("parties", "当事人", "当事人 纠纷当事人 当事人姓名 双方当事人 涉及人员 当事人信息", clean_parties, required=True),
    Field("phones", "当事人电话", "联系电话 电话 当事人电话 当事人联系电话 联系方式 手机号 手机号码 电话号码", clean_text),
    Field("text", "基本情况", "基本情况 简要情况 纠纷简要情况 主要情况 事由 纠纷事由 基本案情 事件描述 纠纷内容", clean_text, True),
    Field("risk", "风险等级", "风险等级 等级 风险", clean_risk),
    Field("leader", "责任领导", "责任领导 包案领导", clean_text),
    Field("responsible", "责任人", "责任人 调解员 调解人 承办人 包案责任人", clean_text),
    Field("measures", "调处措施", "调处措施 化解措施 处理措施 调解过程 调处情况", clean_text),
    Field("due", "办理时限", "办理时限 化解时限 时限", clean_text),
    Field(
        "result",
        "调处结果",
        "调处结果 调解结果 化解情况 处理结果 是否化解 办理结果 化解结果 调解情况 办理情况 状态 目前状态 办理状态",
        clean_result,
    ),
    Field("marked_agreed", "已化解（打勾）", "已化解 化解成功 调解成功 调处成功 已办结", clean_mark),
    Field("marked_failed", "未达成（打勾）", "未达成 未达成协议 调解失败 调解不成", clean_mark),
    Field("marked_open", "正在调解（打勾）", "化解中 调解中 正在化解 正在调解 正在办理 未化解 未办结", clean_mark),
    Field(
        "ended_on",
        "化解（办结）日期",
        "化解日期 化解时间 办结日期 办结时间 调解日期 调解时间 调处日期 调处时间 结案日期 结案时间 完成时间 达成协议时间 销案时间",
        clean_day,
    ),
    Field("performance", "履行情况", "履行情况 协议履行情况", clean_text),
    Field("visited_on", "回访日期", "回访日期 回访时间", clean_day),
    Field("visit_text", "回访情况", "回访情况 回访结果 回访记录", clean_text),
    Field("filing", "归档", "是否归档 归档情况 归档 归档日期 归档时间 卷宗归档", clean_filed),
    Field("note", "备注", "备注 说明", clean_text),
)  # fmt: skip


def read_disputes(
    source: str | Path | bytes,
    filename: str,
    villages: Iterable[tuple[str, str]],
    today: dt.date,
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    towns: Sequence[str] = (),
) -> ReadSheets:
    """Read a ledger row by row: `values` hold every key of DISPUTE_FIELDS, and further `village_code`; `phones`, one for each
    party, parted by 、; `tier` of a failed mediation; `filed` ('是' where the ledger says so) and `filed_on`; `finding` of the
    return visit; `kept`: words of cells that have no field of their own. `villages`: (12-digit code, official name); `towns`
    as in `VillageNames`. Raises SheetError when the file cannot be read or holds no ledger."""
    names, result = VillageNames(villages, towns), ReadSheets()
    result.tables, result.problems = read_tables(read_workbook(source, filename, limits), DISPUTE_FIELDS, overrides)
    for table in result.tables:
        _find_second_day(table)
        year = year_of(table)
        result.rows += [_read_row(table, number, cells, names, year, today) for number, cells in table.rows.items()]
    return result


def row_key(row: RowResult) -> str:
    """By what a second import of the same ledger finds the row: village, day, parties and the beginning of the text."""
    said = (row.values[key] for key in ("village_code", "accepted_on", "parties", "text"))
    return hashlib.sha256("|".join(str(value)[:60] for value in said).encode()).hexdigest()


def _find_second_day(table: Table) -> None:
    """排查时间 beside 受理时间 is the day on which the dispute was found."""
    columns, days = table.mapping.columns, table.mapping.ambiguous.get("accepted_on", [])
    if len(days) == 2 and "found_on" not in columns:
        columns["found_on"] = table.headings.index(days[1])
        table.unused.pop(days[1], None)
        del table.mapping.ambiguous["accepted_on"]


def _read_row(
    table: Table, number: int, cells: list[Cell], names: VillageNames, year: int | None, today: dt.date
) -> RowResult:
    row, cleaned = clean_row(table, number, cells, DISPUTE_FIELDS)
    settle_village(row, table, names)
    for key in ("found_on", "ended_on", "visited_on"):
        settle_year(row, key, year)
    _settle_start(row, year, today)
    for key, label in (("parties", "当事人"), ("text", "基本情况")):
        if not row.values[key] and not any(issue.field == key and issue.level == REFUSE for issue in row.issues):
            row.settle(key, None, REFUSE, f"没有{label}")
    _settle_result(row, today)
    _settle_end(row, today)
    _settle_visit(row, today)
    kept = [f"{label}：{row.before(key)}" for key, label in _kept(row) if row.before(key)]
    if "parties" in cleaned and cleaned["parties"].aside:
        kept.append(f"当事人栏原文：{' '.join(cleaned['parties'].aside.split())}")
    if words := _settle_phones(row):
        kept.append(f"电话栏原文：{words}")
    row.values["kept"] = "；".join(kept)
    for key, label, length in LENGTHS:
        if len(str(row.values[key] or "")) > length:
            row.flag(key, LOOK, f"{label}超过 {length} 个字，只保留前 {length} 个字")
            row.values[key] = str(row.values[key])[:length]
    return row


def _kept(row: RowResult) -> list[tuple[str, str]]:
    """The columns whose words go into the history of the dispute."""
    kept = [("measures", "调处措施"), ("due", "办理时限"), ("responsible", "责任人"), ("note", "备注")]
    if not row.values["visited_on"]:
        kept += [("visited_on", "回访日期"), ("visit_text", "回访情况")]
    return kept


def _settle_start(row: RowResult, year: int | None, today: dt.date) -> None:
    accepted = settle_day(row, "accepted_on", "受理日期", year, today)
    found = _own_day(row, "found_on", "排查（发现）日期", today)
    if found and accepted and found > accepted:
        row.flag("found_on", LOOK, f"排查（发现）日期 {found} 晚于受理日期 {accepted}，请核对")


def _own_day(row: RowResult, key: str, label: str, today: dt.date) -> dt.date | None:
    """A day beside that of acceptance: what is no day, or is yet to come, is left out for a second look."""
    day = row.values[key]
    if not isinstance(day, dt.date):
        if row.before(key).strip():
            row.settle(key, None, LOOK, f"看不懂的{label}“{row.before(key).strip()}”，未采用")
        return None
    if day > today:
        row.settle(key, None, LOOK, f"{label} {day} 晚于今天，未采用")
        return None
    return day


def _settle_result(row: RowResult, today: dt.date) -> None:
    """The one status of the row, be it written or ticked, and where a failed mediation went."""
    written = row.values["result"]
    ticked = {value for key, value in _MARKS if row.values[key]}
    if len(ticked | ({str(written)} if written else set())) > 1:
        row.settle("result", None, LOOK, "写了几种调处结果，按正在调解导入，请核对")
    elif ticked:
        row.values["result"] = ticked.pop()
    row.values["tier"] = tier_of(row.before("result")) if row.values["result"] == FAILED else None
    filing = row.values["filing"]
    if isinstance(filing, dt.date) and filing > today:
        row.settle("filing", None, LOOK, f"归档日期 {filing} 晚于今天，未采用")
        filing = None
    dated = isinstance(filing, dt.date)
    filed = dated or filing == FILED or (filing is None and any(says_filed(row.before(key)) for key in ("result", "note")))
    row.values["filed"], row.values["filed_on"] = "是" if filed else None, filing if dated else None


def _settle_end(row: RowResult, today: dt.date) -> None:
    """化解 after 受理, for what has ended, and filed only with its return visit."""
    values = row.values
    if row.before("ended_on").strip() in _SAME_DAY and isinstance(values["accepted_on"], dt.date):
        row.settle("ended_on", values["accepted_on"], CLEAN, f"按受理当日 {values['accepted_on']} 记")
    ended, accepted = _own_day(row, "ended_on", "化解（办结）日期", today), values["accepted_on"]
    over = values["result"] in (AGREED, FAILED)
    if ended and isinstance(accepted, dt.date) and ended < accepted:
        row.flag("ended_on", LOOK, f"化解（办结）日期 {ended} 早于受理日期 {accepted}，请核对")
    if ended and not over:
        row.flag("ended_on", LOOK, "有化解（办结）日期，但调处结果不是已经办结，按正在调解导入，请核对")
    if values["filed"] and not over:
        row.settle("filing", values["filing"], LOOK, "台账写已归档，但没有看得懂的调处结果，按正在调解导入，请核对")
    elif values["filed"] and not (values["visited_on"] and values["visit_text"]):
        row.settle("filing", values["filing"], LOOK, "台账写已归档，但没有回访日期和回访情况，回访未完成不能归档，按已办结导入")
        values["filed"] = None
    if over and not ended:
        row.flag("ended_on", CLEAN, "没有化解（办结）日期，办结时间记受理当日")


def _settle_visit(row: RowResult, today: dt.date) -> None:
    visited, accepted, ended = _own_day(row, "visited_on", "回访日期", today), row.values["accepted_on"], row.values["ended_on"]
    begun = next((day for day in (ended, accepted) if isinstance(day, dt.date)), None)
    if visited and begun and visited < begun:
        row.settle("visited_on", None, LOOK, f"回访日期 {visited} 早于受理或化解日期 {begun}，未采用")
    elif visited and row.values["result"] not in (AGREED, FAILED):
        row.settle("visited_on", None, LOOK, "还没有办结却写了回访，回访写入办理记录")
    elif not visited and row.values["visit_text"]:
        row.flag("visit_text", CLEAN, "没有回访日期，回访情况写入办理记录")
    relapse = tells_relapse(str(row.values["visit_text"] or ""))
    row.values["finding"] = RELAPSE if relapse else SETTLED
    if relapse:
        row.flag("visit_text", LOOK, "回访情况像是有反复，请核对")


def _settle_phones(row: RowResult) -> str:
    """A number for each party: from the brackets, else from the column of numbers by name or in order. Returns the column's
    words where they hold more than that."""
    parties, written = parties_of(row.before("parties")), without_country(tidy(row.before("phones")))
    phones = {party.name: party.phone for party in parties}
    told = {party.name: party.phone for party in parties_of(written) if party.name in phones and party.phone}
    numbers = ["".join(char for char in number if char.isdigit()) for number in PHONE.findall(written)]
    by_order = dict(zip(phones, numbers, strict=False)) if not told and len(numbers) in (1, len(phones)) else {}
    if written and not (told or by_order):
        row.flag("phones", LOOK, f"“{written}”里的电话对不上当事人，写入办理记录，请核对")
    elif len(numbers) == 1 and len(phones) > 1 and not told:
        row.flag("phones", CLEAN, f"记作{next(iter(phones))}的电话")
    for name, phone in (told or by_order).items():
        phones[name] = phones[name] or phone
    row.values["phones"] = "、".join(phones.values())
    digits = "".join(char for char in written if char.isdigit())
    return written if written and "".join((told or by_order).values()) != digits else ""
