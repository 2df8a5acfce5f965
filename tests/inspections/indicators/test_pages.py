"""The pages of measured figures: the overview, the list behind a figure, its filter, its sheet, and who sees what."""

from __future__ import annotations

import re
from datetime import date
from random import Random
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from governance.accounts.models import AccessLog, User
from governance.sheets.reader import read_workbook
from inspections.indicators.registry import INDICATORS, measures
from tests.answers import location
from tests.browser import log_in, shot, walking
from tests.builders import make_cast, make_township, make_user, make_village
from tests.inspections.house import moment
from tests.inspections.indicators.test_indicators import Q1
from tests.inspections.records import Records
from tests.pages import neighbour, read
from villages.units.services import NewUnit, units_merge

pytestmark = pytest.mark.django_db
NOW = moment("2026-05-20 12:00")


class FactHouse:
    """八一村 and 马鞍村 with a cast; 八一村 has six events of Q1, one of them late, and records of every other kind."""

    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.other = make_village(self.township, "马鞍村委会", "511923102202")
        self.cast: dict[str, User] = make_cast(self.township, self.village)
        self.records = Records(self.township)
        for number in range(6):
            self.records.case(self.village, due=moment("2026-02-10 17:30"), finished=moment(f"2026-02-{number + 6:02d} 17:00"))

    def scatter(self, seed: int = 2, count: int = 40) -> None:
        random = Random(seed)
        self.records.scatter([self.village, self.other], random, count)

    def path(self, code: str = "", tail: str = "", quarter: str = "2026-Q1", **more: Any) -> str:
        query = "&".join(f"{name}={value}" for name, value in {"village": self.village.pk, "quarter": quarter, **more}.items())
        return f"/facts/{code}{'/' if code else ''}{tail}?{query}"


@pytest.fixture
def house() -> FactHouse:
    return FactHouse()


def total(page: str) -> int:
    found = re.search(r"共 (\d+) 条", page)
    assert found
    return int(found[1])


def table(client: Client, path: str) -> list[list[Any]]:
    answer = client.get(path)
    assert answer.status_code == 200
    (sheet,) = read_workbook(b"".join(answer.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
    return [sheet.rows[number] for number in sorted(sheet.rows)]


def statements(client: Client, user: User, path: str) -> int:
    """How many a page or a sheet takes, after a first look."""
    client.force_login(user)
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@time_machine.travel(NOW)
def test_it_shows_a_figure_and_the_list_behind_it(client: Client, house: FactHouse) -> None:
    page = read(client, house.cast["supervisor"], house.path("events_in_time"))
    for words in ("5 / 6", "83.33%", "事件按时办结", "在限时内办结的为达标", "实施方案§四.3", "八一村", "2026年第1季度"):
        assert words in page, words
    assert "全部 6" in page and "未达标 1" in page
    assert total(page) == 6
    assert "样本不足" not in page
    late = read(client, house.cast["supervisor"], house.path("events_in_time", good=0))
    assert total(late) == 1 and "2026-02-11 17:00" in late and "2026-02-06 17:00" not in late
    kept = read(client, house.cast["supervisor"], house.path("events_in_time", good=1))
    assert total(kept) == 5 and "2026-02-11 17:00" not in kept
    few = read(client, house.cast["supervisor"], house.path("errands_in_time"))
    assert "样本不足" in few and "少于 5 条" in few and "还没有可算的记录" in few


@time_machine.travel(NOW)
def test_it_lists_as_many_records_as_each_figure_counts(client: Client, house: FactHouse) -> None:
    house.scatter()
    house.records.close_months(house.village, Random(1))
    staff, facts = house.cast["staff"], measures([house.village], Q1, NOW)[house.village.pk]
    for code in INDICATORS:
        page = read(client, staff, house.path(code))
        assert f"{facts[code].good} / {facts[code].of}" in page
        assert total(page) == facts[code].of > 0, code
        assert total(read(client, staff, house.path(code, good=1))) == facts[code].good, code
        for address in set(re.findall(r'<td class="line"><a href="([^"]+)"', page)):
            assert client.get(address).status_code == 200, address
        assert not re.search(r"154\d{8}|511929\d", page), code


@time_machine.travel(NOW)
def test_it_pages_through_a_long_list(client: Client, house: FactHouse) -> None:
    for _ in range(50):
        house.records.case(house.village, due=moment("2026-03-10 17:30"))
    path = house.path("events_in_time")
    assert total(read(client, house.cast["staff"], path)) == 56
    second = read(client, house.cast["staff"], f"{path}&page=2")
    assert "第 2 / 2 页" in second and second.count('data-label="结果"') == 6


@time_machine.travel(NOW)
def test_it_names_nobody_in_the_list_of_care(client: Client, house: FactHouse) -> None:
    house.records.care(house.village, date(2026, 2, 10), None)
    for role, linked in (("supervisor", False), ("overseer", False), ("secretary", True)):
        page = read(client, house.cast[role], house.path("care_kept"))
        assert total(page) == 1 and "柏树院的一名关爱对象" in page and "孙大娘" not in page
        assert bool(re.search(r'href="/care/\d', page)) is linked, role


@time_machine.travel(NOW)
def test_it_gives_one_village_beside_the_quarter_before(client: Client, house: FactHouse) -> None:
    for _ in range(5):
        house.records.case(house.village, due=moment("2025-11-10 17:30"))
    page = read(client, house.cast["secretary"], "/facts/?quarter=2026-Q1")
    rows = re.findall(r"<tr>\s*(<td.*?)</tr>", page, re.DOTALL)
    cells = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in rows]
    assert len(cells) == len(INDICATORS)
    assert cells[0] == ["事件按时办结", "5 / 6", "83.33%", "0%"]
    assert cells[1] == ["矛盾纠纷按时办结", "0 / 0", "样本不足", "样本不足"]
    assert "全部村（社区）" not in page


@time_machine.travel(NOW)
def test_it_gives_all_villages_of_a_township(client: Client, house: FactHouse) -> None:
    page = read(client, house.cast["leader"], "/facts/")
    assert "2026年第1季度实测指标" in page and "共 2 个村（社区）" in page
    assert "83.33%" in page and f"village={house.other.pk}&amp;quarter=2026-Q1" in page
    assert "四季度" not in page.split("<select")[0]
    assert "您的范围内没有村" in read(client, make_user("new", "staff", make_township("511923109")), "/facts/")


@time_machine.travel(NOW)
def test_it_offers_the_villages_of_the_quarter(client: Client, house: FactHouse) -> None:
    staff = house.cast["staff"]
    units_merge(
        sources=[house.village, house.other], into=NewUnit("兴隆村委会", "511923102210"), on=date(2026, 4, 1), by=staff
    )
    assert "兴隆村" not in read(client, staff, "/facts/?quarter=2026-Q1")
    assert "八一村" not in read(client, staff, "/facts/?quarter=2026-Q2")
    assert "5 / 6" in read(client, staff, house.path("events_in_time"))
    later = read(client, staff, house.path(quarter="2026-Q2"))
    assert "八一村2026年第2季度实测指标" in later and "八一村（已撤销）" in later


@time_machine.travel(NOW)
def test_it_takes_the_last_quarter_where_the_address_names_none(client: Client, house: FactHouse) -> None:
    for query in ("", "?quarter="):
        assert "八一村2026年第1季度实测指标" in read(client, house.cast["secretary"], f"/facts/{query}")
    for wrong in ("x", "2026-03", "2026", "2031-Q1", "0001-Q1", "9999-Q4"):
        page = read(client, house.cast["secretary"], f"/facts/?quarter={wrong}")
        assert "筛选条件有误" in page and "2026年第1季度实测指标" not in page, wrong
    assert "八一村2021年第3季度实测指标" in read(client, house.cast["secretary"], "/facts/?quarter=2021-Q3")


@time_machine.travel(NOW)
def test_it_is_404_for_strangers_and_for_what_is_not_there(client: Client, house: FactHouse) -> None:
    paths = ["/facts/", *(house.path("events_in_time", tail) for tail in ("", "export/")), house.path("", "export/")]
    for role in ("group_head", "yard_head", "mediator", "system", "audit"):
        client.force_login(house.cast[role])
        assert [client.get(path).status_code for path in paths] == [404] * 4, role
    strangers = [neighbour()["secretary"], make_user("ma", "secretary", house.other)]
    for user in strangers:
        client.force_login(user)
        assert [client.get(path).status_code for path in [house.path(), *paths[1:]]] == [404] * 4, user
    client.force_login(house.cast["staff"])
    for path in ("/facts/logins/", "/facts/?village=x", "/facts/?village=99999999999999999999", "/facts/events_in_time/?village=0"):
        assert client.get(path).status_code == 404, path
    assert client.get("/facts/events_in_time/?quarter=2026-Q1").headers["Location"] == "/facts/?quarter=2026-Q1"


@time_machine.travel(NOW)
def test_it_exports_the_list_and_the_overview(client: Client, house: FactHouse) -> None:
    client.force_login(house.cast["cadre"])
    title, heading, *rows = table(client, house.path("events_in_time", "export/"))
    assert title[0] == "事件按时办结明细"
    assert heading == ["序号", "记录", "地点", "全程限时", "办结时间", "是否达标", "系统编号"]
    assert [row[5] for row in rows[:6]] == ["达标"] * 5 + ["未达标"] and rows[0][2] == "柏树院"
    assert rows[6][0] == "八一村，2026年第1季度。"
    client.force_login(house.cast["leader"])
    _, heading, *rows = table(client, "/facts/export/?quarter=2026-Q1")
    assert heading[:2] == ["村（社区）", "事件按时办结"] and len(heading) == len(INDICATORS) + 1
    assert [row[:3] for row in rows[:2]] == [
        ["八一村", "5/6（83.33%）", "0/0（样本不足）"], ["马鞍村", "0/0（样本不足）", "0/0（样本不足）"],
    ]  # fmt: skip
    assert [row[0] for row in table(client, house.path("", "export/"))][2:4] == ["八一村", "2026年第1季度。每格为达标数/总数（达标率）。"]
    assert AccessLog.objects.filter(kind="export", detail="事件按时办结明细 6 行").count() == 1
    for role in ("supervisor", "overseer"):
        page = read(client, house.cast[role], house.path("events_in_time"))
        assert "导出" not in page
        assert client.get(house.path("events_in_time", "export/")).status_code == 404


@time_machine.travel(NOW)
def test_it_takes_as_many_queries_for_many_rows_as_for_few(client: Client, house: FactHouse) -> None:
    staff = house.cast["staff"]
    house.scatter(count=40)
    house.records.close_months(house.village, Random(1))
    paths = ["/facts/", house.path(), "/facts/export/?quarter=2026-Q1"]
    paths += [house.path(code, tail) for code in INDICATORS for tail in ("", "export/")]
    before = [statements(client, staff, path) for path in paths]
    house.scatter(5, 12)
    for number in range(3):
        make_village(house.township, f"村{number}村委会", f"51192310221{number}")
    assert [statements(client, staff, path) for path in paths] == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_it_walks_from_the_overview_to_a_record(live_server: LiveServer, browser: Browser, width: str) -> None:
    house = FactHouse()
    house.scatter(3, 14)
    house.records.close_months(house.village, Random(1))
    house.records.close_months(house.other, Random(2))
    with walking(browser, live_server.url, width) as page:
        log_in(page, house.cast["staff"].username)
        page.get_by_role("navigation", name="主导航").get_by_role("link", name="更多").click()
        page.get_by_role("link", name="实测指标").click()
        expect(page.get_by_role("heading", name="实测指标")).to_be_visible()
        page.goto("/facts/?quarter=2026-Q1")
        page.get_by_role("button", name="查看").click()
        expect(page.get_by_text("共 2 个村（社区）")).to_be_visible()
        shot(page, "facts-all")
        page.get_by_role("link", name="八一村", exact=True).click()
        expect(page.get_by_role("heading", name="八一村2026年第1季度实测指标")).to_be_visible()
        shot(page, "facts-village")
        page.get_by_role("link", name="事件按时办结").click()
        expect(page.get_by_role("heading", name="事件按时办结")).to_be_visible()
        shot(page, "facts-events")
        page.get_by_role("link", name=re.compile("^未达标")).click()
        expect(page.locator("tbody tr").first.get_by_text("未达标", exact=True)).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="导出明细").click()
        assert download.value.suggested_filename.startswith("事件按时办结明细-")
        page.locator("tbody a").first.click()
        expect(page).to_have_url(re.compile("/cases/"))
        page.goto(house.path("errands_satisfied", quarter="2024-Q1"))
        expect(page.get_by_text("这个季度还没有可算的记录。")).to_be_visible()
        shot(page, "facts-empty")


@time_machine.travel(NOW, tick=False)
def test_it_makes_nothing_of_a_wrong_quarter(house: FactHouse, client: Client) -> None:
    code = "events_in_time"
    page = read(client, house.cast["staff"], "/facts/?quarter=zzz")
    assert "筛选条件有误" in page and 'class="error"' in page and "<table" not in page and "导出表格" not in page
    wrong = f"/facts/?village={house.village.pk}&quarter=zzz"
    assert "<table" not in read(client, house.cast["staff"], wrong)
    assert location(client.get(house.path(code, quarter="zzz"))) == wrong
    before = AccessLog.objects.count()
    for path in (house.path("", "export/", quarter="zzz"), house.path(code, "export/", quarter="zzz")):
        answer = client.get(path, follow=True)
        assert answer.redirect_chain == [(wrong, 302)] and "筛选条件有误，没有导出" in answer.content.decode()
    assert AccessLog.objects.count() == before
