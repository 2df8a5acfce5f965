"""The scorecards of a quarter: the list, one village's page, side by side, on paper (plan §四(三); mission M34, M35)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.documents.official import Paragraph, Table
from governance.frame.exports import Ledger, ledger_response
from governance.frame.paging import page_of
from governance.periods import Kind, Period
from governance.sheets.writer import Column, Value
from inspections.models import Evidence, Round, Scorecard, TeamMember
from inspections.scorecards.compare import COMPARED, compare_rows
from inspections.scorecards.form_papers import sheet_paper
from inspections.scorecards.rows import (
    HANDED,
    card_sections,
    card_sum,
    cards_seen,
    findings_beside,
    findings_open,
    lines_left_of,
    orders_open,
    print_rows,
    signed,
    trend_of,
)
from villages.filters import VillageFilter


class CardFilter(VillageFilter):
    """Quarter and village."""

    quarter = forms.ChoiceField(label="季度", required=False)

    field_order = ["quarter", "village"]

    def __init__(self, *args: Any, quarters: Sequence[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["q"]
        self.fields["quarter"].choices = [(str(quarter), quarter.label) for quarter in quarters]  # type: ignore[attr-defined]


@duty_required(Action.ROUND_VIEW)
def card_list(request: UserRequest) -> HttpResponse:
    """The cards of a quarter; first those that wait for the user's own score."""
    user = request.user
    quarter, quarters = _quarter(request)
    form = CardFilter({**request.GET.dict(), "quarter": str(quarter or "")}, user=user, quarters=quarters)
    page = page_of(request, _rows(user, quarter, form))
    mine = cards_seen(user, Action.ROUND_SCORE).filter(round__state=Round.State.SCORING, team__members__user=user)
    to_score = list(mine.order_by("scored_at", "village__path"))
    left = lines_left_of(to_score)
    points = {card.pk for card in page if card.shows_points_to(user)}
    context = {
        "form": form,
        "quarter": quarter,
        "page": page,
        "rows": [(card, card.pk in points, card.pk in points and card.shows_rank_to(user)) for card in page],
        "to_score": [(card, left[card.pk]) for card in to_score],
        "may_self": user.may(Action.SELF_SCORE),
        "may_compare": user.may(Action.PLAN_VIEW),
        "may_export": user.may(Action.EXPORT) and bool(points),
        "may_plan": user.may(Action.ROUND_PLAN),
    }
    return render(request, "inspections/scorecards/list.html", context)


@duty_required(Action.EXPORT)
def card_list_export(request: UserRequest) -> HttpResponseBase:
    user = request.user
    quarter, quarters = _quarter(request)
    form = CardFilter({**request.GET.dict(), "quarter": str(quarter or "")}, user=user, quarters=quarters)
    cards = [card.pk for card in _rows(user, quarter, form, Action.EXPORT) if card.shows_points_to(user)]
    return ledger_response(_ledger(user, quarter), Scorecard.objects.filter(pk__in=cards), request=request)


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
    quarter, quarters = _quarter(request)
    offered = list(cards_seen(request.user, Action.PLAN_VIEW).filter(round__quarter=quarter.start if quarter else date.min))
    offered.sort(key=lambda card: card.village.path)
    asked = [int(text) for text in request.GET.getlist("village") if text.isdecimal()]
    wanted = [card for card in offered if card.village_id in asked]
    chosen = [card for card in wanted if card.round.checklist_id == wanted[0].round.checklist_id][:COMPARED]
    context = {
        "quarter": quarter,
        "quarters": quarters,
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
    answer["Cache-Control"] = "private, max-age=3600"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _quarter(request: UserRequest) -> tuple[Period | None, list[Period]]:
    """The quarter of the address, else the latest that has a card; and those that have one, latest first."""
    rows = Scorecard.objects.visible_to(request.user).order_by().values_list("round__quarter", flat=True).distinct()
    quarters = [Period(Kind.QUARTER, start) for start in sorted(rows, reverse=True)]
    asked = next((quarter for quarter in quarters if str(quarter) == request.GET.get("quarter")), None)
    return asked or (quarters[0] if quarters else None), quarters


def _rows(
    user: User, quarter: Period | None, form: CardFilter, action: Action | None = None
) -> QuerySet[Scorecard]:
    """Best first where everybody has a rank to show, else in the order of the tree."""
    rows = cards_seen(user, action).filter(round__quarter=quarter.start if quarter else date.min)
    if "village" in form.fields and form.value("village"):
        rows = rows.filter(village=form.value("village"))
    ranked = user.may(Action.PLAN_VIEW)
    return rows.order_by("round__township__path", *(["rank"] if ranked else []), "village__path")


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


def _ledger(user: User, quarter: Period | None) -> Ledger:
    columns = [
        Column("序号", 6), Column("村（社区）", 18), Column("得分", 10), Column("等次", 8), Column("名次", 8),
        Column("比上季度", 10), Column("自评分", 10),
    ]  # fmt: skip

    def rows(cards: QuerySet[Any]) -> Iterator[Sequence[Value]]:
        found = cards.select_related("round", "village").order_by("rank", "village__path")
        for number, card in enumerate(found, 1):
            grade = card.get_grade_display() + ("（一票否决）" if card.vetoed else "")
            rank = card.rank if card.shows_rank_to(user) else None
            change = signed(card.change) or "0" if card.change is not None else ""
            yield [number, str(card.village), card.score, grade, rank, change, card.self_score]

    title = f"{quarter.label if quarter else ''}督查得分表"
    return Ledger(title, columns, rows)
