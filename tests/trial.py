"""Functions of test modules under trial mode: another process, a migrated SQLite file of its own, its own var/ folder.

One process stands ready with the project loaded; each function runs in a child forked from it, so none meets another.
"""

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


def run_in_trial_mode(function: str, var: Path) -> Any:
    """What `module:function` returns (as JSON) when called on a new SQLite database; what it says on failing goes to `var`."""
    process, folder = _ready()
    assert process.stdin and process.stdout
    folder_of_call, errors = folder / "call", var / "errors"
    shutil.rmtree(folder_of_call, ignore_errors=True)
    shutil.copytree(_migrated(), folder_of_call)
    process.stdin.write(json.dumps([function, str(errors)]) + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    assert answer.strip(), errors.read_text() if errors.exists() else "the trial mode's process has ended"
    return json.loads(answer)


@cache
def _migrated() -> Path:
    """A var/ folder as migrations leave it: the runner's, or made once for all tests of this process."""
    if given := os.environ.get("MIGRATED_VAR"):
        return Path(given)
    var = _temporary()
    done = subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=trial_environment(var))
    assert done.returncode == 0
    return var


def trial_environment(var: Path) -> dict[str, str]:
    """This process's environment without the servers, and with `var`."""
    given = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    return given | {"XIANGZHI_VAR": str(var), "DJANGO_SETTINGS_MODULE": "governance.settings"}


def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="xz-trial-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _ready() -> tuple[subprocess.Popen[str], Path]:
    """The process that forks, with the folder in which `call` is the var/ of each call."""
    folder = _temporary()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.trial"],
        cwd=ROOT,
        env=trial_environment(folder / "call") | {"PYTHONPATH": str(ROOT / "scripts")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    process.stdout.readline()
    atexit.register(process.wait)
    atexit.register(process.stdin.close)
    return process, folder


def _serve() -> None:
    """Say when ready, then answer each line [function, file for errors] with JSON, with an empty line where it failed."""
    import django

    django.setup()
    print("ready", flush=True)
    for line in sys.stdin:
        function, errors = json.loads(line)
        child = os.fork()
        if not child:
            _call(function, errors)
        _, status = os.waitpid(child, 0)
        if status:
            print(flush=True)


def _call(function: str, errors: str) -> None:
    """In the child: the answer on standard output, all else that is printed into the file `errors`."""
    import importlib
    import traceback

    answer = os.dup(1)
    with open(errors, "w") as report:
        os.dup2(report.fileno(), 1)
        os.dup2(report.fileno(), 2)
        try:
            module, name = function.split(":")
            found = json.dumps(getattr(importlib.import_module(module), name)())
        except BaseException:
            traceback.print_exc(file=report)
            report.flush()
            os._exit(1)
    os.write(answer, f"{found}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    _serve()
