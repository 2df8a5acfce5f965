"""A page in two parts: its head before its rows, small on the way, and whole where its rows fail."""

from __future__ import annotations

import gzip
import logging
import re
from contextvars import ContextVar
from typing import Any

import brotli
import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Browser

from governance.accounts.duties import Duty
from governance.frame.early import EarlyPage, SmallMiddleware, in_two
from tests.builders import make_township, make_user

pytestmark = pytest.mark.django_db
WHOSE = ContextVar("whose", default="")
LONG = "<p>院户会</p>" * 200


def asked(accepts: str) -> HttpRequest:
    request = RequestFactory().get("/", HTTP_ACCEPT_ENCODING=accepts)
    request.user = AnonymousUser()
    return request


def sent(accepts: str, response: Any) -> Any:
    return SmallMiddleware(lambda _: response)(asked(accepts))


def test_its_head_is_sent_before_its_rows_are_looked_up(client: Client) -> None:
    client.force_login(make_user("zhenban", Duty.STAFF, make_township()))
    answer: Any = client.get("/")
    parts = iter(answer.streaming_content)
    with CaptureQueriesContext(connection) as first:
        head = next(parts).decode()
    with CaptureQueriesContext(connection) as second:
        rest = b"".join(parts).decode()
    assert head.endswith("，您好</h1>\n<p class=\"hint searching\">正在查找，请稍候……</p>\n") and len(first) == 0
    assert "<h2>待办" in rest and rest.endswith("</html>\n") and len(second) > 0


def test_each_part_can_be_read_as_soon_as_it_is_there() -> None:
    waits = iter(["<h1>好</h1>", "<p>行</p>"])
    reader, read = brotli.Decompressor(), []
    for part in sent("gzip, br", EarlyPage(waits)).streaming_content:
        read.append(reader.process(part).decode())
    assert read[:2] == ["<h1>好</h1>", "<p>行</p>"] and re.fullmatch(r"<!--([0-9a-f]{2})*-->", "".join(read[2:]))


def test_a_page_is_small_in_what_its_reader_takes() -> None:
    small = sent("gzip, deflate, br", HttpResponse(LONG))
    assert small["Content-Encoding"] == "br" and small["Vary"] == "Accept-Encoding" and int(small["Content-Length"]) == len(small.content)
    assert brotli.decompress(small.content).decode().startswith(LONG)
    old = sent("gzip", HttpResponse(LONG))
    assert old["Content-Encoding"] == "gzip" and gzip.decompress(old.content).decode() == LONG
    assert "Content-Encoding" not in sent("identity", HttpResponse(LONG)) and "Content-Encoding" not in sent("br", HttpResponse("短"))


@pytest.mark.parametrize("answer", [
    lambda: StreamingHttpResponse(iter([LONG])), lambda: HttpResponse(LONG, content_type="application/json"),
    lambda: HttpResponse(LONG, headers={"Content-Encoding": "identity"}),
])  # fmt: skip
def test_what_is_no_page_is_left_as_it_is(answer: Any) -> None:
    found: HttpResponseBase = sent("br", answer())
    assert found.headers.get("Content-Encoding") != "br"


def test_its_length_is_another_each_time() -> None:
    assert len({len(sent("br", HttpResponse(LONG)).content) for _ in range(40)}) > 5


def test_a_page_whose_rows_fail_says_so(caplog: pytest.LogCaptureFixture) -> None:
    known: list[str] = []

    def failing() -> dict[str, Any]:
        known.append(WHOSE.get())
        raise ZeroDivisionError

    before = WHOSE.set("this request's")
    page = in_two(asked(""), "desk/home.html", "desk/_home.html", failing)
    WHOSE.reset(before)
    with caplog.at_level(logging.ERROR):
        text = page.getvalue().decode()
    assert known == ["this request's"], "after the view has returned as within it"
    assert "这一页没有显示完整" in text and "</main>" in text
    assert [(record.levelname, record.exc_info and record.exc_info[0]) for record in caplog.records] == [("ERROR", ZeroDivisionError)]


def test_only_what_waits_for_the_rows_goes_when_they_are_there(browser: Browser) -> None:
    page = browser.new_page()
    sheet = (settings.BASE_DIR / "static" / "theme.css").read_text()
    waits, tag = '<p class="hint searching">找</p>', '<p><span class="tag waiting">待受理</span><span class="tag">急</span></p>'
    page.set_content(f"<style>{sheet}</style><main>{waits}{tag}</main>")
    assert not page.locator(".searching").is_visible() and page.locator(".tag.waiting").is_visible()
    page.set_content(f"<style>{sheet}</style><main>{waits}</main>")
    assert page.locator(".searching").is_visible()
    page.close()


def test_it_stands_where_pages_are_made_small() -> None:
    assert "governance.frame.early.SmallMiddleware" in settings.MIDDLEWARE and not any("GZip" in name for name in settings.MIDDLEWARE)
