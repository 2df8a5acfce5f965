"""The columns of 最美家庭, of the red list and of private reminders (domain.md §7, §12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from governance.frame.exports import CHUNK, Ledger
from governance.periods import Kind, Period
from governance.sheets.writer import Column, Value
from moral_bank.awards.honours import period_label
from moral_bank.awards.models import Honour, Nomination
from moral_bank.closings.notice import STARS
from moral_bank.ledger.exports import star_text
from moral_bank.models import Rating
from villages.numbers import IN_ORDER

_HOUSEHOLD = (Column("村（社区）", 16), Column("户号", 10), Column("户主", 10))


def _nomination_rows(queryset: QuerySet[Nomination]) -> Iterator[Sequence[Value]]:
    rows = queryset.select_related("account__household", "village", "notice", "honour")
    ordered = rows.order_by("half", "village__path", "pk").iterator(chunk_size=CHUNK)
    for number, row in enumerate(ordered, start=1):
        household, notice, honour = row.account.household, row.notice, getattr(row, "honour", None)
        yield [
            number,
            Period.of(Kind.HALF, row.half).label,
            row.village.short_name,
            household.number,
            household.head_name,
            row.get_source_display(),
            row.nominator,
            row.story,
            row.judged_on,
            f"到会 {row.present} 人，同意 {row.votes_yes} 票，不同意 {row.votes_no} 票" if row.judged_on else "",
            row.recused,
            f"{notice.opens_on} 至 {notice.closes_on}" if notice else "",
            row.get_state_display(),
            honour.number if honour else row.reason,
        ]


NOMINATIONS = Ledger(
    "最美家庭评选登记",
    [
        Column("序号", 6),
        Column("期间", 14),
        *_HOUSEHOLD,
        Column("提名方式", 12),
        Column("提名人", 14),
        Column("主要事迹", 40),
        Column("村评议日期", 12),
        Column("评议结果", 28),
        Column("回避人员", 14),
        Column("公示起止", 24),
        Column("状态", 12),
        Column("证书编号（未通过原因）", 28),
    ],
    _nomination_rows,
)


def _honour_rows(queryset: QuerySet[Honour]) -> Iterator[Sequence[Value]]:
    rows = queryset.select_related("account__household", "village").order_by("-period", "kind", "village__path", *IN_ORDER)
    for number, honour in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
        household = honour.account.household
        yield [
            number,
            period_label(honour),
            honour.village.short_name,
            household.number,
            household.head_name,
            honour.get_kind_display(),
            honour.number,
            honour.granted_on,
            f"{honour.revoked_on} 撤销：{honour.revoked_reason}" if honour.revoked_on else "",
        ]


HONOURS = Ledger(
    "红榜",
    [
        Column("序号", 6),
        Column("期间", 14),
        *_HOUSEHOLD,
        Column("荣誉", 20),
        Column("证书编号", 24),
        Column("授予日期", 12),
        Column("备注", 28),
    ],
    _honour_rows,
    ["本表有户主全名，只作内部台账；张贴请用“打印红榜”，姓名已脱敏。"],
)


def _reminder_rows(queryset: QuerySet[Rating]) -> Iterator[Sequence[Value]]:
    rows = queryset.select_related("closing__village", "account__household", "reminder__told_by")
    ordered = rows.order_by("closing__start", "closing__village__path", "account__household__number", "pk")
    for number, rating in enumerate(ordered.iterator(chunk_size=CHUNK), start=1):
        household, reminder = rating.account.household, getattr(rating, "reminder", None)
        yield [
            number,
            rating.closing.period.label,
            rating.closing.village.short_name,
            household.number,
            household.head_name,
            rating.score,
            star_text(rating) or STARS[0],
            reminder.told_on if reminder else None,
            reminder.told_by.name if reminder else "",
            reminder.note if reminder else "",
        ]


REMINDERS = Ledger(
    "整改提醒登记",
    [
        Column("序号", 6),
        Column("期间", 14),
        *_HOUSEHOLD,
        Column("得分", 8),
        Column("星级", 10),
        Column("提醒日期", 12),
        Column("提醒人", 10),
        Column("约定怎么改", 40),
    ],
    _reminder_rows,
    ["只作内部登记，不张贴、不公开，不与任何待遇挂钩。"],
)
