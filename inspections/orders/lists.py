"""Lists of findings, orders and 问责: what they ask, what they show of a row (plan §四(三))."""

from __future__ import annotations

import django_filters
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag, day_of
from governance.frame.filters import PartFilter, WordsFilter
from governance.frame.lists import Listing, Tab, To
from inspections.models import Blame, Finding, Order
from inspections.orders.due import fix_due, sign_due
from inspections.orders.exports import LEDGERS
from inspections.orders.rows import TONES
from villages.filters import InVillages

ADD_FINDING = To("记一个问题", "inspections:finding-create", needs=(Action.ROUND_SCORE, Action.ORDER_ISSUE), first=False)
TO_ISSUE = To("从发现的问题里下发", "inspections:finding-list", needs=(Action.ORDER_ISSUE,))
TO_ALL = To("看看全部", "?tab=all")


def _with_words(words: str) -> Q:
    return Q(pk__in=Finding.objects.filter(text__contains=words, order__isnull=False).values("order"))


class OrderFilter(InVillages):
    kind = django_filters.ChoiceFilter(label="类别", choices=Order.Kind.choices, empty_label="全部类别")
    q = WordsFilter("编号、问题或要求里的字", "number__icontains", "requirement__contains", _with_words)


class FindingFilter(InVillages):
    state = PartFilter(
        "进度",
        {
            "": ("还没下发", lambda rows: rows.filter(order=None)),
            "ordered": ("已下发", lambda rows: rows.exclude(order=None)),
            "all": ("全部", lambda rows: rows),
        },
    )
    q = WordsFilter("问题里的字", "text__contains")


class BlameFilter(InVillages):
    kind = django_filters.ChoiceFilter(label="方式", choices=Blame.Kind.choices, empty_label="全部方式")
    q = WordsFilter("对象或事由里的字", "person__contains", "facts__contains")


def _texts(order: Order) -> str:
    """The first two findings, shortened."""
    return "\n".join(Truncator(finding.text).chars(40) for finding in order.findings.all()[:2])


def _more_texts(order: Order) -> str:
    number = len(order.findings.all())
    return f"共 {number} 个问题" if number > 2 else ""


def _state_tags(order: Order) -> list[Tag | None]:
    missed = Tag(f"{order.misses} 次未按要求", "late") if order.misses else None
    return [Tag(order.get_state_display(), TONES[Order.State(order.state)]), missed]


def _order_link(row: Finding | Blame) -> str:
    return reverse("inspections:order-detail", args=[row.order_id]) if row.order_id else ""


ORDERS = Listing(
    "整改和督办",
    [
        Col("编号", "number", hint="get_kind_display", whole=True),
        Col("单位", "village", sort="village__path"),
        Col("问题", _texts, hint=_more_texts, whole=True),
        Col("签发", day_of("issued_at"), sort="issued_at"),
        Col("签收期限", "sign_due_on", sort="sign_due_on", tags=lambda order: [sign_due(order, timezone.now())]),
        Col("整改期限", "fix_due_on", sort="fix_due_on", tags=lambda order: [fix_due(order, timezone.now())]),
        Col("状态", tags=_state_tags, hint="closed_on"),
    ],
    OrderFilter,
    href="inspections:order-detail",
    unit="件",
    actions=(
        To("下发整改通知", "inspections:finding-list", needs=(Action.ORDER_ISSUE,)),
        To("发现的问题", "inspections:finding-list", first=False),
    ),
    exports=tuple(
        To(f"导出{ledger.title}", "inspections:order-export", (kind,), needs=(Action.EXPORT,)) for kind, ledger in LEDGERS.items()
    ),
    tabs=(
        Tab("open", "待办", lambda rows, user: rows.open(), ("fix_due_on", "pk"), "没有在办的整改。", (TO_ISSUE, TO_ALL)),
        Tab("all", "全部", lambda rows, user: rows, ("-pk",)),
        Tab("closed", "已销号", lambda rows, user: rows.exclude(closed_on=None), ("-closed_on", "-pk")),
    ),
    empty="这里还没有整改。",
    steps=(To("镇里下发整改通知书、督办单以后，在这里办理。", ""),),
    none_found="没有符合的整改。",
    everything=To("看看全部", "?tab=all"),
)

FINDINGS = Listing(
    "发现的问题",
    [
        Col("问题", cell="inspections/orders/_finding.html", whole=True),
        Col("村（社区）", "village", sort="village__path"),
        Col("发现", day_of("found_at"), sort="found_at", hint="found_by.name"),
        Col("整改", "order.number", href=_order_link, tags=lambda row: [] if row.order else [Tag("还没下发", "waiting")]),
    ],
    FindingFilter,
    parent=To("整改和督办", "inspections:order-list"),
    order=("village__path", "-pk"),
    unit="个",
    actions=(ADD_FINDING,),
    empty="没有等着下发的问题。",
    steps=(ADD_FINDING, To("看看已下发的", "?state=ordered")),
    none_found="没有符合的问题。",
    everything=To("看看全部", "?state=all"),
)

BLAMES = Listing(
    "约谈与问责",
    [
        Col("日期", "on", sort="on"),
        Col("村（社区）", "village", width=18, sort="village__path"),
        Col("方式", "get_kind_display", width=16, strong=True),
        Col("对象", "person", width=16),
        Col("事由", "facts", width=40, whole=True),
        Col("结果", "outcome", width=30, whole=True),
        Col("起因", "order.number", width=16, heading="起因（编号）", href=_order_link),
        Col("登记", "by.name", width=10, heading="登记人", hint=day_of("at")),
    ],
    BlameFilter,
    order=("-on", "-pk"),
    hint="只有镇领导看得到。登记后不能改动，有更正或后续结果的，另记一条。",
    actions=(To("登记", "inspections:blame-create"),),
    exports=(To("导出台账", "inspections:blame-export"),),
    empty="还没有约谈和问责。",
    steps=(To("登记", "inspections:blame-create"),),
)
BLAME_LEDGER = BLAMES.ledger("约谈与问责台账", related=("village", "order", "by"))
