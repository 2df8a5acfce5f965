"""What waits in the 道德超市: goods to hand over, goods past their day (plan §三.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import DueKind, Todo, due_words, evening
from governance.periods import today
from moral_bank.models import Lot, Redemption


def _held(rows: QuerySet[Redemption], user: User, now: datetime) -> Iterator[Todo]:
    """One line for all that this person may hand over."""
    found = rows.order_by().aggregate(number=Count("*"), first=Min("expires_at"))
    if found["number"]:
        words = f"{found['number']} 笔等着领取，最早的保留至 {found['first']:%m-%d}"
        yield Todo(found["first"], "道德超市待交付", words, reverse("moral_bank:market-hand"), due_words(found["first"], now))


def _past_their_day(rows: QuerySet[Lot], user: User, now: datetime) -> Iterator[Todo]:
    """A line for each shop with goods that must not be given out any more."""
    shops = rows.order_by().values("item__shop", "item__shop__name").annotate(number=Count("pk"), first=Min("best_before"))
    for shop in shops.order_by("first", "item__shop"):
        link = reverse("moral_bank:market-detail", args=[shop["item__shop"]])
        yield Todo(evening(shop["first"]), "过期货物待报损", f"{shop['item__shop__name']} {shop['number']} 批", link, None)


KINDS = [
    DueKind(
        "redemption",
        "道德超市待交付",
        open=lambda now: Redemption.objects.filter(state=Redemption.State.HELD),
        held=lambda rows, user, now: rows.visible_to(user, Action.MARKET_HAND).exclude(held_by=user),
        lines=_held,
    ),
    DueKind(
        "lot",
        "过期货物待报损",
        open=lambda now: Lot.objects.filter(stock__gt=0, best_before__lt=today(now)),
        held=lambda rows, user, now: rows.visible_to(user, Action.MARKET_STOCK),
        lines=_past_their_day,
    ),
]
