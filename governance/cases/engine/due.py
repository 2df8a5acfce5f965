"""What of cases waits for one person today: steps, return visits, extensions; and how near a case's end is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Case, Extension, ReturnVisit
from governance.frame.due import SHOWN, Due, Todo, due_words, evening
from governance.frame.paging import first_of
from governance.periods import today

RELATED = ("category", "unit", "assignee", "holder_unit", "office")


def cases_todo(user: User, now: datetime) -> Iterator[Todo]:
    """At most SHOWN of each sort."""
    yield from _cases(user, now)
    yield from _return_visits(user, now)
    yield from _extensions(user, now)


def due_of(case: Case, now: datetime) -> Due | None:
    """The nearer clock of an open case, the pause of a paused one, nothing for one that has ended."""
    if case.paused_at is not None:
        return Due(case.state_words, "")
    return due_words(case.due_at, now) if case.due_at is not None else None


def _cases(user: User, now: datetime) -> Iterator[Todo]:
    if not user.may(Action.CASE_HANDLE):
        return
    rows = Case.objects.visible_to(user).open().timed().select_related(*RELATED).order_by("case_due_at", "pk")
    for case in first_of(rows.filter(assignee=user), SHOWN):
        yield _case(case, now, "")
    for case in first_of(rows.filter(rows.queued_for(user)), SHOWN):
        yield _case(case, now, case.holder_name)


def _case(case: Case, now: datetime, mark: str) -> Todo:
    return Todo(
        case.due_at or case.case_due_at or now,
        f"{case.get_state_display()}：{case.category.name}",
        f"{case.unit} {case.text[:30]}",
        reverse("cases:case-detail", args=[case.pk]),
        due_of(case, now),
        mark,
    )


def _return_visits(user: User, now: datetime) -> Iterator[Todo]:
    if not user.may(Action.CASE_HANDLE):
        return
    mine: QuerySet[ReturnVisit] = ReturnVisit.objects.due(today(now)).filter(case__assignee=user)
    visits = mine.select_related("case__unit", "case__category").order_by("due_on", "pk")
    for visit in first_of(visits, SHOWN):
        at = evening(visit.due_on)
        yield Todo(
            at,
            f"回访（第{visit.day}天）",
            f"{visit.case.unit} {visit.case.text[:30]}",
            reverse("cases:return-visit", args=[visit.pk]),
            due_words(at, now),
        )


def _extensions(user: User, now: datetime) -> Iterator[Todo]:
    if not user.may(Action.CASE_APPROVE):
        return
    cases = Case.objects.visible_to(user, Action.CASE_APPROVE).open().order_by().values("pk")
    requests = Extension.objects.filter(state=Extension.State.ASKED, case__in=cases).exclude(asked_by=user)
    for extension in requests.select_related("case", "asked_by").order_by("pk")[:SHOWN]:
        yield Todo(
            extension.case.case_due_at or now,
            "延期待批准",
            f"{extension.asked_by.name}：{extension.reason[:30]}",
            reverse("cases:case-detail", args=[extension.case_id]),
            None,
        )
