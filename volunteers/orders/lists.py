"""The list of orders: what waits to be sent out, what runs, what is to be judged; what it asks, what it shows of a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import Truncator

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag
from governance.frame.filters import PartFilter, PeriodFilter, WordsFilter
from governance.frame.lists import Listing, Tab, To
from villages.filters import InVillages
from villages.households.lists import place_of
from volunteers.models import Project, ServiceOrder
from volunteers.orders import order_flow as flow
from volunteers.orders.due import due_of_order
from volunteers.orders.models import STATE_CHOICES
from volunteers.orders.rows import known_to, masked_asker, need_for, runners, state_tag

TO_LOG = To("登记点单", "volunteers:order-log", needs=(Action.SERVICE_LOG,))
TO_BOARD = To("看板", "volunteers:order-board", first=False)
TO_MONTH = To("月度情况", "volunteers:order-month", first=False)
TO_LIST = To("群众点单", "volunteers:order-list")
TO_ALL = To("看看全部", "?tab=all")
BY_DUE, LATEST = ("finish_due_at", "pk"), ("-pk",)
# The figures of a month: key → label and how orders are narrowed to it. Page and list count by the same condition.
FIGURES: dict[str, tuple[str, Q]] = {
    "asked": ("点单", Q()),
    "sent": ("派出", Q(offered_at__isnull=False)),
    "done": ("完成", Q(state__in=[state.value for state in flow.SERVED])),
    "satisfied": ("满意", Q(rating=ServiceOrder.Rating.SATISFIED)),
    "unsatisfied": ("不满意", Q(rating=ServiceOrder.Rating.UNSATISFIED)),
    "contacted": ("已首次联系", Q(contacted_at__isnull=False)),
}


def _part(condition: Q) -> Any:
    return lambda rows: rows.filter(condition)


class OrderFilter(InVillages):
    project = django_filters.ModelChoiceFilter(
        label="服务项目", empty_label="全部项目", queryset=lambda request: Project.objects.visible_to(request.user)
    )
    state = django_filters.ChoiceFilter(label="状态", choices=STATE_CHOICES, empty_label="全部状态")
    month = PeriodFilter("点单月份", "asked_at", instant=True)
    part = PartFilter(
        "统计",
        {"": ("全部点单", lambda rows: rows), **{key: (label, _part(held)) for key, (label, held) in FIGURES.items() if key != "asked"}},
    )
    q = WordsFilter("编号、需求里的字，或服务对象", "number__istartswith")

    def __init__(self, data: Any, rows: QuerySet[Any], *, request: UserRequest) -> None:
        super().__init__(data, rows, request=request)
        known = known_to(request.user)

        def of_person(words: str) -> Q:
            """Names, phones and words, where the user knows them anyway."""
            return (Q(name__contains=words) | Q(phone=words) | Q(text__contains=words)) & known

        words: Any = self.filters["q"]
        words.look_ups = (*words.look_ups, of_person)


def _tags(order: ServiceOrder) -> list[Tag | None]:
    climbed = order.level != ServiceOrder.Level.VILLAGE and order.is_open
    return [
        Tag("应急", "late") if order.is_emergency else None,
        Tag(f"已升级到{order.get_level_display()}", "late") if climbed else None,
    ]


def _with_need(filters: Any, rows: Sequence[ServiceOrder]) -> Sequence[ServiceOrder]:
    """With what the user may read of the need."""
    for order in rows:
        order.need = need_for(order, filters.request.user)  # type: ignore[attr-defined]
    return rows


def _states(*states: flow.State) -> Any:
    return lambda rows, user: rows.filter(state__in=[state.value for state in states])


ORDERS = Listing(
    "群众点单",
    [
        Col("点单", lambda order: f"{order.project.name} {order.number}", tags=_tags, whole=True),
        Col("需求", lambda order: Truncator(order.need).chars(40), whole=True),
        Col("点单人", masked_asker),
        Col("地点", place_of),
        Col("跑单人", runners),
        Col("状态", tags=lambda order: [state_tag(order)]),
        Col("限时", tags=lambda order: [due_of_order(order, timezone.now())], phone=False),
    ],
    OrderFilter,
    href="volunteers:order-detail",
    shown=_with_need,
    unit="单",
    actions=(TO_LOG, TO_BOARD, TO_MONTH),
    exports=(To("导出志愿服务台账", "volunteers:order-export", needs=(Action.EXPORT,)),),
    tabs=(
        Tab("waiting", "待派", _states(*flow.WAITING), BY_DUE, "没有等着派出的点单。", (TO_LOG, TO_ALL)),
        Tab("running", "进行中", _states(*flow.RUNNING), BY_DUE, "没有正在跑的单。", (TO_ALL,)),
        Tab("unjudged", "待评", _states(flow.State.DONE), ("judge_due_at", "pk"), "没有等着评的单。", (TO_ALL,)),
        Tab("points", "待定计分", lambda rows, user: rows.filter(points="open"), LATEST, "没有等着定计分的单。", (TO_ALL,)),
        Tab("all", "全部", lambda rows, user: rows, LATEST),
    ),
    empty="这里还没有点单。",
    steps=(TO_LOG,),
    none_found="没有符合的点单。",
    everything=TO_ALL,
    ledgers=True,
    capped=True,
)
