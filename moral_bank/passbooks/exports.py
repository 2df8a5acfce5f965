"""Ledgers of passbooks, of the money behind the points and of expiry; 积分存折 in its usual headings (domain.md §12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum

from governance.frame.exports import CHUNK, Ledger
from governance.periods import today
from governance.sheets.writer import Column, Value
from moral_bank.models import CoverDay, Entry, Expiry, Passbook, Shop
from moral_bank.passbooks.cover import Cover, covers_of, day_cover


def _passbook_rows(queryset: QuerySet[Passbook]) -> Iterator[Sequence[Value]]:
    related = ("account__household__village", "account__household__unit", "issued_by", "revoked_by")
    rows = queryset.select_related(*related).order_by("account__household__village__path", "account__household__number", "pk")
    for number, passbook in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
        home = passbook.account.household
        yield [
            number,
            home.village.name,
            home.number,
            home.head_name,
            passbook.account.balance,
            today(passbook.issued_at),
            passbook.issued_by.name,
            today(passbook.revoked_at) if passbook.revoked_at else None,
            passbook.reason,
        ]


PASSBOOKS = Ledger(
    "积分存折发放登记",
    [
        Column("序号", 6),
        Column("村（社区）", 18),
        Column("户号", 10),
        Column("户主", 10),
        Column("结余", 8),
        Column("发放日期", 12),
        Column("发放人", 10),
        Column("作废日期", 12),
        Column("作废原因", 24),
    ],
    _passbook_rows,
)


def _statement_rows(queryset: QuerySet[Entry]) -> Iterator[Sequence[Value]]:
    """In the order of posting; the balance counts every entry of the household, also those filtered out."""
    before = Entry.objects.filter(account=OuterRef("account")).order_by()
    until = before.filter(posted_at__lt=OuterRef("posted_at")) | before.filter(
        posted_at=OuterRef("posted_at"), pk__lte=OuterRef("pk")
    )
    total = until.values("account").annotate(total=Sum("points")).values("total")
    entries = queryset.select_related("posted_by").annotate(running=Subquery(total)).order_by("posted_at", "pk")
    for entry in entries.iterator(chunk_size=CHUNK):
        paid_in, paid_out = (entry.points, None) if entry.points > 0 else (None, -entry.points)
        yield [today(entry.posted_at), entry.memo, paid_in, paid_out, entry.running, entry.posted_by.name]


STATEMENT = Ledger(
    "积分存折",
    [
        Column("日期", 12),
        Column("事由", 40),
        Column("存入", 8),
        Column("支取", 8),
        Column("结余", 8),
        Column("经办人", 10),
    ],
    _statement_rows,
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
        yield [number, today(), shop.village.name, *_cover_cells(covers[shop.village_id])]


COVERS = Ledger("积分资金覆盖", _COVER_COLUMNS, _cover_rows, _COVER_NOTES)


def _cover_day_rows(queryset: QuerySet[CoverDay]) -> Iterator[Sequence[Value]]:
    rows = queryset.select_related("village").order_by("village__path", F("day").desc())
    for number, row in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
        yield [number, row.day, row.village.name, *_cover_cells(day_cover(row))]


COVER_DAYS = Ledger("积分资金覆盖日报", _COVER_COLUMNS, _cover_day_rows, _COVER_NOTES)


def _expiry_rows(queryset: QuerySet[Expiry]) -> Iterator[Sequence[Value]]:
    rows = queryset.select_related("village", "decided_by", "notice").prefetch_related("notice__objections")
    rows = rows.order_by("-expires_on", "village__path")
    for number, row in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
        yield [
            number,
            row.village.name,
            row.earned_until,
            row.expires_on,
            row.basis,
            row.notice.opens_on,
            row.decided_by.name,
            row.state.label,
            row.reason or row.notice.withdrawn_reason,
        ]


EXPIRIES = Ledger(
    "积分到期安排",
    [
        Column("序号", 6),
        Column("村（社区）", 18),
        Column("得分截至", 12),
        Column("到期日", 12),
        Column("依据", 30),
        Column("公示开始", 12),
        Column("登记人", 10),
        Column("状态", 22),
        Column("取消或撤回原因", 20),
    ],
    _expiry_rows,
)
