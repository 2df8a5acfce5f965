"""“这件事让我重复填了”: below every form, counted by form, never by person. That each form has it: `tests/frame/test_once.py`."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client

from governance.desk.models import RepeatCount
from governance.desk.repeats.names import page_names, staff_names
from governance.desk.repeats.services import RepeatError, repeat_add
from governance.periods import today
from tests.builders import make_entry
from tests.matrix import patterns
from tests.pages import Desk, neighbour, read

pytestmark = pytest.mark.django_db
NAME = "cases:case-log"


@pytest.fixture
def desk() -> Desk:
    cache.clear()
    return Desk()


def test_names_are_of_pages_that_are_there() -> None:
    names = page_names() | staff_names()
    assert set(names) <= {name for name, _ in patterns()}
    assert not [words for words in names.values() if re.search("[a-z]", words)]
    assert max(map(len, names)) <= (RepeatCount._meta.get_field("form").max_length or 0)


def test_staff_find_the_button_where_they_may_type(client: Client, desk: Desk) -> None:
    pressed = '{"form": "admin:villages_unit_%s"}'
    page = read(client, desk.cast["staff"], "/admin/villages/unit/add/")
    assert pressed % "add" in page
    assert "已告诉镇里" in client.post("/repeated/", {"form": "admin:villages_unit_add"}).content.decode()
    assert "增加单位" in read(client, desk.cast["staff"], "/repeats/")
    own = f"/admin/villages/unit/{desk.village.pk}/change/"
    assert pressed % "change" in read(client, desk.cast["staff"], own)
    entry = make_entry(desk.accounts[0], desk.deeds["S1"], date(2026, 3, 10), desk.cast["staff"])
    assert "重复填" not in read(client, desk.cast["staff"], f"/admin/moral_bank/entry/{entry.pk}/change/")


def test_it_counts_by_form_and_month_and_keeps_nobody(desk: Desk) -> None:
    staff, cadre = desk.cast["staff"], desk.cast["cadre"]
    assert [repeat_add(form=NAME, by=by).count for by in (staff, cadre, desk.cast["yard_head"], desk.cast["audit"])] == [1, 2, 3, 4]
    row = RepeatCount.objects.get()
    assert (row.township, row.form, row.month) == (desk.township, NAME, today().replace(day=1))
    kept = {field.name for field in RepeatCount._meta.get_fields()}
    assert kept == {"id", "township", "form", "month", "count"}


def test_one_person_counts_once_a_day(desk: Desk) -> None:
    repeat_add(form=NAME, by=desk.cast["staff"])
    with pytest.raises(RepeatError, match="今天已经记下"):
        repeat_add(form=NAME, by=desk.cast["staff"])
    repeat_add(form="cases:visit-log", by=desk.cast["staff"])
    assert sorted(RepeatCount.objects.values_list("form", "count")) == [(NAME, 1), ("cases:visit-log", 1)]


@pytest.mark.parametrize("form", ["", "desk:home", "x" * 5000, "\0"])
def test_it_counts_forms_only(client: Client, desk: Desk, form: str) -> None:
    client.force_login(desk.cast["cadre"])
    assert "没有这张表" in client.post("/repeated/", {"form": form}).content.decode()
    assert not RepeatCount.objects.exists()


def test_the_button_is_answered_in_its_place(client: Client, desk: Desk) -> None:
    client.force_login(desk.cast["cadre"])
    assert f'{{"form": "{NAME}"}}' in client.get("/log/").content.decode()
    assert "重复填" not in client.get("/public/").content.decode()
    told = client.post("/repeated/", {"form": NAME}).content.decode()
    assert "已告诉镇里" in told and "<html" not in told


def test_the_office_reads_form_and_count_of_its_own_township(client: Client, desk: Desk) -> None:
    repeat_add(form=NAME, by=desk.cast["cadre"])
    stranger = neighbour()
    repeat_add(form="cases:visit-log", by=stranger["cadre"])
    page = read(client, desk.cast["staff"], "/repeats/")
    assert page_names()[NAME] in page and f"<div>{page_names()['cases:visit-log']}" not in page
    client.force_login(desk.cast["cadre"])
    assert client.get("/repeats/").status_code == 404


def test_the_database_counts_a_month_once(desk: Desk) -> None:
    row = repeat_add(form=NAME, by=desk.cast["staff"])
    columns = "township_id, form, month, count"
    around = (f"INSERT INTO desk_repeatcount ({columns}) SELECT {columns} FROM desk_repeatcount", "UPDATE desk_repeatcount SET month = %s")
    for number, statement in enumerate(around):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [date(row.month.year, row.month.month, 2)] if number else [])
