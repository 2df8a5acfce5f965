"""A year in the ledger, and claims on their way into it; balances are moved by the ledger's own triggers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

from governance.accounts.models import User
from governance.demo.deeds import Posting, Year, months_until
from governance.demo.households import Home
from governance.demo.loading import create, instant, morning
from governance.demo.posts import BAYI, YARD, secretary_login
from governance.engines import rows_insert
from moral_bank.claims.services import accounts_open
from moral_bank.models import Account, Appeal, Claim, Entry
from moral_bank.rules.models import Deed
from moral_bank.rules.setting_up import shipped_rules

COLUMNS = (
    "account_id", "township_id", "village_id", "deed_id", "head", "veto", "memo", "score", "points", "occurred_on", "month",
    "source_key", "reverses_id", "posted_by_id", "posted_at",
)  # fmt: skip
KEY = "demo:"
OPENED = date(2025, 12, 20)
WAITING, REJECTED = 20, 3
REASONS = ("材料不全，请补充时间地点。", "同一事项已由院户长申报。", "经核实不属实。")


def load_entries(rng: Random, homes: list[Home], deeds: dict[str, Deed], users: dict[str, User], until: date) -> None:
    """Entries for every day of 2026 up to `until`, in the order in which they were posted."""
    accounts_open(((home.household.pk, home.village.parent_id) for home in homes), OPENED)
    accounts = dict(Account.objects.values_list("household_id", "pk"))
    posters = {home.village.pk: users[secretary_login(home.village)].pk for home in homes}
    plan = Year(rng, shipped_rules(), len(homes), until).run()
    instants = {day: instant(morning(day)) for day in {posting.day for posting in plan}}
    first = 0
    for month in months_until(until):
        last = next((number for number in range(first, len(plan)) if plan[number].day >= month.end), len(plan))
        reversed_ids = _ids_of([posting.reverses for posting in plan[first:last]])
        rows = []
        for number, posting in enumerate(plan[first:last], first):
            home, deed = homes[posting.household], deeds.get(posting.rule)
            posted = (reversed_ids.get(posting.reverses), posters[home.village.pk], instants[posting.day])
            rows.append((accounts[home.household.pk], *_content(posting, home, deed), f"{KEY}{number}", *posted))
        rows_insert("moral_bank_entry", COLUMNS, rows)
        first = last


def _content(posting: Posting, home: Home, deed: Deed | None) -> tuple[object, ...]:
    return (
        home.village.parent_id,
        home.village.pk,
        deed.pk if deed else None,
        deed.head if deed else "",
        posting.veto,
        posting.memo,
        posting.score,
        posting.points,
        posting.day,
        posting.day.replace(day=1),
    )


def _ids_of(positions: Iterable[int | None]) -> dict[int | None, int]:
    """Keys of stored entries by their position in the plan."""
    keys = [f"{KEY}{position}" for position in positions if position is not None]
    found = Entry.objects.filter(source_key__in=keys).values_list("source_key", "pk")
    return {int(key.removeprefix(KEY)): pk for key, pk in found}


def load_claims(rng: Random, homes: list[Home], deeds: dict[str, Deed], users: dict[str, User], until: date) -> None:
    """八一村's cadre declared: claims waiting (half of them in the yard that has accounts), some refused. Those that a panel
    judged come with it (`load_panel`)."""
    by, secretary = users["bayi-ganbu"], users["bayi-shuji"]
    bayi = [home for home in homes if home.village.code == BAYI]
    yard = [home for home in bayi if home.settlement.code == YARD]
    owned = Account.objects.filter(household__village__code=BAYI).select_related("household")
    accounts = {account.household_id: account for account in owned}
    gains = [deed for deed in deeds.values() if deed.score > 0]
    open_days = min((until - until.replace(day=1)).days, 9)
    claims = []
    for number in range(WAITING + REJECTED):
        home = rng.choice(yard if number % 2 else bayi)
        deed, day = rng.choice(gains), until - timedelta(days=rng.randint(0, open_days))
        claim = _claim(accounts[home.household.pk], deed, day, by)
        if number >= WAITING:
            claim.state, claim.reason = Claim.State.REJECTED, REASONS[number - WAITING]
            claim.decided_by, claim.decided_at = secretary, morning(day)
        if number % 5 == 0:
            claim.source, claim.consent = Claim.Source.HOUSEHOLD, Claim.Consent.SPOKEN
            claim.applicant = home.household.head_name
        claims.append(claim)
    made = create(claims)
    _appeal(made[WAITING:], by, users["zhenban"])


def _appeal(refused: list[Claim], by: User, clerk: User) -> None:
    """The first refusal was appealed against and stands, the second appeal waits for its answer."""
    for claim in refused[:2]:
        filed = morning(claim.occurred_on) + timedelta(hours=3)
        appeal = Appeal.objects.create(
            account=claim.account,
            claim=claim,
            name=claim.account.household.head_name,
            text="当天确实参加了，同组的人可以作证。",
            received_by=by,
            received_at=filed,
        )
        if claim is refused[0]:
            appeal.state, appeal.answer = Appeal.State.DISMISSED, "查了签到表，没有这一户，维持原决定。"
            appeal.answered_by, appeal.answered_at = clerk, filed + timedelta(hours=4)
            appeal.save()


def _claim(account: Account, deed: Deed, day: date, by: User) -> Claim:
    claim = Claim(
        account=account,
        township_id=account.township_id,
        deed=deed,
        occurred_on=day,
        score=deed.score,
        declared_by=by,
        declared_at=morning(day) - timedelta(hours=1),
    )
    claim._history_date = claim.declared_at  # type: ignore[attr-defined]
    return claim
