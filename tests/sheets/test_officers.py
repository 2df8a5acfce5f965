"""Lists of officers and of accounts as villages keep them, and the names of settlements in them."""

from __future__ import annotations

import datetime as dt

import pytest

from governance.sheets.accounts import read_accounts
from governance.sheets.officers import NOBODY, read_officers
from governance.sheets.yardnames import YardNames

V, W = "511923102201", "511923102202"
UNITS = [
    ("511923102000", "西兴镇"),
    (V, "八一村委会"),
    (f"{V}001", "第一村民小组"),
    (f"{V}001001", "柏树院"),
    (f"{V}001002", "王家院"),
    (f"{V}012", "第十二村民小组"),
    (f"{V}012001", "大湾聚居点"),
    (W, "马鞍村委会"),
    (f"{W}001", "第一村民小组"),
    (f"{W}001001", "柏树院"),
]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("柏树院", f"{V}001001"),
        ("柏树院子", f"{V}001001"),
        ("1组 柏树院", f"{V}001001"),
        ("第一村民小组/柏树院落", f"{V}001001"),
        ("十二社", f"{V}012"),
        ("大湾", f"{V}012001"),
        ("12组大湾", f"{V}012001"),
        ("无名院", None),
    ],
)
def test_it_knows_a_settlement_however_it_is_written(text: str, code: str | None) -> None:
    assert YardNames(UNITS).find(V, text) == code


def test_it_knows_a_settlement_with_its_village_before_it_only() -> None:
    names = YardNames(UNITS)
    assert names.find_whole("马鞍村柏树院") == f"{W}001001"
    assert names.find_whole("八一 1组 柏树院") == f"{V}001001"
    assert names.find_whole("柏树院") is None, "two villages have one"
    assert names.only(V, "十二组") == f"{V}012001"
    assert names.only(V, "一组") is None


WIDE = "村,组,聚居点,院户长,政策宣传员,矛盾纠纷调解员,环境卫生监督员,社情民意信息员,备注\n"


def test_a_failed_cell_keeps_its_place_among_the_people_of_a_row() -> None:
    read = read_officers((WIDE + "八一村,1组,柏树院,#REF!,王秀英,,,,").encode(), "名单.csv", UNITS)
    assert [(row.values["duty"], row.values["name"], row.verdict) for row in read.rows] == [
        ("yard_head", None, "refuse"), ("publicist", "王秀英", "take"),
    ]  # fmt: skip


def test_a_row_of_a_settlement_is_read_person_by_person() -> None:
    text = WIDE + "八一村,1组,柏树院,李国华,王秀英,空缺,张 伟,,甲\n,,王家院,,,,,,乙\n八一村,1组,没有院,李国华,,,,,\n,,十二组,,,李国华,,,\n"
    read = read_officers(text.encode(), "名单.csv", UNITS)
    rows = [(row.values["yard_code"], row.values["duty"], row.values["name"], row.verdict) for row in read.rows]
    yard = f"{V}001001"
    assert rows == [
        (yard, "yard_head", "李国华", "clean"),
        (yard, "publicist", "王秀英", "take"),
        (yard, "sanitation", "张伟", "clean"),
        (None, "yard_head", "李国华", "refuse"),
        (f"{V}012001", "mediator", "李国华", "clean"),
    ]
    assert read.rows[0].reason == "F2 “空缺”按没有人处理"
    assert read.rows[3].reason.startswith("C4 本村没有聚居点（院落）“没有院”")
    assert read.tables[0].skipped == {3: NOBODY}, "a row without anybody is named"
    assert read.tables[0].mapping.unknown == ["备注"]


def test_a_row_of_a_person_is_read_in_utf_16_with_tabs() -> None:
    text = "村名\t院落\t姓名\t职务\t聘任时间\t任期至\n八一村\t王家院\t李国华\t调解员\t2025-12-1\t2028-11-30\n"
    text += "八一村\t王家院\t王秀英\t村支书\t\t\n八一村\t王家院\t张伟\t大管家\t看不懂\t\n"
    read = read_officers(text.encode("utf-16"), "名单.txt", UNITS)
    first, second, third = read.rows
    assert (first.values["duty"], first.values["yard_code"]) == ("mediator", f"{V}001002")
    assert (first.values["appointed_on"], first.values["term_end"]) == (dt.date(2025, 12, 1), dt.date(2028, 11, 30))
    assert (second.verdict, third.verdict) == ("refuse", "refuse")
    assert "不是一长四员的职务" in second.reason
    assert "不认识的职务“大管家”" in third.reason
    assert "看不懂的聘任日期" in third.reason


def test_two_level_headings_name_the_duty_above_and_the_person_below() -> None:
    text = "村,聚居点,院户长,院户长,政策宣传员,政策宣传员\n村,聚居点,姓名,电话,姓名,电话\n八一村,柏树院,李国华,15400000001,王秀英,\n"
    read = read_officers(text.encode(), "名单.csv", UNITS)
    assert [(row.values["duty"], row.values["name"]) for row in read.rows] == [("yard_head", "李国华"), ("publicist", "王秀英")]


def test_accounts_are_read_with_the_duty_that_is_proposed() -> None:
    text = (
        "姓名,手机,职务,单位,任期至,登录名\n"
        "何静,15400000001,镇干部,西兴镇,,\n"
        "周敏,15400000007,村干部,西兴镇八一村,,\n"
        "李国华,15400000002,村支书,八一村,2028-11-30,bayi\n"
        "王秀英,15400000003,院户长,马鞍村柏树院,,\n"
        "张伟,15400000004,书记、主任,八一村,,\n"
        "赵敏,15400000005,村干部,没有村,,\n"
        "审计,,审计员,,,a b！\n"
        ",15400000006,村干部,八一村,,\n"
    )
    rows = read_accounts(text.encode(), "账号.csv", UNITS).rows
    assert [(row.values["duty"], row.values["unit_code"], row.verdict) for row in rows] == [
        ("staff", "511923102000", "take"),
        ("cadre", V, "take"),
        ("secretary", V, "take"),
        ("yard_head", f"{W}001001", "take"),
        (None, None, "look"),
        ("cadre", None, "look"),
        ("audit", None, "refuse"),
        ("cadre", V, "refuse"),
    ]
    assert rows[2].values["username"] == "bayi"
