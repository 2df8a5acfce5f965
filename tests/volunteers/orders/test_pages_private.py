"""What the pages keep from those who may look at orders but not at the one served: words that may name them (mission M30)."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests.answers import ClientAnswer, streamed
from tests.cases.house import MORNING
from tests.volunteers.orders.house import ServiceHouse
from tests.volunteers.orders.test_pages import as_user, text
from tests.worlds import module_world
from volunteers.models import Run
from volunteers.orders.services import judge_by_phone, offer_decline, order_contact, run_finish, run_redispatch

pytestmark = pytest.mark.django_db
house = module_world(ServiceHouse)
LOOKERS = ("supervisor", "overseer", "leader")


def test_words_of_an_order_are_for_those_alone_who_know_the_person(house: ServiceHouse) -> None:
    order = house.ask(text="打听罗三娃")
    house.offer(order, house.three)
    offer_decline(order=order, volunteer=house.three, reason="打听罗三娃", by=house.account(house.three), at=MORNING)
    run_redispatch(run=house.run(order, house.one), reason="打听罗三娃", by=house.user("cadre"), at=MORNING)
    order_contact(order=order, happened_at=MORNING, note="打听罗三娃", by=house.user("cadre"), at=MORNING)
    run_finish(run=house.run(order, house.two), by=house.user("cadre"), at=MORNING)
    judge_by_phone(order=order, rating="unsatisfied", words="打听罗三娃", by=house.user("cadre"), at=MORNING)
    for role in LOOKERS:
        client = as_user(house.user(role))
        for url in (f"/service-orders/{order.pk}/", "/service-orders/?tab=all", f"/api/v1/service-orders/{order.pk}/",
                    "/api/v1/service-orders/"):  # fmt: skip
            page = text(client, url)
            assert "罗三娃" not in page and order.number in page, (role, url)
        assert order.number not in text(client, "/service-orders/?tab=all&q=罗三娃").split("<table")[-1]
    known = as_user(house.user("cadre"))
    page = text(known, f"/service-orders/{order.pk}/")
    assert page.count("打听罗三娃") >= 5  # need, refusal, end of the run, contact, judgement
    assert order.number in text(known, "/service-orders/?tab=all&q=罗三娃")
    assert "罗三娃" in text(known, "/service-orders/?tab=all") and Run.objects.count() == 2
    assert "罗三娃" not in text(as_user(house.user("staff")), f"/admin/volunteers/serviceorder/{order.pk}/change/")


@pytest.mark.parametrize("written", ["154 0000 7788", "154-0000-7788", "１５４００００７７８８", "154.0000.7788", "7788"])
def test_the_export_keeps_no_figures_however_they_are_written(house: ServiceHouse, written: str) -> None:
    house.ask(text=f"打电话{written}再来")
    answer: ClientAnswer = as_user(house.user("cadre")).get("/service-orders/export/?tab=all")
    needs = [row[3] for row in load_workbook(BytesIO(streamed(answer))).active.values if row[2] == "李**"]
    assert needs == ["打电话…再来"]
