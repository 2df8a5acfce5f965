"""The duty roster: fair, swapped by both, published; nobody twice, nothing clocked (plan §三.1 轮流坐班, §四.2 错时)."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from governance.cases.models import Shift, ShiftKind, Swap
from governance.cases.shifts import services as shifts
from governance.cases.shifts.services import ShiftError
from governance.periods import Period, today, years_later
from tests.builders import make_resident, make_user, make_village
from tests.cases.house import CaseHouse, moment
from villages.models import Post, Unit
from villages.posts.services import PostError, post_public_set
from volunteers.models import ServiceMember, ServiceTeam, Volunteer
from volunteers.projects.setting_up import projects_set_up

pytestmark = pytest.mark.django_db
OCTOBER, NOW = Period.parse("2026-10"), moment("2026-09-20 09:00")


class RosterHouse(CaseHouse):
    """Four people sit: the secretary and three cadres."""

    def __init__(self) -> None:
        super().__init__()
        for number in (2, 3):
            self.cast[f"cadre{number}"] = make_user(f"cadre{number}", "cadre", self.village)
        shifts.shift_kinds_default(village=self.village, by=self.user("secretary"))

    def make(self, month: Period = OCTOBER, at: object = NOW) -> int:
        return shifts.shifts_generate(village=self.village, month=month, by=self.user("secretary"), at=at)  # type: ignore[arg-type]

    def of(self, role: str) -> list[Shift]:
        rows = Shift.objects.filter(post__user=self.user(role)).select_related("kind", "post", "village")
        return list(rows.order_by("day", "kind__starts"))


@pytest.fixture
def house() -> RosterHouse:
    return RosterHouse()


def counts(**filters: object) -> Counter[int]:
    return Counter(Shift.objects.filter(**filters).values_list("post__user", flat=True))


def test_it_fills_workdays_and_days_off_by_the_chinese_calendar(house: RosterHouse) -> None:
    assert house.make() == 18 * 2 + 13
    kinds = {day: set(Shift.objects.filter(day=day).values_list("kind__name", flat=True)) for day in
             (date(2026, 10, 1), date(2026, 10, 8), date(2026, 10, 10), date(2026, 10, 11))}
    assert list(kinds.values()) == [{"休息日值班"}, {"坐班", "错时"}, {"坐班", "错时"}, {"休息日值班"}]


def test_it_is_fair_in_all_and_in_days_off(house: RosterHouse) -> None:
    for text in ("2026-10", "2026-11", "2026-12"):
        house.make(Period.parse(text))
        months = counts(day__gte=Period.parse(text).start, day__lt=Period.parse(text).end)
        assert len(months) == 4 and max(months.values()) - min(months.values()) <= 2, text
    off = counts(kind__name="休息日值班")
    assert max(off.values()) - min(off.values()) <= 1
    for name in ("坐班", "错时"):
        turns = counts(kind__name=name)
        assert max(turns.values()) - min(turns.values()) <= 3, name
    everything = counts()
    assert max(everything.values()) - min(everything.values()) <= 1


def test_it_puts_nobody_on_twice_a_day_while_others_are_free(house: RosterHouse) -> None:
    house.make()
    twice = Counter(Shift.objects.values_list("day", "post__user"))
    assert max(twice.values()) == 1


def test_it_keeps_what_is_published_or_agreed_and_is_the_same_each_time(house: RosterHouse) -> None:
    house.make()
    first = list(Shift.objects.order_by("day", "kind").values_list("day", "kind", "post"))
    house.make()
    assert list(Shift.objects.order_by("day", "kind").values_list("day", "kind", "post")) == first
    shifts.shifts_publish(village=house.village, month=OCTOBER, by=house.user("secretary"), at=NOW)
    ids = set(Shift.objects.values_list("pk", flat=True))
    assert house.make() == 0 and set(Shift.objects.values_list("pk", flat=True)) == ids
    assert house.user("cadre").messages.filter(text__contains="值班表已发布").count() == 1


def test_it_leaves_out_whoever_is_not_in_office_on_the_day(house: RosterHouse) -> None:
    Post.objects.filter(user=house.user("cadre2")).update(term_end=date(2026, 10, 15))
    house.make()
    assert max(shift.day for shift in house.of("cadre2")) <= date(2026, 10, 15)
    Post.objects.filter(unit=house.village).update(ended_on=date(2026, 9, 1))
    with pytest.raises(ShiftError, match="没有在任"):
        house.make(Period.parse("2026-11"))


def test_it_swaps_when_both_agree(house: RosterHouse) -> None:
    house.make()
    mine, theirs = house.of("cadre")[0], house.of("cadre2")[0]
    swap = shifts.swap_ask(shift=mine, other=theirs, by=house.user("cadre"), at=NOW)
    with pytest.raises(ShiftError, match="不是问您的"):
        shifts.swap_answer(swap=swap, agreed=True, by=house.user("cadre"), at=NOW)
    with pytest.raises(ShiftError, match="已经在商量"):
        shifts.swap_ask(shift=mine, other=house.of("cadre3")[0], by=house.user("cadre"), at=NOW)
    shifts.swap_answer(swap=swap, agreed=True, by=house.user("cadre2"), at=NOW)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.post.user, theirs.post.user) == (house.user("cadre2"), house.user("cadre"))
    house.make()
    assert Shift.objects.filter(pk__in=[mine.pk, theirs.pk]).count() == 2, "what was agreed stays"


def test_it_refuses_swaps_of_others_and_of_the_past(house: RosterHouse) -> None:
    house.make()
    mine, theirs = house.of("cadre")[0], house.of("cadre2")[0]
    with pytest.raises(ShiftError, match="只能换自己的班"):
        shifts.swap_ask(shift=theirs, other=mine, by=house.user("cadre"), at=NOW)
    with pytest.raises(ShiftError, match="已经过去"):
        shifts.swap_ask(shift=mine, other=theirs, by=house.user("cadre"), at=moment("2026-11-01 09:00"))
    swap = shifts.swap_ask(shift=mine, other=theirs, by=house.user("cadre"), at=NOW)
    shifts.swap_drop(swap=swap, by=house.user("cadre"), at=NOW)
    with pytest.raises(ShiftError):
        shifts.swap_answer(swap=swap, agreed=True, by=house.user("cadre2"), at=NOW)


def test_it_is_kept_by_the_database_too(house: RosterHouse) -> None:
    house.make()
    mine, theirs = house.of("cadre")[0], house.of("cadre2")[0]
    row = {"shift": mine, "other": theirs, "asked_by": house.user("cadre"), "asked_at": NOW}
    wrong = [
        {**row, "state": "agreed"},
        {**row, "state": "agreed", "answered_by": house.user("cadre")},
        {**row, "other": mine},
    ]
    for one in wrong:
        with pytest.raises(DatabaseError), transaction.atomic():
            Swap.objects.create(**one)
    with pytest.raises(DatabaseError), transaction.atomic():
        Shift.objects.create(village=house.village, kind=mine.kind, day=mine.day, post=theirs.post)


def test_it_is_made_by_those_of_the_village(house: RosterHouse) -> None:
    other = make_village(house.township, "马鞍村委会", "511923102202")
    stranger = make_user("fremd", "cadre", other)
    with pytest.raises(ShiftError, match="不归您安排"):
        shifts.shifts_generate(village=house.village, month=OCTOBER, by=stranger, at=NOW)
    with pytest.raises(PostError, match="只能是数字"):
        post_public_set(post=house.user("cadre").posts.get(), phone="请打村长", by=house.user("secretary"))


def test_it_shows_the_public_what_is_published_with_the_posts_phone(house: RosterHouse, client: Client) -> None:
    kind = ShiftKind.objects.get(name="坐班")
    post = house.user("secretary").posts.get()
    post_public_set(post=post, phone="0827-1234", by=house.user("secretary"))
    shift = Shift.objects.create(village=house.village, kind=kind, day=today(), post=post)
    told = f"村党组织书记 {post.holder_name}</td>"
    addresses = (f"/public/{house.village.code}/people/", "/public/duty/")
    assert all(told not in client.get(address).content.decode() for address in addresses)
    Shift.objects.filter(pk=shift.pk).update(published_at=NOW)
    pages = [client.get(address).content.decode() for address in addresses]
    assert all(told in page and "0827-1234" in page for page in pages)
    volunteer = Post.objects.create(kind="volunteer", unit=house.village, user=make_user("某志愿者"), appointed_on=date(2026, 1, 1))
    Shift.objects.filter(pk=shift.pk).update(post=volunteer)
    assert all("某***" in page and "某志愿者" not in page for page in (client.get(address).content.decode() for address in addresses))


@pytest.mark.parametrize("query", ["month=zzz", "month=2026", "village=zzz", "village=0"])
def test_it_makes_nothing_of_a_wrong_month_or_village(house: RosterHouse, client: Client, query: str) -> None:
    make_village(house.township, "马鞍村委会", "511923102202")
    client.force_login(house.user("staff"))
    page = client.get(f"/shifts/?{query}").content.decode()
    assert "筛选条件有误" in page and 'class="error"' in page and "自动排班" not in page and "<table" not in page
    answer = client.get(f"/shifts/print/?{query}", follow=True)
    assert answer.redirect_chain == [(f"/shifts/?{query}", 302)]
    assert "筛选条件有误，没有打印" in answer.content.decode()


def make_called(house: RosterHouse, name: str, team: str = "emergency", born: date | None = date(1980, 5, 1)) -> Post:
    """A volunteer of a team of this kind, with their post."""
    projects_set_up(township=house.township)
    resident = make_resident(house.family()[0], name)
    volunteer = Volunteer.objects.create(
        township=house.township, village=house.village, resident=resident, name=name, name_pinyin="x", state="active",
        adult_on=born and years_later(born, 18), guardian="某人", guardian_consented_on=date(2026, 1, 1), joined_on=date(2026, 1, 1),
    )  # fmt: skip
    of_kind, _ = ServiceTeam.objects.get_or_create(village=house.village, name=team, kind=team)
    ServiceMember.objects.create(team=of_kind, volunteer=volunteer, since=date(2026, 1, 1))
    return Post.objects.create(kind="volunteer", unit=house.village, resident=resident, appointed_on=date(2026, 1, 1))


def on_call(house: RosterHouse, *residents: str) -> None:
    """应急白班 and 夜班 of October, published, with these volunteers."""
    for name in residents:
        make_called(house, name)
    shifts.shift_kinds_default(village=house.village, purpose="oncall", by=house.user("secretary"))
    house.make()
    shifts.shifts_publish(village=house.village, month=OCTOBER, by=house.user("secretary"), at=NOW)


def holders(village: Unit, at: str) -> list[str]:
    rows = Shift.objects.filter(village=village).on_call(moment(at))
    return [shift.post.holder_name for shift in rows.select_related("post__resident", "post__user")]


def test_it_has_somebody_on_call_at_every_hour(house: RosterHouse) -> None:
    on_call(house, "孙大山", "周小河")
    by_day = dict(Shift.objects.filter(kind__name="应急白班").values_list("day", "post__resident__name"))
    by_night = dict(Shift.objects.filter(kind__name="应急夜班").values_list("day", "post__resident__name"))
    assert set(by_day.values()) == {"孙大山", "周小河"} == set(by_night.values())
    national_day, before = date(2026, 10, 2), date(2026, 10, 1)
    assert holders(house.village, "2026-10-02 08:00") == [by_day[national_day]] == holders(house.village, "2026-10-02 19:59")
    assert holders(house.village, "2026-10-02 20:00") == [by_night[national_day]] == holders(house.village, "2026-10-02 23:59")
    assert holders(house.village, "2026-10-02 00:00") == [by_night[before]] == holders(house.village, "2026-10-02 07:59")
    Shift.objects.update(published_at=None)
    assert holders(house.village, "2026-10-02 08:00") == []


def test_it_puts_cadres_on_call_where_there_are_no_volunteers(house: RosterHouse) -> None:
    on_call(house)
    assert {shift.post.kind for shift in Shift.objects.filter(kind__purpose="oncall").select_related("post")} <= {"secretary", "cadre"}
    sitting = Shift.objects.filter(kind__name="坐班").select_related("post", "kind", "village").first()
    volunteer = make_called(house, "孙大山")
    called = Shift.objects.filter(kind__name="应急夜班").select_related("post", "kind", "village").first()
    assert sitting is not None and called is not None
    with pytest.raises(ShiftError, match="可以值这个班"):
        shifts.shift_assign(shift=sitting, post=volunteer, by=house.user("secretary"), at=NOW)
    shifts.shift_assign(shift=called, post=volunteer, by=house.user("secretary"), at=NOW)


def test_it_calls_nobody_of_another_team_or_who_may_not_do_it(house: RosterHouse) -> None:
    called, neighbour = make_called(house, "孙大山"), make_called(house, "周小河", "neighbour")
    young, unknown = make_called(house, "李小", born=date(2012, 5, 1)), make_called(house, "无日期", born=None)
    on_call(house)
    posts = set(Shift.objects.filter(kind__purpose="oncall").values_list("post", flat=True))
    assert posts == {called.pk}
    night = Shift.objects.filter(kind__name="应急夜班").select_related("kind", "village").first()
    assert night is not None
    for post in (neighbour, young, unknown):
        with pytest.raises(ShiftError, match="可以值这个班"):
            shifts.shift_assign(shift=night, post=post, by=house.user("secretary"), at=NOW)


def test_it_lets_only_calls_end_the_morning_after(house: RosterHouse) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        ShiftKind.objects.create(village=house.village, name="夜", starts="20:00", ends="08:00")
