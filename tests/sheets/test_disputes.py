"""Cells of dispute ledgers as villages write them."""

from __future__ import annotations

from datetime import date

import pytest

from governance.sheets.disputes import clean_parties, clean_result, read_disputes, row_key

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
    ("cell", "result"),
    [("已化解", "达成协议"), ("未达成协议", "未达成协议"), ("调解不成，引导诉讼", "未达成协议"), ("调解中", None), ("", None)],
)
def test_it_reads_the_result(cell: str, result: str | None) -> None:
    assert clean_result(cell).value == result


def test_it_reads_other_headings_and_names_the_cell() -> None:
    rows = read_disputes(CSV.encode(), "x.csv", VILLAGES, TODAY).rows
    assert [row.verdict for row in rows] == ["clean", "refuse", "refuse"]
    assert rows[0].values["village_code"] == "511923102201"
    assert "A4 受理日期晚于今天" in rows[1].reason
    assert "A5 没有看得懂的受理日期" in rows[2].reason and "E5" in rows[2].reason
    assert len({row_key(row) for row in rows}) == 3


def test_it_says_what_is_no_ledger() -> None:
    assert read_disputes("受理日期,来源\n2026-01-01,电话\n".encode(), "x.csv", VILLAGES, TODAY).missing == ["当事人", "基本情况"]
