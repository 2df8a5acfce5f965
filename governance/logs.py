"""The log as one JSON object a line, for machines that read it: what happened, in which request, by which account; never a name."""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-ID"
_FITS = re.compile(r"[\w.:-]{1,64}", re.ASCII)


@dataclass
class _Present:
    """The request that is being answered here."""

    id: str
    request: HttpRequest


_present: ContextVar[_Present | None] = ContextVar("present", default=None)


class RequestIdMiddleware:
    """Stands first: gives each request the number that its proxy gave it, or a new one, and says it in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        present = _Present(given if _FITS.fullmatch(given) else uuid4().hex, request)
        before = _present.set(present)
        try:
            response = self.get_response(request)
        finally:
            _present.reset(before)
        response[HEADER] = present.id
        return response


class JsonFormatter(logging.Formatter):
    """`at level logger message`, in a request also `request method path user` (an account's number), of an error its `trace`.

    An address is logged without its query, which may hold what somebody searched for. A trace names files, lines and the kind of
    error, not its words, which may quote a row.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (present := _present.get()) is not None:
            line |= {"request": present.id, "method": present.request.method, "path": present.request.path}
            if user := _user_of(present.request):
                line["user"] = user
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(record.exc_info[2])]
        return json.dumps(line, ensure_ascii=False, default=str)


def _user_of(request: HttpRequest) -> int | None:
    """Without asking the database: only where the request has read its user by itself."""
    found = getattr(request, "_cached_user", None)
    return None if found is None else found.pk
