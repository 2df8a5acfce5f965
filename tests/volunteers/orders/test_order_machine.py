"""Orders against a plain oracle, step by step on the real database: no hour twice, none lost, points are the deeds of orders judged
satisfied or released. Ten thousand steps with SOAK=1 (`make soak ARGS=orders`); the suite takes fewer."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from math import ceil
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from governance.errors import DomainError
from moral_bank.models import Claim
from tests.cases.house import MORNING
from tests.volunteers.orders.house import ServiceHouse
from tests.volunteers.orders.order_oracle import MINUTES, OPEN, Order
from volunteers.models import Hours, Offer, Run, ServiceOrder, Volunteer
from volunteers.orders import services
from volunteers.orders.climbing import orders_tick
from volunteers.orders.points import row_key_of

SOAK = os.environ.get("SOAK") == "1"
STEPS = 10_000 if SOAK else 500
ENOUGH = 10_000  # steps in which everything must have happened
LENGTH = 50
MOST = 5  # orders of an example
PICK = st.integers(0, 99)
# Those that end something first: Hypothesis likes low numbers.
FORWARD = ("release", "judge", "finish", "accept", "slip", "finish", "arrive", "accept", "offer_all", "set_out", "offer", "call_back")
SIDEWAYS = ("correct", "withhold", "decline", "contact", "no_show", "redispatch", "retime", "cancel", "abort")

EVERYTHING = {
    *(f"state {state}" for state in ("asked", "offered", "done", "judged", "unrated", "cancelled", "aborted")),
    *(f"refused {step}" for step in ("offer", "accept", "finish", "judge", "release", "correct")),
    *("points released", "points open", "points withheld", "expired", "asked others", "hours corrected", "two served", "died"),
}


class Died(Exception):
    """The process ended before its transaction did."""


class World(ServiceHouse):
    """Five volunteers: two residents of the register without account, one with, two outsiders."""

    def __init__(self) -> None:
        super().__init__()
        self.plain = self.project("huanjing", "环境", deed_code="")
        rows = [self.one, self.two, self.three, self.volunteer("丁", resident=True), self.volunteer("戊")]
        self.volunteers: dict[int, Volunteer] = {row.pk: row for row in rows}
        self.residents = frozenset(row.pk for row in rows if row.resident is not None)


class Orders(RuleBasedStateMachine):
    world: ClassVar[World]
    steps: ClassVar[int] = 0
    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.savepoint()
        self.now, self.wishes = MORNING, 0
        self.orders: dict[int, Order] = {}
        self.everyone = list(self.world.volunteers)

    def teardown(self) -> None:
        for order in self.orders.values():
            self.seen[f"state {order.state}"] += 1
            self.seen[f"points {order.points}"] += order.points in ("released", "withheld")
            self.seen["two served"] += len(order.served) > 1
        transaction.savepoint_rollback(self.undo)

    @rule(people=st.sampled_from((2, 1, 3)), earns=st.booleans(), how=st.integers(0, 4))
    def ask(self, people: int, earns: bool, how: int) -> None:
        world = self.world
        if len(self.orders) == MOST:
            return
        row = world.ask(world.haircut if earns else world.plain, by=None if how == 0 else "cadre", at=self.now, people=people)
        self.orders[row.pk] = Order(people, earns, world.residents, "callback" if how == 0 else "asked")

    @rule(which=PICK, pick=PICK, yes=st.booleans())
    def forward(self, which: int, pick: int, yes: bool) -> None:
        self.possible(FORWARD, which, pick, yes)

    @rule(which=PICK, pick=PICK, yes=st.booleans())
    def further(self, which: int, pick: int, yes: bool) -> None:
        self.possible(FORWARD, which, pick, yes)

    @rule(which=PICK, pick=PICK, yes=st.booleans())
    def once_more(self, which: int, pick: int, yes: bool) -> None:
        self.possible(FORWARD, which, pick, yes)

    @rule(which=PICK, pick=PICK, yes=st.booleans())
    def sideways(self, which: int, pick: int, yes: bool) -> None:
        self.possible(SIDEWAYS, which, pick, yes)

    @rule(step=st.sampled_from((*FORWARD, *SIDEWAYS)), pick=PICK, yes=st.booleans())
    def wild(self, step: str, pick: int, yes: bool) -> None:
        """Any step on any order, mostly one that is refused."""
        if pairs := self._pairs():
            self.step(step, *pairs[pick % len(pairs)], pick, yes)

    @rule(which=PICK, pick=PICK, yes=st.booleans())
    def die(self, which: int, pick: int, yes: bool) -> None:
        """The process dies before its commit: nothing has happened."""
        if found := self._chosen((*FORWARD, *SIDEWAYS), which, pick):
            step, pk, one = found
            minutes = self._other_than(self.orders[pk], step, one, MINUTES + 30)
            with suppress(Died), transaction.atomic():
                self._call(step, pk, one, minutes, yes)()
                self.seen["died"] += 1
                raise Died

    @rule(hours=st.sampled_from((1, 5, 5, 30, 200)))
    def wait(self, hours: int) -> None:
        """Time goes on and the beat comes, twice."""
        self.now += timedelta(hours=hours)
        late = {pk: [one for one, until in order.asked.items() if until <= self.now] for pk, order in self.orders.items()}
        assert orders_tick(self.now) >= 0 and orders_tick(self.now) == 0
        for pk, order in self.orders.items():
            if late[pk]:
                self._expire(pk, order, late[pk])
            if order.state == "done" and order.judge_by is not None and order.judge_by <= self.now:
                order.unrate()

    def _expire(self, pk: int, order: Order, late: list[int]) -> None:
        self.seen["expired"] += 1
        for one in late:
            del order.asked[one]
        order.passed |= set(late)
        if not order.asked and order.places > 0 and (others := order.fresh(self.everyone)):
            self.seen["asked others"] += 1
            self._asked(pk, others)
        order.follow()
        self._judged_by(order)

    def possible(self, steps: tuple[str, ...], which: int, pick: int, yes: bool) -> None:
        """One of the steps that are possible now."""
        if found := self._chosen(steps, which, pick):
            self.step(*found, pick, yes)

    def step(self, step: str, pk: int, one: int, pick: int, yes: bool) -> None:
        """Where the oracle says no, the house says no, too."""
        order, minutes = self.orders[pk], MINUTES if yes else MINUTES + 1 + pick // 2
        minutes = self._other_than(order, step, one, minutes)
        call = self._call(step, pk, one, minutes, yes)
        if not order.may(step, one, self.everyone):
            with pytest.raises(DomainError), transaction.atomic():
                call()
            self.seen[f"refused {step}"] += 1
            return
        call()
        if step in ("offer", "offer_all"):
            self._asked(pk, order.fresh(self.everyone) if step == "offer_all" else [one])
            return
        order.take(step, one, minutes=minutes, satisfied=yes)
        self.seen["hours corrected"] += step == "correct"
        self.seen["points open"] += order.points == "open"
        self._judged_by(order)

    @staticmethod
    def _other_than(order: Order, step: str, one: int, minutes: int) -> int:
        """A correction says another figure."""
        return minutes + (step == "correct" and minutes == order.served.get(one))

    def _judged_by(self, order: Order) -> None:
        """Seven days from when it was done, by the last step or because the last who was asked kept silent."""
        if order.state == "done" and order.judge_by is None:
            order.judge_by = self.now + timedelta(days=7)

    def _asked(self, pk: int, volunteers: list[int]) -> None:
        """Who is asked now; until when is the clock's own and tested with it."""
        order = self.orders[pk]
        until: dict[int, datetime] = dict(Offer.objects.filter(order=pk, state="asked").values_list("volunteer", "expires_at"))
        order.asked |= {one: until[one] for one in volunteers}
        order.follow()

    def _pairs(self) -> list[tuple[int, int]]:
        return [(pk, one) for pk in self.orders for one in self.everyone]

    def _chosen(self, steps: tuple[str, ...], which: int, pick: int) -> tuple[str, int, int] | None:
        """A possible step, and an order and a volunteer for it; None where none is possible."""
        pairs = self._pairs()
        found = {step: [pair for pair in pairs if self.orders[pair[0]].may(step, pair[1], self.everyone)] for step in steps}
        if not (possible := [step for step in steps if found[step]]):
            return None
        step = possible[which % len(possible)]
        return (step, *found[step][pick % len(found[step])])

    def _call(self, step: str, pk: int, one: int, minutes: int, yes: bool) -> Callable[[], Any]:
        """The service behind a step; a volunteer with an account acts alone every other time."""
        order, volunteer, now = ServiceOrder.objects.get(pk=pk), self.world.volunteers[one], self.now
        cadre, yard_head = self.world.user("cadre"), self.world.user("yard_head")
        actor = volunteer.user if volunteer.user is not None and yes else cadre
        words: dict[str, Any] = {"reason": "说明", "by": cadre, "at": now}
        rating = "satisfied" if yes else "unsatisfied"
        if step in ("set_out", "arrive", "finish", "redispatch", "no_show"):
            return self._run_call(step, pk, one, minutes, actor)
        if step == "correct":
            return lambda: services.hours_correct(hours=self._hours(pk, one), minutes=minutes, **words)
        if step == "retime":
            self.wishes += 1
            wanted = now + timedelta(days=1, hours=3 * self.wishes)
            return lambda: services.order_retime(order=order, wanted_at=wanted, by=cadre, at=now)
        return {
            "call_back": lambda: services.order_call_back(order=order, note="属实", by=cadre, at=now),
            "offer": lambda: services.order_offer(order=order, volunteers=[volunteer], by=cadre, at=now),
            "offer_all": lambda: services.order_offer(order=order, by=cadre, at=now),
            "accept": lambda: services.offer_accept(order=order, volunteer=volunteer, by=actor, at=now),
            "decline": lambda: services.offer_decline(order=order, volunteer=volunteer, reason="没空", by=actor, at=now),
            "contact": lambda: services.order_contact(order=order, happened_at=now, by=cadre, at=now),
            "cancel": lambda: services.order_cancel(order=order, **words),
            "abort": lambda: services.order_abort(order=order, **words),
            "judge": lambda: services.judge_by_phone(order=order, rating=rating, by=yard_head, at=now),
            "slip": lambda: services.judge_by_slip(
                token=services.slip_issue(order=order, by=cadre, at=now), rating=rating, at=now
            ),
            "release": lambda: services.points_release(order=order, **words),
            "withhold": lambda: services.points_withhold(order=order, **words),
        }[step]

    def _run_call(self, step: str, pk: int, one: int, minutes: int, actor: Any) -> Callable[[], Any]:
        now, cadre = self.now, self.world.user("cadre")

        def run() -> Run:
            found: Run | None = Run.objects.filter(order=pk, volunteer=one).order_by("-pk").first()
            if found is None:
                raise DomainError("没有跑单。")
            return found

        return {
            "set_out": lambda: services.run_set_out(run=run(), by=actor, at=now),
            "arrive": lambda: services.run_arrive(run=run(), happened_at=now, by=actor, at=now),
            "finish": lambda: services.run_finish(run=run(), minutes=minutes, reason="路远", by=actor, at=now),
            "redispatch": lambda: services.run_redispatch(run=run(), reason="有事", by=cadre, at=now),
            "no_show": lambda: services.run_no_show(run=run(), reason="没来", by=cadre, at=now),
        }[step]

    def _hours(self, pk: int, one: int) -> Hours:
        found = Hours.objects.filter(order=pk, volunteer=one, reverses=None, reversed_by=None).first()
        if found is None:
            raise DomainError("没有时长。")
        return found

    @invariant()
    def agrees(self) -> None:
        type(self).steps += 1
        rows = {pk: (state, points) for pk, state, points in ServiceOrder.objects.values_list("pk", "state", "points")}
        assert rows == {pk: (order.state, order.points) for pk, order in self.orders.items()}
        pairs = set(Offer.objects.filter(state="asked").values_list("order", "volunteer"))
        assert pairs == {(pk, one) for pk, order in self.orders.items() for one in order.asked}
        pairs = set(Run.objects.filter(ended_at=None).values_list("order", "volunteer"))
        assert pairs == {(pk, one) for pk, order in self.orders.items() for one in order.running}
        served = {(pk, one): minutes for pk, order in self.orders.items() for one, minutes in order.served.items()}
        summed = Hours.objects.order_by().values_list("order", "volunteer").annotate(Sum("minutes"))
        assert {(pk, one): minutes for pk, one, minutes in summed} == served
        standing = Hours.objects.filter(reverses=None, reversed_by=None).values_list("order", "volunteer", "minutes")
        assert sorted(standing) == sorted((*pair, minutes) for pair, minutes in served.items())
        claims = Counter(Claim.objects.filter(source="service", state="verified", score=5).values_list("row_key", flat=True))
        assert claims == Counter(row_key_of(pk, self.world.volunteers[one]) for pk, order in self.orders.items() for one in order.claims)
        assert all(order.state not in OPEN or not order.points for order in self.orders.values())


@pytest.mark.django_db
@pytest.mark.timeout(7200)
def test_it_is_what_the_oracle_says() -> None:
    """Each example in a savepoint of one transaction, so that the house is built once."""
    assert connection.vendor == "postgresql"
    Orders.world, Orders.steps, Orders.seen = World(), 0, Counter()
    while Orders.steps < STEPS:
        run_state_machine_as_test(
            Orders,
            settings=settings(
                max_examples=ceil((STEPS - Orders.steps) / LENGTH),
                stateful_step_count=LENGTH,
                deadline=None,
                database=None,
                derandomize=not SOAK,
                suppress_health_check=list(HealthCheck),
            ),
        )
        if not SOAK:
            break
    print(f"{Orders.steps} steps", dict(sorted(Orders.seen.items())))
    assert Orders.steps >= (STEPS if SOAK else STEPS // 2)
    assert Orders.seen["state offered"]
    assert STEPS < ENOUGH or set(+Orders.seen) >= EVERYTHING
