"""Who may ask, send, take and run; what is said before it is saved."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from moral_bank.models import Claim
from tests.builders import make_household, make_resident, make_township, make_user, make_village
from tests.cases.house import MORNING
from tests.volunteers.orders.house import ServiceHouse
from volunteers.models import (
    CareCategory,
    CareRecord,
    Hours,
    Offer,
    Run,
    ServiceMember,
    ServiceOrder,
    ServiceTeam,
    Volunteer,
)
from volunteers.orders.points import row_key_of
from volunteers.orders.services import (
    OrderError,
    hours_correct,
    judge_by_phone,
    judge_by_slip,
    offer_accept,
    offer_decline,
    order_abort,
    order_call_back,
    order_cancel,
    order_offer,
    people_for,
    run_arrive,
    run_finish,
    run_no_show,
    slip_issue,
    steps_for,
    warnings_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> ServiceHouse:
    return ServiceHouse()


def fresh(order: ServiceOrder) -> ServiceOrder:
    return ServiceOrder.objects.get(pk=order.pk)


def test_it_calls_back_what_the_public_page_asked(house: ServiceHouse) -> None:
    order = house.ask(by=None)
    assert (order.state, order.source, order.logged_by) == ("callback", "public", None)
    with pytest.raises(OrderError, match="待回电"):
        house.offer(order, house.one)
    with pytest.raises(OrderError, match="回电核实的情况"):
        order_call_back(order=order, note="", by=house.user("cadre"), at=MORNING)
    assert order_call_back(order=order, note="属实", by=house.user("yard_head"), at=MORNING).state == "asked"
    with pytest.raises(OrderError, match="110"):
        house.ask(house.alarm, by=None)
    with pytest.raises(OrderError, match="点单的方式"):
        house.ask(source="public")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " "}, "请写明需要什么"),
        ({"name": ""}, "姓名"),
        ({"phone": "", "place": ""}, "联系电话或具体位置"),
        ({"asked_at": MORNING + timedelta(minutes=1)}, "不能晚于现在"),
        ({"wanted_at": MORNING - timedelta(minutes=1)}, "不能早于点单"),
        ({"people": 0}, "至少要 1 人"),
        ({"people": 51}, "service_order_people"),
        ({"name": "长" * 61}, "服务对象"),
    ],
)
def test_it_refuses_what_cannot_be_taken(house: ServiceHouse, fields: dict[str, object], words: str) -> None:
    with pytest.raises(OrderError, match=words):
        house.ask(**fields)  # type: ignore[arg-type]
    assert not ServiceOrder.objects.exists()


def test_it_takes_orders_of_ones_own_place_only(house: ServiceHouse) -> None:
    far = make_village(make_township("511923103"), "远处村委会", "511923103201")
    near = make_village(house.township, "九龙村委会", "511923102202")
    for unit in (far, near):
        with pytest.raises(OrderError, match="范围内"):
            house.ask(unit=unit)
    with pytest.raises(OrderError, match="现有的地方"):
        house.ask(unit=house.township)
    household = make_household(near, "邻村")
    with pytest.raises(OrderError, match="不在这个村"):
        house.ask(household=household)
    stranger = make_user("外村干部", "cadre", near)
    order = house.ask()
    with pytest.raises(OrderError, match="范围内"):
        order_cancel(order=order, reason="x", by=stranger, at=MORNING)
    assert steps_for(order, stranger) == []


def test_it_serves_only_the_care_ledger_where_the_project_says_so(house: ServiceHouse) -> None:
    watch = house.project("shouwang", "邻里守望", asker="care")
    household, resident = house.family()
    with pytest.raises(OrderError, match="台账里的人"):
        house.ask(watch, household=household, resident=resident)
    category = CareCategory.objects.create(township=house.township, code="dj", name="独居")
    record = {"tier_reason": "独居", "entered_on": date(2026, 1, 1), "judged_on": date(2026, 1, 1)}
    CareRecord.objects.create(
        township=house.township, village=house.village, unit=house.yard, resident=resident, category=category, tier="high",
        entered_by=house.user("cadre"), due_on=date(2026, 4, 1), consented_on=date(2026, 1, 1), **record,
    )  # fmt: skip
    assert house.ask(watch, resident=resident).household == household
    assert house.ask(watch, household=household).resident is None
    CareCategory.objects.update(is_child=True)
    CareRecord.objects.update(is_child=True)
    with pytest.raises(OrderError, match="台账里的人"):
        house.ask(watch, resident=resident)
    assert house.ask(watch, resident=resident, by="secretary").household == household, "who sees the child"


def test_nobody_answers_or_runs_for_another(house: ServiceHouse) -> None:
    order, third = house.ask(people=2), house.account(house.three)
    house.offer(order, house.one, house.three)
    with pytest.raises(OrderError, match="本人或派单"):
        offer_accept(order=order, volunteer=house.one, by=third, at=MORNING)
    run = offer_accept(order=order, volunteer=house.one, by=house.account(house.one), at=MORNING)
    offer_accept(order=order, volunteer=house.three, by=third, at=MORNING)
    with pytest.raises(OrderError, match="本人或派单"):
        run_finish(run=run, by=third, at=MORNING)
    with pytest.raises(OrderError, match="不归您未到"):
        run_no_show(run=run, reason="没来", by=third, at=MORNING)
    with pytest.raises(OrderError, match="不归您取消"):
        order_cancel(order=order, reason="不去了", by=third, at=MORNING)
    assert {one.label for one in steps_for(fresh(order), third)} == {"首次联系", "出发", "到达", "完成", "改派", "因危险中止"}
    assert order_abort(order=order, reason="房梁要塌", by=third, at=MORNING).state == "aborted"


def test_it_goes_on_looking_until_it_has_its_people(house: ServiceHouse) -> None:
    order = house.ask(people=2)
    house.offer(order, house.one, house.two, house.three)
    for volunteer in (house.one, house.two):
        offer_accept(order=order, volunteer=volunteer, by=house.user("cadre"), at=MORNING)
    assert Offer.objects.get(volunteer=house.three).state == "closed"
    assert house.account(house.three).messages.filter(text__contains="不用您去了").exists()
    with pytest.raises(OrderError, match="派单已收回"):
        offer_accept(order=order, volunteer=house.three, by=house.account(house.three), at=MORNING)
    with pytest.raises(OrderError, match="人已经够了"):
        house.offer(order, house.three)


def test_what_is_finished_stays_so_when_the_rest_is_cancelled(house: ServiceHouse) -> None:
    order = house.ask(people=2)
    first, _ = house.run(order, house.one), house.run(order, house.two)
    run_finish(run=first, by=house.account(house.one), at=MORNING)
    cancelled = order_cancel(order=order, reason="另一位不用来了", by=house.user("cadre"), at=MORNING)
    assert cancelled.state == "done" and cancelled.finished_at == MORNING
    assert sorted(order.runs.values_list("outcome", flat=True)) == ["cancelled", "done"]


def test_nothing_is_kept_of_a_step_that_dies(house: ServiceHouse) -> None:
    order = house.ask()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        house.run(order, house.one)
        raise ZeroDivisionError
    assert fresh(order).state == "asked" and not order.offers.exists() and not order.runs.exists()


def test_it_sends_to_a_team_those_who_can(house: ServiceHouse) -> None:
    team = ServiceTeam.objects.create(village=house.village, name="邻里队")
    away = house.volunteer("请假", state="paused", reason="请假")
    for volunteer in (house.one, house.two, away):
        ServiceMember.objects.create(team=team, volunteer=volunteer, since=date(2026, 1, 1))
    order = house.ask()
    house.offer(order, house.one)
    offer_decline(order=order, volunteer=house.one, reason="没空", by=house.account(house.one), at=MORNING)
    order_offer(order=order, team=team, by=house.user("cadre"), at=MORNING)
    assert [offer.volunteer for offer in Offer.objects.filter(state="asked")] == [house.two] and fresh(order).team == team


def test_it_says_who_can_and_why_not(house: ServiceHouse) -> None:
    resident = make_resident(make_household(house.village, "本人"), "本人")
    skilled = house.project("dianqi", "家电维修", doer="skilled")
    house.one.projects.add(skilled)
    house.three.projects.add(skilled)
    Volunteer.objects.filter(pk=house.three.pk).update(days="restdays")
    itself, kin = house.volunteer("本人", resident=resident), house.volunteer("家人", resident=make_resident(resident.household, "家人"))
    for one in (itself, kin):
        one.projects.add(skilled)
    near = make_village(house.township, "九龙村委会", "511923102202")
    outside, covering = house.volunteer("邻村人", village=near), house.volunteer("跨村", village=near)
    covering.covers.add(house.village)
    covering.projects.add(skilled)
    wanted = MORNING + timedelta(days=1)
    busy = house.ask(wanted_at=wanted + timedelta(minutes=30))
    house.run(busy, covering)
    order = house.ask(skilled, resident=resident, wanted_at=wanted)
    with CaptureQueriesContext(connection) as few:
        found = {one.volunteer.name: one.reason for one in people_for(order, MORNING)}
    assert found == {
        "甲": "", "乙": "没有登记这项专长", "丙": "只能休息日服务", "本人": "是服务对象本人", "家人": "和服务对象同户",
        "跨村": f"同一时间已接 {busy.number}（03-11 09:30）",
    }  # fmt: skip
    assert outside.name not in found
    for number in range(20):
        house.volunteer(f"更多{number}", days="all")
    with CaptureQueriesContext(connection) as many:
        people_for(order, MORNING)
    assert len(many) == len(few), "sets, not loops"
    assert warnings_of(order, [house.one], MORNING) == []
    assert warnings_of(order, [covering, house.three], MORNING) == [
        "丙：只能休息日服务",
        f"跨村：同一时间已接 {busy.number}（03-11 09:30）",
        "还差 1 人，已派 0 人，再派 2 人：先接的算，满了就收回其余的。",
    ]
    with pytest.raises(OrderError, match="乙：没有登记这项专长"):
        house.offer(order, house.two)


def test_arrival_has_its_own_time(house: ServiceHouse) -> None:
    order = house.ask()
    run = house.run(order, house.one)
    later = MORNING + timedelta(hours=2)
    Run.objects.filter(pk=run.pk).update(accepted_at=later)  # written down later than it was
    for wrong in (MORNING - timedelta(minutes=1), later + timedelta(minutes=1)):
        with pytest.raises(OrderError, match="时间不能"):
            run_arrive(run=run, happened_at=wrong, by=house.account(house.one), at=later)
    run_arrive(run=run, happened_at=MORNING + timedelta(hours=1), by=house.account(house.one), at=later)
    step = order.steps.get(step="arrive")
    assert (step.at, step.happened_at) == (later, MORNING + timedelta(hours=1)) and fresh(order).state == "arrived"


def test_no_kin_judges_or_decides(house: ServiceHouse) -> None:
    """Whoever emptied their account at the volunteer's, is the same resident by their post, or lives with them."""
    kin, order, own = house.kin_of(house.one), house.done(house.one), house.account(house.one)
    Volunteer.objects.filter(pk=house.one.pk).update(user=None)
    same = make_user("本人干部", "cadre", house.village)
    same.posts.update(resident=house.one.resident)
    for who in (kin, same, own):
        assert steps_for(fresh(order), who) == []
    for who in (kin, same):
        with pytest.raises(OrderError, match="您参加了这一单的服务（或同户的人参加了）"):
            judge_by_phone(order=order, rating="satisfied", by=who, at=MORNING)
    token = slip_issue(order=order, by=house.user("cadre"), at=MORNING)
    with pytest.raises(OrderError, match="同户的人"):
        judge_by_slip(token=token, rating="satisfied", by=own, at=MORNING)


def test_nobody_serves_their_own_household(house: ServiceHouse) -> None:
    """Also where only the household is named; who got into it since they were asked can no longer accept."""
    assert house.one.resident is not None
    order = house.ask(household=house.one.resident.household)
    with pytest.raises(OrderError, match="甲：和服务对象同户"):
        house.offer(order, house.one)
    house.offer(order, house.two)
    assert house.two.resident is not None
    house.two.resident.household = house.one.resident.household
    house.two.resident.save()
    with pytest.raises(OrderError, match="乙：和服务对象同户"):
        offer_accept(order=order, volunteer=Volunteer.objects.get(pk=house.two.pk), by=house.user("cadre"), at=MORNING)


def test_nobody_earns_from_their_own_household(house: ServiceHouse) -> None:
    """Who came into it after they served."""
    household, _ = house.family()
    order = house.done(house.one, household=household)
    assert house.one.resident is not None
    house.one.resident.household = household
    house.one.resident.save()
    assert judge_by_phone(order=order, rating="satisfied", by=house.user("yard_head"), at=MORNING).points == ""
    assert not Claim.objects.exists()


def test_one_person_serves_an_order_once(house: ServiceHouse) -> None:
    """Also one who left and was registered anew, as a resident or as an outsider."""
    order = house.done(house.one, house.three)
    for old in (house.one, house.three):
        assert old.user is not None
        row_key = row_key_of(order.pk, old)
        Volunteer.objects.filter(pk=old.pk).update(state="left", left_on=date(2026, 3, 10), reason="外出", user=None)
        new = house.volunteer(old.name, resident=old.resident or False, id_hash=old.id_hash)
        refusals = [one.refusal for one in people_for(order, MORNING) if one.volunteer == new]
        assert refusals == ["已在这一单"] and row_key_of(order.pk, new) == row_key


def test_hours_are_of_the_day_of_service(house: ServiceHouse) -> None:
    """Written down days later by hand, never before the order was asked for or in the future."""
    order = house.ask()
    run, later = house.run(order, house.one), MORNING + timedelta(days=3)
    for wrong in (date(2026, 3, 9), date(2026, 3, 14)):
        with pytest.raises(OrderError, match="服务日期不能"):
            run_finish(run=run, served_on=wrong, by=house.user("cadre"), at=later)
    run_finish(run=run, served_on=date(2026, 3, 11), by=house.user("cadre"), at=later)
    judge_by_phone(order=order, rating="satisfied", by=house.user("yard_head"), at=later)
    assert Hours.objects.get().served_on == date(2026, 3, 11) == Claim.objects.get().occurred_on


def test_more_than_a_day_can_hold_is_refused(house: ServiceHouse) -> None:
    """Three times what the project says, and twelve hours of one person on one day."""
    long, runs = house.project("zhaoliao", "照料", minutes=240), []
    with pytest.raises(OrderError, match="3 倍（180 分钟），请村里分开登记"):
        run_finish(run=house.run(house.ask(), house.one), minutes=181, reason="久", by=house.account(house.one), at=MORNING)
    runs = [house.run(house.ask(long), house.one) for _ in range(2)]
    run_finish(run=runs[0], minutes=700, reason="整天", by=house.account(house.one), at=MORNING)
    with pytest.raises(OrderError, match="甲这一天合计超过 12 小时，请村里核对"):
        run_finish(run=runs[1], minutes=21, reason="短", by=house.account(house.one), at=MORNING)
    run_finish(run=runs[1], minutes=20, reason="短", by=house.account(house.one), at=MORNING)
    with pytest.raises(OrderError, match="合计超过 12 小时"):
        hours_correct(hours=Hours.objects.get(minutes=20), minutes=21, reason="记错", by=house.user("cadre"), at=MORNING)
    hours_correct(hours=Hours.objects.get(minutes=700), minutes=600, reason="记错", by=house.user("cadre"), at=MORNING)
