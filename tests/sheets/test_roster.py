"""Whole rosters: every row gets its verdict, its reason and its cell; nothing is lost between pages, files and formats."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from governance.sheets.cells import column_letter
from governance.sheets.limits import SheetError
from governance.sheets.persons import check_digit
from governance.sheets.roster import read_roster
from governance.sheets.rows import Issue, ReadSheets, RowResult
from tests.sheets.messy import VILLAGES, make_id, make_messy_roster

HEADINGS = "村民小组,户号,户主姓名,姓名,与户主关系,性别,出生日期,身份证号码,联系电话,备注"
BORN = dt.date(1985, 3, 7)
MAN, WOMAN, BOY = make_id(BORN, 1), make_id(BORN, 2), make_id(dt.date(2012, 6, 1), 3)


def read(*lines: str, headings: str = HEADINGS, name: str = "八一村.csv", **options: Any) -> ReadSheets:
    return read_roster("\n".join([headings, *lines]).encode(), name, VILLAGES, **options)


def issue_of(row: RowResult, field: str) -> Issue:
    (issue,) = [issue for issue in row.issues if issue.field == field]
    return issue


HEAD_LINE = f"1组,1,张三,张三,户主,男,1985-03-07,{MAN},15400000001,"


@pytest.mark.parametrize("people", [1, 300])
@pytest.mark.parametrize("file", ["花名册.xlsx", "花名册.xls"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_judges_every_row_of_a_messy_workbook(tmp_path: Path, file: str, people: int, seed: int) -> None:
    messy = make_messy_roster(tmp_path / file, people_rows=people, villages=VILLAGES[: min(3, people)], seed=seed)
    roster = read_roster(messy.path, file, VILLAGES)
    assert roster.counts == messy.expected
    assert {row.values["village_code"] for row in roster.rows} == {code for code, _ in VILLAGES[: min(3, people)]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_it_judges_every_row_of_a_messy_csv(tmp_path: Path, encoding: str) -> None:
    messy = make_messy_roster(tmp_path / "a.csv", people_rows=200, encoding=encoding)
    roster = read_roster(messy.path, "a.csv", VILLAGES)
    assert roster.counts == messy.expected
    assert {row.values["village_code"] for row in roster.rows} == {VILLAGES[0][0]}


def test_it_builds_the_same_mess_from_the_same_seed(tmp_path: Path) -> None:
    first = make_messy_roster(tmp_path / "a.csv", people_rows=50, seed=7)
    second = make_messy_roster(tmp_path / "b.csv", people_rows=50, seed=7)
    assert first.path.read_bytes() == second.path.read_bytes()
    assert set(make_messy_roster(tmp_path / "c.csv", people_rows=300).expected) == {"take", "clean", "look", "refuse"}


def test_it_hands_over_clean_values() -> None:
    (row,) = read(HEAD_LINE).rows
    assert row.verdict == "take"
    assert row.values == {
        "village": None, "village_code": "511923102201", "group": "1组", "settlement": None, "household_no": "1",
        "head_name": "张三", "name": "张三", "relation": "户主", "sex": "男", "birth_date": BORN, "id_number": MAN,
        "phone": "15400000001", "address": None, "kind": None, "status": None, "note": None,
    }  # fmt: skip


def test_it_says_cell_before_after_and_reason() -> None:
    (row,) = read(f"1组,1,张三,张 三,户主,男,1985-03-07,{MAN},,", "").rows
    assert row.issues == [Issue("D2", "name", "clean", "张 三", "张三", "去掉空格或统一符号")]
    assert row.verdict == "clean"


def test_it_fills_household_cells_that_the_line_above_says() -> None:
    lines = [HEAD_LINE, f",,,李四,配偶,女,1985-03-07,{WOMAN},,", f",2,王五,王五,户主,男,2012-06-01,{BOY},,"]
    _, wife, other = read(*lines).rows
    assert (wife.values["household_no"], wife.values["head_name"], wife.values["group"]) == ("1", "张三", "1组")
    assert issue_of(wife, "household_no") == Issue("B3", "household_no", "clean", "", "1", "空白，沿用上一行的“1”")
    assert (other.values["household_no"], other.values["group"]) == ("2", "1组")


def test_it_never_gives_a_new_head_the_number_above() -> None:
    _, other = read(HEAD_LINE, f"1组,,,李四,户主,女,1985-03-07,{WOMAN},,").rows
    assert other.verdict == "refuse"
    assert "没有户号" in other.reason


def test_it_goes_by_the_head_above_where_no_column_names_the_household() -> None:
    headings = "姓名,与户主关系,身份证号码"
    roster = read(f"张三,户主,{MAN}", f"李四,配偶,{WOMAN}", headings=headings)
    assert [row.values["head_name"] for row in roster.rows] == ["张三", "张三"]
    assert roster.counts == {"take": 2}


def test_it_takes_sex_and_birth_from_the_number() -> None:
    (blank,) = read(f"1组,1,张三,张三,户主,,,{MAN},,").rows
    assert (blank.values["sex"], blank.values["birth_date"], blank.verdict) == ("男", BORN, "clean")
    (month,) = read(f"1组,1,张三,张三,户主,男,1985.3,{MAN},,").rows
    assert (month.values["birth_date"], month.verdict) == (BORN, "clean")
    (old,) = read("1组,1,张三,张三,户主,男,1985.3,511929850307001,,").rows
    assert (old.values["birth_date"], old.verdict) == (BORN, "look")


@pytest.mark.parametrize(
    ("sex", "birth", "field"),
    [("女", "1985-03-07", "sex"), ("男", "1985-03-08", "birth_date"), ("男", "1986.3", "birth_date")],
)
def test_it_asks_to_look_where_the_number_says_otherwise(sex: str, birth: str, field: str) -> None:
    (row,) = read(f"1组,1,张三,张三,户主,{sex},{birth},{MAN},,").rows
    assert issue_of(row, field).level == row.verdict == "look"
    assert "身份证号" in issue_of(row, field).reason


def test_it_refuses_the_second_of_one_number_naming_the_first() -> None:
    lines = [HEAD_LINE, f"1组,1,张三,李四,子,男,1985-03-07,{MAN},,"]
    first, second = read(*lines).rows
    assert first.verdict == "take"
    assert issue_of(second, "id_number").reason == "身份证号与 H2 重复"
    assert second.verdict == "refuse"


def test_it_knows_one_person_by_the_old_and_the_new_number() -> None:
    old = f"{MAN[:6]}{MAN[8:17]}"
    first, second = read(f"1组,9301,张三,张三,户主,男,,{old},,", f"1组,9302,张三,张三,户主,男,,{MAN},,").rows
    assert (first.values["id_number"], first.verdict) == (MAN, "look")
    assert (second.verdict, issue_of(second, "id_number").reason) == ("refuse", "身份证号与 H2 重复")


def test_it_reads_a_remark_in_a_column_that_nobody_claims() -> None:
    (row,) = read(f"{HEAD_LINE},2025年12月死亡，未注销".replace("，", "；"), headings=f"{HEADINGS},情况").rows
    assert row.verdict == "look"
    assert "K2 情况写着“2025年12月死亡；未注销”，可能应登记为“死亡”" in row.reason


def test_it_asks_nothing_about_a_remark_where_the_status_says_it() -> None:
    (row,) = read(f"{HEAD_LINE[:-1]},死亡,已故", headings=HEADINGS.replace("备注", "状态,备注")).rows
    assert (row.values["status"], row.verdict) == ("死亡", "take")


@pytest.mark.parametrize("status", ["在册", "迁出", "死亡"])
def test_it_knows_the_words_by_which_the_register_itself_goes_out(status: str) -> None:
    (row,) = read(f"{HEAD_LINE[:-1]},{status},", headings=HEADINGS.replace("备注", "状态,备注")).rows
    assert (row.values["status"], row.verdict) == (status, "take")


def test_it_says_first_why_a_row_cannot_come_in() -> None:
    (row,) = read(f"1组,1,张三,张 三,户主,男,1985.3.7,{MAN[:17]},15400000001,").rows
    assert row.reason.startswith("H2 身份证号应为18位"), row.reason


def test_it_does_not_count_a_refused_row_as_the_first() -> None:
    nameless, second = read(f"1组,1,张三,,子,男,1985-03-07,{MAN},,", HEAD_LINE).rows
    assert (nameless.verdict, second.verdict) == ("refuse", "take")


def test_it_looks_twice_at_households_whose_heads_do_not_add_up() -> None:
    (orphan,) = read(f"1组,1,张三,李四,配偶,女,1985-03-07,{WOMAN},,").rows
    assert issue_of(orphan, "relation").reason == "这一户没有户主一行"
    _, twin = read(HEAD_LINE, f"1组,1,张三,李四,户主,女,1985-03-07,{WOMAN},,").rows
    assert "两个户主，另一个在第2行" in twin.reason
    _, other = read(HEAD_LINE, f"1组,1,王五,李四,配偶,女,1985-03-07,{WOMAN},,").rows
    assert "户主写的是“王五”，但第2行的户主是“张三”" in other.reason
    refused, left = read(f"1组,1,张三,张三,户主,男,,{MAN[:17]},,", f"1组,1,张三,李四,配偶,女,,{WOMAN},,").rows
    assert refused.verdict == "refuse"
    assert issue_of(left, "relation").reason == "这一户的户主（第2行）未通过"


def test_it_keeps_what_it_cuts_out_of_names_and_phones() -> None:
    (dead,) = read(f"1组,1,张三,张三（已故）,户主,男,1985-03-07,{MAN},15400000001/15400000002,低保").rows
    assert (dead.values["name"], dead.values["status"]) == ("张三", "死亡")
    assert dead.values["note"] == "低保；其他电话：15400000002"
    (nick,) = read(f"1组,1,张三,张三（小名三娃）,户主,男,1985-03-07,{MAN},,").rows
    (son,) = read(f"1组,1,张三,张三,户主,男,1985-03-07,{MAN},15400000001（儿子）,").rows
    assert (son.values["phone"], son.values["note"], son.verdict) == ("15400000001", "电话注明：儿子", "clean")
    assert (nick.values["note"], nick.values["status"]) == ("小名三娃", None)


@pytest.mark.parametrize(
    ("line", "verdict", "reason"),
    [
        (f"1组,1,张三,,户主,男,,{MAN},,", "refuse", "没有姓名"),
        ("1组,1,张三,张三,户主,男,1985-03-07,,,", "look", "没有身份证号"),
        (f"1组,1,李四,张三,,男,1985-03-07,{MAN},,", "look", "没有填与户主关系"),
        (f"1组,1,张三,张三,,男,1985-03-07,{MAN},,", "clean", "认作户主"),
        (f"1组,,,张三,配偶,男,1985-03-07,{MAN},,", "refuse", "没有户号"),
        ("1组,1,张三,张三,户主,男,不详,,,", "look", "不是日期，未采用"),
        (f"1组,1,张三,张三,户主,男,1985-02-30,{MAN},,", "clean", "由身份证号得出"),
        (f"1组,1,张三,张三,户主,男,1975-02-30,{MAN},,", "look", "1975年与身份证号"),
        (f"1组,1,张三,张三,户主,男,1985-03-07,{MAN},,已嫁出", "look", "备注写着“已嫁出”，可能应登记为“迁出”"),
    ],
)
def test_it_says_what_a_person_lacks(line: str, verdict: str, reason: str) -> None:
    (row,) = read(line).rows
    assert (row.verdict, reason in row.reason) == (verdict, True)


def test_it_takes_the_village_from_column_sheet_or_title() -> None:
    headings = f"村,{HEADINGS}"
    own, foreign, unsaid = (
        read(f"马鞍村,{HEAD_LINE}", f"八二村,1组,2,李四,李四,户主,女,1985-03-07,{WOMAN},,", headings=headings).rows
        + read(f",{HEAD_LINE}", headings=headings).rows
    )
    assert own.values["village_code"] == "511923102202"
    assert (foreign.verdict, issue_of(foreign, "village").reason) == ("refuse", "“八二村”不在本镇的村（社区）名单里")
    assert issue_of(foreign, "village").cell == "A3"
    assert unsaid.values["village_code"] == "511923102201"
    (titled,) = read(HEADINGS, HEAD_LINE, headings="平昌县西兴镇八一村花名册", name="Sheet1.csv").rows
    assert titled.values["village_code"] == "511923102201"
    (nowhere,) = read(HEAD_LINE, name="Sheet1.csv").rows
    assert (nowhere.verdict, issue_of(nowhere, "village").cell) == ("refuse", "")


def test_it_obeys_a_corrected_mapping() -> None:
    headings = HEADINGS.replace(",姓名,", ",大名,")
    unread = read(HEAD_LINE, headings=headings)
    assert (unread.rows, unread.missing, unread.account.skipped) == ([], ["姓名"], {"缺少“姓名”列": 1})
    roster = read(HEAD_LINE, headings=headings, overrides={"大名": "name"})
    assert roster.counts == {"take": 1}


def test_it_refuses_a_file_without_a_roster() -> None:
    with pytest.raises(SheetError, match="没有找到表头"):
        read("b,2", headings="a,1")


def test_it_proves_its_own_checksum() -> None:
    assert check_digit("11010519491231002") == "X"
    assert [column_letter(column) for column in (0, 25, 26, 51, 701, 702)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA"]


def test_it_reads_the_left_and_the_right_half_of_a_printed_roster() -> None:
    half = "户号,户主姓名,姓名,与户主关系,性别,身份证号码"
    line = f"1,张三,张三,户主,男,{MAN},,2,王五,王五,户主,女,{WOMAN}"
    roster = read(line, f"1,张三,李四,子,男,{BOY}", headings=f"{half},,{half}")
    assert [(row.values["name"], row.cell("name"), row.verdict) for row in roster.rows] == [
        ("张三", "C2", "take"), ("李四", "C3", "take"), ("王五", "J2", "take"),
    ]  # fmt: skip
    assert (roster.account.read, roster.account.skipped, roster.account.unused) == (3, {}, {})


@pytest.mark.parametrize("number", ["身份证号", "户主身份证号", "户主的身份证号码"])
def test_it_reads_one_row_per_household_with_members_across(number: str) -> None:
    headings = f"户号,户主姓名,{number},住址,成员1姓名,成员1关系,成员1身份证号,成员2姓名,成员2关系,成员2身份证号"
    lines = [f"9905,张三,{MAN},一组,李四,配偶,{WOMAN},张小,子,{BOY}", "9906,王五,,二组,,,,,,"]
    roster = read(*lines, headings=headings)
    assert [(row.values["household_no"], row.values["name"], row.values["relation"], row.cell("name")) for row in roster.rows] == [
        ("9905", "张三", "户主", "B2"), ("9906", "王五", "户主", "B3"), ("9905", "李四", "配偶", "E2"), ("9905", "张小", "子", "H2"),
    ]  # fmt: skip
    assert {row.values["address"] for row in roster.rows} == {"一组", "二组"}
    assert [row.verdict for row in roster.rows] == ["take", "look", "take", "take"]
    assert (roster.account.read, roster.account.unused) == (4, {})


def test_it_asks_for_the_column_of_a_list_of_heads_and_reads_it_then() -> None:
    lines, headings = [f"1,1组,张三,{MAN},4"], "序号,村民小组,户主,户主身份证号,家庭人口"
    assert read(*lines, headings=headings).missing == ["姓名"]
    roster = read(*lines, headings=headings, overrides={"户主": "name", "户主身份证号": "id_number"})
    (row,) = roster.rows
    assert (row.values["name"], row.values["head_name"], row.values["relation"], row.verdict) == ("张三", "张三", "户主", "take")
    assert roster.account.unused == {"序号": 1, "家庭人口": 1}


def test_it_accounts_for_every_row_and_every_cell() -> None:
    lines = [f"{HEAD_LINE},汉族,初中,x", "合计,1,,,,,,,,,,,", ",,,,,,,,,,,,", ",,,,,,,,,,,小学", "备注：1.本表一式两份"]
    account = read(*lines, headings=f"{HEADINGS},民族,文化程度").account
    assert account.read == 4
    assert account.skipped == {"小计合计": 1, "空行": 1, "说明": 1}
    assert account.unused == {"民族": 1, "文化程度": 1, "M列": 1}
