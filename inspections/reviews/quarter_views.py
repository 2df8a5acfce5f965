"""季度目标考核: every village's score, grade, change and, where the committee publishes it, rank (plan §四(三); mission M35)."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from governance.periods import Kind, Period
from inspections.models import Round, Scorecard
from inspections.reviews.exports import card_grade, quarter_ledger
from inspections.reviews.forms import QuarterFilter
from inspections.rounds.models import ScorecardQuerySet

HANDED = (Round.State.REPLYING, Round.State.DECIDED, Round.State.LOCKED)


@duty_required(Action.REVIEW_VIEW)
def quarter_list(request: UserRequest) -> HttpResponse:
    cards, form = _cards(request)
    page = page_of(request, cards)
    user = request.user
    context = {
        "form": form,
        "quarter": form.chosen(),
        "page": page,
        "rows": [(card, card_grade(card), card.rank if card.shows_rank_to(user) else None) for card in page],
        "chosen": bool(form.grade_chosen()),
        "may_export": user.may(Action.EXPORT),
    }
    return render(request, "inspections/reviews/quarters.html", context)


@duty_required(Action.EXPORT)
def quarter_export(request: UserRequest) -> HttpResponseBase:
    cards, form = _cards(request, Action.EXPORT)
    quarter = form.chosen()
    if quarter is None:
        messages.error(request, "还没有可以导出的评分。")
        return redirect("inspections:quarter-list")
    try:
        return ledger_response(quarter_ledger(quarter, request.user), cards, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("inspections:quarter-list")


@duty_required(Action.EXPORT)
def quarter_print(request: UserRequest) -> HttpResponse:
    cards, form = _cards(request, Action.EXPORT)
    quarter = form.chosen()
    if quarter is None:
        messages.error(request, "还没有可以打印的评分。")
        return redirect("inspections:quarter-list")
    ledger = quarter_ledger(quarter, request.user)
    lines = list(ledger.rows(cards))
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"打印{ledger.title} {len(lines)} 行")
    return render(request, "inspections/reviews/quarters_print.html", {"ledger": ledger, "lines": lines})


def _cards(request: UserRequest, action: Action = Action.REVIEW_VIEW) -> tuple[ScorecardQuerySet, QuarterFilter]:
    """Computed cards whose points the user may see, of the chosen quarter and grade, in the order of the tree."""
    rows = _with_points(request.user, action)
    firsts = rows.order_by("-round__quarter").values_list("round__quarter", flat=True).distinct()
    form = QuarterFilter(request.GET, quarters=[Period(Kind.QUARTER, first) for first in firsts])
    quarter, grade = form.chosen(), form.grade_chosen()
    rows = rows.of_period(quarter) if quarter else rows.none()
    rows = rows.filter(grade=grade) if grade else rows
    return rows.select_related("round", "village").order_by("village__path"), form


def _with_points(user: User, action: Action) -> ScorecardQuerySet:
    """The township sees points as they come, a village only once its card is handed over."""
    township = Scorecard.objects.visible_to(user, Action.PLAN_VIEW).order_by().values("pk")
    seen = Q(round__state__in=HANDED) | Q(pk__in=township)
    return Scorecard.objects.visible_to(user, action).filter(seen, score__isnull=False)
