"""One row of a scorecard: its cells and what they say together about points (see `cards`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from governance.sheets.card_wording import BAND, BONUS, EACH, NOTE, VETO, WHOLE, Rule, Unreadable, read_kind, read_rule
from governance.sheets.cells import REFUSE, Cleaned, clean_compact, clean_text
from governance.sheets.headings import Field
from governance.sheets.reader import Cell
from governance.sheets.rows import RowResult

LONGEST = {"section": 60, "name": 200, "unit": 6, "rule": 200}
_ZERO, _MOST, _CENT = Decimal(0), Decimal(9999), Decimal("0.01")
_YES, _NO = {"是", "1", "y", "Y", "√", "对"}, {"", "否", "0", "n", "N", "×"}


def clean_figure(cell: Cell) -> Cleaned:
    """A figure as text, without 分 and blanks."""
    said = clean_compact(cell)
    return replace(said, value=str(said.value).removesuffix("分")) if said.value else said


CARD_FIELDS = (
    Field("card", "检查表", "检查表 评分表 计分表", clean_text),
    Field("section", "考核项目", "考核项目 项目 考核类别 检查项目 类别 一级指标 大项 section", clean_text, required=True),
    Field("section_points", "项目标准分", "项目标准分 项目分值 项目分 大项分值 section_points", clean_figure),
    Field(
        "name",
        "考核内容",
        "考核内容 考核内容及评分标准 考核内容及标准 内容 考核指标 检查内容 检查标准 二级指标 指标 标准 indicator",
        clean_text,
        required=True,
    ),
    Field("points", "分值", "分值 考核分值 内容分值 小项分值 分数 标准分 满分 item_points", clean_figure),
    Field("rule", "评分办法", "评分办法 评分方式 计分办法 评分标准 扣分标准 扣分办法 考核办法 评分细则 rule", clean_text),
    Field("kind", "计分类型", "计分类型 计分方式 扣分类型 kind", clean_text),
    Field("per_case", "每处扣分", "每处扣分 每处扣或加 每处扣加分 每次扣分 扣分 per_case", clean_figure),
    Field("unit", "单位", "单位 计量单位 case_unit unit", clean_compact),
    Field("bands", "分档", "分档 档次 bands", clean_text),
    Field("exclusive", "与上一条只扣重的", "与上一条只扣重的 与上一条只扣重的一条 只扣重的 exclusive", clean_compact),
    Field("measured", "实测指标", "实测指标 实测", clean_compact),
)


@dataclass(frozen=True)
class DraftItem:
    """One line of a card, as `inspections.scoring.Item` without its key; `rule` are the words it was read from."""

    name: str
    kind: str
    points: Decimal | None
    per_case: Decimal = _ZERO
    unit: str = "处"
    bands: tuple[tuple[Decimal, Decimal], ...] = ()
    exclusive: bool = False
    measured: str = ""
    rule: str = ""


class Line:
    """What one row's cells say about points, put together from its words and its explicit columns."""

    def __init__(self, result: RowResult, hint: str, measured: Mapping[str, str], pool: Decimal | None) -> None:
        self.result, self.hint, self.measured, self.pool = result, hint, measured, pool
        self.per_case = figure_of(result, "per_case")

    def item(self, points: Decimal | None) -> DraftItem | None:
        """The line, or None with the reason flagged."""
        result = self.result
        name = str(result.values["name"] or "")
        if not name:
            result.flag("name", REFUSE, "没有写考核内容")
        rule = self._rule(name)
        if rule is None or not name:
            return None
        made = DraftItem(
            name=name,
            kind=rule.kind,
            points=points if points else None,
            per_case=self._per_case(rule),
            unit=str(result.values["unit"] or rule.unit or ("次" if rule.once else "处")),
            bands=rule.bands,
            exclusive=self._exclusive(),
            measured=self._measured(),
            rule=str(result.values["rule"] or ""),
        )
        return self._checked(made, rule)

    def _rule(self, name: str) -> Rule | None:
        """From 计分类型 and 分档 where they are filled in, else from the words; both must agree."""
        said = str(self.result.values["rule"] or "")
        kind = self._kind()
        try:
            rule = read_rule(said or ("" if "rule" in self.result.columns else name)) if said or self._in_name() else None
        except Unreadable as error:
            rule = None
            if kind is None:
                self.result.flag("rule" if said else "name", REFUSE, str(error))
                return None
        if kind is not None and rule is not None and rule.kind != kind:
            self.result.flag("kind", REFUSE, "计分类型与评分办法的意思不一致")
            return None
        if rule is None and self.result.values["kind"] and kind is None:
            return None
        if rule is None:
            rule = Rule(kind) if kind else self._implied()
        return self._with_bands(rule) if rule is not None else None

    def _in_name(self) -> bool:
        """Cards without a column for the words write them in the 考核内容."""
        return not {"rule", "kind", "per_case", "bands"} & set(self.result.columns) and self.hint != VETO

    def _kind(self) -> str | None:
        said = str(self.result.values["kind"] or "")
        kind = read_kind(said) if said else None
        if said and kind is None:
            self.result.flag("kind", REFUSE, f"不认识的计分类型“{said}”")
        return kind

    def _implied(self) -> Rule | None:
        """What a row without words says by its other cells."""
        if self.hint == VETO:
            return Rule(VETO)
        if self.result.values["bands"]:
            return Rule(BAND)
        if self.per_case:
            return Rule(BONUS if self.hint == BONUS else EACH)
        self.result.flag("rule", REFUSE, "没有写评分办法（与上一行合并的，请在这一行也写上）")
        return None

    def _with_bands(self, rule: Rule) -> Rule | None:
        said = str(self.result.values["bands"] or "")
        if rule.kind == BAND and said:
            try:
                read = read_rule(said)
            except Unreadable as error:
                self.result.flag("bands", REFUSE, str(error))
                return None
            if read.kind != BAND or (rule.bands and rule.bands != read.bands):
                self.result.flag("bands", REFUSE, "分档看不懂，或与评分办法不一致")
                return None
            return read
        if rule.kind == BAND and not rule.bands:
            self.result.flag("bands", REFUSE, "没有写分档（如 95%得10分，90%得8分）")
            return None
        return rule

    def _per_case(self, rule: Rule) -> Decimal:
        """The figure of each case; written in words and in a column it must be the same."""
        given = abs(self.per_case) if self.per_case is not None else None
        if rule.kind == WHOLE:
            if given and self.pool is not None and given != self.pool:
                self.result.flag("per_case", REFUSE, f"评分办法是不得分，但每处扣分写 {given}，分值是 {self.pool}，不一致")
            return _ZERO
        if rule.kind not in (EACH, BONUS):
            return _ZERO
        if given and rule.per_case is not None and given != rule.per_case:
            self.result.flag("per_case", REFUSE, f"评分办法写 {rule.per_case} 分，每处扣分写 {given} 分，不一致")
        figure = rule.per_case if rule.per_case is not None else given
        if not figure:
            self.result.flag("rule", REFUSE, "没有写每处（次、户）扣或加多少分")
        return figure or _ZERO

    def _exclusive(self) -> bool:
        said = str(self.result.values["exclusive"] or "")
        if said not in _YES | _NO:
            self.result.flag("exclusive", REFUSE, "请写“是”或留空")
        return said in _YES

    def _measured(self) -> str:
        said = str(self.result.values["measured"] or "")
        if said and said not in self.measured:
            self.result.flag("measured", REFUSE, f"没有“{said}”这个实测指标")
        return self.measured.get(said, "")

    def _checked(self, item: DraftItem, rule: Rule) -> DraftItem:
        """Limits that the engine keeps by the pool alone, and points where none may be."""
        if item.kind in (NOTE, VETO) and item.points:
            self.result.flag("points", REFUSE, "只记录和一票否决的内容不占分值")
        if item.kind == BONUS and rule.limit is not None:
            if item.points not in (None, rule.limit):
                self.result.flag("points", REFUSE, f"评分办法写最多 {rule.limit} 分，分值写 {item.points} 分，不一致")
            return replace(item, points=rule.limit)
        if rule.limit is not None and rule.limit != self.pool:
            told = "没有写" if self.pool is None else f"是 {self.pool}"
            self.result.flag("rule", REFUSE, f"最多扣 {rule.limit} 分须等于分值（分值{told}），请给这一条单独的分值")
        return item


def figure_of(result: RowResult, key: str) -> Decimal | None:
    """The figure in a cell, None where empty; flagged where it is none."""
    said = str(result.values[key] or "")
    if not said:
        return None
    try:
        figure = Decimal(said)
        if not abs(figure) <= _MOST or figure != figure.quantize(_CENT):
            raise InvalidOperation
    except InvalidOperation:
        result.flag(key, REFUSE, f"“{result.before(key).strip()}”不是分数（最多两位小数）")
        return None
    if figure < 0 and key != "per_case":
        result.flag(key, REFUSE, "分数不能小于 0")
        return None
    return figure
