"""A year's holidays loaded by staff replace the shipped ones, all or none."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance.accounts.models import User
from governance.workdays import WorkCalendar, shipped
from tests.builders import make_cast, make_township, make_village
from villages.calendar.services import CalendarError, calendar_year_load, work_calendar
from villages.models import CalendarDay

GOOD = "国务院办公厅关于2027年部分节假日安排\n日期,名称,类型\n2027-01-01,元旦,休\n2027年1月2日,元旦,放假\n2027-01-09,元旦,班\n"
BAD = "日期,名称,类型\n2027-01-01,元旦,休\n2026-01-02,元旦,休\n不知道,元旦,休\n2027-01-01,,看情况\n"


@pytest.fixture
def cast() -> dict[str, User]:
    township = make_township()
    return make_cast(township, make_village(township))


def load(text: str, by: User) -> int:
    return calendar_year_load(year=2027, file=text.encode(), filename="x.csv", by=by)


@pytest.mark.parametrize(
    ("day", "works"),
    [("2026-10-01", False), ("2026-10-08", True), ("2026-10-10", True), ("2026-10-11", False), ("2026-02-17", False)],
)
def test_it_ships_what_was_announced(day: str, works: bool) -> None:
    assert shipped().is_workday(date.fromisoformat(day)) == works


def test_it_knows_weekends_beyond_the_table() -> None:
    bare = WorkCalendar(frozenset(), frozenset())
    assert bare.next_workday(date(2030, 1, 4)) == date(2030, 1, 7)


@pytest.mark.django_db
def test_it_replaces_one_year_and_no_other(cast: dict[str, User]) -> None:
    before = work_calendar()
    assert before == shipped() and not before.is_workday(date(2027, 2, 8))
    assert load(GOOD, cast["staff"]) == 3
    after = work_calendar()
    assert not after.is_workday(date(2027, 1, 1)) and after.is_workday(date(2027, 1, 9))
    assert after.is_workday(date(2027, 2, 8)), "the shipped year is gone whole"
    assert after.off - {day for day in after.off if day.year == 2027} == {day for day in before.off if day.year != 2027}
    assert load(GOOD.replace("2027-01-09,元旦,班\n", ""), cast["staff"]) == 2 and CalendarDay.objects.count() == 2


@pytest.mark.django_db
def test_it_names_every_wrong_cell_and_changes_nothing(cast: dict[str, User]) -> None:
    load(GOOD, cast["staff"])
    with pytest.raises(CalendarError) as caught:
        load(BAD, cast["staff"])
    for words in ("A3 2026-01-02 不在 2027 年", "A4 “不知道”不是日期", "A5 2027-01-01 写了两次", "C5 类型请写", "B5 没有名称"):
        assert words in caught.value.message
    assert CalendarDay.objects.count() == 3
    with pytest.raises(CalendarError, match="您不能维护"):
        load(GOOD, cast["secretary"])


@pytest.mark.django_db
def test_it_is_uploaded_by_staff(cast: dict[str, User], client: Client) -> None:
    client.force_login(cast["staff"], backend="django.contrib.auth.backends.ModelBackend")
    assert "上传一年的放假安排" in client.get("/admin/villages/calendarday/").content.decode()
    sent = {"year": "2027", "file": SimpleUploadedFile("x.csv", BAD.encode())}
    assert "A4 “不知道”不是日期" in client.post("/admin/villages/calendarday/load/", sent).content.decode()
    sent["file"] = SimpleUploadedFile("x.csv", GOOD.encode())
    assert "已装入 2027 年的 3 天" in client.post("/admin/villages/calendarday/load/", sent, follow=True).content.decode()
