"""Every check that needs no server, two at a time: ``make lint``, ``lint.py [--only NAME …]``.

All of them run, so that one look shows everything. The hooks of .pre-commit-config.yaml call the same by name.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))
# The longest first.
CHECKS = {
    "mypy": [PYTHON, "-m", "mypy", "--no-error-summary"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "django": [PYTHON, "manage.py", "check", "--fail-level=WARNING"],
    "templates": [PYTHON, "scripts/check_templates.py"],
    "biome": [PYTHON, "scripts/check_static.py"],
    "ruff": [PYTHON, "-m", "ruff", "check", "--quiet", "."],
    "djade": [str(Path(PYTHON).parent / "djade"), "--target-version", "5.2", "--check", *TEMPLATES],
}
AT_ONCE = 2


def run(name: str, environment: dict[str, str]) -> tuple[bool, str, float]:
    """Whether the check passed, what it printed, and its seconds."""
    start = time.monotonic()
    done = subprocess.run(CHECKS[name], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return not done.returncode, done.stdout.decode(), time.monotonic() - start


def main(names: list[str]) -> int:
    """Run the checks on the trial mode in a temporary folder; exit code 1 if any fails."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="xz-lint-") as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        servers = ("DATABASE_URL", "REDIS_URL")
        environment = {name: value for name, value in os.environ.items() if name not in servers}
        environment["XIANGZHI_VAR"] = folder
        running = {pool.submit(run, name, environment): name for name in names}
        for future in as_completed(running):
            passed, output, seconds = future.result()
            print(f"lint: {running[future]} ({seconds:.1f} s)", flush=True)
            if not passed:
                failed.append(running[future])
                print(output, flush=True)
    for name in failed:
        print(f"lint failed: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Checks that need no server.")
    parser.add_argument("--only", nargs="+", choices=CHECKS, default=list(CHECKS), metavar="NAME")
    sys.exit(main(parser.parse_args().only))
