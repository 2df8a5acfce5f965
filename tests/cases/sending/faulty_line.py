"""A bad line between a phone and the portal: a proxy that spoils the first sendings of each record, each in another way."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Lock, Thread
from urllib.parse import parse_qs, urlsplit

FAULTS = 3
# Cut before the server hears of it; taken, and the answer lost; a gateway that is down; a line that says nothing any more.
CUT, LOST, BAD_GATEWAY, UNAVAILABLE, SILENT = "cut", "lost", "502", "503", "silent"
KINDS = [CUT] * 4 + [LOST] * 4 + [BAD_GATEWAY] * 2 + [UNAVAILABLE] + [SILENT]
HOP = ("connection", "keep-alive", "transfer-encoding")


class Line:
    """What was sent over it: how often each record came, and what was done to it."""

    def __init__(self, portal: str) -> None:
        self.portal = urlsplit(portal).netloc
        self.sent: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self._rng, self._lock = Random(20), Lock()

    def fault(self, key: str) -> str:
        """What becomes of this sending; "" where it gets through."""
        with self._lock:
            self.sent[key] += 1
            kind = self._rng.choice(KINDS) if self.sent[key] <= FAULTS else ""
            self.faults[kind] += 1
            return kind


@contextmanager
def faulty_line(portal: str) -> Iterator[tuple[Line, str]]:
    """The line to the portal, and its address for browsers."""
    line = Line(portal)
    handler = type("Handler", (_Handler,), {"line": line})
    with ThreadingHTTPServer(("localhost", 0), handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield line, f"http://localhost:{server.server_port}"
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    line: Line

    def _relay(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.line.fault(self._key(body)) if self.command == "POST" and "X-Draft" in self.headers else ""
        if fault == SILENT:
            self.rfile.read(1)  # until the phone gives up
        elif fault in (BAD_GATEWAY, UNAVAILABLE):
            self.send_error(int(fault))
        elif fault != CUT:
            self._forward(body, heard=fault != LOST)

    def _take(self) -> None:
        with suppress(ConnectionError):  # the page was left meanwhile
            self._relay()

    do_GET = do_POST = do_PUT = _take

    def _key(self, body: bytes) -> str:
        is_json = self.headers["Content-Type"] == "application/json"
        return str(json.loads(body)["key"] if is_json else parse_qs(body.decode())["once"][0])

    def _forward(self, body: bytes, *, heard: bool) -> None:
        connection = HTTPConnection(self.line.portal)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if heard:
            self._answer(answer, content)

    def _answer(self, answer: HTTPResponse, content: bytes) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in (*HOP, "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None: ...
