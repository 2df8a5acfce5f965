from __future__ import annotations

import io
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.accounts.models import User
from governance.frame.imports.pages import account_words
from governance.frame.pinyin import pinyin_key
from governance.sheets.limits import SheetError
from governance.sheets.reader import read_workbook
from governance.sheets.tables import HIDDEN_SHEETS
from tests.builders import make_household, make_resident, make_township, make_user, make_village, settlement_of
from tests.sheets.messy import VILLAGES, make_id, make_messy_roster
from villages.models import Household, Placement, Post, Resident, RosterImport, Unit
from villages.roster.services import ROSTER_IMPORT, RosterError

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 1)
BIRTH = date(1985, 3, 4)
ID = make_id(BIRTH, 241)
OTHER_ID = make_id(BIRTH, 243)
HEADINGS = "村,组别,户号,户主姓名,姓名,与户主关系,性别,出生日期,身份证号,电话,人员状态"


@pytest.fixture
def township() -> Unit:
    return make_township()


@pytest.fixture
def village(township: Unit) -> Unit:
    return make_village(township)


@pytest.fixture
def staff(township: Unit) -> User:
    return make_user("staff", "staff", township)


def line(**cells: str) -> str:
    """One row of a roster: 王小明, head of household 1 in 1组 of 八一村, unless told otherwise."""
    row = {"village": "八一村", "group": "1组", "number": "1", "head": "王小明", "name": "王小明", "relation": "户主"}
    row |= {"sex": "男", "birth": "1985-03-04", "id": ID, "phone": "", "status": ""} | cells
    return ",".join(row.values())


def read(township: Unit, by: User, *lines: str, headings: str = HEADINGS) -> RosterImport:
    file = io.BytesIO("\n".join([headings, *lines]).encode())
    return ROSTER_IMPORT.read(file=file, filename="名册.csv", township=township, by=by, on=ON)


def verdicts(roster: RosterImport) -> list[tuple[str, str]]:
    return [(item.row.verdict, item.outcome) for item in roster.judged().rows]


def reason(roster: RosterImport) -> str:
    return "；".join(item.row.reason for item in roster.judged().rows)


def everything() -> list[Any]:
    """All rows that an import may touch, with their histories."""
    tables: tuple[Any, ...] = (Unit, Household, Resident, Placement, Unit.history, Household.history, Resident.history)
    return [sorted(getattr(table, "objects", table).values_list(), key=str) for table in tables]


def test_it_registers_a_new_household(township: Unit, village: Unit, staff: User) -> None:
    son = line(name="王大明", relation="儿子", id="", birth="2010-01-02", phone="15400000001")
    roster = read(township, staff, line(), son)
    assert verdicts(roster) == [("take", "new"), ("look", "new")]
    assert not Household.objects.exists()

    outcome = ROSTER_IMPORT.commit(roster, include_look=True, by=staff, on=ON)

    assert (outcome.new, outcome.households_new, outcome.units_new, outcome.left_out) == (2, 1, 0, 0)
    household = Household.objects.get()
    assert (household.number, household.head_name, household.village) == ("1", "王小明", village)
    assert household.unit == Unit.objects.get(level="group")
    assert household.head_pinyin == pinyin_key("王小明")
    head, boy = Resident.objects.order_by("pk")
    assert (head.id_number, head.sex, head.birth_date) == (ID, "M", BIRTH)
    assert (boy.relation, boy.phone, boy.name_pinyin) == ("子", "15400000001", pinyin_key("王大明"))
    assert {row.history_user for row in [*Resident.history.all(), *Household.history.all()]} == {staff}


def test_a_first_roster_finds_its_households_at_home_already(township: Unit, village: Unit, staff: User) -> None:
    """Past points and the months before the portal need households that were there; a file for each group is one roster."""
    ROSTER_IMPORT.commit(read(township, staff, line()), by=staff, on=ON)
    ROSTER_IMPORT.commit(read(township, staff, line(group="2组", number="2", id=OTHER_ID)), by=staff, on=ON + timedelta(days=40))
    assert set(Placement.objects.values_list("valid_from", flat=True)) == {date(2025, 1, 1)}
    assert Unit.objects.get(name="2组").valid_from == date(2025, 1, 1)


def test_a_household_of_a_later_roster_counts_from_its_day(township: Unit, village: Unit, staff: User) -> None:
    later = timezone.localdate() + timedelta(days=61)
    make_household(village, number="1")
    ROSTER_IMPORT.commit(read(township, staff, line(number="2", group="2组")), by=staff, on=later)
    assert Household.objects.get(number="2").placements.get().valid_from == later
    assert Unit.objects.get(name="2组").valid_from == later


def test_it_founds_the_groups_and_settlements_that_the_roster_names(township: Unit, village: Unit, staff: User) -> None:
    rows = [
        line(group="2组", number="2", id=OTHER_ID) + ",",
        line(group="第十组", number="3", id=make_id(BIRTH, 245)) + ",桂花院",
        line(group="一组") + ",柏树院",
    ]
    roster = read(township, staff, *rows, headings=HEADINGS + ",院落")
    outcome = ROSTER_IMPORT.commit(roster, by=staff, on=ON)

    assert outcome.units_new == roster.counts["units_new"] == 3
    assert [(home.unit.name, home.unit.code[12:]) for home in Household.objects.order_by("number").select_related("unit")] == [
        ("柏树院", "001001"),
        ("2组", "002"),
        ("桂花院", "003001"),
    ]  # fmt: skip


@pytest.mark.parametrize("include_look", [False, True])
def test_it_changes_nothing_when_a_messy_roster_is_imported_again(
    township: Unit, staff: User, tmp_path: Path, include_look: bool
) -> None:
    for code, name in VILLAGES:
        make_village(township, name, code)
    messy = make_messy_roster(tmp_path / "名册.xlsx", people_rows=240, seed=5)
    data = messy.path.read_bytes()

    first = ROSTER_IMPORT.read(file=data, filename="名册.xlsx", township=township, by=staff, on=ON)
    assert {level: first.counts[level] for level in messy.expected} == messy.expected
    done = ROSTER_IMPORT.commit(first, include_look=include_look, by=staff, on=ON)
    before = everything()
    second = ROSTER_IMPORT.read(file=data, filename="名册.xlsx", township=township, by=staff, on=ON)
    again = ROSTER_IMPORT.commit(second, include_look=include_look, by=staff, on=ON)

    left = messy.expected["refuse"] + (0 if include_look else messy.expected["look"])
    assert (done.new, done.left_out) == (240 - left, left)
    assert (again.new, again.update, again.same, again.left_out) == (0, 0, 240 - left, left)
    assert (again.households_new, again.households_update, again.units_new) == (0, 0, 0)
    assert everything() == before


def test_it_commits_only_once(township: Unit, village: Unit, staff: User) -> None:
    roster = read(township, staff, line())
    first = ROSTER_IMPORT.commit(roster, by=staff, on=ON)
    Resident.objects.update(name="王晓明")
    before = everything()

    assert ROSTER_IMPORT.commit(roster, by=staff, on=ON) == first
    assert everything() == before


def test_it_updates_what_the_roster_says_and_keeps_the_rest(township: Unit, village: Unit, staff: User) -> None:
    household = make_household(village, number="1", address="柏树院 3 号")
    person = make_resident(household, id_number=ID, phone="15400000001", sex="M", birth_date=BIRTH)
    cipher = bytes(person.id_cipher)
    roster = read(township, staff, line(name="王晓明", head="王晓明", sex="", birth=""))
    assert verdicts(roster) == [("clean", "update")]

    outcome = ROSTER_IMPORT.commit(roster, by=staff, on=ON)

    person.refresh_from_db()
    household.refresh_from_db()
    assert (outcome.update, outcome.households_update) == (1, 1)
    assert (person.name, person.phone, bytes(person.id_cipher)) == ("王晓明", "15400000001", cipher)
    assert (household.head_name, household.address) == ("王晓明", "柏树院 3 号")
    assert household.unit == settlement_of(village) and household.placements.count() == 1


def test_it_adds_a_number_to_a_person_known_by_name_and_birth(township: Unit, village: Unit, staff: User) -> None:
    household = make_household(village, number="1")
    twin = make_resident(household, birth_date=date(1990, 1, 1))
    person = make_resident(household, birth_date=BIRTH)
    ROSTER_IMPORT.commit(read(township, staff, line()), by=staff, on=ON)

    person.refresh_from_db()
    twin.refresh_from_db()
    assert (person.id_number, twin.id_number, Resident.objects.count()) == (ID, "", 2)
    assert [*Resident.objects.with_id_tail(ID[-4:])] == [person]


def test_it_looks_at_another_number_for_the_same_name_and_birth(township: Unit, village: Unit, staff: User) -> None:
    person = make_resident(make_household(village, number="1"), id_number=OTHER_ID, birth_date=BIRTH, sex="M")
    roster = read(township, staff, line())
    assert verdicts(roster) == [("look", "update")]

    assert ROSTER_IMPORT.commit(roster, by=staff, on=ON).left_out == 1
    person.refresh_from_db()
    assert person.id_number == OTHER_ID


def test_it_moves_a_person_within_the_township_after_a_second_look(township: Unit, village: Unit, staff: User) -> None:
    bride = make_resident(make_household(village, "李大山", number="9"), "李秀英", OTHER_ID, birth_date=BIRTH)
    wife = line(name="李秀英", relation="妻子", sex="", id=OTHER_ID)
    roster = read(township, staff, line(), wife)
    assert [verdict for verdict, _ in verdicts(roster)] == ["take", "look"]
    assert "八一村的另一户" in reason(roster)

    ROSTER_IMPORT.commit(roster, include_look=True, by=staff, on=ON)
    bride.refresh_from_db()
    assert bride.household.number == "1" and Resident.objects.count() == 2


def test_it_refuses_who_is_registered_in_another_township(township: Unit, village: Unit, staff: User) -> None:
    far = make_village(make_township("511923103"), "石门村委会", "511923103201")
    make_resident(make_household(far, "赵四海"), "赵四海", ID)
    roster = read(township, staff, line())

    assert verdicts(roster) == [("refuse", "")]
    assert "石门村在册" in reason(roster) and "赵" not in reason(roster)


def test_it_takes_in_who_moved_away_from_another_township(township: Unit, village: Unit, staff: User) -> None:
    far = make_village(make_township("511923103"), "石门村委会", "511923103201")
    make_resident(make_household(far), id_number=ID, status="moved", status_on=ON)

    assert verdicts(read(township, staff, line())) == [("take", "new")]


@pytest.mark.parametrize(("status", "verdict"), [("died", "refuse"), ("moved", "look")])
def test_it_does_not_revive_in_silence(township: Unit, village: Unit, staff: User, status: str, verdict: str) -> None:
    person = make_resident(make_household(village, number="1"), id_number=ID, status=status, status_on=BIRTH)
    roster = read(township, staff, line())
    assert verdicts(roster)[0][0] == verdict

    ROSTER_IMPORT.commit(roster, include_look=True, by=staff, on=ON)
    person.refresh_from_db()
    assert person.status == {"refuse": "died", "look": "present"}[verdict]


def test_it_ends_the_posts_of_the_dead_and_registers_no_dead(township: Unit, village: Unit, staff: User) -> None:
    person = make_resident(make_household(village, number="1"), id_number=ID, birth_date=BIRTH, sex="M")
    post = Post.objects.create(kind="cadre", unit=village, resident=person, appointed_on=date(2026, 1, 1))
    unknown = line(number="2", name="李大山", head="李大山", id=OTHER_ID, status="死亡")
    roster = read(township, staff, line(status="去世"), unknown)
    assert verdicts(roster) == [("clean", "update"), ("refuse", "")] and "库中没有此人，已死亡的不再登记" in reason(roster)
    outcome = ROSTER_IMPORT.commit(roster, by=staff, on=ON)

    person.refresh_from_db()
    post.refresh_from_db()
    assert (person.status, person.status_on, post.ended_on) == ("died", ON, ON)
    assert (outcome.update, outcome.new, outcome.households_new, outcome.left_out) == (1, 0, 0, 1)


def test_a_returned_row_once_mended_comes_in_beside_the_head_who_is_there(township: Unit, village: Unit, staff: User) -> None:
    make_resident(make_household(village, number="1"), id_number=ID, birth_date=BIRTH, sex="M")
    wife = {"name": "李大梅", "relation": "妻子", "sex": "女", "id": make_id(BIRTH, 242)}
    assert "这一户没有户主一行" in reason(read(township, staff, line(number="2", **wife)))

    roster = read(township, staff, line(**wife))
    assert verdicts(roster) == [("clean", "new")]
    assert ROSTER_IMPORT.commit(roster, by=staff, on=ON).new == 1


def test_it_refuses_a_number_that_is_another_household(township: Unit, village: Unit, staff: User) -> None:
    make_resident(make_household(village, "李大山", number="1"), "李大山", OTHER_ID)
    roster = read(township, staff, line())

    assert verdicts(roster) == [("refuse", "")]
    assert "户号 1 在库中是另一户" in reason(roster)


def test_it_refuses_the_number_of_an_ended_household(township: Unit, village: Unit, staff: User) -> None:
    make_household(village, number="1", ended_on=date(2026, 2, 1))

    assert verdicts(read(township, staff, line())) == [("refuse", "")]


def test_it_tells_numbers_apart_that_start_anew_in_each_group(township: Unit, village: Unit, staff: User) -> None:
    other = line(group="2组", name="李大山", head="李大山", id=OTHER_ID)
    assert ROSTER_IMPORT.commit(read(township, staff, line(), other), by=staff, on=ON).households_new == 2
    assert set(Household.objects.values_list("number", flat=True)) == {"1组-1", "2组-1"}

    third = line(group="3组", number="1组-1", name="张三宝", head="张三宝", id=make_id(BIRTH, 247))
    ROSTER_IMPORT.commit(read(township, staff, third), by=staff, on=ON)
    assert Household.objects.filter(number="3组-1组-1").exists()
    before = everything()
    for lines in ([line(), other], [other], [third]):
        ROSTER_IMPORT.commit(read(township, staff, *lines), by=staff, on=ON)
    assert everything() == before


def test_it_finds_a_household_without_number_by_its_people_or_head(township: Unit, village: Unit, staff: User) -> None:
    by_person = make_household(village, "王老汉", number="0007")
    make_resident(by_person, id_number=ID, sex="M", birth_date=BIRTH)
    by_head = make_household(village, "李大山", number="0008")
    fresh = line(number="", name="张三宝", head="张三宝", id=make_id(BIRTH, 247))
    known = line(number="", name="李大山", head="李大山", id=OTHER_ID)
    outcome = ROSTER_IMPORT.commit(read(township, staff, line(number=""), known, fresh), by=staff, on=ON)

    assert outcome.households_new == 1
    assert by_person.residents.count() == by_head.residents.count() == 1
    assert Household.objects.get(head_name="张三宝").number == "0009"


def test_it_refuses_namesakes_without_a_number(township: Unit, village: Unit, staff: User) -> None:
    make_household(village, number="1")
    make_household(village, number="2")
    roster = read(township, staff, line(number=""))

    assert "同名户主" in reason(roster)


def test_it_moves_a_household_to_the_group_of_the_roster(township: Unit, village: Unit, staff: User) -> None:
    household = make_household(village, number="1")
    make_resident(household, id_number=ID, sex="M", birth_date=BIRTH, relation="户主")
    outcome = ROSTER_IMPORT.commit(read(township, staff, line(group="2组")), by=staff, on=ON)

    assert (outcome.same, outcome.households_update, outcome.units_new) == (1, 1, 1)
    assert list(household.placements.order_by("pk").values_list("valid_from", "valid_to"))[1] == (ON, None)


def test_it_refuses_villages_outside_the_township(township: Unit, village: Unit, staff: User) -> None:
    far = make_township("511923103")
    make_village(far, "石门村委会", "511923103201")

    assert [verdict for verdict, _ in verdicts(read(township, staff, line(), line(village="石门村")))] == [
        "take",
        "refuse",
    ]
    with pytest.raises(RosterError) as refused:
        read(far, staff, line())
    assert refused.value.code == "scope"


def test_it_is_handled_by_the_townships_staff_alone(township: Unit, village: Unit, staff: User) -> None:
    roster = read(township, staff, line())
    for by in (
        make_user("cadre", "cadre", village),
        make_user("leader", "leader", township),
        make_user("far", "staff", make_township("511923103")),
    ):
        assert not RosterImport.objects.visible_to(by).exists()
        for act in (ROSTER_IMPORT.commit, ROSTER_IMPORT.discard):
            with pytest.raises(RosterError):
                act(roster, by=by)
        with pytest.raises(RosterError):
            ROSTER_IMPORT.remap(roster, overrides={}, by=by)
    assert RosterImport.objects.visible_to(staff).get() == roster


def test_it_refuses_text_that_has_no_room(township: Unit, village: Unit, staff: User) -> None:
    roster = read(township, staff, line(name="阿" * 61, relation="子"), line(relation="户" * 21))

    assert [verdict for verdict, _ in verdicts(roster)] == ["refuse", "refuse"]


def test_it_takes_another_mapping(township: Unit, village: Unit, staff: User) -> None:
    headings = HEADINGS.replace("户号", "编号甲").replace("身份证号", "证号")
    roster = read(township, staff, line(), headings=headings)
    assert roster.counts["take"] == 1 and "id_number" not in roster.judged().tables[0].mapping.columns

    roster = ROSTER_IMPORT.remap(roster, overrides={"编号甲": "household_no", "证号": "id_number"}, by=staff, on=ON)

    assert roster.judged().rows[0].row.values["id_number"] == ID
    with pytest.raises(RosterError):
        ROSTER_IMPORT.remap(roster, overrides={"证号": "password"}, by=staff)
    assert RosterImport.objects.get().overrides == {"编号甲": "household_no", "证号": "id_number"}
    ROSTER_IMPORT.commit(roster, by=staff, on=ON)
    with pytest.raises(RosterError, match="已导入"):
        ROSTER_IMPORT.remap(roster, overrides={}, by=staff)


def test_it_asks_for_a_column_and_writes_nothing_before(township: Unit, village: Unit, staff: User) -> None:
    roster = read(township, staff, line(), headings=HEADINGS.replace(",姓名", ",大名"))
    assert (roster.counts["missing"], roster.judged().rows) == (["姓名"], [])
    assert account_words(roster)[0] == "读到 1 行：可导入 0 行，需要核对 0 行，不能导入 0 行，跳过 1 行（缺少“姓名”列 1 行）。"
    with pytest.raises(RosterError, match="请先在“对应列”里指出哪一列是“姓名”"):
        ROSTER_IMPORT.commit(roster, by=staff, on=ON)

    roster = ROSTER_IMPORT.remap(roster, overrides={"大名": "name"}, by=staff, on=ON)
    assert (roster.counts["missing"], verdicts(roster)) == ([], [("take", "new")])
    ROSTER_IMPORT.commit(roster, by=staff, on=ON)
    assert Resident.objects.get().name == "王小明"


def test_it_reads_hidden_sheets_where_it_is_told_to(township: Unit, village: Unit, staff: User) -> None:
    make_village(township, "力胜社区居民委员会", "511923102002")
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        for name, person, number in (("八一村", "王小明", ID), ("力胜社区", "王大明", OTHER_ID)):
            page = book.add_worksheet(name)
            page.write_row(0, 0, ["户号", "户主姓名", "姓名", "与户主关系", "身份证号"])
            page.write_row(1, 0, ["1", person, person, "户主", number])
        page.hide()
    roster = ROSTER_IMPORT.read(file=stream.getvalue(), filename="a.xlsx", township=township, by=staff, on=ON)
    assert (roster.counts["new"], roster.counts["account"]["skipped"]) == (1, {"隐藏的工作表": 2})
    roster = ROSTER_IMPORT.remap(roster, overrides={HIDDEN_SHEETS: "1"}, by=staff, on=ON)
    assert (roster.counts["new"], roster.counts["account"]["skipped"]) == (2, {})


def test_it_remembers_for_the_township_what_a_heading_means(township: Unit, village: Unit, staff: User) -> None:
    headings = HEADINGS.replace(",姓名", ",大名").replace("电话", "座机")
    ROSTER_IMPORT.remap(read(township, staff, line(), headings=headings), overrides={"大名": "name", "座机": ""}, by=staff, on=ON)

    again = read(township, staff, line(), line(name="王大明", relation="子", id=OTHER_ID, phone="x"), headings=headings)
    assert (again.overrides, again.counts["missing"], again.counts["take"]) == ({"大名": "name", "座机": ""}, [], 2)
    assert "列的对应沿用上次同样表头的设置，不对可以在“对应列”里改" in again.judged().problems
    assert read(township, staff, line(), headings=headings.replace("座机", "手机")).overrides == {}, "other headings"
    other = make_township(code="511923103")
    assert read(other, make_user("other", "staff", other), line(), headings=headings).overrides == {}, "another township"


def test_it_accounts_before_and_after_for_every_row(township: Unit, village: Unit, staff: User) -> None:
    bad = line(name="王大明", relation="子", id=OTHER_ID[:17])
    rows = [f"{line()},汉族", f"{bad},", "合计,1", f"{line(name='王小小', relation='女', id='')},汉族"]
    roster = read(township, staff, *rows, headings=f"{HEADINGS},民族")
    assert account_words(roster) == [
        "读到 4 行：可导入 1 行，需要核对 1 行，不能导入 1 行，跳过 1 行（小计合计 1 行）。",
        "没有用到的内容：民族 2 格。",
    ]
    ROSTER_IMPORT.commit(roster, by=staff, on=ON)
    roster.refresh_from_db()
    assert account_words(roster)[0] == "读到 4 行：已导入或已有 1 行，未导入 2 行，跳过 1 行（小计合计 1 行）。"


def test_it_reads_the_sheet_that_it_handed_back(township: Unit, village: Unit, staff: User) -> None:
    roster = read(township, staff, line(), line(name="王小小", relation="女", sex="女", id=""))
    stream = io.BytesIO()
    assert roster.rejects(stream) == 1
    again = ROSTER_IMPORT.read(file=stream.getvalue(), filename="退回.xlsx", township=township, by=staff, on=ON)
    (row,) = again.judged().rows
    assert (row.row.values["name"], row.row.verdict) == ("王小小", "look")
    assert again.counts["account"] == {"read": 1, "skipped": {}, "unused": {}}, "place and reason are no content"
    more = io.BytesIO()
    again.rejects(more)
    (sheet,) = read_workbook(more.getvalue(), "a.xlsx")
    assert sheet.rows[max(sheet.rows)][-3:-1] == ["名册", 3], "where it stood at first"


def test_it_knows_the_person_of_an_old_number_in_the_register(township: Unit, village: Unit, staff: User) -> None:
    ROSTER_IMPORT.commit(read(township, staff, line()), by=staff, on=ON)
    old = f"{ID[:6]}{ID[8:17]}"
    roster = read(township, staff, line(id=old))
    assert verdicts(roster) == [("look", "same")]
    assert Resident.objects.with_id_number(old).get().name == "王小明"


def test_it_asks_about_people_of_whom_a_remark_says_that_they_are_gone(township: Unit, village: Unit, staff: User) -> None:
    roster = read(township, staff, f"{line()},已嫁出", f"{line(name='王大明', relation='子', id=OTHER_ID)},", headings=f"{HEADINGS},备注")
    assert [verdict for verdict, _ in verdicts(roster)] == ["look", "take"]
    assert "L2 备注写着“已嫁出”，可能应登记为“迁出”，请核对" in reason(roster)


def test_it_keeps_remarks_and_the_words_beside_a_phone(township: Unit, village: Unit, staff: User) -> None:
    rows, headings = [f"{line(phone='15400000001（儿子）')},低保"], f"{HEADINGS},备注"
    ROSTER_IMPORT.commit(read(township, staff, *rows, headings=headings), by=staff, on=ON)
    resident = Resident.objects.get()
    assert (resident.phone, resident.note) == ("15400000001", "低保；电话注明：儿子")
    assert verdicts(read(township, staff, *rows, headings=headings)) == [("clean", "same")]
    assert verdicts(read(township, staff, line())) == [("take", "same")], "a sheet without remarks takes none away"
    assert verdicts(read(township, staff, f"{line()},五保", headings=headings)) == [("take", "update")]
    assert verdicts(read(township, staff, f"{line()},{'很' * 501}", headings=headings)) == [("refuse", "")]


def test_it_knows_villages_by_the_names_above_them(township: Unit, village: Unit, staff: User) -> None:
    roster = read(township, staff, line(village=f"{township.name}八一村"))
    assert [verdict for verdict, _ in verdicts(roster)] == ["take"]


def test_it_hands_the_rest_back_with_reasons(township: Unit, village: Unit, staff: User) -> None:
    bad = line(name="王大明", relation="子", id=ID[:17] + ("0" if ID[17] != "0" else "1"))
    doubtful = line(name="王小小", relation="女儿", sex="女", birth="2010-01-02", id="")
    roster = read(township, staff, line(), bad, doubtful)
    ROSTER_IMPORT.commit(roster, by=staff, on=ON)
    roster.refresh_from_db()
    stream = io.BytesIO()

    assert roster.rejects(stream) == 2
    (sheet,) = read_workbook(stream.getvalue(), "rest.xlsx")
    text = [[str(cell) for cell in row] for row in sheet.rows.values()]
    assert text[0][-3:] == ["原表", "原行号", "原因"]
    assert [row[-3:-1] for row in text[1:]] == [["名册", "3.0"], ["名册", "4.0"]]
    assert "校验码不对" in text[1][-1] and "没有身份证号" in text[2][-1]


def test_it_keeps_no_personal_data_in_clear_or_for_long(township: Unit, village: Unit, staff: User) -> None:
    roster = read(township, staff, line(), line(name="", relation="子", id=OTHER_ID))
    stored = bytes(roster.source) + bytes(roster.preview) + str(roster.counts).encode()
    assert ID.encode() not in stored and "王小明".encode() not in stored

    ROSTER_IMPORT.commit(roster, by=staff, on=ON)
    roster.refresh_from_db()
    assert not roster.source
    assert [item.row.values["id_number"] for item in roster.judged().rows] == [OTHER_ID]
    ROSTER_IMPORT.discard(roster, by=staff)
    roster.refresh_from_db()
    assert (roster.state, bytes(roster.preview)) == ("committed", b"")


def test_it_forgets_previews_after_a_week(township: Unit, village: Unit, staff: User) -> None:
    old, recent = read(township, staff, line()), read(township, staff, line())
    RosterImport.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=8))
    read(township, staff, line())

    old.refresh_from_db()
    recent.refresh_from_db()
    assert (old.state, bytes(old.source), bytes(old.preview)) == ("discarded", b"", b"")
    assert recent.state == "previewed" and recent.source
    with pytest.raises(RosterError, match="已放弃"):
        ROSTER_IMPORT.commit(old, by=staff)


def test_it_refuses_what_is_no_roster(township: Unit, village: Unit, staff: User) -> None:
    with pytest.raises(SheetError):
        ROSTER_IMPORT.read(file=b"MZ\x00", filename="a.xlsx", township=township, by=staff)
    assert not RosterImport.objects.exists()


def test_it_compares_with_the_register_anew_on_commit(township: Unit, village: Unit, staff: User) -> None:
    roster = read(township, staff, line())
    far = make_village(make_township("511923103"), "石门村委会", "511923103201")
    make_resident(make_household(far), id_number=ID)

    assert ROSTER_IMPORT.commit(roster, by=staff, on=ON).left_out == 1
    assert Resident.objects.count() == 1


def test_it_takes_on_commit_what_no_longer_disagrees(township: Unit, village: Unit, staff: User) -> None:
    person = make_resident(make_household(village, "李大山", number="9"), "李秀英", ID)
    roster = read(township, staff, line())
    assert verdicts(roster)[0][0] == "look"
    person.delete()

    assert ROSTER_IMPORT.commit(roster, by=staff, on=ON).new == 1


def test_it_asks_no_more_often_for_more_rows(township: Unit, staff: User, tmp_path: Path) -> None:
    for code, name in VILLAGES:
        make_village(township, name, code)
    asked: Counter[tuple[str, int]] = Counter()
    for rows in (150, 600):
        messy = make_messy_roster(tmp_path / f"{rows}.xlsx", people_rows=rows, seed=7)
        data = messy.path.read_bytes()
        for again in ("new", "same"):
            with CaptureQueriesContext(connection) as preview:
                roster = ROSTER_IMPORT.read(file=data, filename="a.xlsx", township=township, by=staff, on=ON)
            with CaptureQueriesContext(connection) as commit:
                ROSTER_IMPORT.commit(roster, include_look=True, by=staff, on=ON)
            asked[f"preview {again}", rows] = len(preview)
            asked[f"commit {again}", rows] = len(commit)
        Resident.objects.all().delete()
        Placement.objects.all().delete()
        Household.objects.all().delete()
    for what in ("preview new", "preview same", "commit new", "commit same"):
        assert asked[what, 600] <= asked[what, 150], asked
