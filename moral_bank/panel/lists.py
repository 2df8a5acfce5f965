"""Lists of panels, a row for each village, and of their sittings."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Count, QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag
from governance.frame.filters import PeriodFilter
from governance.frame.lists import Listing, To
from moral_bank.panel.rows import PanelRow, panel_rows, seated_seen, waiting_seen
from moral_bank.panel.services import LEAST_VOTING
from villages.filters import InVillages, villages_seen

TO_PANELS = To("评议小组", "moral_bank:panel-list")


class PanelFilter(InVillages):
    """Of villages: those whose panel is too small, or where claims wait for it."""

    place = "pk"
    state = django_filters.ChoiceFilter(
        label="状态", choices=[("few", "成员不足 3 人"), ("waiting", "有待评议的申报")], empty_label="全部", method="narrow"
    )

    def narrow(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        user = self.request.user
        if value == "waiting":
            return rows.filter(pk__in=waiting_seen(user).values("account__household__village"))
        enough = seated_seen(user).values("village").annotate(seats=Count("pk")).filter(seats__gte=LEAST_VOTING)
        return rows.exclude(pk__in=enough.values("village"))


class MemberFilter(PanelFilter):
    """Of members: those of the villages that the list of panels shows."""

    place = "village"

    def narrow(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(village__in=super().narrow(villages_seen(self.request.user), name, value))


class SittingFilter(InVillages):
    period = PeriodFilter("月份", "held_on", empty_label="全部")


def _page(row: PanelRow) -> str:
    return reverse("moral_bank:panel-detail", args=[row.village.pk])


PANELS = Listing(
    "评议小组",
    [
        Col("村（社区）", "village", whole=True),
        Col("成员", "members", num=True, tags=lambda row: [Tag("不足 3 人", "late")] if row.is_few else []),
        Col(
            "待评议申报",
            lambda row: "" if row.waiting else 0,
            num=True,
            tags=lambda row: [Tag(f"{row.waiting} 条", "waiting")] if row.waiting else [],
        ),
        Col("最近评议会", lambda row: row.last or "还没有"),
    ],
    PanelFilter,
    shown=lambda filters, villages: panel_rows(filters.request.user, villages),
    order=("path",),
    href=_page,
    unit="个村（社区）",
    actions=(
        To("按名单登记", "moral_bank:panel-load", needs=(Action.PANEL_EDIT,)),
        To("评议会记录", "moral_bank:sitting-list", first=False),
    ),
    exports=(To("导出名册", "moral_bank:panel-export", needs=(Action.EXPORT,)),),
    empty="您的范围内没有村（社区）。",
    none_found="没有符合条件的村（社区）。",
    per_page=500,
)
MEMBERS = Listing("评议小组名册", (), MemberFilter)

SITTINGS = Listing(
    "评议会记录",
    [
        Col("评议日期", "held_on", sort="held_on", whole=True),
        Col("村（社区）", "village", sort="village__path"),
        Col("评议", lambda sitting: f"{sitting.claims} 条", num=True),
        Col("通过", lambda sitting: f"{sitting.approved} 条", num=True),
        Col("记录人", "recorded_by.name"),
    ],
    SittingFilter,
    parent=TO_PANELS,
    order=("-held_on", "-pk"),
    href="moral_bank:sitting-detail",
    unit="次",
    exports=(To("导出评议台账", "moral_bank:sitting-export", needs=(Action.EXPORT,)),),
    empty="还没有登记过评议会。",
    steps=(To("到评议小组登记", "moral_bank:panel-list", needs=(Action.PANEL_RECORD,)),),
    none_found="没有符合条件的评议会。",
)
