"""The ledgers in their usual headings, every cell as text (domain.md §12; mission M12–M15)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from governance.cases.models import Case, ReturnVisit, Shift, Sitting, Visit
from governance.frame.columns import Col, Path, read
from governance.frame.exports import NUMBER, Ledger
from governance.frame.forms import WEEKDAYS
from governance.periods import SHANGHAI
from governance.sheets.writer import Value

HELD = ("category", "village", "unit", "assignee", "holder_unit", "office", "first_receiver")
LOGGED = ("logged_at", "pk")
STATE = Col("状态", "get_state_display", width=10)


def moment_text(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at is not None else ""


def day_text(at: datetime | date | None) -> str:
    if isinstance(at, datetime):
        at = at.astimezone(SHANGHAI).date()
    return at.isoformat() if at is not None else ""


def _moment(path: Path) -> Callable[[Any], str]:
    return lambda row: moment_text(read(row, path))


def _day(path: Path) -> Callable[[Any], str]:
    return lambda row: day_text(read(row, path))


def _numbered(ledger: Ledger) -> Ledger:
    """序号 before the other columns."""

    def rows(queryset: QuerySet[Any]) -> Iterator[Sequence[Value]]:
        for number, row in enumerate(ledger.rows(queryset), start=1):
            yield [str(number), *row]

    return replace(ledger, columns=[NUMBER, *ledger.columns], rows=rows)


def _spot(row: Case | Visit) -> str:
    """Where within the village."""
    return f"{row.unit if row.unit_id != row.village_id else ''} {row.place}".strip()


CASES = _numbered(
    Ledger.of(
        "事件登记台账",
        [
            Col("编号", "number", width=14),
            Col("登记时间", _moment("logged_at"), width=17),
            Col("来源", "get_source_display", width=10),
            Col("类别", "category.name"),
            Col("地点", lambda case: f"{case.village} {_spot(case)}".strip(), width=24),
            Col("基本情况", "text", width=36),
            Col("首问责任人", "first_receiver.name"),
            Col("办理人", "holder_name", width=16),
            Col("办理时限", _moment("case_due_at"), width=17),
            Col("办结时间", _moment("finished_at"), width=17),
            Col("办理结果", "result", width=28),
            STATE,
        ],
        related=HELD,
        order=LOGGED,
        state=STATE.label,
    )
)


def _mediator(case: Case) -> str:
    mediator = case.dispute.mediator
    return mediator.holder_name if mediator else case.holder_name


def _sittings(case: Case) -> str:
    sittings = case.dispute.sittings.all()
    return "；".join(f"第{row.number}次调解（{day_text(row.held_at)}）：{row.content}" for row in sittings)


def _outcome(case: Case) -> str:
    return "；".join(filter(None, (case.dispute.get_outcome_display(), case.result)))


def _performance(case: Case) -> str:
    agreements = [row for row in case.dispute.agreements.all() if row.round == case.round]
    return "；".join(f"{row.get_performance_display()} {row.performance_note}".strip() for row in agreements)


def _findings(case: Case) -> str:
    return "；".join(f"{visit.get_finding_display()}，{visit.note}" for visit in case.return_visits.all())


DISPUTES = _numbered(
    Ledger.of(
        "矛盾纠纷台账",
        [
            Col("受理日期", _day("logged_at"), width=11),
            Col("来源", "get_source_display", width=9),
            Col("纠纷类型", "category.name", width=10),
            Col("当事人", lambda case: "、".join(party.name for party in case.dispute.parties.all()), width=14),
            Col("基本情况", "text", width=24),
            Col("风险等级", "dispute.get_risk_display", width=8),
            Col("责任领导", "dispute.leader", width=8),
            Col("责任人", _mediator, width=8),
            Col("调处措施", _sittings, width=26),
            Col("办理时限", _day("case_due_at"), width=11),
            Col("调处结果", _outcome, width=16),
            Col("履行情况", _performance, width=10),
            Col("回访日期", lambda case: "、".join(day_text(visit.done_on) for visit in case.return_visits.all()), width=11),
            Col("回访情况", _findings, width=18),
            Col("备注", lambda case: f"{case.number} {case.get_state_display()}", width=14),
            Col("村（社区）", "village", width=14),
            Col("编号", "number", width=14),
            STATE,
        ],
        related=(*HELD, "dispute__mediator__resident", "dispute__mediator__user"),
        prefetch=(
            "dispute__parties",
            Prefetch("dispute__sittings", Sitting.objects.order_by("round", "number")),
            "dispute__agreements",
            Prefetch("return_visits", ReturnVisit.objects.filter(state=ReturnVisit.State.DONE).order_by("done_on", "pk")),
        ),
        order=LOGGED,
        state=STATE.label,
    )
)

ERRANDS = _numbered(
    Ledger.of(
        "便民代办登记",
        [
            Col("受理时间", _moment("logged_at"), width=17),
            Col("委托人", "errand.client"),
            Col("联系电话", "errand.phone", width=14),
            Col("代办事项", "category.name", width=18),
            Col("代办员", "holder_name", width=14),
            Col("承诺时限", _day("case_due_at")),
            Col("办结时间", _moment("finished_at"), width=17),
            Col("办理结果", lambda case: case.result or case.get_state_display(), width=30),
            Col("满意度", "errand.get_satisfaction_display", width=10),
            Col("编号", "number", width=14),
            STATE,
        ],
        related=(*HELD, "errand__service"),
        order=LOGGED,
        state=STATE.label,
    )
)


def _visitors(visit: Visit) -> str:
    return "、".join(filter(None, (visit.by.name, visit.companions)))


def _handled(visit: Visit) -> str:
    return "；".join(f"{case.number} {case.category.name}（{case.get_state_display()}）" for case in visit.cases.all())


VISITS = _numbered(
    Ledger.of(
        "走访巡查台账",
        [
            Col("时间", _moment("went_at"), width=17),
            Col("类型", "get_kind_display", width=10),
            Col("村（社区）", "village", width=14),
            Col("地点", _spot, width=18),
            Col("走访户", "household.head_name"),
            Col("走访人", _visitors, width=16),
            Col("看到的、听到的", "seen", width=44),
            Col("处理情况", _handled, width=32),
        ],
        related=("village", "unit", "household", "by"),
        prefetch=(Prefetch("cases", Case.objects.select_related("category").order_by("pk")),),
        order=("went_at", "pk"),
    )
)


def _hours(shift: Shift) -> str:
    return f"{shift.kind.starts:%H:%M}–{shift.kind.ends:%H:%M}"


SHIFTS = Ledger.of(
    "值班表",
    [
        Col("日期", _day("day")),
        Col("星期", lambda shift: f"周{WEEKDAYS[shift.day.weekday()]}", width=8),
        Col("村（社区）", "village", width=14),
        Col("班次", "kind.name"),
        Col("时间", _hours, width=14),
        Col("值班人", "post.holder_name"),
        Col("职务", "post.get_kind_display", width=16),
        Col("值班电话", "post.phone", width=16),
    ],
    related=("village", "kind", "post__user", "post__resident"),
    order=("village__path", "day", "kind__starts", "pk"),
)

CATEGORIES = Ledger.of(
    "事项类别与限时",
    [
        Col("类型", "get_kind_display", width=10),
        Col("代码", "code", width=14),
        Col("名称", "name", width=18),
        Col("缓急", "get_urgency_display", width=8),
        Col("受理限时", lambda category: str(category.step_limit("found"))),
        Col("每步限时", lambda category: str(category.step_limit("handling"))),
        Col("全程限时", "case_limit"),
        Col("登记后交给", lambda category: category.get_goes_to_display() or "登记人", width=14),
        Col("逾期升级到", "office.name", width=18),
        Col("需带材料", lambda category: category.bring.replace("\n", "；"), width=36),
        Col("状态", lambda category: "启用" if category.is_active else "停用", width=8),
    ],
    related=("office", "service"),
    order=("kind", "position", "pk"),
    state="状态",
)
