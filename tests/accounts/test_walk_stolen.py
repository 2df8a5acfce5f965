"""Two browsers at one session: what a stolen cookie is good for."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.browser import log_in, walking
from tests.pages import Desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_stolen_cookie_ends_at_the_absolute_limit(browser: Browser, live_server: LiveServer, settings: Settings) -> None:
    """Both use the session all the time; the owner's password begins another one, which the thief does not have."""
    desk = Desk()
    ended, address = ("status of 401",), live_server.url  # what a page asks for by itself once its session has ended
    with walking(browser, address, "desktop", forgives=ended) as owner, walking(browser, address, "desktop", forgives=ended) as thief:
        log_in(owner, desk.cast["cadre"].username)
        stolen: Any = owner.context.cookies()
        thief.context.add_cookies(stolen)
        thief.goto("/inbox/")
        expect(thief.get_by_role("button", name="退出")).to_be_attached()
        settings.SESSION_ABSOLUTE_SECONDS = -1
        thief.goto("/inbox/")
        expect(thief.get_by_label("登录名")).to_be_visible()
        assert not Session.objects.exists()
        settings.SESSION_ABSOLUTE_SECONDS = 3600
        log_in(owner, desk.cast["cadre"].username)
        owner.goto("/inbox/")
        thief.goto("/inbox/")
        expect(thief.get_by_label("登录名")).to_be_visible()
