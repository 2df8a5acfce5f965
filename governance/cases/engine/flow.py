"""The flow of a case as data: 发现 → 受理 → 处置 → 协调 → 办结 → (回访) → 归档 (plan §四.2, §四.3; design §6). Pure.

A transition says from where to where it leads, who may take it, what it needs and what it does to the step clock; the
whole-case clock (限时办结) starts when the case is logged, stands still in a pause, and is begun anew by a reopening alone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is logged."""

    EVENT = "event"
    DISPUTE = "dispute"
    ERRAND = "errand"


class State(StrEnum):
    FOUND = "found"
    ACCEPTED = "accepted"
    HANDLING = "handling"
    COORDINATING = "coordinating"
    DONE = "done"
    VISITING = "visiting"
    FILED = "filed"
    VOID = "void"


class Step(StrEnum):
    """What was done to a case; each is one row of its history."""

    LOG = "log"
    ACCEPT = "accept"
    HANDLE = "handle"
    COORDINATE = "coordinate"
    FINISH = "finish"
    HANDOVER = "handover"
    FILE = "file"
    RETURN = "return"
    TRANSFER = "transfer"
    PAUSE = "pause"
    RESUME = "resume"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    DENY_EXTENSION = "deny_extension"
    CLIMB = "climb"
    REOPEN = "reopen"
    VOID = "void"
    NOTE = "note"
    MEDIATE = "mediate"
    AGREE = "agree"
    PERFORM = "perform"
    VISIT = "visit"
    REFER = "refer"
    GUIDE = "guide"


class Who(StrEnum):
    """holder: the person, post or office that has the case; dispatcher: may hand out cases there; taker: a dispatcher who
    handles cases too; approver: may grant extensions, but not to oneself; logger: who wrote it down; system: the clock."""

    HOLDER = "holder"
    DISPATCHER = "dispatcher"
    TAKER = "taker"
    APPROVER = "approver"
    LOGGER = "logger"
    SYSTEM = "system"


class Need(StrEnum):
    NOTE = "note"
    REASON = "reason"
    RESULT = "result"
    TARGET = "target"
    RECIPIENT = "recipient"


class Clock(StrEnum):
    """What a transition does to the step clock; STOP ends both clocks, ANEW begins both for a new round."""

    KEEP = "keep"
    RESTART = "restart"
    HOLD = "hold"
    GO_ON = "go_on"
    STOP = "stop"
    ANEW = "anew"


KIND_LABELS = {Kind.EVENT: "事件", Kind.DISPUTE: "矛盾纠纷", Kind.ERRAND: "便民代办"}
STATE_LABELS = {
    State.FOUND: "待受理",
    State.ACCEPTED: "已受理",
    State.HANDLING: "处置中",
    State.COORDINATING: "协调中",
    State.DONE: "已办结",
    State.VISITING: "回访中",
    State.FILED: "已归档",
    State.VOID: "已作废",
}
STEP_LABELS = {
    Step.LOG: "发现登记",
    Step.ACCEPT: "受理",
    Step.HANDLE: "处置",
    Step.COORDINATE: "协调",
    Step.FINISH: "办结",
    Step.HANDOVER: "交件",
    Step.FILE: "归档",
    Step.RETURN: "退回",
    Step.TRANSFER: "转办",
    Step.PAUSE: "暂停",
    Step.RESUME: "恢复",
    Step.ASK_EXTENSION: "申请延期",
    Step.GRANT_EXTENSION: "同意延期",
    Step.DENY_EXTENSION: "不同意延期",
    Step.CLIMB: "逾期升级",
    Step.REOPEN: "重开",
    Step.VOID: "作废",
    Step.NOTE: "补充记录",
    Step.MEDIATE: "调解",
    Step.AGREE: "达成协议",
    Step.PERFORM: "履行",
    Step.VISIT: "回访",
    Step.REFER: "移交镇调解",
    Step.GUIDE: "引导诉讼",
}
WORKING = (State.ACCEPTED, State.HANDLING, State.COORDINATING)
OPEN = (State.FOUND, *WORKING)
ENDED = (State.DONE, State.VISITING, State.FILED)


@dataclass(frozen=True)
class Transition:
    """`target` None leaves the state as it is; `kinds` empty means all; `paused` says whether it is for paused cases."""

    step: Step
    sources: tuple[State, ...]
    target: State | None
    who: tuple[Who, ...]
    needs: tuple[Need, ...] = ()
    clock: Clock = Clock.KEEP
    kinds: tuple[Kind, ...] = ()
    paused: bool = False

    @property
    def label(self) -> str:
        return STEP_LABELS[self.step]


_ALL = (Who.HOLDER, Who.DISPATCHER)

TRANSITIONS = (
    Transition(Step.ACCEPT, (State.FOUND,), State.ACCEPTED, (Who.HOLDER, Who.TAKER), clock=Clock.RESTART),
    Transition(Step.HANDLE, (State.ACCEPTED, State.COORDINATING), State.HANDLING, (Who.HOLDER,), (Need.NOTE,), Clock.RESTART),
    Transition(
        Step.COORDINATE, (State.ACCEPTED, State.HANDLING), State.COORDINATING, (Who.HOLDER,), (Need.NOTE,), Clock.RESTART
    ),
    Transition(Step.FINISH, WORKING, State.DONE, (Who.HOLDER,), (Need.RESULT,), Clock.STOP),
    Transition(Step.HANDOVER, (State.DONE,), None, _ALL, (Need.RECIPIENT,), kinds=(Kind.ERRAND,)),
    Transition(Step.FILE, (State.DONE, State.VISITING), State.FILED, _ALL),
    Transition(Step.RETURN, OPEN, State.FOUND, (Who.HOLDER,), (Need.REASON,), Clock.RESTART),
    Transition(Step.TRANSFER, OPEN, State.FOUND, _ALL, (Need.TARGET, Need.REASON), Clock.RESTART),
    Transition(Step.PAUSE, WORKING, None, _ALL, (Need.REASON,), Clock.HOLD),
    Transition(Step.RESUME, WORKING, None, _ALL, (), Clock.GO_ON, paused=True),
    Transition(Step.ASK_EXTENSION, WORKING, None, (Who.HOLDER,), (Need.REASON,)),
    Transition(Step.GRANT_EXTENSION, WORKING, None, (Who.APPROVER,)),
    Transition(Step.DENY_EXTENSION, WORKING, None, (Who.APPROVER,), (Need.REASON,)),
    Transition(Step.CLIMB, OPEN, None, (Who.SYSTEM,)),
    Transition(Step.REOPEN, ENDED, State.ACCEPTED, (Who.HOLDER, Who.DISPATCHER), (Need.REASON,), Clock.ANEW),
    Transition(Step.VOID, (State.FOUND, State.ACCEPTED), State.VOID, (Who.DISPATCHER,), (Need.REASON,), Clock.STOP),
    Transition(
        Step.NOTE, (*OPEN, State.DONE, State.VISITING), None, (Who.HOLDER, Who.DISPATCHER, Who.LOGGER), (Need.NOTE,)
    ),
    Transition(Step.REFER, WORKING, State.FOUND, _ALL, (Need.REASON,), Clock.RESTART, kinds=(Kind.DISPUTE,)),
    Transition(Step.GUIDE, WORKING, None, _ALL, (Need.REASON,), kinds=(Kind.DISPUTE,)),
)
BY_STEP = {transition.step: transition for transition in TRANSITIONS}


def fits(transition: Transition, *, kind: Kind, state: State, paused: bool) -> bool:
    """Whether a case of `kind` in `state` may take it at all; notes may be added in a pause too."""
    if transition.kinds and kind not in transition.kinds:
        return False
    if state not in transition.sources:
        return False
    return transition.step == Step.NOTE or transition.paused == paused


def steps_open(*, kind: Kind, state: State, paused: bool, roles: Collection[Who]) -> list[Transition]:
    """What somebody in `roles` may do now, in the order of the flow."""
    return [
        transition
        for transition in TRANSITIONS
        if fits(transition, kind=kind, state=state, paused=paused) and set(transition.who) & set(roles)
    ]


def target_of(transition: Transition, *, kind: Kind, state: State) -> State:
    """Where it leads: a finished dispute goes on to its return visits (回访)."""
    if transition.step == Step.FINISH and kind == Kind.DISPUTE:
        return State.VISITING
    return transition.target or state
