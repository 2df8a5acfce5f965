"""Whom to reach today, and who waits for it: the helper's people by name, the village's and township's by number (design §12)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Case
from governance.frame.due import SHOWN, Todo, due_words, evening
from governance.periods import today
from volunteers.models import CareNote, CareRecord, CareRoundPerson, ServiceOrder


def care_todo(user: User, now: datetime) -> Iterator[Todo]:
    if user.may(Action.SERVICE_RUN):
        yield from _mine(user, now)
    if user.may(Action.CARE_EDIT) or user.may(Action.CARE_CHILD):
        yield from _kept(user, now)
        yield from _wanting(user, now)
    yield from _promised(user, now)


def _mine(user: User, now: datetime) -> Iterator[Todo]:
    """Who is due, and who stands unreached on a list of today."""
    day = today(now)
    listed = Exists(CareRoundPerson.objects.unreached().filter(record=OuterRef("pk"), round__day=day))
    records = CareRecord.objects.present().filter(CareRecord.objects.helped_by(user)).annotate(on_round=listed)
    records = records.filter(Q(due_on__lte=day) | Q(on_round=True))
    record: Any
    for record in records.select_related("resident", "category").order_by("due_on", "pk")[:SHOWN]:
        assert record.due_on is not None
        at = evening(min(record.due_on, day))
        link = reverse("volunteers:my-care", query={"record": record.pk})
        title = "专项探访" if record.on_round else "联系帮扶的人"
        yield Todo(at, title, f"{record.resident.name}（{record.category}）", link, due_words(at, now))


def _kept(user: User, now: datetime) -> Iterator[Todo]:
    """One line each for who is late, who is to be taken out, who is to be judged anew."""
    rows, day = CareRecord.objects.by_duty(user, Action.CARE_EDIT), today(now)
    address = reverse("volunteers:care-list")
    first = rows.overdue(day).order_by("due_on").values_list("due_on", flat=True).first()
    if first is not None:
        at, number = evening(first), rows.overdue(day).count()
        yield Todo(at, "逾期未探访", f"{number} 人", f"{address}?tab=due", due_words(at, now))
    for tab, title, number in (("gone", "关爱对象该退出", rows.gone().count()), ("judge", "关爱对象该评定", rows.to_judge(day).count())):
        if number:
            yield Todo(now, title, f"{number} 人", f"{address}?tab={tab}", None)


def _wanting(user: User, now: datetime) -> Iterator[Todo]:
    """To the village: who was found in need, until an order or a case comes of it or somebody came again."""
    maintaining = {Action.CARE_EDIT, Action.CARE_CHILD}
    codes = {code for grant in user.grants if maintaining & grant.actions for code in grant.path.strip("/").split("/")}
    notes = CareNote.objects.visible_to(user).unsettled().filter(resident__household__village__code__in=codes)
    orders = ServiceOrder.objects.filter(
        Q(visit=OuterRef("visit")) | Q(resident=OuterRef("resident"), logged_at__gte=OuterRef("at"))
    )
    cases = Case.objects.filter(visit=OuterRef("visit"))
    open_notes = notes.filter(~Exists(orders), ~Exists(cases)).select_related("resident", "visit")
    for note in open_notes.order_by("visit__went_at", "pk")[:SHOWN]:
        words = f"{note.resident.name} {note.need[:30]}"
        yield Todo(note.visit.went_at, note.get_condition_display(), words, f"/visits/{note.visit_id}/", None)


def _promised(user: User, now: datetime) -> Iterator[Todo]:
    """Whom one promised to see again."""
    notes = CareNote.objects.filter(by=user, again_on__lte=today(now), again_by=None)
    for note in notes.select_related("resident__household").order_by("again_on", "pk")[:SHOWN]:
        assert note.again_on is not None
        at = evening(note.again_on)
        link = reverse("cases:visit-log", query={"household": note.resident.household_id})
        yield Todo(at, "再去看望", f"{note.resident.name} {note.need[:30]}", link, due_words(at, now))
