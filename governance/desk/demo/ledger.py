"""A year in the ledger, and claims on their way into it; balances are moved by the ledger's own triggers."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from random import Random
from uuid import UUID

from governance.accounts.models import User
from governance.desk.demo.deeds import Posting, Year, months_until
from governance.desk.demo.households import Home
from governance.desk.demo.loading import BATCH, create, morning
from governance.desk.demo.posts import BAYI, YARD, secretary_login
from governance.desk.demo.sources import rules
from moral_bank.claims import accounts_open
from moral_bank.models import Account, Claim, Deed, Entry

OPENED = date(2025, 12, 20)
WAITING, REJECTED, POSTED = 20, 3, 30
REASONS = ("材料不全，请补充时间地点。", "同一事项已由院户长申报。", "经核实不属实。")


def load_entries(
    rng: Random, homes: list[Home], deeds: dict[str, Deed], users: dict[str, User], until: date
) -> list[Entry]:
    """Entries for every day of 2026 up to `until`, in the order in which they were posted."""
    accounts_open(list({home.village for home in homes}), OPENED)
    by_household = {account.household_id: account for account in Account.objects.all()}
    accounts = [by_household[home.household.pk] for home in homes]
    posters = {home.village.pk: users[secretary_login(home.village)] for home in homes}
    plan = Year(rng, rules(), len(homes), until).run()
    entries: list[Entry] = []
    numbers = count(1)
    for month in months_until(until):
        its = [posting for posting in plan[len(entries) :] if posting.day < month.end]
        rows = [
            _entry(
                posting, accounts[posting.household], homes[posting.household], deeds, posters, entries, next(numbers)
            )
            for posting in its
        ]
        entries += Entry.objects.bulk_create(rows, batch_size=BATCH)
    return entries


def _entry(
    posting: Posting,
    account: Account,
    home: Home,
    deeds: dict[str, Deed],
    posters: dict[int, User],
    earlier: list[Entry],
    number: int,
) -> Entry:
    deed = deeds.get(posting.rule)
    return Entry(
        account=account,
        township_id=account.township_id,
        village=home.village,
        deed=deed,
        head=deed.head if deed else "",
        veto=posting.veto,
        memo=posting.memo,
        score=posting.score,
        points=posting.points,
        occurred_on=posting.day,
        month=posting.day.replace(day=1),
        source_key=f"demo:{number}",
        reverses=None if posting.reverses is None else earlier[posting.reverses],
        posted_by=posters[home.village.pk],
        posted_at=morning(posting.day),
    )


def load_claims(
    rng: Random, homes: list[Home], entries: list[Entry], deeds: dict[str, Deed], users: dict[str, User], until: date
) -> None:
    """八一村's cadre declared: claims waiting (half of them in the yard that has accounts), some refused, some posted."""
    by, secretary = users["bayi-ganbu"], users["bayi-shuji"]
    bayi = [home for home in homes if home.village.code == BAYI]
    yard = [home for home in bayi if home.settlement.code == YARD]
    accounts = {account.household_id: account for account in Account.objects.filter(household__village__code=BAYI)}
    gains = [deed for deed in deeds.values() if deed.score > 0]
    open_days = min((until - until.replace(day=1)).days, 9)
    claims = []
    for number in range(WAITING + REJECTED):
        home = rng.choice(yard if number % 2 else bayi)
        deed, day = rng.choice(gains), until - timedelta(days=rng.randint(0, open_days))
        claim = _claim(rng, accounts[home.household.pk], deed, day, by)
        if number >= WAITING:
            claim.state, claim.reason = Claim.State.REJECTED, REASONS[number - WAITING]
            claim.decided_by, claim.decided_at = secretary, morning(day)
        claims.append(claim)
    village = bayi[0].village.pk
    own = [entry for entry in entries if entry.village_id == village and entry.deed and entry.reverses_id is None]
    for entry in own[-POSTED:]:
        claim = _claim(rng, entry.account, entry.deed, entry.occurred_on, by)
        claim.score, claim.state, claim.entry = entry.score, Claim.State.POSTED, entry
        claim.decided_by, claim.decided_at = secretary, entry.posted_at
        claims.append(claim)
    create(claims)


def _claim(rng: Random, account: Account, deed: Deed | None, day: date, by: User) -> Claim:
    assert deed is not None
    return Claim(
        account=account,
        deed=deed,
        occurred_on=day,
        score=deed.score,
        client_key=UUID(int=rng.getrandbits(128), version=4),
        declared_by=by,
        declared_at=morning(day) - timedelta(hours=1),
    )
