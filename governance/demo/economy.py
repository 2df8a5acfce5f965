"""What the demo's villages took in and spent in three years, across the change of accounting of 2024; of the last year two villages
have said nothing yet and two wait for the township."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from governance.accounts.models import User
from governance.demo.deeds import YEAR
from governance.demo.loading import morning
from governance.demo.sources import TOWNSHIP
from governance.demo.year import writer
from governance.periods import today
from villages.economy.heads import Head, scheme_of
from villages.economy.models import EconomyAmount, EconomyStatement
from villages.economy.services import amounts_rows
from villages.models import Unit

YEARS = range(YEAR - 3, YEAR)
UNSAID, WAITING = 2, 2
# Yuan at most, for a village of the usual size.
UP_TO = {
    "operating": 90_000, "contracting": 40_000, "investment": 12_000, "subsidy": 150_000, "other_income": 3_000,
    "operating_cost": 45_000, "tax": 900, "management": 30_000, "public_good": 20_000, "other_cost": 2_000,
}  # fmt: skip
State = EconomyStatement.State


def load_economy(rng: Random, units: dict[str, Unit], users: dict[str, User], now: datetime) -> None:
    villages = list(Unit.objects.villages().on(today(now)).filter(parent=units[TOWNSHIP]).order_by("path"))
    drafts = []
    for place, village in enumerate(villages):
        for year in YEARS:
            if year < YEARS[-1] or place < len(villages) - UNSAID:
                at = morning(date(year + 1, 1, 8) + timedelta(days=rng.randrange(6)))
                drafts.append(EconomyStatement(village=village, year=year, drafted_by=writer(users, village), drafted_at=at))
    EconomyStatement.objects.bulk_create(drafts)
    EconomyAmount.objects.bulk_create(row for draft in drafts for row in amounts_rows(draft, _amounts(rng, draft)))
    _pass_on(drafts, users["zhenban"], now)


def _amounts(rng: Random, statement: EconomyStatement) -> dict[str, int]:
    heads: Sequence[Head] = scheme_of(statement.year).heads
    return {head.key: rng.randrange(UP_TO[head.key] * 25, UP_TO[head.key] * 100) for head in heads}


def _pass_on(drafts: Sequence[EconomyStatement], by: User, now: datetime) -> None:
    """Reported, and confirmed a week later, but for the last year's last villages; nothing is confirmed before its day."""
    last = [one for one in drafts if one.year == YEARS[-1]]
    waiting = {one.pk for one in last[len(last) - WAITING :]}
    EconomyStatement.objects.filter(pk__in=[one.pk for one in drafts]).update(state=State.REPORTED)
    ready = [one for one in drafts if one.pk not in waiting and one.drafted_at + timedelta(days=7) <= now]
    for one in ready:
        one.state, one.confirmed_by, one.confirmed_at = State.CONFIRMED, by, one.drafted_at + timedelta(days=7)
    EconomyStatement.objects.bulk_update(ready, ["state", "confirmed_by", "confirmed_at"])
