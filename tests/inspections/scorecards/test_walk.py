"""A supervisor scores a village on the phone, one section without signal; the village replies; the office upholds (plan §四(三))."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from inspections.models import Answer, Reply, Round, Scorecard, Sheet
from inspections.rounds.deciding import round_hand_over
from tests.browser import CUT, REFUSED, log_in, shot, walking
from tests.inspections.house import Q1, RoundHouse, judge_all, take

pytestmark = pytest.mark.django_db(transaction=True)
FAULT, BAND, VETO = "房前屋后乱堆乱放", "回访按期完成", "发生重大安全责任事故"
KEPT = "async () => Boolean(await caches.match(location.pathname))"


def town() -> RoundHouse:
    """Two villages, the second scored; in the first four of five return visits are in time, three quarters lie behind it."""
    house = RoundHouse(2)
    for month, points in ((4, 85), (7, 91.5), (10, 88)):
        start = date(2025, month, 1)
        earlier = Round.objects.create(
            township=house.township, quarter=start, name="督查", checklist=house.checklist, seed="1", opens_on=start,
            closes_on=start, planned_by=house.staff, planned_at=timezone.now(),
        )  # fmt: skip
        card = Scorecard.objects.create(round=earlier, village=house.villages[0])
        judge_all(card, house.supervisor)
        Scorecard.objects.filter(pk=card.pk).update(score=points, grade="fair")
    house.scoring()
    house.judge(1, at=timezone.now(), named={FAULT: 4})
    take(house.card(), 8, 10)
    return house


def line(page: Page, name: str) -> Locator:
    return page.locator("fieldset.scoreline", has=page.locator("legend", has_text=name))


def tab(page: Page, name: str) -> None:
    page.locator(".tabs.strip a", has_text=name).click()


def save(page: Page, said: str) -> None:
    page.get_by_role("button", name="保存").click()
    expect(page.locator("[data-state]:visible")).to_contain_text(said)


def score(page: Page) -> None:
    page.goto("/cards/")
    shot(page, "card-list-to-score")
    page.get_by_role("link", name="去评分").click()
    page.wait_for_function(KEPT)
    shot(page, "card-score-samples")
    page.get_by_label("入户 1").fill("院坝整洁，门前堆柴")
    save(page, "已保存")
    page.get_by_role("link", name="下一项").click()
    for _ in range(3):
        line(page, FAULT).get_by_role("button", name="加一处").click()
    line(page, FAULT).get_by_role("button", name="减一处").click()
    line(page, FAULT).get_by_label("现场情况").fill("院口两处")
    page.get_by_role("button", name="没评的都没有问题").click()
    shot(page, "card-score-section")
    save(page, "已保存")


def score_without_signal(page: Page) -> None:
    """The measured line differs, so a reason is asked at once; saved without signal it stays on the phone through a reload."""
    tab(page, "矛盾平安")
    expect(line(page, BAND)).to_contain_text("8 / 10，80%")
    expect(line(page, BAND).get_by_label("与实测不同的理由")).to_be_hidden()
    line(page, BAND).get_by_label("百分之几").fill("96")
    expect(line(page, BAND).get_by_label("与实测不同的理由")).to_be_visible()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_have_text("与实测不同，请写明理由。")
    line(page, BAND).get_by_label("与实测不同的理由").fill("两件当事人外出")
    shot(page, "card-score-reason")
    page.reload()
    expect(line(page, BAND).get_by_label("与实测不同的理由")).to_have_value("两件当事人外出")
    page.context.set_offline(True)
    save(page, "已存在本机")
    page.reload()
    expect(page.locator("[data-state]:visible")).to_contain_text("已存在本机")
    expect(line(page, BAND).get_by_label("百分之几")).to_have_value("96")
    tab(page, "人居环境")
    expect(line(page, FAULT).get_by_label("几处")).to_have_value("2")
    tab(page, "矛盾平安")
    shot(page, "card-score-offline")
    assert Answer.objects.filter(item__name=BAND, card__round__quarter=Q1.start).count() == 1, "the other village's alone"
    page.context.set_offline(False)
    expect(page.locator("[data-state]:visible")).to_contain_text("已保存")


def finish(page: Page) -> None:
    page.get_by_role("button", name="评完").click()
    expect(page.get_by_role("status")).to_contain_text(f"还有 1 条没有评：{VETO}")
    tab(page, "一票否决")
    page.locator("label", has_text="没有发生").click()
    save(page, "已保存")
    expect(page.locator("#left")).to_contain_text("都评了")
    page.get_by_role("button", name="评完").click()
    expect(page.get_by_role("status")).to_contain_text("八一村已评完")


def reply(page: Page) -> None:
    page.get_by_role("link", name="核对督查评分").click()
    expect(page.locator("main")).to_contain_text("合计 96 分")
    shot(page, "card-village")
    page.get_by_role("link", name=f"申辩：{FAULT}").click()
    page.get_by_label("申辩理由").fill("其中一处是邻村的")
    shot(page, "reply")
    page.get_by_role("button", name="提出申辩").click()
    expect(page.get_by_role("status")).to_contain_text("申辩已提出")


def uphold(page: Page) -> None:
    page.get_by_role("link", name="申辩待答复").click()
    page.get_by_label("处理").select_option("1")
    page.get_by_label("更正为").fill("1")
    page.get_by_label("答复理由").fill("核实一处属邻村")
    shot(page, "reply-decide")
    page.get_by_role("button", name="答复").click()
    expect(page.get_by_role("status")).to_contain_text("已答复")
    expect(page.locator("main")).to_contain_text("合计 98 分")
    page.locator("summary", has_text="改动记录 2 次").click()
    shot(page, "card-after-reply")
    page.get_by_role("link", name="打印").click()
    expect(page.locator("h1")).to_contain_text("计分表")
    shot(page, "card-print")


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_it_scores_a_village_and_hears_it(browser: Browser, live_server: LiveServer, width: str) -> None:
    house = town()
    with walking(browser, live_server.url, width, forgives=CUT) as page:
        log_in(page, house.supervisor.username)
        score(page)
        score_without_signal(page)
        finish(page)
        round_hand_over(inspection_round=house.round, by=house.staff)  # type: ignore[arg-type]
        log_in(page, house.cast["secretary"].username)
        reply(page)
        log_in(page, house.staff.username)
        uphold(page)
        page.get_by_role("link", name="返回").click()
        page.get_by_role("link", name="和别的村对比").click()
        page.locator("label", has_text="马鞍村").click()
        page.get_by_role("button", name="对比").click()
        expect(page.locator("tr.differs", has_text=FAULT)).to_contain_text("4 处")
        shot(page, "card-compare")
    card = house.card()
    assert card.score == 98 and sum(float(one["amount"]) for one in card.trail) == 98
    band = Answer.objects.get(card=card, item__name=BAND)
    assert (band.value, band.reason, band.history.count()) == (Decimal(96), "两件当事人外出", 1), "sent once"
    assert Sheet.objects.filter(form="score").count() == 4 and Reply.objects.get().state == "upheld"


def test_it_keeps_on_the_phone_what_came_too_late(browser: Browser, live_server: LiveServer) -> None:
    house = town()
    with walking(browser, live_server.url, "phone", forgives=(*CUT, *REFUSED)) as page:
        log_in(page, house.supervisor.username)
        page.goto(f"/cards/{house.card().pk}/score/")
        page.wait_for_function(KEPT)
        tab(page, "人居环境")
        line(page, FAULT).get_by_role("button", name="加一处").click()
        page.context.set_offline(True)
        save(page, "已存在本机")
        house.judge(0, at=timezone.now())
        round_hand_over(inspection_round=house.round, by=house.staff)  # type: ignore[arg-type]
        page.context.set_offline(False)
        expect(page.locator("[data-state]:visible")).to_contain_text("现在是“村核对申辩”，不能再改现场评分")
        expect(page.locator("#queue")).to_have_attribute("data-waiting", "1")
        shot(page, "card-score-late")
        page.reload()
        page.get_by_role("link", name="看这台手机上没能送达的评分").click()
        expect(line(page, FAULT).get_by_label("几处")).to_have_value("1")
        shot(page, "card-score-kept")
        page.get_by_role("button", name="放弃这次改动").click()
        expect(page.locator("#queue")).to_have_attribute("data-waiting", "0")
    assert Answer.objects.get(card=house.card(), item__name=FAULT).value == 0


def test_it_scores_without_scripts(browser: Browser, live_server: LiveServer) -> None:
    house = town()
    with walking(browser, live_server.url, "phone", scripts=False) as page:
        log_in(page, house.supervisor.username)
        page.goto(f"/cards/{house.card().pk}/score/")
        line(page, FAULT).get_by_label("几处").fill("4")
        page.get_by_role("button", name="保存").nth(1).click()
        expect(page.get_by_role("status")).to_contain_text("已保存 1 处改动")
        shot(page, "card-score-no-scripts")
    assert Answer.objects.get(card=house.card()).value == 4
