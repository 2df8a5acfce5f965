"""Whom the pages say to ring: those on call, else the village's secretary and cadres; private phones to those alone who log there."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from governance.cases.models import Shift, ShiftKind
from governance.periods import today
from tests.cases.house import MORNING
from tests.volunteers.orders.house import ServiceHouse
from tests.volunteers.orders.test_pages import as_user, text
from tests.worlds import module_world
from villages.models import Post

pytestmark = pytest.mark.django_db
house = module_world(ServiceHouse)
NOBODY = "现在没有排应急值守"


def on_call(house: ServiceHouse, phone: str | None) -> None:
    """甲, a resident with the phone 15400004321, is on call today and through the night."""
    resident = house.one.resident
    assert resident is not None
    resident.phone = "15400004321"
    resident.save()
    post = Post.objects.create(kind="volunteer", unit=house.village, resident=resident, appointed_on=MORNING.date(), phone=phone)
    for starts, ends in (("00:00", "12:00"), ("12:00", "00:00")):
        kind = ShiftKind.objects.create(village=house.village, name=f"应急{starts}", purpose="oncall", starts=starts, ends=ends, days="all")
        Shift.objects.create(village=house.village, kind=kind, day=today(), post=post, published_at=MORNING)


def pages(house: ServiceHouse) -> dict[str, str]:
    order = house.ask(house.alarm, at=timezone.now())
    return {
        "log": text(as_user(house.user("cadre")), "/service-orders/log/"),
        "order": text(as_user(house.user("cadre")), f"/service-orders/{order.pk}/"),
        "looker": text(as_user(house.user("overseer")), f"/service-orders/{order.pk}/"),
        "public": text(Client(), f"/public/villages/{house.village.pk}/ask/"),
    }


def test_where_nobody_is_on_call_it_says_so_and_names_the_cadres(house: ServiceHouse) -> None:
    Post.objects.filter(unit=house.village, kind="secretary").update(phone="15400009001")
    cadre = house.user("cadre")
    cadre.phone = "15400009002"
    cadre.save()
    found = pages(house)
    assert all(NOBODY in page and "tel:15400009001" in page for page in found.values())
    assert {name for name, page in found.items() if "tel:15400009002" in page} == {"log", "order"}


def test_who_is_on_call_is_rung_by_the_public_phone_else_by_their_own_where_the_user_logs(house: ServiceHouse) -> None:
    on_call(house, None)
    found = pages(house)
    assert not any(NOBODY in page for page in found.values())
    assert {name for name, page in found.items() if "15400004321" in page} == {"log", "order"}
    Post.objects.filter(kind="volunteer", resident=house.one.resident).update(phone="15400009003")
    found = pages(house)
    assert all("tel:15400009003" in page and "15400004321" not in page for page in found.values())


def test_no_page_speaks_of_a_number_that_is_not_there(house: ServiceHouse) -> None:
    order = house.done(house.one)
    slip = as_user(house.user("cadre")).post(f"/service-orders/{order.pk}/slip/").content.decode()
    assert "打" not in slip[slip.index("扫二维码") : slip.index("丢了")]
    Post.objects.filter(unit=house.village, kind="secretary").update(phone="15400009001")
    assert "15400009001" in as_user(house.user("cadre")).post(f"/service-orders/{order.pk}/slip/").content.decode()


def test_the_dispatcher_rings_volunteers_that_are_asked_or_can_be(house: ServiceHouse) -> None:
    order = house.ask()
    for volunteer, phone in ((house.one, "15400005001"), (house.two, "15400005002"), (house.three, "15400005003")):
        volunteer.phone = phone
        volunteer.save()
    chosen = text(as_user(house.user("cadre")), f"/service-orders/{order.pk}/dispatch/")
    assert all(f"tel:{volunteer.phone}" in chosen for volunteer in (house.one, house.two, house.three))
    assert chosen.count("没有账号，请打电话") == 1 and "乙 （没有账号）" in chosen
    house.offer(order, house.one, house.two)
    sent = text(as_user(house.user("cadre")), f"/service-orders/{order.pk}/")
    assert "tel:15400005001" in sent and "tel:15400005002" in sent and sent.count("没有账号，请打电话") == 1
    for role in ("overseer", "yard_head"):
        assert "tel:1540000500" not in text(as_user(house.user(role)), f"/service-orders/{order.pk}/"), role
