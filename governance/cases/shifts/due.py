"""Today's turns, and swaps that wait for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from governance.accounts.models import User
from governance.cases.models import Shift, Swap
from governance.frame.due import Todo, evening
from governance.periods import SHANGHAI, today


def shifts_todo(user: User, now: datetime) -> Iterator[Todo]:
    yield from _shifts(user, now)
    yield from _swaps(user, now)


def _shifts(user: User, now: datetime) -> Iterator[Todo]:
    mine = Shift.objects.visible_to(user).filter(day=today(now), post__user=user).select_related("kind")
    for shift in mine.order_by("kind__starts", "pk"):
        hours = f"{shift.kind.starts:%H:%M}–{shift.kind.ends:%H:%M}"
        at = datetime.combine(shift.day, shift.kind.starts, SHANGHAI)
        yield Todo(at, f"今天值班：{shift.kind.name}", hours, reverse("cases:shift-list"), None)


def _swaps(user: User, now: datetime) -> Iterator[Todo]:
    asked = Swap.objects.filter(state=Swap.State.ASKED, other__post__user=user)
    for swap in asked.select_related("shift__kind", "other__kind", "asked_by").order_by("pk"):
        words = f"{swap.asked_by.name}想用 {swap.shift.day:%m-%d} 换您的 {swap.other.day:%m-%d}"
        yield Todo(evening(min(swap.shift.day, swap.other.day)), "换班待答复", words, reverse("cases:shift-list"), None)
