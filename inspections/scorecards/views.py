"""The scorecards of a quarter: the list, one village's page, side by side, on paper (plan §四(三); mission M34, M35)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.documents.official import Paragraph, Table
from governance.frame.lists import list_export, list_page
from governance.reading import keys_asked
from inspections.models import Evidence, Round, Scorecard, TeamMember
from inspections.rounds.filters import InQuarter
from inspections.rounds.models import HANDED
from inspections.scorecards.compare import COMPARED, compare_rows
from inspections.scorecards.form_papers import sheet_paper
from inspections.scorecards.lists import CardFilter, card_ledger, card_listing
from inspections.scorecards.rows import (
    card_sections,
    card_sum,
    cards_seen,
    findings_beside,
    findings_open,
    orders_open,
    print_rows,
    trend_of,
)


@duty_required(Action.ROUND_VIEW)
def card_list(request: UserRequest) -> HttpResponse:
    """The cards of a quarter; first those that wait for the user's own score."""
    user, cards = request.user, cards_seen(request.user)
    quarter = CardFilter(request.GET, cards, request=request).chosen
    mine = cards_seen(user, Action.ROUND_SCORE).filter(round__state=Round.State.SCORING, team__members__user=user)
    to_score = list(mine.order_by("scored_at", "village__path"))
    return list_page(request, card_listing(user, quarter), cards, "inspections/scorecards/list.html", to_score=to_score)


@duty_required(Action.EXPORT)
def card_list_export(request: UserRequest) -> HttpResponseBase:
    user, cards = request.user, Scorecard.objects.visible_to(request.user, Action.EXPORT).points_shown_to(request.user)
    quarter = CardFilter(request.GET, cards, request=request).chosen
    return list_export(request, card_listing(user, quarter), cards, card_ledger(user, quarter), "inspections:card-list")


@duty_required(Action.ROUND_VIEW)
def card_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One village's card; before the hand-over a village reads only that it is coming."""
    user, now = request.user, timezone.now()
    card = get_object_or_404(cards_seen(user), pk=pk)
    context: dict[str, Any] = {"card": card, "shown": card.shows_points_to(user), **_ways(card, user, now)}
    if context["shown"]:
        context |= {
            "sections": card_sections(card, user),
            "sum": card_sum(card),
            "rank_shown": card.shows_rank_to(user),
            "trend": trend_of(card, user),
            "earlier": findings_open(card, user),
            "beside": findings_beside(card, user),
            "orders": orders_open(card, user),
        }
    return render(request, "inspections/scorecards/detail.html", context)


@duty_required(Action.PLAN_VIEW)
def card_compare(request: UserRequest) -> HttpResponse:
    """Up to four villages of a quarter side by side."""
    filters = InQuarter(request.GET, Scorecard.objects.visible_to(request.user), request=request)
    quarter = filters.chosen
    offered = list(cards_seen(request.user, Action.PLAN_VIEW).filter(round__quarter=quarter.start if quarter else date.min))
    offered.sort(key=lambda card: card.village.path)
    keys = keys_asked(request, "village")
    wanted = [card for card in offered if card.village_id in keys]
    chosen = [card for card in wanted if card.round.checklist_id == wanted[0].round.checklist_id][:COMPARED]
    context = {
        "filters": filters,
        "quarter": quarter,
        "offered": offered,
        "chosen": chosen,
        "picked": {card.village_id for card in chosen},
        "left_out": [card for card in wanted if card not in chosen],
        "rows": compare_rows(chosen) if len(chosen) > 1 else [],
    }
    return render(request, "inspections/scorecards/compare.html", context)


@duty_required(Action.ROUND_VIEW)
def card_print(request: UserRequest, pk: int) -> HttpResponse:
    """The same 计分表 as the .docx, for the browser's printer."""
    card = get_object_or_404(cards_seen(request.user), pk=pk)
    if not card.shows_points_to(request.user):
        return redirect("inspections:card-detail", pk=pk)
    paper = sheet_paper(card)
    table = next(block for block in paper.blocks if isinstance(block, Table))
    words = [block.text for block in paper.blocks if isinstance(block, Paragraph)]
    context = {
        "card": card,
        "title": paper.title.split("\n"),
        "columns": table.columns,
        "rows": print_rows(table.rows),
        "words": words[:-1],
    }
    return render(request, "inspections/scorecards/print_card.html", context)


@require_GET
@duty_required(Action.ROUND_VIEW)
def card_photo(request: UserRequest, pk: int) -> HttpResponse:
    """A photo of a line, for those who see the card and its points."""
    rows = Evidence.objects.select_related("photo", "answer__card__round", "answer__card__village")
    evidence = rows.filter(photo=pk, answer__card__in=cards_seen(request.user).order_by().values("pk")).first()
    if evidence is None or evidence.answer is None or not evidence.answer.card.shows_points_to(request.user):
        raise Http404
    with evidence.photo.file.open("rb") as file:
        answer = HttpResponse(file.read(), content_type="image/jpeg")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _ways(card: Scorecard, user: User, now: datetime) -> dict[str, bool]:
    """What this user may do with the card from its page."""
    state, path = card.round.state, card.village.path
    village = user.may(Action.SELF_SCORE, path) and not user.may(Action.PLAN_VIEW, path)
    due = card.round.reply_due_at
    on_team = user.may(Action.ROUND_SCORE, path) and TeamMember.objects.filter(team=card.team_id or 0, user=user).exists()
    return {
        "may_self": user.may(Action.SELF_SCORE, path) and state not in HANDED,
        "may_reply": village and state == Round.State.REPLYING and due is not None and now <= due,
        "may_score": on_team and state == Round.State.SCORING,
        "may_decide": user.may(Action.ROUND_PLAN, path),
        "may_compare": user.may(Action.PLAN_VIEW, path),
    }
