"""Search by ID number, whole or by its last four characters; words as an import would read them; what finds nothing says so."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from governance.accounts.models import AccessLog
from governance.frame.filters import words_of
from governance.frame.pinyin import pinyin_key
from tests.builders import make_household, make_resident, make_village
from tests.pages import Desk, neighbour, read
from tests.sheets.messy import make_id
from villages.filters import with_characters
from villages.households import lists
from villages.households.searching import MISSES, MOST, SLOW, residents_by_number
from villages.models import Household, Resident

pytestmark = pytest.mark.django_db
NUMBER = make_id(date(1990, 1, 1), 121)
WIDE = {ord(digit): 0xFF10 + int(digit) for digit in "0123456789"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def looks() -> list[str]:
    return list(AccessLog.objects.filter(kind=AccessLog.Kind.REVEAL).order_by("pk").values_list("detail", flat=True))


@pytest.mark.parametrize("typed", [NUMBER, f" {NUMBER[:6]} {NUMBER[6:]} ", NUMBER.lower(), NUMBER.translate(WIDE)])
def test_it_finds_a_household_by_the_number_of_one_of_it(client: Client, desk: Desk, typed: str) -> None:
    home = make_household(desk.village, "张国强", number="0888")
    person = make_resident(home, "李秀英", NUMBER)
    page = read(client, desk.cast["yard_head"], f"/households/?q={typed}")
    assert "共 1 户" in page and "张国强" in page
    assert looks() == [f"按身份证号查找：居民 {person.pk}"]


def test_it_finds_by_the_last_four_whom_one_may_know_wholly(client: Client, desk: Desk) -> None:
    home = make_household(desk.village, "张国强", number="0888")
    person = make_resident(home, "李秀英", NUMBER)
    other = make_household(make_village(desk.township, "力胜村委会", "511923102202"))
    elsewhere = make_resident(other, "李大山", make_id(date(1990, 1, 2), 121))
    Resident.objects.filter(pk=elsewhere.pk).update(id_tail_hash=person.id_tail_hash)
    assert "共 1 户" in read(client, desk.cast["cadre"], f"/households/?q={NUMBER[-4:]}")
    assert "共 2 户" in read(client, desk.cast["staff"], f"/households/?q={NUMBER[-4:].lower()}")
    assert looks()[0] == f"按身份证号后四位查找：居民 {person.pk}" and len(looks()) == 2
    assert "共 0 户" in read(client, desk.cast["yard_head"], f"/households/?q={NUMBER[-4:]}"), "beside the birth date they say the number"
    assert len(looks()) == 2 and not any(NUMBER[-4:] in detail for detail in looks())


def test_it_shows_twenty_at_most(desk: Desk) -> None:
    home = make_household(desk.village)
    first = make_resident(home, "李秀英", NUMBER)
    many = [Resident(household=home, name="李", name_pinyin="li", id_tail_hash=first.id_tail_hash) for _ in range(MOST + 2)]
    Resident.objects.bulk_create(many)
    assert len(residents_by_number(written=NUMBER[-4:], by=desk.cast["staff"])) == MOST


def test_a_number_that_nobody_bears_is_logged_and_a_wrong_one_is_no_number(desk: Desk) -> None:
    assert residents_by_number(written=NUMBER, by=desk.cast["cadre"]) == []
    assert looks() == ["按身份证号查找：没有找到"]
    wrong = NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")
    for written in (wrong, "王小明", "12345", "X123", ""):
        assert residents_by_number(written=written, by=desk.cast["cadre"]) == []
    assert len(looks()) == 1


def test_who_may_not_read_a_number_cannot_find_it_out_by_trying(client: Client, desk: Desk) -> None:
    born = date(1990, 1, 1)
    home = make_household(desk.village, "张国强", number="0888")
    make_resident(home, "李秀英", NUMBER)
    guesses = [make_id(born, order) for order in range(201, 201 + MISSES)]
    for role in ("yard_head", "cadre"):
        assert not any(residents_by_number(written=guess, by=desk.cast[role]) for guess in guesses)
    page = read(client, desk.cast["yard_head"], f"/households/?q={NUMBER}")
    assert "共 0 户" in page and SLOW in page
    assert looks()[-1] == "按身份证号查找：没有找到的次数太多，没有再查"
    assert "共 1 户" in read(client, desk.cast["cadre"], f"/households/?q={NUMBER}"), "who may read it need not guess"


def test_the_number_of_the_neighbours_is_not_found(desk: Desk) -> None:
    make_resident(make_household(desk.village), "李秀英", NUMBER)
    assert residents_by_number(written=NUMBER, by=neighbour()["staff"]) == []


def test_staff_pages_find_by_the_same_words(client: Client, desk: Desk) -> None:
    home = make_household(desk.village, "张国强", number="0888")
    person = make_resident(home, "阿卜杜热西提·买买提", NUMBER, phone="15400000123")
    Resident.objects.filter(pk=person.pk).update(name_pinyin=pinyin_key(person.name))
    client.force_login(desk.cast["staff"])
    for typed in (NUMBER, NUMBER[-4:], "热西提•买", "０８８８", "abodu", "15400000123", "０１２３"):
        page = client.get("/admin/villages/resident/", {"q": typed}).content.decode()
        assert person.name in page, typed
    found = client.get("/admin/villages/resident/", {"q": "15400000124"})
    assert person.name not in found.content.decode()
    assert "phone" in found.context["cl"].list_display and "phone" not in found.context["cl"].sortable_by
    for typed, model in (("0" * 41, "resident"), ("0" * 41, "household")):
        assert "张国强" not in client.get(f"/admin/villages/{model}/", {"q": typed}).content.decode()
    assert "张国强" in client.get("/admin/villages/household/", {"q": NUMBER}).content.decode()
    for typed, some in (("５１１９２３", True), ("\uf9e1" * 41, False)):
        found = client.get("/admin/villages/unit/", {"q": typed}).context["cl"].result_count
        assert bool(found) == some, typed


@pytest.mark.parametrize(("typed", "found"), [(NUMBER, 1), ("０８８８", 1), ("张国", 1), ("长" * 41, 0), ("", 3)])
def test_programs_find_by_the_same_words(client: Client, desk: Desk, typed: str, found: int) -> None:
    make_household(desk.village, "李秀英", number="0777")
    make_resident(make_household(desk.village, "张国强", number="0888"), "李秀英", NUMBER)
    client.force_login(desk.cast["cadre"])
    assert client.get("/api/v1/households/", {"q": typed}).json()["count"] == found
    assert len(looks()) == (typed in (NUMBER, "０８８８"))


@pytest.mark.parametrize("typed", ["０７７７", "077７", "\u200b0777", "\uf9e1秀", "李 秀"])
def test_lists_take_words_as_imports_do(client: Client, desk: Desk, typed: str) -> None:
    make_household(desk.village, "李秀英", number="0777")
    make_household(desk.village, "张国强", number="0888")
    assert "共 1 户" in read(client, desk.cast["cadre"], f"/households/?q={typed}")


@pytest.mark.parametrize("typed", ["长" * 41, "%E2%80%8B", "'"])
def test_what_cannot_be_sought_finds_nothing(client: Client, desk: Desk, typed: str) -> None:
    make_household(desk.village, "李秀英", number="0777")
    assert "共 0 户" in read(client, desk.cast["cadre"], f"/households/?q={typed}")


def test_search_boxes_of_forms_say_that_they_found_nothing(client: Client, desk: Desk) -> None:
    make_household(desk.village, "李秀英", number="0777")
    for address in (f"/panels/{desk.village.pk}/add/", "/fronts/new/", "/volunteers/new/", "/awards/new/"):
        assert "没有找到" in read(client, desk.cast["staff"], f"{address}?q={'长' * 41}"), address
    assert "李秀英" in read(client, desk.cast["staff"], "/fronts/new/?q=０７７７")


def test_words_are_cleaned_once() -> None:
    assert (words_of("９３０１"), words_of("\uf9e1（四）"), words_of("\0"), words_of("长" * 41)) == ("9301", "李（四）", "", "")


def test_standing_rows_are_filled(desk: Desk) -> None:
    """What the migration does to rows from before it."""
    home = make_household(desk.village, "卜小明")
    people = [make_resident(home, f"单{number}", make_id(date(1990, 1, 1), 200 + number)) for number in range(3)]
    tails = [person.id_tail_hash for person in people]
    bare = make_resident(home, "王无号")
    Resident.objects.filter(household=home).update(id_tail_hash="", name_pinyin="dan")
    fill: Any = import_module("villages.migrations.0017_fill_search")
    fill.BATCH = 2
    fill.fill_tails(apps, None)
    fill.key_names(apps, None)
    assert [Resident.objects.get(pk=person.pk).id_tail_hash for person in people] == tails and len(set(tails)) == 3
    assert Resident.objects.get(pk=bare.pk).id_tail_hash == ""
    assert Household.objects.get(pk=home.pk).head_pinyin.startswith("bu xiao ming")
    assert all(person.name_pinyin == pinyin_key(person.name) for person in Resident.objects.filter(household=home))


@pytest.mark.parametrize("few", [1000, 1])
def test_few_of_a_name_are_found_by_their_characters_and_many_as_before(
    client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(lists, "FEW", few)
    for number, head in enumerate(["罗秀英", "罗英秀", "罗国强", "阿卜杜热西提·罗", "李罗"]):
        make_household(desk.village, head, number=f"07{number}")
    make_household(desk.village, "李英", number="罗家07")
    for typed, count in (("罗", 6), ("罗秀英", 1), ("家罗", 0), ("罗家", 1), ("英罗", 0)):
        assert f"共 {count} 户" in read(client, desk.cast["cadre"], f"/households/?q={typed}"), typed


def test_a_name_is_sought_by_an_index_of_characters(desk: Desk) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Household.objects.filter(with_characters("小明")).order_by().explain()
    assert "household_characters" in plan
