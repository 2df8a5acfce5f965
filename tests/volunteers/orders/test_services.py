"""点单 to 评单 through the services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from moral_bank.models import Claim
from tests.cases.house import MORNING, moment
from tests.volunteers.orders.house import ServiceHouse
from volunteers.models import Hours, Offer, ServiceOrder, Volunteer
from volunteers.orders.climbing import orders_tick
from volunteers.orders.services import (
    OrderError,
    judge_by_phone,
    judge_by_slip,
    offer_accept,
    offer_decline,
    order_cancel,
    order_offer,
    order_retime,
    run_finish,
    run_no_show,
    run_redispatch,
    slip_issue,
    warnings_of,
)
from volunteers.people.errors import VolunteerError
from volunteers.people.services import volunteer_leave, volunteer_pause

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> ServiceHouse:
    return ServiceHouse()


def state(order: ServiceOrder) -> str:
    order.refresh_from_db()
    return order.state


def test_it_goes_from_asking_to_points(house: ServiceHouse) -> None:
    """Asked by a cadre, declined by one, accepted by two, done with different hours, judged by slip: a verified claim for each
    resident's household."""
    order = house.ask(people=2)
    assert (order.number, state(order)) == ("ZY2026-00001", "asked")
    assert order.accept_due_at == moment("2026-03-11 17:30") and order.finish_due_at == moment("2026-03-19 17:30")
    house.offer(order, house.one, house.two, house.three)
    offer_decline(order=order, volunteer=house.three, reason="要上班", by=house.account(house.three), at=MORNING)
    first = offer_accept(order=order, volunteer=house.one, by=house.account(house.one), at=MORNING)
    assert state(order) == "accepted"
    second = offer_accept(order=order, volunteer=house.two, by=house.user("cadre"), at=MORNING)
    with pytest.raises(OrderError, match="须写明原因"):
        run_finish(run=first, minutes=90, by=house.account(house.one), at=MORNING)
    run_finish(run=first, minutes=90, reason="路远", by=house.account(house.one), at=MORNING)
    assert state(order) == "accepted"
    run_finish(run=second, by=house.user("cadre"), at=MORNING)
    assert state(order) == "done" and order.judge_due_at == MORNING + timedelta(days=7)
    assert sorted(Hours.objects.values_list("minutes", flat=True)) == [60, 90]
    token = slip_issue(order=order, by=house.user("cadre"), at=MORNING)
    judged = judge_by_slip(token=token, rating="satisfied", words="谢谢", at=MORNING)
    assert (judged.state, judged.points) == ("judged", "released")
    claims = Claim.objects.filter(source="service", state="verified", decided_by=None, score=5)
    assert {claim.account.household for claim in claims} == {one.resident.household for one in (house.one, house.two) if one.resident}
    with pytest.raises(OrderError, match="不能用"):
        judge_by_slip(token=token, rating="unsatisfied", at=MORNING)
    with pytest.raises(OrderError, match="不能评单"):
        judge_by_phone(order=order, rating="satisfied", by=house.user("yard_head"), at=MORNING)


def test_who_left_it_is_asked_by_hand_alone(house: ServiceHouse) -> None:
    """For the same time: who did not turn up, who gave it back; for another time they are asked as the others are."""
    order, cadre = house.ask(people=2), house.user("cadre")
    run_no_show(run=house.run(order, house.one), reason="没来", by=cadre, at=MORNING)
    run_redispatch(run=house.run(order, house.three), reason="病了", by=house.account(house.three), at=MORNING)
    assert house.one.user is not None
    words = list(house.one.user.messages.values_list("text", flat=True))
    assert any("这一单记为未到，不用您去了" in text for text in words) and not any("已未到" in text for text in words)
    assert warnings_of(order, [house.one, house.three], MORNING) == ["甲：同一时间未到过", "丙：同一时间已改派"]
    order_offer(order=order, by=cadre, at=MORNING)
    assert [offer.volunteer for offer in order.offers.filter(state="asked")] == [house.two]
    house.offer(order, house.one)
    later = MORNING + timedelta(days=1)
    order_retime(order=order, wanted_at=later, by=cadre, at=MORNING)
    order_offer(order=order, by=cadre, at=MORNING)
    assert order.offers.filter(state="asked").count() == 3


@pytest.mark.parametrize("stop", [volunteer_pause, volunteer_leave])
def test_who_stops_is_asked_no_longer(house: ServiceHouse, stop: Callable[..., Volunteer]) -> None:
    """Their open offers are taken back, and the village is told; an order that they run stays in the way and changes nothing."""
    order, cadre = house.ask(), house.user("cadre")
    house.offer(order, house.one)
    running = house.run(house.ask(), house.one)
    with pytest.raises(VolunteerError, match="还有没跑完的单"):
        stop(volunteer=house.one, reason="外出", by=cadre, at=MORNING)
    assert state(order) == "offered"
    run_redispatch(run=running, reason="外出", by=cadre, at=MORNING)
    stop(volunteer=house.one, reason="外出", by=cadre, at=MORNING)
    assert state(order) == "asked" and order.offers.get().state == "closed"
    assert cadre.messages.filter(text__contains=order.number).filter(text__contains="没有人接单").exists()


@pytest.mark.parametrize("end", ["accept", "decline", "expire", "cancel"])
def test_an_emergency_for_two_goes_on_looking(house: ServiceHouse, end: str) -> None:
    """When the first has finished; it is to be judged once nobody is asked any more."""
    order, cadre, later = house.ask(house.alarm, people=2), house.user("cadre"), MORNING + timedelta(minutes=2)
    house.offer(order, house.one, house.two)
    run_finish(run=offer_accept(order=order, volunteer=house.one, by=cadre, at=MORNING), by=cadre, at=later)
    assert state(order) == "offered" and order.accepted_at == MORNING and order.finished_at is None
    with pytest.raises(OrderError, match="还要人的请另点一单"):
        order_retime(order=order, wanted_at=later, by=cadre, at=later)
    if end == "accept":
        run_finish(run=offer_accept(order=order, volunteer=house.two, by=cadre, at=later), by=cadre, at=later)
    elif end == "decline":
        offer_decline(order=order, volunteer=house.two, reason="没空", by=cadre, at=later)
    elif end == "cancel":
        order_cancel(order=order, reason="一人已够", by=cadre, at=later)
    else:
        assert orders_tick(MORNING + timedelta(minutes=3)) and state(order) == "offered"
        assert order.offers.get(state="asked").volunteer == house.three, "the others are asked"
        assert orders_tick(MORNING + timedelta(minutes=6))
    assert state(order) == "done" and order.runs.filter(outcome="done").count() == (2 if end == "accept" else 1)
    assert end == "cancel" or cadre.messages.filter(text__contains="请评单").count() == 1


def test_it_asks_nobody_twice_for_the_same_time(house: ServiceHouse) -> None:
    order = house.ask()
    house.offer(order, house.one)
    offer_decline(order=order, volunteer=house.one, reason="没空", by=house.account(house.one), at=MORNING)
    assert state(order) == "asked"
    with pytest.raises(OrderError, match="不再问"):
        house.offer(order, house.one)
    order_offer(order=order, by=house.user("cadre"), at=MORNING)
    asked = Offer.objects.filter(state="asked").values_list("volunteer__name", flat=True)
    assert sorted(asked) == ["丙", "乙"] and house.three.user is not None
    texts = list(house.three.user.messages.values_list("text", flat=True))
    assert len(texts) == 1 and "理发" in texts[0] and "李淑珍" not in texts[0]
