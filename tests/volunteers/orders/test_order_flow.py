"""The flow as data is whole: every state is reached, every open one has a way out, the state follows from runs and offers."""

from __future__ import annotations

import itertools

import pytest

from volunteers.orders.order_flow import (
    BY_STEP,
    OPEN,
    SERVED,
    STATE_LABELS,
    STEP_LABELS,
    STOPPED,
    TRANSITIONS,
    State,
    Step,
    Who,
    Work,
    steps_open,
)


def test_every_state_and_step_is_named() -> None:
    assert set(STATE_LABELS) == set(State) and set(STEP_LABELS) == set(Step)
    assert set(BY_STEP) == set(Step) - {Step.ASK} and len(TRANSITIONS) == len(BY_STEP)
    assert {*OPEN, *SERVED, *STOPPED} == set(State)


def test_everything_open_goes_on_and_nothing_ended_is_opened() -> None:
    for state in OPEN:
        people = {step.step for step in steps_open(state=state, roles=set(Who) - {Who.SYSTEM})}
        assert people >= {Step.CANCEL, Step.RETIME}
    for state in (*SERVED, *STOPPED):
        assert {BY_STEP[step.step].target for step in steps_open(state=state, roles=set(Who))} <= {None, State.JUDGED, State.UNRATED}
    assert all(not steps_open(state=state, roles=set(Who)) for state in STOPPED)


@pytest.mark.parametrize(("running", "on_way", "arrived", "done", "offered"), list(itertools.product((0, 1, 2), *[(0, 1)] * 4)))
def test_the_state_follows(running: int, on_way: int, arrived: int, done: int, offered: int) -> None:
    state = Work(running, on_way, arrived, done, offered).state_of()
    if running:
        assert state == (State.ARRIVED if arrived else State.ON_WAY if on_way else State.ACCEPTED)
    else:
        assert state == (State.OFFERED if offered else State.DONE if done else State.ASKED)
    stopped = Work(0, 0, 0, done, 0).state_of(stopped=State.CANCELLED)
    assert stopped == (State.DONE if done else State.CANCELLED)
