"""今日待办: everything that waits for one person, by due time, in a fixed number of reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import CareNote, Case, Conflict, Extension, ReturnVisit, Shift, Swap
from governance.desk.award_todo import awards_todo
from governance.desk.claim_todo import appeals_todo
from governance.desk.cover_todo import covers_todo
from governance.desk.due import Due, due_words
from governance.desk.front_todo import fronts_todo
from governance.desk.inspection_todo import inspection_todo
from governance.desk.market_todo import market_todo
from governance.desk.order_todo import orders_todo
from governance.desk.panel_todo import panel_todo
from governance.desk.todo_rows import SHOWN, Todo, evening
from governance.periods import SHANGHAI, today

RELATED = ("category", "unit", "assignee", "holder_unit", "office")


def todo_of(user: User, now: datetime) -> list[Todo]:
    """At most SHOWN of each sort, what is due first at the top."""
    found = [*_cases(user, now), *_return_visits(user, now), *_extensions(user, now), *_care(user, now)]
    found += [*_shifts(user, now), *_swaps(user, now), *_conflicts(user, now), *inspection_todo(user, now)]
    found += [*fronts_todo(user, now), *orders_todo(user, now)]
    found += appeals_todo(user, now)
    found += panel_todo(user, now)
    found += awards_todo(user, now)
    found += covers_todo(user, now)
    found += market_todo(user, now)
    return sorted(found, key=lambda todo: todo.at)


def _cases(user: User, now: datetime) -> Iterator[Todo]:
    if not user.may(Action.CASE_HANDLE):
        return
    rows = Case.objects.visible_to(user).open().select_related(*RELATED).order_by("case_due_at", "pk")
    for case in rows.filter(assignee=user)[:SHOWN]:
        yield _case(case, now, "")
    for case in rows.filter(rows.queued_for(user))[:SHOWN]:
        yield _case(case, now, case.holder_name)


def _case(case: Case, now: datetime, mark: str) -> Todo:
    at = case.due_at
    due = due_words(at, now) if at is not None else Due("已暂停", "")
    return Todo(
        at or case.case_due_at or now,
        f"{case.get_state_display()}：{case.category.name}",
        f"{case.unit} {case.text[:30]}",
        reverse("desk:case-detail", args=[case.pk]),
        due,
        mark,
    )


def _return_visits(user: User, now: datetime) -> Iterator[Todo]:
    if not user.may(Action.CASE_HANDLE):
        return
    mine: QuerySet[ReturnVisit] = ReturnVisit.objects.due(today(now)).filter(case__assignee=user)
    for visit in mine.select_related("case__unit", "case__category").order_by("due_on", "pk")[:SHOWN]:
        at = evening(visit.due_on)
        yield Todo(
            at,
            f"回访（第{visit.day}天）",
            f"{visit.case.unit} {visit.case.text[:30]}",
            reverse("desk:return-visit", args=[visit.pk]),
            due_words(at, now),
        )


def _extensions(user: User, now: datetime) -> Iterator[Todo]:
    if not user.may(Action.CASE_APPROVE):
        return
    cases = Case.objects.visible_to(user, Action.CASE_APPROVE).open().order_by().values("pk")
    asked = Extension.objects.filter(state=Extension.State.ASKED, case__in=cases).exclude(asked_by=user)
    for extension in asked.select_related("case", "asked_by").order_by("pk")[:SHOWN]:
        yield Todo(
            extension.case.case_due_at or now,
            "延期待批准",
            f"{extension.asked_by.name}：{extension.reason[:30]}",
            reverse("desk:case-detail", args=[extension.case_id]),
            None,
        )


def _care(user: User, now: datetime) -> Iterator[Todo]:
    if not user.may(Action.CARE_VIEW):
        return
    notes = CareNote.objects.visible_to(user).filter(by=user, again_on__lte=today(now), again_by=None)
    for note in notes.select_related("resident__household").order_by("again_on", "pk")[:SHOWN]:
        assert note.again_on is not None
        at = evening(note.again_on)
        address = reverse("desk:visit-log")
        link = f"{address}?household={note.resident.household_id}"
        yield Todo(at, "再去看望", f"{note.resident.name} {note.need[:30]}", link, due_words(at, now))


def _shifts(user: User, now: datetime) -> Iterator[Todo]:
    mine = Shift.objects.visible_to(user).filter(day=today(now), post__user=user).select_related("kind")
    for shift in mine.order_by("kind__starts", "pk"):
        hours = f"{shift.kind.starts:%H:%M}–{shift.kind.ends:%H:%M}"
        at = datetime.combine(shift.day, shift.kind.starts, SHANGHAI)
        yield Todo(at, f"今天值班：{shift.kind.name}", hours, reverse("desk:shift-list"), None)


def _swaps(user: User, now: datetime) -> Iterator[Todo]:
    asked = Swap.objects.filter(state=Swap.State.ASKED, other__post__user=user)
    for swap in asked.select_related("shift__kind", "other__kind", "asked_by").order_by("pk"):
        words = f"{swap.asked_by.name}想用 {swap.shift.day:%m-%d} 换您的 {swap.other.day:%m-%d}"
        yield Todo(evening(min(swap.shift.day, swap.other.day)), "换班待答复", words, reverse("desk:shift-list"), None)


def _conflicts(user: User, now: datetime) -> Iterator[Todo]:
    count = Conflict.objects.visible_to(user).filter(outcome="").count()
    if count:
        yield Todo(now, "内容不一致", f"{count} 件提交要您看一下以哪份为准", reverse("desk:conflict-list"), None)
