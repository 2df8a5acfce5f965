"""申辩: what a village says against its card, and the office's answer (plan §四(三); domain.md §10)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from inspections.models import ChecklistItem, Reply, Round, Scorecard
from inspections.rounds import deciding
from inspections.scorecards.forms import DecideReplyForm, ReplyForm
from inspections.scorecards.rows import CardLine, card_sections, cards_seen


@never_cache
@duty_required(Action.SELF_SCORE)
def reply_create(request: UserRequest, pk: int, item_pk: int) -> HttpResponse:
    card = get_object_or_404(cards_seen(request.user, Action.SELF_SCORE), pk=pk)
    items = ChecklistItem.objects.select_related("section")
    item = get_object_or_404(items, pk=item_pk, section__checklist=card.round.checklist_id)
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deciding.reply_add(card=card, item=item, text=form.cleaned_data["text"], by=request.user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "申辩已提出，镇里答复后会显示在这里。")
            return redirect("inspections:card-detail", pk=pk)
    shown = card.shows_points_to(request.user)
    context = {"card": card, "item": item, "form": form, "line": _line_of(card, request.user, item.pk) if shown else None}
    return render(request, "inspections/scorecards/reply_form.html", context, status=422 if form.errors else 200)


@never_cache
@duty_required(Action.ROUND_PLAN)
def reply_decide(request: UserRequest, pk: int, reply_pk: int) -> HttpResponse:
    card = get_object_or_404(cards_seen(request.user, Action.ROUND_PLAN), pk=pk)
    replies = Reply.objects.select_related("item", "asked_by", "decided_by")
    reply = get_object_or_404(replies, pk=reply_pk, card=card)
    form = DecideReplyForm(request.POST or None, reply=reply)
    if request.method == "POST" and form.is_valid():
        try:
            deciding.reply_decide(reply=reply, by=request.user, **form.decision())
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已答复。")
            return redirect("inspections:card-detail", pk=pk)
    waits = reply.state == Reply.State.OPEN and card.round.state == Round.State.REPLYING
    line = _line_of(card, request.user, reply.item_id)
    context = {"card": card, "reply": reply, "form": form, "line": line, "waits": waits}
    return render(request, "inspections/scorecards/reply_decide.html", context, status=422 if form.errors else 200)


def _line_of(card: Scorecard, user: User, item: int) -> CardLine:
    return next(line for section in card_sections(card, user) for line in section.lines if line.item.pk == item)
