"""Run a command with PostgreSQL and Redis up: ``python scripts/with_services.py [--durable] pytest tests/desk``."""

from __future__ import annotations

import sys

from processes import obey_signals, run_command
from services import ServiceError, services


def main(arguments: list[str]) -> int:
    """Exit code of the command; 2 when there is none to run or a server does not start."""
    durable = arguments[:1] == ["--durable"]
    command = arguments[durable:]
    if not command:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    obey_signals()
    try:
        with services(durable=durable) as additions:
            return run_command(command, additions)
    except (ServiceError, FileNotFoundError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
