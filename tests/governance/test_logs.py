"""Lines that a machine reads: which request, which account, and nobody's name."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from governance.logs import HEADER, JsonFormatter, RequestIdMiddleware
from tests.builders import make_user


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger with the formatter, and what it writes."""
    stream, logger = io.StringIO(), logging.getLogger("tests.json")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, stream
    logger.removeHandler(handler)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.django_db
def test_a_line_names_request_and_account_by_number(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    user = make_user("zhangsan")

    def view(request: HttpRequest) -> HttpResponse:
        logger.warning("slow: %s s", 3)
        request._cached_user = user  # type: ignore[attr-defined]  # as the authentication leaves it
        logger.warning("again\nand again")
        return HttpResponse()

    answer = RequestIdMiddleware(view)(RequestFactory().get("/households/?q=王某", headers={HEADER: "abc-1"}))
    logger.warning("outside")
    first, second, outside = lines(stream)
    assert (first["request"], first["path"], first["message"], "user" in first) == ("abc-1", "/households/", "slow: 3 s", False)
    assert (second["user"], second["message"]) == (user.pk, "again\nand again")
    assert answer[HEADER] == "abc-1" and "request" not in outside
    assert "王某" not in stream.getvalue() and user.name not in stream.getvalue() and "zhangsan" not in stream.getvalue()


def test_an_error_is_told_without_its_words(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    try:
        raise ValueError("Key (name)=(王某) already exists")
    except ValueError:
        logger.exception("row")
    (line,) = lines(stream)
    assert line["error"] == "ValueError" and "test_logs.py" in line["trace"][0]
    assert "王某" not in stream.getvalue()


@pytest.mark.django_db
def test_a_number_that_is_none_is_not_taken_over(client: Client) -> None:
    assert client.get("/health/", headers={HEADER: "7f-a"})[HEADER] == "7f-a"
    for given in ("", "x" * 65, 'a"b', "a b"):
        assert client.get("/health/", headers={HEADER: given})[HEADER] not in ("", given)
