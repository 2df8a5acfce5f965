"""最美家庭 and honours, loaded through the services: nominations of the last ended half-year, and private reminders."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from governance.accounts.models import User
from governance.demo.households import Home
from governance.demo.loading import morning
from governance.demo.posts import BAYI, MAAN, secretary_login
from governance.periods import Kind, Period, today
from moral_bank.awards.candidates import candidates, nomination_propose
from moral_bank.awards.reminders import ratings_to_remind, reminder_tell
from moral_bank.awards.services import (
    AwardError,
    Vote,
    kin_posts,
    nomination_add,
    nomination_confirm,
    nomination_judge,
    nominations_publish,
)
from moral_bank.models import Nomination, Rating
from villages.models import Unit

STORIES = (
    "三年如一日照顾邻里独居老人，一家人和睦相处。",
    "一家三代同堂，孝老爱亲，孩子勤奋好学。",
    "热心院坝事务，带头清理沟渠，邻里都夸。",
    "爱人外出务工，独自照料公婆，家里家外整洁。",
)
SOURCES = (("neighbour", "邻居张某"), ("body", "村妇联"), ("self", ""), ("neighbour", "邻居刘某"))
PRESENT = 9
NOTES = ("不再参与赌博", "每周打扫院坝，参加志愿服务", "")
TOLD = 6


def load_awards(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    """八一村 has two confirmed families, 马鞍村 one household that waits for the notice and one for the vote; reminders of
    the last locked quarter are told to a few."""
    half = Period.of(Kind.HALF, today(now)).previous()
    if Rating.objects.filter(closing__start__gte=half.start, closing__start__lt=half.end).exists():
        begins = min(now, morning(half.end) + timedelta(days=13))
        _confirmed(_nominated(rng, units[BAYI], homes, users, half, begins), users, half, begins, now)
        waiting = _nominated(rng, units[MAAN], homes, users, half, begins)
        _judged(waiting[:1], users, begins)
    _reminded(rng, units[BAYI], users, now)


def _nominated(
    rng: Random, village: Unit, homes: list[Home], users: dict[str, User], half: Period, at: datetime
) -> list[Nomination]:
    """Up to three: one by score, two by people."""
    by = users[secretary_login(village)]
    found = [nomination_propose(household=one.household, half=half, by=by, at=at) for one in candidates(village, half, 1)]
    its = [home for home in homes if home.village.pk == village.pk]
    for home, story, (source, nominator) in zip(rng.sample(its, 4), STORIES, SOURCES, strict=True):
        if len(found) == 3:
            break
        try:
            row = nomination_add(
                household=home.household, half=half, source=source, nominator=nominator, story=story, by=by, at=at
            )
        except AwardError:  # a household with a veto, or the one already proposed
            continue
        found.append(row)
    return found


def _judged(rows: list[Nomination], users: dict[str, User], at: datetime) -> None:
    for place, row in enumerate(rows):
        recused = "、".join(post.holder_name for post in kin_posts(row, today(at)))
        yes = PRESENT - 1 if place < 2 else 3
        vote = Vote(held_on=today(at), present=PRESENT, yes=yes, no=PRESENT - yes, recused=recused)
        nomination_judge(nomination=row, vote=vote, by=users[secretary_login(row.village)], at=at)


def _confirmed(rows: list[Nomination], users: dict[str, User], half: Period, at: datetime, now: datetime) -> None:
    """The first two are recommended, noticed and, if the days have passed, confirmed."""
    _judged(rows, users, at)
    if not rows:
        return
    notice = nominations_publish(village=rows[0].village, half=half, by=users["zhenban"], at=at)
    notice.published_at = at
    notice.save(update_fields=["published_at"])
    if notice.closes_on < today(now):
        for row in Nomination.objects.filter(notice=notice).order_by("notice_row"):
            nomination_confirm(nomination=row, by=users["zhenban"], at=min(now, at + timedelta(days=4)))


def _reminded(rng: Random, village: Unit, users: dict[str, User], now: datetime) -> None:
    """A few households of the last quarter that was locked, in the order of their numbers."""
    by = users[secretary_login(village)]
    ratings = ratings_to_remind(by).select_related("closing").order_by("-closing__start", "account__household__number")
    latest = ratings.first()
    if latest is None:
        return
    told = ratings.filter(closing=latest.closing).exclude(closing__locked_at__gte=now - timedelta(days=1))
    for rating in told[:TOLD]:
        locked = today(rating.closing.locked_at)
        day = min(locked + timedelta(days=rng.randint(1, 10)), today(now))
        reminder_tell(rating=rating, told_on=day, note=rng.choice(NOTES), by=by, at=now)
