"""What the moral bank holds open of residents, for whom the register is kept meanwhile (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from governance.frame.columns import Col
from governance.frame.personal import Held
from moral_bank.models import Appeal, Claim, Entry, PanelMember, Redemption
from villages.models import Resident

_CLAIMED = (Claim.State.DECLARED, Claim.State.VERIFIED, Claim.State.APPROVED)


def bank_holds(on: date) -> QuerySet[Any]:
    """Those of households with an open claim, appeal or redemption, and the members of panels."""
    open_of = (
        Claim.objects.filter(state__in=_CLAIMED),
        Appeal.objects.filter(state=Appeal.State.OPEN),
        Redemption.objects.filter(state=Redemption.State.HELD),
    )
    held = Q(pk__in=PanelMember.objects.seated(on).order_by().values("resident"))
    for rows in open_of:
        held |= Q(household__account__in=rows.order_by().values("account"))
    return Resident.objects.filter(held).order_by().values("pk")


PERSON = [
    Held(
        "评议小组",
        PanelMember,
        "resident",
        [Col("村（社区）", "village"), Col("推选日期", "appointed_on"), Col("退出日期", "ended_on")],
        ("village",),
    ),
    Held(
        "本户的积分记录",
        Entry,
        "account__household__residents",
        [Col("日期", "occurred_on"), Col("事由", "memo"), Col("评分", "score"), Col("积分", "points"), Col("入账时间", "posted_at")],
    ),
    Held(
        "本户的申报",
        Claim,
        "account__household__residents",
        [Col("日期", "occurred_on"), Col("事项", "deed"), Col("说明", "note"), Col("状态", "get_state_display")],
        ("deed",),
    ),
    Held(
        "本户的兑换",
        Redemption,
        "account__household__residents",
        [Col("状态", "get_state_display"), Col("积分", "points")],
    ),
]
