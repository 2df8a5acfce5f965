"""整改提醒: a private word to households without a star after a locked quarter (domain.md §7; mission M24).

Nothing of it is published, and nothing reads it to decide what a household is entitled to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.periods import Kind, Period, today
from moral_bank.awards.models import Reminder
from moral_bank.models import Closing, Entry, Rating


class ReminderError(DomainError):
    """What a reminder refuses: `scope`, `state`, `once`, `date`, `invalid`."""


@dataclass(frozen=True)
class Lowered:
    """Why a quarter gave no star: the months' ratings, and the entries and reversals that took score or vetoed, both oldest
    first."""

    months: tuple[Rating, ...]
    entries: tuple[Entry, ...]


def ratings_to_remind(user: User) -> QuerySet[Rating]:
    """Locked quarters' ratings without a star, of households to whom `user` may speak."""
    found = Rating.objects.visible_to(user, Action.REMINDER_VIEW)
    return found.filter(closing__kind=Kind.QUARTER, closing__state=Closing.State.LOCKED, stars=0)


def lowered_by(ratings: Iterable[Rating], quarter: Period) -> dict[int, Lowered]:
    """Rating id → what lowered it, for ratings of one quarter, in two reads.

    An entry and its reversal in one month cancel out; what was reversed in another month did lower its own, and the reversal
    of a gain lowers the month in which it stands.
    """
    accounts = {rating.account_id: rating.pk for rating in ratings}
    months: dict[int, list[Rating]] = defaultdict(list)
    parts = Rating.objects.filter(
        account__in=accounts,
        closing__kind=Kind.MONTH,
        closing__state=Closing.State.LOCKED,
        closing__start__gte=quarter.start,
        closing__start__lt=quarter.end,
    )
    for part in parts.select_related("closing").order_by("closing__start"):
        months[part.account_id].append(part)
    entries: dict[int, list[Entry]] = defaultdict(list)
    lines = Entry.objects.filter(
        Q(score__lt=0) | Q(veto=True),
        account__in=accounts,
        occurred_on__gte=quarter.start,
        occurred_on__lt=quarter.end,
    )
    for entry in lines.moving().select_related("deed", "reverses").order_by("occurred_on", "pk"):
        entries[entry.account_id].append(entry)
    return {pk: Lowered(tuple(months[account]), tuple(entries[account])) for account, pk in accounts.items()}


def reminder_tell(
    *, rating: Rating, told_on: date, note: str = "", by: User, at: datetime | None = None
) -> Reminder:
    """The household was told, and what was agreed; once for a quarter, by somebody who may speak to it."""
    now = at or timezone.now()
    with transaction.atomic():
        rating = Rating.objects.select_for_update(of=("self",)).select_related("closing").get(pk=rating.pk)
        if not Rating.objects.visible_to(by, Action.REMINDER_VIEW).filter(pk=rating.pk).exists():
            raise ReminderError("这一户的整改提醒不归您登记。", "scope")
        closing = rating.closing
        if closing.kind != Kind.QUARTER or closing.state != Closing.State.LOCKED or rating.stars != 0:
            raise ReminderError("整改提醒只针对已锁定季度里不评星的户。", "state")
        if Reminder.objects.filter(rating=rating).exists():
            raise ReminderError("这一户本季度已提醒过。", "once")
        if told_on > today(now) or told_on < today(closing.locked_at or now):
            raise ReminderError("提醒日期应在季度锁定之后、今天或之前。", "date")
        reminder = Reminder(rating=rating, told_on=told_on, told_by=by, note=note.strip(), recorded_at=now)
        save_by(reminder, by, ReminderError)
    return reminder
