"""Read points rules as places publish them (积分细则) into lines of a rule set (plan §三.1; mission M22). Pure.

What is no whole figure of points is handed back with row, cell and reason; nothing is guessed. Heads follow from the words
of the category (HEAD_WORDS, first match wins, its last part before the whole); what no word tells goes to 文明创建 for a look.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from governance.sheets.cells import CLEAN, EMPTY, LOOK, REFUSE, Cleaned, clean_compact, raw_text, tidy
from governance.sheets.headings import Field
from governance.sheets.limits import SheetError
from governance.sheets.reader import Cell, Sheet
from governance.sheets.rows import RowResult, clean_row
from governance.sheets.tables import Table, find_table

WANTED = "没有找到表头：须有“事项”“分值”两列，还可以有“类别”“计分单位”“上限或说明”“适用对象”“出处”"
MOST = 9999
SOURCE_CHARS = 200
PARTS = "｜"
UNSURE = "civility"
LONGEST = {"deed": 200, "unit": 20, "category": 60, "note": 100, "audience": 60}
QUANTITIES = frozenset({"小时", "时", "天", "日", "半天", "亩", "袋", "公斤", "斤"})
LABELS = {"law": "遵纪守法", "service": "志愿服务", "sanitation": "环境卫生评比", "participation": "参与小区治理", "civility": "文明创建"}
HEAD_WORDS = (
    ("service", "志愿 公益 互助 文明实践 应急 帮扶 捐"),
    ("sanitation", "卫生 环境 村容 保洁 垃圾 庭院 人居"),
    (
        "law",
        "法 治安 平安 信访 处罚 诉讼 犯罪 交通 税 执行 秩序 许可 处分 问责 处理 诬告 伪造 诈 债 借贷 信贷 合同 担保 诚信 收费 "
        "基金 计划生育 不良信息 信用修复",
    ),
    ("participation", "参与 村务 党建 村居 社区管理 农村管理 小区 治理 公共服务 社会责任"),
    ("civility", "文明 道德 公德 品德 美德 好人好事 表彰 荣誉 移风易俗 文体 学习 拾金不昧 孝 家风"),
    ("law", "失信 负面"),
)
VERIFIERS = {
    "law": "mediator",
    "service": "yard_head",
    "sanitation": "sanitation",
    "participation": "cadre",
    "civility": "publicist",
}

_SPACES = str.maketrans("－﹣—–―‐~～＋﹢", "--------++")
_SIGNS = {"+": 1, "加": 1, "奖": 1, "-": -1, "扣": -1, "减": -1, "罚": -1}
_SIGN = "([+加奖扣减罚-]?)"
_FIGURE = r"(\d+(?:\.\d+)?)分?"
_PER = r"(?:每(.{1,3}?))?"
_ONE = re.compile(rf"{_PER}{_SIGN}{_FIGURE}(?:/(.{{1,3}}))?")
_RANGE = re.compile(rf"{_PER}{_SIGN}{_FIGURE}(?:至|到|-){_SIGN}{_FIGURE}(?:/(.{{1,3}}))?")
_GRADE = re.compile(r"[升降][A-E]\+*级")
_CAP = re.compile(r"每(月|季度|季|年)度?(?:累计)?(?:最多|不超过|最高|上限|封顶|限)(?:为|加|奖|得|计|记|扣)?(\d+)分")
_CAP_KINDS = {"月": "month", "季": "quarter", "季度": "quarter", "年": "year"}


def clean_words(cell: Cell) -> Cleaned:
    """Words as they were published: only runs of blanks become one."""
    raw = raw_text(cell)
    text = " ".join(raw.split())
    if not text:
        return EMPTY
    return Cleaned(text) if text == raw else Cleaned(text, CLEAN, "去掉多余空格")


RULE_FIELDS = (
    Field("deed", "事项", "事项 积分事项 评分事项 积分内容 评分内容 考核内容 评分标准 具体事项 内容 行为 deed", clean_words, required=True),
    Field("points", "分值", "分值 评分 积分 分数 加减分 奖惩分值 积分标准 积分分值 计分 points_raw", clean_compact, required=True),
    Field("least", "最低分", "最低分 points_min", clean_compact),
    Field("most", "最高分", "最高分 评分上限 points_max", clean_compact),
    Field("unit", "计分单位", "计分单位 单位 unit", clean_words),
    Field("category", "类别", "原类别 类别 类型 积分类别 一级指标 项目 指标 category", clean_words),
    Field("note", "上限或说明", "上限或说明 上限 说明 备注 cap_or_note", clean_words),
    Field("audience", "适用对象", "适用对象 对象 适用范围 audience", clean_words),
    Field("place", "地方", "地方 地区 来源地 place", clean_words),
    Field("system", "制度名称", "制度名称 制度 办法名称 system", clean_words),
    Field("source", "出处", "出处 来源 依据 source", clean_words),
)


@dataclass(frozen=True)
class RuleLine:
    """A deed without its code. `score` is the lower end of a judged deed, `score_high` None for a fixed one; `caps` by
    month, quarter, year; `source` as `source_text` writes it."""

    head: str
    name: str
    unit: str
    score: int
    score_high: int | None
    points: int
    verifier: str
    by_quantity: bool
    caps: Mapping[str, int]
    category: str
    audience: str
    note: str
    source: str


@dataclass
class RuleRow:
    """One row of a sheet with what is wrong with it, and the line that it makes, None where it is refused."""

    result: RowResult
    line: RuleLine | None


@dataclass
class RuleSheet:
    """The found tables of a workbook and all their rows, in order."""

    tables: list[Table] = field(default_factory=list)
    rows: list[RuleRow] = field(default_factory=list)


class Unreadable(ValueError):
    """A figure of points that cannot be taken over; says why in Chinese."""


def read_rules(sheets: Sequence[Sheet], overrides: Mapping[str, str] | None = None) -> RuleSheet:
    """Judge every row of every table of rules. `overrides`: heading → field key. Raises SheetError where there is none."""
    found, seen = RuleSheet(), {}  # type: tuple[RuleSheet, dict[RuleLine, str]]
    for sheet in sheets:
        table = find_table(sheet, RULE_FIELDS, overrides) if sheet.rows else None
        if table is None or table.mapping.missing:
            continue
        found.tables.append(table)
        for number, cells in table.rows.items():
            row = _judge(clean_row(table, number, cells, RULE_FIELDS)[0])
            if row.line is not None and row.line in seen:
                row.result.flag("deed", REFUSE, f"和{seen[row.line]}重复")
                row.line = None
            elif row.line is not None:
                where = f"第 {number} 行" if len(sheets) == 1 else f"“{sheet.name}”第 {number} 行"
                seen[row.line] = where
            found.rows.append(row)
    if not found.tables:
        raise SheetError(WANTED, "no_table")
    return found


def read_points(text: str) -> tuple[int, int | None, str]:
    """What a cell of points says: lower figure, upper figure of a range else None, and the unit it names ("" for none).

    “+5”, “加5分”, “扣10分”, “+1至+10”, “加1—20分”, “-10至-50”, “每小时5分”, “5分/小时”. Raises Unreadable.
    """
    plain = "".join(tidy(text).translate(_SPACES).split())
    if _GRADE.fullmatch(plain):
        raise Unreadable(f"“{text}”是等级升降，不是分值")
    if match := _RANGE.fullmatch(plain):
        per, sign, low, other, high, unit = match.groups()
        first, second = _figure(sign, low, text), _figure(other or sign, high, text)
        if first == second:
            return first, None, per or unit or ""
        return min(first, second), max(first, second), per or unit or ""
    if match := _ONE.fullmatch(plain):
        per, sign, figure, unit = match.groups()
        score = _figure(sign, figure, text)
        if score == 0:
            raise Unreadable("分值为 0")
        return score, None, per or unit or ""
    raise Unreadable(f"看不懂的分值“{text}”" if text else "没有写分值")


def head_of(category: str) -> str | None:
    """The head that the words of a category tell, else None."""
    for words in (category.rsplit("/", 1)[-1], category):
        for head, label in LABELS.items():
            if words == label:
                return head
        for head, keys in HEAD_WORDS:
            if any(key in words for key in keys.split()):
                return head
    return None


def read_caps(note: str) -> dict[str, int]:
    """Caps that a note states in points: “每年最多加40分” → {"year": 40}."""
    return {_CAP_KINDS[span]: int(figure) for span, figure in _CAP.findall("".join(tidy(note).split()))}


def source_text(place: str, system: str, source: str) -> str:
    """Where a line was published, in one text; only the source where neither place nor system is known."""
    return PARTS.join((place, system, source)) if place or system else source


def source_parts(text: str) -> tuple[str, str, str]:
    """Inverse of `source_text`: place, system, source."""
    parts = text.split(PARTS, 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else ("", "", text)


def rule_line(result: RowResult) -> RuleLine:
    """The line that a row makes which is not refused."""
    said = _said(result)
    score, high, per = _points(result)
    unit = per or said["unit"] or "次"
    head = head_of(said["category"]) or UNSURE
    return RuleLine(
        head=head,
        name=said["deed"],
        unit=unit,
        score=score,
        score_high=high,
        points=max(score, 0) if high is None else 0,
        verifier=VERIFIERS[head],
        by_quantity=high is None and unit in QUANTITIES,
        caps=_Frozen(read_caps(said["note"]) if score > 0 else {}),
        category=said["category"],
        audience=said["audience"],
        note=said["note"],
        source=_source(said),
    )


def _judge(result: RowResult) -> RuleRow:
    said = _said(result)
    if not said["deed"]:
        result.flag("deed", REFUSE, "没有写事项")
    for key, most in LONGEST.items():
        if len(said[key]) > most:
            result.flag(key, REFUSE, f"超过 {most} 字")
    if len(_source(said)) > SOURCE_CHARS:
        result.flag("source", REFUSE, f"地方、制度和出处合起来超过 {SOURCE_CHARS} 字")
    try:
        score, high, _ = _points(result)
    except Unreadable as error:
        result.flag("points", REFUSE, str(error))
        return RuleRow(result, None)
    _check_ends(result, score, score if high is None else high)
    if head_of(said["category"]) is None:
        result.flag("category", LOOK, f"请核对类别：“{said['category'] or '空白'}”先归入文明创建")
    if score <= 0 and read_caps(said["note"]):
        result.flag("note", LOOK, "扣分事项不设上限，只保留文字")
    return RuleRow(result, None if result.verdict == REFUSE else rule_line(result))


def _points(result: RowResult) -> tuple[int, int | None, str]:
    """`read_points` of the row; a column of the upper end alone makes a range of a single figure (our own export)."""
    score, high, per = read_points(result.before("points").strip())
    most = str(result.values["most"] or "").removesuffix("分")
    if high is None and most and "least" not in result.columns and re.fullmatch(r"[+-]?\d+", most) and int(most) > score:
        return score, int(most), per
    return score, high, per


def _said(result: RowResult) -> dict[str, str]:
    return {key: str(value or "") for key, value in result.values.items()}


def _source(said: Mapping[str, str]) -> str:
    return source_text(said["place"], said["system"], said["source"])


class _Frozen(dict[str, int]):
    """Caps that a line can be told apart by."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


def _figure(sign: str, figure: str, text: str) -> int:
    value = Decimal(figure)
    if value != value.to_integral_value():
        raise Unreadable(f"“{text}”不是整数")
    if value > MOST:
        raise Unreadable(f"“{text}”超过 {MOST} 分")
    return int(value) * _SIGNS.get(sign, 1)


def _check_ends(result: RowResult, low: int, high: int) -> None:
    """Columns of the lowest and highest figure must say what the words say."""
    for key, figure in (("least", low), ("most", high)):
        said = str(result.values[key] or "").removesuffix("分")
        if said and not _same_figure(said, figure):
            result.flag(key, REFUSE, f"写的是 {said}，与分值“{result.before('points').strip()}”不一致")


def _same_figure(said: str, figure: int) -> bool:
    return re.fullmatch(r"[+-]?\d+(?:\.\d+)?", said) is not None and Decimal(said) == figure
