"""The official columns of the points ledger and of the ratings (domain.md §12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum

from governance.frame.exports import CHUNK, KEY, Ledger, row_key
from governance.periods import Period
from governance.sheets.writer import Column, Value
from moral_bank.models import Closing, Entry, Rating
from moral_bank.rules.models import Head
from villages.households.exports import unit_names
from villages.models import Unit

_PLACE = ("village__name", "account__household__number", "account__household__head_name")
_BY = ("claim__declared_by__name", "posted_by__name")


def _entry_rows(queryset: QuerySet[Entry]) -> Iterator[Sequence[Value]]:
    """In the order of posting; the running total counts every entry of the household, also those filtered out."""
    until = Entry.objects.filter(account=OuterRef("account"), pk__lte=OuterRef("pk")).order_by()
    months = Closing.objects.filter(village=OuterRef("village"), kind="month", start=OuterRef("month"))
    entries = (
        queryset.annotate(
            running=Subquery(until.values("account").annotate(total=Sum("points")).values("total")),
            shown_from=Subquery(months.values("notice__opens_on")),
            shown_to=Subquery(months.values("notice__closes_on")),
        )
        .order_by("pk")
        .values_list(*_PLACE, "memo", "occurred_on", *_BY, "score", "points", "shown_from", "shown_to", "running", "pk")
    )
    for number, row in enumerate(entries.iterator(chunk_size=CHUNK), start=1):
        *place, memo, day, applicant, clerk, score, points, shown_from, shown_to, running, key = row
        shown = f"{shown_from:%Y-%m-%d} 至 {shown_to:%Y-%m-%d}" if shown_from else ""
        yield [number, *place, memo, day, applicant or clerk, score, points, shown, running, row_key(Entry, key)]


ENTRIES = Ledger(
    "积分台账",
    [
        Column("序号", 6),
        Column("村（社区）", 18),
        Column("户号", 10),
        Column("户主", 10),
        Column("积分事由", 36),
        Column("发生日期", 12),
        Column("申报人", 10),
        Column("分值", 8),
        Column("积分", 8),
        Column("公示起止", 24),
        Column("累计积分", 10),
        KEY,
    ],
    _entry_rows,
    ["分值计入评分；积分可兑换，扣分不扣积分。公示起止为当月评分公示的起止日期，未公示的留空。"],
)


def _rating_rows(queryset: QuerySet[Rating]) -> Iterator[Sequence[Value]]:
    places = unit_names(queryset, "account__household__unit__path")
    ratings = queryset.select_related("closing__village", "account__household__unit").order_by(
        F("closing__start").desc(), "closing__kind", "closing__village__path", "rank", "pk"
    )
    for number, rating in enumerate(ratings.iterator(chunk_size=CHUNK), start=1):
        household, place = rating.account.household, places[rating.account.household.unit.path]
        below = [place[level] for level in (Unit.Level.GROUP, Unit.Level.SETTLEMENT) if level in place]
        yield [
            number,
            Period.of(rating.closing.kind, rating.closing.start).label,
            rating.closing.village.name,
            " ".join(below),
            household.number,
            household.head_name,
            *(getattr(rating, head) for head in Head.values),
            rating.score,
            rating.rank,
            star_text(rating),
            "是" if rating.honoured else "",
            row_key(Rating, rating.pk),
        ]


def star_text(rating: Rating) -> str:
    """五星 … 二星, 一票否决, 不评星, or '' for a month."""
    if rating.vetoed:
        return "一票否决"
    if rating.stars is None:
        return ""
    return {5: "五星", 4: "四星", 3: "三星", 2: "二星"}.get(rating.stars, "不评星")


RATINGS = Ledger(
    "评分与星级",
    [
        Column("序号", 6),
        Column("期间", 14),
        Column("村（社区）", 18),
        Column("组（院）", 18),
        Column("户号", 10),
        Column("户主", 10),
        *(Column(label, 10) for label in Head.labels),
        Column("得分", 8),
        Column("名次", 8),
        Column("星级", 10),
        Column("评优", 8),
        KEY,
    ],
    _rating_rows,
    ["五类得分只有月评分有；季度和年度为各月（季）得分的平均。"],
)
