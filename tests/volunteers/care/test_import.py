"""An old care ledger comes in: people found in the register, nobody guessed, no clock in the past, children only for whom they are open."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from governance.accounts.duties import MATRIX, Action, Duty
from governance.frame.imports.flow import Outcome
from governance.periods import today
from governance.sheets.cells import CLEAN, LOOK, OK, REFUSE
from tests.builders import make_user
from tests.sheets.messy import make_id
from tests.volunteers.care.house import BORN, CareHouse
from volunteers.care.errors import CareError
from volunteers.care.sheet_import import CARE_IMPORT
from volunteers.care.sheet_rows import CLOSED
from volunteers.models import CareImport, CareNote, CareRecord, CareTurn

pytestmark = pytest.mark.django_db
HEAD = ["姓名", "身份证号", "类别", "等级", "结对帮扶人", "最近探访", "发现问题", "处理结果", "监护人", "健康状况", "备注"]
NUMBER, OLD, SINCE = make_id(date(1940, 5, 1), 12), "511929400501012", date(2026, 3, 5)


@pytest.fixture
def house() -> CareHouse:
    return CareHouse()


def book(*rows: list[Any], sheet: str = "八一村", head: list[str] = HEAD, title: str = "") -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as file:
        page = file.add_worksheet(sheet)
        for number, row in enumerate([*([[title]] if title else []), head, *rows]):
            page.write_row(number, 0, row)
    return stream.getvalue()


def read(house: CareHouse, *rows: list[Any], **said: Any) -> CareImport:
    return CARE_IMPORT.read(file=book(*rows, **said), filename="台账.xlsx", township=house.township, by=house.cast["staff"])


def commit(house: CareHouse, sheet: CareImport, **options: Any) -> Outcome:
    return CARE_IMPORT.commit(sheet, by=house.cast["staff"], **options)


def judged(sheet: CareImport) -> list[tuple[str, str]]:
    return [(item.row.verdict, item.row.reason) for item in sheet.judged().rows]


def test_people_are_taken_in_with_a_past_contact_and_no_clock_in_the_past(house: CareHouse) -> None:
    person = house.person("王秀英", id_number=NUMBER)
    helper = house.cast["cadre"]
    row = ["王秀英", NUMBER, "独居", "高风险", helper.name, "2026.3.5", "屋顶漏雨", "", "王建国（154…01）", "高血压", "听力不好"]
    sheet = read(house, row)
    assert judged(sheet)[0][0] == CLEAN
    assert commit(house, sheet) == Outcome(new=1, same=0, left_out=0)
    record = CareRecord.objects.get()
    assert (record.resident, record.category.name, record.tier, record.helper) == (person, "独居老人", "high", helper)
    assert record.private_words == ("王建国（154…01）", "高血压；备注：听力不好")
    assert (record.last_on, record.entered_on, record.due_on) == (SINCE, today(), today() + timedelta(days=7))
    assert not CareTurn.objects.exists() and record.consent == CareRecord.Consent.DUTY
    note = CareNote.objects.get()
    assert (note.condition, note.need, note.visit.went_at.date()) == ("needs", "发现问题：屋顶漏雨", SINCE)
    assert "漏雨" not in note.visit.seen and list(CareNote.objects.unsettled()) == [note]
    assert record.history.get().history_user == house.cast["staff"]


def test_the_same_ledger_again_changes_nothing_and_other_content_is_looked_at(house: CareHouse) -> None:
    house.person("王秀英", id_number=NUMBER)
    row = ["王秀英", NUMBER, "独居老人", "高", "", "2026-03-05", "", "", "", "", ""]
    commit(house, read(house, row))
    assert commit(house, read(house, row, row)) == Outcome(new=0, same=2, left_out=0)
    assert CareRecord.objects.count() == CareNote.objects.count() == 1
    other, newer = [*row[:2], "残疾", *row[3:]], [*row[:5], "2026-04-05", *row[6:]]
    sheet = read(house, other, newer)
    assert "已在台账里（独居老人、高），与本行不同" in judged(sheet)[0][1] and "请在页面上补登" in judged(sheet)[1][1]
    assert commit(house, sheet, include_look=True) == Outcome(new=0, same=0, left_out=2)
    assert CareRecord.objects.get().category.name == "独居老人" and CareNote.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "level", "reason"),
    [
        ({"category": "低保户"}, LOOK, "镇里没有“低保”这个类别，将归入“其他困难群众”"),
        ({"category": "独居、残疾"}, LOOK, "一格里有几个类别，采用“独居老人”"),
        ({"category": "困难"}, LOOK, "不认识的类别“困难”"),
        ({"category": ""}, LOOK, "没有类别"),
        ({"tier": "中"}, LOOK, "不认识的等级“中”，按类别的等级"),
        ({"helper": "张三、李四"}, CLEAN, "先不写结对帮扶人"),
        ({"last": "农历三月初五"}, LOOK, "探访日期未采用"),
        ({"last": "2099-01-01"}, LOOK, "晚于今天，未采用"),
        ({"last": "2026年3月"}, LOOK, "探访日期未采用"),
        ({"note": "2025年12月死亡，未注销"}, LOOK, "可能应登记为“死亡”"),
        ({"note": "已迁出"}, LOOK, "可能应登记为“迁出”"),
        ({"note": "3月退出"}, LOOK, "可能已退出"),
        ({"name": "王秀兰"}, LOOK, "这个身份证号在名册里是“王秀英”"),
        ({"number": OLD}, LOOK, "15位旧身份证号"),
        ({"number": NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")}, REFUSE, "校验码不对"),
        ({"name": ""}, REFUSE, "没有姓名"),
        ({"found": "正常。"}, CLEAN, "按没有发现问题处理"),
        ({"category": "失能（半失能）老人"}, CLEAN, "统一写成“失能老人”"),
        ({"village": "平昌县西兴镇八一村"}, OK, ""),
        ({"village": "南江县西兴镇八一村"}, REFUSE, "不在本镇的村"),
    ],
)
def test_doubtful_cells_are_looked_at(house: CareHouse, changes: dict[str, str], level: str, reason: str) -> None:
    house.person("王秀英", id_number=NUMBER)
    said = {"name": "王秀英", "number": NUMBER, "category": "独居老人", "last": "2026-03-05", **changes}
    keys = ("name", "number", "category", "tier", "helper", "last", "found", "-", "-", "-", "note", "village")
    sheet = read(house, [said.get(key, "") for key in keys], head=[*HEAD, "村名"])
    found, words = judged(sheet)[0]
    assert found == level and reason in words


def test_a_category_not_kept_goes_with_the_others_and_keeps_its_word(house: CareHouse) -> None:
    house.person("王秀英", id_number=NUMBER)
    sheet = read(house, ["王秀英", NUMBER, "农村低保", "", "", "2026.3月初", "旧病", "已送医", "", "", ""])
    assert commit(house, sheet) == Outcome(new=0, same=0, left_out=1)
    sheet = read(house, ["王秀英", NUMBER, "农村低保", "", "", "2026.3月初", "旧病", "已送医", "", "", ""])
    assert commit(house, sheet, include_look=True).new == 1
    record = CareRecord.objects.get()
    assert (record.category.name, record.tier, record.tier_reason) == ("其他困难群众", "normal", "从原台账导入；原类别：农村低保")
    assert record.last_on is None and record.private_words[1] == "发现问题：旧病；处理结果：已送医"


def test_who_is_found_nowhere_twice_or_gone_is_never_taken(house: CareHouse) -> None:
    house.person("赵六")
    house.person("赵六", birth_date=date(1950, 2, 1))
    house.person("孙大", status="died", status_on=SINCE)
    rows = [[name, "", "独居老人", "", "", "", "", "", "", "", ""] for name in ("外乡人", "赵六", "孙大")]
    sheet = read(house, *rows)
    words = [reason for _, reason in judged(sheet)]
    assert "请先导入名册" in words[0] and "有 2 个叫“赵六”的人" in words[1] and "已死亡，不能纳入" in words[2]
    assert {level for level, _ in judged(sheet)} == {LOOK}
    assert commit(house, sheet, include_look=True) == Outcome(new=0, same=0, left_out=3)
    born = read(house, ["赵六", "1950.2.1", "独居老人"], head=["姓名", "出生日期", "类别"])
    assert commit(house, born).new == 1 and CareRecord.objects.get().resident.birth_date == date(1950, 2, 1)


def test_who_has_left_is_not_revived_by_the_houses_own_ledger(house: CareHouse) -> None:
    house.person("王秀英")
    house.person("赵六")
    head = ["姓名", "类别", "探访频次", "在册状态", "备注"]
    rows = [["王秀英", "独居老人", "每 7 天（高）", "", "2026-03-05 退出：随子女进城"], ["赵六", "独居老人", "", "已退出", ""]]
    sheet = read(house, *rows, head=head)
    assert [level for level, _ in judged(sheet)] == [LOOK, LOOK]
    assert commit(house, sheet, include_look=True) == Outcome(new=0, same=0, left_out=2)
    taken = read(house, ["王秀英", "独居老人", "每 7 天（高）", "在册", ""], head=head)
    assert commit(house, taken).new == 1 and CareRecord.objects.get().tier == "high"


def test_the_provinces_own_form_is_read(house: CareHouse) -> None:
    house.person("王秀英", id_number=NUMBER)
    first = ["姓名*", "所属网格*", "身份证号码*", "救助原因*", "户籍地", None, "关注程度", "是否低保", "困难类型", "备注"]
    second = [None, None, None, None, "省*", "市*", None, None, None, None]
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as file:
        page = file.add_worksheet("需救助人员登记表")
        above = [["1.0", "需救助人员信息登记表"], ["", "填写注意事项：\n1.带*的必填。"], ["填报单位：", "八一村", "社区/村*"], []]
        lines = [*above, first, second]
        for number, line in enumerate([*lines, ["王秀英", "一网格", NUMBER, "重度残疾", "四川", "巴中", "重点关注", "否", "", ""]]):
            page.write_row(number, 0, line)
        page.merge_range(4, 4, 4, 5, "户籍地")
    sheet = CARE_IMPORT.read(file=stream.getvalue(), filename="02.xlsx", township=house.township, by=house.cast["staff"])
    assert judged(sheet)[0][0] == CLEAN, judged(sheet)
    assert sheet.counts["account"]["unused"].keys() == {"所属网格*", "户籍地", "是否低保"}
    commit(house, sheet)
    record = CareRecord.objects.get()
    assert (record.category.name, record.tier) == ("残疾人", "key")


def test_a_namesake_born_on_another_day_is_somebody_else(house: CareHouse) -> None:
    house.person("赵六", birth_date=date(1960, 1, 1))
    house.person("赵六", birth_date=date(1931, 1, 1), status="died", status_on=SINCE)
    head = ["姓名", "身份证号", "出生日期", "类别"]
    said = (("", "1931-01-01"), (make_id(date(1955, 1, 1), 12), ""), ("", "1960-01-02"), ("", ""))
    sheet = read(house, *[["赵六", number, born, "独居老人"] for number, born in said], head=head)
    words = [reason for _, reason in judged(sheet)]
    assert "已死亡，不能纳入" in words[0] and all("出生日期不同，请核对" in reason for reason in words[1:3])
    assert "有 2 个叫“赵六”的人" in words[3]
    assert commit(house, sheet, include_look=True) == Outcome(new=0, same=0, left_out=4)


def test_one_person_in_two_rows_is_taken_once(house: CareHouse) -> None:
    house.person("王秀英", id_number=NUMBER)
    row = ["王秀英", NUMBER, "独居老人", "", "", "", "", "", "", "", ""]
    sheet = read(house, row, ["王秀英", "", *row[2:]], [*row[:2], "残疾人", *row[3:]])
    assert [level for level, _ in judged(sheet)] == [OK, CLEAN, LOOK]
    assert commit(house, sheet, include_look=True) == Outcome(new=1, same=1, left_out=1)


def test_the_title_gives_the_category_and_a_child_its_monthly_turn(house: CareHouse) -> None:
    house.person("小花", birth_date=BORN)
    house.person("大壮", birth_date=date(1990, 1, 1))
    head = ["姓名", "父亲（联系电话）", "委托监护人姓名", "与被监护人关系"]
    sheet = read(house, ["小花", "15400000001", "李奶奶", "祖孙"], ["大壮", "", "", ""], head=head, title="八一村农村留守儿童登记表")
    assert [level for level, _ in judged(sheet)] == [OK, LOOK] and "不是 18 岁以下" in judged(sheet)[1][1]
    assert commit(house, sheet, include_look=True) == Outcome(new=1, same=0, left_out=1)
    record = CareRecord.objects.get()
    assert (record.category.name, record.is_child, record.private_words[0]) == ("留守儿童", True, "李奶奶，祖孙")


def test_children_are_refused_to_whom_they_are_not_open(house: CareHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    house.person("小花", birth_date=BORN)
    house.person("王秀英", id_number=NUMBER)
    monkeypatch.setitem(MATRIX, Duty.STAFF, MATRIX[Duty.STAFF] - {Action.CARE_L3, Action.CARE_CHILD})
    said = (("小花", "困境儿童"), ("小花", "残疾人"), ("不在册", "留守儿童"), ("王秀英", "独居"))
    rows = [[name, "", category, *[""] * 8] for name, category in said]
    sheet = read(house, *rows)
    assert [(level, CLOSED in words) for level, words in judged(sheet)] == [(REFUSE, True)] * 3 + [(CLEAN, False)]
    assert {words.split("；")[-1] for level, words in judged(sheet) if level == REFUSE} == {CLOSED}
    assert commit(house, sheet, include_look=True) == Outcome(new=1, same=0, left_out=3)


def test_nobody_else_reads_what_somebody_uploaded(house: CareHouse) -> None:
    sheet = read(house, ["王秀英", "", "独居老人", *[""] * 8])
    other = make_user("zhenban2", Duty.STAFF, house.township)
    assert list(CareImport.objects.visible_to(house.cast["staff"])) == [sheet]
    assert not CareImport.objects.visible_to(other).exists()
    with pytest.raises(CareError, match="不在您可以办理的范围内"):
        CARE_IMPORT.commit(sheet, by=other)
    with pytest.raises(CareError, match="不能为这个乡镇"):
        CARE_IMPORT.read(file=book(), filename="x.xlsx", township=house.township, by=house.cast["secretary"])


def test_the_page_masks_numbers_and_shows_no_illness(house: CareHouse, client: Client) -> None:
    house.person("王秀英", id_number=NUMBER)
    client.force_login(house.cast["staff"])
    row = ["王秀英", NUMBER, "独居老人", "", "", "", "", "", "", "糖尿病", ""]
    file = SimpleUploadedFile("台账.xlsx", book(row))
    answer = client.post(reverse("admin:volunteers_careimport_add"), {"township": house.township.pk, "file": file}, follow=True)
    text = answer.content.decode()
    assert "王秀英" in text and NUMBER not in text and "糖尿病" not in text
    page = reverse("admin:volunteers_careimport_changelist") + f"{CareImport.objects.get().pk}/"
    assert "纳入 1 人" in client.post(page + "commit/", {"sent": "1"}, follow=True).content.decode()
    assert CareRecord.objects.get().private_words[1] == "糖尿病"
