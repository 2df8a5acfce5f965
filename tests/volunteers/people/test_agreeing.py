"""Whoever becomes a volunteer has agreed: written down with it, by form and by sheet, a guardian's below fourteen; withdrawal ends it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from governance.errors import DomainError
from governance.periods import today
from tests.volunteers.people.house import AGREED, PeopleHouse, id_number
from villages.consents.services import consent_withdraw
from villages.models import Consent
from volunteers.models import Volunteer
from volunteers.people.errors import VolunteerError
from volunteers.people.sheet_import import HOURS_IMPORT

pytestmark = pytest.mark.django_db
CHILD = {"birth_date": date(2014, 5, 1), "guardian": "李和", "guardian_consented_on": AGREED}


@pytest.fixture
def house() -> PeopleHouse:
    return PeopleHouse()


def consents() -> list[tuple[str, str, date, str]]:
    return list(Consent.objects.order_by("pk").values_list("resident__name", "purpose", "given_on", "how"))


def test_a_residents_consent_stands_with_the_others(house: PeopleHouse) -> None:
    volunteer = house.register(house.resident("李和"), agreed_how="print")
    assert consents() == [("李和", "volunteer", AGREED, "print")] and Consent.objects.get().by == house.cadre
    assert (volunteer.agreed_on, volunteer.agreed_how) == (None, "")


def test_an_outsiders_stands_with_the_volunteer(house: PeopleHouse) -> None:
    volunteer = house.outsider(agreed_how="spoken")
    assert (volunteer.agreed_on, volunteer.agreed_how, consents()) == (AGREED, "spoken", [])
    for change in ({"agreed_on": None}, {"agreed_how": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Volunteer.objects.update(**change)


@pytest.mark.parametrize("missing", [{"agreed_on": None}, {"agreed_how": ""}, {"agreed_on": today() + timedelta(days=1)}])
def test_without_consent_nobody_is_written_down(house: PeopleHouse, missing: dict[str, Any]) -> None:
    resident = house.resident("李和")
    with pytest.raises(VolunteerError, match="同意"):
        house.register(resident, **missing)
    with pytest.raises(VolunteerError, match="同意"):
        house.outsider(**missing)
    assert not Volunteer.objects.exists() and not Consent.objects.exists()


def test_below_fourteen_a_guardian_agrees(house: PeopleHouse) -> None:
    child = house.resident("李小", birth_date=CHILD["birth_date"])
    said: dict[str, Any] = {name: value for name, value in CHILD.items() if name != "birth_date"}
    without: tuple[dict[str, Any], ...] = ({}, {"guardian": "李和"})
    for refused in without:
        with pytest.raises(DomainError, match="监护人"):
            house.register(child, **refused)
    assert not Volunteer.objects.exists(), "all or nothing"
    house.register(child, **said, guardian_relation="父亲")
    consent = Consent.objects.get()
    assert (consent.guardian, consent.guardian_relation) == ("李和", "父亲")


def test_a_consent_that_stands_is_enough_and_its_withdrawal_ends_all(house: PeopleHouse) -> None:
    volunteer = house.admitted("李和")
    resident = volunteer.resident
    assert resident is not None
    Volunteer.objects.filter(pk=volunteer.pk).update(state="left", left_on=today(), reason="搬走")
    again = house.register(resident, agreed_on=None, agreed_how="")
    assert len(consents()) == 1
    consent_withdraw(consent=Consent.objects.get(), by=house.cadre)
    again.refresh_from_db()
    assert (again.state, again.reason) == ("left", "撤回同意")
    with pytest.raises(VolunteerError, match="同意"):
        house.register(resident, agreed_on=None, agreed_how="")
    house.register(resident)
    assert len(consents()) == 2


def test_the_form_asks_once_and_the_page_says_it(house: PeopleHouse, client: Client) -> None:
    client.force_login(house.cadre, backend="django.contrib.auth.backends.ModelBackend")
    page, resident = reverse("volunteers:volunteer-register"), house.resident("李和")
    asked = client.get(page, {"resident": resident.pk}).content.decode()
    assert "本人同意参加的日期" in asked and "当面口头，有旁证" in asked
    sent = {"resident": resident.pk, "village": house.village.pk, "days": "all", "agreed_on": "2026-03-01", "agreed_how": ""}
    refused = client.post(page, sent)
    assert refused.status_code == 422 and 'value="2026-03-01"' in refused.content.decode() and not Consent.objects.exists()
    shown = client.post(page, {**sent, "agreed_how": "signed"}, follow=True).content.decode()
    assert "本人同意" in shown and "2026-03-01，书面签字" in shown and len(consents()) == 1
    change = client.get(reverse("volunteers:volunteer-change", args=[Volunteer.objects.get().pk])).content.decode()
    assert "本人同意参加的日期" not in change
    Volunteer.objects.update(state="left", left_on=today(), reason="搬走")
    assert "本人同意参加的日期" not in client.get(page, {"resident": resident.pk}).content.decode(), "it stands"


HEAD = "村,姓名,服务日期,时长,身份证号,电话"
ROWS = f"八一村,李和,2026-03-05,2小时,,\n八一村,外乡人,2026-03-05,2小时,{id_number('19900101')},15400000009\n"


def read(house: PeopleHouse, text: str, **about: Any) -> Any:
    return HOURS_IMPORT.read(file=text.encode(), filename="表.csv", township=house.township, by=house.user("staff"), **about)


def test_a_sheet_without_a_day_makes_nobody_a_volunteer(house: PeopleHouse) -> None:
    house.resident("李和")
    sheet = read(house, f"{HEAD}\n{ROWS}")
    assert ["没有写明本人同意的日期" in item.row.reason for item in sheet.judged().rows] == [True, True]
    assert HOURS_IMPORT.commit(sheet, include_look=True, by=house.user("staff")).new == 0
    late = read(house, f"{HEAD},同意日期\n八一村,李和,2026-03-05,2小时,,,2099-01-01\n")
    assert "同意日期晚于今天" in late.judged().rows[0].row.reason


@pytest.mark.parametrize("way", ["column", "question", "both"])
def test_by_a_sheet_it_is_the_rows_day_or_that_of_all(house: PeopleHouse, way: str) -> None:
    house.resident("李和")
    text = f"{HEAD}\n{ROWS}"
    if way != "question":
        first, *rest = text.strip().splitlines()
        text = "\n".join([f"{first},书面同意日期", *(f"{row},2026-02-0{n}" for n, row in enumerate(rest, 1))])
    sheet = read(house, text, **({} if way == "column" else {"agreed_on": "2026-01-15"}))
    assert HOURS_IMPORT.commit(sheet, include_look=True, by=house.user("staff")).people == 2
    own = way != "question"
    assert consents() == [("李和", "volunteer", date(2026, 2, 1) if own else date(2026, 1, 15), "signed")]
    outsider = Volunteer.objects.get(resident=None)
    assert (outsider.agreed_on, outsider.agreed_how) == (date(2026, 2, 2) if own else date(2026, 1, 15), "signed")


def test_a_sheet_needs_no_day_of_who_has_agreed(house: PeopleHouse) -> None:
    volunteer = house.admitted("李和")
    Volunteer.objects.filter(pk=volunteer.pk).update(state="left", left_on=today(), reason="搬走")
    sheet = read(house, f"{HEAD}\n八一村,李和,2026-03-05,2小时,,\n")
    assert HOURS_IMPORT.commit(sheet, include_look=True, by=house.user("staff")).people == 1
    assert len(consents()) == 1


def test_the_staff_page_asks_once_for_the_sheet(house: PeopleHouse, client: Client) -> None:
    house.resident("李和")
    client.force_login(house.user("staff"), backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("admin:volunteers_hoursimport_add")
    assert "新登记的人书面同意的日期" in client.get(page).content.decode()
    def sent(day: str) -> Any:
        file = SimpleUploadedFile("表.csv", f"{HEAD}\n{ROWS}".encode())
        return client.post(page, {"township": house.township.pk, "file": file, "agreed_on": day}, follow=True).content.decode()

    assert "不能晚于今天" in sent("2099-01-01")
    assert "没有写明本人同意的日期" in sent("") and "没有写明本人同意的日期" not in sent("2026-01-15")
