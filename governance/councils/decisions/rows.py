"""What a decision's page shows: each gate with how it stands, and what this user may do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.decisions.gates import STAGE_LABELS, Stage, What
from governance.councils.decisions.kind_models import DecisionKind, Gate, area_of
from governance.councils.decisions.models import Decision, GateRecord
from governance.councils.decisions.recording import may_confirm
from governance.councils.decisions.standing import Step, steps_of
from governance.councils.decisions.words import asked_words, figures_words
from governance.periods import today

VERBS = {What.NOTICE.value: "发布", What.PUBLICATION.value: "发布", What.PREVIEW.value: "填写"}


@dataclass(frozen=True)
class RecordRow:
    """One attempt: its figures in words, what kept it from counting, whether it is this user's to confirm."""

    record: GateRecord
    figures: str
    papers: Sequence[str]
    votes: Sequence[str]
    waits: bool
    may_confirm: bool


@dataclass(frozen=True)
class StepRow:
    """One gate. `tag` and `tone`: how it stands; `rules`: what each of its rules asks for, with whether it is 待核."""

    step: Step
    tag: str
    tone: str
    rules: Sequence[tuple[str, bool]]
    records: Sequence[RecordRow]
    is_next: bool

    @property
    def stage(self) -> str:
        return STAGE_LABELS[self.step.standing.stage]


class Page:
    """A decision as `user` sees it today."""

    def __init__(self, decision: Decision, user: User) -> None:
        self.decision, self.user, self.day = decision, user, today()
        self.may_run = user.may(Action.DECISION_RUN, decision.village.path)

    @cached_property
    def steps(self) -> list[Step]:
        return [] if self.decision.is_history else steps_of(self.decision, self.day)

    @cached_property
    def next(self) -> Step | None:
        """The gate that is to be done."""
        return next((step for step in self.steps if not step.standing.holds), None) if self.decision.is_open else None

    @property
    def missing(self) -> str:
        return self.next.standing.words if self.next else ""

    @property
    def is_unchecked(self) -> bool:
        """Whether a rule that was followed, or is to be followed here, is 待核."""
        return any(step.gate.is_unchecked if step.records else _unchecked(self._offered(step)) for step in self.steps)

    @property
    def may_step(self) -> bool:
        """Whether the next gate is this user's to do, and not only to wait for."""
        if self.next is None or (self.next.standing.stage == Stage.FINISH and self.decision.adopted_at is None):
            return False
        action = Action.DECISION_CHECK if self.next.gate.what == What.PREVIEW else Action.DECISION_RUN
        return self.user.may(action, self.decision.village.path) and not self._waits(self.next)

    @property
    def may_again(self) -> bool:
        """Whether the last record still waits to be confirmed: what it says wrong is written down anew, the old one stays."""
        record = self.next.records[-1] if self.next and self.next.records else None
        return record is not None and bool(record.gate.confirm) and record.confirmed_at is None and record.notice is None and self.may_run

    @cached_property
    def is_returned(self) -> bool:
        """Whether the township gave it back and it was not handed in anew."""
        return Decision.objects.running().returned(self.day).filter(pk=self.decision.pk).exists()

    @property
    def may_resubmit(self) -> bool:
        return self.may_run and self.is_returned

    @property
    def step_button(self) -> str:
        gate = self.next.gate if self.next else None
        again = "重新" if self.next and self.next.records else ""
        return f"{again}{VERBS.get(gate.what, '登记')}：{gate.name}" if gate else ""

    @property
    def may_adopt(self) -> bool:
        decided = all(step.standing.holds for step in self.steps if step.standing.stage == Stage.DECIDE)
        may = self.may_run and (not self._appoints or self.user.may(Action.POST_APPOINT, self.decision.village.path))
        return may and self.decision.state == Decision.State.RUNNING and bool(self.steps) and decided

    @property
    def adopt_button(self) -> str:
        return "聘任，登记为通过" if self._appoints else "登记为通过"

    @property
    def may_finish(self) -> bool:
        return self.may_run and self.decision.state == Decision.State.ADOPTED and self.next is None

    @property
    def may_withdraw(self) -> bool:
        return self.may_run and self.decision.state == Decision.State.RUNNING

    @property
    def may_nominate(self) -> bool:
        return self._appoints and self.may_withdraw and not any(step.records for step in self.steps)

    @property
    def _appoints(self) -> bool:
        return self.decision.kind.effect == DecisionKind.Effect.APPOINT

    @cached_property
    def rows(self) -> list[StepRow]:
        return [self._row(step) for step in self.steps]

    def gates_now(self) -> list[Gate]:
        """The rules by which the next gate may be done: of this kind of place, law at some day since it was proposed."""
        return self._offered(self.next) if self.next else []

    def _offered(self, step: Step) -> list[Gate]:
        area = area_of(self.decision.village)
        begun, day = self.decision.proposed_on, self.day
        return [
            gate
            for gate in step.gates
            if gate.area in (Gate.Area.ANY, area)
            and (gate.law_from is None or gate.law_from <= day)
            and (gate.law_to is None or begun <= gate.law_to)
        ]

    def _waits(self, step: Step) -> bool:
        """Whether the last attempt only waits: for its confirmation, or for the end of its window."""
        if not step.records:
            return False
        record = step.records[-1]
        unconfirmed = bool(record.gate.confirm) and record.confirmed_at is None
        gone = record.notice is not None and record.notice.withdrawn_at is not None
        return unconfirmed or (record.notice_to is not None and not gone and self.day <= record.notice_to)

    def _row(self, step: Step) -> StepRow:
        is_next = step is self.next
        tag, tone = ("已办好", "good") if step.standing.holds else ("卡在这一步", "near") if is_next else ("还没到", "waiting")
        rules = [(asked_words(gate), gate.is_unchecked) for gate in self._offered(step) or step.gates]
        return StepRow(step, tag, tone, rules, [self._record(record) for record in step.records], is_next)

    def _record(self, record: GateRecord) -> RecordRow:
        record.decision = self.decision
        waits = bool(record.gate.confirm) and record.confirmed_at is None
        return RecordRow(
            record,
            figures_words(record),
            [str(paper) for paper in record.papers.all()],
            [f"{vote.resident.name}{vote.get_choice_display()}" for vote in record.votes.all()],
            waits,
            waits and self.decision.is_open and record.recorded_by_id != self.user.pk and may_confirm(record, self.user),
        )


def _unchecked(gates: Sequence[Gate]) -> bool:
    return any(gate.is_unchecked for gate in gates)
