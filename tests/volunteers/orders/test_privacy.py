"""Who sees whom: the one served is open to a volunteer from acceptance to completion, and to nobody else among them (mission M30)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from governance.accounts.models import Message, Outbox
from tests.cases.house import MORNING
from tests.volunteers.orders.house import SERVED_NAME, SERVED_PHONE, SERVED_PLACE, ServiceHouse
from tests.worlds import module_world
from volunteers.models import Run, ServiceOrder, ServiceStep
from volunteers.orders.services import (
    judge_by_phone,
    offer_accept,
    offer_decline,
    order_abort,
    order_cancel,
    run_finish,
    run_no_show,
    run_redispatch,
)

pytestmark = pytest.mark.django_db
house = module_world(ServiceHouse)


def asked(house: ServiceHouse, order: ServiceOrder) -> None:
    house.offer(order, house.one)


def accepted(house: ServiceHouse, order: ServiceOrder) -> Run:
    return house.run(order, house.one)


def ended(service: Callable[..., object]) -> Callable[[ServiceHouse, ServiceOrder], object]:
    return lambda house, order: service(run=accepted(house, order), reason="有事", by=house.user("cadre"), at=MORNING)


def stopped(service: Callable[..., object]) -> Callable[[ServiceHouse, ServiceOrder], object]:
    def stop(house: ServiceHouse, order: ServiceOrder) -> None:
        accepted(house, order)
        service(order=order, reason="有事", by=house.user("cadre"), at=MORNING)

    return stop


def declined(house: ServiceHouse, order: ServiceOrder) -> None:
    asked(house, order)
    offer_decline(order=order, volunteer=house.one, reason="没空", by=house.account(house.one), at=MORNING)


def done(house: ServiceHouse, order: ServiceOrder) -> None:
    run_finish(run=accepted(house, order), by=house.account(house.one), at=MORNING)


def judged(house: ServiceHouse, order: ServiceOrder) -> None:
    done(house, order)
    judge_by_phone(order=order, rating="satisfied", by=house.user("cadre"), at=MORNING)


def taken_by_another(house: ServiceHouse, order: ServiceOrder) -> None:
    house.offer(order, house.one, house.three)
    offer_accept(order=order, volunteer=house.three, by=house.account(house.three), at=MORNING)


STAGES: dict[str, tuple[Callable[[ServiceHouse, ServiceOrder], object], bool, bool]] = {
    "not asked": (lambda house, order: None, False, False),
    "asked": (asked, True, False),
    "declined": (declined, False, False),
    "accepted": (accepted, False, True),
    "done": (done, False, False),
    "judged": (judged, False, False),
    "sent to another": (ended(run_redispatch), False, False),
    "not turned up": (ended(run_no_show), False, False),
    "cancelled": (stopped(order_cancel), False, False),
    "aborted": (stopped(order_abort), False, False),
    "taken by another": (taken_by_another, False, False),
}


@pytest.mark.parametrize("stage", STAGES)
def test_it_shows_the_served_in_one_stage_only(house: ServiceHouse, stage: str) -> None:
    reach, offered, seen = STAGES[stage]
    order, me = house.ask(), house.account(house.one)
    reach(house, order)
    orders = ServiceOrder.objects.filter(pk=order.pk)
    assert orders.offered_to(me).exists() == offered
    assert orders.served_visible_to(me).exists() == seen
    assert not orders.visible_to(me).exists(), "a volunteer never stands at the desk"
    assert orders.visible_to(house.user("cadre")).exists()
    private = (SERVED_NAME, SERVED_PHONE, SERVED_PLACE)
    sent = [*Message.objects.values_list("text", flat=True), *Outbox.objects.values_list("text", flat=True)]
    written = [*sent, *ServiceStep.objects.filter(order=order).values_list("note", flat=True)]
    assert not [text for text in written for word in private if word in text]
