"""What the 道德超市 asks of one person today: goods to hand over, goods past their day (plan §三.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import Todo, due_words, evening
from governance.periods import today
from moral_bank.models import Lot, Redemption


def market_todo(user: User, now: datetime) -> Iterator[Todo]:
    yield from _to_hand(user, now)
    yield from _past_their_day(user, now)


def _to_hand(user: User, now: datetime) -> Iterator[Todo]:
    """One line for all that others have held and that this person may hand over."""
    if not user.may(Action.MARKET_HAND):
        return
    held = Redemption.objects.visible_to(user, Action.MARKET_HAND).filter(state=Redemption.State.HELD).exclude(held_by=user)
    found = held.order_by().aggregate(number=Count("*"), first=Min("expires_at"))
    if found["number"]:
        words = f"{found['number']} 笔等着领取，最早的保留至 {found['first']:%m-%d}"
        yield Todo(found["first"], "道德超市待交付", words, reverse("moral_bank:market-hand"), due_words(found["first"], now))


def _past_their_day(user: User, now: datetime) -> Iterator[Todo]:
    """A line for each shop with goods that must not be given out any more."""
    if not user.may(Action.MARKET_STOCK):
        return
    lots = Lot.objects.visible_to(user, Action.MARKET_STOCK).filter(stock__gt=0, best_before__lt=today(now))
    shops = lots.order_by().values("item__shop", "item__shop__name").annotate(number=Count("pk"), first=Min("best_before"))
    for shop in shops.order_by("first", "item__shop")[:10]:
        link = reverse("moral_bank:market-detail", args=[shop["item__shop"]])
        yield Todo(evening(shop["first"]), "过期货物待报损", f"{shop['item__shop__name']} {shop['number']} 批", link, None)
