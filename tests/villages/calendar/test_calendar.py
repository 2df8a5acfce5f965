"""A year's holidays loaded by the county's staff replace the shipped ones, all or none; a township's own days count there alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from governance.accounts.models import User
from governance.cases.models import Category
from governance.periods import today
from governance.workdays import WorkCalendar, shipped
from tests.builders import make_cast, make_township, make_user, make_village
from tests.cases.house import MORNING, CaseHouse
from villages.calendar.services import CalendarError, calendar_year_load, work_calendar
from villages.models import CalendarDay

GOOD = "国务院办公厅关于2027年部分节假日安排\n日期,名称,类型\n2027-01-01,元旦,休\n2027年1月2日,元旦,放假\n2027-01-09,元旦,班\n"
BAD = "日期,名称,类型\n2027-01-01,元旦,休\n2026-01-02,元旦,休\n不知道,元旦,休\n2027-01-01,,看情况\n"


@pytest.fixture
def cast() -> dict[str, User]:
    township = make_township()
    cast = make_cast(township, make_village(township))
    other = make_user("other", "staff", make_township("511923103"))
    return {**cast, "county": make_user("county", "staff", township.parent), "other": other}


def load(text: str, by: User) -> int:
    return calendar_year_load(year=2027, file=text.encode(), filename="x.csv", by=by)


def town_of(by: User) -> int:
    return by.grants[0].unit_id


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
    before = work_calendar(None)
    assert before == shipped() and not before.is_workday(date(2027, 2, 8))
    assert load(GOOD, cast["county"]) == 3
    after = work_calendar(town_of(cast["staff"]))
    assert after == work_calendar(town_of(cast["other"])) == work_calendar(None)
    assert not after.is_workday(date(2027, 1, 1)) and after.is_workday(date(2027, 1, 9))
    assert after.is_workday(date(2027, 2, 8)), "the shipped year is gone whole"
    assert after.off - {day for day in after.off if day.year == 2027} == {day for day in before.off if day.year != 2027}
    assert load(GOOD.replace("2027-01-09,元旦,班\n", ""), cast["county"]) == 2 and CalendarDay.objects.count() == 2


@pytest.mark.django_db
def test_it_names_every_wrong_cell_and_changes_nothing(cast: dict[str, User]) -> None:
    load(GOOD, cast["county"])
    with pytest.raises(CalendarError) as caught:
        load(BAD, cast["county"])
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


@pytest.mark.django_db
def test_a_townships_year_counts_there_alone(cast: dict[str, User]) -> None:
    here, there = town_of(cast["staff"]), town_of(cast["other"])
    assert load(GOOD, cast["staff"]) == 3
    own, others = work_calendar(here), work_calendar(there)
    assert not own.is_workday(date(2027, 1, 1)) and own.is_workday(date(2027, 1, 9)) and not others.is_workday(date(2027, 1, 9))
    assert own.is_workday(date(2027, 2, 8)), "what its sheet has not is an ordinary day there"
    assert others == work_calendar(None) == shipped()
    days = [date(2027, 1, 1) + timedelta(days=number) for number in range(365)]
    said = {date(2027, 1, 9): True, date(2027, 1, 1): False, date(2027, 1, 2): False}
    assert [own.is_workday(day) for day in days] == [said.get(day, day.weekday() < 5) for day in days]
    load(GOOD.replace("2027-01-09,元旦,班\n", ""), cast["staff"])
    assert not work_calendar(here).is_workday(date(2027, 1, 9))


@pytest.mark.django_db
def test_nobody_touches_anothers_days(cast: dict[str, User], client: Client) -> None:
    own = CalendarDay.objects.create(township_id=town_of(cast["staff"]), day=date(2030, 3, 1), name="赶集", kind="off")
    countys = CalendarDay.objects.create(day=date(2030, 1, 1), name="元旦", kind="off")
    page = "/admin/villages/calendarday/"
    for role, mine, other in (("staff", [own], [countys]), ("other", [], [own, countys]), ("county", [own, countys], [])):
        client.force_login(cast[role], backend="django.contrib.auth.backends.ModelBackend")
        for day in mine:
            assert client.get(f"{page}{day.pk}/delete/").status_code == 200, role
        for day in other:
            assert client.get(f"{page}{day.pk}/delete/").status_code in (403, 404), role
            assert client.post(f"{page}{day.pk}/delete/", {"post": "yes"}).status_code in (403, 404), role
            sent = {"day": "2030-03-02", "name": "改", "kind": "work"}
            assert client.post(f"{page}{day.pk}/change/", sent).status_code in (403, 404), role
    assert set(CalendarDay.objects.visible_to(cast["other"])) == {countys}
    assert set(CalendarDay.objects.visible_to(cast["secretary"])) == {own, countys}
    client.force_login(cast["other"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"{page}{own.pk}/change/").status_code == 404
    client.post(f"{page}add/", {"day": "2030-03-01", "name": "庙会", "kind": "off", "township": town_of(cast["staff"])})
    client.post(f"{page}add/", {"day": "2030-03-01", "name": "庙会", "kind": "off", "township": ""})
    assert CalendarDay.objects.count() == 3 and CalendarDay.objects.get(name="庙会").township_id == town_of(cast["other"])
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarDay.objects.create(day=date(2030, 1, 1), name="二", kind="off")
    with pytest.raises(CalendarError, match="不能维护这个乡镇"):
        calendar_year_load(year=2030, file=b"", filename="x.csv", by=cast["other"], township=own.township)


@pytest.mark.django_db
def test_a_cases_clock_keeps_to_the_townships_own_days() -> None:
    house = CaseHouse()
    code = Category.objects.filter(case_unit="workdays", kind="errand").earliest("pk").code
    usual = house.log(code).case_due_at
    assert usual is not None
    other = make_township("511923109")
    days = [today(MORNING) + timedelta(days=number) for number in range(1, 200)]
    off = [CalendarDay(township=other, day=day, name="放假", kind="off") for day in days]
    CalendarDay.objects.bulk_create(off)
    assert house.log(code, phone="15400000002").case_due_at == usual, "another township's days"
    CalendarDay.objects.update(township=house.township)
    late = house.log(code, phone="15400000003").case_due_at
    assert late is not None and late > usual + timedelta(days=190)
