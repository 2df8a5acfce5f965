"""What all pages share: their weight on a weak signal, and errors in Chinese."""

from __future__ import annotations

import gzip
import re

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client

from tests.pages import Desk, read

pytestmark = pytest.mark.django_db
FIRST_LOAD = 60_000  # bytes, gzipped, page and all that it loads


@pytest.mark.parametrize("duty", ["cadre", "staff"])
def test_it_is_light_at_first_load(client: Client, duty: str) -> None:
    desk = Desk(60)
    for path in ("/", "/households/", f"/households/{desk.accounts[0].household_id}/log/"):
        page = read(client, desk.cast[duty], path)
        loaded = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
        assert len(loaded) == 5
        files = [finders.find(name) for name in loaded]
        weight = len(gzip.compress(page.encode()))
        for file in files:
            assert isinstance(file, str)
            with open(file, "rb") as stream:
                weight += len(gzip.compress(stream.read()))
        assert weight < FIRST_LOAD, (path, weight)


def test_it_names_no_other_host(client: Client) -> None:
    page = read(client, Desk().cast["staff"], "/")
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page)


def test_it_says_in_chinese_what_went_wrong(client: Client) -> None:
    missing = client.get("/nothing/")
    assert (missing.status_code, "找不到这个页面" in missing.content.decode()) == (404, True)
    expired = Client(enforce_csrf_checks=True).post("/login/", {})
    assert (expired.status_code, "页面已过期" in expired.content.decode()) == (403, True)
    for name, words in (("500.html", "系统出错了"), ("403.html", "不能访问"), ("400.html", "请求有误")):
        assert words in render_to_string(name)
