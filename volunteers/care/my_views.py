"""我的帮扶对象: whom to reach today, one tap to call, two to finish; as a page and as phones send it (design §12)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.sending.senders import Answer, Reasons, reasons_of
from governance.frame.act import act, form_page, sent
from governance.frame.due import Due, Part
from governance.periods import today
from governance.reading import key_asked
from volunteers.care.forms import ContactForm
from volunteers.care.lists import due_of
from volunteers.care.lookups import RELATED
from volunteers.care.models import CareQuerySet
from volunteers.care.notes import care_contact
from volunteers.models import CareNote, CareRecord, CareRoundPerson


def helped(user: User) -> CareQuerySet:
    """Whom the account helps, with `on_round` where they stand unreached on a list of today; those first who wait longest."""
    listed = CareRoundPerson.objects.unreached().filter(record=OuterRef("pk"), round__day=today())
    found = CareRecord.objects.present().filter(CareRecord.objects.helped_by(user)).annotate(on_round=Exists(listed))
    return found.select_related(*RELATED).order_by("-on_round", "due_on", "pk")


@never_cache
@duty_required(Action.SERVICE_RUN)
def my_care(request: UserRequest) -> HttpResponse:
    user = request.user
    records = helped(user)
    initial = {"client_key": uuid4(), "record": key_asked(request, "record") or None}
    form = ContactForm(**sent(request), records=records, initial=initial)
    if act(request, form, care_contact, _thanks, by=user):
        return redirect("volunteers:my-care")
    context: dict[str, list[tuple[CareRecord, Due | None]]] = {"rows": [], "later": []}
    row: Any
    for row in records:
        due = due_of(row)
        waits = row.on_round or (due is not None and due.part != Part.LATER)
        context["rows" if waits else "later"].append((row, due))
    return form_page(request, form, "volunteers/care/mine.html", **context)


def contact_take(data: dict[str, str], user: User) -> tuple[Answer, Reasons]:
    """The same form from a phone's queue."""
    form = ContactForm(data, records=helped(user))
    if not form.is_valid():
        return {}, reasons_of(form)
    arguments = form.arguments()
    status = "same" if CareNote.objects.filter(key=arguments["key"], by=user).exists() else "created"
    note = care_contact(by=user, **arguments)
    return {"status": status, "link": "/my-care/", "number": f"{note.resident.name} {note.get_condition_display()}"}, {}


def _thanks(note: CareNote) -> str:
    return f"已记下：{note.resident.name}，{note.get_condition_display()}。"
