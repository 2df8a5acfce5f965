"""The matrix of 最美家庭, honours and private reminders: URLs, and one object of each kind in the village of the house."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from governance.disclosure.models import Notice
from moral_bank.models import Closing, Honour, Nomination, Rating, Reminder
from tests.builders import make_account, make_household
from tests.matrix import PUBLIC, Page

_CERTIFICATE = (("paper", "certificate"),)

PAGES: dict[str, Page] = {
    "moral_bank:award-list": Page(Action.AWARD_VIEW),
    "moral_bank:award-export": Page(Action.EXPORT),
    "moral_bank:award-create": Page(Action.AWARD_NOMINATE),
    "moral_bank:award-candidates": Page(Action.AWARD_NOMINATE),
    "moral_bank:award-propose": Page(Action.AWARD_NOMINATE, "household", "post", (302,)),
    "moral_bank:award-board": Page(Action.NOTICE_PUBLISH),
    "moral_bank:award-publish": Page(Action.NOTICE_PUBLISH, "village", "post", (302,)),
    "moral_bank:award-detail": Page(Action.AWARD_VIEW, "nomination"),
    "moral_bank:award-judge": Page(Action.AWARD_JUDGE, "nomination", "post", (422,)),
    "moral_bank:award-correct": Page(Action.AWARD_NOMINATE, "nomination", "post", (422,)),
    "moral_bank:award-confirm": Page(Action.AWARD_CONFIRM, "nomination", "post", (302,)),
    "moral_bank:award-refuse": Page(Action.AWARD_CONFIRM, "nomination", "post", (422,)),
    "moral_bank:award-withdraw": Page(Action.NOTICE_PUBLISH, "nomination", "post", (422,)),
    "moral_bank:honour-list": Page(Action.AWARD_VIEW),
    "moral_bank:honour-export": Page(Action.EXPORT),
    "moral_bank:honour-sheet": Page(Action.AWARD_VIEW),
    "moral_bank:honour-print": Page(Action.AWARD_CONFIRM, arguments=_CERTIFICATE),
    "moral_bank:honour-detail": Page(Action.AWARD_VIEW, "honour"),
    "moral_bank:honour-revoke": Page(Action.AWARD_CONFIRM, "honour", "post", (422,)),
    "moral_bank:honour-docx": Page(Action.AWARD_CONFIRM, "honour"),
    "moral_bank:honour-paper": Page(Action.AWARD_CONFIRM, "honour", arguments=_CERTIFICATE),
    "moral_bank:reminder-list": Page(Action.REMINDER_VIEW),
    "moral_bank:reminder-export": Page(Action.EXPORT),
    "moral_bank:reminder-print": Page(Action.REMINDER_VIEW),
    "moral_bank:reminder-detail": Page(Action.REMINDER_VIEW, "starless"),
    "moral_bank:reminder-told": Page(Action.REMINDER_VIEW, "starless", "post", (422,)),
    "moral_bank:reminder-slip": Page(Action.REMINDER_VIEW, "starless"),
    "public:honours": Page(PUBLIC, arguments=(("code", "511923102201"),)),
}


def build(house: Any) -> None:
    """One object of each kind; called in the order claims, panel, rules, market, awards, passbooks, proof."""
    house.nomination = _nominated(house, house.account)
    house.honour = _honoured(house)
    house.starless = _starless(house)
    house.reminder = Reminder.objects.create(
        rating=house.starless, told_on=date(2026, 4, 10), told_by=house.cast["staff"], recorded_at=timezone.now()
    )


def _nominated(house: Any, account: Any) -> Nomination:
    return Nomination.objects.create(
        account=account, village=house.village, half=date(2026, 1, 1), source="self", nominator="x", story="x",
        nominated_by=house.cast["cadre"], nominated_at=timezone.now(),
    )  # fmt: skip


def _honoured(house: Any) -> Honour:
    """最美家庭 of a second household of the same name, step by step, as the triggers ask."""
    account = make_account(make_household(house.village, house.household.head_name))
    row, day = _nominated(house, account), date(2026, 7, 6)
    notice = Notice.objects.create(unit=house.village, kind="award", title="x", opens_on=day, closes_on=day)
    for fields in (
        {"state": "recommended", "judged_on": day, "present": 3, "votes_yes": 3, "votes_no": 0},
        {"state": "noticed", "notice": notice, "notice_row": 1},
        {"state": "confirmed", "decided_by": house.cast["staff"], "decided_at": timezone.now()},
    ):
        Nomination.objects.filter(pk=row.pk).update(**fields)
    return Honour.objects.create(
        account=account, village=house.village, kind="family", period="2026-H1", number=f"{house.village.code}2026上美0001",
        granted_on=date(2026, 7, 9), nomination=row,
    )  # fmt: skip


def _starless(house: Any) -> Rating:
    """A rating of a locked quarter without a star."""
    now, day = timezone.now(), date(2026, 4, 6)
    notice = Notice.objects.create(unit=house.village, kind="star", title="x", opens_on=day, closes_on=day)
    closing = Closing.objects.create(
        village=house.village, kind="quarter", start=date(2026, 1, 1), state="noticed", rule_set=house.rule_set,
        computed_at=now, notice=notice,
    )  # fmt: skip
    rating = Rating.objects.create(closing=closing, account=house.account, score=50, rank=1, stars=0)
    Closing.objects.filter(pk=closing.pk).update(state="locked", locked_at=now)
    return rating
