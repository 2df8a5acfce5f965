"""What residents see without a log-in: what to bring, how far a receipt is, and nothing about anybody (mission M14)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.inbox_models import Message
from governance.cases.engine.flow import Step
from governance.cases.errands.services import errand_edit, satisfaction_set
from governance.cases.errors import CaseError
from governance.cases.models import Case, Errand
from tests.answers import ClientAnswer
from tests.browser import REFUSED, arrive, leave, log_in, shot, walking
from tests.cases.house import CaseHouse

SECRETS = ("独一无二", "15400001234", "秘密巷", "病情说明", "交电费钱不够")


@pytest.fixture
def house() -> CaseHouse:
    cache.clear()
    return CaseHouse()


def errand(house: CaseHouse, **said: object) -> Case:
    words: dict[str, Any] = {"client": "独一无二", "phone": "154 0000 1234", "text": "交电费钱不够", "place": "秘密巷 5 号", **said}
    case = house.log("dianfei", **words)
    return house.step(case, Step.NOTE, note="病情说明")


def look_up(client: Client, number: str, tail: str, address: str = "10.0.0.1", **more: str) -> ClientAnswer:
    said = {"number": number, "tail": tail, **more}
    return client.post("/public/receipt/", said, REMOTE_ADDR=address)


def bare(answer: ClientAnswer) -> str:
    """The page without what differs by chance: the tokens, and the number typed in."""
    text = re.sub(r'name="(csrfmiddlewaretoken|once)" value="[^"]*"', "", answer.content.decode())
    return re.sub(r'name="(number|tail)" value="[^"]*"', "", text)


@pytest.mark.django_db
def test_it_shows_state_and_steps_and_nothing_about_anybody(house: CaseHouse, client: Client) -> None:
    case = errand(house)
    text = look_up(client, case.number.lower(), "1234").content.decode()
    for shown in (case.number, "代缴电费", "已受理", "发现登记", "最迟办结"):
        assert shown in text
    names = [user.name for user in house.cast.values()]
    for secret in (*SECRETS, *names):
        assert secret not in text, secret
    for path in ("/public/", "/public/services/", "/public/receipt/", f"/public/{house.village.code}/"):
        page = client.get(path).content.decode()
        assert not [secret for secret in (*SECRETS, case.number) if secret in page], path


@pytest.mark.django_db
def test_it_tells_nothing_by_a_wrong_phone_or_number(house: CaseHouse, client: Client) -> None:
    case = errand(house)
    dispute = house.log("linli")
    wrong_phone = look_up(client, case.number, "4321")
    wrong_number = look_up(client, "DB2026-99999", "1234", "10.0.0.2")
    no_errand = look_up(client, dispute.number, "1234", "10.0.0.3")
    assert {answer.status_code for answer in (wrong_phone, wrong_number, no_errand)} == {422}
    assert bare(wrong_phone) == bare(wrong_number) == bare(no_errand)
    assert "没有查到" in bare(wrong_phone) and case.category.name not in bare(wrong_phone)


@pytest.mark.django_db
def test_it_slows_twenty_tries_from_one_address(house: CaseHouse, client: Client) -> None:
    case = errand(house)
    answers = [look_up(client, f"DB2026-{number:05d}", "0000") for number in range(50, 70)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429] * 10
    assert answers[-1]["Retry-After"] == "600" and "过十分钟再试" in answers[-1].content.decode()
    assert look_up(client, case.number, "1234").status_code == 429, "the right one too"
    assert look_up(client, case.number, "1234", "10.0.0.9").status_code == 200


@pytest.mark.django_db
def test_it_slows_tries_at_one_number_from_many_addresses(house: CaseHouse, client: Client) -> None:
    case = errand(house)
    for tail in range(10):
        assert look_up(client, case.number, f"{tail:04d}", f"10.0.1.{tail}").status_code == 422
    assert look_up(client, case.number, "1234", "10.0.1.99").status_code == 429, "even the right digits"


@pytest.mark.django_db
def test_it_takes_one_word_on_a_finished_errand_and_tells_of_a_bad_one(house: CaseHouse, client: Client) -> None:
    case = errand(house)
    look_up(client, case.number, "1234", satisfaction="bad", comment="等太久")
    assert Errand.objects.get().satisfaction == "", "not before the end"
    house.step(case, Step.FINISH, result="已缴")
    look_up(client, case.number, "1234", satisfaction="bad", comment="等太久")
    assert (Errand.objects.get().satisfaction, Errand.objects.get().comment) == ("bad", "等太久")
    told = Message.objects.filter(key=f"rating:{case.pk}").values_list("user", flat=True)
    assert set(told) == {house.user("cadre").pk, house.user("secretary").pk}
    look_up(client, case.number, "1234", satisfaction="good")
    assert Errand.objects.get().satisfaction == "bad", "once"


@pytest.mark.django_db
def test_it_keeps_fees_and_what_the_slip_says(house: CaseHouse) -> None:
    case, by = errand(house), house.user("cadre")
    errand_edit(case=case, account="0826-77", amount=None, by=by)
    with pytest.raises(CaseError, match="不能办理"):
        errand_edit(case=case, account="1", amount=None, by=house.user("informant"))
    with pytest.raises(CaseError, match="不能这样登记"):
        satisfaction_set(case=case, satisfaction="good", by=by)
    with pytest.raises(CaseError, match="还没有交件"):
        house.step(house.step(case, Step.FINISH, result="已缴"), Step.FILE)
    house.step(case, Step.HANDOVER, recipient="本人")
    satisfaction_set(case=case, satisfaction="good", by=by)
    assert house.step(case, Step.FILE).state == Case.State.FILED
    found = Errand.objects.get()
    assert (found.account, found.handed_to, found.satisfaction, found.phone) == ("0826-77", "本人", "good", "15400001234")


def paper_width(pdf: bytes) -> float:
    """Of the first sheet, in millimetres."""
    found = re.search(rb"/MediaBox \[0 0 ([\d.]+) ", pdf)
    assert found
    return float(found[1]) / 72 * 25.4


@pytest.mark.django_db(transaction=True)
def test_it_is_walked_from_the_slip_to_the_rating(browser: Browser, live_server: LiveServer, house: CaseHouse) -> None:
    with walking(browser, live_server.url, "phone", forgives=REFUSED) as page:
        log_in(page, house.user("cadre").username)
        page.goto("/services/?q=电费")
        page.get_by_role("link", name="登记").click()
        page.locator("label", has_text="柏树院").click()
        page.get_by_label("委托人").fill("王大爷")
        page.get_by_label("联系电话").fill("15400001234")
        page.get_by_label("缴费户号").fill("0826-77")
        page.locator("textarea[name=text]").fill("缴本月电费")
        shot(page, "errand-log")
        page.get_by_role("button", name="发送").click()
        arrive(page)
        expect(page.locator("h1")).to_contain_text("DB2026-00001")
        page.get_by_role("link", name="打印回执").click()
        address = page.locator(".small").inner_text()
        for paper, millimetres in (("A4", 210), ("80 毫米小票", 80), ("58 毫米小票", 58)):
            page.get_by_label(paper).check()
            assert paper_width(page.pdf(prefer_css_page_size=True)) == pytest.approx(millimetres, abs=0.5)
        shot(page, "errand-slip")
        page.go_back()
        page.get_by_role("link", name="办结").click()
        page.get_by_label("办理结果").fill("已缴 86.5 元")
        page.get_by_label("已当面交给").fill("本人")
        page.get_by_role("button", name="办结").click()
        expect(page.get_by_role("status")).to_contain_text("已办结")
        shot(page, "errand-done")
        leave(page)
        page.goto("/public/receipt/?number=" + re.findall(r"number=(\S+?)[，,]", address)[0])
        page.get_by_label("办理时留的电话后四位").fill("0000")
        page.get_by_role("button", name="查进度").click()
        expect(page.get_by_role("alert")).to_contain_text("没有查到")
        page.get_by_label("办理时留的电话后四位").fill("1234")
        page.get_by_role("button", name="查进度").click()
        expect(page.locator("main")).to_contain_text("已办结")
        page.locator("label", has_text=re.compile("^满意$")).click()
        page.get_by_role("button", name="提交评价").click()
        expect(page.get_by_role("status")).to_contain_text("已收到您的评价")
        shot(page, "receipt")
        page.goto("/public/services/")
        page.get_by_role("link", name="党组织关系转接").click()
        expect(page.locator("h1")).to_have_text("一次性告知单")
        shot(page, "service")
    assert Errand.objects.get().satisfaction == "good"
