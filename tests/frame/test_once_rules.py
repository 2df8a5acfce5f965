"""What a key does and does not: waiting, refusals, other content, other people, files, the API's header; in a browser too."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer
from rest_framework.authtoken.models import Token

from governance.accounts.models import UsedKey
from governance.accounts.used_keys import used_keys_sweep
from governance.frame.once import SAME
from governance.periods import today
from moral_bank.models import FundMove, Shop, Supplier
from tests.answers import ClientAnswer, location
from tests.browser import log_in, walking
from tests.pages import Desk
from villages.models import Overlay, Post

NEW = {"name": "供销社", "phone": "", "address": "", "once": "1"}


def with_shop() -> Desk:
    desk = Desk()
    desk.shop = Shop.objects.create(village=desk.village, name="道德超市")  # type: ignore[attr-defined]
    return desk


@pytest.fixture
def desk() -> Desk:
    return with_shop()


def path(desk: Desk) -> str:
    return f"/market/{Shop.objects.get(village=desk.village).pk}/suppliers/"


def staff(desk: Desk, role: str = "secretary") -> Client:
    client = Client()
    client.force_login(desk.cast[role], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
def test_it_says_that_a_form_was_taken_already(desk: Desk) -> None:
    client = staff(desk)
    assert client.post(path(desk), NEW).status_code == 302
    assert SAME in client.post(path(desk), NEW, follow=True).content.decode()
    assert Supplier.objects.count() == 1


@pytest.mark.django_db
def test_it_refuses_a_page_s_form_without_a_key_and_lets_a_script_through(desk: Desk) -> None:
    client, keyless = staff(desk), {**NEW, "once": ""}
    refused = client.post(path(desk), {**keyless, "csrfmiddlewaretoken": "x"})
    assert refused.status_code == 403 and "刷新后重新提交" in refused.content.decode()
    assert not Supplier.objects.exists()
    assert client.post(path(desk), keyless).status_code == 302


@pytest.mark.django_db
def test_each_form_of_each_page_has_its_own_key(desk: Desk) -> None:
    pages = [staff(desk).get(path(desk)).content.decode() for _ in range(2)]
    keys = [key for page in pages for key in re.findall(r'name="once" value="([\w-]{36})"', page)]
    assert len(set(keys)) == len(keys) == sum(page.count('method="post"') for page in pages) > 2


@pytest.mark.django_db
def test_it_frees_the_key_of_what_was_refused(desk: Desk) -> None:
    """By the form itself, and by a button that leads elsewhere with an error."""
    client = staff(desk)
    assert client.post(path(desk), {**NEW, "name": ""}).status_code == 422
    clerk, closing = staff(desk, "staff"), desk.computed()
    assert clerk.post(f"/closings/{closing.pk}/lock/", {"once": "2"}).status_code == 302
    assert not UsedKey.objects.exists()
    assert client.post(path(desk), NEW).status_code == 302


@pytest.mark.django_db
def test_it_keeps_nothing_of_what_broke_down(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> HttpResponse:
        Supplier.objects.create(village=desk.village, name="半成")
        raise ValueError

    monkeypatch.setattr("moral_bank.market.goods_views.item_save", broken)
    monkeypatch.setattr("moral_bank.market.goods_views.supplier_save", broken)
    client = staff(desk)
    client.raise_request_exception = False
    assert client.post(path(desk), NEW).status_code == 500
    assert not Supplier.objects.exists() and not UsedKey.objects.exists()


@pytest.mark.django_db
def test_it_asks_about_other_content_and_takes_it_as_a_new_one(desk: Desk) -> None:
    client = staff(desk)
    client.post(path(desk), NEW)
    asked = client.post(path(desk), {**NEW, "name": "新华<店>"})
    page = asked.content.decode()
    assert asked.status_code == 409 and 'value="新华&lt;店&gt;"' in page and f'href="{path(desk)}"' in page
    (key,) = re.findall(r'<form method="post" action="/market/[^>]+>\s*.*?name="once" value="([^"]+)"', page, re.S)
    assert client.post(path(desk), {**NEW, "name": "新华店", "once": key}).status_code == 302
    assert Supplier.objects.count() == 2


@pytest.mark.django_db
def test_it_tells_files_apart_and_says_that_they_cannot_be_carried(desk: Desk) -> None:
    client, rows = staff(desk, "staff"), "户主,户号,积分事由,发生日期,分值\n王小明,1,好事,2026-03-02,5\n"

    def send(text: str) -> ClientAnswer:
        file = SimpleUploadedFile("台账.csv", text.encode())
        answer: ClientAnswer = client.post("/claims/import/", {"village": desk.village.pk, "file": file, "once": "1"})
        return answer

    first = send(rows)
    assert location(send(rows)) == location(first)
    other = send(rows + "王小明,1,好事,2026-03-03,5\n")
    assert other.status_code == 409 and "台账.csv" in other.content.decode()


@pytest.mark.django_db
def test_it_gives_everybody_their_own_keys(desk: Desk) -> None:
    names = {"secretary": "供销社", "cadre": "新华店"}
    assert [staff(desk, role).post(path(desk), {**NEW, "name": name}).status_code for role, name in names.items()] == [302, 302]
    assert Supplier.objects.count() == 2


@pytest.mark.django_db
def test_it_does_not_take_the_way_to_the_login_page_for_an_answer(desk: Desk) -> None:
    client = Client()
    assert "/login/" in location(client.post(path(desk), NEW))
    assert not UsedKey.objects.exists()
    entering = {"username": desk.cast["secretary"].username, "password": "x", "once": "3"}
    client.post("/login/", entering)
    assert not UsedKey.objects.exists()


@pytest.mark.django_db
def test_it_knows_a_token_and_repeats_status_and_body(desk: Desk) -> None:
    token = Token.objects.create(user=desk.cast["cadre"])
    sent = {"household": desk.accounts[0].household_id, "deed": desk.deeds["S1"].pk, "occurred_on": "2026-03-09"}
    headers = {"Authorization": f"Token {token.key}", "Idempotency-Key": "abc"}

    def send(**more: Any) -> Any:
        return Client().post("/api/v1/claims/", {**sent, **more}, "application/json", headers=headers)

    first, second, other = send(), send(), send(note="另一件")
    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == second.json() and second["Idempotent-Replayed"] == "true" and "提交号" in other.json()["detail"]
    headers["Authorization"] = "Token 0"
    assert send().status_code == 401


@pytest.mark.django_db
def test_the_api_knows_no_form_s_key_and_gives_nobody_another_s_answer(desk: Desk) -> None:
    """Form-encoded, as a foreign page could send it: with the field, who has no token is refused, whoever sent it before."""
    token = Token.objects.create(user=desk.cast["cadre"])
    sent = {"household": desk.accounts[0].household_id, "deed": desk.deeds["S1"].pk, "occurred_on": "2026-03-09", "once": "4"}
    made = Client().post("/api/v1/claims/", sent, headers={"Authorization": f"Token {token.key}"})
    assert made.status_code == 201 and not UsedKey.objects.exists()
    assert Client().post("/api/v1/claims/", sent).status_code == 401


@pytest.mark.django_db
def test_it_repeats_an_answer_only_to_who_may_still_ask(desk: Desk) -> None:
    token = Token.objects.create(user=desk.cast["cadre"])
    sent = {"household": desk.accounts[0].household_id, "deed": desk.deeds["S1"].pk, "occurred_on": "2026-03-09"}
    headers = {"Authorization": f"Token {token.key}", "Idempotency-Key": "abc"}
    assert Client().post("/api/v1/claims/", sent, headers=headers).status_code == 201
    assert UsedKey.objects.get().answer and "好事" not in str(bytes(UsedKey.objects.get().answer))
    Post.objects.filter(user=desk.cast["cadre"]).update(ended_on=today())
    assert Client().post("/api/v1/claims/", sent, headers=headers).status_code == 404


@pytest.mark.django_db
def test_a_token_opens_no_page(desk: Desk) -> None:
    token = Token.objects.create(user=desk.cast["secretary"])
    headers = {"Authorization": f"Token {token.key}", "Idempotency-Key": "abc"}
    answer = Client().post(path(desk), {**NEW, "once": ""}, headers=headers)
    assert "/login/" in location(answer)
    assert not Supplier.objects.exists()


@pytest.mark.django_db
def test_it_sweeps_old_keys(desk: Desk) -> None:
    staff(desk).post(path(desk), NEW)
    assert used_keys_sweep(at=timezone.now() + timedelta(days=6)) == 0
    assert used_keys_sweep(at=timezone.now() + timedelta(days=8)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/market/{}/suppliers/", "/market/{}/items/"])
def test_the_second_of_two_at_once_waits_for_the_first(desk: Desk, address: str) -> None:
    url = address.format(Shop.objects.get().pk)
    sent = {**NEW, "unit": "个", "points": "5", "is_active": "on"}
    clients, barrier = [staff(desk) for _ in range(4)], Barrier(4)

    def post(client: Client) -> str:
        barrier.wait()
        try:
            return location(client.post(url, sent))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        answers = set(threads.map(post, clients))
    shop = Shop.objects.get()
    assert len(answers) == 1 and Supplier.objects.count() + shop.items.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_and_back_and_send_make_one_in_a_browser(browser: Browser, live_server: LiveServer, desk: Desk) -> None:
    """What the browser puts back when going back, it puts back with its key."""
    with walking(browser, live_server.url, "desktop") as page:
        log_in(page, desk.cast["staff"].username)
        page.goto(f"/market/{Shop.objects.get().pk}/fund/")
        page.locator("[name=kind]").select_option("grant")
        page.locator("[name=amount]").fill("500")
        page.locator("[name=memo]").fill("二季度拨款")
        button = page.get_by_role("main").get_by_role("button", name="保存")
        button.dblclick()
        expect(page.get_by_role("main")).to_contain_text("二季度拨款")
        assert FundMove.objects.count() == 1
        page.go_back()
        expect(page.locator("[name=memo]")).to_have_value("二季度拨款")
        button.click()
        expect(page.get_by_role("status")).to_contain_text(SAME)
        assert FundMove.objects.count() == 1
        page.goto("/admin/villages/overlay/add/")
        page.locator("[name=name]").fill("第一网格")
        page.locator("[name=village]").select_option(str(desk.village.pk))
        page.locator("[name=_save]").dblclick()
        expect(page.locator("body")).to_contain_text("第一网格")
        assert Overlay.objects.count() == 1
        page.go_back()
        expect(page.locator("[name=name]")).to_have_value("第一网格")
        page.locator("[name=_save]").click()
        expect(page.locator("body")).to_contain_text(SAME)
        assert Overlay.objects.count() == 1
