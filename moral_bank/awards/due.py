"""What waits of 最美家庭 and private reminders: votes to hold, notices that ended, households to tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.due import CLOSES
from governance.frame.due import DayOf, DueKind, Todo, day_words, evening, past
from governance.periods import Kind, Period, today
from moral_bank.awards.models import Nomination
from moral_bank.awards.reminders import ratings_to_remind
from moral_bank.models import Closing, Rating

TELL = DayOf("closing__locked_at", within=timedelta(days=30))
TELL_ASKED = timedelta(days=120)
CLOSED = CLOSES.of("notice")


def _to_judge(rows: Any, user: User, now: datetime) -> QuerySet[Nomination]:
    """For the village's vote; the office has its board."""
    found: QuerySet[Nomination] = rows.visible_to(user, Action.AWARD_JUDGE)
    return found.none() if user.may(Action.AWARD_CONFIRM) else found


def _votes(rows: QuerySet[Nomination], user: User, now: datetime) -> Iterator[Todo]:
    """A line for village and half-year."""
    groups = rows.order_by().values("village__name", "half").annotate(households=Count("pk"), first=Min("pk"), since=Min("nominated_at"))
    for group in groups.order_by("half", "village__name"):
        words = f"{group['village__name'].removesuffix('委会')} {_half(group['half'])}：{group['households']} 户待村评议"
        yield Todo(group["since"], "最美家庭村评议", words, reverse("moral_bank:award-detail", args=[group["first"]]), None)


def _ended(now: datetime) -> QuerySet[Nomination]:
    """Those whose notice has ended."""
    return Nomination.objects.filter(CLOSED.past(now), state=Nomination.State.NOTICED, notice__withdrawn_at=None)


def _confirm(rows: QuerySet[Nomination], user: User, now: datetime) -> Iterator[Todo]:
    """A line for each notice."""
    groups = rows.order_by().values("village__name", "half", "notice__closes_on").annotate(households=Count("pk"))
    for group in groups.order_by("notice__closes_on", "village__name"):
        words = f"{group['village__name'].removesuffix('委会')} {_half(group['half'])}：{group['households']} 户公示期满，待审定"
        link = reverse("moral_bank:award-list", query={"state": "noticed", "half": Period(Kind.HALF, group["half"])})
        yield Todo(evening(group["notice__closes_on"]), "最美家庭审定", words, link, None)


def _untold(now: datetime) -> QuerySet[Rating]:
    """Households without a star, to be told in private within a month of the lock; asked for until TELL_ASKED."""
    locked = Rating.objects.filter(closing__kind=Kind.QUARTER, closing__state=Closing.State.LOCKED, stars=0)
    return locked.filter(reminder=None, closing__locked_at__gte=now - TELL_ASKED)


def _to_tell(rows: Any, user: User, now: datetime) -> QuerySet[Rating]:
    """The office only looks on."""
    found: QuerySet[Rating] = rows & ratings_to_remind(user)
    return found.none() if user.may(Action.AWARD_CONFIRM) else found


def _told(rows: QuerySet[Rating], user: User, now: datetime) -> Iterator[Todo]:
    """A line for each quarter."""
    groups = rows.order_by().values("closing__start").annotate(households=Count("pk"), locked=Max("closing__locked_at"))
    for group in groups.order_by("closing__start"):
        quarter = Period(Kind.QUARTER, group["closing__start"])
        on = today(group["locked"]) + TELL.within
        link = reverse("moral_bank:reminder-list", query={"period": quarter, "told": 0})
        yield Todo(evening(on), "整改提醒", f"{quarter.label}：{group['households']} 户待当面提醒", link, day_words(on, now))


def _tell(rating: Rating, now: datetime) -> Todo:
    household, quarter = rating.account.household, Period(Kind.QUARTER, rating.closing.start)
    assert rating.closing.locked_at is not None
    at, link = rating.closing.locked_at + TELL.within, reverse("moral_bank:reminder-detail", args=[rating.pk])
    return Todo(at, f"整改提醒：{household.head_name}", f"{household.unit} {quarter.label}", link, TELL.due(rating, now))


def _half(start: date) -> str:
    return Period(Kind.HALF, start).label


KINDS = [
    DueKind(
        "award-judge",
        "最美家庭村评议",
        open=lambda now: Nomination.objects.filter(state=Nomination.State.NOMINATED),
        held=_to_judge,
        lines=_votes,
    ),
    DueKind(
        "award-confirm",
        "最美家庭审定",
        open=_ended,
        held=lambda rows, user, now: rows.visible_to(user, Action.AWARD_CONFIRM),
        lines=_confirm,
    ),
    DueKind(
        "reminder",
        "整改提醒",
        open=_untold,
        held=_to_tell,
        lines=_told,
        line=_tell,
        order=("closing__locked_at", "pk"),
        related=("closing", "account__household__unit"),
        late=past(TELL),
        village="closing__village",
        words="{} 户没有当面提醒",
        page=lambda rating: reverse("moral_bank:rating-detail", args=[rating.pk]),
    ),
]
