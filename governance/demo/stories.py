"""One case on its way, built in memory with the flow, the clocks and the climbs that it would have had; inserted in sets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from governance.accounts.models import User
from governance.cases.engine.climbing import FILED_AFTER_DAYS
from governance.cases.engine.flow import BY_STEP, Clock, Kind, State, Step, target_of
from governance.cases.engine.services import NUMBER_LETTERS, dues_of
from governance.cases.models import (
    Agreement,
    Case,
    CasePerson,
    CaseStep,
    Category,
    Dispute,
    Errand,
    Party,
    ReturnVisit,
    Sitting,
)
from governance.demo.households import Home
from governance.demo.loading import BATCH, create
from governance.periods import today
from governance.workdays import WorkCalendar
from villages.models import Unit
from villages.numbers.services import numbers_take


@dataclass
class Story:
    """A case that its writer keeps; nothing is written that would come after `now`. `errand`, `dispute` and what belongs to it are
    filled by who tells the story."""

    case: Case
    by: User
    now: datetime
    calendar: WorkCalendar
    steps: list[CaseStep] = field(default_factory=list)
    errand: Errand | None = None
    dispute: Dispute | None = None
    parties: list[Party] = field(default_factory=list)
    sittings: list[Sitting] = field(default_factory=list)
    agreement: Agreement | None = None
    visits: list[ReturnVisit] = field(default_factory=list)

    def take(self, step: Step, at: datetime, note: str = "", *, by_clock: bool = False) -> bool:
        """One of the flow's steps at `at`, after the climbs that were due before it; False where that is still to come."""
        if at > self.now:
            return False
        self._climb(at)
        case, transition, source = self.case, BY_STEP[step], self.case.state
        case.state = target_of(transition, kind=Kind(case.kind), state=State(source)).value
        if step == Step.REOPEN:
            case.round, case.level, case.result, case.finished_at, case.round_at = case.round + 1, Case.Level.VILLAGE, "", None, at
        if transition.clock == Clock.STOP:
            case.near_at, case.climb_at, case.finished_at, case.result = None, None, at, note
        elif transition.clock != Clock.KEEP:
            case.step_at = at
            self._read_clocks(at)
        if step == Step.FILE:
            case.filed_at = at
        self._write(step, source, at, note, by_clock=by_clock)
        return True

    def note(self, step: Step, at: datetime, words: str) -> None:
        """A row of the history that leaves the state as it is."""
        self._climb(at)
        self._write(step, self.case.state, at, words)

    def file_by_clock(self) -> None:
        """A week after the end."""
        assert self.case.finished_at is not None
        done = self.case.finished_at + timedelta(days=FILED_AFTER_DAYS)
        self.take(Step.FILE, done, f"办结满 {FILED_AFTER_DAYS} 天，自动归档", by_clock=True)

    def end(self) -> None:
        """Up to `now`: the climbs of a case that is open still, and its next reminder."""
        if self.case.is_open:
            self._climb(self.now)
            self.case.near_at = dues_of(self.case, self.now, self.calendar).near_at

    def _climb(self, at: datetime) -> None:
        case = self.case
        while case.climb_at is not None and case.climb_at <= at:
            moment = case.climb_at
            case.level = Case.Level.OFFICE if case.level == Case.Level.VILLAGE else Case.Level.LEADER
            self._read_clocks(moment, climbed=True)
            words = f"逾期未办，升级到{case.get_level_display()}"
            self._write(Step.CLIMB, case.state, moment, words, level=case.level, by_clock=True)

    def _read_clocks(self, at: datetime, *, climbed: bool = False) -> None:
        read = dues_of(self.case, at, self.calendar, climbed=climbed)
        self.case.step_due_at, self.case.case_due_at = read.step_due_at, read.case_due_at
        self.case.near_at, self.case.climb_at = read.near_at, read.climb_at

    def _write(self, step: Step, source: str, at: datetime, note: str, *, level: str = "", by_clock: bool = False) -> None:
        case = self.case
        row = CaseStep(
            case=case, step=step.value, round=case.round, at=at, by=None if by_clock else self.by, source=source, target=case.state,
            level=level, note=note, holder=case.holder_name, step_due_at=case.step_due_at, case_due_at=case.case_due_at,
        )  # fmt: skip
        self.steps.append(row)

    def begin(self) -> None:
        """Logged and kept."""
        self._read_clocks(self.case.logged_at)
        self._write(Step.LOG, "", self.case.logged_at, "")
        self.take(Step.ACCEPT, self.case.logged_at)


def story(category: Category, home: Home, text: str, source: str, by: User, at: datetime, now: datetime, calendar: WorkCalendar) -> Story:
    case = Case(
        township=category.township, village=home.village, unit=home.settlement, kind=category.kind, category=category,
        urgency=category.urgency, text=text, source=source, first_receiver=by, assignee=by, found_at=at, logged_at=at, round_at=at,
        step_at=at,
    )  # fmt: skip
    told = Story(case, by, now, calendar)
    told.begin()
    return told


def stories_insert(township: Unit, stories: Iterable[Story]) -> None:
    """In the order in which they were logged, numbered by it."""
    told = sorted(stories, key=lambda one: one.case.logged_at)
    for kind in Kind:
        its = [one.case for one in told if one.case.kind == kind]
        if its:
            numbers = numbers_take(township, f"{NUMBER_LETTERS[kind]}{today(its[0].logged_at).year}-", count=len(its))
            for case, number in zip(its, numbers, strict=True):
                case.number = number
    Case.objects.bulk_create([one.case for one in told], batch_size=BATCH)
    CasePerson.objects.bulk_create([CasePerson(case=one.case, user=one.by) for one in told], batch_size=BATCH)
    steps = sorted((step for one in told for step in one.steps), key=lambda step: step.at)
    CaseStep.objects.bulk_create(steps, batch_size=BATCH)
    create(one.errand for one in told if one.errand is not None)
    create(one.dispute for one in told if one.dispute is not None)
    Party.objects.bulk_create([party for one in told for party in one.parties], batch_size=BATCH)
    Sitting.objects.bulk_create([sitting for one in told for sitting in one.sittings], batch_size=BATCH)
    create(one.agreement for one in told if one.agreement is not None)
    ReturnVisit.objects.bulk_create([visit for one in told for visit in one.visits], batch_size=BATCH)
