"""Rows that are written past the ORM arrive as they are, with their keys, or are refused as the ORM refuses them."""

import pytest
from django.db import IntegrityError, transaction

from governance.engines import rows_insert
from tests.builders import make_household, make_township, make_village
from villages.models import Resident

COLUMNS = ("household_id", "name", "birth_date", "note", "name_pinyin", "sex", "id_cipher", "id_hash", "phone", "relation", "status")
TEXTS = ("", "a\tb", "行\n行", "\r\n", "C:\\n\\N", "\\.", "\\N", "'“\"", "𫝈·买买提")


@pytest.mark.django_db
def test_cells_arrive_as_they_are() -> None:
    household = make_household(make_village(make_township()))
    rest = ("", bytes(range(256)), "", "", "", "present")
    rows = [(household.pk, f"第{number}人", None, text, text, *rest) for number, text in enumerate(TEXTS)]
    keys = rows_insert("villages_resident", COLUMNS, rows, key="id")
    people = [Resident.objects.get(pk=key) for key in keys]
    assert [(one.name, one.note, one.name_pinyin) for one in people] == [(f"第{n}人", text, text) for n, text in enumerate(TEXTS)]
    assert {(one.birth_date, bytes(one.id_cipher), one.id_tail_hash) for one in people} == {(None, bytes(range(256)), "")}
    assert Resident.objects.create(household=household, name="后来").pk not in keys


@pytest.mark.django_db
def test_what_the_database_refuses_is_an_integrity_error_and_writes_nothing() -> None:
    household = make_household(make_village(make_township()))
    row = (household.pk, "钱二", None, "", "", "", b"", "same", "", "", "present")
    before = Resident.objects.count()
    with pytest.raises(IntegrityError, match="resident_present_once"), transaction.atomic():
        rows_insert("villages_resident", COLUMNS, [row, row])
    assert Resident.objects.count() == before
    assert rows_insert("villages_resident", COLUMNS, [], key="id") == []
