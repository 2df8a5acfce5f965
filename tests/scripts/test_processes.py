import os
import signal
import subprocess
import sys

import pytest

import processes

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"


def start(code: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"up\n"
    return process


def test_it_kills_a_process_that_does_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.2)
    assert processes.stop(start(DEAF), signal.SIGTERM) == -signal.SIGKILL


def test_it_leaves_an_ended_process_alone() -> None:
    process = start("print('up')")
    process.wait()
    assert processes.stop(process, signal.SIGTERM) == 0


def test_it_gives_up_waiting_when_the_process_is_dead() -> None:
    assert not processes.poll(lambda: False, alive=lambda: False, seconds=600)


def test_it_gives_up_waiting_when_the_time_is_over() -> None:
    assert not processes.poll(lambda: False, alive=lambda: True, seconds=0)


def test_it_returns_the_exit_code_and_passes_the_additions() -> None:
    code = "import os, sys; sys.exit(int(os.environ['CODE']))"
    assert processes.run_command(["python", "-c", code], {"CODE": "7"}) == 7


def test_it_finds_the_living_children_alone() -> None:
    process = start("import time; print('up', flush=True); time.sleep(600)")
    assert "time.sleep(600)" in processes.children(os.getpid())[process.pid]
    process.kill()
    process.wait()
    assert process.pid not in processes.children(os.getpid())


def test_it_stops_several_and_kills_who_does_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.2)
    deaf, obedient = start(DEAF), start("import time; print('up', flush=True); time.sleep(600)")
    processes.stop_all([deaf, obedient], signal.SIGTERM, signal.SIGTERM)
    assert [deaf.returncode, obedient.returncode] == [-signal.SIGKILL, -signal.SIGTERM]
