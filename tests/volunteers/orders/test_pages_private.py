"""What the pages keep from those who may look at orders but not at the one served: words that may name them (mission M30)."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from governance.cases.models import Visit
from tests.answers import ClientAnswer, streamed
from tests.builders import make_resident
from tests.cases.house import MORNING
from tests.volunteers.orders.house import ServiceHouse
from tests.volunteers.orders.test_pages import as_user, text
from tests.worlds import module_world
from villages.models import Household
from volunteers.models import CareNote, Run
from volunteers.orders.services import judge_by_phone, offer_decline, order_contact, run_finish, run_redispatch

pytestmark = pytest.mark.django_db
house = module_world(ServiceHouse)
LOOKERS = ("supervisor", "overseer", "leader")


def visit_of(house: ServiceHouse, household: Household) -> Visit:
    return Visit.objects.create(
        kind="call", village=house.village, unit=house.yard, household=household, went_at=MORNING, seen="看了看", by=house.user("cadre"),
        logged_at=MORNING,
    )  # fmt: skip


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


def test_no_household_and_no_visit_leads_lookers_to_the_one_served(house: ServiceHouse) -> None:
    household, person = house.family("罗三娃")
    visit = visit_of(house, household)
    order = house.ask(household=household, visit=visit)
    pages = (f"/households/{household.pk}/", f"/visits/{visit.pk}/")
    for role in ("overseer", "secretary"):
        client = as_user(house.user(role))
        opened = [client.get(url) for url in pages]
        assert any(answer.status_code == 200 for answer in opened), role
        shown = [f"/service-orders/{order.pk}/" in answer.content.decode() for answer in opened]
        assert shown == [role == "secretary"] * 2
        assert (f"/visits/{visit.pk}/" in text(client, f"/service-orders/{order.pk}/")) == (role == "secretary"), role


def test_it_is_filled_in_from_the_care_note_of_a_visit(house: ServiceHouse) -> None:
    household, head = house.family("罗三娃")
    mother = make_resident(household, "罗阿婆", phone="15400006655", relation="母亲")
    visit = visit_of(house, household)
    CareNote.objects.create(visit=visit, resident=head, condition="well", by=house.user("cadre"), at=MORNING)
    client, url = as_user(house.user("cadre")), f"/service-orders/log/?visit={visit.pk}"
    assert client.get(url).context["form"]["name"].value() == "罗三娃"
    CareNote.objects.create(visit=visit, resident=mother, condition="needs", need="要人陪去医院", by=house.user("cadre"), at=MORNING)
    form = client.get(url).context["form"]
    found = [form[name].value() for name in ("resident", "name", "phone", "text", "household")]
    assert found == [mother.pk, "罗阿婆", "15400006655", "要人陪去医院", household.pk]
