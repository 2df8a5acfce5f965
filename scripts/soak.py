"""`make soak`: long runs that look for what only time shows; figures at the end, exit code 1 if something failed.

`make soak ARGS=run` for an hour, `make soak ARGS="run --seconds 120 --messages 200 --kills 2"` for a look. A part is a
module with `add_arguments(parser)` and `run(options)`, which prints its figures and returns what failed.
"""

from __future__ import annotations

import argparse
import sys

import soak_run
from processes import obey_signals

PARTS = {"run": soak_run}


def main() -> int:
    """Exit code 1 if something failed."""
    obey_signals()
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    for name, module in PARTS.items():
        module.add_arguments(parts.add_parser(name, description=module.__doc__))
    options = parser.parse_args()
    failures = PARTS[options.part].run(options)
    for failure in failures:
        print(f"soak failed: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
