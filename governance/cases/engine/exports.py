"""The ledgers in their usual headings, every cell as text (domain.md §12; mission M12–M15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from django.db.models import Prefetch, QuerySet

from governance.cases.models import Case, Category, ReturnVisit, Shift, Sitting, Visit
from governance.frame.exports import CHUNK, Ledger
from governance.periods import SHANGHAI
from governance.sheets.writer import Column, Value

WEEKDAYS = "一二三四五六日"
HELD = ("category", "village", "unit", "assignee", "holder_unit", "office", "first_receiver")


def moment_text(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at is not None else ""


def day_text(at: datetime | date | None) -> str:
    if isinstance(at, datetime):
        at = at.astimezone(SHANGHAI).date()
    return at.isoformat() if at is not None else ""


def _columns(*headings: tuple[str, float]) -> list[Column]:
    return [Column(heading, width) for heading, width in headings]


def _numbered(rows: Iterable[list[str]]) -> Iterator[Sequence[Value]]:
    for number, row in enumerate(rows, 1):
        yield [str(number), *row]


def _case_rows(queryset: QuerySet[Case]) -> Iterator[Sequence[Value]]:
    cases = queryset.select_related(*HELD).order_by("logged_at", "pk")
    return _numbered(
        [
            case.number,
            moment_text(case.logged_at),
            case.get_source_display(),
            case.category.name,
            f"{case.village} {case.unit if case.unit_id != case.village_id else ''} {case.place}".strip(),
            case.text,
            case.first_receiver.name,
            case.holder_name,
            moment_text(case.case_due_at),
            moment_text(case.finished_at),
            case.result,
            case.get_state_display(),
        ]
        for case in cases.iterator(chunk_size=CHUNK)
    )


CASES = Ledger(
    "事件登记台账",
    _columns(
        ("序号", 6), ("编号", 14), ("登记时间", 17), ("来源", 10), ("类别", 12), ("地点", 24), ("基本情况", 36),
        ("首问责任人", 12), ("办理人", 16), ("办理时限", 17), ("办结时间", 17), ("办理结果", 28), ("状态", 10),
    ),
    _case_rows,
)  # fmt: skip


def _dispute_rows(queryset: QuerySet[Case]) -> Iterator[Sequence[Value]]:
    visits = ReturnVisit.objects.filter(state=ReturnVisit.State.DONE).order_by("done_on", "pk")
    cases = (
        queryset.filter(kind=Case.Kind.DISPUTE)
        .select_related(*HELD, "dispute__mediator__resident", "dispute__mediator__user")
        .prefetch_related(
            "dispute__parties",
            Prefetch("dispute__sittings", Sitting.objects.order_by("round", "number")),
            "dispute__agreements",
            Prefetch("return_visits", visits),
        )
        .order_by("logged_at", "pk")
    )
    return _numbered(_dispute_row(case) for case in cases.iterator(chunk_size=CHUNK))


def _dispute_row(case: Case) -> list[str]:
    dispute = case.dispute
    agreements = [row for row in dispute.agreements.all() if row.round == case.round]
    visits = list(case.return_visits.all())
    return [
        day_text(case.logged_at),
        case.get_source_display(),
        case.category.name,
        "、".join(party.name for party in dispute.parties.all()),
        case.text,
        dispute.get_risk_display(),
        dispute.leader,
        dispute.mediator.holder_name if dispute.mediator else case.holder_name,
        "；".join(f"第{row.number}次调解（{day_text(row.held_at)}）：{row.content}" for row in dispute.sittings.all()),
        day_text(case.case_due_at),
        "；".join(filter(None, (dispute.get_outcome_display(), case.result))),
        "；".join(f"{row.get_performance_display()} {row.performance_note}".strip() for row in agreements),
        "、".join(day_text(visit.done_on) for visit in visits),
        "；".join(f"{visit.get_finding_display()}，{visit.note}" for visit in visits),
        f"{case.number} {case.get_state_display()}",
    ]


DISPUTES = Ledger(
    "矛盾纠纷台账",
    _columns(
        ("序号", 5), ("受理日期", 11), ("来源", 9), ("纠纷类型", 10), ("当事人", 14), ("基本情况", 24), ("风险等级", 8),
        ("责任领导", 8), ("责任人", 8), ("调处措施", 26), ("办理时限", 11), ("调处结果", 16), ("履行情况", 10),
        ("回访日期", 11), ("回访情况", 18), ("备注", 14),
    ),
    _dispute_rows,
)  # fmt: skip


def _errand_rows(queryset: QuerySet[Case]) -> Iterator[Sequence[Value]]:
    cases = queryset.filter(kind=Case.Kind.ERRAND).select_related(*HELD, "errand__service").order_by("logged_at", "pk")
    return _numbered(
        [
            moment_text(case.logged_at),
            case.errand.client,
            case.errand.phone,
            case.category.name,
            case.holder_name,
            day_text(case.case_due_at),
            moment_text(case.finished_at),
            case.result or case.get_state_display(),
            case.errand.get_satisfaction_display(),
        ]
        for case in cases.iterator(chunk_size=CHUNK)
    )


ERRANDS = Ledger(
    "便民代办登记",
    _columns(
        ("序号", 6), ("受理时间", 17), ("委托人", 12), ("联系电话", 14), ("代办事项", 18), ("代办员", 14), ("承诺时限", 12),
        ("办结时间", 17), ("办理结果", 30), ("满意度", 10),
    ),
    _errand_rows,
)  # fmt: skip


def _visit_rows(queryset: QuerySet[Visit]) -> Iterator[Sequence[Value]]:
    cases = Prefetch("cases", Case.objects.select_related("category").order_by("pk"))
    visits = queryset.select_related("village", "unit", "household", "by").prefetch_related(cases)
    return _numbered(
        [
            moment_text(visit.went_at),
            visit.get_kind_display(),
            str(visit.village),
            f"{visit.unit if visit.unit_id != visit.village_id else ''} {visit.place}".strip(),
            visit.household.head_name if visit.household else "",
            "、".join(filter(None, (visit.by.name, visit.companions))),
            visit.seen,
            "；".join(f"{case.number} {case.category.name}（{case.get_state_display()}）" for case in visit.cases.all()),
        ]
        for visit in visits.order_by("went_at", "pk").iterator(chunk_size=CHUNK)
    )


VISITS = Ledger(
    "走访巡查台账",
    _columns(
        ("序号", 6), ("时间", 17), ("类型", 10), ("村（社区）", 14), ("地点", 18), ("走访户", 12), ("走访人", 16),
        ("看到的、听到的", 44), ("处理情况", 32),
    ),
    _visit_rows,
)  # fmt: skip


def _shift_rows(queryset: QuerySet[Shift]) -> Iterator[Sequence[Value]]:
    shifts = queryset.select_related("village", "kind", "post__user", "post__resident").order_by(
        "village__path", "day", "kind__starts", "pk"
    )
    for shift in shifts.iterator(chunk_size=CHUNK):
        yield [
            shift.day.isoformat(),
            f"周{WEEKDAYS[shift.day.weekday()]}",
            str(shift.village),
            shift.kind.name,
            f"{shift.kind.starts:%H:%M}–{shift.kind.ends:%H:%M}",
            shift.post.holder_name,
            shift.post.get_kind_display(),
            shift.post.phone or "",
        ]


SHIFTS = Ledger(
    "值班表",
    _columns(
        ("日期", 12), ("星期", 8), ("村（社区）", 14), ("班次", 12), ("时间", 14), ("值班人", 12), ("职务", 16),
        ("值班电话", 16),
    ),
    _shift_rows,
)  # fmt: skip


def _category_rows(queryset: QuerySet[Category]) -> Iterator[Sequence[Value]]:
    for category in queryset.select_related("office", "service").order_by("kind", "position", "pk"):
        yield [
            category.get_kind_display(),
            category.code,
            category.name,
            category.get_urgency_display(),
            str(category.step_limit("found")),
            str(category.step_limit("handling")),
            str(category.case_limit),
            category.get_goes_to_display() or "登记人",
            category.office.name if category.office else "",
            category.bring.replace("\n", "；"),
            "启用" if category.is_active else "停用",
        ]


CATEGORIES = Ledger(
    "事项类别与限时",
    _columns(
        ("类型", 10), ("代码", 14), ("名称", 18), ("缓急", 8), ("受理限时", 12), ("每步限时", 12), ("全程限时", 12),
        ("登记后交给", 14), ("逾期升级到", 18), ("需带材料", 36), ("状态", 8),
    ),
    _category_rows,
)  # fmt: skip
