"""A township whose months are closed by hand at chosen instants; shared by the tests of closings, ratings and tasks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from governance.periods import SHANGHAI, Period
from moral_bank.closings.services import closing_compute, closing_lock, closing_publish
from moral_bank.models import Account, Closing, Entry, Rating
from moral_bank.rules.models import Deed
from tests.builders import (
    make_account,
    make_cast,
    make_entry,
    make_household,
    make_rule_set,
    make_township,
    make_village,
)
from villages.models import Unit

FIELDS = (
    "id",
    "account_id",
    "law",
    "service",
    "sanitation",
    "participation",
    "civility",
    "score",
    "rank",
    "stars",
    "vetoed",
    "honoured",
)


def noon(year: int, month: int, day: int) -> datetime:
    """Twelve o'clock in Shanghai."""
    return datetime(year, month, day, 12, tzinfo=SHANGHAI)


class ClosingHouse:
    """One village with `households` accounts, the rules in force since `rules_from` (five days of notice) and a cast."""

    def __init__(self, households: int = 3, rules_from: date = date(2026, 1, 1), **rules: Any) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)
        self.rule_set = make_rule_set(self.township, valid_from=rules_from, **rules)
        self.accounts = [make_account(make_household(self.village)) for _ in range(households)]

    def deed(self, code: str) -> Deed:
        return self.rule_set.deeds.get(code=code)

    def enter(self, code: str, on: date, account: Account | None = None, **fields: Any) -> Entry:
        """An entry past the service, for the first account unless told otherwise."""
        return make_entry(account or self.accounts[0], self.deed(code), on, self.cast["staff"], **fields)

    def closing(self, text: str, village: Unit | None = None) -> Closing:
        """The row of a period written as `2026-03`, made at first need."""
        period = Period.parse(text)
        closing, _ = Closing.objects.get_or_create(
            village=village or self.village, kind=period.kind, start=period.start
        )
        return closing

    def compute(self, text: str, at: datetime | None = None, village: Unit | None = None) -> Closing:
        closing = self.closing(text, village)
        return closing_compute(closing.pk, at or noon_after(closing.period))

    def publish(self, text: str, village: Unit | None = None) -> Closing:
        """Computed and shown on the first day after the period."""
        closing = self.compute(text, village=village)
        closing_publish(closing=closing, at=noon_after(closing.period))
        closing.refresh_from_db()
        return closing

    def lock(self, text: str, village: Unit | None = None) -> Closing:
        """Computed, shown and locked on the first day after the window."""
        closing = self.publish(text, village)
        return closing_lock(closing=closing, at=noon_after(closing.period) + timedelta(days=5))


def noon_after(period: Period) -> datetime:
    return noon(period.end.year, period.end.month, period.end.day)


def rows_of(closing: Closing) -> list[tuple[object, ...]]:
    """All that is stored of a closing's ratings, by id."""
    return list(Rating.objects.filter(closing=closing).order_by("id").values_list(*FIELDS))
