"""Cells of dispute ledgers as villages write them."""

from __future__ import annotations

from datetime import date

import pytest

from governance.sheets.dispute_words import (
    clean_filed,
    clean_result,
    clean_risk,
    clean_source,
    says_filed,
    tells_relapse,
    tier_of,
)
from governance.sheets.disputes import read_disputes, row_key
from governance.sheets.parties import clean_parties, parties_of
from governance.sheets.rows import RowResult

VILLAGES = [("511923102201", "八一村委会")]
TODAY = date(2026, 6, 1)
CSV = """矛盾纠纷台账
登记时间,纠纷当事人,简要情况,化解情况,村名
2026-03-02,王小明、赵六,为过路争吵,调解中,八一村
2026-07-02,王小明、赵六,争水,,八一村
,钱七,,,别处村
"""


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("王小明、赵六", "王小明、赵六"),
        ("王小明，赵六；钱七", "王小明、赵六、钱七"),
        ("甲方：王小明（15400000001）\n乙方：赵六", "王小明、赵六"),
        ("申请人：王小明/被申请人：赵六", "王小明、赵六"),
        ("王小明与赵六", "王小明、赵六"),
        ("王小明和赵六", "王小明、赵六"),
        ("李和、褚三", "李和、褚三"),
        ("赵六、李和", "赵六、李和"),
        ("王小明、王小明", "王小明"),
        ("", None),
    ],
)
def test_it_parts_the_parties(cell: str, names: str | None) -> None:
    assert clean_parties(cell).value == names


@pytest.mark.parametrize(
    ("cell", "parties"),
    [
        ("甲方：王小明（15400000001，八一村三组）；乙方：赵六 0827-8123456", [("王小明", "15400000001"), ("赵六", "08278123456")]),
        ("王小明（男，45岁）、赵六(154 0000 0002)", [("王小明", ""), ("赵六", "15400000002")]),
        ("王小明15400000001、赵六", [("王小明", "15400000001"), ("赵六", "")]),
        ("申请人：王小明（15400000001）与被申请人：赵六（15400000002）", [("王小明", "15400000001"), ("赵六", "15400000002")]),
        ("王小明 赵六", [("王小明", ""), ("赵六", "")]),
        ("王 小 明", [("王小明", "")]),
        ("王小明诉赵六", [("王小明", ""), ("赵六", "")]),
        ("王小明——赵六", [("王小明", ""), ("赵六", "")]),
        ("甲方 王小明\n乙方 赵六", [("王小明", ""), ("赵六", "")]),
        ("1.王小明 2.赵六", [("王小明", ""), ("赵六", "")]),
        ("（1）王小明（2）赵六", [("王小明", ""), ("赵六", "")]),
        ("①王小明②赵六。", [("王小明", ""), ("赵六", "")]),
        ("甲方：王小明，电话15400000001；乙方：赵六，男，45岁", [("王小明", "15400000001"), ("赵六", "")]),
        ("王小明（15400000001）赵六（+86 15400000002）", [("王小明", "15400000001"), ("赵六", "15400000002")]),
        ("王小明15400000001赵六15400000002", [("王小明", "15400000001"), ("赵六", "15400000002")]),
        ("王小明与阿依古丽·买买提", [("王小明", ""), ("阿依古丽·买买提", "")]),
        ("王小明和赵六（15400000001）、钱七", [("王小明", ""), ("赵六", "15400000001"), ("钱七", "")]),
        ("男方：王小明 女方：赵六", [("王小明", ""), ("赵六", "")]),
        ("王\ue000明（三组）、赵\ue001", [("王\ufffd明", ""), ("赵\ufffd", "")]),
        ("王小明与八一村村民委员会", [("王小明", ""), ("八一村村民委员会", "")]),
        ("王小明和平昌县青山劳务有限公司、赵六", [("王小明", ""), ("平昌县青山劳务有限公司", ""), ("赵六", "")]),
    ],
)
def test_it_keeps_the_numbers_of_the_parties(cell: str, parties: list[tuple[str, str]]) -> None:
    assert [(party.name, party.phone) for party in parties_of(cell)] == parties
    assert clean_parties(cell).aside == cell


def test_it_looks_at_parties_that_are_not_all_named() -> None:
    cleaned = clean_parties("王小明等三户")
    assert (cleaned.value, cleaned.level) == ("王小明", "look") and "其余当事人" in cleaned.reason
    assert clean_parties("王小明154000").level == "look"
    assert clean_parties("舅舅：王小明、赵六").level == "look"
    assert clean_parties("王小明家的牛和赵六家的菜地").level == "look"
    assert clean_parties("欧阳和平、李和").level == "take"


@pytest.mark.parametrize(
    ("words", "result", "level"),
    [
        ("化解中 调解中 正在办理 正在调处 办理中 处置中 稳控中 持续跟进", "正在调解", "clean"),
        ("正在调解", "正在调解", "take"),
        ("调处成功 已化解 已调解 √ ✔ 办结 已办结 经调解，双方达成协议 化解成功 达成协议，已履行 是 当场化解。", "达成协议", "clean"),
        ("结案 已销号 双方握手言和", "达成协议", "clean"),
        ("达成协议", "达成协议", "take"),
        ("未达成 调解失败 调解不成 移交司法所 引导诉讼 已起诉 调解不成，引导诉讼 已移交司法所 走司法程序", "未达成协议", "clean"),
        ("未化解 否 × 没有化解 未化解（调解中） 尚未化解", "正在调解", "look"),
        ("基本化解 部分化解 已化解？ 达成协议后反悔 拟移交 再说 已化解，但未履行 达成协议、未达成协议 已化解待回访", None, "look"),
    ],
)
def test_words_of_status_are_a_closed_list(words: str, result: str | None, level: str) -> None:
    for word in words.split():
        cleaned = clean_result(word)
        assert (cleaned.value, cleaned.level) == (result, level), word
    assert clean_result("").value is None


def test_it_reads_where_a_failed_mediation_went() -> None:
    assert [tier_of(word) for word in ("已起诉", "引导诉讼", "移交司法所", "调解不成")] == ["court", "court", "township", None]


@pytest.mark.parametrize(
    ("cell", "value", "level"),
    [
        ("√", "已归档", "clean"), ("是", "已归档", "clean"), ("已归档", "已归档", "take"), ("未归档", "未归档", "take"),
        ("×", "未归档", "clean"), ("2026-03-01", date(2026, 3, 1), "take"), ("在柜子里", None, "look"),
    ],
)  # fmt: skip
def test_it_reads_the_filing(cell: str, value: object, level: str) -> None:
    assert (clean_filed(cell).value, clean_filed(cell).level) == (value, level)


def test_it_reads_filing_and_relapse_in_free_text_by_whole_words() -> None:
    assert says_filed("协议已履行，已归档") and not says_filed("未归档") and not says_filed("待归档")
    assert tells_relapse("又发生争吵，有反复") and not tells_relapse("两家和睦，无反复") and not tells_relapse("未出现反复")


def test_it_guesses_neither_risk_nor_source() -> None:
    risks = [(clean_risk(word).value, clean_risk(word).level) for word in ("高", "红", "橙色")]
    assert risks == [("红", "clean"), ("红", "take"), ("绿", "look")]
    assert (clean_source("网格排查").value, clean_source("信访件").level) == ("巡查发现", "look")


def test_a_number_of_a_country_is_a_party_s_number_too() -> None:
    (row,) = read("受理日期,当事人,联系电话,基本情况", "2026-03-02,王小明、赵六,+8615400000001/+86 154 0000 0002,争水")
    assert (row.values["phones"], row.verdict) == ("15400000001、15400000002", "take")


def read(headings: str, *rows: str, title: str = "纠纷台账") -> list[RowResult]:
    text = "\n".join((title, headings, *rows))
    return read_disputes(text.encode(), "八一村.csv", VILLAGES, TODAY).rows


def test_it_takes_the_day_of_finding_for_a_missing_day_of_acceptance() -> None:
    (row,) = read("编号,排查时间,当事人,基本情况", "八纠〔2025〕3号,26.3.2,王小明、赵六,争水")
    assert (row.values["accepted_on"], row.values["found_on"], row.values["old_number"]) == (date(2026, 3, 2), None, "八纠〔2025〕3号")
    (row,) = read("排查时间,受理时间,化解时间,当事人,基本情况,是否化解", "2026-03-01,2026.3.2,当日,王小明、赵六,争水,√")
    days = [row.values[key] for key in ("found_on", "accepted_on", "ended_on")]
    assert (days, row.verdict) == ([date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 2)], "clean")


def test_it_takes_the_year_from_the_title_and_the_village_with_its_town() -> None:
    text = """矛盾纠纷台账（2026年1—3月）
村,排查时间,化解时间,当事人,基本情况,化解情况
平昌县西兴镇八一村,3月2日,3.5,王小明、赵六,争水,√
〃,三月三日,,王小明、赵六,争地,化解中
,2月30日,,王小明、赵六,争树,化解中
"""
    found = read_disputes(text.encode(), "x.csv", VILLAGES, TODAY, towns=["平昌县", "西兴镇"]).rows
    assert [row.values["accepted_on"] for row in found] == [date(2026, 3, 2), date(2026, 3, 3), None]
    assert found[0].values["ended_on"] == date(2026, 3, 5) and {row.values["village_code"] for row in found} == {VILLAGES[0][0]}
    assert [row.verdict for row in found] == ["clean", "clean", "refuse"]


def test_it_looks_at_what_does_not_fit() -> None:
    headings = ["受理日期", "当事人", "基本情况", "调处结果", "排查时间", "化解时间", "回访日期", "联系电话", "归档情况", "风险等级"]
    faults = [
        ("化解时间", "2026-02-01", "早于受理日期"),
        ("化解时间", "2026-06-02", "晚于今天"),
        ("化解时间", "年底", "看不懂的化解"),
        ("回访日期", "2026-03-01", "早于受理或化解日期"),
        ("排查时间", "2026-03-03", "晚于受理日期"),
        ("联系电话", "15400000001、15400000002、15400000003", "对不上当事人"),
        ("归档情况", "已归档", "回访未完成不能归档"),
        ("风险等级", "橙", "不认识的风险等级"),
        ("调处结果", "化解中", "有化解（办结）日期"),
        ("调处结果", "", "有化解（办结）日期"),
        ("调处结果", "差不多了", "不认识的调处结果"),
    ]
    plain = dict.fromkeys(headings, "") | {"受理日期": "2026-03-02", "当事人": "王小明、赵六", "基本情况": "争水", "调处结果": "已化解"}
    plain["化解时间"] = "2026-03-05"
    found = read(",".join(headings), *(",".join((plain | {heading: cell}).values()) for heading, cell, _ in faults))
    for row, (heading, _, words) in zip(found, faults, strict=True):
        assert row.verdict == "look" and words in row.reason, row.reason
        assert heading != "调处结果" or row.values["result"] in (None, "正在调解")


def test_it_reads_ticks_below_words_of_status() -> None:
    headings = "受理日期,当事人,基本情况,已化解,化解中,未达成"
    ticks = {"√,,": "达成协议", ",√,": "正在调解", ",,√": "未达成协议", "√,√,": None, "大,,": None}
    rows = read(headings, *(f"2026-03-02,王小明、赵六,争水,{tick}" for tick in ticks))
    assert [row.values["result"] for row in rows] == list(ticks.values())
    assert [row.verdict for row in rows] == ["clean", "take", "clean", "look", "look"]


def test_it_gives_each_party_its_number_and_keeps_what_is_left() -> None:
    headings = "受理日期,当事人,联系电话,基本情况,办理时限,备注"
    phones = ("15400000001、15400000002", "赵六：15400000002", "15400000001", "154（儿子）")
    rows = read(headings, *(f"2026-03-02,王小明、赵六,{cell},争水,7天,二组的" for cell in phones))
    assert [row.values["phones"] for row in rows] == ["15400000001、15400000002", "、15400000002", "15400000001、", "、"]
    assert [row.verdict for row in rows] == ["take", "take", "clean", "look"]
    assert rows[0].values["kept"] == "办理时限：7天；备注：二组的" and "电话栏原文：154（儿子）" in str(rows[3].values["kept"])


def test_it_shortens_nothing_without_a_word() -> None:
    (row,) = read("受理日期,当事人,基本情况,责任领导", f"2026-03-02,王小明、赵六,{'争' * 1001},{'长' * 41}")
    assert row.verdict == "look" and "超过 1000 个字" in row.reason and "超过 40 个字" in row.reason


def test_it_reads_other_headings_and_names_the_cell() -> None:
    rows = read_disputes(CSV.encode(), "x.csv", VILLAGES, TODAY).rows
    assert [row.verdict for row in rows] == ["clean", "refuse", "refuse"]
    assert rows[0].values["village_code"] == "511923102201"
    assert "A4 受理日期晚于今天" in rows[1].reason
    assert "A5 没有看得懂的受理日期" in rows[2].reason and "E5" in rows[2].reason
    assert len({row_key(row) for row in rows}) == 3


def test_it_says_what_is_no_ledger() -> None:
    assert read_disputes("受理日期,来源\n2026-01-01,电话\n".encode(), "x.csv", VILLAGES, TODAY).missing == ["当事人", "基本情况"]
