"""The moral bank against a plain-dict oracle, step by step on the real database (issue 5, done when 4).

Grants, sittings, months, redemptions, reversals and expiry in any order, with answers that get lost and processes that die.
Thirty thousand steps with SOAK=1 (`make soak`); the suite takes fewer.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Count, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from governance.errors import DomainError
from governance.periods import SHANGHAI, Kind, Period, today
from moral_bank.claims.services import claim_declare, claim_verify, claim_withdraw
from moral_bank.closings.services import closing_compute, closing_lock, closing_publish
from moral_bank.ledger.services import entry_reverse
from moral_bank.market.services import (
    redemption_cancel,
    redemption_hand,
    redemption_hold,
    redemption_refund,
    redemptions_expire,
)
from moral_bank.market.stock import Delivery, ShopDetails, item_save, lot_receive, shop_open
from moral_bank.models import Account, Claim, Closing, Deed, Entry, Item, Redemption, RuleSet
from moral_bank.panel.services import Verdict, sitting_record
from moral_bank.passbooks.expiry import expiries_run, expiry_decide
from moral_bank.proof.chain import chain_heads
from moral_bank.proof.reconciling import reconcile
from tests.builders import (
    make_account,
    make_cast,
    make_entry,
    make_household,
    make_rule_set,
    make_township,
    make_village,
)
from tests.moral_bank.bank_oracle import Oracle, Posting, next_month
from tests.moral_bank.panel.house import NAMES, make_member
from tests.once import sent_once

SOAK = os.environ.get("SOAK") == "1"
STEPS = 30_000 if SOAK else 250
ENOUGH = 10_000  # steps in which everything must have happened
LENGTH = 50
BEGIN = datetime(2026, 3, 10, 12, tzinfo=SHANGHAI)
GIVEN, STOCK = date(2026, 3, 2), 6
CAP = 12  # of the volunteers' deed in a month
DEEDS = ("S1", "J1", "L1")
VERIFIERS = {"S1": "yard_head", "L1": "yard_head", "J1": "sanitation"}
EVERYTHING = {
    *(f"claim {state}" for state in ("verified", "approved", "posted", "rejected", "withdrawn")),
    *(f"redemption {state}" for state in ("held", "done", "cancelled", "expired", "refunded")),
    *(f"refused {code}" for code in ("overdrawn", "stock", "locked", "rules")),
    *("month locked", "points lapsed", "points kept", "returned points lapsed", "grant reversed"),
}
PICKS = st.lists(st.integers(0, 999), min_size=3, max_size=3)
CHANCES = st.lists(st.booleans(), min_size=3, max_size=3)


class Died(Exception):
    """The process ended before its transaction did."""


class House:
    """A village with a panel, a shop of three articles, four households; made once, each example is undone."""

    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)
        rules = make_rule_set(self.township, adopted=False, valid_from=date(2026, 3, 1))
        rules.deeds.filter(code="S1").update(cap_month=CAP)
        RuleSet.objects.filter(pk=rules.pk).update(state="adopted", adopted_at=BEGIN)
        self.deeds: dict[str, Deed] = {deed.code: deed for deed in rules.deeds.select_related("rule_set")}
        self.members = [make_member(self.village, NAMES[seat], by=self.cast["staff"]) for seat in range(4)]
        self.accounts = [make_account(make_household(self.village, f"户主{seat}")) for seat in range(4)]
        staff, cadre = self.cast["staff"], self.cast["cadre"]
        details = ShopDetails("八一村道德超市", hold_days=7)
        self.shop = shop_open(village=self.village, details=details, fund_cents=10**9, by=staff, at=BEGIN)
        self.items = [
            item_save(shop=self.shop, name=name, unit="件", points=points, by=cadre)
            for name, points in (("毛巾", 2), ("洗衣液", 5), ("食用油", 9))
        ]
        for item in self.items:
            delivery = Delivery(item=item, quantity=STOCK, unit_cents=100, received_on=today(BEGIN), donated=True)
            lot_receive(delivery=delivery, by=cadre, at=BEGIN)
        self.grants = [make_entry(account, self.deeds["J1"], GIVEN, staff, score=10) for account in self.accounts * 2]

    def oracle(self) -> Oracle:
        """Where every example begins."""
        oracle = Oracle(
            balances={account.pk: 0 for account in self.accounts}, stock={item.pk: STOCK for item in self.items}
        )
        for entry in self.grants:
            oracle.entries[entry.pk] = len(oracle.postings)
            oracle.post(Posting(entry.account_id, 10, 10, GIVEN, grant=GIVEN, deed="J1", reversible=True))
        return oracle


class Bank(RuleBasedStateMachine):
    house: ClassVar[House]
    steps: ClassVar[int] = 0
    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.savepoint()
        self.now = BEGIN
        self.oracle = self.house.oracle()
        self.expiry: tuple[date, date] | None = None
        self.ran: list[tuple[date, datetime]] = []
        self.last: Callable[[], int] | None = None  # the last sending, to be sent again, and what it made
        self.made = 0

    def teardown(self) -> None:
        self.seen.update(f"claim {state}" for state in self.oracle.states("claims").values())
        self.seen.update(f"redemption {state}" for state in self.oracle.states("redemptions").values())
        self.seen["month locked"] += len(self.oracle.locked)
        chain_heads(self.now)
        assert reconcile(self.house.township, self.now).findings == []
        transaction.savepoint_rollback(self.undo)

    # --- what may happen: four rules of many kinds each, so that an example has the whole life of a point in it ------------

    @rule(kind=st.sampled_from(("grant", "grant", "judge", "judge", "earn", "earn", "withdraw", "reverse")), picks=PICKS, yes=CHANCES)
    def claims(self, kind: str, picks: list[int], yes: list[bool]) -> None:
        first, second, third = picks
        if kind == "earn":
            self.grant(first, DEEDS[second % 2], 1 + third % 10, ago=0)
            self.judge([(len(self._claims("verified")) - 1, True, 1 + third % 10)])
        elif kind == "grant":
            self.grant(first, DEEDS[second % 3], 1 + third % 10, ago=second % 40 if yes[0] and yes[1] else 0)
        elif kind == "reverse":
            self.reverse(first)
        elif self._claims("verified"):
            judged = [(pick, yes[seat] or yes[2], 1 + pick % 10) for seat, pick in enumerate(picks)]
            self.judge(judged) if kind == "judge" else self.withdraw(first)

    @rule(kind=st.sampled_from(("redeem", "redeem", "redeem", "receive", "hand", "hand", "cancel", "refund")), picks=PICKS, yes=CHANCES)
    def market(self, kind: str, picks: list[int], yes: list[bool]) -> None:
        first, second, third = picks
        if kind == "redeem":
            self.redeem(first, second, 1 + third % 3)
        elif kind == "receive":
            self.receive(first, 1 + third % 6)
        elif self._redemptions("done" if kind == "refund" else "held"):
            self.refund(first, yes[0]) if kind == "refund" else {"hand": self.hand, "cancel": self.cancel}[kind](first)

    @rule(kind=st.sampled_from(("wait", "wait", "month", "month", "lapse")), days=st.integers(0, 9))
    def time(self, kind: str, days: int) -> None:
        """A month is closed where there is something to post, mostly; one rule at a time makes points lapse."""
        if kind == "month" and (self._claims("approved") or days == 9):
            self.month()
        elif kind == "lapse" and self.expiry is None:
            self.decide()
        else:
            self.wait(days)
        self.night()

    @rule(kind=st.sampled_from(("again", "redeem", "declare", "receive", "expire")), picks=PICKS)
    def trouble(self, kind: str, picks: list[int]) -> None:
        if kind != "again":
            self.die(picks[0], picks[1], kind)
        elif self.last is not None:
            self.again()

    # --- claims -------------------------------------------------------------------------------------------------------

    def grant(self, home: int, deed: str, score: int, ago: int) -> None:
        """Declared and verified; refused for a month that is locked or has no rules yet."""
        account, day = self._account(home), today(self.now) - timedelta(days=ago)
        line, now = self.house.deeds[deed], self.now

        def send() -> int:
            return claim_declare(
                household=account.household, deed=line, occurred_on=day, by=self.house.cast["cadre"],
                score=score if line.is_judged else None, at=now,
            ).pk  # fmt: skip

        if day.replace(day=1) in self.oracle.locked or day < date(2026, 3, 1):
            self._refused(send, {"locked", "rules"})
            return
        pk = self._sent(send)
        said = score if line.is_judged else line.score
        claim_verify(claim=Claim.objects.get(pk=pk), by=self.house.cast[VERIFIERS[deed]], at=self.now)
        self.oracle.claims[pk] = {"state": "verified", "account": account.pk, "deed": deed, "score": said, "on": day}

    def judge(self, picks: list[tuple[int, bool, int]]) -> None:
        """One sitting over up to three claims; what the cap leaves is granted."""
        waiting, asked = self._claims("verified"), {}
        for pick, approved, score in picks:
            asked[waiting[pick % len(waiting)]] = (approved, score)
        verdicts = [self._verdict(pk, *said) for pk, said in asked.items()]
        now = self.now
        self._sent(lambda: self._sit(verdicts, now))
        for pk, (approved, score) in asked.items():
            self._judged(pk, approved, score)

    def _verdict(self, pk: int, approved: bool, score: int) -> Verdict:
        claim = Claim.objects.select_related("deed", "account").get(pk=pk)
        votes = {member.pk: ("yes" if approved else "no", "") for member in self.house.members}
        return Verdict(claim, approved, votes, score if claim.deed.is_judged else None, "情况属实" if approved else "不属实")

    def _sit(self, verdicts: list[Verdict], now: datetime) -> int:
        return sitting_record(
            village=self.house.village, held_on=today(now), members=self.house.members, verdicts=verdicts,
            by=self.house.cast["secretary"], at=now,
        ).pk  # fmt: skip

    def _judged(self, pk: int, approved: bool, score: int) -> None:
        claim = self.oracle.claims[pk]
        if not approved:
            claim["state"] = "rejected"
            return
        day = claim["on"]
        assert isinstance(day, date)
        counts_on = today(self.now) if day.replace(day=1) in self.oracle.locked else day
        said = score if claim["deed"] == "J1" else int(str(claim["score"]))
        if claim["deed"] == "S1":
            said = min(said, self.oracle.month_left(int(str(claim["account"])), "S1", counts_on.replace(day=1), CAP))
        claim["state"], claim["counts_on"] = ("approved" if said else "rejected"), counts_on
        claim["score"] = said or claim["score"]

    def withdraw(self, pick: int) -> None:
        waiting = self._claims("verified")
        pk = waiting[pick % len(waiting)]
        claim_withdraw(claim=Claim.objects.get(pk=pk), by=self.house.cast["cadre"], at=self.now)
        self.oracle.claims[pk]["state"] = "withdrawn"

    def month(self) -> None:
        """The oldest open month is computed, shown for its days and locked: its approved claims become postings."""
        first = max(self.oracle.locked, default=date(2026, 2, 1))
        period = Period.of(Kind.MONTH, next_month(first))
        self.now = max(self.now, datetime.combine(period.end, BEGIN.timetz(), SHANGHAI))
        closing, _ = Closing.objects.get_or_create(village=self.house.village, kind="month", start=period.start)
        closing_compute(closing.pk, self.now)
        closing.refresh_from_db()
        closing_publish(closing=closing, at=self.now)
        self.now += timedelta(days=5)
        closing_lock(closing=closing, at=self.now)
        self.oracle.locked.add(period.start)
        for pk, claim in sorted(self.oracle.claims.items()):
            day = claim.get("counts_on")
            if claim["state"] == "approved" and isinstance(day, date) and period.start <= day < period.end:
                claim["state"] = "posted"
                self._granted(pk, claim, day)

    def _granted(self, pk: int, claim: dict[str, object], day: date) -> None:
        score, deed = int(str(claim["score"])), str(claim["deed"])
        entry = Entry.objects.get(source_key=f"claim:{pk}")
        self.oracle.entries[entry.pk] = len(self.oracle.postings)
        self.oracle.post(
            Posting(int(str(claim["account"])), max(score, 0), score, day, grant=day, deed=deed, reversible=True)
        )

    # --- the market ---------------------------------------------------------------------------------------------------

    def receive(self, shelf: int, quantity: int) -> None:
        item, now = self.house.items[shelf % 3], self.now
        delivery = Delivery(item=item, quantity=quantity, unit_cents=100, received_on=today(self.now), donated=True)
        self._sent(lambda: lot_receive(delivery=delivery, by=self.house.cast["cadre"], at=now).pk)
        self.oracle.stock[item.pk] += quantity

    def redeem(self, home: int, shelf: int, quantity: int) -> None:
        account, item = self._account(home), self.house.items[shelf % 3]
        send = self._hold(account, item, quantity)
        if self.oracle.stock[item.pk] < quantity:
            self._refused(send, {"stock"})
        elif self.oracle.balances[account.pk] < item.points * quantity:
            self._refused(send, {"overdrawn"})
        else:
            self._held(self._sent(send), account, item, quantity)

    def _hold(self, account: Account, item: Item, quantity: int) -> Callable[[], int]:
        now = self.now
        return lambda: redemption_hold(
            account=account, item=item, quantity=quantity, by=self.house.cast["cadre"], at=now
        ).pk

    def _held(self, pk: int, account: Account, item: Item, quantity: int) -> None:
        points = item.points * quantity
        self.oracle.post(Posting(account.pk, -points, 0, today(self.now)))
        self.oracle.stock[item.pk] -= quantity
        expires = datetime.combine(today(self.now) + timedelta(days=7), datetime.max.time(), SHANGHAI).replace(microsecond=0)
        self.oracle.redemptions[pk] = {
            "state": "held", "account": account.pk, "item": item.pk, "quantity": quantity, "points": points, "until": expires,
            "at": self.now,
        }  # fmt: skip

    def hand(self, pick: int) -> None:
        redemption = self._redemption("held", pick)
        name = redemption.account.household.head_name
        redemption_hand(
            redemption=redemption, code=redemption.code, collector=name, by=self.house.cast["secretary"], at=self.now
        )
        self.oracle.redemptions[redemption.pk]["state"] = "done"

    def cancel(self, pick: int) -> None:
        redemption = self._redemption("held", pick)
        redemption_cancel(redemption=redemption, reason="不要了", by=self.house.cast["cadre"], at=self.now)
        self._back(redemption.pk, "cancelled")

    def refund(self, pick: int, goods_back: bool) -> None:
        redemption = self._redemption("done", pick)
        redemption_refund(
            redemption=redemption, reason="坏的", goods_back=goods_back, by=self.house.cast["cadre"], at=self.now
        )
        self._back(redemption.pk, "refunded", goods_back)

    def wait(self, days: int) -> None:
        """Days pass; the beat returns the holds whose time is over."""
        self.now += timedelta(days=days)
        over = [pk for pk in self._redemptions("held") if self._until(pk) <= self.now]
        assert redemptions_expire(at=self.now) == len(over)
        for pk in over:
            self._back(pk, "expired")

    def _back(self, pk: int, state: str, goods_back: bool = True) -> None:
        row = self.oracle.redemptions[pk]
        row["state"] = state
        account, held_at = int(str(row["account"])), row["at"]
        before = self.oracle.balances[account]
        self.oracle.post(Posting(account, int(str(row["points"])), 0, today(self.now)))
        for until, ran in self.ran:
            points = min(self.oracle.lapse(account, until), self.oracle.balances[account] - before)
            if isinstance(held_at, datetime) and held_at <= ran and points:
                self.seen["returned points lapsed"] += 1
                self.oracle.post(Posting(account, -points, 0, today(self.now)))
        if goods_back:
            self.oracle.stock[int(str(row["item"]))] += int(str(row["quantity"]))

    # --- what goes back, and what lapses -------------------------------------------------------------------------------

    def reverse(self, pick: int) -> None:
        """A grant is reversed once, and only as long as its points are there."""
        entries = sorted(self.oracle.entries)
        pk = entries[pick % len(entries)]
        posting = self.oracle.postings[self.oracle.entries[pk]]
        entry, now = Entry.objects.select_related("account__household").get(pk=pk), self.now

        def send() -> int:
            return entry_reverse(entry=entry, reason="记错户", by=self.house.cast["staff"], at=now).pk

        if posting.reversed:
            before = Entry.objects.count()
            with suppress(DomainError):
                send()
            assert Entry.objects.count() == before
        elif self.oracle.balances[posting.account] < posting.points:
            self._refused(send, {"overdrawn"})
        else:
            self._sent(send)
            posting.reversed = True
            self.seen["grant reversed"] += 1
            self.oracle.post(
                Posting(posting.account, -posting.points, -posting.score, today(self.now), grant=posting.grant)
            )

    def decide(self) -> None:
        """A dated rule for what was earned until today; its day comes while life goes on."""
        until = today(self.now)
        ends = max(until + timedelta(days=30), next_month(next_month(until)) - timedelta(days=1))
        expiry_decide(
            village=self.house.village, earned_until=until, expires_on=ends, basis="村民代表会议", by=self.house.cast["staff"],
            at=self.now,
        )  # fmt: skip
        self.expiry = (until, ends)

    def night(self) -> None:
        """The night's round posts what lapses once its day has passed; twice does nothing more."""
        due = self.expiry is not None and today(self.now) > self.expiry[1]
        assert (expiries_run(self.now), expiries_run(self.now)) == (int(due), 0)
        if self.expiry is None or not due:
            return
        until, self.expiry = self.expiry[0], None
        self.ran.append((until, self.now))
        for account in self.house.accounts:
            if points := self.oracle.lapse(account.pk, until):
                self.seen["points lapsed"] += 1
                self.seen["points kept"] += points < self.oracle.balances[account.pk]
                self.oracle.post(Posting(account.pk, -points, 0, today(self.now)))

    # --- answers lost, processes dead -----------------------------------------------------------------------------------

    def again(self) -> None:
        """The answer of the last sending was lost after its commit: it is sent again and makes nothing new."""
        assert self.last is not None
        assert self.last() == self.made

    def die(self, home: int, shelf: int, kind: str) -> None:
        """The process dies before its commit: nothing has happened."""
        account, item = self._account(home), self.house.items[shelf % 3]
        with suppress(Died, DomainError), transaction.atomic():
            if kind == "redeem":
                self._hold(account, item, 1)()
            elif kind == "receive":
                delivery = Delivery(item=item, quantity=1, unit_cents=100, received_on=today(self.now), donated=True)
                lot_receive(delivery=delivery, by=self.house.cast["cadre"], at=self.now)
            elif kind == "declare":
                claim_declare(
                    household=account.household, deed=self.house.deeds["S1"], occurred_on=today(self.now),
                    by=self.house.cast["cadre"], at=self.now,
                )  # fmt: skip
            else:
                redemptions_expire(at=self.now + timedelta(days=30))
            raise Died

    # --- what holds after every step ------------------------------------------------------------------------------------

    @invariant()
    def agrees(self) -> None:
        type(self).steps += 1
        oracle, ids = self.oracle, [account.pk for account in self.house.accounts]
        accounts = Account.objects.filter(pk__in=ids).annotate(Sum("entries__points"), Count("entries"))
        rows = {pk: figures for pk, *figures in accounts.values_list("pk", "balance", "entries__points__sum", "entries__count")}
        assert {pk: figures[0] for pk, figures in rows.items()} == oracle.balances and min(oracle.balances.values()) >= 0
        assert all(balance == total for balance, total, _ in rows.values())
        assert sum(count for *_, count in rows.values()) == len(oracle.postings)
        goods = Item.objects.annotate(Sum("lots__stock")).values_list("pk", "stock", "lots__stock__sum")
        assert {pk: (stock, lots) for pk, stock, lots in goods} == {pk: (n, n) for pk, n in oracle.stock.items()}
        assert dict(Redemption.objects.values_list("pk", "state")) == oracle.states("redemptions")
        claims = {pk: (state, score) for pk, state, score in Claim.objects.values_list("pk", "state", "score")}
        assert {pk: state for pk, (state, _) in claims.items()} == oracle.states("claims")
        granted = {pk: row["score"] for pk, row in oracle.claims.items() if row["state"] in ("approved", "posted")}
        assert {pk: claims[pk][1] for pk in granted} == granted
        assert set(Closing.objects.filter(state="locked").values_list("start", flat=True)) == oracle.locked

    # --- small things ---------------------------------------------------------------------------------------------------

    def _account(self, pick: int) -> Account:
        return self.house.accounts[pick % len(self.house.accounts)]

    def _claims(self, state: str) -> list[int]:
        return [pk for pk, claim in self.oracle.claims.items() if claim["state"] == state]

    def _redemptions(self, state: str) -> list[int]:
        return [pk for pk, row in self.oracle.redemptions.items() if row["state"] == state]

    def _redemption(self, state: str, pick: int) -> Redemption:
        pks = self._redemptions(state)
        rows = Redemption.objects.select_related("account__household", "entry__account__household")
        return rows.get(pk=pks[pick % len(pks)])

    def _until(self, pk: int) -> datetime:
        until = self.oracle.redemptions[pk]["until"]
        assert isinstance(until, datetime)
        return until

    def _sent(self, send: Callable[[], int]) -> int:
        """Sent once, and kept so that it can be sent again as it was."""
        key = uuid4()
        self.last = lambda: sent_once(send, self.house.cast["cadre"], key)
        self.made = self.last()
        return self.made

    def _refused(self, send: Callable[[], Any], codes: set[str]) -> None:
        with pytest.raises(DomainError) as refusal:
            send()
        assert refusal.value.code in codes, refusal.value
        self.seen[f"refused {refusal.value.code}"] += 1


@pytest.mark.django_db
@pytest.mark.timeout(7200)
def test_it_is_what_the_oracle_says() -> None:
    """Each example in a savepoint of one transaction, so that the house is built once."""
    assert connection.vendor == "postgresql"
    Bank.house, Bank.steps, Bank.seen = House(), 0, Counter()
    while Bank.steps < STEPS:
        examples = ceil((STEPS - Bank.steps) / LENGTH)
        run_state_machine_as_test(
            Bank,
            settings=settings(
                max_examples=examples,
                stateful_step_count=LENGTH,
                deadline=None,
                database=None,
                derandomize=not SOAK,
                suppress_health_check=list(HealthCheck),
            ),
        )
        if not SOAK:
            break
    print(f"{Bank.steps} steps", dict(sorted(Bank.seen.items())))
    assert Bank.steps >= (STEPS if SOAK else STEPS // 2)
    assert STEPS < ENOUGH or set(+Bank.seen) >= EVERYTHING
