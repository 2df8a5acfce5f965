"""述职评议 of village secretaries: years, villages, the way to each score, weights, the lock (plan §四(三); mission M35)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To, list_page, sheet_or_back
from inspections.models import Review, Statement
from inspections.reviews.exports import review_ledger
from inspections.reviews.forms import OpenForm, RowFilter, WeightsForm
from inspections.reviews.lists import REVIEWS
from inspections.reviews.lookups import SECRETARY, review_visible, statements_seen
from inspections.reviews.reviewing import plain
from inspections.reviews.rows import review_rows, weights_of
from inspections.reviews.services import review_blockers, review_compute, review_lock, review_open, review_weights
from villages.scope import get_visible_or_404


@duty_required(Action.REVIEW_VIEW)
def review_list(request: UserRequest) -> HttpResponse:
    rows = Review.objects.visible_to(request.user).select_related("township", "locked_by")
    return list_page(request, REVIEWS, rows.annotate(village_count=Count("statements")))


@never_cache
@duty_required(Action.REVIEW_RUN)
def review_create(request: UserRequest) -> HttpResponse:
    form = OpenForm(**sent(request), user=request.user)
    if done := act(request, form, review_open, "已开始，可以录入测评票。", by=request.user):
        return redirect("inspections:review-detail", pk=done.result.pk)
    hint = "每个村（社区）的书记按年底（当年按今天）的任职列出；书记空缺的也列出来。"
    up = To("述职评议", "inspections:review-list")
    return form_page(request, form, title="开始述职评议", button="开始", up=up, hint=hint)


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
        "rows": form.found(rows),
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
    form = WeightsForm(**sent(request), review=review)
    if act(request, form, review_weights, "权重已保存，得分已按新权重重算。", review=review, by=request.user):
        return redirect("inspections:review-detail", pk=pk)
    hint = "季度督查与民主测评之和须为 100；三类票之和须为 100；折算分从好到差依次降低。权重填 0 的不算，也不要求录。"
    up = To(str(review), "inspections:review-detail", (pk,))
    return form_page(request, form, "inspections/reviews/weights.html", title="修改权重", up=up, hint=hint)


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
    press(request, run, words, review=review_visible(request.user, pk, Action.REVIEW_RUN), by=request.user)
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
    return sheet_or_back(request, review_ledger(review), rows, resolve_url("inspections:review-detail", pk=pk))


@duty_required(Action.EXPORT)
def review_print(request: UserRequest, pk: int) -> HttpResponse:
    review = review_visible(request.user, pk, Action.EXPORT)
    ledger = review_ledger(review)
    lines = list(ledger.rows(statements_seen(request.user, review, Action.EXPORT)))
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"打印{ledger.title} {len(lines)} 行")
    context = {"review": review, "ledger": ledger, "lines": lines}
    return render(request, "inspections/reviews/print.html", context)


def _weights(review: Review) -> dict[str, str]:
    return {name: plain(value) for name, value in vars(weights_of(review)).items()}
