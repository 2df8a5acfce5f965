"""Bodies: which a village has, who sits in them on a day, by when they must meet."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from governance.councils.bodies.kinds import FOUR_FIFTHS, HALF, SORTS, TWO_THIRDS, kinds_of, shipped
from governance.councils.bodies.membership import entitled_count, entitled_of, members_of, shares_of, terms_over
from governance.councils.bodies.rhythm import next_day
from governance.councils.bodies.services import (
    bodies_fill,
    bodies_set_up,
    body_change,
    body_end,
    seat_add,
    seat_end,
    seats_add,
)
from governance.councils.errors import CouncilError
from governance.councils.meetings.services import Came
from governance.councils.models import Body, Meeting, Seat
from governance.periods import months_later
from tests.builders import make_household, make_resident, make_unit, make_village
from tests.councils.house import TODAY, CouncilHouse, moment
from tests.worlds import module_world
from villages.models import Post
from villages.units.codes import is_community

pytestmark = pytest.mark.django_db
house = module_world(CouncilHouse)


@pytest.fixture(autouse=True)
def now() -> object:
    with time_machine.travel(moment(), tick=False):
        yield


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 1, 15), 12, date(2027, 1, 15)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
    ],
)
def test_months_end_with_the_month(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later and next_day(day, months) == later
    assert next_day(day, 0) is None


@pytest.mark.parametrize(
    ("share", "whole", "least"), [(HALF, 10, 6), (HALF, 11, 6), (TWO_THIRDS, 42, 28), (TWO_THIRDS, 43, 29), (FOUR_FIFTHS, 5, 4)]
)
def test_a_share_names_the_smallest_number_that_is_enough(share: object, whole: int, least: int) -> None:
    assert share.least(whole) == least  # type: ignore[attr-defined]
    assert share.holds(least, whole) and not share.holds(least - 1, whole)  # type: ignore[attr-defined]
    assert not share.holds(0, 0)  # type: ignore[attr-defined]


def test_every_kind_is_said_once() -> None:
    assert set(SORTS) == set(Body.Kind.values) == set(shipped())
    bases = {sort.base for sort in SORTS.values()} - {"panel"}
    assert bases <= set(Meeting.Base.values)
    assert is_community("511923102001") and not is_community("511923102201")
    assert "assembly" in kinds_of("511923102201", settlement=False) and "residents" in kinds_of("511923102001", settlement=False)
    assert kinds_of("511923102201", settlement=True) == ["yard"]


def test_one_press_puts_up_what_is_missing_and_nothing_twice(house: CouncilHouse) -> None:
    own = Body.objects.filter(village=house.village)
    assert set(own.values_list("kind", flat=True)) == set(SORTS) - {"residents", "res_del"}
    assert own.get(kind="yard").unit == house.yard and own.get(kind="talk").meet_by == date(2026, 2, 1)
    assert own.get(kind="moral").meet_by is None
    with transaction.atomic():
        make_unit("settlement", "二院", "511923102201001002", house.yard.parent)
        community = make_village(house.township, "西兴社区居委会", "511923102001")
        assert bodies_set_up(township=house.township) == 1 + len(SORTS) - 2
        assert {"residents", "res_del"} <= set(Body.objects.filter(village=community).values_list("kind", flat=True))
        assert bodies_set_up(township=house.township) == 0
        transaction.set_rollback(True)


def test_only_who_keeps_a_village_puts_up_its_bodies(house: CouncilHouse) -> None:
    with transaction.atomic():
        Body.objects.filter(kind="talk").delete()
        assert bodies_fill(by=house.cast["yard_head"]) == 0 and bodies_fill(by=house.cast["secretary"]) == 1
        with pytest.raises(CouncilError, match="不能维护"):
            bodies_set_up(township=house.township, by=house.cast["secretary"])
        transaction.set_rollback(True)


def test_members_follow_the_posts_on_the_day_and_the_seats(house: CouncilHouse) -> None:
    committees, delegates = house.body("committees"), house.body("delegates")
    assert [one.words for one in members_of(committees, TODAY)] == ["村党组织书记", "村“两委”干部"]
    assert members_of(committees, date(2025, 12, 31)) == []  # before the posts began
    with transaction.atomic():
        seats = house.sit("delegates", 0, 1)
        Post.objects.filter(user=house.cast["cadre"]).update(resident=house.people[0])
        people = members_of(delegates, TODAY)
        assert [one.name for one in people] == [house.cast["secretary"].name, "王小明", "李秀英"]  # the cadre's seat counts once
        seat_end(seat=seats[1], ended_on=date(2026, 3, 1), reason="外出务工", by=house.cast["secretary"])
        assert [one.name for one in members_of(delegates, TODAY)] == [house.cast["secretary"].name, "王小明"]
        assert "李秀英" in [one.name for one in members_of(delegates, date(2026, 2, 28))]
        transaction.set_rollback(True)


def test_shares_of_women_and_delegates_are_shown_against_their_minimum(house: CouncilHouse) -> None:
    body = house.body("delegates")
    assert shares_of(body, members_of(body, TODAY)) == []
    with transaction.atomic():
        house.sit("delegates", 0, 2, 4, 1)
        women, delegates = shares_of(body, members_of(body, TODAY))
        assert (women.part, women.whole, women.holds) == (1, 4, False)
        assert (delegates.part, delegates.whole, delegates.holds) == (4, 6, False)
        transaction.set_rollback(True)


def test_who_is_entitled_is_of_the_kind(house: CouncilHouse) -> None:
    yard, assembly = house.body("yard"), house.body("assembly")
    assert [one.name for one in entitled_of(yard, "households", TODAY)] == [home.head_name for home in house.homes]
    assert entitled_of(assembly, "voters", TODAY) == []
    assert entitled_count(assembly, "voters", TODAY) == 5 and entitled_count(assembly, "homes", TODAY) == 5
    with transaction.atomic():
        child = make_resident(house.homes[0], "王小小", birth_date=date(2008, 3, 20))
        assert entitled_count(assembly, "voters", TODAY) == 6  # eighteen on the day itself
        assert entitled_count(assembly, "voters", date(2026, 3, 19)) == 5
        child.birth_date = None
        child.save()
        assert entitled_count(assembly, "voters", TODAY) == 5
        transaction.set_rollback(True)


def test_a_seat_is_for_residents_of_the_village_in_a_body_that_has_seats(house: CouncilHouse) -> None:
    by, body = house.cast["secretary"], house.body("rites")
    with transaction.atomic():
        other = make_village(house.township, "马鞍村委会", "511923102202")
        stranger = make_resident(make_household(other, "冯七"), "冯七")
        refusals = [
            (house.body("yard"), house.people[0], TODAY, "不设推选的成员"),
            (body, stranger, TODAY, "在册的居民"),
            (body, house.people[0], date(2026, 3, 21), "不能晚于今天"),
            (body, house.people[0], date(2025, 12, 31), "成立的日期"),
        ]
        for where, resident, since, words in refusals:
            with pytest.raises(CouncilError, match=words):
                seat_add(body=where, resident=resident, role="member", since=since, by=by)
        with pytest.raises(CouncilError, match="不归您维护"):
            seat_add(body=body, resident=house.people[0], role="member", since=TODAY, by=house.cast["yard_head"])
        seat_add(body=body, resident=house.people[0], role="head", since=TODAY, by=by)
        with pytest.raises(CouncilError, match="已有会长"):
            seat_add(body=body, resident=house.people[1], role="head", since=TODAY, by=by)
        added = seats_add(body=body, residents=house.people[:3], since=TODAY, by=by)
        assert [seat.resident.name for seat in added] == ["李秀英", "张国强"]
        transaction.set_rollback(True)


def test_terms_of_one_person_do_not_overlap(house: CouncilHouse) -> None:
    by, body = house.cast["secretary"], house.body("rites")
    with transaction.atomic():
        [seat] = house.sit("rites", 0)
        seat_end(seat=seat, ended_on=date(2026, 3, 1), reason="届满", by=by)
        with pytest.raises(CouncilError, match="不能重叠"):
            seat_add(body=body, resident=house.people[0], role="member", since=date(2026, 2, 1), by=by)
        assert seat_add(body=body, resident=house.people[0], role="member", since=date(2026, 3, 1), by=by)
        with pytest.raises(CouncilError, match="已经离任"):
            seat_end(seat=seat, ended_on=TODAY, reason="届满", by=by)
        transaction.set_rollback(True)


def test_a_changed_rhythm_moves_the_day(house: CouncilHouse) -> None:
    by, body = house.cast["secretary"], house.body("rites")
    with transaction.atomic():
        texts = {"name": body.name, "convener": "会长", "charter": "新章程"}
        assert body_change(body=body, every_months=2, by=by, **texts).meet_by == date(2026, 3, 1)
        assert body_change(body=body, every_months=0, by=by, **texts).meet_by is None
        moral = house.body("moral")
        assert body_change(body=moral, every_months=1, by=by, name=moral.name, convener="", charter="").meet_by is None
        transaction.set_rollback(True)


def test_a_meeting_short_of_its_quorum_is_no_meeting_of_the_rhythm(house: CouncilHouse) -> None:
    """Three of five households are more than half, two are not; a round to which everybody may come has no quorum."""
    with transaction.atomic():
        body = house.body("yard")
        founded = body.meet_by
        house.minuted(on=date(2026, 2, 10))
        body.refresh_from_db()
        assert founded == date(2026, 2, 1) and body.meet_by == date(2026, 3, 10)
        house.minuted(Came(house.home_tokens(0, 1)), on=TODAY)
        body.refresh_from_db()
        assert body.meet_by == date(2026, 3, 10), "the last one that counts"
        house.minuted(Came(house.home_tokens(0, 1)), kind="talk", on=TODAY)
        assert house.body("talk").meet_by == date(2026, 4, 20)
        transaction.set_rollback(True)


def test_a_body_ends_with_its_seats_but_not_before_its_meetings(house: CouncilHouse) -> None:
    by = house.cast["secretary"]
    with transaction.atomic():
        [seat] = house.sit("rites", 0)
        house.called("yard")
        with pytest.raises(CouncilError, match="没办完的会议"):
            body_end(body=house.body("yard"), ended_on=TODAY, by=by)
        body = body_end(body=house.body("rites"), ended_on=TODAY, by=by)
        seat.refresh_from_db()
        assert (seat.ended_on, seat.end_reason, body.meet_by) == (TODAY, "组织撤销", None)
        assert bodies_set_up(township=house.township) == 1  # one that was ended may be put up anew
        transaction.set_rollback(True)


OVER, NEXT = date(2026, 2, 28), date(2029, 2, 28)


def seated(house: CouncilHouse, number: int, term_end: date | None, kind: str = "delegates") -> Seat:
    by, since = house.cast["secretary"], date(2026, 1, 5)
    return seat_add(body=house.body(kind), resident=house.people[number], role="member", since=since, term_end=term_end, by=by)


def counted(house: CouncilHouse, day: date) -> list[str]:
    """The elected members who are entitled on the day, with what is said of them."""
    return [f"{one.name} {one.words}" for one in members_of(house.body("delegates"), day) if one.seat]


def test_members_past_their_term_stay_until_somebody_is_within_one(house: CouncilHouse) -> None:
    with transaction.atomic():
        for number in (0, 1):
            seated(house, number, OVER)
        seated(house, 3, NEXT, "rites")  # of another body
        assert counted(house, OVER) == ["王小明 代表", "李秀英 代表"]
        assert counted(house, TODAY) == ["王小明 代表（任期已满）", "李秀英 代表（任期已满）"]
        new = seat_add(
            body=house.body("delegates"), resident=house.people[2], role="member", since=TODAY, term_end=NEXT, by=house.cast["secretary"]
        )
        assert counted(house, TODAY) == ["张国强 代表"]
        assert len(counted(house, date(2026, 3, 19))) == 2, "the day before they still stood alone"
        seat_end(seat=new, ended_on=TODAY, reason="登记有误", by=house.cast["secretary"])
        assert len(counted(house, TODAY)) == 2
        transaction.set_rollback(True)


def test_one_whose_term_is_over_does_not_raise_what_a_quorum_asks(house: CouncilHouse) -> None:
    with transaction.atomic():
        for number, term_end in enumerate((NEXT, None, OVER)):
            seated(house, number, term_end)
        assert counted(house, OVER) == ["王小明 代表", "李秀英 代表", "张国强 代表"] and len(counted(house, TODAY)) == 2
        transaction.set_rollback(True)


def test_a_kind_of_body_calls_its_roles_as_it_does(house: CouncilHouse, client: Client) -> None:
    """支委会 has 书记 and 委员, a meeting of delegates 代表; an association its 会长."""
    client.force_login(house.cast["secretary"])
    with transaction.atomic():
        words = {"branch": ["书记", "副书记", "委员"], "delegates": ["召集人", "副召集人", "代表"]}
        words["rites"] = ["会长（主任）", "副会长（副主任）", "成员"]
        for kind, said in words.items():
            house.sit(kind, 0, role="head")
            body = house.body(kind)
            form = client.get(reverse("councils:seat-add", args=[body.pk]), {"resident": house.people[1].pk}).context["form"]
            assert [label for _, label in form.fields["role"].choices] == said
            page = client.get(reverse("councils:body-detail", args=[body.pk])).content.decode()
            assert f"{said[0]}，2026-01-05 起" in page, kind
            with pytest.raises(CouncilError, match=f"已有{re.escape(said[0])}，请先办理离任"):
                house.sit(kind, 1, role="head")
        [member] = house.sit("branch", 1)
        assert member.get_role_display() == "委员"
        transaction.set_rollback(True)


def test_a_new_term_takes_over(house: CouncilHouse) -> None:
    by, body = house.cast["secretary"], house.body("delegates")
    with transaction.atomic():
        again, gone = seated(house, 0, OVER), seated(house, 1, OVER)
        added = seats_add(body=body, residents=[house.people[0], house.people[2]], since=TODAY, term_end=NEXT, by=by)
        assert [seat.resident.name for seat in added] == ["王小明", "张国强"]
        again.refresh_from_db()
        assert (again.ended_on, again.end_reason) == (TODAY, "任期届满")
        assert terms_over(body, TODAY) == [gone]
        seats_add(body=body, residents=[house.people[3]], since=TODAY, term_end=NEXT, renews=True, by=by)
        assert terms_over(body, TODAY) == [] and len(counted(house, TODAY)) == 3
        assert seats_add(body=body, residents=house.people[2:4], since=TODAY, by=by) == [], "who is within a term stays as they are"
        transaction.set_rollback(True)


def test_the_page_says_whose_term_is_over_and_whether_they_count(house: CouncilHouse, client: Client) -> None:
    client.force_login(house.cast["secretary"])
    with transaction.atomic():
        body = house.body("delegates")
        address = reverse("councils:body-detail", args=[body.pk])
        assert "任期已满" not in client.get(address).content.decode()
        seated(house, 0, OVER)
        said = client.get(address).content.decode()
        assert "任期已满" in said and "1 人，最早的任期到 2026-02-28 为止" in said and "仍计入应到" in said
        load = reverse("councils:seat-load", args=[body.pk])
        assert "现有 1 人任期已满" in client.get(load).content.decode()
        client.post(load, {"names": "张国强", "since": "2026-03-20", "term_end": "2029-02-28"})
        said = client.get(address).content.decode()
        assert "不再计入应到" in said and "任期至 2026-02-28" in said
        client.post(load, {"names": "李秀英", "since": "2026-03-20", "term_end": "2029-02-28", "renews": "on"})
        said = client.get(address).content.decode()
        assert "任期已满" not in said and "任期届满" in said
        assert "renews" not in client.get(load).content.decode()
        transaction.set_rollback(True)


AROUND = {
    "body_same": "UPDATE councils_body SET kind = 'vice' WHERE id = {trade}",
    "seat_of_village": "INSERT INTO councils_seat (body_id, resident_id, role, since, end_reason)"
    " VALUES ({trade}, {stranger}, 'member', '2026-03-01', '')",
    "seat_same": "UPDATE councils_seat SET since = '2026-01-02' WHERE id = {seat}",
}


@pytest.mark.parametrize("guard", AROUND)
def test_sql_around_the_code_is_refused(house: CouncilHouse, guard: str) -> None:
    with transaction.atomic():
        other = make_village(house.township, "马鞍村委会", "511923102202")
        stranger = make_resident(make_household(other, "冯七"), "冯七")
        Body.objects.filter(kind="vice").delete()
        [seat] = house.sit("trade", 0)
        names = {"trade": house.body("trade").pk, "stranger": stranger.pk, "seat": seat.pk}
        statement = AROUND[guard].format(**names)
        assert _refuses(statement)
        connection.check_constraints()  # a table with checks to come cannot be altered
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {'councils_body' if guard == 'body_same' else 'councils_seat'} DISABLE TRIGGER {guard}")
        assert not _refuses(statement)
        transaction.set_rollback(True)


def _refuses(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except IntegrityError:
        return True
    return False


def test_a_head_is_one(house: CouncilHouse) -> None:
    with transaction.atomic():
        [first, second] = house.sit("rites", 0, 1)
        Seat.objects.filter(pk=first.pk).update(role="head")
        with pytest.raises(IntegrityError), transaction.atomic():
            Seat.objects.filter(pk=second.pk).update(role="head")
        transaction.set_rollback(True)


