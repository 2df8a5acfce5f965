"""The fund's line of a decision: what a village decided to spend, as its lists of 财务公开 begin (plan §三.1 依法公开)."""

from __future__ import annotations

from governance.councils.decisions.kind_models import DecisionKind
from governance.councils.decisions.models import Decision
from governance.disclosure.affairs.filling import Filled
from governance.periods import Period, today
from villages.models import Unit

EACH, SUMMED = ["序号", "日期", "事由", "收入（元）", "支出（元）"], ["序号", "项目", "收入（元）", "支出（元）", "备注"]
RAISED = "yishi"
NOTHING = "本期没有办结的涉及资金的决策事项。"
NOTE = "从决策事项带入的支出是议定金额，请对照账目改成实际数，并补上其他收支。"


def spent_each(village: Unit, period: Period) -> Filled:
    """逐笔明细: a line for each decision with money that was carried out in the period."""
    rows = [[str(today(one.finished_at)), f"{one.title}（{one.number}）", "", one.money] for one in _carried_out(village, period)]
    return _filled(EACH, rows, period)


def spent_by_project(village: Unit, period: Period) -> Filled:
    """收支: the same as a project each."""
    rows = [[one.title, "", one.money, f"决策编号 {one.number}"] for one in _carried_out(village, period)]
    return _filled(SUMMED, rows, period)


def _carried_out(village: Unit, period: Period) -> list[Decision]:
    """The village's own: what a yard pays itself and what households raise is not in the village's book."""
    begins, ends = period.bounds()
    rows = Decision.objects.filter(village=village, kind__place=DecisionKind.Place.VILLAGE).exclude(kind__code=RAISED)
    return list(rows.filter(money_fen__gt=0, finished_at__gte=begins, finished_at__lt=ends).order_by("finished_at", "pk"))


def _filled(columns: list[str], rows: list[list[str]], period: Period) -> Filled:
    numbered = [[str(number), *row] for number, row in enumerate(rows, 1)]
    return Filled(columns, numbered, NOTE if rows else NOTHING, f"决策事项登记表，{period.label}" if rows else "")
