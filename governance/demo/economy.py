"""What the demo's villages took in and spent in three years, across the change of accounting of 2024; of the last year two villages
have said nothing yet and two wait for the township; and what they let out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from governance.accounts.models import User
from governance.demo.deeds import YEAR
from governance.demo.loading import create, morning
from governance.demo.sources import TOWNSHIP
from governance.demo.year import writer
from governance.periods import today
from villages.economy.heads import Head, scheme_of
from villages.economy.leases.models import Lease
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
LETS = {"晒坝旁门面": "3 间", "旧村小校舍": "1 栋", "山坪塘": "4.2 亩", "集体果园": "36 亩", "机动地": "18.5 亩"}
LESSEES = ("某某种植专业合作社", "某某农业公司", "王**", "李*", "陈**")
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
    create(_lease(rng, village, what, users) for village in villages for what in rng.sample(sorted(LETS), 2))


def _amounts(rng: Random, statement: EconomyStatement) -> dict[str, int]:
    heads: Sequence[Head] = scheme_of(statement.year).heads
    return {head.key: rng.randrange(UP_TO[head.key] * 25, UP_TO[head.key] * 100) for head in heads}


def _lease(rng: Random, village: Unit, what: str, users: dict[str, User]) -> Lease:
    """Of three to five years, begun in the year before last."""
    begins = date(YEAR - 2, rng.randint(1, 12), rng.randint(1, 28))
    return Lease(
        village=village, subject=what, lessee=rng.choice(LESSEES), amount=LETS[what], begins_on=begins,
        runs_out_on=begins.replace(year=begins.year + rng.randint(3, 5)), yearly_fen=rng.randrange(2_000, 30_000, 50) * 100,
        recorded_by=writer(users, village),
    )  # fmt: skip


def _pass_on(drafts: Sequence[EconomyStatement], by: User, now: datetime) -> None:
    """Reported, and confirmed a week later, but for the last year's last villages; nothing is confirmed before its day."""
    last = [one for one in drafts if one.year == YEARS[-1]]
    waiting = {one.pk for one in last[len(last) - WAITING :]}
    EconomyStatement.objects.filter(pk__in=[one.pk for one in drafts]).update(state=State.REPORTED)
    ready = [one for one in drafts if one.pk not in waiting and one.drafted_at + timedelta(days=7) <= now]
    for one in ready:
        one.state, one.confirmed_by, one.confirmed_at = State.CONFIRMED, by, one.drafted_at + timedelta(days=7)
    EconomyStatement.objects.bulk_update(ready, ["state", "confirmed_by", "confirmed_at"])
