"""A month's check as villages keep it: what figures, ticks, words and blanks mean is said by the sheet or looked at."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter

from governance.sheets.cells import CLEAN, LOOK, OK, REFUSE
from governance.sheets.check_marks import FAILED, MET, Legend, clean_month, month_in
from governance.sheets.checks import UNCLEAR, CheckItem, read_checks
from governance.sheets.rows import ReadSheets, RowResult

VILLAGES = [("511923102201", "八一村委会"), ("511923102002", "西兴社区居委会")]
ITEMS = [
    *(CheckItem(name, Decimal(points)) for name, points in (("晾晒", 15), ("圈养", 20), ("堆码", 20))),
    CheckItem("衣物乱晾", Decimal(15), Decimal(5)),
    CheckItem("柴草乱堆", Decimal(20), Decimal(5)),
]
TODAY = dt.date(2026, 11, 29)
TITLE = "八一村2026年10月户月评表"
HEAD = ["户号", "户主", "晾晒", "圈养", "堆码"]


def rows_of(*lines: list[Any], title: str = TITLE, sheet: str = "Sheet1", after: str = "") -> list[RowResult]:
    return read(*lines, title=title, sheet=sheet, after=after).rows


def read(*lines: list[Any], title: str = TITLE, sheet: str = "Sheet1", after: str = "") -> ReadSheets:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as file:
        page = file.add_worksheet(sheet)
        for number, line in enumerate([[title], *lines, [after]]):
            for column, cell in enumerate(line):
                if isinstance(cell, dt.date):
                    page.write_datetime(number, column, cell, file.add_format({"num_format": "yyyy-mm-dd"}))
                else:
                    page.write(number, column, cell)
    return read_checks(stream.getvalue(), "月评.xlsx", VILLAGES, ITEMS, Decimal(100), TODAY, towns=("西兴镇",))


def one(*cells: Any, head: list[str] = HEAD, **said: Any) -> RowResult:
    return rows_of(head, ["001", "王一", *cells], **said)[0]


@pytest.mark.parametrize(
    ("cells", "said", "total", "level"),
    [
        (("-5", "0", "-10"), {}, "85", OK),
        (("扣5分", 0, "－10"), {}, "85", CLEAN),
        ((5, 0, 10), {"title": "八一村2026年10月户月评扣分表"}, "85", OK),
        ((10, 20, 10), {"title": "八一村2026年10月户月评得分表"}, "85", OK),
        (("√", "√", "√"), {"after": "注：合格打√，不合格打×"}, "100", OK),
        (("√", "√", ""), {"after": "注：合格打√；空白表示未扣分"}, "100", OK),
        (("", "", ""), {"after": "注：无问题不填"}, "100", OK),
        (("-5", "", ""), {"after": "注：空白为无问题"}, "95", OK),
        (("清洁", "清洁", "清洁"), {}, "100", OK),
        (("-5", "", ""), {}, "95", LOOK),
    ],
)
def test_what_the_cells_come_to(cells: tuple[Any, ...], said: dict[str, Any], total: str, level: str) -> None:
    row = one(*cells, **said)
    assert (row.values["total"], row.verdict, row.values[UNCLEAR]) == (total, level, None)
    assert (row.values["village_code"], row.values["month"]) == ("511923102201", dt.date(2026, 10, 1))


@pytest.mark.parametrize(
    ("cells", "said", "reason"),
    [
        ((5, 0, 10), {}, "看不出扣了几分"),
        (("√", "√", "√"), {}, "看不出扣了几分"),
        (("√", "×", "√"), {}, "看不出扣了几分"),
        (("√", "√", "√"), {"after": "注：有问题打√"}, "看不出扣了几分"),
        (("较清洁", "清洁", "清洁"), {}, "看不出扣了几分"),
        (("良", "-5", "0"), {}, "看不出扣了几分"),
        (("-16", "0", "0"), {}, "看不出扣了几分"),
        (("", "", ""), {}, "各项都空着"),
    ],
)
def test_what_the_sheet_does_not_say_is_never_guessed(cells: tuple[Any, ...], said: dict[str, Any], reason: str) -> None:
    row = one(*cells, **said)
    assert row.verdict == LOOK and reason in row.reason and row.values[UNCLEAR] and row.values["total"] is None


def test_the_sums_say_whether_figures_are_lost_or_gained() -> None:
    head = [*HEAD, "得分"]
    lost = rows_of(head, ["001", "王一", 5, 0, 10, 85], ["002", "王二", "", "", "", 100], ["003", "王三", 5, "", "", 90])
    assert [row.values["total"] for row in lost] == ["85", "100", "90"]
    assert [row.verdict for row in lost] == [OK, OK, OK], "three blanks and no sum that contradicts: the sheet's own total stands"
    gained = rows_of([*HEAD, "衣物乱晾", "得分"], ["001", "王一", 10, 20, 10, 5, 45], ["002", "王二", 15, 20, 20, 5, 60])
    assert [row.values[UNCLEAR] is None for row in gained] == [False, False] and "按各项算是" in gained[0].reason
    wrong = rows_of(head, ["001", "王一", 5, 0, 10, 85], ["002", "王二", 5, 0, 0, 95], ["003", "王三", 5, 5, 5, 95])
    assert [row.verdict for row in wrong] == [OK, OK, LOOK] and "表上得分 95，按各项算是 85" in wrong[2].reason


def test_totals_of_other_rows_say_that_nothing_in_a_cell_is_nothing_found() -> None:
    head = [*HEAD, "得分"]
    lines = [["001", "王一", 5, "", "", 95], ["002", "王二", "", "", "", 100]]
    lines += [["003", "王三", 5, 5, "", 90], ["004", "王四", "", 10, "", 89], ["005", "王五", "", "", "", 99]]
    lines += [["006", "王六", "", 5, "", 95]]
    right, _, _, wrong, bare, _ = rows_of(head, *lines)
    assert bare.verdict == LOOK and "表上得分 99，按各项算是 100" in bare.reason
    assert (right.verdict, wrong.verdict) == (OK, LOOK) and "表上得分 89，按各项算是 90" in wrong.reason
    (alone,) = rows_of(head, lines[3])
    assert alone.verdict == OK, "here a blank may be what was not checked"


def test_lines_of_the_card_are_counted_and_fails_cost_a_case() -> None:
    head = ["户号", "户主", "衣物乱晾", "柴草乱堆"]
    row = one("×", "√", head=head, after="注：合格打√，不合格打×")
    assert (row.values["item:衣物乱晾"], row.values["item:柴草乱堆"], row.values["total"]) == ("5", "0", "95")
    assert row.values["marks"] == "衣物乱晾×、柴草乱堆√"
    faults = one("×", "√", head=head, after="注：有问题打√，无问题打×")
    assert (faults.values["item:衣物乱晾"], faults.values["item:柴草乱堆"], faults.values["total"]) == ("0", "5", "95")
    assert one("不合格", "达标", head=head, after="注：有问题打√").values["total"] == "95"
    assert one("×", "√", head=head).values[UNCLEAR], "a tick under the name of a fault may say either"


def test_a_column_that_is_no_line_of_the_card_is_not_passed_over() -> None:
    head = [*HEAD, "垃圾分类"]
    row = one("-5", "0", "0", "-5", head=head)
    assert row.verdict == LOOK and "检查表里没有“垃圾分类”" in row.reason and row.values[UNCLEAR]
    kept = one("-5", "0", "0", "-5", 90, head=[*head, "得分"])
    assert (kept.values["total"], kept.verdict) == ("90", OK)
    found = read([*HEAD, "联系电话", "序号"], ["001", "王一", "-5", "0", "0", "15400000001", 1])
    assert found.rows[0].verdict == OK and found.account.unused == {"联系电话": 1, "序号": 1}


@pytest.mark.parametrize(
    ("cells", "said", "result", "level"),
    [
        (("清洁", "", "清洁"), {}, ("清洁", None), OK),
        (("清洁", "不清洁", "较清洁"), {}, ("比较清洁", None), LOOK),
        (("", "90", "80"), {"title": "八一村2026年10月户月评得分表"}, (None, "80"), LOOK),
        (("-5", "", "-5"), {}, (None, "95"), OK),
        (("", "", ""), {}, (None, None), LOOK),
        (("√", "√", "√"), {}, (None, None), LOOK),
        (("90", "", ""), {}, (None, None), LOOK),
        (("清洁", "还行", ""), {}, (None, None), LOOK),
    ],
)
def test_days_across(cells: tuple[str, ...], said: dict[str, str], result: tuple[str | None, str | None], level: str) -> None:
    row = one(*cells, head=["户号", "户主", "5日", "10月12日", "26号"], **said)
    assert (row.values["plate"], row.values["total"]) == result and row.verdict == level


def test_days_as_dates_below_a_common_heading() -> None:
    days = [dt.date(2026, 10, 5), dt.date(2026, 10, 19)]
    row = rows_of(["户号", "户主", *days], ["001", "王一", "清洁", "不清洁"])[0]
    assert row.values["plate"] == "不清洁" and "按最后一次（19日）" in row.reason
    group = rows_of(["户号", "户主", "检查内容", "", "", "得分"], ["", "", "晾晒", "圈养", "堆码", ""], ["001", "王一", 5, 0, 10, 85])
    assert (group[0].values["item:堆码"], group[0].values["total"], group[0].verdict) == ("10", "85", OK)


@pytest.mark.parametrize(
    ("title", "sheet", "month"),
    [
        ("八一村2026年10月户月评表", "Sheet1", dt.date(2026, 10, 1)),
        ("八一村户月评表（2026年）", "9月", dt.date(2026, 9, 1)),
        ("八一村二〇二六年八月户月评", "表一", dt.date(2026, 8, 1)),
        ("八一村 2026.07 户月评", "Sheet1", dt.date(2026, 7, 1)),
        ("八一村2026年1-3月户月评表", "Sheet1", None),
        ("八一村2026年1月至3月户月评表", "Sheet1", None),
        ("八一村户月评表", "10月", None),
        ("八一村2026年12月户月评表", "Sheet1", None),
    ],
)
def test_the_month_of_title_or_sheet(title: str, sheet: str, month: dt.date | None) -> None:
    row = one("-5", "0", "0", title=title, sheet=sheet)
    assert row.verdict == (OK if month else REFUSE)
    assert month is None or row.values["month"] == month


def test_a_column_of_months_and_villages() -> None:
    head = ["村", "户主", "月份", "得分", "清洁牌"]
    rows = rows_of(
        head, ["西兴镇西兴社区", "李一", "9月", 95, "清洁"], ["", "李二", "2026-10", "", "较清洁"], ["无此村", "李三", "10月", 70, ""],
        ["八一村", "王一", "某月", 70, ""], ["八一村", "王一", "10月", 170, ""], title="2026年户月评",
    )  # fmt: skip
    assert [(row.values["village_code"], row.values["month"]) for row in rows[:2]] == [
        ("511923102002", dt.date(2026, 9, 1)), ("511923102002", dt.date(2026, 10, 1)),
    ]  # fmt: skip
    assert (rows[1].values["plate"], rows[1].values["total"]) == ("比较清洁", None)
    assert [row.verdict for row in rows] == [CLEAN, CLEAN, REFUSE, REFUSE, REFUSE]
    assert "超过满分" in rows[4].reason


def test_without_households_the_columns_are_mapped_first() -> None:
    found = read(["晾晒", "圈养", "堆码"], ["-5", "0", "0"])
    assert found.rows == [] and found.missing == ["户主或户号"]


@pytest.mark.parametrize(
    ("text", "empty", "tick"),
    [
        ("有问题打√，无问题打×", False, FAILED),
        ("无问题打√", False, MET),
        ("“√”表示合格，空白表示没有问题", True, MET),
        ("√为存在问题", False, FAILED),
        ("不合格的打√", False, FAILED),
        ("请认真填写", False, None),
    ],
)
def test_the_legend(text: str, empty: bool, tick: str | None) -> None:
    legend = Legend([text])
    assert (legend.empty_is_fine, legend.tick) == (empty, tick)


def test_months() -> None:
    assert clean_month(dt.datetime(2026, 3, 5, tzinfo=dt.UTC)).value == dt.date(2026, 3, 1)
    assert [clean_month(text).value for text in ("2026-03-05", "2026/3/5", "2026-03-05 00:00:00")] == [dt.date(2026, 3, 1)] * 3
    assert clean_month("2026-13-05").value is None and clean_month("2026年1-3月").value is None
    assert clean_month("三月").value == "3月" and clean_month("上月").level == LOOK
    assert month_in("2026年13月", None) is None
