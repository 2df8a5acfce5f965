"""The list of ratings and the way from one rating down to its entries."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.test import Client

from moral_bank.models import Entry, Rating
from tests.builders import make_account, make_household
from tests.pages import Desk, neighbour, queries, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk(3)


def test_it_says_what_comes_when_nothing_is_rated(client: Client, desk: Desk) -> None:
    assert "还没有评分" in read(client, desk.cast["staff"], "/ratings/")


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_filters_by_period_stars_and_name(client: Client, desk: Desk) -> None:
    one = make_household(desk.village, "李秀英", number="0777")
    make_account(one)
    desk.computed("2026-02")
    desk.computed("2026-03")
    for query, period, count in (
        ("", "2026年3月", 4),
        ("?period=2026-02", "2026年2月", 4),
        ("?q=李秀", "2026年3月", 1),
        ("?q=0777&stars=", "2026年3月", 1),
        ("?stars=5", "2026年3月", 0),
    ):
        page = read(client, desk.cast["staff"], f"/ratings/{query}")
        assert f"<h2>{period}</h2>" in page and f"共 {count} 户" in page, query
    page = read(client, desk.cast["staff"], "/ratings/?period=nonsense")
    assert "筛选条件有误" in page and "共 0 户" in page, "no other period than the one that was asked for"
    assert 'hx-select="#results"' in page


@time_machine.travel("2026-04-02T10:00:00+08:00")
@pytest.mark.parametrize("duty", ["cadre", "yard_head", "group_head", "overseer", "leader", "supervisor"])
def test_it_shows_everyone_their_own_households(client: Client, desk: Desk, duty: str) -> None:
    desk.computed()
    assert "共 3 户" in read(client, desk.cast[duty], "/ratings/")


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_explains_a_month_by_heads_and_entries(client: Client, desk: Desk) -> None:
    for _ in range(4):
        desk.enter()
    desk.enter(code="V1")
    rating = desk.computed().ratings.get(account=desk.accounts[0])
    page = read(client, desk.cast["cadre"], f"/ratings/{rating.pk}/")
    for words in ("志愿服务", "+20", "已到满分", "一票否决，不评星", "道德银行积分细则 第1版"):
        assert words in page
    for entry in Entry.objects.all():
        assert f"?entry={entry.pk}#entry-{entry.pk}" in page
    assert "计算之后又有新的记录" not in page
    desk.enter(code="J1")
    assert "计算之后又有新的记录" in read(client, desk.cast["cadre"], f"/ratings/{rating.pk}/")


@time_machine.travel("2026-04-30T10:00:00+08:00")
def test_it_explains_a_quarter_by_its_months(client: Client, desk: Desk) -> None:
    desk.enter()
    for text in ("2026-01", "2026-02", "2026-03"):
        desk.settled(text)
    quarter = desk.computed("2026-Q1").ratings.get(account=desk.accounts[0])
    page = read(client, desk.cast["cadre"], f"/ratings/{quarter.pk}/")
    for month in Rating.objects.filter(account=desk.accounts[0], closing__kind="month"):
        assert f"/ratings/{month.pk}/" in page
    assert "90 分及以上" in page


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_is_absent_for_strangers(client: Client, desk: Desk) -> None:
    rating = desk.computed().ratings.first()
    assert rating
    for user in neighbour().values():
        client.force_login(user)
        assert client.get(f"/ratings/{rating.pk}/").status_code == 404


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_reads_as_often_for_many_rows(client: Client, desk: Desk) -> None:
    def counted() -> list[int]:
        rating = Rating.objects.get(account=desk.accounts[0])
        return [queries(client, desk.cast["staff"], path) for path in ("/ratings/", f"/ratings/{rating.pk}/")]

    desk.enter()
    desk.computed()
    few = counted()
    desk.grow(27)
    for _ in range(20):
        desk.enter(day=date(2026, 3, 20))
    desk.recomputed()
    assert counted() == few
