"""院户会 in the yard without signal, written down once; a called meeting from the notice to the task, with and without scripts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.councils.models import Meeting, Task
from governance.periods import today
from tests.browser import CUT, REFUSED, log_in, shot, walking
from tests.councils.house import moment
from tests.councils.meetings.test_meetings import MeetingHouse

pytestmark = pytest.mark.django_db(transaction=True)
STOCKED = """async () => { await navigator.serviceWorker.ready;
    while (!(await caches.match('/log/kept/'))) await new Promise((over) => setTimeout(over, 50)); }"""


@pytest.fixture
def house() -> MeetingHouse:
    with time_machine.travel(moment(), tick=False):
        return MeetingHouse()


def test_a_yard_without_signal(browser: Browser, live_server: LiveServer, house: MeetingHouse) -> None:
    """Kept from logging in on; the figure counts while names are tapped; sent once when the line is back. In real time: the phone has
    its own clock, by which its days are chosen."""
    with walking(browser, live_server.url, "phone", forgives=CUT) as page:
        log_in(page, house.cast["yard_head"].username)
        page.evaluate(STOCKED)
        page.context.set_offline(True)
        page.goto(f"/bodies/{house.body('yard').pk}/quick/")
        tap(page, "王小明", "李秀英")
        expect(page.locator("[data-quorum]")).to_have_text("还不够")
        tap(page, "张国强")
        expect(page.locator("[data-present]")).to_have_text("3")
        expect(page.locator("[data-quorum]")).to_have_text("已够")
        page.get_by_label("说了什么事").fill("路坏了，车进不来")
        page.get_by_label("商定怎么办").fill("每户出工一天")
        page.get_by_text("定下谁来办").click()
        page.get_by_label("谁来办").select_option(index=1)
        page.get_by_label("什么时候以前办完").fill((today() + timedelta(days=7)).isoformat())
        shot(page, "yard-meeting")
        page.get_by_role("button", name="记下").click()
        expect(page.get_by_role("status").filter(has_text="已存在手机上")).to_be_visible()
        assert not Meeting.objects.exists()
        page.context.set_offline(False)
        expect(page.locator("main")).to_contain_text("已记下，请另一位村干部确认")
        shot(page, "yard-meeting-sent")
    meeting = Meeting.objects.get()
    assert (meeting.present, meeting.entitled, meeting.afterwards) == (3, 5, True)
    assert Task.objects.get().what == "每户出工一天"


def tap(page: Page, *names: str) -> None:
    for name in names:
        page.locator("label[for^=present-]", has_text=name).click()


@pytest.mark.parametrize(("width", "scripts"), [("desktop", True), ("phone", False)])
def test_from_the_notice_to_the_task(
    browser: Browser, live_server: LiveServer, house: MeetingHouse, width: str, scripts: bool
) -> None:
    with time_machine.travel(moment()), walking(browser, live_server.url, width, scripts=scripts, forgives=REFUSED) as page:
        log_in(page, house.cast["cadre"].username)
        page.goto("/more/")
        page.get_by_role("link", name="议事组织").last.click()
        shot(page, "bodies")
        page.get_by_role("link", name="柏树院院户会").click()
        shot(page, "body")
        page.get_by_role("link", name="通知开会").click()
        page.get_by_label("议题").fill("院坝的事")
        page.get_by_label("议什么").fill("修路\n扫雪")
        shot(page, "meeting-call")
        page.get_by_role("button", name="通知").click()
        page.get_by_role("link", name="登记到会").first.click()
        tap(page, "王小明", "李秀英", "赵永福")
        shot(page, "meeting-attend")
        page.get_by_role("button", name="登记到会").click()
        page.locator("[name=outcome-1]").fill("每户出工一天")
        shot(page, "meeting-minutes")
        page.get_by_role("button", name="记下，交人确认").click()
        expect(page.locator("main")).to_contain_text("已记录，请另一位村干部确认")
        shot(page, "meeting-minuted")
        log_in(page, house.cast["secretary"].username)
        page.goto("/")
        page.get_by_role("link", name=re.compile("确认会议")).click()
        page.get_by_role("button", name="确认记录属实").click()
        page.get_by_role("link", name="定任务").first.click()
        page.get_by_label("谁来办").select_option(index=1)
        page.get_by_role("button", name="定下来").click()
        page.get_by_role("link", name="给到会的户记积分").click()
        page.get_by_label("记哪一项积分").select_option(index=1)
        page.get_by_role("button", name="给 3 户记上").click()
        expect(page.locator("main")).to_contain_text("已给 3 户记上")
        shot(page, "meeting")
        page.goto("/meetings/")
        shot(page, "meetings")
        page.goto("/meeting-tasks/")
        expect(page.locator("main")).to_contain_text("每户出工一天")
        shot(page, "tasks")
    assert Meeting.objects.get().state == "confirmed"
