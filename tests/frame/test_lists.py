"""The list kit: columns said once, filters that never show too much, saved filters that are one's own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils.html import strip_tags

from governance.accounts.duties import Action
from governance.accounts.models import AccessLog, SavedFilter, User
from governance.accounts.saved_filters import MOST, FilterError, filter_save
from governance.frame.columns import Col, day_of, read, shown, signed
from governance.frame.exports import Ledger
from governance.frame.filters import PageFilter, PeriodFilter, WordsFilter
from governance.frame.lists import Listing, Look, Tab, To
from governance.periods import Period
from inspections.models import Blame, Finding, Order
from inspections.orders.lists import BLAMES, ORDERS
from tests.inspections.house import moment
from tests.inspections.orders.house import ISSUED, OrderHouse
from tests.inspections.orders.test_blames import load_workbook_of, make_blame
from tests.pages import queries
from tests.pages import read as page_of

pytestmark = pytest.mark.django_db
WRONG = ("kind=letters", "village=x", "q=" + "长" * 41, "kind=notice&village=0")


@pytest.fixture
def house() -> OrderHouse:
    return OrderHouse()


def look(user: User, query: str = "", listing: Listing = ORDERS, model: Any = Order) -> Look:
    request: Any = RequestFactory().get(f"/orders/?{query}")
    request.user, request.resolver_match = user, resolve("/orders/")
    return Look(request, listing, model.objects.visible_to(user), None)


def test_it_says_a_column_once_for_head_phone_and_sheet(house: OrderHouse, client: Client) -> None:
    blame = make_blame(order=house.issue())
    page = page_of(client, house.leader, "/blames/")
    for col in BLAMES.columns:
        assert f">{col.label}<" in page
        assert (f'data-label="{col.label}"' in page) is not col.whole
    _, headings, row = load_workbook_of(client, house.leader, "/blames/export/")
    assert headings == ("日期", "村（社区）", "方式", "对象", "事由", "结果", "起因（编号）", "登记人", "系统编号")
    drawn = [cell.text for line in look(house.leader, "", BLAMES, Blame).lines() for cell in line]
    assert drawn == [str(blame.on), *row[1:-1]] and all(text in strip_tags(page) for text in drawn)


def test_it_writes_what_the_page_shows_and_leaves_out_what_is_not_for_the_sheet() -> None:
    row: Any = {"n": 3}
    listing = Listing("某表", [Col("数", lambda row: row["n"], width=8, heading="数量"), Col("", cell="x.html", sheet=False)])
    ledger = listing.ledger()
    assert [(column.heading, column.width) for column in ledger.columns] == [("数量", 8), ("系统编号", 10)]
    assert [col.written(row) for col in listing.columns if col.sheet] == [3]


def test_it_reads_dotted_paths_as_far_as_they_go(house: OrderHouse) -> None:
    order = house.issue()
    assert read(order, "get_kind_display") == "整改通知书" and read(order, "signed_by.name") is None
    assert [shown(read(order, path)) for path in ("signed_by.name", "issued_at", "village")] == ["—", "2026-04-20 09:00", "八一村"]
    assert (shown(True), str(day_of("issued_at")(order)), day_of("signed_at")(order)) == ("是", "2026-04-20", None)


@pytest.mark.parametrize("query", WRONG)
def test_an_invalid_filter_shows_its_error_and_no_rows(house: OrderHouse, client: Client, query: str) -> None:
    order = house.issue()
    assert order.number in page_of(client, house.staff, "/orders/")
    page = page_of(client, house.staff, f"/orders/?{query}")
    assert "筛选条件有误" in page and 'class="error"' in page and "共 0 件" in page and order.number not in page
    assert "/export/" not in page, "what would be refused is not offered"
    logged = AccessLog.objects.count()
    answer = client.get(f"/orders/export/notice/?{query}", follow=True)
    assert "没有导出" in answer.content.decode() and order.number not in answer.content.decode()
    assert AccessLog.objects.count() == logged, "nothing was exported"
    assert answer.request["QUERY_STRING"], "back to the list as it was filtered"


def test_it_filters_by_village_only_for_those_who_see_several(house: OrderHouse) -> None:
    assert "village" in look(house.staff).filters.form.fields
    assert "village" not in look(house.secretary).filters.form.fields


def test_it_shows_what_is_filtered_and_how_to_take_it_off(house: OrderHouse, client: Client) -> None:
    house.issue()
    found = look(house.staff, f"village={house.village.pk}&kind=notice&page=3&sort=issued_at")
    assert [(chip.label, chip.words) for chip in found.chips] == [("村（社区）", "八一村"), ("类别", "整改通知书")]
    assert found.chips[1].without == f"village={house.village.pk}&sort=issued_at"
    assert "类别：整改通知书 ×" in page_of(client, house.staff, "/orders/?kind=notice")


def test_it_sorts_by_declared_columns_only(house: OrderHouse, client: Client) -> None:
    first, second = house.issue(number=1), house.issue(number=0)
    numbers = {query: [order.pk for order in look(house.staff, query).rows] for query in ("sort=village__path", "sort=-village__path")}
    assert list(numbers.values()) == [[second.pk, first.pk], [first.pk, second.pk]]
    for query in ("sort=requirement", "sort=-issued_by__password", "sort=", "sort=-", "sort=?"):
        assert look(house.staff, query).order == "", query
        page_of(client, house.staff, f"/orders/?{query}")
    page = page_of(client, house.staff, "/orders/?sort=issued_at&tab=all")
    assert 'aria-sort="ascending"' in page and "sort=-issued_at&amp;tab=all" in page


def test_it_keeps_the_tab_in_the_export(house: OrderHouse, client: Client) -> None:
    closed = house.closed()
    house.issue()
    assert 'href="/orders/export/notice/?tab=closed"' in page_of(client, house.staff, "/orders/?tab=closed")
    rows = load_workbook_of(client, house.staff, "/orders/export/notice/?tab=closed")
    assert [row[0] for row in rows[2:]] == [closed.number]


def test_it_offers_links_to_those_who_may_and_one_for_each_page(house: OrderHouse) -> None:
    assert [link.label for link in look(house.staff).actions()] == ["下发整改通知"]
    assert [link.label for link in look(house.secretary).actions()] == ["发现的问题"]
    assert To("看看全部", "?tab=all").href == "?tab=all" and To("请先导入名册。", "").href == ""


def test_it_draws_the_rows_button_as_one(house: OrderHouse) -> None:
    house.issue()
    listing = Listing("某表", [Col("编号", "number"), Col("", lambda order: "去办", href=lambda order: "/go/", go=True)])
    (line,) = look(house.staff, "", listing).lines()
    assert '<a class="btn btn-sm btn-primary" href="/go/">去办</a>' in render_to_string("_list_cell.html", {"cell": line[1]})


def test_it_leaves_out_columns_for_those_who_may_not(house: OrderHouse) -> None:
    listing = Listing("某表", [Col("编号", "number"), Col("约谈", "misses", needs=Action.BLAME)], PageFilter)
    assert [len(look(user, "", listing).columns) for user in (house.leader, house.staff)] == [2, 1]


def test_it_shows_a_tab_by_its_rows_order_and_columns(house: OrderHouse, client: Client) -> None:
    first, second = house.issue(), house.issue()
    house.closed()
    tab = Tab("open", "待办", lambda rows, user: rows.open() if user == house.staff else rows, ("pk",))
    listing = Listing("某表", [Col("编号", "number"), Col("次数", "misses", tabs=("open",))], tabs=(tab,))
    request: Any = RequestFactory().get("/orders/")
    request.user = house.staff
    on_tab, without = (Look(request, listing, Order.objects.all(), shown) for shown in (tab, None))
    assert (list(on_tab.rows), len(on_tab.columns)) == ([first, second], 2)
    assert (len(without.rows), len(without.columns)) == (3, 1)


def test_it_draws_a_number_with_its_sign(house: OrderHouse) -> None:
    house.issue()
    listing = Listing("某表", [signed("加", lambda order: order.misses + 2), signed("减", lambda order: order.misses - 2)])
    (line,) = look(house.staff, "", listing).lines()
    assert [(cell.text, cell.classes) for cell in line] == [("+2", "num plus"), ("-2", "num minus")]


def test_it_draws_a_dash_only_below_a_label(house: OrderHouse) -> None:
    house.issue()
    (line,) = look(house.staff, "", Listing("某表", [Col("签收", "signed_by.name"), Col("", "signed_by.name")])).lines()
    assert [cell.text for cell in line] == ["—", ""]


def test_it_draws_what_is_read_for_the_rows_of_a_page(house: OrderHouse) -> None:
    orders = [house.issue(), house.issue()]
    calls: list[int] = []

    def shown(filters: Any, rows: Any) -> list[dict[str, Any]]:
        calls.append(len(rows))
        return [{"words": f"{filters.request.user.name}：{order.number}", "pk": order.pk} for order in rows]

    listing = Listing("某表", [Col("话", lambda row: row["words"])], shown=shown, href=lambda row: f"/{row['pk']}/")
    drawn = [(cell.text, cell.href) for line in look(house.staff, "", listing).lines() for cell in line]
    assert drawn == [(f"{house.staff.name}：{order.number}", f"/{order.pk}/") for order in reversed(orders)]
    assert calls == [2]


def test_it_numbers_the_rows_of_a_ledger_in_their_order(house: OrderHouse) -> None:
    numbers = [house.issue().number for _ in range(2)]
    ledger = Ledger.of("某表", [Col("编号", "number")], order=("-pk",), numbered=True, notes=["注"], key="编号")
    assert [column.heading for column in ledger.columns] == ["序号", "编号"] and ledger.notes == ["注"]
    assert [list(row) for row in ledger.rows(Order.objects.all())] == [[1, numbers[1]], [2, numbers[0]]]


def test_it_lets_the_database_count_for_a_ledger(house: OrderHouse) -> None:
    house.issue()
    ledger = Ledger.of("某表", [Col("问题", "texts")], figures={"texts": Count("findings")})
    assert [list(row) for row in ledger.rows(Order.objects.all())] == [[Finding.objects.count(), f"order-{Order.objects.get().pk}"]]


def spring() -> list[Period]:
    return [Period.parse(f"2026-0{month}") for month in (3, 4, 5)]


class MonthFilter(PageFilter):
    issued = PeriodFilter("签发月份", "issued_at", periods=spring, instant=True)
    due = PeriodFilter("整改月份", "fix_due_on", periods=spring)


class ManyFilter(MonthFilter):
    q = WordsFilter("编号", "number")
    again = PeriodFilter("复查月份", "fix_due_on", periods=spring)


@pytest.mark.parametrize(("query", "opened"), [("", False), ("q=甲", False), ("due=2026-04", True), ("due=四月", True)])
def test_a_phone_folds_many_filters_but_none_that_is_set(house: OrderHouse, query: str, opened: bool) -> None:
    filters = look(house.staff, query, Listing("某表", [Col("编号", "number")], ManyFilter)).filters
    assert filters.folds and filters.is_narrowed == opened
    assert not look(house.staff, query, Listing("某表", [Col("编号", "number")], MonthFilter)).filters.folds


@pytest.mark.parametrize(("query", "found"), [("issued=2026-04", 1), ("issued=2026-03", 0), ("due=2026-04", 1), ("due=2026-03", 0)])
def test_it_finds_the_rows_of_a_month(house: OrderHouse, query: str, found: int) -> None:
    house.issue(at=moment("2026-04-01 00:30"))
    shown = look(house.staff, query, Listing("某表", [Col("编号", "number")], MonthFilter))
    assert len(shown.rows) == found
    assert [chip.words for chip in shown.chips] == [Period.parse(query.partition("=")[2]).label]


def test_it_reads_a_list_in_as_many_statements_whatever_its_length(house: OrderHouse, client: Client) -> None:
    make_blame(order=house.issue())
    before = [queries(client, house.leader, path) for path in ("/blames/?kind=talk&sort=on", "/orders/?sort=village__path")]
    for _ in range(4):
        make_blame(order=house.issue(), at=ISSUED)
    assert [queries(client, house.leader, path) for path in ("/blames/?kind=talk&sort=on", "/orders/?sort=village__path")] == before


def save(client: Client, user: User, **data: str) -> Any:
    client.force_login(user)
    return client.post(reverse("accounts:filter-save"), {"path": "/orders/", "query": "kind=notice", "label": "通知书", **data})


def test_a_saved_filter_is_ones_own(house: OrderHouse, client: Client) -> None:
    assert save(client, house.staff)["Location"] == "/orders/?kind=notice"
    saved = SavedFilter.objects.get()
    assert (saved.user, saved.page, saved.query) == (house.staff, "inspections:order-list", "kind=notice")
    assert 'href="?kind=notice"' in page_of(client, house.staff, "/orders/")
    assert "通知书</a>" not in page_of(client, house.staff, "/findings/"), "it belongs to its list"
    assert 'href="?kind=notice"' not in page_of(client, house.supervisor, "/orders/")
    remove = reverse("accounts:filter-remove", args=[saved.pk])
    assert client.post(remove, {"path": "/orders/"}).status_code == 404, "another's"
    assert SavedFilter.objects.exists()
    assert remove in page_of(client, house.staff, "/orders/?kind=notice")
    assert client.post(remove, {"path": "/orders/"})["Location"] == "/orders/"
    assert not SavedFilter.objects.exists()


def test_a_saved_filter_keeps_its_name_and_has_a_limit(house: OrderHouse, client: Client) -> None:
    save(client, house.staff)
    save(client, house.staff, query="kind=oversight")
    assert SavedFilter.objects.get().query == "kind=oversight"
    assert "20 字以内" in client.get(save(client, house.staff, label=" ")["Location"]).content.decode()
    for number in range(MOST - 1):
        filter_save(user=house.staff, page="inspections:order-list", label=f"{number}", query="")
    with pytest.raises(FilterError, match="最多保存"):
        filter_save(user=house.staff, page="inspections:order-list", label="再一个", query="")
    filter_save(user=house.staff, page="inspections:finding-list", label="另一个列表", query="")


@pytest.mark.django_db(transaction=True)
def test_saved_filters_stay_within_their_limit_in_a_race() -> None:
    staff = OrderHouse().staff
    for number in range(MOST - 1):
        filter_save(user=staff, page="inspections:order-list", label=f"{number}", query="")
    barrier = Barrier(4)

    def save_one(label: str) -> None:
        try:
            barrier.wait()
            with suppress(FilterError):
                filter_save(user=staff, page="inspections:order-list", label=label, query="")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(save_one, "甲乙丙丁"))
    assert SavedFilter.objects.count() == MOST


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/orders/", "/nowhere/", "", "/orders/\n", "javascript:1"])
def test_saving_a_filter_leads_to_a_page_of_ours(house: OrderHouse, client: Client, path: str) -> None:
    assert save(client, house.staff, path=path).status_code == 404
    assert not SavedFilter.objects.exists()
    kept = filter_save(user=house.staff, page="inspections:order-list", label="通知书", query="")
    assert client.post(reverse("accounts:filter-remove", args=[kept.pk]), {"path": path}).status_code == 404


def test_it_keeps_a_query_as_a_query(house: OrderHouse, client: Client) -> None:
    assert save(client, house.staff, query='q="><script>\r\n')["Location"] == "/orders/?q=%22%3E%3Cscript%3E%0D%0A"
    assert "条件太长" in client.get(save(client, house.staff, query="q=" + "a" * 500)["Location"]).content.decode()


def test_saving_needs_a_login(client: Client) -> None:
    assert client.post(reverse("accounts:filter-save"), {"path": "/orders/"})["Location"].startswith("/login/")
    assert client.get(reverse("accounts:filter-save")).status_code == 405
