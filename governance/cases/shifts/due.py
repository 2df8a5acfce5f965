"""Today's turns, and swaps that wait for an answer."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from governance.cases.models import Shift, Swap
from governance.frame.due import DueKind, Todo, evening
from governance.periods import SHANGHAI, today


def _shift(shift: Shift, now: datetime) -> Todo:
    hours = f"{shift.kind.starts:%H:%M}–{shift.kind.ends:%H:%M}"
    at = datetime.combine(shift.day, shift.kind.starts, SHANGHAI)
    return Todo(at, f"今天值班：{shift.kind.name}", hours, reverse("cases:shift-list"), None)


def _swap(swap: Swap, now: datetime) -> Todo:
    words = f"{swap.asked_by.name}想用 {swap.shift.day:%m-%d} 换您的 {swap.other.day:%m-%d}"
    return Todo(evening(min(swap.shift.day, swap.other.day)), "换班待答复", words, reverse("cases:shift-list"), None)


KINDS = [
    DueKind(
        "shift",
        "今天值班",
        open=lambda now: Shift.objects.filter(day=today(now)),
        held=lambda rows, user, now: rows.visible_to(user).filter(post__user=user),
        line=_shift,
        order=("kind__starts", "pk"),
        related=("kind",),
    ),
    DueKind(
        "swap",
        "换班待答复",
        open=lambda now: Swap.objects.filter(state=Swap.State.ASKED),
        held=lambda rows, user, now: rows.filter(other__post__user=user),
        line=_swap,
        related=("shift__kind", "other__kind", "asked_by"),
    ),
]
