"""`make bench`: speed as ratios within one run on PostgreSQL, never a timed test.

`make bench ARGS="--households 300000 --entries 1000000"`; each part runs in a database of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import bench_cases
import bench_house

ROOT = bench_house.ROOT
HISTORY, CASES_SHARE = 20, 100
PARTS = (
    "posting", "closing", "short", "long", "few", "many", "few_orders", "many_orders", "inspections", "trial", "lists", "exports",
)  # fmt: skip
GROUPS = {
    "short": "history", "long": "history", "few": "cases", "many": "cases", "few_orders": "volunteers", "many_orders": "volunteers",
}  # fmt: skip


def _database(name: str) -> str:
    """A new empty database beside the given one; returns its address."""
    import psycopg2

    address = urlsplit(os.environ["DATABASE_URL"])
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    return urlunsplit(address._replace(path=f"/{name}"))


def _part(part: str, sizes: argparse.Namespace) -> None:
    """One measurement in this process, on the database that the environment names."""
    bench_house.set_up()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    import bench_closing
    import bench_exports
    import bench_inspections
    import bench_lists
    import bench_posting
    import bench_trial
    import bench_volunteers

    if part in ("few", "many"):
        print(json.dumps(bench_cases.run(sizes.cases if part == "many" else sizes.cases // CASES_SHARE)))
    elif part in ("few_orders", "many_orders"):
        print(json.dumps(bench_volunteers.run(sizes.orders if part == "many_orders" else sizes.orders // CASES_SHARE)))
    elif part == "posting":
        bench_closing.load(20, 8000, 8000, 1)
        bench_posting.run()
    elif part == "inspections":
        bench_inspections.run(sizes.townships, sizes.inspected)
    elif part == "trial":
        bench_trial.run(25, sizes.tried, 3 * sizes.tried)
    elif part == "lists":
        bench_lists.run(sizes.listed, sizes.households, sizes.entries)
    elif part == "exports":
        bench_exports.run(sizes.exported, sizes.people)
    elif part == "closing":
        bench_closing.run(sizes.villages, sizes.households, sizes.entries, 1)
    else:
        small = (sizes.villages // HISTORY, sizes.households // HISTORY, sizes.entries // HISTORY)
        service = bench_closing.run(*small, sizes.months if part == "long" else 1)
        print(f"seconds {service:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--villages", type=int, default=450)
    parser.add_argument("--households", type=int, default=300_000)
    parser.add_argument("--entries", type=int, default=1_000_000, help="in a month")
    parser.add_argument("--months", type=int, default=120, help=f"of history, at 1/{HISTORY} of the size")
    parser.add_argument("--cases", type=int, default=100_000, help=f"against 1/{CASES_SHARE} of them")
    parser.add_argument("--orders", type=int, default=10_000, help=f"open ones of a county, against 1/{CASES_SHARE} of them")
    parser.add_argument("--townships", type=int, default=30, help="of a county whose quarter is inspected")
    parser.add_argument("--inspected", type=int, default=393, help="villages of these townships")
    parser.add_argument("--tried", type=int, default=10_000, help="households of a township whose rules are tried")
    parser.add_argument("--listed", type=int, default=400, help="villages of the county whose lists are read")
    parser.add_argument("--exported", type=int, default=100_000, help="entries of a ledger that is written")
    parser.add_argument("--people", type=int, default=10_000, help="of a roster that is imported")
    parser.add_argument("--statements", action="store_true", help="print the slowest statement of each list over the limit")
    parser.add_argument("--only", choices=sorted({GROUPS.get(part, part) for part in PARTS}))
    parser.add_argument("--part", help=argparse.SUPPRESS)
    sizes = parser.parse_args()
    if sizes.part:
        return _part(sizes.part, sizes)
    seconds, pages = {}, dict[str, list[dict[str, float]]]()
    for part in PARTS:
        group = GROUPS.get(part, part)
        if sizes.only in (None, group):
            environment = os.environ | {"DATABASE_URL": _database(f"bench_{part}")}
            command = [sys.executable, __file__, "--part", part, *sys.argv[1:]]
            done = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
            if group in ("cases", "volunteers"):
                pages.setdefault(group, []).append(json.loads(done.stdout))
                continue
            print(done.stdout, end="", flush=True)
            if group == "history":
                seconds[part] = float(done.stdout.rsplit(None, 1)[-1])
    for what, found in pages.items():
        bench_cases.compare(what, *found)
    if seconds:
        print(f"with {sizes.months} months of history: {seconds['long'] / seconds['short']:.2f} of itself without")


if __name__ == "__main__":
    main()
