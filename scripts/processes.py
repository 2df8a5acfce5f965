"""Start processes, wait for them and end them without leaving an orphan."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

STOP_SECONDS = 20
POLL_SECONDS = 0.05
_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None)


def die_with_parent(number: signal.Signals = signal.SIGINT) -> None:
    """For ``preexec_fn``: ask Linux for a signal when the parent is killed without a chance to clean up."""
    if sys.platform == "linux":
        _LIBC.prctl(_SET_PDEATHSIG, number)


def obey_signals() -> None:
    """Leave through every ``with`` block on SIGTERM, and on SIGINT also as a background job, whose shell ignores it."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    signal.signal(signal.SIGINT, signal.default_int_handler)


def ignore_interruptions() -> None:
    """Let nothing disturb the clean-up that follows."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait at most so long; True if the process has ended."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def stop(process: subprocess.Popen[bytes], *signals: signal.Signals) -> int:
    """Signal the main process, harder each time, until it has ended, at last with SIGKILL; returns its exit code."""
    for number in (*signals, signal.SIGKILL):
        if process.poll() is not None:
            break
        process.send_signal(number)
        ended(process, STOP_SECONDS)
    return process.wait()


def stop_all(processes: Sequence[subprocess.Popen[bytes]], *signals: signal.Signals) -> None:
    """Stop several at once: all hear the first signal before any is waited for, then each as in ``stop``."""
    running = [process for process in processes if process.poll() is None]
    for process in running:
        process.send_signal(signals[0])
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        if not ended(process, max(0, deadline - time.monotonic())):
            stop(process, *signals[1:])


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what an ended leader of a process group has left behind in it (Celery's pool may outlive its main process)."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def children(pid: int) -> dict[int, str]:
    """Command lines of the living processes that this one has started, by process id."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found[int(folder.name)] = _command_line(folder)
    return found


def with_variable(name: str, value: str) -> dict[int, str]:
    """Command lines of all processes that were started with this variable in their environment, by process id."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            if f"{name}={value}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = _command_line(folder)
    return found


def _command_line(folder: Path) -> str:
    return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()


def poll(ready: Callable[[], bool], *, alive: Callable[[], bool], seconds: float) -> bool:
    """Ask ``ready`` until it agrees; False when ``alive`` no longer does or the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        if not alive() or time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def run_command(command: Sequence[str], additions: Mapping[str, str]) -> int:
    """Run a command with this Python's programs first in PATH; returns its exit code.

    Ctrl-C reaches the command through the terminal and is waited for; SIGTERM is passed on as SIGINT, on which Python
    programs clean up.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    process = subprocess.Popen(command, env={**os.environ, **additions, "PATH": path})
    try:
        return process.wait()
    except BaseException as interruption:
        ignore_interruptions()
        if not isinstance(interruption, KeyboardInterrupt) or not ended(process, STOP_SECONDS):
            stop(process, signal.SIGINT, signal.SIGTERM)
        raise
