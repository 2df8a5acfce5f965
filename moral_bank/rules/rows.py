"""What the pages of rule sets show: scores and caps in words, deeds by head, changes (plan §三.1; mission M22)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Case, Value, When

from governance.accounts.duties import Duty
from governance.sheets.writer import Column
from governance.sheets.writer import Value as CellValue
from moral_bank.rules.compare import Change, Comparison, DeedLine
from moral_bank.rules.models import Deed, DeedQuerySet, Head, RuleSet

CAPS = (("cap_month", "每月"), ("cap_quarter", "每季"), ("cap_year", "每年"))
COMPARE_COLUMNS = [
    Column("类型", 12),
    Column("编号", 10),
    Column("事项", 36),
    Column("项目", 18),
    Column("原来", 24),
    Column("改为", 24),
]
_HEADS = dict(Head.choices)
_VERIFIERS = dict(Duty.choices)


@dataclass(frozen=True)
class DeedRow:
    """A deed with its score and caps in words."""

    deed: Deed

    @property
    def score(self) -> str:
        return score_words(self.deed)

    @property
    def spendable(self) -> str:
        return spendable_words(self.deed)

    @property
    def tone(self) -> str:
        return "plus" if self.deed.score > 0 else "minus"

    @property
    def caps(self) -> str:
        return caps_words(self.deed)


def placed(deeds: DeedQuerySet) -> Any:
    """With the `place` of each deed's head as the plan names them."""
    return deeds.annotate(place=Case(*(When(head=head, then=Value(place)) for place, head in enumerate(Head.values))))


def in_order(deeds: DeedQuerySet) -> DeedQuerySet:
    """By head, then by code."""
    ordered: DeedQuerySet = placed(deeds).order_by("place", "code")
    return ordered


def by_head(deeds: Iterable[Deed]) -> list[tuple[str, list[DeedRow]]]:
    """(head, its deeds) of deeds in order."""
    return [(head, [DeedRow(deed) for deed in same]) for head, same in groupby(deeds, key=Deed.get_head_display)]


def score_words(deed: Deed) -> str:
    """+5, −5 至 +10, 每小时 +1."""
    score = _signed(deed.score)
    if deed.score_high is not None:
        return f"{score} 至 {_signed(deed.score_high)}"
    return f"每{deed.unit} {score}" if deed.by_quantity else score


def spendable_words(deed: Deed) -> str:
    """What a deed lets spend, where that is not its score: 可兑积分每小时 1; "" for a loss and a judged deed."""
    if deed.is_judged or deed.score <= 0 or deed.points == deed.score:
        return ""
    return f"可兑积分每{deed.unit} {deed.points}" if deed.by_quantity else f"可兑积分 {deed.points}"


def caps_words(owner: Deed | RuleSet) -> str:
    """每月 5 分、每年 40 分; "" for none."""
    return "、".join(f"{span} {most} 分" for name, span in CAPS if (most := getattr(owner, name)) is not None)


def shown(key: str, value: object) -> str:
    """A figure of a version as people read it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if key == "head":
        return str(_HEADS[str(value)])
    if key == "verifier":
        return _VERIFIERS.get(str(value), str(value))
    if value is None or value == "":
        return "不限" if key.startswith("cap_") else "—"
    return _signed(value) if key in ("score", "score_high") and isinstance(value, int) else str(value)


@dataclass(frozen=True)
class ChangeRow:
    """One change in words."""

    label: str
    old: str
    new: str


def change_row(change: Change) -> ChangeRow:
    return ChangeRow(change.label, shown(change.key, change.old), shown(change.key, change.new))


def line_words(line: DeedLine) -> str:
    """The score of a compared deed."""
    low, high = shown("score", line.values["score"]), line.values["score_high"]
    return low if high is None else f"{low} 至 {shown('score_high', high)}"


def comparison_rows(found: Comparison) -> Iterator[list[CellValue]]:
    """Every change as a line of COMPARE_COLUMNS."""
    for kind, changes in (("分数线和上限", found.settings), ("五类分值", found.heads)):
        for change in changes:
            row = change_row(change)
            yield [kind, "", "", row.label, row.old, row.new]
    for line in found.added:
        yield ["新增事项", line.code, line.name, "评分", "", line_words(line)]
    for line in found.removed:
        yield ["删去事项", line.code, line.name, "评分", line_words(line), ""]
    for pair in found.changed:
        for change in pair.changes:
            row = change_row(change)
            yield ["修改事项", pair.code, pair.name, row.label, row.old, row.new]


def _signed(score: int) -> str:
    return f"+{score}" if score > 0 else f"−{-score}" if score < 0 else "0"
