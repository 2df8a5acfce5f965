"""Posting through the service against a plain INSERT into a copy of the table, 8 clients each, in turns.

The copy has the same columns, indexes, checks and foreign keys, but no trigger: no balance, no locked months.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from multiprocessing import get_context
from statistics import median
from typing import Any

import bench_house

CLIENTS = 8
SECONDS = 4.0
ROUNDS = 3
PLAIN = "bench_entry"
COLUMNS = (
    "account_id, township_id, village_id, deed_id, head, veto, memo, score, points, occurred_on, month, source_key, "
    "posted_by_id, posted_at"
)


def copy_table() -> None:
    """Make the plain table anew."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {PLAIN}")
        cursor.execute(f"CREATE TABLE {PLAIN} (LIKE moral_bank_entry INCLUDING ALL)")
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = 'moral_bank_entry'::regclass AND contype = 'f'"
        )
        for (definition,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {PLAIN} ADD {definition}")


def _by_service(client: int, accounts: list[Any], deed: Any, clerk: Any) -> Callable[[int], None]:
    from moral_bank.ledger.services import entry_post

    def post(number: int) -> None:
        entry_post(
            account=accounts[number % len(accounts)],
            deed=deed,
            occurred_on=date(2026, 3, 2),
            by=clerk,
            source_key=f"bench:{client}:{time.monotonic_ns()}",
        )

    return post


def _by_insert(client: int, accounts: list[Any], deed: Any, clerk: Any) -> Callable[[int], None]:
    from django.db import connection

    statement = f"INSERT INTO {PLAIN} ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, now()) RETURNING id"

    def post(number: int) -> None:
        account = accounts[number % len(accounts)]
        values = (
            account.pk,
            account.township_id,
            account.household.village_id,
            deed.pk,
            deed.head,
            False,
            deed.name,
            deed.score,
            deed.points,
            date(2026, 3, 2),
            date(2026, 3, 1),
            f"bench:{client}:{time.monotonic_ns()}",
            clerk.pk,
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.fetchone()

    return post


def _client(client: int, way: str, started: Any, done: Any) -> None:
    """One session: posts until the time is over and reports how many."""
    bench_house.set_up()
    from governance.accounts.models import User
    from moral_bank.models import Account
    from moral_bank.rules.models import Deed

    accounts = list(Account.objects.select_related("household").order_by("id")[client::CLIENTS][:500])
    deed = Deed.objects.select_related("rule_set").filter(score__gt=0, score_high=None).order_by("id")[0]
    clerk = User.objects.order_by("id")[0]
    post = (_by_service if way == "service" else _by_insert)(client, accounts, deed, clerk)
    post(0)
    started.wait()
    until = time.perf_counter() + SECONDS
    count = 0
    while time.perf_counter() < until:
        count += 1
        post(count)
    done.put(count)


def _rate(way: str) -> float:
    """Postings a second by all clients together."""
    context = get_context("spawn")
    started, done = context.Barrier(CLIENTS), context.Queue()
    clients = [context.Process(target=_client, args=(number, way, started, done)) for number in range(CLIENTS)]
    for process in clients:
        process.start()
    counts: list[int] = [done.get() for _ in clients]
    for process in clients:
        process.join()
    return sum(counts) / SECONDS


def run() -> None:
    """Print both rates and their ratio (medians over the rounds)."""
    copy_table()
    rates: dict[str, list[float]] = {"plain": [], "service": []}
    for _ in range(ROUNDS):
        for way in rates:
            rates[way].append(_rate(way))
    plain, service = median(rates["plain"]), median(rates["service"])
    print(
        f"posting, {CLIENTS} clients: plain INSERT {plain:,.0f}/s, service {service:,.0f}/s, ratio {service / plain:.2f}"
    )
