"""Ledgers of passbooks, of the money behind the points and of expiry; 积分存折 in its usual headings (domain.md §12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum

from governance.frame.columns import Col, day_of
from governance.frame.exports import CHUNK, KEY, Ledger, row_key
from governance.periods import today
from governance.sheets.writer import Column, Value
from moral_bank.models import CoverDay, Entry, Shop
from moral_bank.passbooks.cover import Cover, covers_of, day_cover

PASSBOOKS = Ledger.of(
    "积分存折发放登记",
    [
        Col("村（社区）", "account.household.village.name", width=18),
        Col("户号", "account.household.number", width=10),
        Col("户主", "account.household.head_name", width=10),
        Col("结余", "account.balance", width=8),
        Col("发放日期", day_of("issued_at")),
        Col("发放人", "issued_by.name", width=10),
        Col("作废日期", day_of("revoked_at")),
        Col("作废原因", "reason", width=24),
    ],
    related=("account__household__village", "issued_by"),
    order=("account__household__village__path", "account__household__number_key", "pk"),
    numbered=True,
    state="作废日期",
)


def _running() -> Subquery:
    """The balance after an entry in the order of posting; it counts every entry of the household, also those filtered out."""
    before = Entry.objects.filter(account=OuterRef("account")).order_by()
    until = before.filter(posted_at__lt=OuterRef("posted_at")) | before.filter(
        posted_at=OuterRef("posted_at"), pk__lte=OuterRef("pk")
    )
    return Subquery(until.values("account").annotate(total=Sum("points")).values("total"))


STATEMENT = Ledger.of(
    "积分存折",
    [
        Col("日期", day_of("posted_at")),
        Col("事由", "memo", width=40),
        Col("存入", lambda entry: entry.points if entry.points > 0 else None, width=8),
        Col("支取", lambda entry: -entry.points if entry.points <= 0 else None, width=8),
        Col("结余", "running", width=8),
        Col("经办人", "posted_by.name", width=10),
    ],
    related=("posted_by",),
    figures={"running": _running()},
    order=("posted_at", "pk"),
)

_COVER_COLUMNS = [
    Column("序号", 6),
    Column("日期", 12),
    Column("村（社区）", 18),
    Column("待兑付积分", 12),
    Column("每分折合（元）", 14),
    Column("待兑付金额（元）", 16),
    Column("资金（元）", 12),
    Column("库存（元）", 12),
    Column("资金和库存合计（元）", 20),
    Column("覆盖比例（%）", 14),
    Column("状态", 8),
    KEY,
]
_COVER_NOTES = ["覆盖比例 = 待兑付金额 ÷ 资金和库存合计；80% 起预警，100% 起停发积分，兑换不受影响。"]


def _cover_cells(cover: Cover) -> list[Value]:
    money = cover.yuan
    figures = [money["rate"], money["liability"], money["fund"], money["goods"], money["cover"]]
    return [cover.balance, *figures, cover.percent, cover.label]


def _cover_rows(queryset: QuerySet[Shop]) -> Iterator[Sequence[Value]]:
    shops = list(queryset.select_related("village").order_by("village__path"))
    covers = covers_of(shop.village for shop in shops)
    for number, shop in enumerate(shops, start=1):
        yield [number, today(), shop.village.name, *_cover_cells(covers[shop.village_id]), row_key(Shop, shop.pk)]


COVERS = Ledger("积分资金覆盖", _COVER_COLUMNS, _cover_rows, _COVER_NOTES)


def _cover_day_rows(queryset: QuerySet[CoverDay]) -> Iterator[Sequence[Value]]:
    rows = queryset.select_related("village").order_by("village__path", F("day").desc())
    for number, row in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
        yield [number, row.day, row.village.name, *_cover_cells(day_cover(row)), row_key(CoverDay, row.pk)]


COVER_DAYS = Ledger("积分资金覆盖日报", _COVER_COLUMNS, _cover_day_rows, _COVER_NOTES)


EXPIRIES = Ledger.of(
    "积分到期安排",
    [
        Col("村（社区）", "village.name", width=18),
        Col("得分截至", "earned_until"),
        Col("到期日", "expires_on"),
        Col("依据", "basis", width=30),
        Col("公示开始", "notice.opens_on"),
        Col("登记人", "decided_by.name", width=10),
        Col("状态", "state.label", width=22),
        Col("取消或撤回原因", lambda row: row.reason or row.notice.withdrawn_reason, width=20),
    ],
    related=("village", "decided_by", "notice"),
    prefetch=("notice__objections",),
    order=("-expires_on", "village__path"),
    numbered=True,
    state="状态",
)
