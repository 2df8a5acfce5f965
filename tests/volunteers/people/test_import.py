"""A village's old ledger comes in: every row accounted for, taken once, nobody mixed up."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from governance.accounts.duties import Duty
from tests.volunteers.people.house import PeopleHouse, id_number
from tests.volunteers.people.ledgers import ugly_ledger
from villages.models import Post, Resident
from volunteers.models import Hours, HoursImport, ServiceMember, ServiceTeam, Volunteer
from volunteers.people.errors import VolunteerError
from volunteers.people.sheet_import import HOURS_IMPORT, HoursOutcome

pytestmark = pytest.mark.django_db
HEAD = ["姓名", "服务队", "日期", "时长", "服务内容", "身份证号", "电话"]


@pytest.fixture
def house() -> PeopleHouse:
    return PeopleHouse()


def book(*rows: list[Any], sheet: str = "八一村") -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as file:
        page = file.add_worksheet(sheet)
        for number, row in enumerate([HEAD, *rows]):
            page.write_row(number, 0, row)
    return stream.getvalue()


def read(house: PeopleHouse, *rows: list[Any]) -> HoursImport:
    return HOURS_IMPORT.read(
        file=book(*rows), filename="台账.xlsx", township=house.township, by=house.user("staff"), agreed_on="2026-03-01"
    )


def commit(house: PeopleHouse, sheet: HoursImport, **options: Any) -> HoursOutcome:
    return HOURS_IMPORT.commit(sheet, by=house.user("staff"), **options)


def reasons(sheet: HoursImport) -> list[str]:
    return [item.row.reason for item in sheet.judged().rows]


def test_a_volunteers_rows_become_hours_and_the_team_is_made(house: PeopleHouse) -> None:
    volunteer = house.admitted()
    sheet = read(house, ["王小明", "邻里守望队", "2026-03-05", 2, "看望老人"], ["王小明", "邻里守望队", "2026-03-09", "半小时", ""])
    assert not Hours.objects.exists() and "看望".encode() not in bytes(sheet.preview)
    assert commit(house, sheet) == HoursOutcome(new=2, same=0, left_out=0, people=0)
    assert list(volunteer.hours.order_by("served_on").values_list("minutes", "text")) == [(120, "看望老人"), (30, "志愿服务")]
    member = ServiceMember.objects.get()
    assert (member.team.name, member.volunteer, member.since) == ("邻里守望队", volunteer, date(2026, 3, 5))


def test_the_same_row_is_taken_once(house: PeopleHouse) -> None:
    house.admitted()
    row = ["王小明", "", "2026-03-05", 2, "看望老人"]
    sheet = read(house, row, ["王小明", "", "2026.3.5", "2小时", "看望老人"])
    assert "与八一村第 2 行相同，只记一次" in reasons(sheet)[1]
    assert commit(house, sheet) == HoursOutcome(new=1, same=1, left_out=0, people=0)
    assert commit(house, read(house, row, ["王小明", "", "2026-03-06", 1, ""])) == HoursOutcome(new=1, same=1, left_out=0, people=0)
    assert Hours.objects.count() == 2


def test_a_resident_who_is_no_volunteer_yet_is_looked_at_first(house: PeopleHouse) -> None:
    resident = house.resident("李和")
    sheet = read(house, ["李和", "", "2026-03-09", 2, ""], ["李和", "", "2026-03-05", 1, ""])
    assert "还不是志愿者，名册里有这个人" in reasons(sheet)[0]
    assert commit(house, sheet) == HoursOutcome(new=0, same=0, left_out=2, people=0) and not Volunteer.objects.exists()
    done = commit(house, read(house, ["李和", "", "2026-03-09", 2, ""], ["李和", "", "2026-03-05", 1, ""]), include_look=True)
    assert done == HoursOutcome(new=2, same=0, left_out=0, people=1)
    volunteer = Volunteer.objects.with_minutes().get()
    assert (volunteer.resident, volunteer.state, volunteer.joined_on, volunteer.phone) == (
        resident, "active", date(2026, 3, 5), "15400000001",
    )  # fmt: skip
    assert volunteer.minutes == 180  # type: ignore[attr-defined]
    assert Post.objects.get(kind=Duty.VOLUNTEER, resident=resident).unit == house.village
    assert volunteer.history.get().history_user == house.user("staff")


def test_who_is_known_nowhere_needs_number_and_phone(house: PeopleHouse) -> None:
    number = id_number("19900101")
    unknown = ["外乡人", "", "2026-03-05", 2, ""]
    sheet = read(house, unknown, [*unknown, number, "15400000009"])
    assert "都没有“外乡人”" in reasons(sheet)[0] and "名册里没有这个人" in reasons(sheet)[1]
    assert commit(house, sheet, include_look=True) == HoursOutcome(new=1, same=0, left_out=1, people=1)
    assert Volunteer.objects.with_id_number(number).get().phone == "15400000009"


def test_people_of_one_name_are_told_apart_or_refused(house: PeopleHouse) -> None:
    house.admitted()
    twin = house.register(house.resident("王小明", id_number=id_number("19850101")))
    row = ["王小明", "", "2026-03-05", 2, ""]
    sheet = read(house, row, [*row, id_number("19850101"), ""])
    assert "2 位叫“王小明”的志愿者，分不清是哪一位" in reasons(sheet)[0]
    assert commit(house, sheet).new == 1
    assert Hours.objects.get().volunteer == twin
    for _ in range(2):
        house.resident("赵六")
    assert "2 个叫“赵六”的人" in reasons(read(house, ["赵六", "", "2026-03-05", 2, ""]))[0]


def test_people_of_one_name_on_one_day_keep_their_own_hours(house: PeopleHouse) -> None:
    first, second = id_number("19850101"), id_number("19860202")
    rows = [["外乡人", "", "2026-03-05", 2, "扫院坝", number, phone] for number, phone in ((first, "15400000008"), (second, "15400000009"))]
    bare = ["外乡人", "", "2026-03-06", 1, "扫院坝", "", "15400000009"]
    sheet = read(house, *rows, bare, ["外乡人", "", "2026-03-06", 3, "扫院坝"])
    assert "都没有" in reasons(sheet)[3]
    assert commit(house, sheet, include_look=True) == HoursOutcome(new=3, same=0, left_out=1, people=2)
    assert [Volunteer.objects.with_id_number(n).with_minutes().get().minutes for n in (first, second)] == [120, 180]  # type: ignore[attr-defined]
    assert commit(house, read(house, *rows, bare), include_look=True) == HoursOutcome(new=0, same=3, left_out=0, people=0)


def test_who_may_be_several_people_is_refused(house: PeopleHouse) -> None:
    house.admitted()
    row = ["王小明", "", "2026-03-05", 2, ""]
    numbers = [id_number("19850101"), id_number("19860202")]
    assert all("不止一人" in words for words in reasons(read(house, [*row, numbers[0]], [*row, numbers[1]])))
    assert ["不止一人" in words for words in reasons(read(house, [*row, "", "15400000001"], [*row, "", "15400000007"], row))] == [
        False, True, True,
    ]  # fmt: skip
    twice = read(house, ["甲某", *row[1:], numbers[0], "15400000005"], ["乙某", *row[1:], numbers[0], "15400000005"])
    assert "另一个姓名" in reasons(twice)[1]


def test_a_number_of_somebody_else_is_refused_and_one_added_later_is_the_same_service(house: PeopleHouse) -> None:
    number = id_number("19850101")
    house.register(house.resident("李和", id_number=number))
    row = ["李和", "", "2026-03-05", 2, ""]
    assert commit(house, read(house, row)).new == 1 and commit(house, read(house, [*row, number, ""])).same == 1
    assert "这个身份证号是八一村的志愿者李和的" in reasons(read(house, ["外乡人", *row[1:], number, "15400000005"]))[0]


def test_minors_are_registered_by_hand(house: PeopleHouse) -> None:
    house.resident("李小", birth_date=date(2010, 1, 1))
    sheet = read(house, ["李小", "", "2026-03-05", 2, ""])
    assert "未满十八周岁" in reasons(sheet)[0]
    assert commit(house, sheet, include_look=True).left_out == 1 and not Volunteer.objects.exists()


def test_more_than_a_day_in_a_day_is_looked_at(house: PeopleHouse) -> None:
    house.admitted()
    sheet = read(house, ["王小明", "", "2026-03-05", 20, "守夜"], ["王小明", "", "2026-03-05", 5, "值守"])
    assert "超过 24 小时" in reasons(sheet)[1] and commit(house, sheet).new == 1


def test_it_is_for_the_townships_clerks(house: PeopleHouse) -> None:
    with pytest.raises(VolunteerError, match="不能为这个乡镇"):
        HOURS_IMPORT.read(file=book(), filename="x.xlsx", township=house.township, by=house.cadre)


def test_six_hundred_volunteers_of_an_ugly_ledger(house: PeopleHouse) -> None:
    """Each row that stands in the file is an hour, the same again, or comes back with its reason."""
    data, people, expected = ugly_ledger(house.village, 600)
    said: dict[str, Any] = {"filename": "台账.xlsx", "township": house.township, "agreed_on": "2025-01-01"}
    sheet = HOURS_IMPORT.read(file=data, by=house.user("staff"), **said)
    rows = sheet.judged().rows
    done = commit(house, sheet, include_look=True)
    assert done.new + done.same + done.left_out == len(rows) == expected.rows
    assert (done.new, done.same, done.left_out, done.people) == (expected.new, expected.same, expected.refused, people)
    assert Hours.objects.aggregate(total=Sum("minutes"))["total"] == expected.minutes
    assert Volunteer.objects.count() == people == Post.objects.filter(kind=Duty.VOLUNTEER, resident__isnull=False).count()
    assert ServiceTeam.objects.count() == 3
    rejected = io.BytesIO()
    sheet.refresh_from_db()
    assert sheet.rejects(rejected) == expected.refused
    again = HOURS_IMPORT.read(file=data, by=house.user("staff"), **said)
    assert commit(house, again, include_look=True) == HoursOutcome(
        new=0, same=expected.new + expected.same, left_out=expected.refused, people=0
    )


def test_it_is_walked_through_the_staff_pages(house: PeopleHouse, client: Client) -> None:
    house.admitted()
    client.force_login(house.user("staff"), backend="django.contrib.auth.backends.ModelBackend")
    file = SimpleUploadedFile("台账.xlsx", book(["王小明", "", "2026-03-05", "两小时", "看望老人"], ["无此人", "", "2026-03-05", 1, ""]))
    answer = client.post(reverse("admin:volunteers_hoursimport_add"), {"township": house.township.pk, "file": file}, follow=True)
    text = answer.content.decode()
    assert text.index("<th>原因</th>") < text.index("<th>姓名</th>"), "before what a narrow screen cuts off"
    assert "看望老人" in text and "都没有“无此人”" in text and "将新增 1 条" in text
    sheet = HoursImport.objects.get()
    page = reverse("admin:volunteers_hoursimport_changelist") + f"{sheet.pk}/"
    assert "新增时长 1 条" in client.post(f"{page}commit/", {"sent": "1"}, follow=True).content.decode()
    assert client.get(f"{page}rejects/")["Content-Type"].endswith("sheet")
    assert Resident.objects.count() == 1
