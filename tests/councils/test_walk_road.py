"""修路 from the yard to both publications: a 院户会 written down without signal, the decision begun from its item, branch, committees,
Party members short of two thirds and refused by name and figure, called again, representatives, 决议公开, 实施结果公开, the register, the
fund's line (plan §三.1, §三.2)."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from docx import Document
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.models import User
from governance.councils.decisions.services import decision_finish
from governance.councils.models import Decision, Meeting, Outcome
from governance.disclosure.affairs.setting_up import affairs_set_up
from governance.disclosure.models import AffairKind, AffairTurn
from governance.periods import Kind, Period, today
from tests.browser import CUT, log_in, shot, walking
from tests.councils.house import moment
from tests.councils.meetings.test_walk import STOCKED, tap
from tests.councils.test_from_one_meeting import RoadHouse

pytestmark = pytest.mark.django_db(transaction=True)
HANGS = timedelta(days=5)
SAID, AGREED = "硬化三组到学校的道路", "报村里按四议两公开办"
PARTY, DELEGATES = "党员大会审议", "村民（居民）会议或代表会议决议"
SHORT = "党员大会审议：应到 42 人，实到 27 人，不足三分之二"
STEPS = ("村（社区）党组织提议", "两委会商议", PARTY, DELEGATES, "决议公开", "实施结果公开")


@dataclass
class Desk:
    """The secretary, who writes down, and the cadre, who confirms, each at a page of his own."""

    secretary: Page
    cadre: Page

    def meet(self, name: str, entitled: int, present: int, yes: int, paper: bool = False, body: str = "", attempt: int = 1) -> None:
        """The next step, written down and confirmed."""
        page = self.secretary
        page.get_by_role("link", name=f"登记：{name}").click()
        if body:
            page.locator("label", has_text=body).click()
        page.get_by_label("应到人数").fill(str(entitled))
        page.get_by_label("实到人数").fill(str(present))
        page.get_by_label("同意", exact=True).fill(str(yes))
        page.get_by_label("不同意").fill(str(present - yes))
        if paper:
            page.get_by_label("提议书").fill("八一〔2026〕1号")
        shot(page, f"step-{name}")
        page.get_by_role("button", name="登记", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("请另一人确认")
        self.cadre.goto(page.url)
        self.cadre.get_by_role("button", name=f"确认第 {attempt} 次记录").click()
        expect(self.cadre.get_by_role("status")).to_contain_text("已确认")
        page.reload()

    def publish(self, name: str, result: str = "") -> None:
        page = self.secretary
        page.get_by_role("link", name=f"发布：{name}").click()
        if result:
            page.get_by_label("实施结果（会公开）").fill(result)
        shot(page, f"publish-{name}")
        page.get_by_role("button", name="发布", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("已发布")


@contextmanager
def desk(browser: Browser, address: str, width: str, house: RoadHouse) -> Iterator[Desk]:
    with walking(browser, address, width) as secretary, walking(browser, address, width) as cadre:
        for page, role in ((secretary, "secretary"), (cadre, "cadre")):
            log_in(page, house.cast[role].username)
        yield Desk(secretary, cadre)


def meet_in_the_yard(page: Page, house: RoadHouse) -> None:
    """Kept from logging in on, written down without signal, sent once when the line is back."""
    log_in(page, house.cast["yard_head"].username)
    page.evaluate(STOCKED)
    page.context.set_offline(True)
    page.goto(f"/bodies/{house.body('yard').pk}/quick/")
    tap(page, "王小明", "李秀英", "张国强")
    page.get_by_label("说了什么事").fill(SAID)
    page.get_by_label("商定怎么办").fill(AGREED)
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_role("status").filter(has_text="已存在手机上")).to_be_visible()
    assert not Meeting.objects.exists()
    page.context.set_offline(False)
    expect(page.locator("main")).to_contain_text("已记下，请另一位村干部确认")


def begin(page: Page, meeting: Meeting) -> Decision:
    """From the item: the procedure is picked and the money typed, nothing else."""
    page.goto(f"/meetings/{meeting.pk}/")
    page.get_by_role("button", name="确认记录属实").click()
    shot(page, "meeting-item")
    page.get_by_role("link", name="登记决策事项").click()
    expect(page.get_by_label("提议事项")).to_have_value(SAID)
    expect(page.get_by_label("动议事由")).to_have_value(f"柏树院院户会议定：{AGREED}")
    expect(page.get_by_label("提议时间")).to_have_value(meeting.on.isoformat())
    page.locator("label", has_text="四议两公开").click()
    page.get_by_label("金额").fill("120000")
    shot(page, "decision-begin")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已登记，编号")
    expect(page.get_by_role("main")).to_contain_text(f"来自 {meeting}")
    return Decision.objects.get()


def decide(at: Desk) -> None:
    """Every gate in turn; the Party members twice."""
    page = at.secretary
    at.meet("村（社区）党组织提议", 5, 5, 5, paper=True)
    at.meet("两委会商议", 7, 6, 6)
    at.meet(PARTY, 42, 27, 27)
    expect(page.get_by_role("main")).to_contain_text(SHORT)
    expect(page.get_by_role("button", name="登记为通过")).to_have_count(0)
    shot(page, "decision-stuck")
    at.meet(PARTY, 42, 30, 28, attempt=2)
    at.meet(DELEGATES, 35, 30, 29, body="村民代表会议")
    at.publish("决议公开")
    page.get_by_role("button", name="登记为通过").click()
    expect(page.get_by_role("status")).to_contain_text("已登记为通过")
    at.publish("实施结果公开", "路面硬化完工，验收合格。")
    expect(page.get_by_role("main")).to_contain_text("还没有期满")
    expect(page.get_by_role("button", name="办结")).to_have_count(0)
    shot(page, "decision-hangs")


def finish(page: Page, decision: Decision, by: User) -> None:
    """When the result has hung its days; the pages stay in the time of their phones, and the database in its own."""
    guard = "ALTER TABLE councils_decision {} TRIGGER decision_finished_at_update_ahead"
    with connection.cursor() as cursor:
        cursor.execute(guard.format("DISABLE"))
        with time_machine.travel(timezone.now() + HANGS):
            decision_finish(decision=decision, by=by)
        cursor.execute(guard.format("ENABLE"))
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("已办结")
    shot(page, "decision-finished")


def disclose(page: Page, house: RoadHouse, decision: Decision) -> None:
    """The fund's line, in the month's list of 财务公开 by a tap."""
    affairs_set_up(township=house.township, since=today())
    month = Period.of(Kind.MONTH, today() + HANGS)
    turn = AffairTurn.objects.create(
        village=house.village, kind=AffairKind.objects.get(code="mingxi"), period=str(month), begins_on=month.start, due_on=today()
    )
    page.goto(f"/affairs/{turn.pk}/draft/")
    page.get_by_role("link", name="从决策事项带入").click()
    expect(page.get_by_label("表格（从")).to_have_value(re.compile(rf"{SAID}（{decision.number}）\t\t120000\.00"))
    shot(page, "fund-line")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("main")).to_contain_text("120000.00")


def register(page: Page) -> list[str]:
    """The headings of the six sheets, downloaded; kept beside the pictures where those are kept."""
    with page.expect_download() as coming:
        page.get_by_role("link", name="下载登记表").click()
    path = Path(coming.value.path())
    if folder := os.environ.get("SHOTS"):
        shutil.copy(path, Path(folder) / "register.docx")
    with path.open("rb") as file:
        words = [paragraph.text for paragraph in Document(file).paragraphs]
    return [name for name in STEPS if any(name in text for text in words)]


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_road_is_decided_in_public(browser: Browser, live_server: LiveServer, width: str) -> None:
    """In real time: the phone has its own clock, by which its days are chosen."""
    with time_machine.travel(moment(), tick=False):
        house = RoadHouse()
    with walking(browser, live_server.url, width, forgives=CUT) as page:
        meet_in_the_yard(page, house)
    meeting = Meeting.objects.get()
    with desk(browser, live_server.url, width, house) as at:
        decision = begin(at.secretary, meeting)
        decide(at)
        finish(at.secretary, decision, house.cast["secretary"])
        assert register(at.secretary) == list(STEPS)
        disclose(at.secretary, house, decision)
        at.secretary.goto("/decisions/?state=finished")
        expect(at.secretary.get_by_role("main")).to_contain_text("已办结")
        shot(at.secretary, "decision-list")
    with walking(browser, live_server.url, width) as page:
        page.goto(f"/public/{house.village.code}/")
        for name in ("决议公开", "实施结果公开"):
            expect(page.get_by_role("main")).to_contain_text(f"{name}：{SAID}")
        shot(page, "public-village")
        page.get_by_role("link", name=f"决议公开：{SAID}").click()
        expect(page.get_by_role("main")).to_contain_text("应到 42 人，实到 30 人，同意 28")
        expect(page.get_by_role("main")).not_to_contain_text("7 行")
        shot(page, "public-decision")
    decision.refresh_from_db()
    assert decision.state == Decision.State.FINISHED and decision.proposed_on == meeting.on == today()
    assert Outcome.objects.get(item__meeting=meeting).row == decision.pk
    assert [(one.position, one.attempt) for one in decision.records.order_by("position", "attempt")] == [
        (1, 1), (2, 1), (3, 1), (3, 2), (4, 1), (5, 1), (6, 1),
    ]  # fmt: skip
