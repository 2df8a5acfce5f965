"""What a village's lists of 事务公开 begin with of its decisions: the fund's line, what its people's meeting resolved (plan §三.1)."""

from __future__ import annotations

from datetime import date

from governance.councils.bodies.models import Body
from governance.councils.decisions.gates import What
from governance.councils.decisions.kind_models import DecisionKind
from governance.councils.decisions.models import Decision, GateRecord
from governance.councils.decisions.standing import steps_of
from governance.councils.decisions.words import figures_words
from governance.disclosure.affairs.filling import Filled
from governance.periods import Period, today
from villages.models import Unit

EACH, SUMMED = ["序号", "日期", "事由", "收入（元）", "支出（元）"], ["序号", "项目", "收入（元）", "支出（元）", "备注"]
RESOLVED = ["序号", "议题", "应到", "实到", "结果"]
VOTERS = (Body.Kind.ASSEMBLY, Body.Kind.DELEGATES, Body.Kind.RESIDENTS, Body.Kind.RESIDENT_DELEGATES)
RAISED = "yishi"
NOTHING = "本期没有办结的涉及资金的决策事项。"
NOT_MET = "这一天没有已确认的村民会议、村民代表会议表决记录。"
NOTE = "从决策事项带入的支出是议定金额，请对照账目改成实际数，并补上其他收支。"


def spent_each(village: Unit, period: Period) -> Filled:
    """逐笔明细: a line for each decision with money that was carried out in the period."""
    rows = [[str(today(one.finished_at)), f"{one.title}（{one.number}）", "", one.money] for one in _carried_out(village, period)]
    return _filled(EACH, rows, period)


def spent_by_project(village: Unit, period: Period) -> Filled:
    """收支: the same as a project each."""
    rows = [[one.title, "", one.money, f"决策编号 {one.number}"] for one in _carried_out(village, period)]
    return _filled(SUMMED, rows, period)


def resolved_on(village: Unit, day: date) -> Filled:
    """决议: a line for each decision that the villagers' or the delegates' meeting of the day voted on, once its record is confirmed."""
    rows = GateRecord.objects.filter(decision__village=village, gate__what=What.MEETING, gate__body__in=VOTERS, held_on=day)
    held = rows.exclude(confirmed_at=None).select_related("decision", "gate").order_by("decision__number", "position", "attempt")
    lines = [[record.decision.title, *_came(record), _result(record)] for record in held]
    numbered = [[str(number), *line] for number, line in enumerate(lines, 1)]
    source = f"决策事项登记表，{day:%Y-%m-%d}的会议" if lines else ""
    return Filled(RESOLVED, numbered, "" if lines else village.in_words(NOT_MET), source)


def _came(record: GateRecord) -> tuple[str, str]:
    if record.entitled is not None:
        return f"{record.entitled}人", f"{record.present or 0}人"
    return f"{record.houses_entitled or 0}户", f"{record.houses_present or 0}户"


def _result(record: GateRecord) -> str:
    """How it stands by this attempt; one that was held again was not enough."""
    step = next(step for step in steps_of(record.decision, today()) if step.standing.position == record.position)
    votes = figures_words(record).partition("同意")
    if step.records[-1].pk != record.pk:
        return "没有通过，另行召开会议"
    return f"没有通过：{step.standing.reason}" if step.standing.reason else f"通过。{votes[1]}{votes[2]}"


def _carried_out(village: Unit, period: Period) -> list[Decision]:
    """The village's own: what a yard pays itself and what households raise is not in the village's book."""
    begins, ends = period.bounds()
    rows = Decision.objects.filter(village=village, kind__place=DecisionKind.Place.VILLAGE).exclude(kind__code=RAISED)
    return list(rows.filter(money_fen__gt=0, finished_at__gte=begins, finished_at__lt=ends).order_by("finished_at", "pk"))


def _filled(columns: list[str], rows: list[list[str]], period: Period) -> Filled:
    numbered = [[str(number), *row] for number, row in enumerate(rows, 1)]
    return Filled(columns, numbered, NOTE if rows else NOTHING, f"决策事项登记表，{period.label}" if rows else "")
