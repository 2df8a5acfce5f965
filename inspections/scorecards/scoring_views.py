"""Scoring a village on site, and the village's own score beside it (plan §四(三); mission M34, M35)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.act import act, press, sent
from governance.reading import text_sent
from inspections.models import Answer, ChecklistItem, Evidence, Finding, Scorecard
from inspections.orders.services import finding_add
from inspections.rounds.models import HANDED
from inspections.scorecards.answers import card_finish, judge_refusal, lines_left
from inspections.scorecards.evidence import evidence_add
from inspections.scorecards.forms import SAMPLES, EvidenceForm, FindingForm, ScoreSheet
from inspections.scorecards.rows import cards_seen, figures_of, value_words


@never_cache
@duty_required(Action.ROUND_SCORE)
def card_score(request: UserRequest, pk: int) -> HttpResponse:
    """The score form; who may not score reads why, and with ?kept what their phone could not send. What is refused comes
    back as it was typed."""
    card = _card(request.user, pk, Action.ROUND_SCORE)
    refusal = judge_refusal(card, request.user)
    posted = request.method == "POST"
    if refusal and not posted and "kept" not in request.GET:
        return render(request, "inspections/scorecards/refused.html", {"card": card, "refusal": refusal})
    sheet, error = _sheet(request, card, Answer.Side.SITE)
    if posted and not error:
        return redirect(f"{reverse('inspections:card-score', args=[pk])}#{_anchor(request)}")
    left = lines_left(card)
    context = {"left": len(left), "notice": "" if posted else refusal, "figures_taken": bool(card.round.computed_at)}
    return _form_page(request, "inspections/scorecards/score.html", card, sheet, error, context)


@require_POST
@duty_required(Action.ROUND_SCORE)
def finish(request: UserRequest, pk: int) -> HttpResponse:
    card = _card(request.user, pk, Action.ROUND_SCORE)
    done = press(request, card_finish, f"{card.village}已评完。移交前还可以再改。", card=card, by=request.user)
    return redirect("inspections:card-list") if done else redirect("inspections:card-score", pk=pk)


@never_cache
@duty_required(Action.SELF_SCORE)
def self_score(request: UserRequest, pk: int) -> HttpResponse:
    """自评, until the cards are handed over."""
    card = _card(request.user, pk, Action.SELF_SCORE)
    posted = request.method == "POST"
    if card.round.state in HANDED and not posted:
        refusal = "评分表已移交核对，不能再改自评；有异议请申辩。"
        return render(request, "inspections/scorecards/refused.html", {"card": card, "refusal": refusal})
    sheet, error = _sheet(request, card, Answer.Side.SELF)
    if posted and not error:
        return redirect(f"{reverse('inspections:card-self', args=[pk])}#{_anchor(request)}")
    return _form_page(request, "inspections/scorecards/self.html", card, sheet, error, {})


@never_cache
@duty_required(Action.ROUND_SCORE)
def line_detail(request: UserRequest, pk: int, item_pk: int) -> HttpResponse:
    """One line: photos and problems, while they are being found."""
    return _line_page(request, *_line(request.user, pk, item_pk), FindingForm(), EvidenceForm())


@require_POST
@duty_required(Action.ROUND_SCORE)
def photo_add(request: UserRequest, pk: int, item_pk: int) -> HttpResponse:
    card, item = _line(request.user, pk, item_pk)
    form = EvidenceForm(**sent(request))
    if act(request, form, evidence_add, "已加照片。", card=card, item=item, by=request.user):
        return redirect("inspections:card-line", pk=pk, item_pk=item_pk)
    return _line_page(request, card, item, FindingForm(), form)


@require_POST
@duty_required(Action.ROUND_SCORE)
def finding_create(request: UserRequest, pk: int, item_pk: int) -> HttpResponse:
    card, item = _line(request.user, pk, item_pk)
    form = FindingForm(**sent(request))
    if act(request, form, finding_add, "已记下问题。", village=card.village, card=card, item=item, by=request.user):
        return redirect("inspections:card-line", pk=pk, item_pk=item_pk)
    return _line_page(request, card, item, form, EvidenceForm())


def _card(user: User, pk: int, action: Action) -> Scorecard:
    return get_object_or_404(cards_seen(user, action), pk=pk)


def _line(user: User, pk: int, item_pk: int) -> tuple[Scorecard, ChecklistItem]:
    card = _card(user, pk, Action.ROUND_SCORE)
    items = ChecklistItem.objects.select_related("section")
    return card, get_object_or_404(items, pk=item_pk, section__checklist=card.round.checklist_id)


def _sheet(request: UserRequest, card: Scorecard, side: str) -> tuple[ScoreSheet, str]:
    """The form, saved where it was posted; and why it was not."""
    if request.method != "POST":
        return ScoreSheet(card, side), ""
    sheet = ScoreSheet(card, side, request.POST.dict())
    try:
        changed = sheet.save(request.user)
    except DomainError as error:
        return sheet, error.message
    messages.success(request, f"已保存 {changed} 处改动。" if changed else "没有改动，都已保存过。")
    return sheet, ""


def _anchor(request: UserRequest) -> str:
    """The place on the page that was saved."""
    section = text_sent(request, "section")
    return f"section-{section}" if section.isdecimal() or section == SAMPLES else "score"


def _form_page(
    request: UserRequest, template: str, card: Scorecard, sheet: ScoreSheet, error: str, more: dict[str, Any]
) -> HttpResponse:
    context = {"card": card, "sheet": sheet, "error": error, "sections": sheet.sections, **more}
    return render(request, template, context, status=422 if error else 200)


def _line_page(
    request: UserRequest, card: Scorecard, item: ChecklistItem, finding: FindingForm, evidence: EvidenceForm
) -> HttpResponse:
    answer = card.answers.filter(side=Answer.Side.SITE, item=item).select_related("by").first()
    context = {
        "card": card,
        "item": item,
        "answer": answer,
        "judged": value_words(item, answer.value if answer else None, answer.applies if answer else True),
        "figure": figures_of(card).get(item.indicator),
        "photos": list(Evidence.objects.filter(answer__card=card, answer__item=item).order_by("pk")),
        "findings": list(Finding.objects.visible_to(request.user).filter(card=card, item=item).select_related("order")),
        "finding_form": finding,
        "evidence_form": evidence,
        "refusal": judge_refusal(card, request.user),
    }
    status = 422 if finding.errors or evidence.errors else 200
    return render(request, "inspections/scorecards/line.html", context, status=status)
