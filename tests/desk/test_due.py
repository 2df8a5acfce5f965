"""The to-do in three parts: what climbed reaches whom it climbed to, what is not done is not "nothing", tomorrow is not today."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.test import Client

from governance.accounts.models import User
from governance.cases.engine.climbing import cases_climb
from governance.cases.engine.flow import Step
from governance.cases.models import OfficeMember
from governance.desk.todo import due_kinds, todo_of, todo_parts
from governance.frame.due import Part, day_words, due_words, late_counts
from inspections.models import Order
from inspections.orders.due import fix_due, sign_due
from tests.builders import make_rule_set
from tests.cases.house import CaseHouse, moment
from tests.inspections.checks.house import CheckHouse
from tests.pages import read
from volunteers.care.lists import due_of as care_due
from volunteers.models import CareRecord

pytestmark = pytest.mark.django_db


def titles(user: User, at: str, part: Part | None = None) -> list[str]:
    return [todo.title for todo in todo_of(user, moment(at)) if part in (None, todo.part)]


def climbed(user: User, at: str) -> list[str]:
    return [title for title in titles(user, at) if title.startswith("升级到")]


@pytest.mark.parametrize(
    ("at", "words", "part"),
    [("2026-03-10 23:59", "已逾期 1 天", Part.LATE), ("2026-03-09 00:00", "今天到期", Part.TODAY),
     ("2026-03-09 23:59", "今天到期", Part.TODAY), ("2026-03-08 23:59", "剩 1 天", Part.LATER)],
)  # fmt: skip
def test_a_day_is_in_time_until_its_end(at: str, words: str, part: Part) -> None:
    due = day_words(moment("2026-03-09 12:00").date(), moment(at))
    assert (due.words, due.part) == (words, part)


def test_a_moment_is_late_once_it_has_passed() -> None:
    noon = moment("2026-03-09 12:00")
    parts = [due_words(noon, moment(at)).part for at in ("2026-03-09 12:01", "2026-03-09 00:01", "2026-03-08 23:59")]
    assert parts == [Part.LATE, Part.TODAY, Part.LATER]


def test_a_climbed_case_reaches_whom_it_climbed_to() -> None:
    house = CaseHouse()
    case = house.log(by="cadre")
    assert cases_climb(moment("2026-03-11 17:31")) == 1
    assert climbed(house.user("staff"), "2026-03-11 17:40") == ["升级到镇办公室：电力"]
    assert climbed(house.user("leader"), "2026-03-11 17:40") == []
    assert cases_climb(moment("2026-03-12 17:31")) == 1
    for role in ("staff", "leader"):
        (line,) = [todo for todo in todo_of(house.user(role), moment("2026-03-12 17:40")) if todo.title.startswith("升级到镇领导")]
        assert (line.link, line.part) == (f"/cases/{case.pk}/", Part.LATE), role
    assert climbed(house.user("cadre"), "2026-03-12 17:40") == climbed(house.user("supervisor"), "2026-03-12 17:40") == []
    house.step(case, Step.HANDLE, note="已去修", at=moment("2026-03-12 18:00"))
    house.step(case, Step.FINISH, result="已修好", note="已修好", at=moment("2026-03-12 18:10"))
    assert climbed(house.user("leader"), "2026-03-12 18:20") == []


def test_a_climbed_case_falls_to_the_clerks_where_nobody_sits_or_leads() -> None:
    house = CaseHouse()
    OfficeMember.objects.all().delete()
    house.user("leader").posts.update(ended_on="2026-02-01")
    house.log(by="cadre")
    for at in ("2026-03-11 17:31", "2026-03-12 17:31"):
        assert cases_climb(moment(at)) == 1
        assert len(climbed(house.user("staff"), at)) == 1, at


@time_machine.travel("2026-03-20T10:00:00+08:00")
def test_households_not_judged_are_not_nothing(client: Client) -> None:
    house = CheckHouse(homes=4)
    house.check(0)
    house.kin("informant", 3)
    now = moment("2026-03-20 10:00")
    for duty, left in (("yard_head", 3), ("informant", 2), ("cadre", 3)):
        words = [todo.words for todo in todo_of(house.user(duty), now)]
        assert f"2026年3月还有 {left} 户没评" in words, duty
    assert not [todo for duty in ("staff", "overseer") for todo in todo_of(house.user(duty), now) if "户没评" in todo.words]
    (late, later), cut = todo_parts(house.user("yard_head"), now)
    assert not cut
    assert (late.part, [todo.words for todo in late.lines]) == (Part.LATE, ["2026年2月还有 4 户没评"])
    assert (later.part, [todo.title for todo in later.lines]) == (Part.LATER, ["户月评：柏树院"])
    assert "没有等您办的事" not in read(client, house.user("yard_head"), "/")


@time_machine.travel("2026-03-10T10:00:00+08:00")
def test_tomorrow_does_not_stand_under_today(client: Client) -> None:
    house = CaseHouse()
    house.log(by="cadre", at=moment("2026-03-10 09:30"))
    page = read(client, house.user("cadre"), "/")
    assert "<h3>以后" in page and "<h3>今天" not in page and "<h3>已逾期" not in page and "剩 31 小时" in page


def test_a_month_before_the_rules_waits_for_nobody() -> None:
    """And has a week from its end on to be shown, and 15 days to be locked: by the same days the scorecard measures."""
    house = CaseHouse()
    make_rule_set(house.township, valid_from=date(2026, 3, 1))
    staff = house.user("staff")
    assert [title for title in titles(staff, "2026-03-20 10:00") if "评分" in title] == []
    for what, key, days in (("公示", "closing-notice", ("01", "07", "08")), ("锁定", "closing", ("08", "15", "16"))):
        for day, part in zip(days, (Part.LATER, Part.TODAY, Part.LATE), strict=True):
            at = f"2026-04-{day} 00:10"
            counted = [kind.key for kind, _, _ in late_counts(due_kinds(), staff, moment(at))]
            assert f"2026年3月评分还没有{what}" in titles(staff, at, part), at
            assert (key in counted) == (part == Part.LATE), at


@pytest.mark.parametrize(
    ("at", "words", "tone"),
    [("2026-03-09 18:00", "今天到期", "near"), ("2026-03-09 23:59", "今天到期", "near"), ("2026-03-10 00:00", "已逾期 1 天", "late")],
)
def test_tags_of_orders_and_care_leave_a_day_its_evening(at: str, words: str, tone: str) -> None:
    """They were late from 17:30 on while the to-do said "今天到期"."""
    day, now = date(2026, 3, 9), moment(at)
    issued, signed = (Order(state=state, sign_due_on=day, fix_due_on=day) for state in (Order.State.ISSUED, Order.State.SIGNED))
    with time_machine.travel(now, tick=False):
        tags = [sign_due(issued, now), fix_due(signed, now), care_due(CareRecord(due_on=day))]
    assert {(tag.words, tag.tone) for tag in tags if tag} == {(words, tone)} and all(tags)
