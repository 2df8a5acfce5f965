"""关爱记录: written beside the visit that saw somebody, shown on its page (domain.md §6; never published)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Visit
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To
from governance.frame.parts import Part
from villages.models import Household, Resident
from villages.scope import get_visible_or_404
from volunteers.care.forms import CareForm
from volunteers.care.notes import care_note_add, may_note
from volunteers.models import CareNote


def visit_part(request: UserRequest, visit: Visit) -> Part:
    """The notes of a visit, and the way to write one."""
    user = request.user
    context = {
        "visit": visit,
        "notes": CareNote.objects.visible_to(user).filter(visit=visit).select_related("resident", "by"),
        "may_care": user.may(Action.VISIT_LOG, visit.unit.path) and bool(_noted(user, visit.household)),
    }
    return Part("volunteers/care/visit.html", context, request)


@never_cache
@duty_required(Action.VISIT_LOG)
def care_note(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    visits = Visit.objects.select_related("village", "unit", "household", "by").filter(household__isnull=False)
    visit = get_visible_or_404(visits, user, Action.VISIT_LOG, pk=pk)
    residents = Resident.objects.filter(pk__in=_noted(user, visit.household)).order_by("id")
    form = CareForm(**sent(request), residents=residents)
    if act(request, form, care_note_add, lambda note: f"已记下{note.resident.name}的情况。", visit=visit, by=user):
        return redirect("cases:visit-detail", pk=pk)
    up = To(visit.get_kind_display(), "cases:visit-detail", (pk,))
    refusal = "" if residents else "这一户没有您可以记的人。"
    return form_page(request, form, "volunteers/care/note.html", title="关爱记录", up=up, visit=visit, refusal=refusal)


def _noted(user: User, household: Household | None) -> list[int]:
    """All of a household, so that nobody's absence tells anything; to those without the notes of care, whom they help."""
    if household is None:
        return []
    people = Resident.objects.visible_to(user).present().filter(household=household).select_related("household__unit")
    whole = user.may(Action.CARE_VIEW, household.unit.path) or user.may(Action.CARE_CHILD, household.unit.path)
    return [resident.pk for resident in people if whole or may_note(user, resident)]
