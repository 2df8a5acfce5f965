"""The flow of an order as data: 点单 → (回电) → 派单 → 接单 → 跑单 → 评单 (plan §三.2 群众点单、社区派单、党员（志愿者）跑单、群众评单;
design §12). Pure.

Emergencies are contacted within ten minutes of 点单 at any hour; ordinary orders are accepted within 24 hours and done within seven
days, both counted in working time (domain.md §5); what is not judged in seven days counts as unrated, never as praise.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    """Of the order. What each volunteer does stands in a run of their own."""

    CALLBACK = "callback"
    ASKED = "asked"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ON_WAY = "on_way"
    ARRIVED = "arrived"
    DONE = "done"
    JUDGED = "judged"
    UNRATED = "unrated"
    CANCELLED = "cancelled"
    ABORTED = "aborted"


class Step(StrEnum):
    """What was done to an order; each is one row of its history."""

    ASK = "ask"
    CALL_BACK = "call_back"
    RETIME = "retime"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    CONTACT = "contact"
    SET_OUT = "set_out"
    ARRIVE = "arrive"
    FINISH = "finish"
    REDISPATCH = "redispatch"
    NO_SHOW = "no_show"
    ABORT = "abort"
    CANCEL = "cancel"
    SLIP = "slip"
    JUDGE = "judge"
    UNRATE = "unrate"
    RELEASE = "release"
    WITHHOLD = "withhold"
    CORRECT = "correct"
    CLIMB = "climb"


class Who(StrEnum):
    """asker: who may log orders there; dispatcher: sends them out; offered: a volunteer who was asked; runner: one whose order it is;
    served: who asked, by slip or phone; system: the clock."""

    ASKER = "asker"
    DISPATCHER = "dispatcher"
    OFFERED = "offered"
    RUNNER = "runner"
    SERVED = "served"
    SYSTEM = "system"


class Need(StrEnum):
    NOTE = "note"
    REASON = "reason"
    VOLUNTEERS = "volunteers"
    TIME = "time"
    MINUTES = "minutes"
    RATING = "rating"


STATE_LABELS = {
    State.CALLBACK: "待回电",
    State.ASKED: "待派单",
    State.OFFERED: "待接单",
    State.ACCEPTED: "已接单",
    State.ON_WAY: "已出发",
    State.ARRIVED: "服务中",
    State.DONE: "待评单",
    State.JUDGED: "已评单",
    State.UNRATED: "未评单",
    State.CANCELLED: "已取消",
    State.ABORTED: "已中止",
}
STEP_LABELS = {
    Step.ASK: "点单",
    Step.CALL_BACK: "回电核实",
    Step.RETIME: "改时间",
    Step.OFFER: "派单",
    Step.ACCEPT: "接单",
    Step.DECLINE: "不接",
    Step.EXPIRE: "超时未接",
    Step.CONTACT: "首次联系",
    Step.SET_OUT: "出发",
    Step.ARRIVE: "到达",
    Step.FINISH: "完成",
    Step.REDISPATCH: "改派",
    Step.NO_SHOW: "未到",
    Step.ABORT: "因危险中止",
    Step.CANCEL: "取消",
    Step.SLIP: "出评单条",
    Step.JUDGE: "评单",
    Step.UNRATE: "到期未评",
    Step.RELEASE: "同意计分",
    Step.WITHHOLD: "不予计分",
    Step.CORRECT: "更正时长",
    Step.CLIMB: "逾期升级",
}
WAITING = (State.CALLBACK, State.ASKED, State.OFFERED)
RUNNING = (State.ACCEPTED, State.ON_WAY, State.ARRIVED)
OPEN = (*WAITING, *RUNNING)
SERVED = (State.DONE, State.JUDGED, State.UNRATED)
STOPPED = (State.CANCELLED, State.ABORTED)

# Emergencies, at any hour; they are accepted and over within a day.
CONTACT_WITHIN, EMERGENCY_WITHIN = timedelta(minutes=10), timedelta(days=1)
# Ordinary orders, in working days; judging in days by the calendar.
ACCEPT_WITHIN_DAYS, FINISH_WITHIN_DAYS, JUDGE_WITHIN_DAYS = 1, 7, 7
# How long somebody who is asked may stay silent before others are asked: working hours, for emergencies at any hour.
ANSWER_WITHIN_HOURS, EMERGENCY_ANSWER_WITHIN = 4, timedelta(minutes=3)
# What climbed climbs again after so long: working days, for emergencies at any hour.
CLIMB_AGAIN_DAYS, EMERGENCY_CLIMB_AGAIN = 1, timedelta(minutes=10)


@dataclass(frozen=True)
class Transition:
    """`target` None leaves the state as it is, or lets it follow from runs and offers (`state_of`). What somebody has finished stays
    done, also where the rest is cancelled or aborted."""

    step: Step
    sources: tuple[State, ...]
    target: State | None
    who: tuple[Who, ...]
    needs: tuple[Need, ...] = ()

    @property
    def label(self) -> str:
        return STEP_LABELS[self.step]


_SENDS, _RUNS, _ASKS = (Who.DISPATCHER,), (Who.RUNNER, Who.DISPATCHER), (Who.ASKER, Who.DISPATCHER)
_ANSWERS, _ASKED = (Who.OFFERED, Who.DISPATCHER), (State.OFFERED, *RUNNING)

TRANSITIONS = (
    Transition(Step.CALL_BACK, (State.CALLBACK,), State.ASKED, _ASKS, (Need.NOTE,)),
    Transition(Step.OFFER, (State.ASKED, *_ASKED), None, _SENDS, (Need.VOLUNTEERS,)),
    Transition(Step.ACCEPT, _ASKED, None, _ANSWERS),
    Transition(Step.DECLINE, _ASKED, None, _ANSWERS, (Need.REASON,)),
    Transition(Step.EXPIRE, _ASKED, None, (Who.SYSTEM,)),
    Transition(Step.CONTACT, OPEN, None, (Who.RUNNER, *_ASKS), (Need.TIME,)),
    Transition(Step.SET_OUT, RUNNING, None, _RUNS),
    Transition(Step.ARRIVE, RUNNING, None, _RUNS, (Need.TIME,)),
    Transition(Step.FINISH, RUNNING, None, _RUNS, (Need.MINUTES,)),
    Transition(Step.REDISPATCH, RUNNING, None, _RUNS, (Need.REASON,)),
    Transition(Step.NO_SHOW, RUNNING, None, _SENDS, (Need.REASON,)),
    Transition(Step.RETIME, OPEN, None, _ASKS, (Need.TIME,)),
    Transition(Step.ABORT, RUNNING, State.ABORTED, _RUNS, (Need.REASON,)),
    Transition(Step.CANCEL, OPEN, State.CANCELLED, _ASKS, (Need.REASON,)),
    Transition(Step.SLIP, (State.DONE,), None, _ASKS),
    Transition(Step.JUDGE, (State.DONE,), State.JUDGED, (Who.SERVED, Who.ASKER), (Need.RATING,)),
    Transition(Step.UNRATE, (State.DONE,), State.UNRATED, (Who.SYSTEM,)),
    Transition(Step.RELEASE, (State.JUDGED, State.UNRATED), None, _SENDS, (Need.REASON,)),
    Transition(Step.WITHHOLD, (State.JUDGED, State.UNRATED), None, _SENDS, (Need.REASON,)),
    Transition(Step.CORRECT, SERVED, None, _SENDS, (Need.MINUTES, Need.REASON)),
    Transition(Step.CLIMB, OPEN, None, (Who.SYSTEM,)),
)
BY_STEP = {transition.step: transition for transition in TRANSITIONS}
# What nobody does for an order that they served themselves.
FOR_OTHERS = (Step.SLIP, Step.JUDGE, Step.RELEASE, Step.WITHHOLD, Step.CORRECT)


def steps_open(*, state: State, roles: Collection[Who]) -> list[Transition]:
    """What somebody in `roles` may do now, in the order of the flow."""
    return [one for one in TRANSITIONS if state in one.sources and set(one.who) & set(roles)]


@dataclass(frozen=True)
class Work:
    """The runs and offers of an order, counted: runs that are open, of these set out and arrived, runs that were finished, offers without
    answer."""

    running: int = 0
    on_way: int = 0
    arrived: int = 0
    done: int = 0
    offered: int = 0

    def state_of(self, *, stopped: State | None = None) -> State:
        """The state that follows; `stopped` where the order was cancelled or aborted. What somebody finished is to be judged, unless others
        are still asked: then it stays open for them; cancelling ends it short."""
        if self.running:
            return State.ARRIVED if self.arrived else State.ON_WAY if self.on_way else State.ACCEPTED
        if self.done and not self.offered:
            return State.DONE
        return stopped or (State.OFFERED if self.offered else State.ASKED)

    def places(self, people: int) -> int:
        """How many more may accept."""
        return max(people - self.running - self.done, 0)
