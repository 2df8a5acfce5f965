"""Run a function of a test module under trial mode: another process, a migrated SQLite file of its own, its own var/ folder."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_MIGRATE = "from django.core.management import call_command; call_command('migrate', verbosity=0)"
_CALL = """
import importlib, json, sys
module, function = sys.argv[1].split(":")
json.dump(getattr(importlib.import_module(module), function)(), sys.stdout)
"""


def run_in_trial_mode(function: str, var: Path) -> Any:
    """What `module:function` returns (as JSON) when called on a new SQLite database below `var`."""
    shutil.copytree(_migrated(), var, dirs_exist_ok=True)
    return json.loads(_run(_CALL, var, function))


@cache
def _migrated() -> Path:
    """A var/ folder as migrations leave it; migrating takes minutes, so it is done once for all tests."""
    var = Path(tempfile.mkdtemp(prefix="xz-trial-"))
    atexit.register(shutil.rmtree, var, ignore_errors=True)
    _run(_MIGRATE, var)
    return var


def _run(code: str, var: Path, *arguments: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"XIANGZHI_VAR": str(var), "DJANGO_SETTINGS_MODULE": "governance.settings"}
    command = [sys.executable, "-c", f"import django; django.setup()\n{code}", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
