"""申辩: what a village says against its card, and the office's answer (plan §四(三); domain.md §10)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To
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
    form = ReplyForm(**sent(request))
    if act(request, form, deciding.reply_add, "申辩已提出，镇里答复后会显示在这里。", card=card, item=item, by=request.user):
        return redirect("inspections:card-detail", pk=pk)
    line = _line_of(card, request.user, item.pk) if card.shows_points_to(request.user) else None
    context = {"title": "申辩", "heading": f"申辩：{item.name}", "button": "提出申辩", "up": _to_card(card), "line": line}
    return form_page(request, form, "inspections/scorecards/reply_form.html", **context)


@never_cache
@duty_required(Action.ROUND_PLAN)
def reply_decide(request: UserRequest, pk: int, reply_pk: int) -> HttpResponse:
    card = get_object_or_404(cards_seen(request.user, Action.ROUND_PLAN), pk=pk)
    replies = Reply.objects.select_related("item", "asked_by", "decided_by")
    reply = get_object_or_404(replies, pk=reply_pk, card=card)
    form = DecideReplyForm(**sent(request), reply=reply)
    if act(request, form, deciding.reply_decide, "已答复。", reply=reply, by=request.user):
        return redirect("inspections:card-detail", pk=pk)
    closed = f"督查现在是“{card.round.get_state_display()}”，不能答复申辩。" if card.round.state != Round.State.REPLYING else ""
    context = {
        "title": "答复申辩",
        "button": "答复",
        "up": _to_card(card),
        "card": card,
        "reply": reply,
        "line": _line_of(card, request.user, reply.item_id),
        "refusal": closed,
    }
    return form_page(request, form, "inspections/scorecards/reply_decide.html", **context)


def _to_card(card: Scorecard) -> To:
    return To(str(card.village), "inspections:card-detail", (card.pk,))


def _line_of(card: Scorecard, user: User, item: int) -> CardLine:
    return next(line for section in card_sections(card, user) for line in section.lines if line.item.pk == item)
