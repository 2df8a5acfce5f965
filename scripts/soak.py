"""`make soak`: long runs that look for what only time shows; figures at the end, exit code 1 if something failed.

`make soak ARGS=run` for an hour, `make soak ARGS="run --seconds 120 --messages 200 --kills 2"` for a look, `make soak ARGS=server` to
kill PostgreSQL while clients post, `make soak ARGS=upgrade` to bring the databases of released versions to today's tables,
`make soak ARGS=photos` for four huge photos at once. The other parts are tests of the suite at full size (SOAK=1):
`make soak ARGS=bank`, 30,000 steps of the moral bank against its oracle,
`make soak ARGS=orders`, 10,000 of the orders against theirs, `make soak ARGS=sending`, 500 records over a bad line,
`make soak ARGS=ledgers`, a thousand rows of each kind of ledger against a key, `make soak ARGS=faces`, all pages of all
roles as fingers and screen readers meet them, `make soak ARGS="fuzz --requests 20000 --seed 1"`, hostile requests to every
address, `make soak ARGS="swap --seed 1"`, ids of another township wherever an id can stand,
`make soak ARGS=restore`, 100,000 postings and 1,000 photos into a backup and out of it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import soak_photos
import soak_run
import soak_server
import soak_upgrade
from processes import obey_signals

ROOT = Path(__file__).resolve().parent.parent
TESTS = {
    "bank": "tests/moral_bank/test_bank_machine.py",
    "orders": "tests/volunteers/orders/test_order_machine.py",
    "redemptions": "tests/moral_bank/market/test_redemption_load.py",
    "sending": "tests/cases/sending/test_sending.py tests/cases/sending/test_walk_faults.py tests/cases/sending/test_walk_full.py",
    "indicators": "tests/inspections/indicators/test_indicators.py",
    "fuzz": "tests/frame/test_errors.py",
    "swap": "tests/frame/test_swapping.py",
    "faces": "tests/desk/test_faces.py tests/frame/test_headers.py",
    "ledgers": "tests/sheets/ugly/test_ledgers.py",
    "restore": "tests/governance/test_backups.py",
    "ratings": "tests/moral_bank/closings/test_ratings.py",
}
SIZES = {"fuzz": {"requests": 20_000, "seed": 0}, "swap": {"requests": 0, "seed": 0}}
OWN = {"run": soak_run, "server": soak_server, "photos": soak_photos, "upgrade": soak_upgrade}


def at_full_size(part: str, **sizes: int) -> list[str]:
    """Run a part's tests, which print their figures; returns what failed. `sizes` reach them as PART_NAME of the environment."""
    given = {f"{part}_{name}".upper(): str(size) for name, size in sizes.items()}
    command = [sys.executable, "scripts/test.py", *TESTS[part].split(), "-s", "--durations=0"]
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, "SOAK": "1", **given}).returncode
    return [f"{TESTS[part]} (code {code})"] if code else []


def main() -> int:
    """Exit code 1 if something failed."""
    obey_signals()
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    for name, module in OWN.items():
        module.add_arguments(parts.add_parser(name, description=module.__doc__))
    for part in TESTS:
        added = parts.add_parser(part)
        for name, size in SIZES.get(part, {}).items():
            added.add_argument(f"--{name}", type=int, default=size)
    options = parser.parse_args()
    sizes = {name: getattr(options, name) for name in SIZES.get(options.part, {})}
    failures = OWN[options.part].run(options) if options.part in OWN else at_full_size(options.part, **sizes)
    for failure in failures:
        print(f"soak failed: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
