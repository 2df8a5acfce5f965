"""Every check that needs no server: ``make lint``. All of them run, so that one look shows everything."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = [
    ["-m", "ruff", "check", "--quiet", "."],
    ["-m", "mypy", "--no-error-summary"],
    ["manage.py", "check", "--fail-level=WARNING"],
    ["manage.py", "makemigrations", "--check", "--dry-run"],
    ["scripts/check_templates.py"],
]


def main() -> int:
    """Run the checks on the trial mode in a temporary folder; exit code 1 if any fails."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="xz-lint-") as folder:
        servers = ("DATABASE_URL", "REDIS_URL")
        environment = {name: value for name, value in os.environ.items() if name not in servers}
        environment["XIANGZHI_VAR"] = folder
        for check in CHECKS:
            name = " ".join(check).removeprefix("-m ")
            print(f"lint: {name}", flush=True)
            if subprocess.run([sys.executable, *check], cwd=ROOT, env=environment).returncode:
                failed.append(name)
    for name in failed:
        print(f"lint failed: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
