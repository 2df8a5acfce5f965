"""季度目标考核: every village's score, grade, change and, where the committee publishes it, rank (plan §四(三); mission M35)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.frame.lists import filter_refused, list_export, list_page
from inspections.models import Scorecard
from inspections.reviews.lists import GradeFilter, quarter_ledger, quarter_listing
from inspections.rounds.models import ScorecardQuerySet


@duty_required(Action.REVIEW_VIEW)
def quarter_list(request: UserRequest) -> HttpResponse:
    cards = _with_points(request.user, Action.REVIEW_VIEW)
    quarter = GradeFilter(request.GET, cards, request=request).chosen
    return list_page(request, quarter_listing(request.user, quarter), cards)


@duty_required(Action.EXPORT)
def quarter_export(request: UserRequest) -> HttpResponseBase:
    user, cards = request.user, _with_points(request.user, Action.EXPORT)
    filters = GradeFilter(request.GET, cards, request=request)
    quarter = filters.chosen
    if quarter is None:
        return _refused(request, filters, "导出")
    return list_export(request, quarter_listing(user, quarter), cards, quarter_ledger(quarter, user), "inspections:quarter-list")


@duty_required(Action.EXPORT)
def quarter_print(request: UserRequest) -> HttpResponse:
    filters = GradeFilter(request.GET, _with_points(request.user, Action.EXPORT), request=request)
    if filters.chosen is None:
        return _refused(request, filters, "打印")
    ledger = quarter_ledger(filters.chosen, request.user)
    lines = list(ledger.rows(filters.found()))
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"打印{ledger.title} {len(lines)} 行")
    return render(request, "inspections/reviews/quarters_print.html", {"ledger": ledger, "lines": lines})


def _refused(request: UserRequest, filters: GradeFilter, doing: str) -> HttpResponse:
    """Back to the list, which says why no quarter is chosen."""
    if not filters.is_valid():
        return filter_refused(request, reverse("inspections:quarter-list", query=request.GET), doing)
    messages.error(request, f"没有可以{doing}的评分。")
    return redirect("inspections:quarter-list")


def _with_points(user: User, action: Action) -> ScorecardQuerySet:
    """Cards of computed rounds whose points the user sees; one that is not judged to the end says what it lacks."""
    cards = Scorecard.objects.visible_to(user, action).points_shown_to(user)
    return cards.filter(round__computed_at__isnull=False).select_related("round", "village")
