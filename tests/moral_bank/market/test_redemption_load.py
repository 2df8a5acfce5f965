"""5,000 redemptions by 16 sessions over 50 accounts and 20 articles, and 1,000 keys sent five times each (issue 5, done when 3).

A tenth of that in the suite, all of it with SOAK=1 (`make soak`). The controls take one guard away each and must fail.
"""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from moral_bank.market import services as market
from moral_bank.market.services import MarketError
from moral_bank.models import Account, Entry, Item, Lot, Move, Redemption
from moral_bank.proof.reconciling import reconcile
from tests.builders import make_account, make_household
from tests.moral_bank.guards import without
from tests.moral_bank.ledger.test_ledger import race
from tests.moral_bank.market.house import NOW, MarketHouse
from tests.once import sent_once

FULL = os.environ.get("SOAK") == "1"
SESSIONS, ACCOUNTS, ITEMS = 16, 50, 20
TIMES, KEYS, SENDS = (5000, 1000, 5) if FULL else (500, 100, 5)
STOCK = TIMES // 40  # of each article: half of what is asked for
SEED = 511923
USED_KEY = ("accounts_usedkey", "accounts_usedkey_pkey")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]


class Fair(MarketHouse):
    """Fifty households and twenty articles at 5 to 50 points; some households can pay for all they ask for, some for little."""

    def __init__(self, points: int = TIMES // 20) -> None:
        super().__init__(fund=100_000_000_00)
        self.goods = [self.item(f"物品{number}", 5 * (number % 10 + 1)) for number in range(ITEMS)]
        for item in self.goods:
            self.receive(item, STOCK - STOCK // 2, 1_00)
            self.receive(item, STOCK // 2, 2_00)
        self.homes = [make_account(make_household(self.village, f"户主{number}")) for number in range(ACCOUNTS)]
        granted = self.account.entries.first()
        assert granted is not None
        Entry.objects.bulk_create(
            _like(granted, account, f"fair:{number}:{part}", 50)
            for number, account in enumerate(self.homes)
            for part in range(max(1, points * (number % 5) // 5))
        )

    def ask(self, rng: random.Random) -> tuple[Account, Item, int]:
        return rng.choice(self.homes), rng.choice(self.goods), rng.choice((1, 1, 1, 2, 3))


def _like(entry: Entry, account: Account, key: str, points: int) -> Entry:
    """One more grant like `entry`, for another household."""
    fields = {field.attname: getattr(entry, field.attname) for field in Entry._meta.concrete_fields if not field.primary_key}
    return Entry(**{**fields, "account_id": account.pk, "source_key": key, "points": points})


def whole(house: Fair) -> None:
    """No overdraft, nothing oversold, and every sum right: by plain sums, then by the night's own reconciliation."""
    accounts = Account.objects.annotate(total=Coalesce(Sum("entries__points"), 0))
    assert not accounts.filter(balance__lt=0).exists() and not accounts.exclude(balance=F("total")).exists()
    for rows in (Item.objects, Lot.objects):
        moved = rows.annotate(total=Coalesce(Sum("moves__quantity"), 0))
        assert not moved.filter(stock__lt=0).exists() and not moved.exclude(stock=F("total")).exists()
    spent = Redemption.objects.aggregate(points=Sum("points"), goods=Sum("quantity"))
    assert Entry.objects.filter(head="").aggregate(points=Sum("points"))["points"] == -spent["points"]
    assert Move.objects.filter(kind="held").aggregate(goods=Sum("quantity"))["goods"] == -spent["goods"]
    assert reconcile(house.township, NOW).findings == []


def test_it_neither_overdraws_nor_oversells() -> None:
    house, rng = Fair(), random.Random(SEED)
    orders = [house.ask(rng) for _ in range(TIMES)]
    refused: Counter[str] = Counter()

    def redeem(number: int) -> bool:
        account, item, quantity = orders[number]
        try:
            house.hold(item=item, quantity=quantity, account=account)
        except MarketError as error:
            refused[error.code] += 1
            return False
        return True

    held = race(SESSIONS, TIMES, redeem)
    whole(house)
    assert held == Redemption.objects.count() == TIMES - sum(refused.values())
    assert set(refused) == {"overdrawn", "stock"} and min(refused.values()) > TIMES // 50
    assert held > TIMES // 10


def test_it_takes_effect_once_for_a_key() -> None:
    house, rng = Fair(points=KEYS), random.Random(SEED)
    rich = [account for number, account in enumerate(house.homes) if number % 5 == 4]
    orders = [(UUID(int=rng.getrandbits(128)), rng.choice(rich), rng.choice(house.goods[:2])) for _ in range(KEYS)]
    for item in house.goods[:2]:
        house.receive(item, KEYS, 1_00)
    sends = [number for number in range(KEYS) for _ in range(SENDS)]
    rng.shuffle(sends)
    found: list[tuple[int, int]] = []

    def send(number: int) -> bool:
        key, account, item = orders[sends[number]]
        made = sent_once(lambda: house.hold(item=item, account=account).pk, house.clerk, key)
        found.append((sends[number], made))
        return True

    assert race(SESSIONS, len(sends), send) == KEYS * SENDS
    assert Redemption.objects.count() == len(set(found)) == KEYS
    assert Entry.objects.filter(head="").count() == KEYS
    whole(house)


# --- The controls: the same sends with one guard taken away -----------------------------------------------------------


def looks_first(monkeypatch: pytest.MonkeyPatch, sessions: int) -> None:
    """Look, then take: articles and lots are read without a lock, and all sessions have looked before one takes."""
    looked = threading.Barrier(sessions, timeout=180)
    check = market.check_home

    def unlocked(items: object, lots: object = market.STOCKED) -> dict[int, market.Shelf]:
        wanted = list(items)  # type: ignore[call-overload]
        rows = Item.objects.select_related("shop").filter(pk__in=wanted)
        return {item.pk: market.Shelf(item, list(item.lots.filter(stock__gt=0).order_by("pk"))) for item in rows}

    def late(*args: object) -> None:
        check(*args)  # type: ignore[arg-type]
        looked.wait()

    monkeypatch.setattr(market, "stock_lock", unlocked)
    monkeypatch.setattr(market, "check_home", late)


def test_it_would_overdraw_without_the_balance_check() -> None:
    house = MarketHouse()

    def redeem(number: int) -> bool:
        house.hold(quantity=3)
        return True

    with without(("moral_bank_account", "account_not_overdrawn")):
        assert race(SESSIONS, SESSIONS, redeem) == SESSIONS
        assert house.balance() == 100 - SESSIONS * 15


@pytest.mark.parametrize("guarded", [True, False], ids=["with the checks", "without"])
def test_it_would_oversell_without_lock_and_check(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """One pot of oil and 16 sessions that have all seen it: the CHECKs alone let one have it; without them all have."""
    house = MarketHouse()
    homes = [house.home(f"李{number}", 50) for number in range(SESSIONS)]
    looks_first(monkeypatch, SESSIONS)

    def redeem(number: int) -> bool:
        try:
            house.hold(item=house.oil, account=homes[number])
        except Exception as error:
            assert "oversold" in str(error), error
            return False
        return True

    if guarded:
        assert race(SESSIONS, SESSIONS, redeem) == 1
        assert house.stock(house.oil) == 0
        return
    with without(("moral_bank_item", "item_not_oversold"), ("moral_bank_lot", "lot_not_oversold")):
        assert race(SESSIONS, SESSIONS, redeem) == SESSIONS
        assert house.stock(house.oil) == 1 - SESSIONS


@pytest.mark.parametrize("guarded", [True, False], ids=["with the unique key", "without"])
def test_it_would_take_effect_five_times_without_the_key(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    house = MarketHouse()

    def send(number: int) -> bool:
        return sent_once(lambda: house.hold().pk, house.clerk, 7) > 0

    if guarded:
        assert race(SENDS, SENDS, send) == SENDS
        assert Redemption.objects.count() == 1
        return
    looks_first(monkeypatch, SENDS)
    with without(USED_KEY):
        assert race(SENDS, SENDS, send) == SENDS
        assert Redemption.objects.count() == SENDS


def test_it_leaves_every_guard_standing() -> None:
    """After the controls."""
    names = ["account_not_overdrawn", "item_not_oversold", "lot_not_oversold", USED_KEY[1]]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname = ANY(%s) AND convalidated", [names])
        assert cursor.fetchone()[0] == len(names)
