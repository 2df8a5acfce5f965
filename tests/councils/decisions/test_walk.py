"""修路 in the browser: branch, committees, Party members short of two thirds and refused by name, called again, representatives, both
publications (plan §三.1; issue: done when 1)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.councils.models import Decision
from governance.periods import today
from tests.browser import log_in, shot, walking
from tests.councils.decisions.test_decisions import StepHouse

pytestmark = pytest.mark.django_db(transaction=True)


def begin(page: Page, house: StepHouse) -> Decision:
    log_in(page, house.secretary.username)
    page.goto("/decisions/")
    shot(page, "decision-list-empty")
    page.get_by_role("link", name="登记决策事项").first.click()
    page.get_by_label("哪里的事").select_option(str(house.village.pk))
    page.locator("label", has_text="四议两公开").click()
    page.get_by_label("提议事项").fill("硬化三组到学校的道路")
    page.get_by_label("动议事由").fill("下雨泥泞，学生上学不便")
    shot(page, "decision-begin")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已登记，编号")
    return Decision.objects.get()


def meet(page: Page, name: str, entitled: int, present: int, yes: int, paper: bool = False, body: str = "") -> None:
    """The next step, written down by whoever is signed in."""
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


def confirm(page: Page, house: StepHouse, decision: Decision, attempt: int = 1) -> None:
    log_in(page, house.cadre.username)
    page.goto(f"/decisions/{decision.pk}/")
    page.get_by_role("button", name=f"确认第 {attempt} 次记录").click()
    expect(page.get_by_role("status")).to_contain_text("已确认")
    log_in(page, house.secretary.username)
    page.goto(f"/decisions/{decision.pk}/")


def publish(page: Page, name: str) -> None:
    page.get_by_role("link", name=f"发布：{name}").click()
    shot(page, f"publish-{name}")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已发布")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_road_is_decided_in_public(browser: Browser, live_server: LiveServer, width: str) -> None:
    house = StepHouse()
    with walking(browser, live_server.url, width) as page:
        decision = begin(page, house)
        meet(page, "村（社区）党组织提议", 5, 5, 5, paper=True)
        confirm(page, house, decision)
        meet(page, "两委会商议", 7, 6, 6)
        confirm(page, house, decision)
        meet(page, "党员大会审议", 42, 27, 27)
        confirm(page, house, decision)
        expect(page.get_by_role("main")).to_contain_text("党员大会审议：应到 42 人，实到 27 人，不足三分之二")
        expect(page.get_by_role("button", name="登记为通过")).to_have_count(0)
        shot(page, "decision-stuck")
        meet(page, "党员大会审议", 42, 30, 28)
        confirm(page, house, decision, attempt=2)
        meet(page, "村民（居民）会议或代表会议决议", 35, 30, 29, body="村民代表会议")
        confirm(page, house, decision)
        publish(page, "决议公开")
        page.get_by_role("button", name="登记为通过").click()
        expect(page.get_by_role("status")).to_contain_text("已登记为通过")
        publish(page, "实施结果公开")
        page.get_by_role("button", name="办结").click()
        expect(page.get_by_role("status")).to_contain_text("已办结")
        shot(page, "decision-finished")
        page.goto("/decisions/?state=finished")
        shot(page, "decision-list")
    decision.refresh_from_db()
    assert decision.state == Decision.State.FINISHED and decision.proposed_on == today()
    assert [(one.position, one.attempt) for one in decision.records.order_by("position", "attempt")] == [
        (1, 1), (2, 1), (3, 1), (3, 2), (4, 1), (5, 1), (6, 1),
    ]  # fmt: skip
