"""The portal on this machine: demo township, web server and background worker, until Ctrl-C (``make run``).

Environment: PORT (default 8000), FRESH=1 (begin anew, SQLite only), and what governance/settings.py reads.
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from processes import die_with_parent, ignore_interruptions, obey_signals, poll, stop

ROOT = Path(__file__).resolve().parent.parent
DATA = ("xiangzhi.sqlite3*", "broker", "cache", "media", "celerybeat-schedule*", "*_key")
WEB_THREADS = 4
START_SECONDS = 60
PORTAL_POLL_SECONDS = 0.2


class RunError(Exception):
    """The portal cannot start or did not stay up; the message says why."""


def data_folder() -> Path:
    """The folder of XIANGZHI_VAR, made if need be; handed on to every process as an absolute path."""
    folder = Path(os.environ.get("XIANGZHI_VAR") or ROOT / "var").resolve()
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


def manage(*arguments: str) -> str:
    """What a management command printed; RunError if it failed."""
    done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RunError(f"manage.py {arguments[0]} 失败，见上。 manage.py {arguments[0]} failed, see above.\n{done.stdout}")
    return done.stdout


def collect_static(folder: Path) -> None:
    """Collect the static files, unless neither ours nor the installed packages changed since the last time."""
    digest = hashlib.sha256((ROOT / "constraints.txt").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        status = path.stat()
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    stamp = folder / "static.stamp"
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        manage("collectstatic", "--noinput", "--verbosity=0")
        stamp.write_text(digest.hexdigest())


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """This Python with arguments, in a session of its own; ended by SIGTERM to its main process only.

    What a main process that was killed has left behind (Celery's pool and beat may not notice) is killed with its group.
    """
    command = [sys.executable, *arguments]
    child = subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=die_with_parent)
    try:
        yield child
    finally:
        ignore_interruptions()
        stop(child, signal.SIGTERM, signal.SIGQUIT)
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def web(port: int) -> Sequence[str]:
    """The application server: one process, several threads."""
    return (
        "-m", "granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={port}", "--workers=1", "--no-ws",
        f"--blocking-threads={WEB_THREADS}", "--log-level=warning", "governance.wsgi:application",
    )  # fmt: skip


def worker(folder: Path) -> Sequence[str]:
    """The background worker with its timetable; alone, so it need not look for others. On trial even root may run it."""
    return (
        "-W", "ignore:You're running the worker with superuser",
        "-m", "celery", "--quiet", "--app=governance", "worker", "--loglevel=WARNING",
        "--beat", f"--schedule={folder / 'celerybeat-schedule'}",
        "--pool=prefork", "--concurrency=1", "--without-gossip", "--without-mingle",
    )  # fmt: skip


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


def supervise(folder: Path, port: int, accounts: str) -> None:
    """Run both processes until one of them ends, which is a RunError, or until interrupted."""
    with process(*worker(folder)) as celery, process(*web(port)) as granian:

        def both_up() -> bool:
            return celery.poll() is None and granian.poll() is None

        if poll(lambda: answers(port), alive=both_up, seconds=START_SECONDS):
            print(f"\n乡治已启动 The portal is up: http://127.0.0.1:{port}/\n\n{accounts}\n按 Ctrl-C 停止。 Ctrl-C stops it.")
            sys.stdout.flush()
            while both_up():
                time.sleep(PORTAL_POLL_SECONDS)
        name = "网页服务 web server" if celery.poll() is None else "后台进程 worker"
        raise RunError(f"{name} 已退出或无应答，其余进程随之停止。 It ended or was silent, so the rest was stopped.")


def main() -> int:
    """Exit code 0 after Ctrl-C or SIGTERM, 1 when something failed."""
    obey_signals()
    try:
        folder = data_folder()
        with only_one(folder):
            port = free_port()
            if os.environ.get("FRESH", "0") not in ("", "0"):
                begin_anew(folder)
            print("正在准备数据 … Preparing the data …", flush=True)
            manage("migrate", "--verbosity=0", "--skip-checks")
            collect_static(folder)
            print("正在装入演示乡镇，第一次约需一分钟 … Loading the demo township, about a minute the first time …", flush=True)
            supervise(folder, port, manage("demo"))
    except RunError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except (KeyboardInterrupt, SystemExit):
        print("\n乡治已停止 The portal has stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
