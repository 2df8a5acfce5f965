"""The trial mode as a township meets it: real processes on SQLite and the filesystem broker, in a folder of their own."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import run
from processes import children, poll, with_variable
from services import free_port
from supervisor import Supervisor

MARK = "守望者"


def environment(folder: Path, **more: str) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "FRESH", "EMPTY")}
    return {**given, "XIANGZHI_VAR": str(folder), **more}


def family(folder: Path) -> dict[int, str]:
    """Command lines of all processes that work on the folder, by process id."""
    return with_variable("XIANGZHI_VAR", str(folder))


@contextmanager
def portal(folder: Path, port: int, said: list[str] | None = None, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A portal that has said where it is and who may sign in; `said` takes its lines."""
    command = [sys.executable, str(run.ROOT / "scripts" / "run.py")]
    process = subprocess.Popen(command, env=environment(folder, PORT=str(port), **more), stdout=subprocess.PIPE, text=True)
    assert process.stdout
    lines = [] if said is None else said
    with process.stdout:
        try:
            lines += iter(process.stdout.readline, "按 Ctrl-C 停止。 Ctrl-C stops it.\n")
            assert f"http://127.0.0.1:{port}/" in "".join(lines)
            yield process
        finally:
            process.terminate()
            process.wait()


def refusal(folder: Path, **more: str) -> str:
    command = [sys.executable, str(run.ROOT / "scripts" / "run.py")]
    done = subprocess.run(command, env=environment(folder, **more), capture_output=True, text=True)
    assert done.returncode == 1
    return done.stderr


def names(folder: Path, change: str = "SELECT 1") -> set[str]:
    with closing(sqlite3.connect(folder / "xiangzhi.sqlite3")) as database, database:
        database.execute(change)
        return {name for (name,) in database.execute("SELECT name FROM accounts_user")}


def worker_answers(folder: Path) -> bool:
    command = [sys.executable, "-m", "celery", "--app=governance", "inspect", "ping"]
    done = subprocess.run(command, cwd=run.ROOT, env=environment(folder), capture_output=True, text=True)
    return "pong" in done.stdout


def started(runner: subprocess.Popen[str], name: str) -> list[int]:
    """Process ids of those that the runner itself has started under this name."""
    return [pid for pid, command in children(runner.pid).items() if name in command]


def comes_back_when_killed(runner: subprocess.Popen[str], name: str) -> None:
    def another_than(pids: list[int]) -> bool:
        return poll(lambda: started(runner, name) not in ([], pids), alive=lambda: runner.poll() is None, seconds=180)

    assert another_than([])
    (killed,) = started(runner, name)
    os.kill(killed, signal.SIGKILL)
    assert another_than([killed])


def lay_tables(folder: Path) -> None:
    """The tables that the runner has migrated, if it has: they take longer than all that is looked at here."""
    if migrated := os.environ.get("MIGRATED_VAR"):
        shutil.copytree(migrated, folder, dirs_exist_ok=True)


@pytest.mark.timeout(1800)
def test_it_runs_stops_cleanly_and_keeps_the_data(tmp_path: Path) -> None:
    lay_tables(tmp_path)
    port = free_port()
    with portal(tmp_path, port) as process:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
            assert page.status == 200
            assert "登录" in page.read().decode()
        assert poll(lambda: worker_answers(tmp_path), alive=lambda: process.poll() is None, seconds=180)
        assert "乡治已在运行" in refusal(tmp_path, PORT=str(free_port()))
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        assert family(tmp_path) == {}
    names(tmp_path, f"UPDATE accounts_user SET name = '{MARK}' WHERE id = (SELECT min(id) FROM accounts_user)")
    with portal(tmp_path, port) as process:
        assert MARK in names(tmp_path)
        (web,) = started(process, "granian")
        comes_back_when_killed(process, " worker ")
        comes_back_when_killed(process, " beat ")
        assert started(process, "granian") == [web]
        comes_back_when_killed(process, "granian")
        assert poll(lambda: run.answers(port), alive=lambda: process.poll() is None, seconds=180)
        process.kill()
        process.wait()
        assert poll(lambda: family(tmp_path) == {}, alive=lambda: True, seconds=120)


def page(address: str) -> str:
    with urllib.request.urlopen(address) as answer:
        text: str = answer.read().decode()
    return text


def test_it_opens_without_the_demo_in_a_folder_of_its_own(tmp_path: Path) -> None:
    port, said = free_port(), list[str]()
    folder = tmp_path / "var"
    lay_tables(tmp_path / "var-empty")
    with portal(folder, port, said, EMPTY="1"):
        link = re.search(rf"http://127\.0\.0\.1:{port}/begin/\?code=\S+", "".join(said))
        assert link and "township_code" in page(link.group())
        assert "门户还没有开通" in page(f"http://127.0.0.1:{port}/")
    assert not (folder / "xiangzhi.sqlite3").exists() and names(tmp_path / "var-empty") == set()


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("code", ["import sys; sys.exit(3)", "import time; time.sleep(600)"])
def test_it_gives_up_on_a_web_server_that_never_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(run, "web", lambda port: [sys.executable, "-c", code])
    monkeypatch.setattr(run, "START_SECONDS", 60 if "exit" in code else 0)
    lines: list[str] = []
    with (
        pytest.raises(run.RunError, match="网页服务无法启动"),
        Supervisor(tmp_path, waits=[0], say=lines.append) as started,
    ):
        run.open_web(started, free_port())
    assert len(lines) == (run.START_ENDS if "exit" in code else 0)


def test_it_names_another_port_when_its_own_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"make run PORT={port + 1}" in refusal(tmp_path, PORT=str(port))


def test_it_never_empties_a_database_of_its_own(tmp_path: Path) -> None:
    said = refusal(tmp_path, FRESH="1", DATABASE_URL="postgres://nobody@127.0.0.1:1/portal", PORT=str(free_port()))
    assert "DATABASE_URL" in said


def test_it_begins_anew_and_spares_what_is_not_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for name in ("xiangzhi.sqlite3", "xiangzhi.sqlite3-wal", "secret_key", "celerybeat-schedule", "report.xlsx"):
        (tmp_path / name).touch()
    (tmp_path / "broker" / "queue").mkdir(parents=True)
    run.begin_anew(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["report.xlsx"]
