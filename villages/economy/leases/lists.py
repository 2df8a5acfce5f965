"""Contracts as a list and 发包合同台账."""

from __future__ import annotations

from decimal import Decimal

import django_filters
from django.utils import timezone

from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag, Tagged
from governance.frame.exports import Ledger
from governance.frame.filters import WordsFilter
from governance.frame.lists import Listing, To
from villages.economy.leases.due import AHEAD, RUNS_OUT
from villages.economy.leases.models import Lease
from villages.filters import InVillages

TONES = {"running": "good", "renewed": "", "ended": ""}


def state_tags(lease: Lease) -> list[Tagged | None]:
    now = timezone.now()
    near = lease.state == Lease.State.RUNNING and RUNS_OUT.is_past(lease, now + AHEAD)
    return [Tag(lease.get_state_display(), TONES[lease.state]), RUNS_OUT.due(lease, now) if near else None]


class LeaseFilter(InVillages):
    state = django_filters.ChoiceFilter(label="状态", choices=Lease.State, empty_label="全部")
    q = WordsFilter("资产资源或承包方里的字", "subject__contains", "lessee__contains")


LEASES = Listing(
    "发包合同",
    [
        Col("资产资源", "subject", whole=True, strong=True),
        Col("承包方", "lessee"),
        Col("村（社区）", "village"),
        Col("面积或数量", "amount"),
        Col("起始", "begins_on"),
        Col("到期", "runs_out_on", sort="runs_out_on"),
        Col("每年（元）", "yearly_yuan", num=True),
        Col("状态", tags=state_tags),
    ],
    LeaseFilter,
    order=("runs_out_on", "pk"),
    href="villages:lease-detail",
    parent=To("村集体经济", "villages:economy-list"),
    unit="份",
    actions=(To("登记合同", "villages:lease-create", needs=(Action.ECONOMY_EDIT,)),),
    exports=(To("导出发包合同台账", "villages:lease-export", needs=(Action.EXPORT,)),),
    empty="还没有登记发包合同。",
    steps=(To("登记一份", "villages:lease-create", needs=(Action.ECONOMY_EDIT,)), To("请村干部登记。", "")),
    none_found="没有符合的合同。",
)

LEDGER = Ledger.of(
    "发包合同台账",
    [
        Col("村（社区）", "village.name", width=16),
        Col("资产资源", "subject", width=24),
        Col("承包方", "lessee", width=20),
        Col("面积或数量", "amount", width=14),
        Col("起始日期", "begins_on"),
        Col("到期日期", "runs_out_on"),
        Col("每年金额（元）", lambda lease: Decimal(lease.yearly_fen).scaleb(-2), width=16),
        Col("状态", "get_state_display", width=10),
        Col("终止日期", "ended_on"),
        Col("终止原因", "end_reason", width=24),
    ],
    related=("village",), order=("village__path", "runs_out_on", "pk"), numbered=True, state="状态",
)  # fmt: skip
