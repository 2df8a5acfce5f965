"""What 门前三包 puts on paper: 责任书 for both to sign, 责任牌 for the door, 提醒单 after a patrol (plan §三.1–2)."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from inspections.fronts.lists import FRONT_LIST, FrontFilter
from inspections.fronts.services import DUTIES, fault_words
from inspections.models import Front, FrontPatrol
from villages.scope import get_visible_or_404

PAPERS = {"duty": "门前三包责任书", "plate": "门前三包责任牌"}
PRINTED = 200


@duty_required(Action.FRONT_EDIT)
def front_paper(request: UserRequest, pk: int, paper: str) -> HttpResponse:
    """One front's 责任书 or 责任牌."""
    fronts = Front.objects.select_related("village", "unit")
    front = get_visible_or_404(fronts, request.user, Action.FRONT_EDIT, pk=pk)
    return _papers(request, paper, [front], reverse("inspections:front-detail", args=[pk]))


@duty_required(Action.FRONT_EDIT)
def front_print(request: UserRequest, paper: str) -> HttpResponse:
    """The papers of a filtered list, at most PRINTED at once."""
    allowed = Front.objects.visible_to(request.user, Action.FRONT_EDIT).order_by().values("pk")
    rows = Front.objects.visible_to(request.user).filter(pk__in=allowed).select_related("village", "unit")
    fronts = list(FrontFilter(request.GET, rows, request=request).found().order_by(*FRONT_LIST.order)[: PRINTED + 1])
    back = reverse("inspections:front-list", query=request.GET)
    return _papers(request, paper, fronts, back)


def _papers(request: UserRequest, paper: str, fronts: Sequence[Front], back: str) -> HttpResponse:
    if paper not in PAPERS:
        raise Http404
    context = {
        "title": PAPERS[paper],
        "fronts": fronts[:PRINTED],
        "cut": PRINTED if len(fronts) > PRINTED else 0,
        "duties": DUTIES,
        "back": back,
    }
    return render(request, f"inspections/fronts/print_{paper}.html", context)


@duty_required(Action.FRONT_VIEW)
def patrol_slip(request: UserRequest, pk: int) -> HttpResponse:
    """提醒单: what was found, until when to put it right; a front that was in order has none."""
    patrols = FrontPatrol.objects.select_related("front__village", "front__unit", "by").exclude(due_on=None)
    patrol = get_visible_or_404(patrols, request.user, pk=pk)
    context = {"patrol": patrol, "front": patrol.front, "words": fault_words([patrol])[patrol.pk]}
    return render(request, "inspections/fronts/print_slip.html", context)
