"""Whoever is below 18 is a child, whatever the category says; children's categories and consent are theirs alone."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from governance.cases.visits.services import VisitError, VisitReport, visit_log
from tests.builders import make_resident
from tests.volunteers.care.house import BORN, ENTERED, CareHouse, night, noon
from tests.volunteers.care.test_guards import run
from tests.worlds import module_world
from villages.models import Resident
from volunteers.care import guards
from volunteers.care.climbing import care_night
from volunteers.care.errors import CareError
from volunteers.care.levels import Level, level_of
from volunteers.care.notes import care_note_add
from volunteers.care.services import care_change
from volunteers.models import CareRecord

pytestmark = pytest.mark.django_db
house = module_world(CareHouse)


def test_it_keeps_a_child_of_any_category_from_those_without_children(house: CareHouse) -> None:
    child = house.person("残疾童", birth_date=BORN)
    with pytest.raises(CareError, match="范围"):
        house.enter("canji", resident=child, by="cadre", consent="guardian")
    with pytest.raises(CareError, match="监护人同意") as refused:
        house.enter("canji", resident=child)
    assert refused.value.field == "consent"
    record = house.enter("canji", resident=child, consent="guardian", by="child_head")
    assert record.is_child and level_of(house.cast["cadre"], record) == Level.NONE
    seen = {role for role, user in house.cast.items() if CareRecord.objects.visible_to(user).filter(pk=record.pk).exists()}
    assert seen == {"staff", "secretary", "child_head", "child_town"}
    with pytest.raises(CareError, match="监护人同意"):
        care_change(
            record=record, category=record.category, needs="", consent="self", consented_on=ENTERED, by=house.cast["secretary"]
        )


def test_it_gives_childrens_categories_to_those_below_18_only(house: CareHouse) -> None:
    for born in (date(1990, 1, 1), None):
        with pytest.raises(CareError, match="18 岁以下") as refused:
            house.enter("liushou", resident=house.person(birth_date=born))
        assert refused.value.field == "category"
    old = house.enter()
    with pytest.raises(CareError, match="18 岁以下"):
        care_change(
            record=old, category=house.category("liushou"), needs="", consent="guardian", consented_on=ENTERED,
            by=house.cast["secretary"],
        )  # fmt: skip


def test_it_marks_children_whoever_writes_and_grown_ups_by_night(house: CareHouse) -> None:
    record = house.enter("canji", resident=house.person(birth_date=date(2005, 5, 1)))
    assert not record.is_child
    Resident.objects.filter(pk=record.resident_id).update(birth_date=BORN)
    record.refresh_from_db()
    assert record.is_child
    CareRecord.objects.filter(pk=record.pk).update(is_child=False)
    record.refresh_from_db()
    assert record.is_child
    Resident.objects.filter(pk=record.resident_id).update(birth_date=date(2007, 5, 1))
    care_night(night(date(2026, 3, 3)))
    record.refresh_from_db()
    assert not record.is_child
    child = house.enter("kunjing")
    Resident.objects.filter(pk=child.resident_id).update(birth_date=date(1999, 5, 1))
    care_night(night(date(2026, 3, 4)))
    child.refresh_from_db()
    assert child.is_child, "by the category"


def test_it_refuses_a_childs_own_consent_and_a_grown_ups_childrens_category(house: CareHouse) -> None:
    child, old, category = house.enter("canji", resident=house.person(birth_date=BORN), consent="guardian"), house.enter(), "category_id"
    table = "UPDATE volunteers_carerecord SET"
    assert run(f"{table} consent = 'self' WHERE id = {child.pk}") in (guards.CONSENT, "care_child_consent_kept")
    liushou = house.category("liushou").pk
    assert run(f"{table} {category} = {liushou} WHERE id = {old.pk}") in (guards.AGE, "care_child_category_kept")
    assert run(f"{table} {category} = {liushou} WHERE id = {child.pk}") == ""
    given = ("id", "resident_id", "consent", category)
    columns = ", ".join(str(field.column) for field in CareRecord._meta.concrete_fields if field.column not in given)
    for person, consent, kind, refusal in (
        (house.person(birth_date=BORN), "self", old.category_id, (guards.CONSENT, "care_child_consent")),
        (house.person(), "guardian", liushou, (guards.AGE, "care_child_category")),
    ):
        head = f"INSERT INTO volunteers_carerecord (resident_id, consent, {category}, {columns})"
        assert run(f"{head} SELECT {person.pk}, '{consent}', {kind}, {columns} FROM volunteers_carerecord WHERE id = {old.pk}") in refusal


def test_it_answers_alike_of_a_child_in_care_and_of_one_who_is_not(house: CareHouse, client: Client) -> None:
    """A cadre, who may not see children, is refused in the same words, and finds both in every choice."""
    cadre = house.cast["cadre"]
    record = house.enter("liushou", name="在册童")
    home = record.resident.household
    other = make_resident(home, "不在册童", birth_date=BORN)
    client.force_login(cadre, backend="django.contrib.auth.backends.ModelBackend")
    entry = client.get(f"/care/new/?household={home.pk}").content.decode()
    report = VisitReport(kind="call", unit=home.unit, household=home, seen="家里有人")
    visit = visit_log(report=report, by=cadre, at=noon(ENTERED))
    note = client.get(f"/visits/{visit.pk}/care/").content.decode()
    assert all(name in text for name in ("不在册童", ">在册童") for text in (entry, note))
    refusals = set()
    for child in (record.resident, other):
        with pytest.raises(CareError) as refused:
            house.enter("canji", resident=child, by="cadre", consent="guardian")
        with pytest.raises(VisitError) as unwritten:
            care_note_add(visit=visit, resident=child, condition="well", by=cadre)
        refusals.add((str(refused.value), str(unwritten.value)))
        answer = client.post(f"/visits/{visit.pk}/care/", {"resident": child.pk, "condition": "well"})
        assert answer.status_code == 422 and "不由您登记" in answer.content.decode()
    assert len(refusals) == 1
