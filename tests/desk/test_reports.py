"""The page of figures by village: as it was, restated, in scope, as a workbook."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from governance.accounts.models import AccessLog
from governance.sheets.reader import read_workbook
from tests.builders import make_account, make_household, make_resident, make_user, make_village
from tests.pages import Desk, neighbour, queries, read
from villages.models import Unit
from villages.units.services import NewUnit, units_merge

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 1)
BEFORE = ON - timedelta(days=1)


@pytest.fixture
def desk() -> Desk:
    """八一村 with two households and 5 in February, 马鞍村 with one and −10, merged into 兴隆村 on 1 March."""
    desk = Desk(2)
    other = make_village(desk.township, "马鞍村委会", "511923102202")
    household = make_household(other)
    make_resident(household)
    desk.enter(day=date(2026, 2, 3))
    desk.enter(make_account(household), date(2026, 2, 4), "L1")
    merge(desk, [desk.village, other], "兴隆村委会", "511923102210")
    return desk


def merge(desk: Desk, sources: list[Unit], name: str, code: str) -> None:
    units_merge(sources=sources, into=NewUnit(name, code), on=ON, by=desk.cast["staff"])


def lines(page: str) -> list[list[str]]:
    """The cells of both tables, row by row."""
    rows = re.findall(r"<tr>(<td.*?)</tr>", page, re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in rows]


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_shows_the_villages_of_then_and_of_now(client: Client, desk: Desk) -> None:
    staff = desk.cast["staff"]
    before = [["八一村", "2", "2"], ["马鞍村", "1", "1"], ["合计", "3", "3"]]
    after = [["兴隆村", "3", "3"], ["合计", "3", "3"]]
    points_then = [["八一村", "1", "5", "5"], ["马鞍村", "1", "-10", "0"], ["合计", "2", "-5", "5"]]
    points_now = [["兴隆村", "2", "-5", "5"], ["合计", "2", "-5", "5"]]
    april = [["兴隆村", "0", "0", "0"], ["合计", "0", "0", "0"]]
    for query, expected in (
        (f"?other={BEFORE}", before + points_then),
        ("?day=before_merger", before + points_then),
        ("?day=before_merger&basis=as_was", before + points_then),
        (f"?other={BEFORE}&basis=restated", after + points_now),
        (f"?other={ON}&month=2026-02&basis=restated", after + points_now),
        (f"?day=year_end&other={ON}&month=2026-02", after + points_then),
        ("", after + april),
    ):
        assert lines(read(client, staff, f"/reports/{query}")) == expected, query


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_offers_days_and_refuses_others_in_words(client: Client, desk: Desk) -> None:
    staff = desk.cast["staff"]
    page = read(client, staff, "/reports/")
    for words in ("今天（2026-04-02）", "去年末（2025-12-31）", "合并前一天（2026-02-28）", "2026年4月2日户数与人口"):
        assert words in page
    assert 'type="date"' not in page
    assert "日期应写作 2025-06-30" in read(client, staff, "/reports/?other=6/30")
    assert "日期不能晚于今天" in read(client, staff, "/reports/?other=2026-04-03")
    for query in ("day=nonsense", "month=1", "basis=x", "other=6/30&day=today"):
        answer = client.get(f"/reports/?{query}&export=1")
        page = answer.content.decode()
        assert "筛选条件有误" in page and 'class="error"' in page and "<table" not in page, query
    assert not AccessLog.objects.filter(kind="export").exists(), "nothing was exported"
    assert "合并前一天" not in read(client, neighbour()["staff"], "/reports/")


def test_it_says_so_where_there_is_nothing_to_count(client: Client, desk: Desk) -> None:
    yard = Unit.objects.on(ON).filter(level="settlement", path__contains="/511923102210/").first()
    officer = make_user("officer", "yard_head", yard)
    for user, query in (
        (officer, ""),
        (officer, f"?other={BEFORE}&basis=restated"),
        (desk.cast["staff"], "?other=2019-01-01"),
    ):
        page = read(client, user, f"/reports/{query}")
        assert "没有可以统计的村" in page and "<table" not in page and "导出表格" not in page


def test_it_shows_no_village_of_strangers(client: Client, desk: Desk) -> None:
    far = neighbour()
    for query in ("", f"?other={BEFORE}", f"?other={BEFORE}&basis=restated", "?month=2026-02"):
        for user in (far["staff"], far["cadre"]):
            page = read(client, user, f"/reports/{query}")
            assert "九龙村" in page and not re.search("八一村|马鞍村|兴隆村", page)
        assert "九龙村" not in read(client, desk.cast["staff"], f"/reports/{query}")
    client.force_login(far["audit"])
    assert client.get("/reports/").status_code == 404


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_exports_both_tables_and_logs_it(client: Client, desk: Desk) -> None:
    client.force_login(desk.cast["staff"])
    answer = client.get(f"/reports/?other={BEFORE}&export=1")
    people, points = read_workbook(b"".join(answer.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
    assert [people.name, points.name] == ["户数与人口", "积分"]
    assert [people.rows[number] for number in sorted(people.rows)][:5] == [
        ["2026年2月28日各村户数与人口"],
        ["村（社区）", "户数", "人口"],
        ["八一村委会", 2.0, 2.0],
        ["马鞍村委会", 1.0, 1.0],
        ["合计", 3.0, 3.0],
    ]
    assert [points.rows[number] for number in sorted(points.rows)][4] == ["合计", 2.0, -5.0, 5.0]
    assert AccessLog.objects.get(kind="export").detail == "各村统计 2 行"


def test_it_exports_only_where_the_user_may(client: Client, desk: Desk) -> None:
    client.force_login(desk.cast["supervisor"])
    assert client.get("/reports/?export=1").status_code == 404
    assert "导出" not in read(client, desk.cast["supervisor"], "/reports/")
    assert not AccessLog.objects.filter(kind="export").exists()
    far = make_village(desk.township, "皇山村委会", "511923102203")
    clerk = make_user("both", "supervisor", desk.township)
    clerk.posts.create(kind="cadre", unit=far, appointed_on=date(2026, 1, 1))
    client.force_login(clerk)
    answer = client.get("/reports/?export=1")
    people, _ = read_workbook(b"".join(answer.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
    assert {row[0] for row in people.rows.values()} & {"兴隆村委会", "皇山村委会"} == {"皇山村委会"}


@pytest.mark.parametrize("basis", ["as_was", "restated"])
def test_it_reads_as_often_for_many_villages(client: Client, desk: Desk, basis: str) -> None:
    path = f"/reports/?other={BEFORE}&basis={basis}"
    few = queries(client, desk.cast["staff"], path)
    for serial in range(1, 9):
        village = make_village(desk.township, f"村{serial}村委会", f"51192310223{serial}")
        desk.enter(make_account(make_household(village)), date(2026, 2, 5))
        if serial % 2:
            merge(desk, [village], f"新{serial}村委会", f"51192310224{serial}")
    assert queries(client, desk.cast["staff"], path) == few


def test_it_is_linked_from_the_first_page(client: Client, desk: Desk) -> None:
    for duty in ("staff", "leader"):
        for path in ("/", "/more/"):
            assert 'href="/reports/"' in read(client, desk.cast[duty], path)
    assert 'href="/reports/"' not in read(client, desk.cast["yard_head"], "/more/")
