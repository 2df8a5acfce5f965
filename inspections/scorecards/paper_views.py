"""Official papers as editable .docx: 督查方案, 通报, 计分表, 整改通知书, 督办单 (plan §四(三); mission M36)."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.documents.official import Official
from governance.frame.exports import paper_response
from inspections.models import Order, Round, Scorecard
from inspections.scorecards import form_papers
from inspections.scorecards.papers import bulletin_paper, plan_paper
from villages.scope import get_visible_or_404

ROUND_PAPERS = {"plan": plan_paper, "bulletin": bulletin_paper}

_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\s]')


@require_safe
@never_cache
@duty_required(Action.PLAN_VIEW)
def round_paper(request: UserRequest, pk: int, paper: str) -> HttpResponseBase:
    if paper not in ROUND_PAPERS:
        raise Http404
    rounds = Round.objects.visible_to(request.user).select_related("township__parent", "checklist")
    inspection_round = get_object_or_404(rounds, pk=pk)
    if paper == "bulletin" and inspection_round.state not in (Round.State.DECIDED, Round.State.LOCKED):
        messages.error(request, "党委审定以后才能出通报。")
        return redirect("inspections:round-detail", pk=pk)
    return _download(request, ROUND_PAPERS[paper](inspection_round, request.user))


@require_safe
@never_cache
@duty_required(Action.ROUND_VIEW)
def card_sheet(request: UserRequest, pk: int) -> HttpResponseBase:
    cards = Scorecard.objects.select_related("village", "round__checklist")
    card = get_visible_or_404(cards, request.user, pk=pk)
    if not card.shows_points_to(request.user):
        messages.error(request, "评分表移交核对以后才能下载计分表。")
        return redirect(f"/cards/{pk}/")
    return _download(request, form_papers.sheet_paper(card))


@require_safe
@never_cache
@duty_required(Action.ORDER_VIEW)
def order_paper(request: UserRequest, pk: int, paper: str) -> HttpResponseBase:
    orders = Order.objects.select_related("village", "township__parent", "signed_by", "reported_by")
    order = get_visible_or_404(orders, request.user, pk=pk, kind=paper)
    name = f"{order.get_kind_display()}-{order.number}-{order.village}"
    return _download(request, form_papers.order_paper(order, request.user), name)


def _download(request: UserRequest, paper: Official, name: str = "") -> FileResponse:
    """The paper under its title (or `name`), written into the access log."""
    name = _NOT_IN_FILE_NAMES.sub("", name or paper.title)
    return paper_response(request, paper, name, name)
