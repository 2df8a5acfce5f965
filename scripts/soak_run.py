"""The portal of `make run`, while its worker and its beat are killed, a page is asked for every second and messages go out.

What is counted: one message is one row of the outbox, written by the portal's own service as for any notice, and one
task `accounts.outbox_deliver` sent after it; a webhook receiver in this process counts the arrivals of each row. The row
is the task and the Celery message only a nudge, so the row is what must be done once: a nudge that dies with a killed
worker is lost by design, and the next nudge or the beat's sweep delivers the row. "Doubled" is what arrived twice: the
outbox promises at least once, and a kill may fall between handing one row over and marking it. The last row gets no
nudge: only the beat can deliver it, after it was killed too. With --flushes the broker is a Redis that forgets all at some moments, each
time while the message of a closing lies in it: the worker is killed, the closing asked for, Redis emptied, the closing must be computed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench_house import set_up
from processes import children, poll, stop, with_variable
from services import free_port, redis
from soak_closing import add_villages, is_computed, lost_closing
from soak_figures import RESTART_SECONDS, Counted, Kill, Sent, Web

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("/login/", "/public/", "/public/receipt/", "/")
TASK = "accounts.outbox_deliver"
OPEN_SECONDS, ANSWER_SECONDS, DRAIN_SECONDS, LATER_SECONDS = 600, 10, 180, 15


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long, how much, how rough."""
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--messages", type=int, default=6000)
    parser.add_argument("--kills", type=int, default=10, help="of the worker; the beat is killed once, the worker once more a flush")
    parser.add_argument("--flushes", type=int, default=0, help="FLUSHALLs of a Redis, which then is the broker and the cache")


def run(options: argparse.Namespace) -> list[str]:
    """Print the figures; returns what failed."""
    with tempfile.TemporaryDirectory(prefix="xz-soak-") as name:
        folder = Path(name)
        own_broker = redis() if options.flushes else nullcontext("")
        with receiver() as (arrivals, webhook), own_broker as broker, portal(folder, webhook, broker) as (process, port):
            set_up()
            villages = add_villages(options.flushes)
            opened = time.monotonic()
            web, kills = Web(), _kills(options.kills, options.flushes, options.seconds)
            threads = [
                threading.Thread(target=ask, args=(web, port, opened, options.seconds), daemon=True),
                threading.Thread(target=kill, args=(kills, process.pid, opened, villages), daemon=True),
            ]
            for thread in threads:
                thread.start()
            written = send(options.messages, opened, options.seconds, arrivals)
            for thread in threads:
                thread.join()
        log = (folder / "portal.log").read_text(errors="replace")
        left = len(with_variable("XIANGZHI_VAR", str(folder)))
    counted = _count(web, kills, written, arrivals, opened)
    print(f"{log}\n" + "\n".join(counted.lines()))
    print(f"exit code after Ctrl-C: {process.returncode}, processes left: {left}")
    ending = {f"exit code {process.returncode} after Ctrl-C": process.returncode, f"{left} processes left behind": left}
    return counted.failures() + [failure for failure, seen in ending.items() if seen]


@contextmanager
def receiver() -> Iterator[tuple[dict[int, list[float]], str]]:
    """A webhook receiver; yields the moments of arrival by the row's number, and its address."""
    arrivals: dict[int, list[float]] = defaultdict(list)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            arrivals[body["id"]].append(time.monotonic())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield arrivals, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextmanager
def portal(folder: Path, webhook: str, broker: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The real portal in trial mode, on a Redis if there is one, open; ends with the block. This process gets its settings too."""
    for name in ("DATABASE_URL", "REDIS_URL", "FRESH", "XIANGZHI_STARTED"):
        os.environ.pop(name, None)
    port, log = free_port(), folder / "portal.log"
    os.environ |= {"XIANGZHI_VAR": str(folder), "PORT": str(port), "NOTIFY_CHANNELS": "webhook"}
    os.environ |= {"NOTIFY_WEBHOOK_URL": webhook, "REDIS_URL": broker, "CACHE_REDIS_URL": ""}
    with log.open("wb") as output:
        command = [sys.executable, "scripts/run.py"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
    try:
        if not poll(partial(_is_open, log), alive=lambda: process.poll() is None, seconds=OPEN_SECONDS):
            raise SystemExit(f"The portal did not open:\n{log.read_text()}")
        yield process, port
    finally:
        stop(process, signal.SIGINT)


def _is_open(log: Path) -> bool:
    return "Ctrl-C stops it." in log.read_text(errors="replace")


def ask(web: Web, port: int, opened: float, seconds: float) -> None:
    """Ask for a page every second, another one each time."""
    for number in range(int(seconds)):
        _sleep_until(opened + number)
        page, began = PAGES[number % len(PAGES)], time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        web.asked += 1
        try:
            connection.request("GET", page)
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 400:
                raise http.client.HTTPException(f"status {answer.status}")
            web.seconds.append(time.monotonic() - began)
        except (OSError, http.client.HTTPException) as error:
            web.wrong.append(f"second {number}, {page}: {error!r}")
        finally:
            connection.close()


def _kills(workers: int, flushes: int, seconds: float) -> list[Kill]:
    """The worker's kills spread over the time, with the beat's in their middle, and each FLUSHALL right after a kill in even steps."""
    names = ["worker"] * (workers // 2) + ["beat"] + ["worker"] * (workers - workers // 2)
    for number in reversed(range(flushes)):
        names.insert((number + 1) * len(names) // (flushes + 1), "redis")
    return [Kill(name, seconds * (place + 0.5) / len(names)) for place, name in enumerate(names)]


def kill(kills: list[Kill], runner: int, opened: float, villages: list[int]) -> None:
    """Kill -9 what each one names, and wait until the runner has started another."""
    for each in kills:
        _sleep_until(opened + each.moment)
        name = "worker" if each.name == "redis" else each.name
        poll(partial(_another, runner, name, []), alive=lambda: True, seconds=RESTART_SECONDS)
        killed = _pids(runner, name)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        closing = lost_closing(villages.pop()) if each.name == "redis" else None
        each.moment = time.monotonic() - opened
        again = partial(_another, runner, name, killed)
        if killed and poll(again, alive=lambda: True, seconds=RESTART_SECONDS):
            each.restarted = time.monotonic() - opened - each.moment
        if closing and poll(partial(is_computed, closing), alive=lambda: True, seconds=2 * RESTART_SECONDS):
            each.computed = time.monotonic() - opened - each.moment


def _pids(runner: int, name: str) -> list[int]:
    return [pid for pid, command in children(runner).items() if f" {name} " in command]


def _another(runner: int, name: str, killed: list[int]) -> bool:
    return _pids(runner, name) not in ([], killed)


def send(count: int, opened: float, seconds: float, arrivals: dict[int, list[float]]) -> dict[int, float]:
    """Write the rows and send their nudges, then one row without; returns the moment of each by the row's number."""
    from governance.celery import app

    written: dict[int, float] = {}
    for number in range(count - 1):
        _sleep_until(opened + seconds * number / count)
        written |= _write(number)
        app.send_task(TASK)
    _wait_for(written, arrivals)
    written |= _write(count - 1, LATER_SECONDS)  # due when no nudge is under way any more
    _wait_for(written, arrivals)
    return written


def _write(number: int, later: float = 0) -> dict[int, float]:
    """One message to somebody, due later, as the portal writes it; the number of its row and the moment it is due."""
    from django.utils import timezone

    from governance.accounts.inbox import messages_send
    from governance.accounts.inbox_models import Outbox
    from governance.accounts.models import User

    user, key, text = User.objects.earliest("pk"), f"soak:{number}", f"第 {number} 条"
    due = timezone.now() + timedelta(seconds=later)
    messages_send(users=[user], text=text, link="/", key=key, text_out=text, at=due)
    return {Outbox.objects.get(key=f"webhook:{user.pk}:{key}").pk: time.monotonic() + later}


def _wait_for(written: dict[int, float], arrivals: dict[int, list[float]]) -> None:
    poll(lambda: written.keys() <= arrivals.keys(), alive=lambda: True, seconds=DRAIN_SECONDS)


def _count(
    web: Web, kills: list[Kill], written: dict[int, float], arrivals: dict[int, list[float]], opened: float
) -> Counted:
    """Messages in the order of writing, and for each kill when the next message written after it arrived."""
    messages = [
        Sent(moment - opened, arrivals[row][0] - opened if row in arrivals else None, len(arrivals.get(row, ())))
        for row, moment in written.items()
    ]
    for each in kills:
        later = [message.arrived for message in messages if message.written > each.moment and message.arrived]
        each.delivered = min(later) - each.moment if later else None
    return Counted(web, kills, messages)


def _sleep_until(moment: float) -> None:
    time.sleep(max(0, moment - time.monotonic()))
