"""A year's 述职评议 in the browser: two people count, one number differs, it is corrected, computed, settled, explained."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from inspections.models import Ballot, Review, Statement
from inspections.reviews.reviewing import Counts
from tests.browser import REFUSED, log_in, shot, walking
from tests.inspections.reviews.house import BALLOTS, YEAR, ReviewHouse

pytestmark = pytest.mark.django_db(transaction=True)
LABELS = {"leaders": "镇领导票", "members": "党员、村民代表票", "residents": "群众票"}
COLUMNS = {"good": "好", "fair": "较好", "passing": "一般", "poor": "差"}


def fill(page: Page, group: str, counts: Counts) -> None:
    box = page.get_by_role("group", name=LABELS[group], exact=True)
    for column, label in COLUMNS.items():
        box.get_by_label(label, exact=True).fill(str(getattr(counts, column)))


def enter(page: Page, place: str, **wrong: Counts) -> None:
    """One village's three groups of the pass that is open, then 保存."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(place)
    for group, counts in BALLOTS.items():
        fill(page, group, wrong.get(group, counts))
    page.get_by_role("button", name="保存，下一个村").click()
    expect(page.get_by_role("status")).to_contain_text(f"{place}第")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_reviews_a_year(browser: Browser, live_server: LiveServer, width: str) -> None:
    house = ReviewHouse(villages=3)
    places = [str(village) for village in house.villages]
    with walking(browser, live_server.url, width, forgives=REFUSED) as page:
        log_in(page, house.first.username)
        page.goto("/more/")
        page.get_by_role("link", name="述职评议").click()
        shot(page, "reviews-empty")
        page.get_by_role("link", name="开始新一年").first.click()
        page.get_by_label("年度").select_option(str(YEAR))
        page.get_by_role("button", name="开始").click()
        expect(page.get_by_role("status")).to_contain_text("可以录入测评票")
        shot(page, "review-open")
        page.get_by_role("link", name="录票：第一遍").click()
        fill(page, "leaders", Counts(8, 2, 0, 0))
        page.get_by_role("group", name=LABELS["members"]).get_by_label("好", exact=True).fill("-1")
        page.get_by_role("button", name="保存，下一个村").click()
        expect(page.locator(".error", has_text="不能是负数")).to_be_visible()
        expect(page.get_by_role("group", name=LABELS["leaders"]).get_by_label("好", exact=True)).to_have_value("8")
        shot(page, "ballots-refused")
        for place in places:
            enter(page, place)
        expect(page.get_by_role("heading", level=1)).to_have_text("核对两遍票数")
        page.goto(f"/reviews/{Review.objects.get().pk}/ballots/?pass=2")
        expect(page.get_by_text("第二遍须由另一个人录入").first).to_be_visible()
        shot(page, "ballots-another")
        _second(page, house, places)
        _settle(page, house)
    assert Review.objects.get().state == Review.State.LOCKED and Ballot.objects.count() == 18
    assert Statement.objects.filter(grade="good").count() == 2 and Ballot.history.count() == 19


def _second(page: Page, house: ReviewHouse, places: list[str]) -> None:
    """The second counter mistakes one group, sees it marked, corrects it."""
    log_in(page, house.second.username)
    page.goto(f"/reviews/{Review.objects.get().pk}/")
    page.get_by_role("link", name="录票：第二遍").click()
    enter(page, places[0])
    enter(page, places[1], members=Counts(20, 14, 5, 1))
    shot(page, "ballots-second")
    enter(page, places[2])
    expect(page.get_by_text("15 ≠ 14")).to_be_visible()
    shot(page, "ballots-differ")
    page.get_by_role("link", name="更正我录的").click()
    fill(page, "members", BALLOTS["members"])
    page.get_by_role("button", name="保存，下一个村").click()
    expect(page.get_by_text("两遍都一致")).to_be_visible()


def _settle(page: Page, house: ReviewHouse) -> None:
    log_in(page, house.first.username)
    page.goto(f"/reviews/{Review.objects.get().pk}/")
    page.get_by_role("button", name="汇总").click()
    expect(page.get_by_role("status")).to_contain_text("已汇总")
    page.get_by_role("link", name="修改权重").click()
    page.get_by_label("季度督查权重（%）").fill("70")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("权重之和须为 100")).to_be_visible()
    shot(page, "review-weights")
    page.get_by_label("季度督查权重（%）").fill("60")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="确定结果").click()
    expect(page.get_by_role("status")).to_contain_text("已确定")
    shot(page, "review-locked")
    page.get_by_role("link", name="八一村").click()
    expect(page.get_by_text("总分 = 91.13 × 60% + 93.08 × 40% = 91.91")).to_be_visible()
    shot(page, "statement")
    page.goto(f"/reviews/{Review.objects.get().pk}/print/")
    shot(page, "review-print")
    log_in(page, house.cast["secretary"].username)
    page.goto("/inbox/")
    page.get_by_role("link", name="述职评议结果已确定").click()
    expect(page.get_by_text("镇领导票 10 张，折合 97.00 分", exact=True)).to_be_visible()
    shot(page, "statement-village")
    page.goto("/reviews/quarters/")
    expect(page.get_by_role("link", name="八一村")).to_be_visible()
    shot(page, "quarters")
