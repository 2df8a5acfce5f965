"""House numbers stand in the order of their numbers, in the database as in Python."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.test import Client

from tests.builders import make_household, make_township, make_user, make_village
from villages.households.numbers import number_key
from villages.models import Household

pytestmark = pytest.mark.django_db
ORDERED = ["1", "2", "2组-1", "2组-10", "10", "10组-2", "11", "0012", "100", "B-7", "B-12"]


@pytest.fixture
def village_pk() -> int:
    village = make_village(make_township())
    for number in random.Random(1).sample(ORDERED, len(ORDERED)):
        make_household(village, f"户主{number}", number=number)
    return village.pk


def test_it_pads_each_number_within_the_text() -> None:
    assert number_key("3组-12") == "000000000000000003组-000000000000000012"
    assert number_key("甲") == "甲" and number_key("9" * 30) == "9" * 18
    assert sorted(reversed(ORDERED), key=lambda number: number_key(number) or "") == ORDERED


def test_the_database_keeps_the_same_key(village_pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE villages_household SET number = '7组-12345678901234567890' WHERE number = '100'")
    rows = list(Household.objects.values_list("number", "number_key"))
    assert len(rows) == len(ORDERED) and all(key == number_key(number) for number, key in rows)


def test_pages_the_interface_and_the_ledger_count_up(client: Client, village_pk: int) -> None:
    client.force_login(make_user("staff", "staff", Household.objects.all()[0].village.parent))
    listed = client.get("/households/?sort=number_key").content.decode()
    managed = client.get("/admin/villages/household/?o=1").content.decode()
    served = [row["number"] for row in client.get("/api/v1/households/").json()["results"]]
    assert served == ORDERED
    for page in (managed, listed):
        places = [page.index(f"户主{number}<") for number in ORDERED]
        assert places == sorted(places)
