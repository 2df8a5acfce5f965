"""Facilities and points as a list and 设施和点位台账."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag, Tagged
from governance.frame.exports import Ledger
from governance.frame.filters import WordsFilter
from governance.frame.lists import Listing, To
from villages.facilities.due import CHECK
from villages.facilities.kinds import KIND_CHOICES
from villages.facilities.models import Facility
from villages.filters import InVillages

State = Facility.State
TONES = {State.WORKING: "good", State.BROKEN: "late", State.CLOSED: "", State.ENDED: ""}


def state_tags(facility: Facility) -> list[Tagged | None]:
    now = timezone.now()
    late = CHECK.is_past(facility, now)
    return [Tag(facility.get_state_display(), TONES[State(facility.state)]), Tag("该检查了", "late") if late else None]


def in_order(rows: QuerySet[Facility]) -> tuple[int, int]:
    """Share of places in working order: how many of those that are to be used, and of how many. What is closed counts as one that is
    not; what has ended does not count."""
    found: dict[str, Any] = rows.exclude(state=State.ENDED).order_by().aggregate(all=Count("pk"), fine=Count("pk", Q(state=State.WORKING)))
    return found["fine"], found["all"]


class FacilityFilter(InVillages):
    kind = django_filters.ChoiceFilter(label="类型", choices=KIND_CHOICES, empty_label="全部类型")
    state = django_filters.ChoiceFilter(label="状态", choices=State, empty_label="全部状态")
    q = WordsFilter("名称或位置里的字", "name__contains", "address__contains")


FACILITIES = Listing(
    "设施和点位",
    [
        Col("名称", "name", whole=True, strong=True),
        Col("类型", "kind_name"),
        Col("所在地", "unit"),
        Col("管护岗位", "get_keeper_display"),
        Col("最近检查", "checked_on"),
        Col("下次检查", "check_due_on"),
        Col("状态", tags=state_tags),
    ],
    FacilityFilter,
    order=("-pk",),
    href="villages:facility-detail",
    unit="处",
    actions=(To("登记设施", "villages:facility-create", needs=(Action.FACILITY_EDIT,)),),
    exports=(To("导出设施台账", "villages:facility-export", needs=(Action.EXPORT,)),),
    empty="还没有登记设施和点位。",
    steps=(To("登记一处", "villages:facility-create", needs=(Action.FACILITY_EDIT,)), To("请村干部登记。", "")),
    none_found="没有符合的设施。",
)

LEDGER = Ledger.of(
    "设施和点位台账",
    [
        Col("村（社区）", "village.name", width=16),
        Col("所在地", "unit.name", width=16),
        Col("类型", "kind_name", width=18),
        Col("名称", "name", width=24),
        Col("位置", "address", width=24),
        Col("管护岗位", "get_keeper_display", width=16),
        Col("权属或运维单位", "owner", width=20),
        Col("开放时间", "hours", width=18),
        Col("数量", "amount", width=12),
        Col("服务户数", "served", width=10),
        Col("接入户数", "connected", width=10),
        Col("纬度", "latitude", width=12),
        Col("经度", "longitude", width=12),
        Col("启用日期", "since"),
        Col("状态", "get_state_display", width=10),
        Col("最近检查", "checked_on"),
        Col("下次检查", "check_due_on"),
        Col("撤销日期", "ended_on"),
        Col("撤销原因", "end_reason", width=24),
    ],
    related=("village", "unit"), order=("village__path", "kind", "name", "pk"), numbered=True, state="状态",
)  # fmt: skip
