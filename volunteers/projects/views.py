"""The service library on the desk, and what a village's residents may ask for, without log-in (plan §三.2)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.cases.models import Shift
from governance.frame.lists import list_export, list_page
from governance.frame.public import public_page
from governance.periods import today
from villages.models import Post, Unit
from volunteers.models import Project
from volunteers.projects.lists import LIBRARY, ORDERS_COUNT, PROJECTS


@duty_required(Action.VOLUNTEER_VIEW)
def project_list(request: UserRequest) -> HttpResponse:
    return list_page(request, PROJECTS, Project.objects.visible_to(request.user).annotate(orders_count=ORDERS_COUNT))


@duty_required(Action.EXPORT)
def project_export(request: UserRequest) -> HttpResponseBase:
    rows = Project.objects.visible_to(request.user, Action.EXPORT)
    return list_export(request, PROJECTS, rows, LIBRARY, "volunteers:project-list")


@public_page
def public_services(request: HttpRequest, code: str) -> HttpResponse:
    """What one can ask for in a village, what volunteers never do, and how to ask."""
    village = get_object_or_404(Unit.objects.villages().on(today()).select_related("parent"), code=code)
    projects = Project.objects.filter(township=village.parent_id, is_active=True)
    called, phones = _phones(village)
    context = {
        "village": village,
        "projects": projects.filter(is_public=True, is_emergency=False),
        "emergencies": projects.filter(is_emergency=True),
        "called": called,
        "phones": called or phones,
    }
    return render(request, "volunteers/projects/public_services.html", context)


def _phones(village: Unit) -> tuple[list[Post], list[Post]]:
    """Posts with a public phone: those on call now, and all of the village."""
    posts = Post.objects.current(today()).filter(unit=village).exclude(phone=None).select_related("user", "resident")
    turns = Shift.objects.on_call(timezone.now()).filter(village=village).order_by()
    return list(posts.filter(pk__in=turns.values("post"))), list(posts.order_by("kind", "pk"))
