"""What the portal knows is not typed again: people from the register, an outcome, the category used most."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.cases.disputes import services as disputes
from governance.cases.engine.log_views import OFTEN
from governance.periods import today
from tests.builders import make_resident
from tests.cases.house import CaseHouse
from villages.models import Post, Resident

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def house() -> CaseHouse:
    return CaseHouse()


@pytest.fixture
def cadre(client: Client, house: CaseHouse) -> Client:
    client.force_login(house.user("cadre"), backend=BACKEND)
    return client


def test_people_come_from_the_register(cadre: Client, house: CaseHouse) -> None:
    household, head = house.family()
    other = make_resident(household, "王小红")
    Resident.objects.filter(pk=other.pk).update(phone="15400000007")
    Resident.objects.filter(pk=head.pk).update(phone="15400000008")
    form = cadre.get(f"/log/?household={household.pk}&kind=errand").context["form"]
    assert [form[name].value() for name in ("client", "parties", "phone")] == ["王小明", "王小明", "15400000008"]
    Resident.objects.filter(pk=head.pk).update(phone="")
    assert cadre.get(f"/log/?household={household.pk}").context["form"]["phone"].value() == "15400000007"


def test_an_outcome_is_typed_once(cadre: Client, house: CaseHouse) -> None:
    by = house.user("cadre")
    case = house.log("linli", mine=True, parties=("赵六", "钱七"), at=timezone.now())
    disputes.mediator_set(case=case, post=Post.objects.get(user=by), by=by)
    said: dict[str, Any] = {"held_at": timezone.now(), "place": "村委会", "present": "双方"}
    disputes.sitting_add(case=case, by=by, **said, content="道路共用，各让半米", outcome="agreed")
    assert cadre.get(f"/cases/{case.pk}/agreement/").context["form"]["terms"].value() == "道路共用，各让半米"
    disputes.agreement_make(case=case, by=by, signed_on=today(), facts="过路", terms="道路共用，各让一尺")
    disputes.performance_set(case=case, by=by, performance="full", on=today())
    assert cadre.get(f"/cases/{case.pk}/step/finish/").context["form"]["result"].value() == "道路共用，各让一尺"


def test_no_outcome_of_a_sitting_is_chosen_beforehand(cadre: Client, house: CaseHouse) -> None:
    by = house.user("cadre")
    case = house.log("linli", mine=True, parties=("赵六", "钱七"), at=timezone.now())
    disputes.mediator_set(case=case, post=Post.objects.get(user=by), by=by)
    outcome = cadre.get(f"/cases/{case.pk}/sittings/").context["form"]["outcome"]
    assert not outcome.value() and outcome.field.choices[0][0] == ""


def test_what_is_chosen_most_stands_first(cadre: Client, house: CaseHouse) -> None:
    context = cadre.get("/log/").context
    assert len(context["often"]) == OFTEN
    last = context["kinds"][-1][2][-1]
    house.log(last.code, at=timezone.now())
    page = cadre.get("/log/")
    assert page.context["often"][0] == last
    listed = [one for _, _, group in page.context["kinds"] for one in group]
    assert last not in listed
    assert len(listed) + OFTEN == page.content.decode().count('name="category"')
    asked = cadre.get("/log/?kind=dispute").context["often"]
    assert {one.kind for one in asked[:3]} == {"dispute"}
    chosen = listed[-1]
    assert cadre.get(f"/log/?category={chosen.pk}").context["often"][0] == chosen
