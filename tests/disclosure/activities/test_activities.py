"""Activities: planned around festivals, invited, held, cancelled; the year's figures lead to their rows; the public calendar."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from governance.accounts.models import User
from governance.disclosure.activities import guards
from governance.disclosure.activities import services as activities
from governance.disclosure.activities.calendar import Event, calendar_text
from governance.disclosure.activities.due import KINDS
from governance.disclosure.activities.services import Plan
from governance.disclosure.errors import DisclosureError
from governance.disclosure.models import Activity
from governance.guards import refused_by
from tests.builders import make_cast, make_household, make_resident, make_township, make_user, make_village
from tests.cases.house import moment
from tests.disclosure.affairs.test_pages import sheet
from tests.pages import neighbour, queries, read
from tests.trial import run_in_trial_mode
from tests.worlds import module_world
from villages.calendar.festivals import Festival, festivals
from villages.models import CalendarDay

pytestmark = pytest.mark.django_db
NOW = moment("2026-04-15 10:00")


class ActivityHouse:
    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)

    def plan(self, **changes: Any) -> Plan:
        plan = Plan(self.village, "law_talk", "宪法进院坝", date(2026, 4, 15), "柏树院院坝", time(19, 30))
        return replace(plan, **changes)

    def planned(self, **changes: Any) -> Activity:
        return activities.activity_plan(plan=self.plan(**changes), by=self.cast["cadre"])

    def held(self, asked: str = "", **changes: Any) -> Activity:
        return activities.activity_record(activity=self.planned(**changes), turnout=60, asked=asked, by=self.cast["cadre"])


house = module_world(ActivityHouse)


@pytest.fixture(autouse=True)
def april() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_it_goes_from_plan_to_record(house: ActivityHouse) -> None:
    cadre, activity = house.cast["cadre"], house.planned()
    with pytest.raises(DisclosureError, match="晚于今天"):
        activities.activity_invite(activity=activity, on=date(2026, 4, 16), invitation="广播", by=cadre)
    activity = activities.activity_invite(activity=activity, on=date(2026, 4, 14), invitation="广播、张贴", by=cadre)
    activity = activities.activity_record(activity=activity, turnout=60, asked="彩礼怎么算", by=house.cast["secretary"])
    assert (activity.state, activity.turnout, activity.asked) == ("held", 60, "彩礼怎么算")
    activity = activities.activity_record(activity=activity, turnout=65, by=cadre)
    assert [one.turnout for one in activity.history.order_by("history_id")] == [None, None, 60, 65]
    with pytest.raises(DisclosureError, match="已举办"):
        activities.activity_cancel(activity=activity, reason="下雨", by=cadre)


def test_what_is_to_come_is_not_recorded(house: ActivityHouse) -> None:
    activity = house.planned(planned_on=date(2026, 4, 16))
    with pytest.raises(DisclosureError, match="日期还没到"):
        activities.activity_record(activity=activity, turnout=9, by=house.cast["cadre"])
    with pytest.raises(DisclosureError, match="写明原因"):
        activities.activity_cancel(activity=activity, reason=" ", by=house.cast["cadre"])
    assert activities.activity_cancel(activity=activity, reason="下雨", by=house.cast["cadre"]).state == "cancelled"
    with pytest.raises(DisclosureError, match="已取消"):
        activities.activity_change(activity=activity, plan=house.plan(), by=house.cast["cadre"])


def test_what_is_announced_names_nobody_and_each_village_plans_its_own(house: ActivityHouse) -> None:
    make_resident(make_household(house.village, "赵丁卯"), "赵丁卯")
    refusals = {"赵丁卯家": "名册上的人", "联系 15400000001": "电话号码", "3组12号": "门牌号"}
    for place, reason in refusals.items():
        with pytest.raises(DisclosureError, match=reason):
            house.planned(place=place)
    other = make_village(house.township, "马鞍村委会", "511923102202")
    for by, village in ((house.cast["cadre"], other), (house.cast["leader"], house.village), (house.cast["overseer"], house.village)):
        with pytest.raises(DisclosureError, match="您不能安排"):
            activities.activity_plan(plan=house.plan(village=village), by=by)
    activity = house.planned()
    with pytest.raises(DisclosureError, match="您不能安排"):
        activities.activity_change(activity=activity, plan=house.plan(village=other), by=house.cast["cadre"])
    with pytest.raises(DisclosureError, match="类别"):
        house.planned(kind="dance")
    with pytest.raises(DisclosureError, match="最多"):
        activities.activity_record(activity=activity, turnout=5001, by=house.cast["cadre"])


def test_it_waits_from_its_day_on_and_is_late_three_days_after(house: ActivityHouse) -> None:
    activity, (kind,) = house.planned(), KINDS

    def held(day: int, duty: str = "cadre") -> int:
        return kind.held_by(User.objects.get(pk=house.cast[duty].pk), moment(f"2026-04-{day} 09:00")).count()

    assert [held(14), held(15), held(15, "staff"), held(15, "overseer")] == [0, 1, 0, 0]
    assert not kind.late_rows(moment("2026-04-18 23:59")) and kind.late_rows(moment("2026-04-19 00:00"))
    activities.activity_record(activity=activity, turnout=0, by=house.cast["cadre"])
    assert held(19) == 0


TRIES: dict[str, tuple[str, Callable[[ActivityHouse], Any]]] = {
    "made as held": (guards.BEGINS, lambda h: Activity.objects.bulk_create([_row(h, state="held", turnout=1, **_signed(h))])),
    "held → planned": (guards.ENDED, lambda h: _of(h.held()).update(state="planned", turnout=None, recorded_by=None, recorded_at=None)),
    "held → cancelled": (
        guards.ENDED,
        lambda h: _of(h.held()).update(state="cancelled", cancel_reason="x", turnout=None, recorded_by=None, recorded_at=None),
    ),
    "day of what was held": (guards.KEPT, lambda h: _of(h.held()).update(planned_on=date(2026, 1, 1))),
    "kind of what was held": (guards.KEPT, lambda h: _of(h.held()).update(kind="show")),
    "what was held, deleted": (guards.KEPT, lambda h: h.held().delete()),
    "held without turnout": ("activity_held_with_turnout", lambda h: _of(h.planned()).update(state="held", **_signed(h))),
    "turnout of what is planned": ("activity_held_with_turnout", lambda h: _of(h.planned()).update(turnout=9)),
    "too many": ("activity_turnout_fits", lambda h: _of(h.held()).update(turnout=5001)),
    "invited somehow": ("activity_invited_somehow", lambda h: _of(h.planned()).update(state="invited", invited_on=date(2026, 4, 1))),
    "cancelled without reason": ("activity_cancelled_with_reason", lambda h: _of(h.planned()).update(state="cancelled")),
}


def _row(house: ActivityHouse, **fields: Any) -> Activity:
    return Activity(
        village=house.village, kind="show", title="x", planned_on=date(2026, 4, 1), place="x", planned_by=house.cast["cadre"], **fields
    )


def _signed(house: ActivityHouse) -> dict[str, Any]:
    return {"recorded_by": house.cast["cadre"], "recorded_at": timezone.now()}


def _of(activity: Activity) -> Any:
    return Activity.objects.filter(pk=activity.pk)


def refused(house: ActivityHouse, what: str) -> str:
    try:
        with transaction.atomic():
            TRIES[what][1](house)
            transaction.set_rollback(True)
    except IntegrityError as error:
        return refused_by(error)
    return ""


@pytest.mark.parametrize("what", sorted(TRIES))
def test_the_database_refuses(house: ActivityHouse, what: str) -> None:
    assert refused(house, what) == TRIES[what][0]


def wrong() -> dict[str, str]:
    with time_machine.travel(NOW, tick=False):
        house = ActivityHouse()
        found = {what: refused(house, what) for what in TRIES}
    return {what: rule for what, rule in found.items() if rule != TRIES[what][0]}


def test_sqlite_refuses_the_same(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.disclosure.activities.test_activities:wrong", tmp_path) == {}


def test_festivals_come_from_the_calendar_in_force(house: ActivityHouse) -> None:
    def found() -> list[Festival]:
        return festivals(house.township.pk, date(2026, 4, 15), date(2026, 6, 30))

    assert found() == [
        Festival("全民国家安全教育日", date(2026, 4, 15)), Festival("劳动节", date(2026, 5, 1)),
        Festival("全国防灾减灾日", date(2026, 5, 12)), Festival("儿童节", date(2026, 6, 1)),
        Festival("端午节", date(2026, 6, 19)), Festival("国际禁毒日", date(2026, 6, 26)),
    ]  # fmt: skip
    CalendarDay.objects.create(township=house.township, day=date(2026, 6, 10), name="红叶节", kind="off")
    CalendarDay.objects.create(township=make_township("511923103"), day=date(2026, 6, 11), name="别镇的", kind="off")
    assert Festival("红叶节", date(2026, 6, 10)) in found() and not [one for one in found() if one.name == "别镇的"]
    years = [one.day.year for one in festivals(None, date(2026, 12, 1), date(2027, 1, 2))]
    assert years == [2026, 2026, 2027]


def test_the_desk_plans_by_a_tap_on_a_festival(client: Client, house: ActivityHouse) -> None:
    page = read(client, house.cast["cadre"], "/activities/create/")
    link = re.search(r'href="(\?planned_on=2026-05-01[^"]*)"', page)
    assert link is not None
    page = read(client, house.cast["cadre"], "/activities/create/" + link[1].replace("&amp;", "&"))
    assert 'value="2026-05-01"' in page and 'value="劳动节"' in page
    given: dict[str, Any] = {"village": house.village.pk, "kind": "show", "title": "坝坝电影", "planned_on": "2026-05-01"}
    given |= {"place": "文化广场", "festival": "劳动节"}
    answer = client.post("/activities/create/", given)
    activity = Activity.objects.get()
    assert answer["Location"] == f"/activities/{activity.pk}/" and activity.festival == "劳动节"
    assert "登记通知" in read(client, house.cast["cadre"], f"/activities/{activity.pk}/")
    assert client.post(f"/activities/{activity.pk}/invite/", {"on": "2026-04-15", "invitation": "广播"}).status_code == 302
    answer = client.post(f"/activities/{activity.pk}/record/", {"turnout": 5})
    assert answer.status_code == 422 and "日期还没到" in answer.content.decode()
    assert client.post("/activities/create/", {**given, "kind": ""}).status_code == 422
    assert "登记通知" not in read(client, house.cast["leader"], f"/activities/{activity.pk}/")


def test_the_year_leads_to_as_many_rows_as_it_counts(client: Client, house: ActivityHouse) -> None:
    other = make_village(house.township, "马鞍村委会", "511923102202")
    make_user("other", "cadre", other)
    for number, kind in enumerate(("show", "show", "health")):
        house.held(kind=kind, planned_on=date(2026, 1 + number, 3))
    house.held(kind="show", planned_on=date(2025, 12, 31))
    house.planned(kind="show")
    staff = house.cast["staff"]
    there = activities.activity_plan(plan=house.plan(village=other, kind="show"), by=staff)
    activities.activity_record(activity=there, turnout=3, by=staff)
    for duty, expected in (("staff", [2, 1, 1, 3, 1]), ("cadre", [2, 1])):
        page = read(client, house.cast[duty], "/activities/year/?year=2026")
        links = re.findall(r'<a href="(/activities/\?[^"]*)">(\d+)</a>', page)
        assert sorted(int(number) for _, number in links) == sorted(expected)
        for link, number in links:
            assert f"共 {number} 个" in read(client, house.cast[duty], link.replace("&amp;", "&"))
    assert "2025年" in read(client, house.cast["staff"], "/activities/year/?year=2025")
    read(client, house.cast["staff"], "/activities/year/?year=x")


def test_lists_and_ledger(client: Client, house: ActivityHouse) -> None:
    activity = house.held()
    assert "共 1 个" in read(client, house.cast["cadre"], "/activities/?kind=law_talk&state=held&year=2026")
    assert "共 0 个" in read(client, house.cast["cadre"], "/activities/?q=龙舟")
    client.force_login(house.cast["cadre"])
    rows = sheet(client, "/activities/export/")
    assert any("宪法进院坝" in row and 60 in row for row in rows)
    client.force_login(neighbour()["cadre"])
    assert client.get(f"/activities/{activity.pk}/").status_code == 404


def test_queries_do_not_grow_with_activities(client: Client, house: ActivityHouse) -> None:
    addresses = ("/activities/", "/activities/year/", "/public/activities/", f"/public/{house.village.code}/activities/")
    house.held()
    before = [queries(client, house.cast["staff"], address) for address in addresses]
    for _ in range(4):
        house.held()
        house.planned()
    assert [queries(client, house.cast["staff"], address) for address in addresses] == before


def test_residents_see_the_calendar_and_what_was_cancelled(client: Client, house: ActivityHouse) -> None:
    code = house.village.code
    coming = house.planned(planned_on=date(2026, 4, 20))
    activities.activity_cancel(activity=house.planned(title="坝坝舞", planned_on=date(2026, 4, 21)), reason="下雨", by=house.cast["cadre"])
    house.held(title="义诊", kind="health", asked="李家的事")
    page = client.get("/public/activities/").content.decode()
    assert coming.title in page and "已取消：下雨" in page
    page = client.get(f"/public/{code}/activities/").content.decode()
    assert coming.title in page and "义诊" in page and "李家的事" not in page and "60 人" not in page and "cadre" not in page
    answer = client.get(f"/public/{code}/activities/calendar.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = unfolded(answer.content.decode())
    assert [line for line in lines if line.startswith("STATUS")] == ["STATUS:CONFIRMED", "STATUS:TENTATIVE", "STATUS:CANCELLED"]
    assert "DTSTART:20260420T113000Z" in lines and f"UID:activity-{coming.pk}@testserver" in lines
    assert client.get("/public/511923109999/activities/").status_code == 404


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_the_file_is_an_icalendar() -> None:
    """RFC 5545: lines end in CRLF, none is longer than 75 octets, no character is cut, marks are escaped."""
    at = datetime(2026, 4, 1, 1, 2, 3, tzinfo=UTC)
    title = "讲座；法律,“婚姻”; 第1讲\\" + "长" * 60
    whole = Event("1@x", date(2026, 12, 31), None, title, "院坝\n二层", "TENTATIVE", at, "https://x/")
    timed = replace(whole, uid="2@x", starts=datetime(2026, 4, 20, 19, 30, tzinfo=NOW.tzinfo))
    text = calendar_text("八一村活动", [whole, timed])
    assert text.endswith("END:VCALENDAR\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = unfolded(text)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 2
    assert "SUMMARY:讲座；法律\\,“婚姻”\\; 第1讲\\\\" + "长" * 60 in lines and "LOCATION:院坝\\n二层" in lines
    assert {"DTSTART;VALUE=DATE:20261231", "DTEND;VALUE=DATE:20270101", "DTSTAMP:20260401T010203Z"} <= set(lines)
    assert "DTSTART:20260420T113000Z" in lines
