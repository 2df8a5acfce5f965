"""Read an existing 积分台账 and judge what the sheet itself says (missions M23, M39; domain.md §12)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from governance.sheets.cells import CLEAN, EMPTY, LOOK, REFUSE, Cleaned, clean_compact, clean_text, raw_text, tidy
from governance.sheets.dates import clean_day, year_of
from governance.sheets.headings import Field
from governance.sheets.ledger_rows import clean_helping_id, settle_day, settle_village
from governance.sheets.limits import Limits
from governance.sheets.persons import clean_name
from governance.sheets.reader import Cell, read_workbook
from governance.sheets.remarks import flag_gone
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.tables import read_tables
from governance.sheets.villagenames import VillageNames

_SIGNS = str.maketrans("＋－﹣—–−", "+-----")
_FIGURE = re.compile(r"(加|奖励?|扣减?|减)?([+-]?\d{1,5})(?:\.0+)?分?(?:/次)?")
_LOSSES = ("扣", "减")
_SEVERAL = re.compile(r"[、，,；;/&\n]")
_COUNT = re.compile(r"(\d{1,4})(?:\.0+)?(?:次|小时|个|件|天|人次|h)?")


def clean_score(cell: Cell) -> Cleaned:
    """A signed whole figure as text: `+5分`, `加5`, `扣10分`, `－10` → 5, 5, -10, -10."""
    text = "".join(tidy(raw_text(cell)).split()).translate(_SIGNS)
    if not text:
        return EMPTY
    found = _FIGURE.fullmatch(text)
    if found is None:
        return Cleaned(None, REFUSE, f"“{text}”不是整数分值")
    word, figure = found.groups()
    value = str(-abs(int(figure)) if word and word[0] in _LOSSES else int(figure))
    return Cleaned(value) if value == raw_text(cell) else Cleaned(value, CLEAN, f"分值写成 {value}")


def clean_quantity(cell: Cell) -> Cleaned:
    """A positive whole number as text: `3小时` → 3."""
    text = "".join(tidy(raw_text(cell)).split())
    if not text:
        return EMPTY
    found = _COUNT.fullmatch(text)
    if found is None or int(found.group(1)) < 1:
        return Cleaned(None, REFUSE, f"“{text}”不是数量")
    value = str(int(found.group(1)))
    return Cleaned(value) if value == raw_text(cell) else Cleaned(value, CLEAN, f"数量写成 {value}")


def clean_loss(cell: Cell) -> Cleaned:
    """A figure of the column 扣分: always a loss."""
    cleaned = clean_score(cell)
    if not isinstance(cleaned.value, str) or not int(cleaned.value):
        return cleaned
    value = str(-abs(int(cleaned.value)))
    return Cleaned(value, CLEAN, f"扣分写成 {value}")


def clean_heads(cell: Cell) -> Cleaned:
    """The head of a household; several in one cell are parted by 、 and looked at."""
    text = _SEVERAL.sub("、", tidy(raw_text(cell))).strip("、")
    if "、" not in text:
        return clean_name(cell)
    names = [str(value) for part in text.split("、") if (value := clean_name(part).value)]
    return Cleaned("、".join(dict.fromkeys(names)), LOOK, f"一格里写了 {len(names)} 户，每户各记一条，请核对")


CLAIM_FIELDS = (
    Field("village", "村（社区）", "村 村名 村社区 所属村 行政村 社区 村居", clean_text, carries=True),
    Field("number", "户号", "户号 户编号 家庭编号 户码", clean_compact),
    Field("head", "户主", "户主 户主姓名 户主名 户名 家庭户主 姓名 农户姓名", clean_heads, required=True),
    Field("id_number", "身份证号", "身份证号 身份证号码 身份证 户主身份证号 户主身份证号码 户主身份证 证件号码", clean_helping_id),
    Field("code", "事项编号", "事项编号 细则编号 编号 事项代码", clean_compact),
    Field(
        "deed",
        "积分事由",
        "积分事由 积分事项 申报事项 加减分事由 加分事由 加分事项 积分内容 积分项目 事由 事项 主要事迹 事迹",
        clean_text,
        required=True,
    ),
    Field("occurred_on", "发生日期", "发生日期 发生时间 积分日期 积分时间 日期 时间 申报日期", clean_day, required=True),
    Field("applicant", "申报人", "申报人 申报人姓名 申请人 上报人 提出人", clean_name),
    Field("quantity", "数量", "数量 次数 时长 小时数 工时", clean_quantity),
    Field("score", "分值", "分值 评分 得分 加减分 加分 积分 积分值 本次积分 奖励积分", clean_score),
    Field("loss", "扣分", "扣分 减分 扣减 扣减分", clean_loss),
    Field("opinion", "评议意见", "评议意见 评议结果 评议小组意见 审核意见", clean_text),
    Field("note", "备注", "备注 说明", clean_text),
)


def read_claims(
    source: str | Path | bytes,
    filename: str,
    villages: Iterable[tuple[str, str]],
    today: dt.date,
    overrides: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    towns: Sequence[str] = (),
) -> ReadSheets:
    """Read a ledger row by row: `values` hold every key of CLAIM_FIELDS (`score` and `quantity` as text of whole numbers, a loss
    in `score`; several heads in `head` parted by 、) and `village_code`. `villages`: (12-digit code, official name); with a single
    one the sheet need not name it; `towns` as in `VillageNames`. Raises SheetError when the file cannot be read or holds no ledger."""
    names, result = VillageNames(villages, towns), ReadSheets()
    result.tables, result.problems = read_tables(read_workbook(source, filename, limits), CLAIM_FIELDS, overrides)
    for table in result.tables:
        year = year_of(table)
        for number, cells in table.rows.items():
            row, _ = clean_row(table, number, cells, CLAIM_FIELDS)
            settle_village(row, table, names, "您可以申报的村（社区）")
            _settle_row(row, year, today)
            flag_gone(row, table, ("opinion", "note"))
            result.rows.append(row)
    return result


def _settle_row(row: RowResult, year: int | None, today: dt.date) -> None:
    for key, label in (("head", "户主"), ("deed", "积分事由")):
        if not row.values[key]:
            row.settle(key, None, REFUSE, f"没有{label}")
    settle_day(row, "occurred_on", "发生日期", year, today)
    loss, score = row.values["loss"], row.values["score"]
    if loss and score and int(str(loss)) and int(str(score)):
        row.settle("loss", loss, REFUSE, "一行里既有加分又有扣分，请分成两行")
    elif loss and not (score and int(str(score))):
        row.values["score"] = loss
