"""Limits and the beat: an emergency at night on a holiday, silence, climbing, what nobody judges."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from governance.accounts.models import Message, Outbox
from governance.cases.models import Shift, ShiftKind
from tests.builders import make_household, make_resident
from tests.cases.house import MORNING, moment
from tests.volunteers.orders.house import ServiceHouse
from villages.models import Post
from volunteers.models import Offer, ServiceOrder, ServiceStep
from volunteers.orders.climbing import orders_tick
from volunteers.orders.services import (
    OrderError,
    judge_by_slip,
    offer_accept,
    on_call_of,
    order_contact,
    order_offer,
    order_retime,
    run_arrive,
    run_finish,
    run_redispatch,
    slip_issue,
    warnings_of,
)
from volunteers.tasks import orders_tick as beat

pytestmark = pytest.mark.django_db
NIGHT = moment("2026-10-02 23:50")  # in the National Day holidays


@pytest.fixture
def house() -> ServiceHouse:
    return ServiceHouse()


def fresh(order: ServiceOrder) -> ServiceOrder:
    return ServiceOrder.objects.get(pk=order.pk)


def after(order: ServiceOrder, **passed: float) -> ServiceOrder:
    """The order as the beat leaves it so long after it was asked for."""
    orders_tick(order.asked_at + timedelta(**passed))
    return fresh(order)


def on_call(house: ServiceHouse) -> Post:
    """Somebody on call in the night to 3 October: a resident without account."""
    resident = make_resident(make_household(house.village, "夜班"), "夜班", phone="15400009999")
    post = Post.objects.create(kind="volunteer", unit=house.village, resident=resident, appointed_on=date(2026, 1, 1))
    kind = ShiftKind.objects.create(village=house.village, name="应急夜班", purpose="oncall", starts="20:00", ends="08:00", days="all")
    Shift.objects.create(village=house.village, kind=kind, day=date(2026, 10, 2), post=post, published_at=MORNING)
    return post


def test_it_is_in_time_at_nine_minutes_at_night_on_a_holiday(house: ServiceHouse) -> None:
    order = house.ask(house.alarm, at=NIGHT)
    assert fresh(order).contact_due_at == moment("2026-10-03 00:00") == fresh(order).climb_at
    happened = NIGHT + timedelta(minutes=9)
    order_contact(order=order, happened_at=happened, by=house.user("cadre"), at=happened)
    late = after(order, minutes=11)
    assert (late.level, late.contact_is_late_entry) == ("village", False)
    assert not ServiceStep.objects.filter(step="climb").exists()


def test_it_climbs_at_ten_minutes_and_again(house: ServiceHouse) -> None:
    order = house.ask(house.alarm, at=NIGHT)
    assert after(order, minutes=9, seconds=59).level == "village"
    assert after(order, minutes=10).level == "village", "not late before the moment has passed"
    assert after(order, minutes=10, seconds=1).level == "secretary" == after(order, minutes=11).level
    assert house.user("secretary").messages.filter(text__contains="首次联系逾期").exists()
    happened = NIGHT + timedelta(minutes=11)
    order_contact(order=order, happened_at=happened, by=house.user("cadre"), at=happened)
    late = after(order, minutes=30)
    assert (late.level, late.contact_is_late_entry) == ("secretary", False)
    other = house.ask(house.alarm, at=NIGHT)
    after(other, minutes=10, seconds=1)
    assert after(other, minutes=20, seconds=2).level == "township" and fresh(other).climb_at is None
    assert house.user("staff").messages.filter(text__contains=other.number).exists()
    assert list(other.steps.filter(step="climb").values_list("level", flat=True)) == ["secretary", "township"]


def test_it_tells_late_entry_from_late_help(house: ServiceHouse) -> None:
    order, cadre = house.ask(house.alarm, at=NIGHT), house.user("cadre")
    asked = order.asked_at
    for wrong in (asked - timedelta(minutes=1), asked + timedelta(hours=1)):
        with pytest.raises(OrderError, match="时间不能"):
            order_contact(order=order, happened_at=wrong, by=cadre, at=asked + timedelta(minutes=30))
    order_contact(order=order, happened_at=asked + timedelta(minutes=9), by=cadre, at=asked + timedelta(minutes=30))
    assert fresh(order).contact_is_late_entry
    with pytest.raises(OrderError, match="已经记下"):
        order_contact(order=order, happened_at=asked, by=cadre, at=asked + timedelta(minutes=30))


def test_it_takes_the_minute_of_asking_itself(house: ServiceHouse) -> None:
    """The form knows minutes only."""
    asked = NIGHT + timedelta(seconds=40)
    order = house.ask(house.alarm, at=asked)
    order_contact(order=order, happened_at=NIGHT, by=house.user("cadre"), at=asked + timedelta(seconds=15))
    assert fresh(order).contacted_at == asked
    order = house.ask(at=asked)
    run = house.run(order, house.one, at=asked)
    run_arrive(run=run, happened_at=NIGHT, by=house.user("cadre"), at=asked + timedelta(seconds=15))
    assert fresh(order).arrived_at == asked


def test_it_tells_who_is_on_call_without_a_name(house: ServiceHouse, settings: object) -> None:
    settings.NOTIFY_CHANNELS = ["sms"]  # type: ignore[attr-defined]
    post = on_call(house)
    assert on_call_of(house.village, NIGHT) == [post] == on_call_of(house.village, moment("2026-10-03 07:59"))
    assert on_call_of(house.village, moment("2026-10-03 08:00")) == []
    order = house.ask(house.alarm, at=NIGHT)
    sms = Outbox.objects.get(to="15400009999")
    assert sms.template == "on_call" and order.number in sms.text and order.name not in sms.text


def test_it_texts_those_without_account(house: ServiceHouse, settings: object) -> None:
    """That they are asked, and that they need not go."""
    settings.NOTIFY_CHANNELS = ["sms"]  # type: ignore[attr-defined]
    order = house.ask()
    house.offer(order, house.two)
    asked = Outbox.objects.get(to=house.two.phone)
    assert asked.template == "offer" and order.number in asked.text and order.name not in asked.text
    run = offer_accept(order=order, volunteer=house.two, by=house.user("cadre"), at=MORNING)
    run_redispatch(run=run, reason="换人", by=house.user("cadre"), at=MORNING)
    assert Outbox.objects.filter(to=house.two.phone, text__contains="已改派，不用您去了").exists()


def test_it_asks_the_volunteers_on_call_at_once(house: ServiceHouse) -> None:
    """They accept, serve and are judged without anybody having sent the order out."""
    on_call(house)
    kind, user = ShiftKind.objects.get(), house.one.user
    assert user is not None
    Shift.objects.create(
        village=house.village, kind=kind, day=date(2026, 10, 1), post=Post.objects.get(user=user, kind="volunteer"), published_at=MORNING
    )
    assert not house.ask(at=moment("2026-10-02 07:00")).offers.exists(), "no emergency"
    order = house.ask(house.alarm, at=moment("2026-10-02 07:00"))
    assert [offer.volunteer for offer in order.offers.all()] == [house.one] and fresh(order).state == "offered"
    assert user.messages.filter(link="/my-orders/").count() == 2 and not user.messages.filter(link__contains="service-orders").exists()
    run = offer_accept(order=order, volunteer=house.one, by=user, at=moment("2026-10-02 07:02"))
    run_finish(run=run, by=user, at=moment("2026-10-02 08:00"))
    token = slip_issue(order=order, by=house.user("cadre"), at=moment("2026-10-02 08:01"))
    assert judge_by_slip(token=token, rating="unsatisfied", at=moment("2026-10-02 09:00")).state == "judged"


def test_ordinary_orders_count_working_time(house: ServiceHouse) -> None:
    friday = house.ask(at=moment("2026-09-30 16:00"))
    assert friday.accept_due_at == moment("2026-10-08 17:30")
    assert after(friday, days=5).level == "village" and after(friday, days=8, hours=2).level == "secretary"
    assert friday.finish_due_at == moment("2026-10-15 17:30")


def test_silence_asks_the_others_and_never_the_silent(house: ServiceHouse) -> None:
    order = house.ask()
    house.offer(order, house.one)
    assert Offer.objects.get().expires_at == moment("2026-03-10 15:00"), "four working hours from 9:00"
    orders_tick(moment("2026-03-10 14:59"))
    assert Offer.objects.count() == 1
    orders_tick(moment("2026-03-10 15:00"))
    asked = Offer.objects.filter(state="asked").values_list("volunteer__name", flat=True)
    assert sorted(asked) == ["丙", "乙"] and fresh(order).state == "offered"
    orders_tick(moment("2026-03-11 10:30"))
    assert fresh(order).state == "asked" and not Offer.objects.filter(state="asked").exists()
    assert house.user("cadre").messages.filter(text__contains="没有人接单").count() == 1
    with pytest.raises(OrderError, match="没有可以派给"):
        order_offer(order=order, by=house.user("cadre"), at=moment("2026-03-11 11:00"))
    assert warnings_of(order, [house.one], moment("2026-03-11 11:00")) == ["甲：同一时间没有答复"]
    house.offer(order, house.one, at=moment("2026-03-11 11:00"))
    order_retime(order=order, wanted_at=moment("2026-03-14 10:00"), by=house.user("cadre"), at=moment("2026-03-11 11:00"))
    order_offer(order=order, by=house.user("cadre"), at=moment("2026-03-11 11:00"))
    assert Offer.objects.filter(state="asked").count() == 3, "another time may be asked for anew"


def test_it_counts_what_nobody_judges_as_unrated(house: ServiceHouse) -> None:
    order = house.done(house.one)
    orders_tick(MORNING + timedelta(days=6, hours=23))
    assert fresh(order).state == "done"
    assert beat() and fresh(order).state == "unrated", "by the beat's own task"
    assert (fresh(order).points, fresh(order).rating) == ("open", "")


def test_it_begins_anew_when_nobody_has_it(house: ServiceHouse) -> None:
    order = house.ask()
    run = house.run(order, house.one)
    run_redispatch(run=run, reason="病了", by=house.user("cadre"), at=moment("2026-03-13 09:00"))
    anew = fresh(order)
    assert (anew.state, anew.accepted_at) == ("asked", None)
    assert anew.accept_due_at == anew.climb_at == moment("2026-03-16 17:30") and anew.finish_due_at == moment("2026-03-19 17:30")
    assert Message.objects.filter(user=house.one.user, text__contains="改派").exists()
