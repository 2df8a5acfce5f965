"""Every list at a county's size: milliseconds of SQL on the warm second request, for each role that may open it.

Rows lie once in the townships' blocks, once interleaved: a list by newest first must not wade through the other townships.
"""

from __future__ import annotations

import re
import sys
import time
from typing import Any, NamedTuple

from django.db import connection

import bench_closing
import bench_lists_data

LIMIT_MS, TURNS, MONTHS = 60, 3, 4
LIST = re.compile(r"-list$|_changelist$|^desk:home$|^accounts:inbox$|^villages:vacancy|^moral_bank:award-candidates$")
TABS = ("/cases/?tab=open", "/cases/?tab=all", "/claims/?tab=all", "/visits/?q=演示", "/households/?q=王")
# Each plain statement reads 50 rows by key, as a measure of the machine.
PLAIN = "SELECT * FROM moral_bank_entry ORDER BY id DESC LIMIT 50"


class Taken(NamedTuple):
    """One list as one role saw it: milliseconds of all SQL, those that the server computed, statements, the slowest of them."""

    role: str
    path: str
    ms: float
    busy_ms: float
    queries: int
    slowest: str


class _Watch:
    """An execute wrapper that adds up the statements' time."""

    def __init__(self) -> None:
        self.ms, self.queries, self.slowest = 0.0, 0, (0.0, "")

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begin = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            taken = (time.perf_counter() - begin) * 1000
            self.ms, self.queries = self.ms + taken, self.queries + 1
            self.slowest = max(self.slowest, (taken, f"{sql} -- {params}"))


def list_paths() -> list[str]:
    """The addresses of all lists: named like one, taking no argument."""
    from django.urls import get_resolver, reverse

    def named(patterns: Any, space: str = "") -> Any:
        for pattern in patterns.url_patterns:
            if hasattr(pattern, "url_patterns"):
                yield from named(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
            elif not pattern.pattern.regex.groups:
                yield f"{space}{pattern.name}"

    names = sorted({name for name in named(get_resolver()) if LIST.search(name) and not name.startswith("public:")})
    return [reverse(name) for name in names] + list(TABS)


def _taken(client: Any, role: str, path: str) -> Taken | None:
    """The quickest of some warm requests; None where the role may not open the list."""
    if client.get(path).status_code != 200:
        return None
    found = []
    for _ in range(TURNS):
        watch = _Watch()
        begin = _busy_ms()
        with connection.execute_wrapper(watch):
            client.get(path).getvalue()
        found.append(Taken(role, path, watch.ms, _busy_ms() - begin, watch.queries, watch.slowest[1]))
    return min(found, key=lambda taken: taken.ms)


def _busy_ms() -> float:
    """What the server's process of this connection has computed so far: other work on the machine does not change it."""
    with open(f"/proc/{connection.connection.info.backend_pid}/schedstat") as file:
        return int(file.read().split()[0]) / 1e6


def _plain() -> float:
    times = []
    for _ in range(10):
        begin = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(PLAIN)
            cursor.fetchall()
        times.append((time.perf_counter() - begin) * 1000)
    return min(times)


def measure(users: dict[str, Any]) -> list[Taken]:
    """All lists for all roles, slowest first."""
    from django.test import Client

    found = []
    for role, user in users.items():
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        found += [taken for path in list_paths() if (taken := _taken(client, role, path))]
    return sorted(found, key=lambda taken: -taken.ms)


def report(layout: str, found: list[Taken], shown: int = 12) -> None:
    plain = _plain()
    over = [taken for taken in found if taken.ms > LIMIT_MS]
    print(f"lists, townships {layout}: {len(found)} lists and roles, 50 rows by key {plain:.1f} ms; over {LIMIT_MS} ms: {len(over)}")
    for taken in found[: max(shown, len(over))]:
        verdict = "over" if taken in over else "PASS"
        print(
            f"  {verdict} {taken.ms:7.1f} ms ({taken.busy_ms:.1f} computed), {taken.ms / plain:6.1f} of it, "
            f"{taken.queries:3} statements: {taken.role} {taken.path}"
        )
    if "--statements" in sys.argv:
        for taken in over:
            print(f"\n{taken.role} {taken.path} {taken.ms:.0f} ms\n{taken.slowest}")


def run(villages: int, households: int, entries: int) -> None:
    """Load once, lay the rows both ways, measure each."""
    bench_closing.load(villages, households, entries // MONTHS, MONTHS)
    users = bench_lists_data.users()
    for layout in ("in blocks", "interleaved"):
        bench_lists_data.lay(layout)
        report(layout, measure(users))
