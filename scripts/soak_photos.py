"""Four photos of 59 megapixels at once to the real web server: the child processes decode, the server's own memory must hardly grow."""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from struct import pack
from urllib.parse import urlencode
from uuid import uuid4

from processes import children, poll, stop
from run import answers, web
from services import free_port, services

ROOT = Path(__file__).resolve().parent.parent
USER, PASSWORD = "bayi-ganbu", "Xiangzhi-2026"
WEB_MEGABYTES = 300
SECONDS = 120


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--photos", type=int, default=4, help="sent at the same moment")
    parser.add_argument("--megapixels", type=int, default=59)


def run(options: argparse.Namespace) -> list[str]:
    """Print the figures; returns what failed."""
    data = png(options.megapixels * 1_000_000)
    with services() as additions:
        os.environ |= additions
        for command in (("migrate",), ("demo", "--households", "500")):
            subprocess.run([sys.executable, "manage.py", *command, "--verbosity=0"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        with server() as (process, port):
            sessions = [log_in(port) for _ in range(options.photos)]
            before, largest = web_megabytes(process.pid), Watch(process.pid)
            answered = send_all(port, sessions, data)
            largest.over.set()
            peak = web_megabytes(process.pid)
    states = [state for _, state, _ in answered]
    slowest = max(seconds for _, _, seconds in answered)
    print(
        f"{options.photos} PNGs of {options.megapixels} megapixels, {len(data) // 1000} kB each, at once: answers "
        f"{[status for status, _, _ in answered]} {states}, slowest {slowest:.1f} s\n"
        f"web process at its most: {before} MB before, {peak} MB with them; all its children together at most {largest.megabytes} MB"
    )
    wrong = {
        f"{states.count('ready')} of {options.photos} photos ready": states.count("ready") < options.photos,
        f"web process {peak} MB": peak >= WEB_MEGABYTES,
    }
    return [failure for failure, seen in wrong.items() if seen]


def png(pixels: int) -> bytes:
    """A PNG of one colour, three bytes a pixel, in little memory."""
    width = 9_000
    height = pixels // width

    def chunk(name: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + name + content + pack(">I", zlib.crc32(name + content))

    packer = zlib.compressobj(9)
    row = b"\0" + b"\x30\x70\x50" * width
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@contextmanager
def server() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The web server as `make run` starts it."""
    port = free_port()
    process = subprocess.Popen(web(port), cwd=ROOT, start_new_session=True)
    try:
        if not poll(partial(answers, port), alive=lambda: process.poll() is None, seconds=SECONDS):
            raise SystemExit("The web server did not start.")
        yield process, port
    finally:
        stop(process)


def log_in(port: int) -> str:
    """The cookies of a session of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    connection.request("GET", "/login/")
    page = connection.getresponse()
    cookie, text = _cookies(page), page.read().decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', text)[0]
    fields = urlencode({"csrfmiddlewaretoken": token, "username": USER, "password": PASSWORD})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/login/", fields, headers)
    answer = connection.getresponse()
    if answer.status != 302:
        raise SystemExit(f"Logging in was answered by {answer.status}.")
    return _cookies(answer)


def _cookies(answer: http.client.HTTPResponse) -> str:
    return "; ".join(value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie")


def send_all(port: int, sessions: list[str], data: bytes) -> list[tuple[int, str, float]]:
    """Each by a session of its own, let go together: status, the photo's state, seconds."""
    gate, found = threading.Barrier(len(sessions)), list[tuple[int, str, float]]()

    def send(cookie: str) -> None:
        query = urlencode({"owner": uuid4(), "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "offset": 0})
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        token = re.findall(r"csrftoken=(\w+)", cookie)[0]
        headers = {"Cookie": cookie, "X-CSRFToken": token, "Content-Type": "application/octet-stream"}
        gate.wait()
        begun = time.monotonic()
        connection.request("PUT", f"/photos/part/{uuid4()}/?{query}", data, headers)
        answer = connection.getresponse()
        body = answer.read()
        state = json.loads(body).get("state", "") if body.startswith(b"{") else ""
        found.append((answer.status, state, time.monotonic() - begun))

    threads = [threading.Thread(target=send, args=(cookie,)) for cookie in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def web_megabytes(pid: int) -> int:
    """The most that the web server's largest own process has ever held; what it started for photos does not count."""
    own = [pid, *(child for child, command in children(pid).items() if "picture_worker" not in command)]
    return max(_megabytes(one, "VmHWM") for one in own)


def _megabytes(pid: int, name: str) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0
    found = re.search(rf"{name}:\s+(\d+) kB", text)
    return int(found[1]) // 1024 if found else 0


class Watch(threading.Thread):
    """Looks twenty times a second at what all the server's descendants that read photos hold together."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.megabytes, self.over = pid, 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self.over.wait(0.05):
            parts = [self.pid, *children(self.pid)]
            readers = {one for part in parts for one, command in children(part).items() if "picture_worker" in command}
            self.megabytes = max(self.megabytes, sum(_megabytes(one, "VmRSS") for one in readers))
