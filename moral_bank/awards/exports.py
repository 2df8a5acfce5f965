"""The columns of 最美家庭, of the red list and of private reminders (domain.md §7, §12)."""

from __future__ import annotations

from governance.frame.columns import Col
from governance.frame.exports import Ledger
from moral_bank.awards.honours import half_of, period_label
from moral_bank.awards.lists import of_reminder
from moral_bank.awards.models import Honour, Nomination
from moral_bank.closings.notice import STARS
from moral_bank.ledger.exports import star_text
from villages.numbers.services import IN_ORDER

HOUSEHOLD = (Col("户号", "account.household.number", width=10), Col("户主", "account.household.head_name", width=10))


def _vote(row: Nomination) -> str:
    return f"到会 {row.present} 人，同意 {row.votes_yes} 票，不同意 {row.votes_no} 票" if row.judged_on else ""


def _shown(row: Nomination) -> str:
    return f"{row.notice.opens_on} 至 {row.notice.closes_on}" if row.notice else ""


def _outcome(row: Nomination) -> str:
    return row.honour.number if hasattr(row, "honour") else row.reason


def _revoked(honour: Honour) -> str:
    return f"{honour.revoked_on} 撤销：{honour.revoked_reason}" if honour.revoked_on else ""


NOMINATIONS = Ledger.of(
    "最美家庭评选登记",
    [
        Col("期间", lambda row: half_of(row.half).label, width=14),
        Col("村（社区）", "village.short_name", width=16),
        *HOUSEHOLD,
        Col("提名方式", "get_source_display"),
        Col("提名人", "nominator", width=14),
        Col("主要事迹", "story", width=40),
        Col("村评议日期", "judged_on"),
        Col("评议结果", _vote, width=28),
        Col("回避人员", "recused", width=14),
        Col("公示起止", _shown, width=24),
        Col("状态", "get_state_display"),
        Col("证书编号（未通过原因）", _outcome, width=28),
    ],
    related=("account__household", "village", "notice", "honour"),
    order=("half", "village__path", "pk"),
    state="状态",
    numbered=True,
)

HONOURS = Ledger.of(
    "红榜",
    [
        Col("期间", period_label, width=14),
        Col("村（社区）", "village.short_name", width=16),
        *HOUSEHOLD,
        Col("荣誉", "get_kind_display", width=20),
        Col("证书编号", "number", width=24),
        Col("授予日期", "granted_on"),
        Col("备注", _revoked, width=28),
        Col("撤销日期", "revoked_on"),
    ],
    related=("account__household", "village"),
    order=("-period", "kind", "village__path", *IN_ORDER),
    state="撤销日期",
    numbered=True,
    notes=["本表有户主全名，只作内部台账；张贴请用“打印红榜”，姓名已脱敏。"],
)

REMINDERS = Ledger.of(
    "整改提醒登记",
    [
        Col("期间", "closing.period.label", width=14),
        Col("村（社区）", "closing.village.short_name", width=16),
        *HOUSEHOLD,
        Col("得分", "score", width=8),
        Col("星级", lambda rating: star_text(rating) or STARS[0], width=10),
        Col("提醒日期", of_reminder("told_on")),
        Col("提醒人", of_reminder("told_by.name"), width=10),
        Col("约定怎么改", of_reminder("note"), width=40),
    ],
    related=("closing__village", "account__household", "reminder__told_by"),
    order=("closing__start", "closing__village__path", "account__household__number_key", "pk"),
    numbered=True,
    notes=["只作内部登记，不张贴、不公开，不与任何待遇挂钩。"],
)
