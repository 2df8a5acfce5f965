"""What 最美家庭 and private reminders ask of one person today: votes to hold, notices that ended, households to tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Min
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import SHOWN, Todo, due_words, evening
from governance.periods import Kind, Period, today
from moral_bank.awards.models import Nomination
from moral_bank.awards.reminders import ratings_to_remind

TELL_WITHIN = timedelta(days=30)
TELL_ASKED = timedelta(days=120)


def awards_todo(user: User, now: datetime) -> Iterator[Todo]:
    yield from _to_judge(user, now)
    yield from _to_confirm(user, now)
    yield from _to_tell(user, now)


def _to_judge(user: User, now: datetime) -> Iterator[Todo]:
    """Nominations that wait for the village's vote, a line for village and half-year; the office has its board."""
    if not user.may(Action.AWARD_JUDGE) or user.may(Action.AWARD_CONFIRM):
        return
    waiting = Nomination.objects.visible_to(user, Action.AWARD_JUDGE).filter(state=Nomination.State.NOMINATED)
    groups = waiting.values("village__name", "half").annotate(households=Count("pk"), first=Min("pk"), since=Min("nominated_at"))
    for group in groups.order_by("half", "village__name")[:SHOWN]:
        words = f"{group['village__name'].removesuffix('委会')} {_half(group['half'])}：{group['households']} 户待村评议"
        yield Todo(group["since"], "最美家庭村评议", words, reverse("moral_bank:award-detail", args=[group["first"]]), None)


def _to_confirm(user: User, now: datetime) -> Iterator[Todo]:
    """Notices whose window has ended, a line for each."""
    if not user.may(Action.AWARD_CONFIRM):
        return
    ended = Nomination.objects.visible_to(user, Action.AWARD_CONFIRM).filter(
        state=Nomination.State.NOTICED, notice__withdrawn_at=None, notice__closes_on__lt=today(now)
    )
    groups = ended.values("village__name", "half", "notice__closes_on").annotate(households=Count("pk"))
    for group in groups.order_by("notice__closes_on", "village__name")[:SHOWN]:
        words = f"{group['village__name'].removesuffix('委会')} {_half(group['half'])}：{group['households']} 户公示期满，待审定"
        link = reverse("moral_bank:award-list", query={"state": "noticed", "half": Period(Kind.HALF, group["half"])})
        yield Todo(evening(group["notice__closes_on"]), "最美家庭审定", words, link, None)


def _to_tell(user: User, now: datetime) -> Iterator[Todo]:
    """Households to be told in private, within a month of the lock, a line for each quarter; the office only looks on."""
    if not user.may(Action.REMINDER_VIEW) or user.may(Action.AWARD_CONFIRM):
        return
    untold = ratings_to_remind(user).filter(reminder=None, closing__locked_at__gte=now - TELL_ASKED)
    groups = untold.order_by().values("closing__start").annotate(households=Count("pk"), locked=Max("closing__locked_at"))
    for group in groups.order_by("closing__start"):
        quarter = Period(Kind.QUARTER, group["closing__start"])
        at = evening(today(group["locked"]) + TELL_WITHIN)
        link = reverse("moral_bank:reminder-list", query={"period": quarter, "told": 0})
        yield Todo(at, "整改提醒", f"{quarter.label}：{group['households']} 户待当面提醒", link, due_words(at, now))


def _half(start: date) -> str:
    return Period(Kind.HALF, start).label
