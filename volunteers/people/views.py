"""志愿者 on the desk: the list, one volunteer, registering, admitting, pausing, leaving (plan §三.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.act import act, form_page, press, sent
from governance.frame.columns import Tag
from governance.frame.filters import words_asked
from governance.frame.forms import PageForm
from governance.frame.lists import To, list_export, list_page
from governance.frame.paging import page_of
from governance.frame.pinyin import name_q
from governance.periods import today
from governance.privacy import mask_phone
from governance.reading import key_asked, key_sent
from villages.models import Post, Resident
from villages.scope import get_visible_or_404
from volunteers.models import Volunteer
from volunteers.people.exports import REGISTER
from volunteers.people.forms import AdmitForm, ReasonForm, VolunteerForm
from volunteers.people.hours import is_reversible
from volunteers.people.lists import TONES, VOLUNTEERS, roles
from volunteers.people.services import (
    consent_of,
    volunteer_admit,
    volunteer_change,
    volunteer_leave,
    volunteer_pause,
    volunteer_register,
    volunteer_resume,
    volunteer_reveal,
)
from volunteers.people.stars import hours_text

RELATED = ("village", "overlay", "user", "resident__household")
RESIDENTS_SHOWN = 20
TO_LIST = To("志愿者", "volunteers:volunteer-list")
State = Volunteer.State


@duty_required(Action.VOLUNTEER_VIEW)
def volunteer_list(request: UserRequest) -> HttpResponse:
    rows = Volunteer.objects.visible_to(request.user).with_minutes()
    return list_page(request, VOLUNTEERS, rows.select_related("village", "overlay").prefetch_related("memberships__team"))


@duty_required(Action.EXPORT)
def volunteer_export(request: UserRequest) -> HttpResponseBase:
    """The filtered register, at places where the user may export."""
    allowed = Volunteer.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = Volunteer.objects.visible_to(request.user).filter(pk__in=allowed).with_minutes()
    return list_export(request, VOLUNTEERS, rows, REGISTER, "volunteers:volunteer-list")


@duty_required(Action.VOLUNTEER_VIEW)
def volunteer_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One volunteer with what they may do, their posts, teams, certificates, and all rows of their hours."""
    user = request.user
    volunteer = get_visible_or_404(Volunteer.objects.select_related(*RELATED).with_minutes(), user, pk=pk)
    hours = volunteer.hours.with_service().select_related("order", "village", "reversed_by").order_by("-served_on", "-pk")
    page = page_of(request, hours)
    may_edit = user.may(Action.VOLUNTEER_EDIT, volunteer.village.path)
    context = {
        "volunteer": volunteer,
        "tone": TONES[State(volunteer.state)],
        "roles": [Tag(word, "info") for word in roles(volunteer)],
        "phone": volunteer.phone if may_edit else mask_phone(volunteer.phone),
        "has_number": bool(volunteer.id_hash or (volunteer.resident and volunteer.resident.id_hash)),
        "posts": _posts(volunteer),
        "consent": consent_of(volunteer.resident) if volunteer.resident else None,
        "projects": volunteer.projects.order_by("position", "pk"),
        "covers": volunteer.covers.order_by("path"),
        "members": volunteer.memberships.select_related("team"),
        "certificates": volunteer.certificates.order_by("-pk"),
        "total": hours_text(volunteer.minutes),  # type: ignore[attr-defined]
        "page": page,
        "rows": [(row, is_reversible(row) and user.may(Action.VOLUNTEER_EDIT, row.village.path)) for row in page],
        "may_edit": may_edit,
        "may_reveal": user.may(Action.RESIDENT_REVEAL, volunteer.village.path),
    }
    return render(request, "volunteers/people/volunteer_detail.html", context)


def _posts(volunteer: Volunteer) -> QuerySet[Post]:
    """What they hold now beside, by the register of posts."""
    mine = Post.objects.filter(resident=volunteer.resident) if volunteer.resident else Post.objects.filter(user=volunteer.user_id or 0)
    return mine.current(today()).exclude(kind=Post.Kind.VOLUNTEER).select_related("unit").order_by("kind", "pk")


@never_cache
@duty_required(Action.VOLUNTEER_EDIT)
def volunteer_register_view(request: UserRequest) -> HttpResponse:
    """A resident is looked up in the register; who is not there is written down with name, phone and ID number."""
    user = request.user
    people = Resident.objects.visible_to(user, Action.VOLUNTEER_EDIT).present()
    people = people.select_related("household__village", "household__unit")
    resident = people.filter(pk=key_sent(request, "resident") or key_asked(request, "resident")).first()
    initial = {"village": resident.household.village_id} if resident else {}
    form = VolunteerForm(**sent(request), user=user, resident=resident, initial=initial)
    done = act(request, form, volunteer_register, "已登记，请核对后办理加入。", by=user)
    if done:
        return redirect("volunteers:volunteer-detail", pk=done.result.pk)
    asked = words_asked(request)
    found = people.filter(name_q(asked.words, name="name", key="name_pinyin")) if asked.words else people.none()
    context = {
        "title": "登记志愿者",
        "button": "登记",
        "up": TO_LIST,
        "resident": resident,
        "query": asked.typed,
        "people": found.order_by("name_pinyin", "pk")[:RESIDENTS_SHOWN],
    }
    return form_page(request, form, "volunteers/people/volunteer_form.html", **context)


@never_cache
@duty_required(Action.VOLUNTEER_EDIT)
def volunteer_change_view(request: UserRequest, pk: int) -> HttpResponse:
    volunteer = _volunteer(request.user, pk)
    fields = ("village", "name", "phone", "is_party_member", "overlay", "days", "guardian", "guardian_consented_on")
    initial = {name: getattr(volunteer, name) for name in fields} | {
        "projects": list(volunteer.projects.all()),
        "covers": list(volunteer.covers.all()),
        "username": volunteer.user.username if volunteer.user else "",
    }
    form = VolunteerForm(**sent(request), user=request.user, volunteer=volunteer, initial=initial)
    return _step(request, volunteer, "修改", form, volunteer_change)


@never_cache
@duty_required(Action.VOLUNTEER_EDIT)
def volunteer_admit_view(request: UserRequest, pk: int) -> HttpResponse:
    return _step(request, _volunteer(request.user, pk), "办理加入", AdmitForm(**sent(request)), volunteer_admit, State.APPLIED)


@never_cache
@duty_required(Action.VOLUNTEER_EDIT)
def volunteer_pause_view(request: UserRequest, pk: int) -> HttpResponse:
    return _step(request, _volunteer(request.user, pk), "暂停", ReasonForm(**sent(request)), volunteer_pause, State.ACTIVE)


@require_POST
@duty_required(Action.VOLUNTEER_EDIT)
def volunteer_resume_view(request: UserRequest, pk: int) -> HttpResponse:
    volunteer = _volunteer(request.user, pk)
    press(request, volunteer_resume, f"{volunteer.name}已恢复服务。", volunteer=volunteer, by=request.user)
    return redirect("volunteers:volunteer-detail", pk=pk)


@never_cache
@duty_required(Action.VOLUNTEER_EDIT)
def volunteer_leave_view(request: UserRequest, pk: int) -> HttpResponse:
    states = (State.APPLIED, State.ACTIVE, State.PAUSED)
    return _step(request, _volunteer(request.user, pk), "退出", ReasonForm(**sent(request)), volunteer_leave, *states)


@never_cache
@require_POST
@duty_required(Action.RESIDENT_REVEAL)
def volunteer_reveal_view(request: UserRequest, pk: int) -> HttpResponse:
    volunteer = get_visible_or_404(Volunteer.objects.select_related("resident"), request.user, Action.RESIDENT_REVEAL, pk=pk)
    context: dict[str, object] = {"volunteer": volunteer}
    try:
        context["number"] = volunteer_reveal(volunteer=volunteer, by=request.user, request=request)
    except DomainError as error:
        context["refusal"] = error.message
    partial = "#number" if request.htmx else ""
    return render(request, f"volunteers/people/volunteer_reveal.html{partial}", context)


def _step(
    request: UserRequest, volunteer: Volunteer, title: str, form: PageForm, service: Callable[..., Any], *states: str
) -> HttpResponse:
    """One step's form; where the volunteer's state does not allow it, back to their page with the reason."""
    if request.method == "GET" and states and volunteer.state not in states:
        messages.error(request, f"{volunteer.name}现在是“{volunteer.get_state_display()}”，不能{title}。")
        return redirect("volunteers:volunteer-detail", pk=volunteer.pk)
    if act(request, form, service, "已办理。", volunteer=volunteer, by=request.user):
        return redirect("volunteers:volunteer-detail", pk=volunteer.pk)
    up = To(volunteer.name, "volunteers:volunteer-detail", (volunteer.pk,))
    return form_page(request, form, title=title, heading=f"{title}：{volunteer.name}", button=title, up=up)


def _volunteer(user: User, pk: int) -> Volunteer:
    return get_visible_or_404(Volunteer.objects.select_related(*RELATED), user, Action.VOLUNTEER_EDIT, pk=pk)
