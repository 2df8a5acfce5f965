"""The supervisor with small real processes."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from processes import poll
from supervisor import WAITS, Supervisor

pytestmark = pytest.mark.usefixtures("interruptible")
SECONDS = 180
STAYS = "import time; time.sleep(600)"
# A main process whose helper would outlive it: it waits for the pipe's end, as long as the helper holds it.
WITH_HELPER = """
import pathlib, subprocess, sys, time
helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path("helper.part").write_text(str(helper.pid))
pathlib.Path("helper.part").rename("helper")
time.sleep(600)
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def watched(supervisor: Supervisor, happened: Callable[[], bool]) -> bool:
    """Look until it happened."""

    def looked() -> bool:
        supervisor.look()
        return happened()

    return poll(looked, alive=lambda: True, seconds=SECONDS)


def quiet(line: str) -> None:
    """For tests that look at something else than what is said."""


def gone(pid: int) -> bool:
    """True if there is no such process, or only its record."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_it_starts_a_killed_child_again_says_so_and_leaves_the_others_alone(tmp_path: Path) -> None:
    lines: list[str] = []
    with Supervisor(tmp_path, waits=[0.01], say=lines.append) as supervisor:
        web, worker = supervisor.keep("web", python(STAYS)), supervisor.keep("worker", python(STAYS))
        before = web.process.pid, worker.process.pid
        worker.process.kill()
        assert watched(supervisor, lambda: worker.process.pid != before[1])
        assert (web.process.pid, web.ends, worker.ends) == (before[0], 0, 1)
        assert worker.process.poll() is None
    (line,) = lines
    assert "worker 已退出（代码 -9），0.01 秒后重新启动。 It ended (code -9); next start in 0.01 s." in line


def test_it_starts_again_what_ended_of_itself(tmp_path: Path) -> None:
    with Supervisor(tmp_path, waits=[0.01], say=quiet) as supervisor:
        child = supervisor.keep("worker", python(""))
        assert watched(supervisor, lambda: child.ends == 3)


def test_it_waits_longer_each_time_and_as_long_as_it_says(tmp_path: Path) -> None:
    with Supervisor(tmp_path, say=quiet) as supervisor:
        child = supervisor.keep("worker", python(STAYS))
        waits = [child.rest(supervisor.waits, supervisor.steady) for _ in range(9)]
        assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
        assert not child.due()


def test_it_begins_with_the_shortest_wait_for_one_that_stood_steady(tmp_path: Path) -> None:
    with Supervisor(tmp_path, say=quiet) as supervisor:
        child = supervisor.keep("worker", python(STAYS))
        assert [child.rest(WAITS, steady=0) for _ in range(3)] == [1, 1, 1]


def test_it_kills_what_a_dead_child_left_behind(tmp_path: Path) -> None:
    with Supervisor(tmp_path, waits=[600], say=quiet) as supervisor:
        child = supervisor.keep("worker", python(WITH_HELPER))
        assert watched(supervisor, (tmp_path / "helper").exists)
        helper = int((tmp_path / "helper").read_text())
        child.process.kill()
        assert watched(supervisor, lambda: gone(helper))


def test_it_tries_later_where_the_machine_cannot_start_it(tmp_path: Path) -> None:
    lines: list[str] = []
    program = tmp_path / "program"
    program.symlink_to(sys.executable)
    with Supervisor(tmp_path, waits=[0.01], say=lines.append) as supervisor:
        child = supervisor.keep("worker", [str(program), "-c", STAYS])
        program.unlink()
        child.process.kill()
        assert watched(supervisor, lambda: "无法启动" in lines[-1] if lines else False)
        program.symlink_to(sys.executable)
        assert watched(supervisor, lambda: child.running)


def test_it_leaves_no_process(tmp_path: Path) -> None:
    with Supervisor(tmp_path, say=quiet) as supervisor:
        supervisor.keep("web", python(STAYS))
        supervisor.keep("worker", python(WITH_HELPER))
        assert watched(supervisor, (tmp_path / "helper").exists)
    assert [child.process.poll() for child in supervisor.children] == [-signal.SIGTERM, -signal.SIGTERM]
    helper = int((tmp_path / "helper").read_text())
    assert poll(lambda: gone(helper), alive=lambda: True, seconds=SECONDS)
