"""The timetable: ``beat.py SCHEDULE`` becomes Celery's beat, with its memory of what ran when in the file SCHEDULE.

A file that a power cut has left half-written would end every beat that reads it, so it is read here first.
"""

from __future__ import annotations

import os
import shelve
import sys
from pathlib import Path


def discard_if_broken(schedule: Path) -> None:
    """Delete a file that cannot be read whole: beat then begins with an empty memory."""
    try:
        with shelve.open(str(schedule), "r") as memory:
            dict(memory)
    except Exception:  # each kind of file has errors of its own
        for path in schedule.parent.glob(f"{schedule.name}*"):
            path.unlink()


def main(schedule: str) -> None:
    """Never returns: this process becomes the beat."""
    discard_if_broken(Path(schedule))
    celery = [sys.executable, "-m", "celery", "--quiet", "--app=governance"]
    os.execv(celery[0], [*celery, "beat", "--loglevel=WARNING", f"--schedule={schedule}", "--pidfile="])


if __name__ == "__main__":
    main(sys.argv[1])
