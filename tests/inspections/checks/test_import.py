"""A past 户月评 comes in: history without points, an open month with them, a locked one not at all, nothing written over."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from governance.periods import today
from governance.sheets.cells import CLEAN, LOOK, OK, REFUSE
from inspections.checks.sheet_import import CHECK_IMPORT, CheckOutcome
from inspections.errors import InspectionError
from inspections.models import CheckImport, HouseholdCheck
from moral_bank.ledger.services import entry_post
from moral_bank.models import Closing, Entry
from tests.builders import end_household, make_account, make_household, make_locked_month, make_resident
from tests.inspections.checks.house import CheckHouse, this_month
from tests.sheets.messy import make_id

pytestmark = pytest.mark.django_db
HEAD = ["户号", "户主", "晾晒", "衣物乱晾", "得分", "清洁牌"]
MARCH = date(2026, 3, 1)


@pytest.fixture
def house() -> CheckHouse:
    house = CheckHouse(3)
    for home, name in zip(house.homes, ("王甲", "王乙", "王丙"), strict=True):
        home.head_name = name
        home.save()
    return house


def book(*rows: list[Any], head: list[str] = HEAD, title: str = "八一村2026年3月户月评扣分表", sheet: str = "Sheet1") -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as file:
        page = file.add_worksheet(sheet)
        for number, row in enumerate([[title], head, *rows]):
            page.write_row(number, 0, row)
    return stream.getvalue()


def read(house: CheckHouse, *rows: list[Any], **said: Any) -> CheckImport:
    return CHECK_IMPORT.read(file=book(*rows, **said), filename="月评.xlsx", township=house.township, by=house.user("staff"))


def commit(house: CheckHouse, sheet: CheckImport, **options: Any) -> CheckOutcome:
    return CHECK_IMPORT.commit(sheet, by=house.user("staff"), **options)


def judged(sheet: CheckImport) -> list[tuple[str, str]]:
    return [(item.row.verdict, item.row.reason) for item in sheet.judged().rows]


def test_a_past_month_is_history_without_points(house: CheckHouse) -> None:
    rows: list[list[Any]] = [["1", "王甲", "", 10, "", ""], ["002", "王乙", 10, "", 90, ""], ["", "王丙", "", "", "", "较清洁"]]
    sheet = read(house, *rows)
    assert [level for level, _ in judged(sheet)] == [LOOK, OK, CLEAN]
    assert commit(house, sheet, include_look=True) == CheckOutcome(new=3, same=0, left_out=0, posted=0)
    first, second, third = HouseholdCheck.objects.order_by("household__number")
    assert (first.score, first.plate, first.faults) == (Decimal(90), "clean", {str(house.item("衣物乱晾").pk): 2})
    assert (second.score, second.faults, second.note) == (Decimal(90), {}, "从原台账导入；晾晒10")
    assert (third.score, third.plate, third.score_words) == (None, "fair", "—")
    assert {check.month for check in (first, second, third)} == {MARCH} and not Entry.objects.exists()
    assert {check.by for check in (first, second, third)} == {house.user("staff")}


def test_the_same_sheet_again_changes_nothing_and_nothing_is_written_over(house: CheckHouse) -> None:
    row = ["001", "王甲", "", "", 95, ""]
    commit(house, read(house, row))
    assert commit(house, read(house, row, row)) == CheckOutcome(new=0, same=2, left_out=0, posted=0)
    house.check(1, at=None, month=this_month())
    other = read(house, ["001", "王甲", "", "", 70, ""])
    assert judged(other)[0][0] == LOOK and "已评（95 分、清洁），与本行不同，没有改动" in judged(other)[0][1]
    assert commit(house, other, include_look=True).left_out == 1
    twice = read(house, ["002", "王乙", "", "", 95, ""], ["002", "王乙", "", "", 70, ""])
    assert [level for level, _ in judged(twice)] == [LOOK, LOOK] and "第 4 行还有一条" in judged(twice)[0][1]
    assert commit(house, twice, include_look=True).left_out == 2
    assert HouseholdCheck.objects.get(month=MARCH).score == 95


def test_an_open_month_earns_what_its_plate_earns_once(house: CheckHouse) -> None:
    title = f"八一村{today():%Y年%m月}户月评"
    house.check(1, at=None, month=this_month())
    deed = house.rules.deeds.get(code="W01")
    entry_post(account=make_account(house.homes[2]), deed=deed, occurred_on=today(), by=house.user("staff"), source_key="claim:1")
    rows = [["001", "王甲", "", "", 95, ""], ["002", "王乙", "", "", 100, ""], ["003", "王丙", "", "", 95, ""]]
    sheet = read(house, *rows, title=title)
    words = [reason for _, reason in judged(sheet)]
    assert "导入时入账" in words[0] and "不再入账" in words[2]
    assert sheet.counts["posted"] == 1
    assert commit(house, sheet) == CheckOutcome(new=2, same=1, left_out=0, posted=1)
    entry = HouseholdCheck.objects.get(household=house.homes[0]).entry
    assert entry is not None and (entry.points, entry.source_key) == (10, f"check:{house.homes[0].pk}:{this_month()}:0")
    assert HouseholdCheck.objects.get(household=house.homes[2]).entry is None
    assert commit(house, read(house, *rows, title=title)) == CheckOutcome(new=0, same=3, left_out=0, posted=0)
    assert Entry.objects.count() == 3


def test_a_locked_month_and_the_own_household_take_nothing(house: CheckHouse) -> None:
    make_locked_month(house.village, house.rules, MARCH)
    sheet = read(house, ["001", "王甲", "", "", 95, ""])
    assert judged(sheet)[0][0] == REFUSE and "的评分已锁定，不能再补记" in judged(sheet)[0][1]
    Closing.objects.filter(start=date(2026, 2, 1)).delete()
    house.kin("staff", 1)
    february = read(house, ["001", "王甲", "", "", 95, ""], ["002", "王乙", "", "", 95, ""], title="八一村2026年2月户月评")
    assert [level for level, _ in judged(february)] == [OK, REFUSE] and "家人的户" in judged(february)[1][1]
    assert commit(house, february).new == 1


def test_households_are_found_or_looked_at(house: CheckHouse) -> None:
    twins = [make_household(house.village, "李和", number=number) for number in ("011", "012")]
    number = make_id(date(1970, 1, 1), 11)
    make_resident(twins[1], "李和", id_number=number)
    end_household(house.homes[2].pk, date(2026, 2, 1))
    head = ["户号", "户主", "身份证号", "得分"]
    named = [("", "李和", ""), ("", "李和", number), ("001", "张三", ""), ("099", "王乙", ""), ("", "外乡人", ""), ("003", "王丙", "")]
    sheet = read(house, *[[*row, 95] for row in named], head=head)
    words = [reason for _, reason in judged(sheet)]
    for reason, part in zip(words, ("有 2 户户主叫“李和”", "", "户主是“王甲”", "没有户号“099”", "请先导入名册", "销户"), strict=True):
        assert part in reason
    assert [level for level, _ in judged(sheet)] == [LOOK, OK, LOOK, LOOK, LOOK, LOOK]
    assert commit(house, sheet, include_look=True) == CheckOutcome(new=3, same=0, left_out=3, posted=0)
    assert set(HouseholdCheck.objects.values_list("household__number", flat=True)) == {"012", "001", "002"}


def test_a_village_of_another_county_is_not_its_own(house: CheckHouse) -> None:
    rows = [["001", "王甲", "", "", 95, "", f"{county}西兴镇八一村"] for county in ("平昌县", "南江县")]
    assert [level for level, _ in judged(read(house, *rows, head=[*HEAD, "村名"]))] == [OK, REFUSE]


def test_a_namesake_whose_household_ended_later_is_not_passed_over(house: CheckHouse) -> None:
    gone = make_household(house.village, "王甲", number="021")
    end_household(gone.pk, date(2026, 4, 10))
    row = ["", "王甲", "", "", 95, ""]
    assert "有 2 户户主叫“王甲”" in judged(read(house, row))[0][1]
    assert judged(read(house, row, title="八一村2026年5月户月评"))[0][0] == OK


def test_a_plate_that_the_points_do_not_earn_is_looked_at(house: CheckHouse) -> None:
    sheet = read(house, ["001", "王甲", "", "", 85, "清洁"])
    assert judged(sheet)[0][0] == LOOK and "是“比较清洁”，表上写“清洁”" in judged(sheet)[0][1]
    commit(house, sheet, include_look=True)
    assert HouseholdCheck.objects.get().plate == "clean"


def test_without_a_card_or_the_right_nothing_is_read(house: CheckHouse) -> None:
    with pytest.raises(InspectionError, match="不能为这个乡镇"):
        CHECK_IMPORT.read(file=book(), filename="x.xlsx", township=house.township, by=house.user("cadre"))
    before: dict[str, Any] = {"township": house.township, "by": house.user("staff"), "on": date(2025, 12, 31)}
    with pytest.raises(InspectionError, match="还没有启用户月评检查表"):
        CHECK_IMPORT.read(file=book(["001", "王甲", "", "", 95, ""]), filename="x.xlsx", **before)


def test_it_is_walked_through_the_staff_pages(house: CheckHouse, client: Client) -> None:
    client.force_login(house.user("staff"))
    headings = ["户号", "户主", "晾嗮", "衣物乱晾", "得分", "清洁牌"]
    file = SimpleUploadedFile("月评.xlsx", book(["001", "王甲", 5, "", "", ""], head=headings))
    answer = client.post(reverse("admin:inspections_checkimport_add"), {"township": house.township.pk, "file": file}, follow=True)
    assert "检查表里没有“晾嗮”" in answer.content.decode() and "<td>2026-03</td>" in answer.content.decode()
    sheet = CheckImport.objects.get()
    page = reverse("admin:inspections_checkimport_changelist") + f"{sheet.pk}/"
    form = client.get(f"{page}remap/").content.decode()
    assert 'value="item:晾晒"' in form
    CHECK_IMPORT.remap(sheet, overrides={"晾嗮": "item:晾晒"}, by=house.user("staff"))
    answer = client.post(f"{page}commit/", {"sent": "1", "include_look": "on"}, follow=True)
    assert "新增 1 户次（其中入账 0 户次）" in answer.content.decode()
    assert HouseholdCheck.objects.get().score == 95
    assert client.get(reverse("inspections:check-results", args=[house.yard.pk]), {"month": "2026-03"}).status_code == 200
