"""Real servers: they answer inside the block and leave neither process nor file behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest
from redis import Redis

import services
from processes import poll

SCRIPTS = Path(services.__file__).parent
REPORT = """
import json, os, psycopg2, redis, time
with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
    cursor.execute("SHOW data_directory")
    folder = cursor.fetchone()[0]
redis_pid = redis.Redis.from_url(os.environ["REDIS_URL"]).info()["process_id"]
print(json.dumps({"folder": folder, "redis": redis_pid, "var": os.environ["XIANGZHI_VAR"], "own": os.getpid()}), flush=True)
time.sleep(600)
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def data_folder(url: str) -> Path:
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('data_directory')")
        (folder,) = cursor.fetchone()
    connection.close()
    return Path(folder)


def setting(url: str, name: str) -> str:
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        (value,) = cursor.fetchone()
    connection.close()
    return str(value)


def postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


def bare_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}


@pytest.mark.parametrize("source", [services.local_postgres, services.wheel_postgres])
def test_it_starts_postgres_and_leaves_nothing_behind(source: Callable[[], Path | None]) -> None:
    programs = source()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine beside the wheel")
    with services.postgres(programs) as url:
        folder = data_folder(url)
        pid = postmaster(folder)
        assert setting(url, "server_encoding") == "UTF8"
        assert setting(url, "fsync") == "off"
        assert alive(pid)
    assert not alive(pid)
    assert not folder.parent.exists()


def test_it_writes_to_disk_when_durable() -> None:
    with services.postgres(durable=True) as url:
        assert setting(url, "fsync") == "on"
        assert setting(url, "synchronous_commit") == "on"


def test_it_stops_postgres_when_the_block_fails() -> None:
    with pytest.raises(ZeroDivisionError), services.postgres() as url:
        pid = postmaster(data_folder(url))
        raise ZeroDivisionError
    assert not alive(pid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as another user")
def test_it_runs_postgres_from_a_folder_closed_to_others(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(services.wheel_postgres().parent, closed / "install", symlinks=True)
    with services.postgres(closed / "install" / "bin") as url:
        assert os.stat(data_folder(url)).st_uid == services.postgres_account().user


def test_it_says_why_postgres_does_not_start(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for name in ("initdb", "postgres"):
        (tmp_path / name).write_text("#!/bin/sh\necho no room on the disk\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(services.ServiceError, match="no room on the disk"), services.postgres(tmp_path):
        pass


@pytest.mark.parametrize("source", [services.local_redis, services.wheel_redis])
def test_it_starts_redis_and_leaves_nothing_behind(source: Callable[[], Path | None]) -> None:
    program = source()
    if program is None:
        pytest.skip("no Redis on this machine beside the wheel")
    with services.redis(program) as url:
        about = Redis.from_url(url).info()
        assert alive(about["process_id"])
    assert not alive(about["process_id"])
    assert not Path(about["config_file"]).parent.exists()


def test_it_uses_the_servers_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/portal")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    monkeypatch.setenv("CACHE_REDIS_URL", "redis://in-earnest/0")
    with services.services() as additions:
        assert additions["DATABASE_URL"] == "postgres://elsewhere/portal"
        assert additions["REDIS_URL"] == "redis://elsewhere/0"
        assert additions["CACHE_REDIS_URL"] == "", "no test empties the cache of another portal"
        folder = Path(additions["XIANGZHI_VAR"])
        assert folder.is_dir()
    assert not folder.exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_ends_command_and_servers_on_a_signal(number: signal.Signals, code: int) -> None:
    runner = subprocess.Popen(
        [sys.executable, str(SCRIPTS / "with_services.py"), "python", "-c", REPORT],
        env=bare_environment(),
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert runner.stdout
    about = json.loads(runner.stdout.readline())
    server = postmaster(Path(about["folder"]))
    os.killpg(runner.pid, number)
    assert runner.wait() == code
    assert not any(map(alive, (server, about["redis"], about["own"])))
    assert not Path(about["var"]).exists()


def test_it_takes_the_servers_along_when_the_runner_is_killed(tmp_path: Path) -> None:
    code = "import services, time\nwith services.redis() as url: print(url, flush=True); time.sleep(600)"
    runner = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**bare_environment(), "PYTHONPATH": str(SCRIPTS), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert runner.stdout
    pid = Redis.from_url(runner.stdout.readline().strip()).info()["process_id"]
    runner.kill()
    runner.wait()
    assert poll(lambda: not alive(pid), alive=lambda: True, seconds=180)


def test_it_says_when_there_is_no_command() -> None:
    done = subprocess.run([sys.executable, str(SCRIPTS / "with_services.py")], capture_output=True, text=True)
    assert done.returncode == 2
    assert "with_services.py" in done.stderr
