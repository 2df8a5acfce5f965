"""How far a township is set up, and the button that puts up what ships with the portal (missions M01, M03)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.needs import Need, Step
from governance.periods import today
from governance.rooms import named
from villages.models import Unit

DONE_FOR = timedelta(days=1)


class SetUpError(DomainError):
    """A default that is refused: `scope`, `need`."""


@dataclass(frozen=True)
class Progress:
    """All lines of one township, in the order of the way."""

    township: Unit
    needs: Sequence[Need]

    @property
    def total(self) -> int:
        return sum(not need.optional for need in self.needs)

    @property
    def done(self) -> int:
        return sum(need.done and not need.optional for need in self.needs)

    @property
    def is_done(self) -> bool:
        return self.done == self.total

    @property
    def next(self) -> Need | None:
        return next((need for need in self.needs if need.waits), None)

    @property
    def loadable(self) -> int:
        """How many of the lines that wait one press could do."""
        return sum(need.waits and need.offers for need in self.needs)


def townships_of(user: User) -> QuerySet[Unit]:
    """The townships that `user` may set up."""
    return Unit.objects.visible_to(user, Action.UNIT_EDIT).on(today()).filter(level=Unit.Level.TOWNSHIP).order_by("path")


def progress_of(user: User, township: Unit) -> Progress:
    order = list(Step)
    lines: list[Need] = [need for needs in named("needs") for need in needs(user, township)]
    return Progress(township, sorted(lines, key=lambda need: order.index(need.step)))


def unfinished_of(user: User) -> Progress | None:
    """The first township that still needs something. What was complete is not counted again for a day."""
    for township in townships_of(user):
        key = f"set-up-{township.pk}"
        if cache.get(key):
            continue
        progress = progress_of(user, township)
        if not progress.is_done:
            return progress
        cache.set(key, True, DONE_FOR.total_seconds())
    return None


def default_load(*, township: Unit, key: str, by: User) -> int:
    """Put up what ships with the portal for one line, for all that wait with an empty `key`; returns how many rows were
    added. What stands is left as it is."""
    if not by.may(Action.UNIT_EDIT, township.path):
        raise SetUpError("这个乡镇不归您维护。", "scope")
    loads = [need.load for need in progress_of(by, township).needs if need.load and (need.key == key or (not key and need.waits))]
    if not loads:
        raise SetUpError("没有这一项自带的内容。", "need")
    with transaction.atomic():
        return sum(load(township=township, by=by) for load in loads)
