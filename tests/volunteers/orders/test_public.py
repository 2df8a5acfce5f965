"""Asked and judged without an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from governance.periods import today
from tests.cases.house import MORNING
from tests.volunteers.orders.house import ServiceHouse
from tests.volunteers.orders.test_pages import PRIVATE, as_user
from tests.worlds import module_world
from volunteers.models import ServiceOrder
from volunteers.orders.services import slip_issue

pytestmark = pytest.mark.django_db
house = module_world(ServiceHouse)


@pytest.fixture(autouse=True)
def no_tries() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def asked(house: ServiceHouse, **fields: object) -> dict[str, object]:
    usual = {"project": house.haircut.pk, "name": "李淑珍", "phone": "15400007788", "unit": house.yard.pk, "text": ""}
    return {**usual, **fields}


def test_a_resident_asks_and_the_village_calls_back(house: ServiceHouse) -> None:
    client, url = Client(), f"/public/villages/{house.village.pk}/ask/"
    page = client.get(url)
    words = page.content.decode()
    assert words.index("tel:120") < words.index("<form") and page["X-Robots-Tag"] == "noindex, noarchive"
    assert "十分钟应急" not in words
    answer = client.post(url, asked(house, wanted_on=str(today() + timedelta(days=9))))
    order = ServiceOrder.objects.get()
    assert answer.status_code == 200 and order.number in answer.content.decode()
    assert (order.state, order.source, order.logged_by) == ("callback", "public", None)
    cadre = as_user(house.user("cadre"))
    assert cadre.get(f"/service-orders/{order.pk}/dispatch/").status_code == 302
    cadre.post(f"/service-orders/{order.pk}/call_back/", {"note": "是本人"})
    order.refresh_from_db()
    assert order.state == "asked" and order.called_back_at is not None


def test_the_public_page_takes_no_emergency_and_no_foreign_place(house: ServiceHouse) -> None:
    client, url = Client(), f"/public/villages/{house.village.pk}/ask/"
    assert client.post(url, asked(house, project=house.alarm.pk)).status_code == 422
    assert client.post(url, asked(house, unit=house.township.pk)).status_code == 422
    assert client.post(url, asked(house, website="x")).status_code == 422
    assert client.get(f"/public/villages/{house.township.pk}/ask/").status_code == 404
    assert not ServiceOrder.objects.exists()


def test_the_public_page_slows_who_asks_again_and_again(house: ServiceHouse) -> None:
    client, url = Client(), f"/public/villages/{house.village.pk}/ask/"
    answers = [client.post(url, asked(house)).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429] and ServiceOrder.objects.count() == 3


def test_it_is_judged_once_by_the_slip_without_any_name(house: ServiceHouse) -> None:
    order = house.done(house.one)
    void = slip_issue(order=order, by=house.user("cadre"), at=MORNING)
    token = slip_issue(order=order, by=house.user("cadre"), at=MORNING)
    client = Client()
    unknown = client.get("/public/judge/unknown/")
    assert unknown.status_code == 404 and client.get(f"/public/judge/{void}/").content == unknown.content
    page = client.get(f"/public/judge/{token}/")
    words = page.content.decode()
    assert page.status_code == 200 and order.number in words and all(private not in words for private in (*PRIVATE, "甲"))
    assert client.post(f"/public/judge/{token}/", {"words": "好"}).status_code == 422
    assert "已收到" in client.post(f"/public/judge/{token}/", {"rating": "satisfied", "words": "好"}).content.decode()
    order.refresh_from_db()
    assert (order.state, order.rating, order.rating_words, order.judged_how) == ("judged", "satisfied", "好", "slip")
    assert client.get(f"/public/judge/{token}/").content == unknown.content
    assert client.post(f"/public/judge/{token}/", {"rating": "unsatisfied"}).status_code == 404


def test_who_served_cannot_use_the_slip(house: ServiceHouse) -> None:
    order = house.done(house.one)
    token = slip_issue(order=order, by=house.user("cadre"), at=MORNING)
    own = as_user(house.account(house.one))
    assert own.get(f"/public/judge/{token}/").status_code == 404
    assert own.post(f"/public/judge/{token}/", {"rating": "satisfied"}).status_code == 404
    assert as_user(house.user("cadre")).get(f"/public/judge/{token}/").status_code == 200


def test_it_slows_who_tries_slips(house: ServiceHouse) -> None:
    client = Client()
    answers = [client.get(f"/public/judge/unknown{number}/").status_code for number in range(31)]
    assert answers == [404] * 30 + [429]
