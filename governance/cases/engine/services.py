"""Log a case and take it from step to step (发现 → 受理 → 处置 → 协调 → 办结 → 归档; plan §四; design §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action, Duty
from governance.accounts.models import User
from governance.cases.disputes import flow as dispute_flow
from governance.cases.engine.clocks import Dues, Pause, dues
from governance.cases.engine.flow import (
    BY_STEP,
    Clock,
    Kind,
    Need,
    State,
    Step,
    Transition,
    Who,
    fits,
    steps_open,
    target_of,
)
from governance.cases.engine.holding import (
    Holder,
    candidates,
    check_target,
    first_holder,
    holder_of,
    people_of,
    roles_of,
)
from governance.cases.engine.steps import case_join, case_lock, step_write, tell_holder
from governance.cases.errands import flow as errand_flow
from governance.cases.errors import CaseError
from governance.cases.models import Case, Category, Extension, Visit
from governance.periods import today
from governance.workdays import WorkCalendar
from villages.calendar.services import work_calendar
from villages.facilities.services import case_settled
from villages.models import Household, Resident, Unit
from villages.numbers.services import numbers_take
from villages.units.lineage import village_of

NUMBER_LETTERS = {Kind.EVENT: "SJ", Kind.DISPUTE: "JF", Kind.ERRAND: "DB"}


@dataclass(frozen=True)
class Report:
    """What is logged. `point` is (latitude, longitude); `mine` keeps the case with its writer; `client`, `phone` and
    `account` are an errand's, `parties` (names) and `risk` a dispute's."""

    category: Category
    unit: Unit
    text: str
    place: str = ""
    point: tuple[Decimal, Decimal] | None = None
    source: str = Case.Source.PATROL
    found_at: datetime | None = None
    private: bool = False
    mine: bool = False
    household: Household | None = None
    resident: Resident | None = None
    visit: Visit | None = None
    client: str = ""
    phone: str = ""
    account: str = ""
    parties: tuple[str, ...] = ()
    risk: str = "green"


@dataclass(frozen=True)
class Words:
    """What a step says: a note or reason, a finished case's result, whom it goes to, who took the errand's papers."""

    note: str = ""
    result: str = ""
    target: Holder | None = field(default=None)
    recipient: str = ""


def case_log(*, report: Report, by: User, at: datetime | None = None) -> Case:
    """发现登记: number, first receiver, clocks; kept by its writer it counts as accepted at once."""
    now = at or timezone.now()
    village = _check_report(report, by, now)
    category, kind = report.category, Kind(report.category.kind)
    with transaction.atomic():
        case = Case(
            township=category.township,
            village=village,
            unit=report.unit,
            place=report.place.strip(),
            kind=kind.value,
            number=number_next(category.township, kind, today(now).year),
            category=category,
            urgency=category.urgency,
            text=report.text.strip(),
            source=report.source,
            private=report.private,
            first_receiver=by,
            found_at=report.found_at or now,
            logged_at=now,
            round_at=now,
            step_at=now,
            household=report.household,
            resident=report.resident,
            visit=report.visit,
        )
        if report.point is not None:
            case.latitude, case.longitude = report.point
        holder = first_holder(category=category, unit=report.unit, by=by, mine=report.mine, on=today(now))
        holder.put_on(case)
        dues_set(case, now)
        case.full_clean()
        case.save()
        _open_part(case, report)
        case_join(case, [by, *people_of(holder, today(now))])
        step_write(case, Step.LOG, by=by, at=now, source="")
        if holder.user == by:
            _apply(case, BY_STEP[Step.ACCEPT], Words(), by, now)
        else:
            tell_holder(case, f"新事项：{category.name}", now)
    return case


def case_step(*, case: Case, step: str, by: User, words: Words | None = None, at: datetime | None = None) -> Case:
    """Take one of the flow's steps; the case is locked meanwhile, so that two people cannot take it at once."""
    now, words = at or timezone.now(), words or Words()
    transition = BY_STEP.get(Step(step)) if step in set(Step) else None
    if transition is None or Who.SYSTEM in transition.who or step in _EXTENSION_STEPS:
        raise CaseError("没有这一步。", "state")
    with transaction.atomic():
        case = case_lock(case, by)
        check_step(case, transition, by)
        _check_words(transition, words)
        _apply(case, transition, words, by, now)
    return case


def steps_for(case: Case, user: User) -> list[Transition]:
    """The flow's steps that `user` may take now, in order."""
    roles = roles_of(case, user)
    return steps_open(
        kind=Kind(case.kind), state=State(case.state), paused=case.paused_at is not None, roles=roles
    )


def check_step(case: Case, transition: Transition, by: User) -> None:
    """Raises CaseError unless the flow allows the step now and `by` may take it."""
    paused = case.paused_at is not None
    if not fits(transition, kind=Kind(case.kind), state=State(case.state), paused=paused):
        raise CaseError(f"{case.number}现在{case.state_words}，不能{transition.label}。", "state")
    if not set(transition.who) & roles_of(case, by):
        raise CaseError(f"{case.number}现由{case.holder_name}办理，您不能{transition.label}。", "holder")


def dues_of(
    case: Case, now: datetime, calendar: WorkCalendar, *, ending: Sequence[Pause] = (), climbed: bool = False
) -> Dues:
    """Both clocks of an open case, read at `now`; `ending` is the pause that ends now and has no row yet."""
    extended = case.pk is not None and case.extensions.filter(
        round=case.round, state=Extension.State.GRANTED
    ).exists()
    limit = case.category.longest_limit if extended else case.category.case_limit
    return dues(
        calendar,
        now=now,
        step=(case.step_at, case.category.step_limit(case.state)),
        case=(case.round_at, limit),
        pauses=[*_pauses(case), *ending],
        top=case.level == Case.Level.LEADER,
        climbed=climbed,
    )


def dues_set(case: Case, now: datetime, *, ending: Sequence[Pause] = (), climbed: bool = False) -> None:
    """Set the due times of an open case on the row in hand."""
    read = dues_of(case, now, work_calendar(case.township_id), ending=ending, climbed=climbed)
    case.step_due_at, case.case_due_at = read.step_due_at, read.case_due_at
    case.near_at, case.climb_at = read.near_at, read.climb_at


def number_next(township: Unit, kind: Kind, year: int) -> str:
    """The next number of the township's series, such as JF2026-00012; inside the caller's transaction."""
    return numbers_take(township, f"{NUMBER_LETTERS[kind]}{year}-")[0]


_EXTENSION_STEPS = (Step.ASK_EXTENSION, Step.GRANT_EXTENSION, Step.DENY_EXTENSION)
_CASE_FIELDS = [
    "state", "round", "round_at", "step_at", "step_due_at", "case_due_at", "near_at", "climb_at", "paused_at",
    "finished_at", "filed_at", "result", "level", "assignee", "holder_duty", "holder_unit", "office",
]  # fmt: skip


def _check_report(report: Report, by: User, now: datetime) -> Unit:
    """The village of the place; raises CaseError where the report cannot be taken."""
    village = village_of(report.unit)
    if village is None or not report.unit.stands_on(today(now)):
        raise CaseError("请选本村（社区）现有的地方。", "place")
    if not by.may(Action.CASE_LOG, report.unit.path):
        raise CaseError("这个地方不在您可以登记的范围内。", "scope")
    if report.category.township_id != village.parent_id or not report.category.is_active:
        raise CaseError("请选本乡镇正在使用的类别。", "category")
    if not report.text.strip():
        raise CaseError("请写一句话说明情况。", "need")
    if report.found_at is not None and report.found_at > now:
        raise CaseError("发现时间不能晚于现在。", "date")
    if report.category.kind == Kind.ERRAND:
        errand_flow.check_client(report.client, report.phone)
    return village


def _open_part(case: Case, report: Report) -> None:
    """The dispute's or errand's own row."""
    if case.kind == Kind.DISPUTE:
        dispute_flow.dispute_open(case=case, parties=report.parties, resident=report.resident, risk=report.risk)
    elif case.kind == Kind.ERRAND:
        errand_flow.errand_open(case=case, client=report.client, phone=report.phone, account=report.account)


def _check_words(transition: Transition, words: Words) -> None:
    said = {
        Need.NOTE: (words.note, "请写明情况。"),
        Need.REASON: (words.note, f"{transition.label}须写明原因。"),
        Need.RESULT: (words.result, "请写明办理结果。"),
        Need.RECIPIENT: (words.recipient, "请写明交给了谁。"),
    }
    for need in transition.needs:
        if need == Need.TARGET:
            if words.target is None:
                raise CaseError("请选转给谁办理。", "need")
        elif not said[need][0].strip():
            raise CaseError(said[need][1], "need")


def _apply(case: Case, transition: Transition, words: Words, by: User, now: datetime) -> None:
    """Change the row, write the step, tell the new holder; checked before."""
    step, source = transition.step, case.state
    before = holder_of(case)
    _check_end(case, step)
    case.state = target_of(transition, kind=Kind(case.kind), state=State(case.state)).value
    _move(case, step, words, by, now)
    _set_clocks(case, transition.clock, now)
    if step == Step.FINISH:
        case.result = words.result.strip()
    if step == Step.FILE:
        case.filed_at = now
    case.save(update_fields=_CASE_FIELDS)
    note = words.note.strip() or words.result.strip() or words.recipient.strip()
    step_write(case, step, by=by, at=now, source=source, note=note)
    _after(case, step, words, by, now)
    if holder_of(case) != before and case.assignee != by:
        case_join(case, people_of(holder_of(case), today(now)))
        tell_holder(case, f"{transition.label}给您", now)


def _move(case: Case, step: Step, words: Words, by: User, now: datetime) -> None:
    """Who has the case after the step."""
    if step == Step.ACCEPT and case.assignee is None:
        Holder(user=by).put_on(case)
    elif step == Step.TRANSFER and words.target is not None:
        check_target(case, words.target, today(now))
        words.target.put_on(case)
    elif step == Step.RETURN:
        _previous(case, today(now)).put_on(case)
    elif step == Step.REOPEN:
        case.round += 1
        case.filed_at, case.level, case.result = None, Case.Level.VILLAGE, ""
        dispute_flow.visits_drop(case)
        errand_flow.begin_anew(case)
    elif step == Step.REFER:
        dispute_flow.refer(case, now).put_on(case)
    elif step == Step.GUIDE:
        dispute_flow.guide(case)


def _previous(case: Case, on: date) -> Holder:
    """Whoever handed it on last, else its first receiver; the village's cadres, where that duty has ended."""
    handed = case.steps.filter(step__in=[Step.TRANSFER, Step.LOG, Step.RETURN], by__isnull=False).order_by("-id")
    last = handed.exclude(by=case.assignee).select_related("by").first()
    before = last.by if last is not None and last.by is not None else case.first_receiver
    return Holder(user=before) if before in candidates(case, on) else Holder(duty=Duty.CADRE, unit=case.village)


def _set_clocks(case: Case, clock: Clock, now: datetime) -> None:
    if clock == Clock.KEEP:
        return
    case.near_at = case.climb_at = None
    if clock == Clock.STOP:
        case.paused_at = None
        case.finished_at = None if case.state == State.VOID else now
        return
    if clock == Clock.HOLD:
        case.paused_at = now
        return
    paused_at, case.paused_at, case.finished_at = case.paused_at, None, None
    begins = case.case_due_at is None
    if begins or clock == Clock.ANEW:
        case.round_at = now
    if begins or clock != Clock.GO_ON:
        case.step_at = now
    dues_set(case, now, ending=[(paused_at, now)] if paused_at is not None else [])


def _pauses(case: Case) -> list[Pause]:
    """The pauses of this round, from its history."""
    if case.pk is None:
        return []
    moments = case.steps.filter(round=case.round, step__in=[Step.PAUSE, Step.RESUME]).order_by("id")
    found: list[Pause] = []
    begun: datetime | None = None
    for step, at in moments.values_list("step", "at"):
        if step == Step.PAUSE:
            begun = at
        elif begun is not None:
            found.append((begun, at))
            begun = None
    return found


def _check_end(case: Case, step: Step) -> None:
    """What a dispute or an errand asks before it is finished or filed; the database asks for the return visits too."""
    if case.kind == Kind.DISPUTE:
        dispute_flow.check_step(case, step)
    elif case.kind == Kind.ERRAND and step == Step.FILE:
        errand_flow.check_handed(case)


def _after(case: Case, step: Step, words: Words, by: User, now: datetime) -> None:
    if case.kind == Kind.EVENT and step == Step.FINISH:
        case_settled(case_row=case.pk, on=today(now), by=by)
    if case.kind == Kind.DISPUTE and step == Step.FINISH:
        dispute_flow.visits_plan(case, now)
    if case.kind == Kind.ERRAND and words.recipient.strip() and step in (Step.FINISH, Step.HANDOVER):
        errand_flow.hand_over(case, words.recipient.strip(), now)
