"""The unit tests of our modules, by Node's own runner; Node comes with the requirements for tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from django.conf import settings


def test_it_runs_the_tests_of_the_modules() -> None:
    files = sorted(str(file) for file in (settings.BASE_DIR / "tests" / "js").glob("*.test.js"))
    command = [str(Path(sys.executable).parent / "node"), "--test", "--test-reporter=tap", "--no-warnings", *files]
    done = subprocess.run(command, capture_output=True, text=True, cwd=settings.BASE_DIR)
    assert files and done.returncode == 0, done.stdout + done.stderr
    assert "\n# tests 0" not in done.stdout
