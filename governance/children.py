"""Strangers' files are opened in a child process with ceilings on memory, processor and wall-clock time: what happens there ends there."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]


def child_run(module: str, data: bytes, wall_seconds: float) -> bytes:
    """`python -m module`, bytes in, bytes out; raises TimeoutExpired or CalledProcessError (of `subprocess`)."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        timeout=wall_seconds,
        check=True,
    )
    return done.stdout


def confine(memory_bytes: int, cpu_seconds: int) -> None:
    """Called by the child before it touches the file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
