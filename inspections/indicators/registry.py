"""Measured figures (实测指标): what the records say about a village, by outcome (plan §四(三); mission M34).

A figure is `good` of `of` records of a period; below an indicator's minimum it says 样本不足 and proposes nothing. It
only proposes: the supervisor judges on site and may differ with a reason. Log-ins, clicks, photos and the number of
entries are never counted; tests look at the tables behind every indicator of the registry. See `indicator_rows` for what
each one counts, and for why private cases are in none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Model, Q, QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.engine.flow import Kind as CaseKind
from governance.cases.models import Case, Errand, ReturnVisit
from governance.councils.decisions.due import RESULT
from governance.councils.models import Decision, Task
from governance.disclosure.models import AffairTurn, Objection
from governance.disclosure.saying import ANSWER_LIMIT
from governance.periods import Period
from inspections.indicators import rows as rows_of
from inspections.models import FrontPatrol, Measure, Order
from inspections.scorecards.scoring import Fact
from moral_bank.closings.due import LOCKED_WITHIN, SHOWN_WITHIN
from moral_bank.models import Closing
from villages.models import Unit
from volunteers.models import CareTurn


@dataclass(frozen=True)
class Indicator:
    """`counted` gives the rows of `model` with `good`, `village` is the look-up of a row's village.

    `short` heads a column of many; `title`, `columns` with `cells`, and `record` (whose page is linked) show a row in the
    list behind the figure, read with `related`, by `order`. `dated` adds the days that `cells` name beside the record's own.
    """

    code: str
    short: str
    name: str
    meaning: str
    clause: str
    minimum: int
    model: type[Model]
    village: str
    counted: rows_of.Rows
    related: tuple[str, ...]
    order: tuple[str, ...]
    title: Callable[[Any], str]
    columns: tuple[str, ...]
    cells: rows_of.Cells
    record: Callable[[Any], Model | None]
    dated: rows_of.Dated = lambda rows, period: rows

    def rows(self, period: Period, now: datetime, among: QuerySet[Any] | None = None) -> QuerySet[Any]:
        """The records counted, annotated with `good` and `in_village` (id); of the whole database, or of those `among`."""
        base = self.model._default_manager.all() if among is None else among
        found: QuerySet[Any] = self.counted(base, period, now).annotate(in_village=F(self.village))
        return found

    def kept_rows(self, period: Period, good: Sequence[int], missed: Sequence[int], among: QuerySet[Any]) -> QuerySet[Any]:
        """The records that a kept figure counted, as they are now, with `good` as it was then."""
        rows: QuerySet[Any] = self.dated(among.filter(pk__in=[*good, *missed]), period)
        kept: QuerySet[Any] = rows.annotate(good=rows_of.flag(Q(pk__in=good)))
        return kept


@dataclass(frozen=True)
class Taken:
    """A figure with the ids of the records that it counts."""

    fact: Fact
    good: list[int]
    missed: list[int]


def measure(indicator: Indicator, village: Unit, period: Period, now: datetime) -> Fact:
    """One village's figure."""
    return _figures(indicator, [village.pk], period, now)[village.pk]


def measures(
    villages: Iterable[Unit], period: Period, now: datetime, codes: Iterable[str] | None = None
) -> dict[int, dict[str, Fact]]:
    """Village id → code → figure, all of them or those of `codes`, in one query an indicator. Codes that no
    indicator has are passed over."""
    ids = [village.pk for village in villages]
    found: dict[int, dict[str, Fact]] = {pk: {} for pk in ids}
    wanted = INDICATORS if codes is None else {code: INDICATORS[code] for code in sorted(set(codes) & INDICATORS.keys())}
    for code, indicator in wanted.items():
        for pk, fact in _figures(indicator, ids, period, now).items():
            found[pk][code] = fact
    return found


def takes(villages: Iterable[Unit], period: Period, now: datetime, codes: Iterable[str]) -> dict[int, dict[str, Taken]]:
    """As `measures`, with the records behind each figure, so that both can be kept."""
    ids = [village.pk for village in villages]
    found: dict[int, dict[str, Taken]] = {pk: {} for pk in ids}
    for code in sorted(set(codes) & INDICATORS.keys()):
        indicator = INDICATORS[code]
        keys: dict[tuple[int, bool], list[int]] = defaultdict(list)
        rows = indicator.rows(period, now).filter(in_village__in=ids).order_by("pk")
        for village, is_good, key in rows.values_list("in_village", "good", "pk"):
            keys[village, is_good].append(key)
        for pk in ids:
            good, missed = keys[pk, True], keys[pk, False]
            found[pk][code] = Taken(_fact(indicator, len(good), len(good) + len(missed)), good, missed)
    return found


def facts_rows(indicator: Indicator, user: User, village: Unit, period: Period, now: datetime) -> QuerySet[Any]:
    """The list behind a village's figure for somebody who sees the village's figures, and no row for anybody else.

    The scope is the model's own, asked for ROUND_VIEW, and the whole village or nothing: who sees but a part of it would
    get a list shorter than the figure. Whoever has ROUND_VIEW also has the viewing action of each model but one: the
    care ledger is for those with CARE_VIEW, and therefore its list names nobody.
    """
    villages = Unit.objects.visible_to(user, Action.ROUND_VIEW).villages().filter(pk=village.pk).order_by()
    seen = indicator.model._default_manager.visible_to(user, Action.ROUND_VIEW)  # type: ignore[attr-defined]
    rows = indicator.rows(period, now, seen).filter(in_village__in=villages.values("pk"))
    return rows.select_related(*indicator.related).order_by(*indicator.order, "pk")


def kept_rows(indicator: Indicator, user: User, measure: Measure) -> QuerySet[Any]:
    """The list behind a figure of a card that the user sees: the records that it counted, but for those that are no longer
    theirs to see. For a figure without its list: what the records say now of that day."""
    village, period = measure.card.village, measure.card.round.period
    if measure.good_keys is None or measure.missed_keys is None:
        return facts_rows(indicator, user, village, period, measure.taken_at)
    seen = indicator.model._default_manager.visible_to(user, Action.ROUND_VIEW)  # type: ignore[attr-defined]
    rows = indicator.kept_rows(period, measure.good_keys, measure.missed_keys, seen)
    return rows.select_related(*indicator.related).order_by(*indicator.order, "pk")


def _figures(indicator: Indicator, ids: list[int], period: Period, now: datetime) -> dict[int, Fact]:
    rows = indicator.rows(period, now).filter(in_village__in=ids).order_by().values("in_village")
    counted = rows.annotate(all_count=Count("pk"), good_count=Count("pk", filter=Q(good=True)))
    found = {row["in_village"]: (row["good_count"], row["all_count"]) for row in counted}
    return {pk: _fact(indicator, *found.get(pk, (0, 0))) for pk in ids}


def _fact(indicator: Indicator, good: int, of: int) -> Fact:
    return Fact(good, of, enough=of >= indicator.minimum)


_CASE_ROWS = ("category", "village", "unit")
_CASE_COLUMNS = ("地点", "全程限时", "办结时间")
_LEFT_OUT = "作废、暂停、不公开和从原台账导入的不计。"


def _case_title(case: Case) -> str:
    return f"{case.category.name} {case.number}"


def _in_time(code: str, short: str, kind: CaseKind, name: str, clause: str) -> Indicator:
    return Indicator(
        code=code,
        short=short,
        name=f"{name}按时办结",
        meaning=f"全程限时在这个季度、现在已到期的{name}，在限时内办结的为达标。{_LEFT_OUT}",
        clause=clause,
        minimum=5,
        model=Case,
        village="village",
        counted=rows_of.cases_in_time(kind),
        related=_CASE_ROWS,
        order=("case_due_at",),
        title=_case_title,
        columns=_CASE_COLUMNS,
        cells=rows_of.case_cells,
        record=lambda case: case,
    )


_ALL = (
    _in_time("events_in_time", "事件", CaseKind.EVENT, "事件", "§四.3 限时办结"),
    _in_time("disputes_in_time", "纠纷", CaseKind.DISPUTE, "矛盾纠纷", "§三.3 矛盾纠纷调处，§四.3 限时办结"),
    _in_time("errands_in_time", "代办", CaseKind.ERRAND, "便民代办", "§三.4 一条龙代办，§四.3 限时办结"),
    Indicator(
        code="cases_not_reopened",
        short="没有重开",
        name="办结后没有重开",
        meaning="这个季度办结过的事件、纠纷和代办，办结以后没有重开的为达标。作废、不公开和从原台账导入的不计。",
        clause="§四.3 首问负责、限时办结",
        minimum=5,
        model=Case,
        village="village",
        counted=rows_of.cases_finished,
        related=_CASE_ROWS,
        order=(),
        title=_case_title,
        columns=("地点", "现在状态", "办理次数"),
        cells=rows_of.finished_cells,
        record=lambda case: case,
    ),
    Indicator(
        code="errands_satisfied",
        short="满意",
        name="代办群众满意",
        meaning="这个季度办结、群众作了评价的便民代办，评价不是“不满意”的为达标。不公开的不计。",
        clause="§三.4 一次性告知、一站式、一条龙服务",
        minimum=5,
        model=Errand,
        village="case__village",
        counted=rows_of.errands_rated,
        related=("case__category", "case__village", "case__unit"),
        order=("case__finished_at",),
        title=lambda errand: _case_title(errand.case),
        columns=("地点", "办结时间", "评价"),
        cells=rows_of.errand_cells,
        record=lambda errand: errand.case,
    ),
    Indicator(
        code="return_visits_kept",
        short="回访",
        name="回访按期完成",
        meaning="应回访日期在这个季度、现在已过的回访，当天或以前完成的为达标。因重开取消、不公开和从原台账导入的不计。",
        clause="§三.3 调处回访制度",
        minimum=5,
        model=ReturnVisit,
        village="case__village",
        counted=rows_of.return_visits_due,
        related=("case__category",),
        order=("due_on",),
        title=lambda visit: _case_title(visit.case),
        columns=("第几天", "应回访日期", "回访日期"),
        cells=rows_of.return_visit_cells,
        record=lambda visit: visit.case,
    ),
    Indicator(
        code="closings_in_time",
        short="锁定",
        name="月评分按期锁定",
        meaning=f"这个季度各月的月评分，次月 {LOCKED_WITHIN.days} 日以前（含当日）锁定的为达标。还没到日期的月份不计。",
        clause="§三.4 月评分、季评星、年评优",
        minimum=2,
        model=Closing,
        village="village",
        counted=rows_of.closings_due,
        related=("village",),
        order=("start",),
        title=lambda closing: f"{closing.period.label}评分",
        columns=("最迟锁定日期", "锁定时间"),
        cells=rows_of.closing_cells,
        record=lambda closing: closing,
        dated=rows_of.closing_days,
    ),
    Indicator(
        code="notices_in_time",
        short="公示",
        name="月评分按期公示",
        meaning=f"这个季度各月的月评分，次月 {SHOWN_WITHIN.days} 日以前（含当日）第一次公示的为达标。还没到日期的月份不计。",
        clause="§三.1 依法公开",
        minimum=2,
        model=Closing,
        village="village",
        counted=rows_of.notices_due,
        related=("village",),
        order=("start",),
        title=lambda closing: f"{closing.period.label}评分公示",
        columns=("最迟公示日期", "公示开始"),
        cells=rows_of.notice_cells,
        record=lambda closing: closing,
        dated=rows_of.notice_days,
    ),
    Indicator(
        code="objections_in_time",
        short="异议",
        name="异议按期答复",
        meaning=f"这个季度收到、期限已过的公示异议，{ANSWER_LIMIT}内答复的为达标。",
        clause="§三.1 依法公开",
        minimum=3,
        model=Objection,
        village="notice__unit",
        counted=rows_of.objections_due,
        related=("notice__closing",),
        order=("received_at",),
        title=lambda objection: objection.notice.title,
        columns=("提出时间", "最迟答复日期", "答复时间"),
        cells=rows_of.objection_cells,
        record=lambda objection: getattr(objection.notice, "closing", None),
        dated=rows_of.objection_days,
    ),
    Indicator(
        code="decisions_whole",
        short="决策",
        name="决策按程序办到底",
        meaning=f"通过以后 {RESULT.within.days} 天的期限在这个季度、现在已过的决策，期限内公开实施结果并办结的为达标。"
        "没有走完程序的不能通过，不在其内；旧台账导入的不计。",
        clause="§三.1 四议四调四评、依法公开",
        minimum=2,
        model=Decision,
        village="village",
        counted=rows_of.decisions_due,
        related=(),
        order=("adopted_at",),
        title=lambda decision: f"{decision.title} {decision.number}",
        columns=("通过时间", "办结时间"),
        cells=rows_of.decision_cells,
        record=lambda decision: decision,
    ),
    Indicator(
        code="affairs_in_time",
        short="公开",
        name="事务按期公开",
        meaning="公开目录里最迟公开日期在这个季度、现在已过的事项，当天或以前第一次公开的为达标；后来更正、撤回不影响。停用和取消的事项、"
        "到期前撤销的村不计。",
        clause="§三.1 依法公开",
        minimum=3,
        model=AffairTurn,
        village="village",
        counted=rows_of.affairs_due,
        related=("kind", "village"),
        order=("due_on",),
        title=str,
        columns=("最迟公开日期", "首次公开"),
        cells=rows_of.affair_cells,
        record=lambda turn: turn,
    ),
    Indicator(
        code="care_kept",
        short="看望",
        name="特殊困难群体按期探访",
        meaning="特殊困难群体台账里应探访日期在这个季度、现在已过的，当天或以前见到或电话联系到的为达标。一次不到再次应到的也计。"
        "退出、迁出或去世以后的不计。名单不写姓名。",
        clause="§三.2 特殊困难群体台账管理，§四.3 定期走访",
        minimum=5,
        model=CareTurn,
        village="record__village",
        counted=rows_of.care_due,
        related=("record__unit", "record__category"),
        order=("due_on",),
        title=lambda turn: f"{turn.record.unit}的一名关爱对象",
        columns=("应探访日期", "探访日期"),
        cells=rows_of.care_cells,
        record=lambda turn: None if turn.record.is_child else turn.record,
    ),
    Indicator(
        code="fronts_rechecked",
        short="三包",
        name="门前三包按期复查",
        meaning="提醒整改后应复查的日期在这个季度、现在已过的，当天或以前复查的为达标。责任已停止的不计。",
        clause="§三.1、§三.2 门前“三包”",
        minimum=5,
        model=FrontPatrol,
        village="front__village",
        counted=rows_of.fronts_due,
        related=("front",),
        order=("due_on",),
        title=lambda patrol: str(patrol.front),
        columns=("应复查日期", "复查时间"),
        cells=rows_of.front_cells,
        record=lambda patrol: patrol.front,
    ),
    Indicator(
        code="orders_in_time",
        short="整改",
        name="整改按期销号",
        meaning="整改期限在这个季度、现在已过的整改通知书和督办单，没有逾期、一次复核通过并销号的为达标。已报告、等待复核的不计。",
        clause="§四(三) 逗硬问责，以压促改",
        minimum=3,
        model=Order,
        village="village",
        counted=rows_of.orders_due,
        related=(),
        order=("fix_due_on",),
        title=lambda order: f"{order.get_kind_display()} {order.number}",
        columns=("整改期限", "未按要求整改", "销号日期"),
        cells=rows_of.order_cells,
        record=lambda order: order,
    ),
    Indicator(
        code="council_tasks_in_time",
        short="会议",
        name="会议议定事项按期落实",
        meaning="办理期限在这个季度、现在已过的会议任务，期限当天或以前落实的为达标。会上定了不再办理的不计。",
        clause="§三.2 “一约七会”，§三.4 说事会、院户会",
        minimum=3,
        model=Task,
        village="item__meeting__village",
        counted=rows_of.tasks_due,
        related=("item__meeting__body",),
        order=("due_on",),
        title=lambda task: task.what,
        columns=("会议", "办理期限", "办结日期"),
        cells=rows_of.task_cells,
        record=lambda task: task,
    ),
)
INDICATORS: dict[str, Indicator] = {indicator.code: indicator for indicator in _ALL}
