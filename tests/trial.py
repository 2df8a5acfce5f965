"""Run a function of a test module under trial mode: another process, a fresh migrated SQLite file, its own var/ folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_CALL = """
import importlib, json, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
module, function = sys.argv[1].split(":")
json.dump(getattr(importlib.import_module(module), function)(), sys.stdout)
"""


def run_in_trial_mode(function: str, var: Path) -> Any:
    """What `module:function` returns (as JSON) when called on a new SQLite database below `var`."""
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"XIANGZHI_VAR": str(var), "DJANGO_SETTINGS_MODULE": "governance.settings"}
    done = subprocess.run(
        [sys.executable, "-c", _CALL, function], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
