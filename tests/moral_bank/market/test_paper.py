"""The offline day's list: judged cell by cell, entered once, good rows apart from bad ones."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.accounts.duties import Action
from governance.accounts.inbox_models import Message
from moral_bank.market.paper import PaperList, PaperRow, clerks, paper_enter, paper_judge
from moral_bank.models import Item, Proxy, Redemption, Shop
from tests.builders import make_locked_month
from tests.moral_bank.market.house import NOW, TODAY, MarketHouse
from tests.moral_bank.market.test_market import refusal

DAY = date(2026, 3, 30)


@pytest.fixture
def house(db: None) -> MarketHouse:
    return MarketHouse()


def paper(house: MarketHouse, **said: object) -> PaperList:
    terms = {"shop": house.shop, "on": DAY, "number": "3-1", "held_by": house.clerk, "handed_by": house.second, **said}
    return PaperList(**terms)  # type: ignore[arg-type]


GOOD = PaperRow(1, "王小明", "香皂", "2", "王小明", "灯下登记")


def enter(house: MarketHouse, rows: list[PaperRow], good_only: bool = False, **said: object) -> list[Redemption]:
    return paper_enter(paper=paper(house, **said), rows=rows, good_only=good_only, by=house.clerk, at=NOW)


def test_it_enters_a_row_as_done_on_its_day(house: MarketHouse) -> None:
    [done] = enter(house, [GOOD, PaperRow(2)])
    assert (done.state, done.on, done.paper, done.held_by, done.handed_by, done.collector) == (
        "done", DAY, "3-1", house.clerk, house.second, "王小明",
    )  # fmt: skip
    assert (done.entry.occurred_on, done.entry.points, done.moves.get().reason) == (DAY, -10, "灯下登记")
    assert (house.balance(), house.stock(house.soap)) == (90, 98)


def test_it_dates_the_entry_today_where_the_month_is_locked(house: MarketHouse) -> None:
    make_locked_month(house.village, house.rules, date(2026, 3, 1))
    [done] = enter(house, [GOOD])
    assert (done.on, done.entry.occurred_on) == (DAY, TODAY)
    assert done.entry.memo == "道德超市兑换：香皂×2（2026-03-30 纸质登记）"


def test_it_enters_a_line_once(house: MarketHouse) -> None:
    enter(house, [GOOD])
    assert enter(house, [GOOD]) == []
    changed = PaperRow(1, "王小明", "香皂", "3", "王小明")
    assert refusal(enter, house=house, rows=[changed]).rows == {1: "这张表的这一行已录入，内容不同"}
    assert house.balance() == 90


def test_it_knows_a_line_again_whatever_became_of_the_article(house: MarketHouse) -> None:
    enter(house, [GOOD])
    Item.objects.filter(pk=house.soap.pk).update(is_active=False)
    [again] = paper_judge(paper=paper(house), rows=[GOOD])
    assert again.done and again.is_good and enter(house, [GOOD]) == []
    other = PaperRow(1, "王小明", "香皂", "2", "李婶")
    assert not paper_judge(paper=paper(house), rows=[other])[0].is_good


def test_it_judges_by_what_was_good_on_the_paper_s_day(house: MarketHouse) -> None:
    milk, bread = house.item("牛奶", 5, "箱"), house.item("面包", 5, "个")
    house.receive(milk, 10, 1_00, best_before=date(2026, 3, 29))
    house.receive(bread, 10, 1_00, best_before=DAY)
    rows = [PaperRow(line, "王小明", name, "1", "王小明") for line, name in enumerate(("香皂", "牛奶", "面包"), 1)]
    errors = [one.errors for one in paper_judge(paper=paper(house), rows=rows)]
    assert errors == [{}, {"quantity": "“牛奶”那天没过保质期的只剩 0 箱，请先核对库存"}, {}]
    assert [one.item for one in enter(house, rows, good_only=True)] == [house.soap, bread]


def test_it_asks_whether_the_shop_was_open_on_the_paper_s_day(house: MarketHouse) -> None:
    Shop.objects.update(is_open=False)
    assert "不开放" in refusal(enter, house=house, rows=[GOOD], on=TODAY).message
    assert enter(house, [GOOD])


def test_it_tells_whoever_another_named_on_the_list(house: MarketHouse) -> None:
    enter(house, [GOOD])
    enter(house, [GOOD])
    told = list(Message.objects.values_list("user", "text"))
    assert told == [(house.second.pk, f"{house.clerk.name} 补录了 2026-03-30 的登记表 3-1，写明由您交付 1 笔，不对请提出")]
    other = {"paper": paper(house, number="3-2"), "rows": [GOOD], "good_only": False}
    paper_enter(**other, by=house.staff, at=NOW)  # type: ignore[arg-type]
    words = dict(Message.objects.filter(text__contains="3-2").values_list("user", "text"))
    assert set(words) == {house.clerk.pk, house.second.pk} and "写明由您登记 1 笔" in words[house.clerk.pk]


def test_it_says_cell_by_cell_what_is_wrong(house: MarketHouse) -> None:
    other = house.home("王小明", 5)
    poor = house.home("赵六", 5)
    number, twin = house.account.household.number, other.household.number
    rows = [
        PaperRow(1, "王小明", "香皂", "1", "王小明"),
        PaperRow(2, "没有人", "电视", "0", ""),
        PaperRow(3, number, "香皂", "1", "张三"),
        PaperRow(4, "赵六", "食用油", "1", "赵六"),
        PaperRow(5, number, "食用油", "1", "王小明"),
        PaperRow(6, number, "食用油", "1", "王小明"),
        PaperRow(7, twin, "香皂", "1", "王小明"),
        PaperRow(8, twin, "香皂", "x", "王小明", "字" * 101),
    ]
    errors = {one.row.line: one.errors for one in paper_judge(paper=paper(house), rows=rows)}
    assert "有 2 户" in errors[1]["home"]
    assert "本村没有" in errors[2]["home"] and "目录里没有" in errors[2]["item"]
    assert "王小明" in errors[3]["collector"]
    assert "余额不足：还有 5 分，要 50 分" in errors[4]["home"]
    assert errors[5] == {} and "只剩 0 桶" in errors[6]["quantity"] and errors[7] == {}
    assert set(errors[8]) == {"quantity", "note"}
    assert refusal(enter, house=house, rows=rows).code == "rows"
    assert house.balance(poor) == 5
    done = enter(house, rows, good_only=True)
    assert [one.account for one in done] == [house.account, other]
    assert refusal(enter, house=house, rows=[rows[1]], good_only=True).code == "rows"


def test_it_lets_a_proxy_have_signed(house: MarketHouse) -> None:
    Proxy.objects.create(
        account=house.account, name="李婶", relation="邻居", consent="当面", added_by=house.clerk, added_on=TODAY
    )
    assert enter(house, [PaperRow(1, "王小明", "香皂", "1", "李婶")])


def test_it_wants_two_clerks_a_number_and_a_day(house: MarketHouse) -> None:
    assert refusal(enter, house=house, rows=[GOOD], handed_by=house.clerk).code == "another"
    assert refusal(enter, house=house, rows=[GOOD], handed_by=house.cast["overseer"]).code == "scope"
    assert refusal(enter, house=house, rows=[GOOD], number=" ").code == "reason"
    assert refusal(enter, house=house, rows=[GOOD], on=date(2026, 4, 3)).code == "date"
    rows = {"paper": paper(house), "rows": [GOOD], "good_only": False, "at": NOW}
    assert refusal(paper_enter, **rows, by=house.cast["yard_head"]).code == "scope"
    assert set(clerks(house.shop, Action.MARKET_HAND)) == {house.clerk, house.second, house.staff}


def test_it_judges_many_rows_in_as_many_reads_as_one(house: MarketHouse) -> None:
    with CaptureQueriesContext(connection) as one:
        paper_judge(paper=paper(house), rows=[GOOD])
    rows = [PaperRow(line, house.home(f"李{line}", 5).household.number, "香皂", "1", f"李{line}") for line in range(1, 13)]
    with CaptureQueriesContext(connection) as many:
        judged = paper_judge(paper=paper(house), rows=rows)
    assert len(many) == len(one)
    assert all(row.is_good for row in judged)
