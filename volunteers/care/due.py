"""Whom to visit again today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import SHOWN, Todo, due_words, evening
from governance.periods import today
from volunteers.models import CareNote


def notes_todo(user: User, now: datetime) -> Iterator[Todo]:
    if not user.may(Action.CARE_VIEW):
        return
    notes = CareNote.objects.visible_to(user).filter(by=user, again_on__lte=today(now), again_by=None)
    for note in notes.select_related("resident__household").order_by("again_on", "pk")[:SHOWN]:
        assert note.again_on is not None
        at = evening(note.again_on)
        link = reverse("cases:visit-log", query={"household": note.resident.household_id})
        yield Todo(at, "再去看望", f"{note.resident.name} {note.need[:30]}", link, due_words(at, now))
