"""述职评议 of village secretaries: years, villages, the way to each score, weights, the lock (plan §四(三); mission M35)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from inspections.models import Review, Statement
from inspections.reviews.exports import review_ledger
from inspections.reviews.forms import OpenForm, RowFilter, WeightsForm, YearFilter
from inspections.reviews.lookups import SECRETARY, review_visible, statements_seen
from inspections.reviews.reviewing import plain
from inspections.reviews.rows import Row, review_rows, weights_of
from inspections.reviews.services import review_blockers, review_compute, review_lock, review_open, review_weights
from villages.scope import get_visible_or_404


@duty_required(Action.REVIEW_VIEW)
def review_list(request: UserRequest) -> HttpResponse:
    rows = Review.objects.visible_to(request.user)
    form = YearFilter(request.GET, reviews=rows)
    if year := form.value():
        rows = rows.filter(year=year)
    counted = rows.select_related("township", "locked_by").annotate(village_count=Count("statements"))
    context = {"page": page_of(request, counted.order_by("-year", "pk")), "form": form, "may_run": request.user.may(Action.REVIEW_RUN)}
    return render(request, "inspections/reviews/list.html", context)


@never_cache
@duty_required(Action.REVIEW_RUN)
def review_create(request: UserRequest) -> HttpResponse:
    form = OpenForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            review = review_open(**form.cleaned_data, by=request.user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已开始，可以录入测评票。")
            return redirect("inspections:review-detail", pk=review.pk)
    status = 422 if form.errors else 200
    return render(request, "inspections/reviews/open.html", {"form": form}, status=status)


@duty_required(Action.REVIEW_VIEW)
def review_detail(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    review = review_visible(user, pk)
    rows = review_rows(review, statements_seen(user, review))
    form = RowFilter(request.GET)
    path = review.township.path
    is_open = review.state == Review.State.OPEN
    context = {
        "review": review,
        "rows": _shown(rows, form.value()),
        "total": len(rows),
        "blockers": review_blockers(rows),
        "form": form,
        "weights": _weights(review),
        "is_open": is_open,
        "may_run": is_open and user.may(Action.REVIEW_RUN, path),
        "may_enter": is_open and user.may(Action.REVIEW_ENTER, path),
        "may_compare": user.may(Action.REVIEW_ENTER, path),
        "may_export": user.may(Action.EXPORT) and bool(rows),
    }
    return render(request, "inspections/reviews/detail.html", context)


@never_cache
@duty_required(Action.REVIEW_RUN)
def review_weights_page(request: UserRequest, pk: int) -> HttpResponse:
    review = review_visible(request.user, pk, Action.REVIEW_RUN)
    form = WeightsForm(request.POST or None, review=review)
    if request.method == "POST" and form.is_valid():
        try:
            review_weights(review=review, weights=form.weights(), by=request.user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "权重已保存，得分已按新权重重算。")
            return redirect("inspections:review-detail", pk=pk)
    context = {"review": review, "form": form}
    return render(request, "inspections/reviews/weights.html", context, status=422 if form.errors else 200)


STEPS: dict[str, tuple[Callable[..., Any], str]] = {
    "compute": (review_compute, "已汇总。"),
    "lock": (review_lock, "已确定，不能再改动；已通知各村书记查看。"),
}


@require_POST
@duty_required(Action.REVIEW_RUN)
def review_step(request: UserRequest, pk: int, step: str) -> HttpResponse:
    if step not in STEPS:
        raise Http404
    run, words = STEPS[step]
    review = review_visible(request.user, pk, Action.REVIEW_RUN)
    try:
        run(review=review, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, words)
    return redirect("inspections:review-detail", pk=pk)


@duty_required(Action.REVIEW_VIEW)
def statement_detail(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    rows = Statement.objects.select_related(*SECRETARY, "review__township")
    statement = get_visible_or_404(rows, user, pk=pk)
    (row,) = review_rows(statement.review, [statement])
    counted = user.may(Action.REVIEW_ENTER, statement.village.path)
    context = {
        "statement": statement,
        "review": statement.review,
        "row": row,
        "formulas": row.formulas(with_counts=counted),
        "tickets": list(zip(row.pairs, row.tallies, row.ballots, strict=True)),
        "counted": counted,
        "weights": _weights(statement.review),
        "is_open": statement.review.state == Review.State.OPEN,
    }
    return render(request, "inspections/reviews/statement_detail.html", context)


@duty_required(Action.EXPORT)
def review_export(request: UserRequest, pk: int) -> HttpResponseBase:
    review = review_visible(request.user, pk, Action.EXPORT)
    rows = statements_seen(request.user, review, Action.EXPORT)
    try:
        return ledger_response(review_ledger(review), rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("inspections:review-detail", pk=pk)


@duty_required(Action.EXPORT)
def review_print(request: UserRequest, pk: int) -> HttpResponse:
    review = review_visible(request.user, pk, Action.EXPORT)
    ledger = review_ledger(review)
    lines = list(ledger.rows(statements_seen(request.user, review, Action.EXPORT)))
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"打印{ledger.title} {len(lines)} 行")
    context = {"review": review, "ledger": ledger, "lines": lines}
    return render(request, "inspections/reviews/print.html", context)


def _shown(rows: list[Row], show: str) -> list[Row]:
    if show == "missing":
        return [row for row in rows if row.missing]
    return [row for row in rows if not show or (row.result.grade and row.result.grade.value == show)]


def _weights(review: Review) -> dict[str, str]:
    return {name: plain(value) for name, value in vars(weights_of(review)).items()}
