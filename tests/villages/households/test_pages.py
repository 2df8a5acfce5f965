"""Households: search, the page with people, ledger and ratings, and the logged look at an ID number."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine
from django.test import Client

from governance.accounts.models import AccessLog
from moral_bank.ledger.services import entry_reverse
from moral_bank.models import Entry
from tests.builders import make_household, make_resident
from tests.pages import Desk, neighbour, queries, read

pytestmark = pytest.mark.django_db
ID_NUMBER = "511929199001011216"


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    ("query", "count"), [("", 3), ("李秀", 1), ("lixiu", 1), ("lxy", 1), ("0777", 1), ("nobody", 0), ("%", 0)]
)
def test_it_finds_households(client: Client, desk: Desk, query: str, count: int) -> None:
    one = make_household(desk.village, "李秀英", number="0777")
    one.head_pinyin = "li xiu ying lixiuying lixy lxy"
    one.save()
    make_household(desk.village, "张国强", number="0888")
    page = read(client, desk.cast["cadre"], f"/households/?q={query}")
    assert f"共 {count} 户" in page
    assert ("没有找到" in page) == (count == 0)


def test_it_finds_households_of_the_past_by_words_alone(client: Client, desk: Desk) -> None:
    """While typing the page fetches itself and takes its results; both ways are one answer."""
    ended = make_household(desk.village, "李去远", number="0999")
    ended.ended_on = date(2026, 1, 1)
    ended.save()
    page = read(client, desk.cast["cadre"], "/households/")
    assert "李去远" not in page and 'hx-select="#results"' in page
    found = read(client, desk.cast["cadre"], "/households/?q=0999")
    assert "李去远" in found and "已销户" in found and f"/households/{ended.pk}/log/" not in found


def test_it_puts_the_recently_used_first(client: Client, desk: Desk) -> None:
    assert "最近记过的" not in read(client, desk.cast["cadre"], "/households/")
    desk.claim()
    assert "最近记过的" in read(client, desk.cast["cadre"], "/households/")
    assert "最近记过的" not in read(client, desk.cast["publicist"], "/households/")


def test_it_offers_logging_to_those_who_may(client: Client, desk: Desk) -> None:
    for duty, may in (("cadre", True), ("yard_head", True), ("staff", True), ("leader", False), ("overseer", False)):
        assert ("记一笔" in read(client, desk.cast[duty], "/households/")) == may, duty


def test_it_offers_what_each_room_adds_as_buttons(client: Client, desk: Desk) -> None:
    home = desk.accounts[0].household
    page = read(client, desk.cast["cadre"], f"/households/{home.pk}/")
    for address, label in (
        (f"/households/{home.pk}/log/", "记一笔"),
        (f"/visits/log/?household={home.pk}", "记走访"),
        (f"/log/?household={home.pk}", "记一件事"),
    ):
        assert re.search(rf'<a class="btn [^"]+" href="{re.escape(address)}">{label}</a>', page), label
    assert "记走访" not in read(client, desk.cast["leader"], f"/households/{home.pk}/")


def test_it_shows_ended_households_on_search_only(client: Client, desk: Desk) -> None:
    household = desk.accounts[0].household
    household.ended_on = date(2026, 3, 1)
    household.save()
    assert "共 0 户" in read(client, desk.cast["cadre"], "/households/")
    assert "已销户" in read(client, desk.cast["cadre"], f"/households/?q={household.number}")
    page = read(client, desk.cast["cadre"], f"/households/{household.pk}/")
    assert "2026年3月1日销户" in page
    assert "记一笔" not in page


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_shows_pending_claims_ledger_and_ratings(client: Client, desk: Desk) -> None:
    desk.enter()
    desk.enter(code="L1")
    entry_reverse(entry=Entry.objects.get(score=-10), reason="记错户", by=desk.cast["staff"])
    closing = desk.noticed()
    desk.claim(note="清理河道")
    page = read(client, desk.cast["cadre"], f"/households/{desk.accounts[0].household_id}/")
    assert page.index("清理河道") < page.index("参加志愿服务</td>")
    assert "冲正：记错户" in page
    assert "已冲正" in page
    assert f"/ratings/{closing.ratings.get().pk}/" in page
    assert '<dd class="big">5</dd>' in page


def test_it_opens_the_ledger_where_the_entry_stands(client: Client, desk: Desk) -> None:
    for _ in range(60):
        desk.enter()
    oldest = Entry.objects.earliest("id")
    path = f"/households/{desk.accounts[0].household_id}/"
    mark = f'id="entry-{oldest.pk}"'
    assert mark not in read(client, desk.cast["cadre"], path)
    assert mark in read(client, desk.cast["cadre"], f"{path}?entry={oldest.pk}")


def test_it_hides_the_id_number_until_it_is_asked_for(client: Client, desk: Desk) -> None:
    resident = make_resident(desk.accounts[0].household, id_number=ID_NUMBER)
    path = f"/households/{resident.household_id}/"
    assert ID_NUMBER not in read(client, desk.cast["cadre"], path)
    assert client.get(f"/residents/{resident.pk}/reveal/").status_code == 405
    assert not AccessLog.objects.filter(kind="reveal").exists()
    assert ID_NUMBER in client.post(f"/residents/{resident.pk}/reveal/").content.decode()
    assert AccessLog.objects.get(kind="reveal").user == desk.cast["cadre"]
    part = client.post(f"/residents/{resident.pk}/reveal/", headers={"HX-Request": "true"})
    assert part.content.decode().strip() == f'<strong class="num">{ID_NUMBER}</strong>'
    assert "no-store" in part["Cache-Control"]


@pytest.mark.parametrize("duty", ["yard_head", "leader", "supervisor", "overseer", "audit"])
def test_it_reveals_nothing_to_others(client: Client, desk: Desk, duty: str) -> None:
    resident = make_resident(desk.accounts[0].household, id_number=ID_NUMBER)
    client.force_login(desk.cast[duty])
    assert client.post(f"/residents/{resident.pk}/reveal/").status_code == 404
    if duty != "audit":
        assert "查看</button>" not in read(client, desk.cast[duty], f"/households/{resident.household_id}/")


def test_it_is_absent_for_strangers(client: Client, desk: Desk) -> None:
    household = desk.accounts[0].household
    resident = household.residents.get()
    for user in neighbour().values():
        client.force_login(user)
        assert client.get(f"/households/{household.pk}/").status_code == 404
        assert client.get(f"/households/{household.pk}/log/").status_code == 404
        assert client.post(f"/residents/{resident.pk}/reveal/").status_code == 404


def test_it_reads_as_often_for_many_rows(client: Client, desk: Desk) -> None:
    household = desk.accounts[0].household
    pages = ("/households/", "/households/?q=wang", f"/households/{household.pk}/")

    def fill(times: int) -> list[int]:
        desk.grow(times)
        for _ in range(times):
            desk.enter()
            desk.claim()
            make_resident(household)
        return [queries(client, desk.cast["cadre"], path) for path in pages]

    assert fill(3) == fill(30)
