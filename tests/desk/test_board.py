"""The board leads by what residents come for."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.test import Client

from tests.pages import Desk

pytestmark = pytest.mark.django_db
TASKS = [
    "查进度", "办事指南", "看公示", "看公开", "小微权力清单", "公约和制度", "活动日历", "找值班", "提异议", "反映问题", "申请更正我的信息",
]  # fmt: skip


def test_it_leads_by_task_before_any_village(client: Client) -> None:
    desk = Desk()
    page = client.get("/public/").content.decode()
    assert re.findall(r"<strong>([^<]+)</strong>", page) == TASKS
    addresses = re.findall(r'href="([^"]+)"><strong>', page)
    assert len(addresses) == len(TASKS) and page.index(addresses[-1]) < page.index(desk.village.code)
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200 and answer["X-Robots-Tag"] == "noindex, noarchive"


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_running_notices_are_one_step_from_an_objection(client: Client) -> None:
    desk = Desk()
    assert "现在没有正在公示的内容" in client.get("/public/running/").content.decode()
    notice = desk.noticed().notice
    assert notice is not None
    page = client.get("/public/running/").content.decode()
    assert notice.title in page and f'href="/public/notices/{notice.pk}/#objection"' in page


def test_services_and_stars_stand_before_notices_in_a_village(client: Client) -> None:
    page = client.get(f"/public/{Desk().village.code}/").content.decode()
    assert re.findall(r"<h2>([^ <]+)", page) == ["办事", "星级户", "正在公示"]


def test_whoever_reports_or_corrects_finds_the_people_of_the_village(client: Client) -> None:
    desk = Desk()
    for about in ("report", "correct"):
        page = client.get(f"/public/{about}/").content.decode()
        assert f'href="/public/{desk.village.code}/people/"' in page
        assert desk.cast["secretary"].name not in page
