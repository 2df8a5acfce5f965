"""Honours of a year and of a half-year, revocation, and private reminders, through their services."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.disclosure.models import Notice
from governance.periods import Period
from moral_bank.awards.honours import HonourError, honour_revoke, honours_from_year
from moral_bank.awards.reminders import ReminderError, lowered_by, ratings_to_remind, reminder_tell
from moral_bank.ledger.services import entry_reverse
from moral_bank.models import Closing, Entry, Honour, Rating, Reminder
from tests.builders import make_account, make_cast, make_household, make_village
from tests.moral_bank.awards.house import AwardHouse
from tests.moral_bank.closings.house import ClosingHouse, noon

QUARTER = Period.parse("2026-Q1")
LOCKED_ON, LATER = date(2026, 4, 6), noon(2026, 4, 20)


def year_of(house: ClosingHouse, **ratings: int) -> Closing:
    """2026 with a rating for each account, by hand: 90, 89 … points, the first `honoured` of them honoured; not locked."""
    honoured = ratings.get("honoured", 2)
    closing = house.closing("2026")
    closing.state, closing.rule_set, closing.computed_at = "computed", house.rule_set, noon(2027, 1, 2)
    closing.save()
    Rating.objects.bulk_create(
        Rating(closing=closing, account=account, score=90 - place, rank=place + 1, stars=4, honoured=place < honoured)
        for place, account in enumerate(house.accounts)
    )
    return closing


def locked(closing: Closing) -> Closing:
    """As the service leaves it."""
    day = date(2027, 1, 2)
    closing.notice = Notice.objects.create(unit=closing.village, kind="honour", title="x", opens_on=day, closes_on=day)
    closing.state, closing.locked_at = "locked", noon(2027, 1, 8)
    closing.save()
    return closing


@pytest.mark.django_db
def test_it_makes_the_honours_of_a_locked_year_once() -> None:
    house = AwardHouse(households=4)
    closing = year_of(house)
    assert honours_from_year(closing, noon(2027, 1, 8)) == 0
    locked(closing)
    assert honours_from_year(closing, noon(2027, 1, 8)) == 2
    assert honours_from_year(closing, noon(2027, 1, 9)) == 0
    assert list(Honour.objects.order_by("number").values_list("account", "kind", "period", "number", "granted_on")) == [
        (account.pk, "year", "2026", f"西兴镇2026优000{place}", date(2027, 1, 8))
        for place, account in enumerate(house.accounts[:2], start=1)
    ]


@pytest.mark.django_db
def test_it_numbers_through_the_townships_villages() -> None:
    house = AwardHouse(households=3)
    honours_from_year(locked(year_of(house)), noon(2027, 1, 8))
    other = make_village(house.township, "马鞍村委会", "511923102202")
    house.village, house.accounts = other, [make_account(make_household(other))]
    honours_from_year(locked(year_of(house)), noon(2027, 1, 8))
    assert list(Honour.objects.order_by("number").values_list("number", "village__name")) == [
        ("西兴镇2026优0001", "八一村委会"),
        ("西兴镇2026优0002", "八一村委会"),
        ("西兴镇2026优0003", "马鞍村委会"),
    ]


@pytest.mark.django_db
def test_it_makes_a_years_honours_in_a_fixed_number_of_queries() -> None:
    house = AwardHouse(households=9)
    closing = locked(year_of(house, honoured=9))
    with CaptureQueriesContext(connection) as captured:
        assert honours_from_year(closing, noon(2027, 1, 8)) == 9
    assert len(captured) == 6  # savepoint, ratings, township, last number, insert, release


@pytest.mark.django_db
def test_it_revokes_once_with_a_reason() -> None:
    house = AwardHouse()
    (first, second), _ = house.noticed(*house.accounts[:2])
    honour = house.confirm(first)
    for by, reason, code in (("secretary", "x", "scope"), ("staff", " ", "reason")):
        with pytest.raises(HonourError) as refusal:
            honour_revoke(honour=honour, reason=reason, by=house.cast[by])
        assert refusal.value.code == code
    gone = honour_revoke(honour=honour, reason="弄虚作假", by=house.cast["staff"], at=noon(2026, 8, 1))
    assert (gone.revoked_on, gone.revoked_by, gone.revoked_reason) == (date(2026, 8, 1), house.cast["staff"], "弄虚作假")
    with pytest.raises(HonourError) as refusal:
        honour_revoke(honour=honour, reason="x", by=house.cast["staff"])
    assert refusal.value.code == "state"
    assert house.confirm(second).number == "西兴镇2026上美0002"


def quarter_of(house: ClosingHouse) -> Rating:
    """2026-Q1 locked; the first account lost so much in March that it has no star. Its rating."""
    house.enter("L1", date(2026, 3, 2))
    for month in ("2026-01", "2026-02", "2026-03"):
        house.lock(month)
    closing = house.lock("2026-Q1")
    return Rating.objects.get(closing=closing, account=house.accounts[0])


@pytest.mark.django_db
def test_it_tells_what_lowered_a_quarter() -> None:
    house = ClosingHouse()
    house.enter("S1", date(2026, 2, 2))
    wrong = house.enter("L1", date(2026, 1, 20))
    entry_reverse(entry=wrong, reason="记错", by=house.cast["staff"], occurred_on=date(2026, 1, 31), at=noon(2026, 2, 1))
    rating = quarter_of(house)
    assert rating.stars == 0
    why = lowered_by([rating], QUARTER)[rating.pk]
    assert [(part.closing.start.month, part.score) for part in why.months] == [
        (1, Decimal(60)), (2, Decimal(65)), (3, Decimal(50))
    ]  # fmt: skip
    assert [(entry.deed.code, entry.score) for entry in why.entries if entry.deed] == [("L1", -10)]


@pytest.mark.django_db
def test_it_tells_what_lowered_a_quarter_although_it_was_reversed_in_another_month() -> None:
    house = ClosingHouse(households=4)
    gain, late, veto, slip = house.accounts

    def undo(entry: Entry, on: date) -> None:
        entry_reverse(entry=entry, reason="记错", by=house.cast["staff"], occurred_on=on, at=noon(2026, 7, 20))

    undo(house.enter("S1", date(2026, 3, 10), gain), date(2026, 4, 3))
    undo(house.enter("S1", date(2026, 5, 4), slip), date(2026, 5, 5))
    lost, vetoed = house.enter("L1", date(2026, 4, 5), late), house.enter("V1", date(2026, 5, 5), veto)
    for text in ("2026-04", "2026-05", "2026-06", "2026-Q2"):
        house.lock(text)
    for entry in (lost, vetoed):
        undo(entry, date(2026, 7, 20))
    ratings = {row.account_id: row for row in Rating.objects.in_period(Period.parse("2026-Q2"))}
    why = lowered_by(ratings.values(), Period.parse("2026-Q2"))
    assert [
        [(entry.occurred_on, entry.score, entry.veto) for entry in why[ratings[account.pk].pk].entries]
        for account in (gain, late, veto, slip)
    ] == [[(date(2026, 4, 3), -5, False)], [(date(2026, 4, 5), -10, False)], [(date(2026, 5, 5), -20, True)], []]
    assert [ratings[account.pk].stars for account in (gain, late, veto, slip)] == [0, 0, 0, 2]


@pytest.mark.django_db
def test_it_records_once_that_the_household_was_told() -> None:
    house = ClosingHouse()
    rating = quarter_of(house)
    yard = house.cast["yard_head"]
    assert list(ratings_to_remind(yard)) == [rating]
    assert list(ratings_to_remind(house.cast["leader"])) == []
    for day in (date(2026, 4, 5), date(2026, 4, 21)):
        with pytest.raises(ReminderError) as refusal:
            reminder_tell(rating=rating, told_on=day, by=yard, at=LATER)
        assert refusal.value.code == "date"
    told = reminder_tell(rating=rating, told_on=date(2026, 4, 10), note=" 不再赌博 ", by=yard, at=LATER)
    assert (told.note, told.told_by, told.told_on) == ("不再赌博", yard, date(2026, 4, 10))
    with pytest.raises(ReminderError) as refusal:
        reminder_tell(rating=rating, told_on=date(2026, 4, 11), by=house.cast["staff"], at=LATER)
    assert (refusal.value.code, Reminder.objects.count()) == ("once", 1)


@pytest.mark.django_db
def test_it_reminds_nobody_else() -> None:
    house = ClosingHouse()
    rating = quarter_of(house)
    starred = Rating.objects.filter(closing=rating.closing).exclude(pk=rating.pk)[0]
    month = Rating.objects.filter(account=rating.account, closing__kind="month")[0]
    for one in (starred, month):
        with pytest.raises(ReminderError) as refusal:
            reminder_tell(rating=one, told_on=date(2026, 4, 10), by=house.cast["staff"], at=LATER)
        assert refusal.value.code == "state"
    stranger = make_cast(house.township, make_village(house.township, "马鞍村委会", "511923102202"))["cadre"]
    assert list(ratings_to_remind(stranger)) == []
    with pytest.raises(ReminderError) as refusal:
        reminder_tell(rating=rating, told_on=date(2026, 4, 10), by=stranger, at=LATER)
    assert refusal.value.code == "scope"


@pytest.mark.django_db
def test_it_tells_many_in_as_many_queries_as_one() -> None:
    house = ClosingHouse()
    quarter_of(house)
    ratings = list(Rating.objects.in_period(QUARTER))

    def count(some: list[Rating]) -> int:
        with CaptureQueriesContext(connection) as captured:
            lowered_by(some, QUARTER)
        return len(captured)

    assert count(ratings[:1]) == count(ratings) == 2
