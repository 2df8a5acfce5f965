"""One file of what the portal holds on a person: every table that leads to a resident is in it or left out for a reason; logged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.accounts.models import AccessLog, User
from governance.frame.personal import told_of
from governance.rooms import named
from tests.builders import make_account, make_entry, make_household, make_resident
from tests.cases.house import MORNING
from tests.sheets.messy import make_id
from tests.volunteers.orders.house import ServiceHouse
from villages.households.personal import resident_tell
from villages.households.services import HouseholdError
from villages.models import Resident

NUMBER = make_id(date(1990, 1, 1), 121)
LEFT_OUT = {
    "moral_bank.StockTake.witness_resident": "盘点的监盘人，台账上签名的事，不是关于这个人的资料",
    "volunteers.CareDecision.resident": "工作人员不纳入的内部决定，没有这个人的新资料",
}
LEFT_OUT_KINDS = ("Historical",)  # earlier states of rows that the file has


def test_every_table_of_a_person_is_in_the_file_or_left_out_for_a_reason() -> None:
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is Resident and not model.__name__.startswith(LEFT_OUT_KINDS)
    }
    held = {f"{one.model._meta.label}.{one.path.split('__')[0]}" for room in named("person") for one in room}
    assert len(found) > 8
    assert found - held == set(LEFT_OUT)


class House(ServiceHouse):
    """Somebody of whom every room holds something, and somebody else."""

    def __init__(self) -> None:
        super().__init__()
        self.home = make_household(self.village, "吴老大", number="0099", address="柏树院 7 号")
        self.person = make_resident(self.home, "吴老大", NUMBER, phone="15400000077", note="低保")
        self.other = make_resident(make_household(self.village, "郑大", number="0100"), "郑大", phone="15400000088")
        make_entry(make_account(self.home), self.rules.deeds.get(code="S1"), date(2026, 3, 10), self.cast["staff"])
        self.ask(resident=self.person, household=self.home, text="请帮忙理发")
        self.case = self.log(household=self.home)
        self.volunteer("吴老大", resident=self.person, phone="15400000077")

    def told(self, **fields: Any) -> str:
        arguments: dict[str, Any] = {"resident": self.person, "applicant": "本人，已核对身份证", "by": self.cast["staff"]}
        return resident_tell(**{**arguments, **fields}).decode()


@pytest.mark.django_db
def test_it_says_all_of_the_person_and_nothing_of_others() -> None:
    house = House()
    page = house.told()
    for words in ("吴老大", NUMBER, "15400000077", "低保", "柏树院 7 号", "请帮忙理发", house.case.number, "本户的积分记录", "志愿者"):
        assert words in page, words
    assert "郑大" not in page and "15400000088" not in page
    logged = AccessLog.objects.get(kind=AccessLog.Kind.EXPORT)
    assert logged.detail == f"个人资料：居民 {house.person.pk}（申请：本人，已核对身份证）"


@pytest.mark.django_db
def test_what_was_told_in_confidence_is_not_in_it() -> None:
    house = House()
    hidden = house.log(household=house.home, private=True, at=MORNING.replace(hour=11), text="说了别告诉他")
    assert hidden.private and hidden.number not in house.told()


@pytest.mark.django_db
@pytest.mark.parametrize(("change", "reason"), [({"applicant": "  "}, "谁来申请"), ({"by": "cadre"}, "您不能")])
def test_it_refuses(change: dict[str, Any], reason: str) -> None:
    house = House()
    if "by" in change:
        change = {"by": house.cast[change["by"]]}
    with pytest.raises(HouseholdError, match=reason):
        house.told(**change)
    assert not AccessLog.objects.filter(kind=AccessLog.Kind.EXPORT).exists()


@pytest.mark.django_db
def test_it_is_handed_out_once_for_each_time_asked(client: Client) -> None:
    house = House()
    client.force_login(house.cast["staff"])
    assert "出具资料" in client.get(f"/households/{house.home.pk}/").content.decode()
    assert client.post(f"/residents/{house.person.pk}/tell/", {"applicant": ""}).status_code == 422
    assert client.get(f"/residents/{house.person.pk}/told/").status_code == 302, "not without being asked"
    answer = client.post(f"/residents/{house.person.pk}/tell/", {"applicant": "本人"})
    file = client.get(answer["Location"])
    assert file["Content-Disposition"].startswith("attachment") and NUMBER.encode() in file.getvalue()
    assert client.get(answer["Location"]).status_code == 302
    client.force_login(house.cast["cadre"])
    assert "出具资料" not in client.get(f"/households/{house.home.pk}/").content.decode()


@pytest.mark.django_db
def test_its_queries_do_not_grow_with_the_rows(django_assert_num_queries: Any) -> None:
    house = House()
    staff = User.objects.get(pk=house.cast["staff"].pk)
    with CaptureQueriesContext(connection) as few:
        told_of(house.person, staff)
    for number in range(5):
        house.ask(resident=house.person, household=house.home, text=f"第 {number} 次")
        house.log(household=house.home, text=f"第 {number} 件", at=MORNING.replace(minute=number))
    staff = User.objects.get(pk=staff.pk)
    with django_assert_num_queries(len(few)):
        parts = {part.title: part for part in told_of(house.person, staff)}
    assert len(parts["点单"].rows) == len(parts["本户的事项"].rows) == 6
