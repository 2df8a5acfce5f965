"""The evening's figure of every village's cover, and the word to staff and secretary when it crosses 80 % and 100 %."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from governance.accounts.duties import Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.periods import today
from moral_bank.models import CoverDay, Shop
from moral_bank.passbooks.cover import BLOCK, BLOCK_PERCENT, OK, WARN, WARN_PERCENT, Cover, covers_of, day_cover
from villages.models import Post, Unit

_RANK = {OK: 0, WARN: 1, BLOCK: 2}
_FIGURES = ["balance", "cents_per_point", "fund_cents", "goods_cents"]


def covers_snapshot(at: datetime | None = None) -> int:
    """Keep today's figures (run again, they are kept anew) and tell who has to act where the level rose since the last day.

    Returns how many villages have a shop.
    """
    now = at or timezone.now()
    day = today(now)
    villages = {shop.village_id: shop.village for shop in Shop.objects.select_related("village__parent")}
    with transaction.atomic():
        before = _levels_before(day)
        covers = covers_of(villages.values())
        CoverDay.objects.bulk_create(
            [CoverDay(village_id=pk, day=day, **{name: getattr(cover, name) for name in _FIGURES}) for pk, cover in covers.items()],
            update_conflicts=True,
            unique_fields=["village", "day"],
            update_fields=_FIGURES,
        )
        risen = {pk: cover for pk, cover in covers.items() if _RANK[cover.level] > _RANK[before.get(pk, OK)]}
        _tell({villages[pk]: cover for pk, cover in risen.items()}, now)
    return len(covers)


def _levels_before(day: date) -> dict[int, str]:
    """Village id → level on its last day before `day`."""
    last = CoverDay.objects.filter(day__lt=day).order_by().values("village").annotate(last=Max("day"))
    days = dict(last.values_list("village", "last"))
    rows = CoverDay.objects.filter(village__in=days, day__in=set(days.values()))
    return {
        row.village_id: day_cover(row).level
        for row in rows
        if days[row.village_id] == row.day
    }


def _tell(risen: Mapping[Unit, Cover], now: datetime) -> None:
    """One message for each village whose level rose, to its secretary and the township's staff."""
    people = _people(list(risen), today(now))
    for village, cover in risen.items():
        messages_send(
            users=people[village.pk],
            text=f"{village}积分资金覆盖{cover.label}：{_words(cover)}",
            link=f"/covers/{village.pk}/",
            key=f"cover:{village.pk}:{cover.level}:{today(now)}",
            at=now,
        )


def _words(cover: Cover) -> str:
    if cover.percent is None:
        return "超市还没有资金和库存（停发积分）"
    what = f"不低于 {BLOCK_PERCENT}%，停发积分" if cover.level == BLOCK else f"不低于 {WARN_PERCENT}%，请尽快补充"
    return f"待兑付占资金和库存已到 {cover.percent}%（{what}）"


def _people(villages: list[Unit], day: date) -> dict[int, list[User]]:
    """Village id → its secretary and its township's staff, in one query."""
    wanted = {village.pk for village in villages} | {village.parent_id for village in villages}
    posts = Post.objects.current(day).filter(unit__in=wanted, kind__in=[Duty.STAFF, Duty.SECRETARY], user__is_active=True)
    by_unit: dict[int | None, list[User]] = defaultdict(list)
    for post in posts.select_related("user").order_by("pk"):
        if post.user is not None:
            by_unit[post.unit_id].append(post.user)
    return {village.pk: [*by_unit[village.pk], *by_unit[village.parent_id]] for village in villages}
