"""PostgreSQL is killed while clients post; what was answered to a client must stand there afterwards.

Kill -9 takes the server and all its processes at once, as a power cut would, but leaves the machine's own memory: what the server had
handed to the machine stays. The control runs with synchronous_commit=off, where the server answers before it has done so, and must
lose something, or the count proves nothing.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import services
from bench_house import ROOT, set_up
from processes import children, die_with_parent, poll, stop

CLIENTS, HOUSEHOLDS, SECONDS = 4, 400, 120
Settings = dict[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--postings", type=int, default=50_000, help="that were answered, at least")


def run(options: argparse.Namespace) -> list[str]:
    """Print the figures of both runs; returns what failed."""
    kept = _one_run({}, options.kills, options.postings)
    print(f"{options.kills} kills, {kept[0]} postings answered, {kept[1]} lost", flush=True)
    share = max(options.kills // 6, 2)
    control = _one_run({"synchronous_commit": "off"}, share, options.postings * share // options.kills)
    print(f"control, synchronous_commit=off: {share} kills, {control[0]} postings answered, {control[1]} lost")
    wrong = {f"{kept[1]} postings lost": kept[1], "the control lost nothing": not control[1]}
    return [failure for failure, seen in wrong.items() if seen]


def _one_run(settings: Settings, kills: int, postings: int) -> tuple[int, int]:
    """How many postings were answered, and how many of them do not stand in the database."""
    with server(settings) as killed, tempfile.TemporaryDirectory(prefix="xz-soak-") as name:
        folder = Path(name)
        os.environ |= {"DATABASE_URL": killed.url, "REDIS_URL": "", "XIANGZHI_VAR": name}
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, check=True)
        context = get_context("spawn")
        fill = context.Process(target=_fill)
        fill.start()
        fill.join()
        over = context.Event()
        clients = [context.Process(target=_client, args=(number, folder, over)) for number in range(CLIENTS)]
        for process in clients:
            process.start()
        for number in range(kills):
            _wait_for(folder, postings * (number + 1) // kills)
            killed.kill()
            killed.start()
        over.set()
        for process in clients:
            process.join()
        return _compared(folder, killed.url)


class Server:
    """A PostgreSQL in a folder of its own, on one port, which may be killed and started again."""

    def __init__(self, folder: Path, programs: Path, account: services.Account, password: str, settings: Settings) -> None:
        self.folder, self.programs, self.account, self.settings = folder, programs, account, settings
        self.port = services.free_port()
        self.url = f"postgres://{services.NAME}:{password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Returns when it answers: what it had written down is read again by then."""
        given = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": "", **self.settings}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen[bytes](
                [str(self.programs / "postgres"), "-D", str(self.folder / "data"), *(f"--{name}={value}" for name, value in given.items())],
                cwd=self.folder, stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with_parent, user=self.account.user,
                group=self.account.group, extra_groups=self.account.extra_groups,
            )  # fmt: skip
        if not poll(partial(_answers, self.url), alive=lambda: self.process.poll() is None, seconds=SECONDS):
            raise SystemExit((self.folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        """The server first, which would else start anew by itself."""
        parts = children(self.process.pid)
        self.process.kill()
        for pid in parts:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def server(settings: Settings) -> Iterator[Server]:
    """Started, with everything as durable as PostgreSQL is by itself but for `settings`."""
    account = services.postgres_account()
    with services._folder("xz-pg-", account) as folder:
        found = services._usable_by(account, services.local_postgres() or services.wheel_postgres(), folder)
        killed = Server(folder, found, account, services._initdb(found, folder, account), settings)
        killed.start()
        try:
            yield killed
        finally:
            stop(killed.process, signal.SIGINT, signal.SIGQUIT)


def _answers(url: str) -> bool:
    import psycopg2

    try:
        psycopg2.connect(url, connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def _fill() -> None:
    set_up()
    from governance.demo.county import load_county
    from governance.periods import Period

    load_county(villages=2, households=HOUSEHOLDS, entries_per_month=0, months=[Period.parse("2026-03")])


def _client(number: int, folder: Path, over: Any) -> None:
    """Post without a pause; each posting that was answered is written down."""
    set_up()
    from django.db import InterfaceError, OperationalError, connection

    with (folder / f"answered-{number}").open("w", buffering=1) as answered:
        post, count = None, 0
        while not over.is_set():
            count += 1
            try:
                post = post or _poster(number)
                answered.write(f"{post(count)}\n")
            except (InterfaceError, OperationalError):
                connection.close()
                time.sleep(0.05)


def _poster(number: int) -> Any:
    from governance.accounts.models import User
    from moral_bank.ledger.services import entry_post
    from moral_bank.models import Account
    from moral_bank.rules.models import Deed

    accounts = list(Account.objects.select_related("household").order_by("id")[number::CLIENTS])
    deed = Deed.objects.select_related("rule_set").filter(score__gt=0, score_high=None).order_by("id")[0]
    clerk = User.objects.order_by("id")[0]

    def post(count: int) -> str:
        key = f"soak:{number}:{count}"
        account = accounts[count % len(accounts)]
        entry_post(account=account, deed=deed, occurred_on=date(2026, 3, 2), by=clerk, source_key=key)
        return key

    return post


def _answered(folder: Path) -> set[str]:
    """Whole lines only: a client may be in the middle of one."""
    return {line for path in folder.glob("answered-*") for line in path.read_text().split("\n")[:-1]}


def _wait_for(folder: Path, count: int) -> None:
    while sum(path.read_bytes().count(b"\n") for path in folder.glob("answered-*")) < count:
        time.sleep(0.02)


def _compared(folder: Path, url: str) -> tuple[int, int]:
    import psycopg2

    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT source_key FROM moral_bank_entry")
        stored = {key for (key,) in cursor.fetchall()}
    connection.close()
    answered = _answered(folder)
    return len(answered), len(answered - stored)
