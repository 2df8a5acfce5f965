import os
import shelve
from pathlib import Path

import beat


def remembered(schedule: Path) -> dict[str, str]:
    with shelve.open(str(schedule)) as memory:
        return dict(memory)


def test_it_keeps_a_whole_file(tmp_path: Path) -> None:
    schedule = tmp_path / "schedule"
    with shelve.open(str(schedule)) as memory:
        memory["entries"] = "kept"
    beat.discard_if_broken(schedule)
    assert remembered(schedule) == {"entries": "kept"}


def test_it_discards_a_file_that_a_power_cut_has_shortened(tmp_path: Path) -> None:
    schedule = tmp_path / "schedule"
    with shelve.open(str(schedule)) as memory:
        memory["entries"] = "lost" * 1000
    largest = max(tmp_path.iterdir(), key=lambda path: path.stat().st_size)
    os.truncate(largest, 100)
    beat.discard_if_broken(schedule)
    assert remembered(schedule) == {}


def test_it_begins_without_a_file(tmp_path: Path) -> None:
    beat.discard_if_broken(tmp_path / "schedule")
    assert remembered(tmp_path / "schedule") == {}
