"""Volunteers are registered, admitted, paused and let go; their post follows them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from governance.accounts.duties import Action, Duty
from governance.accounts.models import AccessLog, User
from governance.periods import today
from tests.builders import make_township, make_user, make_village
from tests.volunteers.people.house import JOINED, PeopleHouse, id_number
from tests.volunteers.people.orders import make_run
from villages.models import Post
from villages.posts.services import Holder, PostError, volunteer_posts_open
from volunteers.models import ServiceMember, ServiceTeam, Volunteer
from volunteers.people.errors import VolunteerError
from volunteers.people.services import (
    VolunteerDetails,
    volunteer_admit,
    volunteer_change,
    volunteer_leave,
    volunteer_pause,
    volunteer_register,
    volunteer_resume,
    volunteer_reveal,
)
from volunteers.people.teams import team_join, team_part, team_save

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> PeopleHouse:
    return PeopleHouse()


def posts(volunteer: Volunteer) -> list[Post]:
    return list(Post.objects.filter(kind=Duty.VOLUNTEER, resident=volunteer.resident).order_by("pk"))


def test_it_takes_a_residents_name_and_phone_from_the_register(house: PeopleHouse) -> None:
    volunteer = house.register(house.resident("李和"), name="另一个名字", phone="15499999999")
    assert (volunteer.name, volunteer.phone, volunteer.state) == ("李和", "15400000001", "applied")
    assert (volunteer.adult_on, volunteer.id_hash) == (date(1998, 5, 1), "")
    with pytest.raises(VolunteerError, match="已登记为志愿者"):
        house.register(volunteer.resident)


def test_it_keeps_an_outsiders_number_encrypted_and_logs_every_look(house: PeopleHouse) -> None:
    volunteer = house.outsider()
    number = id_number("19900101")
    assert number.encode() not in bytes(volunteer.id_cipher) and volunteer.adult_on == date(2008, 1, 1)
    assert Volunteer.objects.with_id_number(number).get() == volunteer
    assert volunteer_reveal(volunteer=volunteer, by=house.cadre) == number
    assert AccessLog.objects.get(kind="reveal").detail == f"身份证号：志愿者 {volunteer.pk}"
    with pytest.raises(VolunteerError):
        volunteer_reveal(volunteer=volunteer, by=house.user("overseer"))
    with pytest.raises(VolunteerError, match="已登记为志愿者"):
        house.outsider("同一个人", phone="15400000003")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id_number": ""}, "须写明身份证号"),
        ({"id_number": "511929199001010011"}, "校验码"),
        ({"phone": ""}, "联系电话"),
        ({"phone": "12"}, "手机号"),
    ],
)
def test_it_refuses_an_outsider_who_cannot_be_known(house: PeopleHouse, fields: dict[str, str], reason: str) -> None:
    with pytest.raises(VolunteerError, match=reason):
        house.outsider(**fields)


def test_it_takes_people_of_the_register_from_there(house: PeopleHouse) -> None:
    house.resident("李和", id_number=id_number("19900101"))
    with pytest.raises(VolunteerError, match="请从名册里选"):
        house.outsider()


def test_admission_opens_the_post_and_leaving_ends_it(house: PeopleHouse) -> None:
    user = make_user("lihe")
    volunteer = house.admitted("李和", user=user)
    assert [(post.user, post.appointed_on, post.ended_on) for post in posts(volunteer)] == [(user, JOINED, None)]
    assert User.objects.get(pk=user.pk).may(Action.SERVICE_RUN, house.village.path)
    volunteer = volunteer_pause(volunteer=volunteer, reason="外出务工", by=house.cadre)
    assert posts(volunteer)[0].ended_on == today() and volunteer.state == "paused"
    volunteer = volunteer_resume(volunteer=volunteer, by=house.cadre)
    assert len(posts(volunteer)) == 2 and volunteer.reason == ""
    volunteer = volunteer_leave(volunteer=volunteer, reason="搬走", by=house.cadre)
    assert [post.ended_on for post in posts(volunteer)] == [today(), today()] and volunteer.left_on == today()
    assert house.register(volunteer.resident, user=user).state == "applied", "may come again"


def test_an_outsider_without_account_holds_no_post(house: PeopleHouse) -> None:
    before = Post.objects.count()
    volunteer = volunteer_admit(volunteer=house.outsider(), by=house.cadre, on=JOINED)
    assert volunteer.state == "active" and Post.objects.count() == before


def test_below_eighteen_a_guardian_agrees_first(house: PeopleHouse) -> None:
    young = house.resident("李小", birth_date=today() - timedelta(days=365 * 15))
    volunteer = house.register(young)
    with pytest.raises(VolunteerError, match="监护人"):
        volunteer_admit(volunteer=volunteer, by=house.cadre, on=today())
    details = VolunteerDetails(village=house.village, guardian="李和", guardian_consented_on=today())
    volunteer = volunteer_change(volunteer=volunteer, details=details, by=house.cadre)
    assert volunteer_admit(volunteer=volunteer, by=house.cadre, on=today()).state == "active"


def test_nobody_stops_with_an_order_on_the_way(house: PeopleHouse) -> None:
    volunteer = house.admitted()
    run = make_run(volunteer)
    for stop in (volunteer_pause, volunteer_leave):
        with pytest.raises(VolunteerError, match="没跑完的单"):
            stop(volunteer=volunteer, reason="累了", by=house.cadre)
    run.ended_at, run.outcome = timezone.now(), "redispatched"
    run.save()
    with pytest.raises(VolunteerError, match="写明原因"):
        volunteer_leave(volunteer=volunteer, reason=" ", by=house.cadre)
    assert volunteer_leave(volunteer=volunteer, reason="累了", by=house.cadre).state == "left"


def test_states_follow_each_other(house: PeopleHouse) -> None:
    volunteer = house.register(house.resident())
    with pytest.raises(VolunteerError, match="现在是"):
        volunteer_pause(volunteer=volunteer, reason="x", by=house.cadre)
    with pytest.raises(VolunteerError, match="现在是"):
        volunteer_resume(volunteer=volunteer, by=house.cadre)
    volunteer = volunteer_leave(volunteer=volunteer, reason="条件不符", by=house.cadre)
    with pytest.raises(VolunteerError):
        volunteer_admit(volunteer=volunteer, by=house.cadre, on=JOINED)
    with pytest.raises(VolunteerError, match="重新登记"):
        volunteer_change(volunteer=volunteer, details=VolunteerDetails(village=house.village), by=house.cadre)


def test_another_village_takes_the_post_along(house: PeopleHouse) -> None:
    volunteer, other = house.admitted(), house.other_village()
    with pytest.raises(VolunteerError, match="不归您"):
        volunteer_change(volunteer=volunteer, details=VolunteerDetails(village=other), by=house.cadre)
    volunteer_change(volunteer=volunteer, details=VolunteerDetails(village=other, covers=[other]), by=house.user("staff"))
    assert [(post.unit, post.ended_on) for post in posts(volunteer)] == [(house.village, today()), (other, None)]


def test_only_those_who_keep_the_register_do(house: PeopleHouse) -> None:
    stranger = make_user("stranger", Duty.CADRE, house.other_village())
    details = VolunteerDetails(village=house.village, resident=house.resident())
    for user in (stranger, house.user("overseer"), house.user("yard_head")):
        with pytest.raises(VolunteerError, match="不归您"):
            volunteer_register(details=details, by=user)
        with pytest.raises(PostError):
            volunteer_posts_open(holders=[Holder(house.village, details.resident)], on=JOINED, by=user)
    volunteer = house.admitted("李和")
    with pytest.raises(VolunteerError, match="不归您"):
        volunteer_leave(volunteer=volunteer, reason="x", by=stranger)


def test_an_account_is_one_persons_and_of_this_village(house: PeopleHouse) -> None:
    user, yard_head = make_user("lihe"), house.user("yard_head")
    house.admitted("李和", user=user)
    assert house.register(house.resident("院户长"), user=yard_head).user == yard_head
    far = make_user("far", Duty.CADRE, make_village(make_township("511923103"), "远村委会", "511923103201"))
    near = make_user("near", Duty.CADRE, house.other_village())
    town = [house.user(role) for role in ("staff", "leader", "system")]
    for other in (user, far, near, *town):
        for by in ("cadre", "staff"):
            with pytest.raises(VolunteerError, match="不是本村可以用的账号") as caught:
                house.register(house.resident(), user=other, by=by)
            assert caught.value.field == "username"


def test_teams_have_members_and_one_of_them_leads(house: PeopleHouse) -> None:
    volunteer = house.admitted()
    team = team_save(team=ServiceTeam(village=house.village, name="邻里守望队"), by=house.cadre)
    team.leader = volunteer
    with pytest.raises(VolunteerError, match="队长须是本队队员"):
        team_save(team=team, by=house.cadre)
    team_join(team=team, volunteer=volunteer, by=house.cadre)
    with pytest.raises(VolunteerError, match="已在这支队伍里"):
        team_join(team=team, volunteer=volunteer, by=house.cadre)
    assert team_save(team=team, by=house.cadre).leader == volunteer
    team_part(team=team, volunteer=volunteer, by=house.cadre)
    team.refresh_from_db()
    assert team.leader is None and not ServiceMember.objects.exists()
    with pytest.raises(VolunteerError, match="不在这支队伍里"):
        team_part(team=team, volunteer=volunteer, by=house.cadre)


def test_whoever_leaves_leaves_the_teams(house: PeopleHouse) -> None:
    volunteer = house.admitted()
    team = team_save(team=ServiceTeam(village=house.village, name="应急队", kind="emergency"), by=house.cadre)
    team_join(team=team, volunteer=volunteer, by=house.cadre)
    team.leader = volunteer
    team_save(team=team, by=house.cadre)
    volunteer = volunteer_leave(volunteer=volunteer, reason="搬走", by=house.cadre)
    team.refresh_from_db()
    assert team.leader is None and not team.members.exists()
    with pytest.raises(VolunteerError, match="已退出"):
        team_join(team=team, volunteer=volunteer, by=house.cadre)
