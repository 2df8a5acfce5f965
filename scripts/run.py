"""The portal on this machine: demo township, web server, background worker and timetable, until Ctrl-C (``make run``).

Environment: PORT (default 8000), FRESH=1 (begin anew, SQLite only), EMPTY=1 (without the demo, in a data folder beside the
demo's, so that neither harms the other), XIANGZHI_STARTED (when make began), and what governance/settings.py reads.
"""

from __future__ import annotations

import fcntl
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from prepare import ready, wanted_empty
from processes import die_with_parent, ignore_interruptions, kill_group, obey_signals, poll, stop
from supervisor import Supervisor

ROOT = Path(__file__).resolve().parent.parent
DATA = ("xiangzhi.sqlite3*", "tables.stamp", "broker", "cache", "media", "celerybeat-schedule*", "*_key")
WEB_THREADS = 4
START_SECONDS = 60
START_ENDS = 3
LOOK_SECONDS = 0.2
BEGAN = time.time()


class RunError(Exception):
    """The portal cannot be opened; the message says why."""


def data_folder() -> Path:
    """The folder of XIANGZHI_VAR, with EMPTY=1 the one beside it, made if need be; handed on to every process as an absolute path."""
    folder = Path(os.environ.get("XIANGZHI_VAR") or ROOT / "var").resolve()
    if wanted_empty():
        folder = folder.with_name(f"{folder.name}-empty")
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["XIANGZHI_VAR"] = str(folder)
    return folder


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep a second portal away from the same data."""
    with (folder / "run.lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(f"乡治已在运行，数据目录为 {folder}。 Already running on this data.") from None
        yield


def free_port() -> int:
    """The port asked for; RunError if another program listens on it."""
    port = int(os.environ.get("PORT") or 8000)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise RunError(f"端口 {port} 无法使用，请换一个，例如 make run PORT={port + 1}。 {error}") from None
    return port


def begin_anew(folder: Path) -> None:
    """Delete the data of the trial mode; RunError when the data is in a database of its own."""
    if os.environ.get("DATABASE_URL"):
        raise RunError("FRESH=1 只清空试用数据（SQLite）。 FRESH=1 never empties the database of DATABASE_URL.")
    for path in [path for pattern in DATA for path in folder.glob(pattern)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def web(port: int) -> Sequence[str]:
    """The application server: one process, several threads."""
    return (
        sys.executable, "-m", "granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={port}", "--workers=1", "--no-ws",
        f"--blocking-threads={WEB_THREADS}", "--log-level=warning", "governance.wsgi:application",
    )  # fmt: skip


def worker() -> Sequence[str]:
    """The background worker; alone, so it need not look for others. On trial even root may run it."""
    return (
        sys.executable, "-W", "ignore:You're running the worker with superuser",
        "-m", "celery", "--quiet", "--app=governance", "worker", "--loglevel=WARNING",
        "--pool=prefork", "--concurrency=1", "--without-gossip", "--without-mingle",
    )  # fmt: skip


def beat(folder: Path) -> Sequence[str]:
    """The timetable, which sends the worker its regular tasks."""
    return (sys.executable, "scripts/beat.py", str(folder / "celerybeat-schedule"))


def answers(port: int) -> bool:
    """True if the web server answers at all."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


@contextmanager
def preparation() -> Iterator[Callable[[], str]]:
    """Prepare the data in a process that ends with the block; what is yielded waits for it and returns the accounts."""
    command = [sys.executable, "scripts/prepare.py"]
    dies = partial(die_with_parent, signal.SIGKILL)  # a database bears that at any moment; SIGINT may go unheard
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True, preexec_fn=dies)

    def accounts() -> str:
        printed, _ = child.communicate()
        if child.returncode:
            raise RunError("数据准备失败，原因见上。 The data could not be prepared; the reason stands above.")
        return printed.decode()

    try:
        yield accounts
    finally:
        ignore_interruptions()
        stop(child, signal.SIGTERM)
        kill_group(child)


def open_web(supervisor: Supervisor, port: int) -> None:
    """Start the web server and wait until it answers; RunError if it does not, or ends again and again."""
    child = supervisor.keep("网页服务 web server", web(port))

    def hopeful() -> bool:
        supervisor.look()
        return child.ends < START_ENDS

    if not poll(lambda: answers(port), alive=hopeful, seconds=START_SECONDS):
        raise RunError("网页服务无法启动，请看上面的原因。 The web server does not start; the reason stands above.")


def seconds_since_start() -> int:
    """Seconds since `make run` was typed (XIANGZHI_STARTED, from the Makefile), else since this process began to run."""
    return round(time.time() - float(os.environ.get("XIANGZHI_STARTED") or BEGAN))


def keep_up(folder: Path, port: int) -> None:
    """Prepare the data, open the portal and keep its processes up until interrupted; RunError when it does not open.

    Web server and data are made ready at once where the data stand; worker and beat come last, so that they take no core
    from those whom somebody waits for.
    """
    standing = ready(folder)
    print("正在启动 … Starting …" if standing else "正在准备数据 … Preparing the data …", flush=True)
    with Supervisor(ROOT) as supervisor, preparation() as prepared:
        if standing:
            open_web(supervisor, port)
            accounts = prepared()
        else:
            accounts = prepared()
            open_web(supervisor, port)
        seconds = seconds_since_start()
        print(
            f"\n乡治已启动，用时 {seconds} 秒 The portal is up after {seconds} s: http://127.0.0.1:{port}/\n\n{accounts}"
        )
        print("按 Ctrl-C 停止。 Ctrl-C stops it.", flush=True)
        supervisor.keep("后台进程 worker", worker())
        supervisor.keep("定时任务 beat", beat(folder))
        while True:
            supervisor.look()
            time.sleep(LOOK_SECONDS)


def main() -> int:
    """Exit code 0 after Ctrl-C or SIGTERM, 1 when the portal could not be opened."""
    obey_signals()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # five processes of the same code, started again and again
    try:
        folder = data_folder()
        with only_one(folder):
            port = free_port()
            if os.environ.get("FRESH", "0") not in ("", "0"):
                begin_anew(folder)
            keep_up(folder, port)
    except RunError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except (KeyboardInterrupt, SystemExit):
        print("\n乡治已停止 The portal has stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
