"""A village with everything on its pages, made as large as a test wants, and how its pages are asked for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.accounts.models import User
from governance.periods import Period
from moral_bank.closings.checks import hangs
from moral_bank.closings.services import closing_compute, closing_lock, closing_publish, closings_take_down
from moral_bank.models import Account, Claim, Closing
from moral_bank.rules.models import Deed
from tests.answers import ClientAnswer, page_of
from tests.builders import (
    make_account,
    make_cast,
    make_entry,
    make_household,
    make_resident,
    make_rule_set,
    make_township,
    make_village,
)
from villages.models import Unit


class Desk:
    """A township with one village, a cast, rules since 2026-01-01 and `households`, each with a member and an account."""

    def __init__(self, households: int = 1) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)
        self.deeds = {deed.code: deed for deed in make_rule_set(self.township).deeds.all()}
        self.accounts: list[Account] = []
        self.grow(households)

    def grow(self, households: int) -> None:
        for _ in range(households):
            household = make_household(self.village)
            make_resident(household)
            self.accounts.append(make_account(household))

    def claim(self, code: str = "S1", account: Account | None = None, by: str = "cadre", **fields: Any) -> Claim:
        deed: Deed = self.deeds[code]
        return Claim.objects.create(
            account=account or self.accounts[0],
            deed=deed,
            score=deed.score,
            declared_by=self.cast[by],
            **{"occurred_on": date(2026, 3, 10), "declared_at": timezone.now(), **fields},
        )

    def enter(self, account: Account | None = None, day: date = date(2026, 3, 10), code: str = "S1") -> None:
        make_entry(account or self.accounts[0], self.deeds[code], day, self.cast["staff"])

    def computed(self, text: str = "2026-03", village: Unit | None = None) -> Closing:
        period = Period.parse(text)
        row = Closing.objects.create(village=village or self.village, kind=period.kind, start=period.start)
        return closing_compute(row.pk)

    def recomputed(self, text: str = "2026-03") -> Closing:
        period = Period.parse(text)
        closing = Closing.objects.for_period(period).get(village=self.village)
        if hangs(closing):
            closings_take_down(closings=[closing], reason="名单有误", by=self.cast["staff"])
        return closing_compute(closing.pk)

    def settled(self, text: str) -> Closing:
        """Locked on the sixth day after the period."""
        period = Period.parse(text)
        shown = period.bounds()[1]
        closing = Closing.objects.create(village=self.village, kind=period.kind, start=period.start)
        closing_compute(closing.pk, shown)
        closing_publish(closing=closing, at=shown)
        return closing_lock(closing=closing, at=shown + timedelta(days=5))

    def noticed(self, text: str = "2026-03") -> Closing:
        closing = self.computed(text)
        closing_publish(closing=closing)
        closing.refresh_from_db()
        return closing


def neighbour() -> dict[str, User]:
    """The cast of another township's village: strangers to the desk's."""
    township = make_township("511923103")
    return make_cast(township, make_village(township, "九龙村委会", "511923103201"))


def read(client: Client, user: User, path: str, **headers: str) -> str:
    """The page's text; it must be there."""
    client.force_login(user)
    response = client.get(path, headers=headers)
    assert response.status_code == 200, path
    return page_of(response).decode()


def queries(client: Client, user: User, path: str) -> int:
    """How many statements a page takes, after a first look that fills what is read once."""
    read(client, user, path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer: ClientAnswer = client.get(path)
        assert answer.status_code == 200 and answer.getvalue()
    return len(captured)
