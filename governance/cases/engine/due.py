"""What of cases waits for somebody: steps, cases that climbed, return visits, extensions; and how near a case's end is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from governance.accounts.duties import Action, Duty
from governance.accounts.models import User
from governance.cases.categories.models import OfficeMember
from governance.cases.models import Case, Extension, ReturnVisit
from governance.frame.due import Day, Due, DueKind, Line, Moment, Part, Todo, due_words, evening, past
from governance.periods import today
from villages.models import Post

STEP, WHOLE = Moment("step_due_at"), Moment("case_due_at", met="finished_at")
VISIT = Day("due_on", met="done_on")
RELATED = ("category", "unit", "assignee", "holder_unit", "office")


def due_of(case: Case, now: datetime) -> Due | None:
    """The nearer clock of an open case, the pause of a paused one, nothing for one that has ended."""
    if case.paused_at is not None:
        return Due(case.state_words, "", Part.LATER)
    return due_words(case.due_at, now) if case.due_at is not None else None


def climbed_to(user: User, day: datetime) -> Q:
    """The cases whose climb ended at `user`: of the category's office, the clerks' where nobody sits there; once it has climbed to the
    leaders, theirs as well, the clerks' where nobody leads."""
    seats = OfficeMember.objects.filter(office=OuterRef("category__office"), user__is_active=True)
    leaders = Post.objects.current(today(day)).filter(kind=Duty.LEADER, unit=OuterRef("township"), user__is_active=True)
    level = Case.Level
    found = Q(Exists(seats.filter(user=user)), level__in=[level.OFFICE, level.LEADER])
    for grant in user.grants:
        if grant.duty == Duty.STAFF:
            found |= Q(~Exists(seats), level__in=[level.OFFICE, level.LEADER], township=grant.unit_id)
            found |= Q(~Exists(leaders), level=level.LEADER, township=grant.unit_id)
        if grant.duty == Duty.LEADER:
            found |= Q(level=level.LEADER, township=grant.unit_id)
    return found


def _open(now: datetime) -> QuerySet[Case]:
    return Case.objects.open().timed()


def _handled(rows: Any, user: User, now: datetime) -> QuerySet[Case]:
    found: QuerySet[Case] = rows.visible_to(user) if user.may(Action.CASE_HANDLE) else rows.none()
    return found


def _queued(rows: Any, user: User, now: datetime) -> QuerySet[Case]:
    return _handled(rows, user, now).filter(rows.queued_for(user))


def _climbed(rows: Any, user: User, now: datetime) -> QuerySet[Case]:
    """What climbed to `user`, but for what they have already."""
    found: QuerySet[Case] = rows.visible_to(user).exclude(level=Case.Level.VILLAGE).filter(climbed_to(user, now))
    return found.exclude(assignee=user).exclude(pk__in=_queued(rows, user, now).order_by().values("pk"))


def _late(rows: QuerySet[Case], now: datetime) -> QuerySet[Case]:
    """Past either clock; a paused one stands still."""
    return rows.filter(STEP.past(now) | WHOLE.past(now), paused_at=None)


def _line(word: Callable[[Case], str], mark: Callable[[Case], str]) -> Line:
    def line(case: Case, now: datetime) -> Todo:
        at, words = case.due_at or case.case_due_at or now, f"{case.unit} {case.text[:30]}"
        return Todo(at, f"{word(case)}：{case.category.name}", words, _link(case.pk), due_of(case, now), mark(case))

    return line


def _to_visit(rows: Any, user: User, now: datetime) -> QuerySet[ReturnVisit]:
    found: QuerySet[ReturnVisit] = rows.filter(case__assignee=user)
    return found if user.may(Action.CASE_HANDLE) else found.none()


def _visit(visit: ReturnVisit, now: datetime) -> Todo:
    return Todo(
        evening(visit.due_on),
        f"回访（第{visit.day}天）",
        f"{visit.case.unit} {visit.case.text[:30]}",
        reverse("cases:return-visit", args=[visit.pk]),
        VISIT.due(visit, now),
    )


def _to_approve(rows: QuerySet[Extension], user: User, now: datetime) -> QuerySet[Extension]:
    if not user.may(Action.CASE_APPROVE):
        return rows.none()
    cases = Case.objects.visible_to(user, Action.CASE_APPROVE).open().order_by().values("pk")
    return rows.filter(case__in=cases).exclude(asked_by=user)


def _extension(extension: Extension, now: datetime) -> Todo:
    return Todo(
        extension.case.case_due_at or now,
        "延期待批准",
        f"{extension.asked_by.name}：{extension.reason[:30]}",
        _link(extension.case_id),
        None,
    )


def _link(pk: int) -> str:
    return reverse("cases:case-detail", args=[pk])


BY_DUE = ("case_due_at", "pk")
CASE = DueKind(
    "case",
    "交给我的事项",
    open=_open,
    held=lambda rows, user, now: _handled(rows, user, now).filter(assignee=user),
    line=_line(Case.get_state_display, lambda case: ""),
    order=BY_DUE,
    related=RELATED,
    late=_late,
    words="{} 件事项逾期",
    page=lambda case: _link(case.pk),
)
RETURN_VISIT = DueKind(
    "return-visit",
    "回访",
    open=lambda now: ReturnVisit.objects.filter(VISIT.by(now), state=ReturnVisit.State.OPEN),
    held=_to_visit,
    line=_visit,
    order=("due_on", "pk"),
    related=("case__unit", "case__category"),
    late=past(VISIT),
    village="case__village",
    words="{} 次回访逾期",
    page=lambda visit: _link(visit.case_id),
)


KINDS = [
    CASE,
    DueKind(
        "case-queue",
        "本岗位、本办公室的事项",
        open=_open,
        held=_queued,
        line=_line(Case.get_state_display, lambda case: case.holder_name),
        order=BY_DUE,
        related=RELATED,
        late=_late,
    ),
    DueKind(
        "case-climbed",
        "升级上来的事项",
        open=_open,
        held=_climbed,
        line=_line(lambda case: f"升级到{case.get_level_display()}", lambda case: case.holder_name),
        order=BY_DUE,
        related=RELATED,
        late=_late,
    ),
    RETURN_VISIT,
    DueKind(
        "case-extension",
        "延期待批准",
        open=lambda now: Extension.objects.filter(state=Extension.State.ASKED),
        held=_to_approve,
        line=_extension,
        related=("case", "asked_by"),
    ),
]
