"""Two at once: the last place, a slip, a finish and a cancellation. The order's lock decides; without it these fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest
from django.db import connection

from moral_bank.models import Claim
from tests.cases.house import MORNING
from tests.volunteers.orders.house import ServiceHouse
from volunteers.models import Hours, Run, ServiceOrder
from volunteers.orders.services import OrderError, judge_by_slip, offer_accept, order_cancel, run_finish, slip_issue

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(calls: Sequence[Callable[[], object]]) -> list[str]:
    """What became of each: "" where it went through, else the code of its refusal."""
    barrier, found = threading.Barrier(len(calls)), list[str]()

    def call(one: Callable[[], object]) -> None:
        try:
            barrier.wait()
            one()
            found.append("")
        except OrderError as refusal:
            found.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=call, args=[one]) for one in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def test_one_of_two_who_want_the_same_gets_it() -> None:
    house = ServiceHouse()
    cadre, volunteers = house.user("cadre"), (house.one, house.two, house.three)
    last = house.ask()
    house.offer(last, *volunteers)
    takes = [lambda one=one: offer_accept(order=last, volunteer=one, by=cadre, at=MORNING) for one in volunteers]
    assert at_once(takes) == ["", "people", "people"]
    assert Run.objects.filter(order=last).count() == 1

    run, order = Run.objects.get(order=last), ServiceOrder.objects.get(pk=last.pk)
    ends = [
        lambda: run_finish(run=run, by=cadre, at=MORNING),
        lambda: run_finish(run=run, by=cadre, at=MORNING),
        lambda: order_cancel(order=order, reason="不用了", by=cadre, at=MORNING),
    ]
    assert at_once(ends) == ["", "state", "state"]
    order.refresh_from_db()
    assert Hours.objects.count() == (order.state == "done")

    served = house.done(house.one)
    token = slip_issue(order=served, by=cadre, at=MORNING)
    judge = [lambda: judge_by_slip(token=token, rating="satisfied", at=MORNING)] * 3
    assert at_once(judge) == ["", "slip", "slip"]
    assert Claim.objects.count() == 1 and served.steps.filter(step="judge").count() == 1
