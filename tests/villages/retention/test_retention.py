"""Who moved or died long ago is forgotten, with their history; the ledger, its chain and case files stay; what is open keeps them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client

from governance.accounts.models import User
from moral_bank.models import Account, Claim, Entry, PanelMember
from moral_bank.proof.chain import chain_seal
from moral_bank.proof.models import ChainLink
from tests.builders import make_account, make_entry, make_household, make_resident
from tests.cases.house import MORNING
from tests.pages import neighbour
from tests.sheets.messy import make_id
from tests.volunteers.orders.house import ServiceHouse
from villages.households.services import HouseholdError, resident_update
from villages.models import Forgetting, Household, Post, Resident, Retention
from villages.retention.services import (
    RetentionError,
    residents_due,
    residents_forget,
    residents_forget_all,
    retention_set,
)
from villages.tasks import residents_forget as night
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
TODAY = date(2036, 3, 10)
LONG_AGO = date(2026, 3, 10)
NUMBER = make_id(date(1950, 1, 1), 121)
SECRETS = ("吴老大", NUMBER, "15400000077", "1950-01-01", "瘫痪")


class House(ServiceHouse):
    """A household of which the only one died ten years ago today, with points."""

    def __init__(self) -> None:
        super().__init__()
        self.home = make_household(self.village, "吴老大", number="W-99")
        self.account: Account = make_account(self.home)  # type: ignore[assignment]
        self.person = make_resident(self.home, "吴老大", NUMBER, phone="15400000077", birth_date=date(1950, 1, 1), note="瘫痪")
        make_entry(self.account, self.rules.deeds.get(code="S1"), LONG_AGO, self.cast["staff"])
        self.leave(self.person)

    @staticmethod
    def leave(person: Resident, on: date = LONG_AGO, status: str = "died") -> None:
        person.status, person.status_on = status, on
        person.save()

    def due(self, on: date = TODAY) -> list[str]:
        return [person.name for person in residents_due(self.township, on)]

    def forget(self, on: date = TODAY) -> int:
        return residents_forget(township=self.township, by=self.cast["staff"], on=on)


@pytest.fixture
def house() -> House:
    return House()


def said(*tables: str) -> str:
    """All that tables hold, as text."""
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def test_it_takes_out_who_is_gone_for_ten_years_with_all_history(house: House) -> None:
    chain_seal()
    kept = list(Entry.objects.values()), list(ChainLink.objects.values())
    assert house.due() == ["吴老大"] and house.due(date(2036, 3, 9)) == []
    assert house.forget() == 1 and house.due() == [] and house.forget() == 0

    person, home = Resident.objects.get(pk=house.person.pk), Household.objects.get(pk=house.home.pk)
    assert (person.name, person.phone, person.id_number, person.birth_date, person.note) == ("已注销", "", "", None, "")
    assert (person.household, person.status, person.status_on, person.forgotten_on) == (home, "died", LONG_AGO, TODAY)
    assert home.head_name == "已注销" and home.number == "W-99"
    everything = said("villages_resident", "villages_historicalresident", "villages_household", "villages_historicalhousehold")
    assert not [secret for secret in SECRETS if secret in everything]
    assert {row.phone for row in Resident.history.filter(id=person.pk)} == {""} and not Resident.objects.with_id_number(NUMBER)
    assert (list(Entry.objects.values()), list(ChainLink.objects.values())) == kept
    assert Resident.history.filter(id=person.pk).latest().history_user == house.cast["staff"]
    assert [(run.by, run.years, run.residents) for run in Forgetting.objects.all()] == [(house.cast["staff"], 10, 1)]


def test_it_leaves_who_is_present_who_left_lately_and_whose_day_is_unknown(house: House) -> None:
    home = make_household(house.village, "郑大", number="W-100")
    make_resident(home, "郑大")
    house.leave(make_resident(home, "郑二"), date(2026, 3, 11), "moved")
    undated = make_resident(home, "郑三")
    Resident.objects.filter(pk=undated.pk).update(status="moved", status_on=None)
    house.leave(make_resident(home, "郑四"), status="moved")
    assert sorted(house.due()) == ["吴老大", "郑四"]
    house.forget()
    home.refresh_from_db()
    assert home.head_name == "郑大", "a household where somebody is still known keeps its head"


def claimed(house: House) -> None:
    deed = house.rules.deeds.get(code="S1")
    Claim.objects.create(
        account=house.account, deed=deed, score=deed.score, declared_by=house.cast["cadre"], occurred_on=LONG_AGO, declared_at=MORNING
    )


def seated(house: House) -> None:
    PanelMember.objects.create(
        village=house.village, resident=house.person, appointed_on=LONG_AGO, appointed_by=house.cast["cadre"]
    )


OPEN: dict[str, Callable[[House], Any]] = {
    "claim": claimed,
    "panel": seated,
    "case": lambda house: house.log(household=house.home),
    "order": lambda house: house.ask(resident=house.person, household=house.home),
    "volunteer": lambda house: house.volunteer("吴老大", resident=house.person),
    "post": lambda house: Post.objects.create(kind="overseer", unit=house.village, resident=house.person, appointed_on=LONG_AGO),
}


@pytest.mark.parametrize("what", OPEN)
def test_it_waits_until_nothing_is_open(house: House, what: str) -> None:
    OPEN[what](house)
    assert house.due() == [] and house.forget() == 0
    assert Resident.objects.get(pk=house.person.pk).name == "吴老大"


def test_who_was_a_volunteer_bears_no_name_either(house: House) -> None:
    volunteer = house.volunteer("吴老大", resident=house.person, phone="15400000077", guardian="吴父")
    Volunteer.objects.filter(pk=volunteer.pk).update(state="left", left_on=LONG_AGO, reason="去世")
    assert house.forget() == 1
    volunteer.refresh_from_db()
    assert (volunteer.name, volunteer.phone, volunteer.guardian, volunteer.adult_on) == ("已注销", "", "已注销", None)
    assert "吴" not in said("volunteers_volunteer", "volunteers_historicalvolunteer")


def test_the_rule_is_the_townships_own(house: House) -> None:
    staff = house.cast["staff"]
    retention_set(township=house.township, years=12, nightly=False, by=staff)
    assert house.due() == [] and house.due(date(2038, 3, 10)) == ["吴老大"]
    retention_set(township=house.township, years=None, nightly=False, by=staff)
    assert house.due(date(2099, 1, 1)) == []
    with pytest.raises(RetentionError, match="先写保留年数"):
        retention_set(township=house.township, years=None, nightly=True, by=staff)
    for by in (house.cast["cadre"], neighbour()["staff"]):
        with pytest.raises(RetentionError, match="您不能"):
            retention_set(township=house.township, years=5, nightly=False, by=by)
        with pytest.raises(RetentionError, match="您不能"):
            residents_forget(township=house.township, by=by, on=TODAY)
    assert Retention(years=10).limit(date(2036, 2, 29)) == date(2026, 2, 28)


@time_machine.travel("2036-03-10 04:00+08:00", tick=False)
def test_the_night_does_it_only_where_it_was_switched_on(house: House) -> None:
    assert night() == residents_forget_all() == 0
    retention_set(township=house.township, years=10, nightly=True, by=house.cast["staff"])
    assert night() == 1
    assert Forgetting.objects.get().by is None


def test_what_is_forgotten_stays_so(house: House) -> None:
    house.forget()
    fields = {"name": "吴老大", "sex": "", "birth_date": None, "phone": "", "relation": ""}
    with pytest.raises(HouseholdError, match="已经注销"):
        resident_update(resident=house.person, **fields, by=house.cast["staff"])  # type: ignore[arg-type]
    for change in ({"name": "吴老大"}, {"forgotten_on": None}, {"status": "present"}, {"birth_date": LONG_AGO}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Resident.objects.filter(pk=house.person.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Forgetting.objects.all().delete()


def pressed(page: str) -> dict[str, str]:
    """What the button of the page sends."""
    return {"looked_at": re.findall(r'name="looked_at" value="([^"]+)"', page)[0]}


@time_machine.travel("2036-03-10 10:00+08:00", tick=False)
@pytest.mark.parametrize("change", ["one more", "one less", "another"])
def test_only_the_list_that_was_looked_at_is_forgotten(client: Client, house: House, change: str) -> None:
    client.force_login(house.cast["staff"])
    page = client.get("/retention/", follow=True)
    address = page.redirect_chain[-1][0]
    if change != "one less":
        house.leave(make_resident(house.home, "吴老二"))
    if change != "one more":
        Resident.objects.filter(pk=house.person.pk).update(status="present", status_on=None)
    now = {"one more": 2, "one less": 0, "another": 1}[change]
    for sent in (pressed(page.content.decode()), {"looked_at": ""}, {"looked_at": "x-y"}, {}):
        answer = client.post(f"{address}run/", sent, follow=True).content.decode()
        assert f"现在是 {now} 人。请看过现在的名单再注销" in answer and not Resident.objects.filter(name="已注销").exists()
        assert "您看到的名单有 1 人，" in answer or sent.get("looked_at", "x-y") in ("", "x-y")
    assert ("吴老二" in answer) == (now > 0) and not Forgetting.objects.exists()
    if now:
        assert f"已注销 {now} 人的资料" in client.post(f"{address}run/", pressed(answer), follow=True).content.decode()


@time_machine.travel("2036-03-10 10:00+08:00", tick=False)
def test_it_is_looked_at_before_it_is_done(client: Client, house: House) -> None:
    staff: User = house.cast["staff"]
    client.force_login(staff)
    start = client.get("/retention/", follow=True)
    page = start.content.decode()
    assert "吴老大" in page and "满 10 年后注销" in page and "注销到期的 1 人" in page
    assert Resident.objects.filter(name="吴老大").exists(), "looking does nothing"
    address = start.redirect_chain[-1][0]
    done = client.post(f"{address}run/", pressed(page), follow=True).content.decode()
    assert "已注销 1 人的资料" in done and "吴老大" not in done
    assert "已注销" in client.get(f"{address}?tab=done").content.decode()
    answer = client.post(f"{address}rule/", {"years": "", "nightly": "on"})
    assert answer.status_code == 422 and "先写保留年数" in answer.content.decode()
    assert client.post(f"{address}rule/", {"years": "15"}).status_code == 302
    assert Retention.objects.get().years == 15
    client.force_login(house.cast["cadre"])
    assert client.get(address).status_code == 404
