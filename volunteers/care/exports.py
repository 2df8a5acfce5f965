"""特殊群体台账 with its official headings; each cell only for those whose level it is (domain.md §12)."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.columns import Col
from governance.frame.exports import Book, Ledger
from governance.periods import Period
from volunteers.care.levels import NO_HELPER, Level, for_level, helpers_of, with_levels
from volunteers.models import CareNote, CareRecord


def exported(user: User) -> QuerySet[Any]:
    """Those whom `user` may export, with the level of each."""
    return with_levels(CareRecord.objects.by_duty(user, Action.EXPORT), user)


def address_of(record: CareRecord) -> str:
    return record.resident.household.address or str(record.unit)


def _helpers(record: CareRecord) -> str:
    return "、".join(user.name for user in helpers_of(record)) or NO_HELPER


def interval_of(record: CareRecord) -> str:
    days = record.category.days_of(record.tier)
    return f"每 {days} 天（{record.get_tier_display()}）" if days else f"每月（{record.get_tier_display()}）"


def _guardian(record: CareRecord) -> str:
    return record.private_words[0]


def _found(record: Any) -> CareNote | None:
    """The last note that found something."""
    notes: list[CareNote] = record.resident.found_notes
    return notes[0] if notes else None


def _problem(record: Any) -> str:
    note = _found(record)
    return f"{note.at:%Y-%m-%d} {note.need}" if note else ""


def _outcome(record: Any) -> str:
    """What came of it: an order, a case, another visit."""
    note = _found(record)
    if note is None:
        return ""
    orders = [f"点单 {order.number} {order.get_state_display()}" for order in note.visit.service_orders.all()]
    cases = [f"{case.number} {case.get_state_display()}" for case in note.visit.cases.all() if not case.private]
    again = [f"{note.again_by.went_at:%Y-%m-%d} 再次看望"] if note.again_by else []
    return "；".join([*orders, *cases, *again])


def _remark(record: CareRecord) -> str:
    return f"{record.left_on} 退出：{record.left_reason}" if record.left_on else ""


CARE_LEDGER = Ledger.of(
    "特殊群体台账",
    [
        Col("姓名", "resident.name", width=10),
        Col("类别", "category", width=12),
        Col("住址", for_level(Level.CONTACT, address_of), width=24),
        Col("联系电话", for_level(Level.CONTACT, "resident.phone"), width=14),
        Col("监护（赡养）人", for_level(Level.PRIVATE, _guardian), width=18),
        Col("结对帮扶人", for_level(Level.CONTACT, _helpers), width=14),
        Col("探访频次", interval_of, width=14),
        Col("最近探访", "last_on"),
        Col("发现问题", _problem, width=30),
        Col("处理结果", _outcome, width=30),
        Col("备注", _remark, width=20),
        Col("退出日期", "left_on"),
    ],
    related=("resident__household", "category", "unit", "helper", "substitute"),
    prefetch=(
        Prefetch(
            "resident__care_notes",
            CareNote.objects.exclude(condition=CareNote.Condition.WELL)
            .select_related("visit", "again_by")
            .prefetch_related("visit__service_orders", "visit__cases")
            .order_by("-pk"),
            to_attr="found_notes",
        ),
    ),
    order=("village__path", "pk"),
    numbered=True,
    state="退出日期",
)


def _of_period(user: User, period: Period) -> QuerySet[Any]:
    """Who stood in the ledger on a day of the period; without guardians, which only the list's own export shows and counts."""
    left = Q(left_on=None) | Q(left_on__gte=period.start)
    rows = CareRecord.objects.by_duty(user, Action.EXPORT).filter(left, entered_on__lt=period.end)
    return with_levels(rows, user, Level.CONTACT)


BOOKS = {"care": Book(CARE_LEDGER, _of_period)}
