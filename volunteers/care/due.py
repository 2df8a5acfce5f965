"""Whom to reach, and who waits for it: the helper's people by name, the village's and township's by number (design §12)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Case
from governance.frame.due import Day, DueKind, Lines, Todo, day_words, evening, past
from governance.periods import today
from volunteers.models import CareNote, CareRecord, CareRoundPerson, ServiceOrder

DUE, AGAIN = Day("due_on"), Day("again_on")
TURN = Day("due_on", met="met_on")


def _to_reach(now: datetime) -> QuerySet[CareRecord]:
    """Who is due, and who stands unreached on a list of today."""
    day = today(now)
    listed = Exists(CareRoundPerson.objects.unreached().filter(record=OuterRef("pk"), round__day=day))
    return CareRecord.objects.present().annotate(on_round=listed).filter(DUE.by(now) | Q(on_round=True))


def _mine(rows: Any, user: User, now: datetime) -> QuerySet[CareRecord]:
    found: QuerySet[CareRecord] = rows.filter(rows.helped_by(user))
    return found if user.may(Action.SERVICE_RUN) else found.none()


def _reach(record: Any, now: datetime) -> Todo:
    assert record.due_on is not None
    on = min(record.due_on, today(now))
    link = reverse("volunteers:my-care", query={"record": record.pk})
    title = "专项探访" if record.on_round else "联系帮扶的人"
    due = DUE.due(record, now) if on == record.due_on else day_words(on, now)
    return Todo(evening(on), title, f"{record.resident.name}（{record.category}）", link, due)


def _late(record: CareRecord, now: datetime) -> Todo:
    assert record.due_on is not None
    words = f"{record.resident.name}（{record.category}）"
    return Todo(evening(record.due_on), "逾期未探访", words, _page(record), DUE.due(record, now))


def _page(record: CareRecord) -> str:
    return reverse("volunteers:care-detail", args=[record.pk])


def _kept(rows: Any, user: User, now: datetime) -> QuerySet[CareRecord]:
    found: QuerySet[CareRecord] = rows.by_duty(user, Action.CARE_EDIT)
    return found


def _number(title: str, tab: str, *, dated: bool = False) -> Lines:
    """One line for all."""

    def lines(rows: QuerySet[CareRecord], user: User, now: datetime) -> Iterator[Todo]:
        found = rows.order_by().aggregate(number=Count("pk"), first=Min("due_on"))
        if found["number"]:
            due = day_words(found["first"], now) if dated else None
            link = reverse("volunteers:care-list", query={"tab": tab})
            yield Todo(evening(found["first"]) if dated else now, title, f"{found['number']} 人", link, due)

    return lines


def _unsettled(now: datetime) -> QuerySet[CareNote]:
    """Who was found in need, until an order or a case comes of it or somebody came again."""
    orders = ServiceOrder.objects.filter(
        Q(visit=OuterRef("visit")) | Q(resident=OuterRef("resident"), logged_at__gte=OuterRef("at"))
    )
    return CareNote.objects.unsettled().filter(~Exists(orders), ~Exists(Case.objects.filter(visit=OuterRef("visit"))))


def _wanting(rows: Any, user: User, now: datetime) -> QuerySet[CareNote]:
    """For the village that maintains the ledger there."""
    maintaining = {Action.CARE_EDIT, Action.CARE_CHILD}
    codes = {code for grant in user.grants if maintaining & grant.actions for code in grant.path.strip("/").split("/")}
    found: QuerySet[CareNote] = rows.visible_to(user).filter(resident__household__village__code__in=codes)
    return found if codes else found.none()


def _need(note: CareNote, now: datetime) -> Todo:
    words = f"{note.resident.name} {note.need[:30]}"
    return Todo(note.visit.went_at, note.get_condition_display(), words, f"/visits/{note.visit_id}/", None)


def _again(note: CareNote, now: datetime) -> Todo:
    assert note.again_on is not None
    link = reverse("cases:visit-log", query={"household": note.resident.household_id})
    words = f"{note.resident.name} {note.need[:30]}"
    return Todo(evening(note.again_on), "再去看望", words, link, AGAIN.due(note, now))


CARE_LATE = DueKind(
    "care-late",
    "逾期未探访",
    open=lambda now: CareRecord.objects.present().filter(DUE.past(now)),
    held=_kept,
    line=_late,
    order=("due_on", "pk"),
    related=("resident", "category"),
    lines=_number("逾期未探访", "late", dated=True),
    late=past(DUE),
    words="{} 名关爱对象逾期未探访",
    page=_page,
)
KINDS = [
    DueKind(
        "care",
        "联系帮扶的人",
        open=_to_reach,
        held=_mine,
        line=_reach,
        order=("due_on", "pk"),
        related=("resident", "category"),
        late=past(DUE),
    ),
    CARE_LATE,
    DueKind(
        "care-gone",
        "关爱对象该退出",
        open=lambda now: CareRecord.objects.gone(),
        held=_kept,
        lines=_number("关爱对象该退出", "gone"),
    ),
    DueKind(
        "care-judge",
        "关爱对象该评定",
        open=lambda now: CareRecord.objects.to_judge(today(now)),
        held=_kept,
        lines=_number("关爱对象该评定", "judge"),
    ),
    DueKind(
        "care-need",
        "有困难的走访对象",
        open=_unsettled,
        held=_wanting,
        line=_need,
        order=("visit__went_at", "pk"),
        related=("resident", "visit"),
    ),
    DueKind(
        "care-again",
        "再去看望",
        open=lambda now: CareNote.objects.filter(AGAIN.by(now), again_by=None),
        held=lambda rows, user, now: rows.filter(by=user),
        line=_again,
        order=("again_on", "pk"),
        related=("resident__household",),
        late=past(AGAIN),
        village="resident__household__village",
        words="{} 次再看望逾期",
        page=lambda note: reverse("cases:visit-detail", args=[note.visit_id]),
    ),
]
