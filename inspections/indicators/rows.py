"""Which records each measured figure counts, and how one of them reads in its list (plan §四(三); mission M34).

A row set takes `among` (rows of its model, the whole table or a scoped part), the period and the moment `now`, and gives
back the rows that count with a boolean `good`. Days are Shanghai's; a day that is the last one counts as in time. What is
not due yet at `now` is in no set; until when something was due, and whether that was kept, is said by the registry of due
things. Private cases (`Case.private`) are never counted, so that a figure equals its list for
whoever sees the village; nor are those that came in with an old ledger, whose days nobody here kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate

from governance.cases.engine.due import VISIT, WHOLE
from governance.cases.engine.exports import day_text, moment_text
from governance.cases.engine.flow import Kind as CaseKind
from governance.cases.engine.flow import State, Step
from governance.cases.models import Case, CaseStep, Errand, ReturnVisit
from governance.councils.decisions.due import RESULT
from governance.councils.meetings.due import FINISH
from governance.councils.models import Decision, Task
from governance.disclosure.affairs.due import SHOWN
from governance.disclosure.due import ANSWER
from governance.disclosure.models import AffairTurn, Notice
from governance.frame.due import Part, day_words
from governance.periods import SHANGHAI, Kind, Period
from inspections.fronts.due import RECHECK
from inspections.models import FrontPatrol, Order
from inspections.orders.due import FIX
from moral_bank.closings.due import locked_by, shown_by
from moral_bank.models import Closing
from villages.models import Resident, Unit
from volunteers.care.due import TURN

Rows = Callable[[QuerySet[Any], Period, datetime], QuerySet[Any]]
By = Callable[[Period], date]
Dated = Callable[[QuerySet[Any], Period], QuerySet[Any]]
Cells = Callable[[Any], Sequence[str]]


def cases_in_time(kind: CaseKind) -> Rows:
    """Cases of a kind whose whole-case clock ran out in the period; good: finished by then. A reopened case counts once,
    by the clock of its last round; a paused clock has not run out."""

    def rows(among: QuerySet[Case], period: Period, now: datetime) -> QuerySet[Case]:
        due = among.filter(_public(), WHOLE.over(period, now), kind=kind.value, paused_at=None)
        return due.exclude(state=State.VOID.value).annotate(good=flag(WHOLE.kept()))

    return rows


def cases_finished(among: QuerySet[Case], period: Period, now: datetime) -> QuerySet[Case]:
    """Cases finished in the period; good: not reopened after that, whenever."""
    begins, ends = period.bounds()
    finished = CaseStep.objects.filter(
        case=OuterRef("pk"), step=Step.FINISH.value, at__gte=begins, at__lt=ends, at__lte=now
    )
    reopened = CaseStep.objects.filter(case=OuterRef("case"), step=Step.REOPEN.value, pk__gt=OuterRef("pk"), at__lte=now)
    found = among.filter(_public(), Exists(finished)).exclude(state=State.VOID.value)
    return found.annotate(good=flag(~Exists(finished.filter(Exists(reopened)))))


def errands_rated(among: QuerySet[Errand], period: Period, now: datetime) -> QuerySet[Errand]:
    """Errands finished in the period whose client said how it was; good: not 不满意."""
    begins, ends = period.bounds()
    rated = among.filter(
        _public("case__"), case__finished_at__gte=begins, case__finished_at__lt=ends, case__finished_at__lte=now
    ).exclude(satisfaction="")
    return rated.annotate(good=flag(~Q(satisfaction=Errand.Satisfaction.BAD)))


def return_visits_due(among: QuerySet[ReturnVisit], period: Period, now: datetime) -> QuerySet[ReturnVisit]:
    """Return visits whose day was in the period, but for those that a reopening dropped; good: done by that day."""
    due = among.filter(_public("case__"), VISIT.over(period, now)).exclude(state=ReturnVisit.State.DROPPED)
    return due.annotate(good=flag(Q(VISIT.kept(), state=ReturnVisit.State.DONE)))


def closings_due(among: QuerySet[Closing], period: Period, now: datetime) -> QuerySet[Closing]:
    """Closings of the period's months that should be locked by now; good: locked by its day.

    A month that nobody asked for has no row; the night's round asks for every month of a village under rules.
    """
    due = _months_over(closing_days(among, period), period, now, locked_by)
    return due.annotate(locked_on=TruncDate("locked_at", tzinfo=SHANGHAI), good=flag(Q(locked_on__lte=F("last_on"))))


def closing_days(among: QuerySet[Closing], period: Period) -> QuerySet[Closing]:
    """With `last_on`, by which a month should be locked."""
    return among.annotate(last_on=_last_day(period, locked_by))


def notices_due(among: QuerySet[Closing], period: Period, now: datetime) -> QuerySet[Closing]:
    """Closings of the period's months that should be public by now; good: first shown by its day.

    The first notice counts: whoever upholds an objection and shows the corrected list anew loses nothing by it.
    """
    due = _months_over(notice_days(among, period), period, now, shown_by)
    return due.annotate(good=flag(Q(opened_on__lte=F("last_on"))))


def notice_days(among: QuerySet[Closing], period: Period) -> QuerySet[Closing]:
    """With `last_on`, by which a month should be shown, and `opened_on`, the first day that it was."""
    titles = [When(start=month.start, then=Value(f"{month.label}道德积分")) for month in period.split(Kind.MONTH)]
    first = Notice.objects.filter(
        unit=OuterRef("village"), kind=Notice.Kind.RATING, title__contains=OuterRef("title_part")
    ).order_by("opens_on")
    dated = among.annotate(
        last_on=_last_day(period, shown_by), title_part=models.Case(*titles, output_field=models.CharField())
    )
    return dated.annotate(opened_on=Coalesce(Subquery(first.values("opens_on")[:1]), F("notice__opens_on")))


def objections_due(among: QuerySet[Any], period: Period, now: datetime) -> QuerySet[Any]:
    """Objections to a village's notices that were received in the period and whose day of answer is over; good: answered by
    that day, as it was promised at the receipt."""
    begins, ends = period.bounds()
    taken = among.filter(received_at__gte=begins, received_at__lt=ends, notice__unit__level=Unit.Level.VILLAGE)
    due: QuerySet[Any] = objection_days(taken, period).filter(ANSWER.past(now)).annotate(good=flag(ANSWER.kept()))
    return due


def objection_days(among: QuerySet[Any], period: Period) -> QuerySet[Any]:
    """With `last_on`, by which an objection should be answered."""
    dated: QuerySet[Any] = among.annotate(last_on=F("answer_by"))
    return dated


def decisions_due(among: QuerySet[Decision], period: Period, now: datetime) -> QuerySet[Decision]:
    """Adopted decisions whose result should have been public by a day of the period; good: all gates held by the end of that day."""
    last = models.ExpressionWrapper(TruncDate("adopted_at", tzinfo=SHANGHAI) + RESULT.within, models.DateField())
    due = among.filter(RESULT.over(period, now)).annotate(done_on=TruncDate("finished_at", tzinfo=SHANGHAI), result_on=last)
    return due.annotate(good=flag(Q(done_on__lte=F("result_on"))))


def affairs_due(among: QuerySet[AffairTurn], period: Period, now: datetime) -> QuerySet[AffairTurn]:
    """What was to be disclosed by a day of the period, of the catalogue's active items, but for villages that had ended by then; good:
    first published by that day."""
    due = among.filter(SHOWN.over(period, now), kind__is_active=True, cancelled_at=None).exclude(village__valid_to__lte=F("due_on"))
    return due.annotate(good=flag(SHOWN.kept()))


def care_due(among: QuerySet[Any], period: Period, now: datetime) -> QuerySet[Any]:
    """Days of the period by which somebody in the care ledger had to be reached; good: they were by that day. Who had left, died
    or was taken out by then waits for nobody. A contact that was written down late counts for its own day."""
    gone = ~Q(record__resident__status=Resident.Status.PRESENT) & (
        Q(record__resident__status_on=None) | Q(record__resident__status_on__lte=F("due_on"))
    )
    due = among.filter(~gone, TURN.over(period, now)).exclude(record__left_on__lte=F("due_on"))
    found: QuerySet[Any] = due.annotate(good=flag(TURN.kept()))
    return found


def fronts_due(among: QuerySet[FrontPatrol], period: Period, now: datetime) -> QuerySet[FrontPatrol]:
    """Fronts that were told to put something right by a day of the period; good: looked at again by that day."""
    due = among.filter(RECHECK.over(period, now)).exclude(front__ended_on__lte=F("due_on"))
    return due.annotate(good=flag(RECHECK.kept()))


def orders_due(among: QuerySet[Order], period: Period, now: datetime) -> QuerySet[Order]:
    """Orders to be fixed by a day of the period; good: closed without a miss. One that was reported in time and waits
    for its re-check is not decided yet."""
    due = among.filter(FIX.over(period, now)).exclude(state=Order.State.REPORTED, misses=0)
    return due.annotate(good=flag(Q(closed_on__isnull=False, misses=0)))


def tasks_due(among: QuerySet[Task], period: Period, now: datetime) -> QuerySet[Task]:
    """Tasks of meetings whose day was in the period, but for those that were dropped; good: carried out by that day."""
    due = among.filter(FINISH.over(period, now)).exclude(state=Task.State.DROPPED)
    return due.annotate(good=flag(Q(FINISH.kept(), state=Task.State.DONE)))


def case_cells(case: Case) -> Sequence[str]:
    return (_place(case), moment_text(case.case_due_at), moment_text(case.finished_at) or case.get_state_display())


def finished_cells(case: Case) -> Sequence[str]:
    return (_place(case), case.get_state_display(), f"第 {case.round} 次办理")


def errand_cells(errand: Errand) -> Sequence[str]:
    case = errand.case
    return (_place(case), moment_text(case.finished_at), errand.get_satisfaction_display())


def return_visit_cells(visit: ReturnVisit) -> Sequence[str]:
    return (f"第 {visit.day} 天", day_text(visit.due_on), day_text(visit.done_on) or visit.get_state_display())


def closing_cells(closing: Any) -> Sequence[str]:
    return (day_text(closing.last_on), moment_text(closing.locked_at) or closing.get_state_display())


def notice_cells(closing: Any) -> Sequence[str]:
    return (day_text(closing.last_on), day_text(closing.opened_on) or "未公示")


def objection_cells(objection: Any) -> Sequence[str]:
    answered = moment_text(objection.answered_at) or objection.get_state_display()
    return (moment_text(objection.received_at), day_text(objection.last_on), answered)


def decision_cells(decision: Decision) -> Sequence[str]:
    return (moment_text(decision.adopted_at), moment_text(decision.finished_at) or "结果还没有公开")


def affair_cells(turn: AffairTurn) -> Sequence[str]:
    return (day_text(turn.due_on), day_text(turn.met_on) or "未公开")


def care_cells(turn: Any) -> Sequence[str]:
    return (day_text(turn.due_on), day_text(turn.met_on) or "未联系")


def front_cells(patrol: FrontPatrol) -> Sequence[str]:
    return (day_text(patrol.due_on), moment_text(patrol.rechecked_at) or "未复查")


def order_cells(order: Order) -> Sequence[str]:
    return (day_text(order.fix_due_on), f"{order.misses} 次", day_text(order.closed_on) or order.get_state_display())


def task_cells(task: Task) -> Sequence[str]:
    return (str(task.item.meeting), day_text(task.due_on), day_text(task.done_on) or task.get_state_display())


def flag(condition: Any) -> models.Case:
    """True or False, never NULL: what is unknown is not good."""
    return models.Case(When(condition, then=Value(True)), default=Value(False), output_field=models.BooleanField())


def _public(prefix: str = "") -> Q:
    return Q(**{f"{prefix}private": False, f"{prefix}import_key": ""})


def _last_day(period: Period, by: By) -> models.Case:
    ends = [When(start=month.start, then=Value(by(month))) for month in period.split(Kind.MONTH)]
    return models.Case(*ends, output_field=models.DateField())


def _months_over(among: QuerySet[Closing], period: Period, now: datetime, by: By) -> QuerySet[Closing]:
    """Month closings of the period whose last day in time is over."""
    over = [month.start for month in period.split(Kind.MONTH) if day_words(by(month), now).part == Part.LATE]
    return among.filter(kind=Kind.MONTH.value, start__in=over)


def _place(case: Case) -> str:
    return str(case.unit) if case.unit_id != case.village_id else str(case.village)
