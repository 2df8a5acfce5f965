"""Re-checks, household checks and patrols by the API: the same people are refused as on the pages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from governance.accounts.duties import Duty
from inspections.models import FrontPatrol, HouseholdCheck, Order
from moral_bank.models import Entry
from tests.builders import make_account, make_household, make_resident
from tests.inspections.checks.house import CheckHouse, this_month
from tests.inspections.fronts.house import FrontHouse
from tests.inspections.orders.house import OrderHouse
from tests.inspections.rounds.test_api import ask
from villages.models import Post

pytestmark = pytest.mark.django_db


def test_it_rechecks_by_another_person_alone(client: Client) -> None:
    house = OrderHouse()
    order = house.reported()
    path, said = f"orders/{order.pk}/check/", {"passed": True, "opinion": "已清理"}
    assert ask(client, house.secretary, path, said)[0] == 404
    status, refusal = ask(client, house.staff, path, said)
    assert status == 400 and "另一人复核" in str(refusal)
    home = make_household(house.villages[1])
    Post.objects.filter(user=house.supervisor).update(resident=make_resident(home, "王一"))
    brother = make_resident(home, "王二")
    Post.objects.create(kind=Duty.OVERSEER, unit=house.village, resident=brother, appointed_on="2026-01-01")
    status, refusal = ask(client, house.supervisor, path, said)
    assert status == 400 and "应当回避" in str(refusal)
    assert ask(client, house.second, path, said)[1]["state"] == "closed"
    assert Order.objects.get().checked_by == house.second


def test_it_signs_and_reports(client: Client) -> None:
    house = OrderHouse()
    now = timezone.now()
    order = house.issue(house.finding(at=now), at=now)
    assert ask(client, house.secretary, f"orders/{order.pk}/sign/", {})[1]["state"] == "signed"
    shown = ask(client, house.secretary, f"orders/{order.pk}/report/", {"text": "已清理干净"})[1]
    assert (shown["state"], [step["step"] for step in shown["steps"]]) == ("reported", ["issue", "sign", "report"])


def test_it_judges_a_household_once_and_not_the_own(client: Client) -> None:
    house = CheckHouse(homes=2)
    make_account(house.homes[0])
    house.kin("yard_head", 1)
    path = "household-checks/"
    said = {"household": house.homes[0].pk, "month": str(this_month().start), "faults": {}}
    assert ask(client, house.user("sanitation"), path, said)[1]["plate"] == "clean"
    assert ask(client, house.user("sanitation"), path, said)[0] == 201
    assert (HouseholdCheck.objects.count(), Entry.objects.count()) == (1, 1)
    status, refusal = ask(client, house.user("yard_head"), path, {**said, "household": house.homes[1].pk})
    assert status == 400 and "请他人评" in str(refusal)
    assert ask(client, house.user("supervisor"), path, said)[0] == 404


def test_it_looks_again_by_another_person(client: Client) -> None:
    house = FrontHouse()
    card_item = house.checklist.sections.order_by("position")[0].items.order_by("position")[0]
    patrol = house.patrol(house.shop(), named={card_item.name: 1})
    path = f"patrols/{patrol.pk}/recheck/"
    status, refusal = ask(client, house.cast["sanitation"], path, {"passed": True})
    assert status == 400 and "复查" in str(refusal)
    assert ask(client, house.cast["cadre"], path, {"passed": True})[1]["state"] == "fixed"
    assert FrontPatrol.objects.get().rechecked_by == house.cast["cadre"]
