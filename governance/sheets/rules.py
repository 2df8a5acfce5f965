"""Read points rules as places publish them (积分细则) into lines of a rule set (plan §三.1; mission M22). Pure.

What is no whole figure of points is handed back with row, cell and reason; nothing is guessed. Heads follow from the words
of the category (HEAD_WORDS, first match wins, its last part before the whole); what no word tells goes to 文明创建 for a look.
The columns that only our own 积分事项表 has (OWN_FIELDS) outrank what follows from words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from governance.sheets.cells import CLEAN, EMPTY, LOOK, REFUSE, Cleaned, clean_compact, raw_text
from governance.sheets.headings import Field
from governance.sheets.limits import SheetError
from governance.sheets.reader import Cell, Sheet
from governance.sheets.rows import ReadSheets, RowResult, clean_row
from governance.sheets.rule_figures import MOST, Unreadable, caps_by_person, read_caps, read_points, whole
from governance.sheets.tables import find_table

WANTED = "没有找到表头：须有“事项”“分值”两列，还可以有“类别”“计分单位”“上限或说明”“适用对象”“出处”"
SOURCE_CHARS = 200
CODE_CHARS = 20
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

OFFICERS = {
    "村党组织书记": "secretary",
    "村“两委”干部": "cadre",
    "院户长": "yard_head",
    "政策宣传员": "publicist",
    "矛盾纠纷调解员": "mediator",
    "环境卫生监督员": "sanitation",
    "社情民意信息员": "informant",
}
CAP_KINDS = ("month", "quarter", "year")

_HEADS = {label: head for head, label in LABELS.items()}
_POSTS = {key: label for label, key in OFFICERS.items()}
_YES_NO = {"是": True, "否": False, "": False}


def clean_words(cell: Cell) -> Cleaned:
    """Words as they were published: only runs of blanks become one."""
    raw = raw_text(cell)
    text = " ".join(raw.split())
    if not text:
        return EMPTY
    return Cleaned(text) if text == raw else Cleaned(text, CLEAN, "去掉多余空格")


OWN_FIELDS = (
    Field("code", "编号", "编号 code", clean_compact),
    Field("head", "五类", "五类 head", clean_compact),
    Field("spend", "可兑积分", "可兑积分 points_spend", clean_compact),
    Field("verifier", "核实人", "核实人 verifier", clean_compact),
    Field("veto", "一票否决", "一票否决 is_veto", clean_compact),
    Field("by_quantity", "按数量计分", "按数量计分 by_quantity", clean_compact),
    Field("month", "每户每月上限", "每户每月上限 cap_month", clean_compact),
    Field("quarter", "每户每季上限", "每户每季上限 cap_quarter", clean_compact),
    Field("year", "每户每年上限", "每户每年上限 cap_year", clean_compact),
)
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
    *OWN_FIELDS,
)


@dataclass(frozen=True)
class RuleLine:
    """A deed; lines are equal that say the same. `score` is the lower end of a judged deed, `score_high` None for a fixed
    one; `caps` by CAP_KINDS; `source` as `source_text` writes it; `code` as our own table writes it, else ""."""

    head: str
    name: str
    unit: str
    score: int
    score_high: int | None
    category: str
    audience: str
    note: str
    source: str
    code: str = field(compare=False)
    points: int = field(compare=False)
    verifier: str = field(compare=False)
    is_veto: bool = field(compare=False)
    by_quantity: bool = field(compare=False)
    caps: Mapping[str, int] = field(compare=False)


def read_rules(sheets: Sequence[Sheet], overrides: Mapping[str, str] | None = None) -> ReadSheets:
    """Judge every row of every table of rules. `overrides`: heading → field key. Raises SheetError where there is none."""
    found, seen = ReadSheets(), {}  # type: tuple[ReadSheets, dict[RuleLine, str]]
    for sheet in sheets:
        table = find_table(sheet, RULE_FIELDS, overrides) if sheet.rows else None
        if table is None or table.mapping.missing:
            continue
        found.tables.append(table)
        for number, cells in table.rows.items():
            row, _ = clean_row(table, number, cells, RULE_FIELDS)
            _judge(row)
            found.rows.append(row)
            if row.verdict == REFUSE:
                continue
            where = f"第 {number} 行" if len(sheets) == 1 else f"“{sheet.name}”第 {number} 行"
            if (first := seen.setdefault(rule_line(row), where)) != where:
                row.flag("deed", REFUSE, f"和{first}重复")
    if not found.tables:
        raise SheetError(WANTED, "no_table")
    return found


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


def source_text(place: str, system: str, source: str) -> str:
    """Where a line was published, in one text; only the source where neither place nor system is known."""
    return PARTS.join((place, system, source)) if place or system else source


def rule_line(result: RowResult) -> RuleLine:
    """The line that a row makes which is not refused."""
    said = _said(result)
    score, high, per = _points(result)
    unit, head = per or said["unit"] or "次", _head(said)
    gain = max(score, 0) if high is None else 0
    counted = high is None and unit in QUANTITIES
    return RuleLine(
        head=head,
        name=said["deed"],
        unit=unit,
        score=score,
        score_high=high,
        category=said["category"],
        audience=said["audience"],
        note=said["note"],
        source=_source(said),
        code=said["code"] if "head" in result.columns and len(said["code"]) <= CODE_CHARS else "",
        points=int(said["spend"]) if said["spend"] and gain else gain,
        verifier=OFFICERS.get(said["verifier"], VERIFIERS[head]),
        is_veto=_YES_NO[said["veto"]],
        by_quantity=_YES_NO[said["by_quantity"]] if "by_quantity" in result.columns else counted,
        caps=_caps(result, said, score),
    )


def _judge(result: RowResult) -> None:
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
        return
    _check_ends(result, score, score if high is None else high)
    _check_head(result, said)
    _check_note(result, said, score)
    _check_own(result, said, score, high)


def _points(result: RowResult) -> tuple[int, int | None, str]:
    """`read_points` of the row; a column of the upper end alone makes a range of a single figure (our own export)."""
    text = result.before("points").strip()
    most = str(result.values["most"] or "").removesuffix("分")
    alone = "least" not in result.columns and re.fullmatch(r"[+-]?\d+", most) is not None
    if alone and text == "0" and int(most) > 0:
        return 0, int(most), ""
    score, high, per = read_points(text)
    if high is None and alone and int(most) > score:
        return score, int(most), per
    return score, high, per


def _said(result: RowResult) -> dict[str, str]:
    return {item.key: str(result.values.get(item.key) or "") for item in RULE_FIELDS}


def _source(said: Mapping[str, str]) -> str:
    return source_text(said["place"], said["system"], said["source"])


def _head(said: Mapping[str, str]) -> str:
    return _HEADS.get(said["head"]) or head_of(said["category"]) or UNSURE


def _caps(result: RowResult, said: Mapping[str, str], score: int) -> dict[str, int]:
    """Caps of the columns that are there; the others as the note states them."""
    worded = {kind: most for kind, most in read_caps(said["note"]).items() if kind not in result.columns and score > 0}
    return worded | {kind: int(said[kind]) for kind in CAP_KINDS if said[kind]}


def _check_ends(result: RowResult, low: int, high: int) -> None:
    """Columns of the lowest and highest figure must say what the words say."""
    for key, figure in (("least", low), ("most", high)):
        said = str(result.values[key] or "").removesuffix("分")
        if said and not _same_figure(said, figure):
            result.flag(key, REFUSE, f"写的是 {said}，与分值“{result.before('points').strip()}”不一致")


def _same_figure(said: str, figure: int) -> bool:
    return re.fullmatch(r"[+-]?\d+(?:\.\d+)?", said) is not None and Decimal(said) == figure


def _check_head(result: RowResult, said: Mapping[str, str]) -> None:
    head = _head(said)
    if said["head"] and said["head"] not in _HEADS:
        result.flag("head", LOOK, f"不认识的类别“{said['head']}”，先归入{LABELS[head]}")
    elif not said["head"] and head_of(said["category"]) is None:
        result.flag("category", LOOK, f"请核对类别：“{said['category'] or '空白'}”先归入文明创建")
    if said["verifier"] and said["verifier"] not in OFFICERS:
        result.flag("verifier", LOOK, f"不认识的核实人“{said['verifier']}”，先由{_POSTS[VERIFIERS[head]]}核实")


def _check_note(result: RowResult, said: Mapping[str, str], score: int) -> None:
    """Caps in words that are not taken over."""
    if all(kind in result.columns for kind in CAP_KINDS):
        return
    if caps_by_person(said["note"]):
        result.flag("note", LOOK, "请核对：上限按人计，这里的上限按户计，未设上限")
    elif score <= 0 and read_caps(said["note"]):
        result.flag("note", LOOK, "扣分事项不设上限，只保留文字")


def _check_own(result: RowResult, said: Mapping[str, str], score: int, high: int | None) -> None:
    """Our own columns: yes or no, whole figures, and what the rules of a deed allow."""
    for key in ("veto", "by_quantity"):
        if said[key] not in _YES_NO:
            result.flag(key, REFUSE, "请写“是”或“否”")
    for key in ("spend", *CAP_KINDS):
        if said[key] and whole(said[key]) is None:
            result.flag(key, REFUSE, f"不是 0 到 {MOST} 的整数")
    if said["by_quantity"] == "是" and high is not None:
        result.flag("by_quantity", REFUSE, "评定的分值不能按数量计分")
    if high is None and score < 0 and said["spend"] not in ("", "0"):
        result.flag("spend", REFUSE, "扣分事项不扣积分，请写 0 或留空")
