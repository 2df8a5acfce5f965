"""What all pages share: their weight on a weak signal, and errors in Chinese."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client

from tests.pages import Desk, read

pytestmark = pytest.mark.django_db
FIRST_LOAD = 45_000  # bytes, gzipped, page and all that it loads


FILES = 9  # requests: two styles, htmx, what each page needs, and the queue's modules


def _text(name: str) -> bytes:
    file = finders.find(name)
    assert isinstance(file, str), name
    return Path(file).read_bytes()


@pytest.mark.parametrize("duty", ["cadre", "staff"])
def test_it_is_light_at_first_load(client: Client, duty: str) -> None:
    desk = Desk(60)
    for path in ("/", "/households/", f"/households/{desk.accounts[0].household_id}/log/"):
        page = read(client, desk.cast[duty], path)
        loaded = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
        assert len(loaded) <= FILES
        weight = len(gzip.compress(page.encode())) + sum(len(gzip.compress(_text(name))) for name in loaded)
        assert weight < FIRST_LOAD, (path, weight)


@pytest.mark.parametrize("path", ["/", "/log/", "/visits/log/"])
def test_it_asks_for_all_modules_at_once(client: Client, path: str) -> None:
    page = read(client, Desk().cast["cadre"], path)
    loaded = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    for name in loaded:
        for imported in re.findall(r'from "([./][^"]+)"', _text(name).decode()):
            assert os.path.normpath(os.path.join(os.path.dirname(name), imported)) in loaded, (name, imported)


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
