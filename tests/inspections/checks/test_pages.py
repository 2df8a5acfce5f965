"""Pages of 户月评: who sees what, the plain form, slips and plates, the ledger, and as many queries for few as for many."""

from __future__ import annotations

import io
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.test import Client

from governance.accounts.duties import Duty
from inspections.models import HouseholdCheck
from moral_bank.models import Entry
from tests.answers import location, streamed
from tests.builders import (
    make_cast,
    make_household,
    make_locked_month,
    make_township,
    make_unit,
    make_user,
    make_village,
    settlement_of,
)
from tests.inspections.checks.house import CheckHouse, this_month
from tests.pages import neighbour, queries, read

pytestmark = pytest.mark.django_db
POOR: dict[str, Any] = {"柴草乱堆": 4, "院坝有垃圾": 4, "粪污外流": 1}


@pytest.fixture
def house() -> CheckHouse:
    return CheckHouse()


def judge(house: CheckHouse, home: int = 0, by: str = "cadre", **said: Any) -> HouseholdCheck:
    return house.check(home, by=by, month=said.pop("month", this_month()), at=None, **said)


def save(client: Client, house: CheckHouse, home: int = 0, **fields: Any) -> Any:
    pk = house.homes[home].pk
    said = {"client_key": str(uuid4()), "household": pk, "month": str(this_month()), **fields}
    return client.post(f"/checks/households/{pk}/", said)


def test_it_saves_by_the_plain_form_and_goes_on(house: CheckHouse, client: Client) -> None:
    client.force_login(house.user("sanitation"))
    fault = f"fault-{house.item('衣物乱晾').pk}"
    answer = save(client, house, 0, **{fault: "3"})
    assert answer.headers["Location"] == f"/checks/households/{house.homes[1].pk}/?month={this_month()}"
    assert HouseholdCheck.objects.get().plate == "fair"
    assert 'value="3" selected' in read(client, house.user("sanitation"), f"/checks/households/{house.homes[0].pk}/")
    answer = save(client, house, 1, clean="1", **{fault: "3"})
    assert answer.headers["Location"] == f"/checks/{house.yard.pk}/?month={this_month()}"
    assert HouseholdCheck.objects.get(household=house.homes[1]).plate == "clean"


def test_it_keeps_what_was_typed_where_it_is_refused(house: CheckHouse, client: Client) -> None:
    client.force_login(house.user("sanitation"))
    fault = f"fault-{house.item('衣物乱晾').pk}"
    typed: dict[str, Any] = {fault: "2", f"fault-{house.item('柴草乱堆').pk}": "x", "note": "在改"}
    page = save(client, house, **typed)
    assert page.status_code == 422
    for words in ("处数要写整数", 'value="2" selected', 'value="在改"'):
        assert words in page.content.decode()
    assert not HouseholdCheck.objects.exists()


def test_it_leaves_kin_to_others(house: CheckHouse, client: Client) -> None:
    house.kin("sanitation")
    user = house.user("sanitation")
    assert "请他人评" in read(client, user, f"/checks/{house.yard.pk}/")
    page = read(client, user, f"/checks/households/{house.homes[0].pk}/")
    assert "请他人评" in page and "记下，下一户" not in page
    assert save(client, house).status_code == 422 and not HouseholdCheck.objects.exists()
    save(client, house, 1, clean="1")
    assert HouseholdCheck.objects.get().household == house.homes[1]


def test_it_shows_each_only_their_own_places(house: CheckHouse, client: Client) -> None:
    judge(house)
    other_yard = make_unit("settlement", "桂花院", f"{house.village.code}001002", house.yard.parent)
    make_household(house.village, "桂花人家", unit=other_yard)
    yard_head, strangers = house.user("yard_head"), neighbour()
    assert "桂花院" in read(client, house.user("cadre"), "/checks/")
    assert "桂花院" not in read(client, yard_head, "/checks/")
    paths = [f"/checks/{{}}/{end}" for end in ("", "results/", "order/")] + ["/checks/reminders/{}/", "/checks/plates/{}/"]
    for path in paths:
        client.force_login(yard_head)
        assert client.get(path.format(other_yard.pk)).status_code == 404
        assert client.get(path.format(house.yard.pk)).status_code == 200
        client.force_login(strangers["cadre"])
        assert client.get(path.format(house.yard.pk)).status_code == 404
    assert client.get(f"/checks/households/{house.homes[0].pk}/").status_code == 404


def test_it_looks_on_without_judging(house: CheckHouse, client: Client) -> None:
    judge(house, **POOR)
    overseer = house.user("overseer")
    overview = read(client, overseer, "/checks/")
    assert "1/2" in overview and f"/checks/{house.yard.pk}/\"" not in overview
    assert "柴草乱堆 4 处" in read(client, overseer, f"/checks/{house.yard.pk}/results/")
    for path in (f"/checks/{house.yard.pk}/", f"/checks/reminders/{house.yard.pk}/"):
        assert client.get(path).status_code == 404


def test_it_counts_a_month_by_place_and_plate(house: CheckHouse, client: Client) -> None:
    judge(house, **POOR)
    judge(house, 1, month=this_month().previous())
    staff = house.user("staff")
    page = read(client, staff, "/checks/")
    assert "已评 <strong>1</strong>/2 户" in page and "不清洁 1" in page and "导出户月评台账" in page
    page = read(client, staff, f"/checks/?month={this_month().previous()}")
    assert this_month().previous().label in page and "清洁 1" in page
    assert "已评 <strong>0</strong>/2" in read(client, staff, "/checks/?month=2020-01")
    assert "没有符合" in read(client, staff, f"/checks/{house.yard.pk}/results/?plate=clean")
    assert "这个月还没有评" in read(client, staff, f"/checks/{house.yard.pk}/results/?month=2020-01")


def test_it_sums_up_one_township_or_one_village_and_not_a_county(house: CheckHouse, client: Client) -> None:
    judge(house, **POOR)
    make_village(make_township("511923103"), "九龙村委会", "511923103201")
    clerk = make_user("county", Duty.STAFF, house.township.parent)
    page = read(client, clerk, "/checks/")
    assert "选一个村（社区），看已评多少户" in page and "已评 <strong>" not in page and "导出户月评台账" in page
    assert "已评 <strong>1</strong>/2 户" in read(client, clerk, f"/checks/?village={house.village.pk}")
    assert "导出户月评台账" not in read(client, clerk, f"/checks/?month={this_month().previous()}")


def test_it_prints_a_slip_for_each_that_is_not_clean(house: CheckHouse, client: Client) -> None:
    judge(house, **POOR)
    judge(house, 1)
    page = read(client, house.user("sanitation"), f"/checks/reminders/{house.yard.pk}/")
    assert page.count("环境卫生整改提醒") == 1 and "王1户" in page and "王2" not in page
    assert "粪污外流" in page and "不公示" in page
    plates = read(client, house.user("sanitation"), f"/checks/plates/{house.yard.pk}/")
    assert plates.count('class="cleanplate"') == 2 and "得" not in plates.split("cleanplates")[1].split("</div>")[0]
    assert "没有需要提醒的户" in read(client, house.user("sanitation"), f"/checks/reminders/{house.yard.pk}/?month=2020-01")


def test_it_exports_the_ledger_of_a_month(house: CheckHouse, client: Client) -> None:
    judge(house, **POOR, note="在改")
    judge(house, 1, month=this_month().previous())
    client.force_login(house.user("cadre"))
    answer = client.get(f"/checks/export/?unit={house.yard.pk}")
    rows = list(openpyxl.load_workbook(io.BytesIO(streamed(answer))).active.values)
    head = next(number for number, row in enumerate(rows) if row[0] == "序号")
    assert rows[head][:7] == ("序号", "户主", "月份", "得分", "清洁牌", "扣分", "评分人")
    wrong = "粪污外流；柴草乱堆 4 处；院坝有垃圾 4 处"
    cells = ("1", "王1", str(this_month()), "40", "不清洁", wrong, "cadre-511923102201", "八一村委会", "柏树院", "001", "在改")
    assert [tuple(str(cell) for cell in row[:-1]) for row in rows[head + 1 : head + 3] if row[0]] == [cells]
    client.force_login(house.user("yard_head"))
    assert client.get("/checks/export/").status_code == 404


def test_it_says_why_a_month_cannot_be_judged(house: CheckHouse, client: Client) -> None:
    last, user = this_month().previous(), house.user("sanitation")
    path = f"/checks/{house.yard.pk}/"
    assert f"补评 {last.label}" in read(client, user, path)
    make_locked_month(house.village, house.rules, last.start)
    assert "补评" not in read(client, user, path)
    page = read(client, user, f"{path}?month={last}")
    assert f"{last.label}不能评了" in page and "check-card" not in page
    bare = make_unit("village", "马鞍村委会", "511923102202", house.township)
    assert "没有直接登记的住户" in read(client, house.user("staff"), f"/checks/{bare.pk}/")


def test_it_says_that_there_is_no_card(client: Client) -> None:
    township = make_township()
    village = make_village(township)
    make_household(village)
    cast = make_cast(township, village)
    assert "还没有启用户月评检查表" in read(client, cast["cadre"], f"/checks/{settlement_of(village).pk}/")


def test_it_keeps_the_order_that_is_typed(house: CheckHouse, client: Client) -> None:
    third = make_household(house.village, "王3", number="003")
    client.force_login(house.user("sanitation"))
    first, second = house.homes
    client.post(f"/checks/{house.yard.pk}/order/", {f"place-{third.pk}": "1", f"place-{first.pk}": "1", f"place-{second.pk}": "x"})
    orders = {home.pk: home.walk_order.position for home in (first, second, third) if not home.refresh_from_db()}  # type: ignore[func-returns-value]
    assert orders == {third.pk: 1, first.pk: 2, second.pk: 3}


def test_it_asks_as_much_for_many_as_for_few(house: CheckHouse, client: Client) -> None:
    yard, user = house.yard.pk, make_user("second", Duty.CADRE, house.village)
    ends = ("/checks/", f"/checks/{yard}/", f"/checks/{yard}/results/", f"/checks/reminders/{yard}/", f"/checks/{yard}/order/")

    def fill(first: int) -> None:
        for number in range(first, len(house.homes)):
            judge(house, number, month=this_month().previous(), 衣物乱晾=1)
            judge(house, number, 衣物乱晾=3)

    fill(0)
    few = [queries(client, user, path) for path in ends]
    house.homes += [make_household(house.village, f"李{number}") for number in range(12)]
    group = house.yard.parent
    for number in range(3, 6):
        house.homes.append(make_household(house.village, unit=make_unit("settlement", "院", f"{group.code}00{number}", group)))  # type: ignore[union-attr]
    fill(2)
    assert [queries(client, user, path) for path in ends] == few
    assert Entry.objects.count() == 17, "last month's were clean, this month's fair"


def test_it_sums_up_all_kinds_of_plates(house: CheckHouse, client: Client) -> None:
    judge(house)
    page = read(client, house.user("staff"), "/checks/")
    assert "清洁 1" in page and "比较清洁 0" in page and "不清洁 0" in page
    assert "比较清洁" not in page.split("<table")[1]


def test_it_leads_to_judging_where_a_month_is_not_judged(house: CheckHouse, client: Client) -> None:
    judge(house)
    month = this_month().previous()
    path = f"/checks/{house.yard.pk}/"
    for query in ("", "&plate=clean"):
        page = read(client, house.user("sanitation"), f"{path}results/?month={month}{query}")
        assert f'href="{path}?month={month}">去评' in page and "看看全部" not in page
    assert "去评" not in read(client, house.user("overseer"), f"{path}results/?month={month}")


@pytest.mark.parametrize("query", ["month=zzz", "plate=zzz"])
def test_it_makes_nothing_of_a_wrong_filter(house: CheckHouse, client: Client, query: str) -> None:
    judge(house)
    page = read(client, house.user("staff"), f"/checks/{house.yard.pk}/results/?{query}")
    assert "筛选条件有误" in page and 'class="error"' in page and "王1" not in page
    assert "导出台账" not in page and "去评" not in page
    answer = client.get(f"/checks/export/?{query}")
    assert location(answer) == f"/checks/?{query}"
    assert "筛选条件有误，没有导出" in client.get(location(answer)).content.decode()


def test_it_counts_nothing_for_a_wrong_month(house: CheckHouse, client: Client) -> None:
    judge(house)
    page = read(client, house.user("staff"), "/checks/?month=zzz")
    assert "筛选条件有误" in page and "已评" not in page


def test_it_exports_one_plate(house: CheckHouse, client: Client) -> None:
    judge(house)
    judge(house, 1, **POOR)
    client.force_login(house.user("cadre"))
    rows = list(openpyxl.load_workbook(io.BytesIO(streamed(client.get("/checks/export/?plate=poor")))).active.values)
    assert [row[1] for row in rows if row[4] in ("清洁", "不清洁")] == [house.homes[1].head_name]


def test_its_form_is_named_after_the_household(house: CheckHouse, client: Client) -> None:
    home = house.homes[0]
    assert f"<title>户月评 {home.head_name} · 乡治</title>" in read(client, house.user("sanitation"), f"/checks/households/{home.pk}/")
