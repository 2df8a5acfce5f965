"""What the forms of orders take: moments, phones and keys as people and phones send them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from governance.periods import SHANGHAI, today
from tests.answers import location
from tests.cases.house import MORNING
from tests.volunteers.orders.house import ServiceHouse
from tests.volunteers.orders.test_pages import as_user, text
from tests.worlds import module_world
from volunteers.models import Run, ServiceOrder
from volunteers.orders.services import judge_by_phone

pytestmark = pytest.mark.django_db
house = module_world(ServiceHouse)


@pytest.fixture(autouse=True)
def no_tries() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def fields(house: ServiceHouse, **said: object) -> dict[str, object]:
    usual = {"project": house.alarm.pk, "unit": house.yard.pk, "name": "王婆婆", "phone": "15400000055", "source": "phone"}
    return {**usual, **said}


def typed(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def test_what_was_saved_without_signal_counts_from_then(house: ServiceHouse) -> None:
    client, saved = as_user(house.user("cadre")), timezone.now() - timedelta(hours=3)
    form = {"form": "service", "key": str(uuid4()), "fields": fields(house, saved_at=saved.isoformat())}
    assert [client.post("/log/send/", form, "application/json").status_code for _ in range(2)] == [201, 200]
    order = ServiceOrder.objects.get()
    assert order.asked_at == saved and order.logged_at > saved
    assert order.contact_due_at == saved + timedelta(minutes=10)
    assert 'name="saved_at"' in text(client, "/service-orders/log/")


def test_a_clock_that_is_ahead_saves_now_and_what_waited_long_needs_its_time(house: ServiceHouse) -> None:
    client, now = as_user(house.user("cadre")), timezone.now()
    client.post("/service-orders/log/", fields(house, client_key=uuid4(), saved_at=(now + timedelta(hours=9)).isoformat()))
    assert now <= ServiceOrder.objects.get().asked_at <= timezone.now()
    old = fields(house, client_key=uuid4(), saved_at=(now - timedelta(hours=25)).isoformat())
    refused = client.post("/service-orders/log/", old)
    assert refused.status_code == 422 and "请写上点单时间" in refused.content.decode() and ServiceOrder.objects.count() == 1
    client.post("/service-orders/log/", {**old, "asked_at": typed(now - timedelta(hours=25))})
    assert ServiceOrder.objects.count() == 2


@pytest.mark.parametrize("name", ["visit", "household", "resident"])
@pytest.mark.parametrize("key", ["9" * 30, "9" * 5000, "²", "-1", "0"])
def test_an_address_with_a_key_that_is_none_fills_in_nothing(house: ServiceHouse, name: str, key: str) -> None:
    page = as_user(house.user("cadre")).get(f"/service-orders/log/?{name}={key}")
    assert page.status_code == 200
    assert as_user(house.user("cadre")).post("/service-orders/log/", fields(house, client_key=uuid4(), **{name: key})).status_code == 422


@pytest.mark.parametrize("name", ["asked_at", "wanted_at"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59", "1990-01-01T00:00", "2090-01-01T00:00"])
def test_a_moment_far_away_is_refused_in_words(house: ServiceHouse, name: str, moment: str) -> None:
    client = as_user(house.user("cadre"))
    refused = client.post("/service-orders/log/", fields(house, client_key=uuid4(), **{name: moment}))
    assert refused.status_code == 422 and not ServiceOrder.objects.exists()
    order = house.ask()
    assert client.post(f"/service-orders/{order.pk}/retime/", {"wanted_at": moment}).status_code == 422
    assert client.post(f"/service-orders/{order.pk}/contact/", {"happened_at": moment}).status_code == 422


@pytest.mark.parametrize(("phone", "kept"), [("154 0000 0056", "15400000056"), ("+86 15400000056", "15400000056"), ("8231234", "8231234"),
                                             ("", ""), ("叫他来", None), ("123", None), ("1234567890123", None)])  # fmt: skip
def test_the_desk_takes_phones_that_are_some(house: ServiceHouse, phone: str, kept: str | None) -> None:
    client = as_user(house.user("cadre"))
    answers = [
        client.post("/service-orders/log/", fields(house, client_key=uuid4(), place="东头", **{name: phone})).status_code
        for name in ("phone", "caller_phone")
    ]
    assert answers == [422, 422] if kept is None else answers == [302, 302]
    assert kept is None or ServiceOrder.objects.filter(phone=kept, caller_phone="").exists()


def test_the_public_page_counts_a_phone_however_it_is_written_and_takes_the_place(house: ServiceHouse) -> None:
    url = f"/public/villages/{house.village.pk}/ask/"
    usual = {"project": house.haircut.pk, "name": "李淑珍", "unit": house.yard.pk, "text": "", "place": "东头第三家"}
    ways = ("15400007788", "154 0000 7788", "154-0000-7788", "+8615400007788")
    assert [Client().post(url, {**usual, "phone": phone}).status_code for phone in ways] == [200, 200, 200, 429]
    assert set(ServiceOrder.objects.values_list("phone", "place")) == {("15400007788", "东头第三家")}
    assert Client().post(url, {**usual, "phone": "没有"}).status_code == 422
    assert Client().post(url, {**usual, "phone": "15400007789", "wanted_on": str(today() + timedelta(days=800))}).status_code == 422


def test_a_volunteer_types_when_it_was_or_taps(house: ServiceHouse) -> None:
    begun = timezone.now() - timedelta(hours=2)
    order = house.ask(house.alarm, at=begun)
    house.run(order, house.one, begun)
    client, url = as_user(house.account(house.one)), f"/my-orders/{order.pk}"
    page = text(client, f"{url}/")
    assert f"{url}/contact/" in page and "补记首次联系时间" in page and "补记到达时间" in page
    assert "实际时间" in text(client, f"{url}/contact/")
    at = begun + timedelta(minutes=5)
    early = client.post(f"{url}/contact/", {"happened_at": typed(begun - timedelta(days=1))})
    assert early.status_code == 422 and "不能早于" in early.content.decode()
    assert location(client.post(f"{url}/contact/", {"happened_at": typed(at)})) == "/my-orders/"
    order.refresh_from_db()
    assert order.contacted_at is not None and typed(order.contacted_at) == typed(at) and order.contact_is_late_entry
    client.post(f"{url}/arrive/")
    arrived = Run.objects.get().arrived_at
    assert arrived is not None and timezone.now() - arrived < timedelta(minutes=1)


def test_radios_left_empty_say_what_to_choose(house: ServiceHouse) -> None:
    done, order = house.done(house.two), house.ask()
    house.offer(order, house.one)
    client = as_user(house.user("cadre"))
    assert "请选满意或不满意。" in client.post(f"/service-orders/{done.pk}/judge/", {}).content.decode()
    assert "请选哪位志愿者。" in client.post(f"/service-orders/{order.pk}/accept/", {}).content.decode()
    own = as_user(house.account(house.one))
    assert "请选为什么不接。" in own.post(f"/my-orders/{order.pk}/decline/", {}).content.decode()


def test_an_order_links_to_what_the_user_may_open(house: ServiceHouse) -> None:
    household, _ = house.family("罗三娃")
    order = house.done(house.two, household=household)
    judge_by_phone(order=order, rating="unsatisfied", by=house.user("cadre"), at=MORNING)
    order.refresh_from_db()
    assert order.complaint is not None
    for role in ("staff", "secretary", "cadre", "yard_head", "leader", "supervisor", "overseer"):
        client = as_user(house.user(role))
        page = text(client, f"/service-orders/{order.pk}/")
        for url in set(re.findall(r'href="(/(?:cases|households|visits)/\d+/)"', page)):
            assert client.get(url).status_code == 200, (role, url)
    order.complaint.private = True
    order.complaint.save()
    assert order.complaint.number not in text(as_user(house.user("overseer")), f"/service-orders/{order.pk}/")


def test_saving_is_said_above_the_head(house: ServiceHouse) -> None:
    order = house.ask()
    page = text(as_user(house.user("cadre")), f"/service-orders/{order.pk}/?new=1")
    assert page.index("已登记，编号") < page.index("<h1>")
