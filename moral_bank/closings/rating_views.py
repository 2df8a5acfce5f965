"""Ratings by period, and one rating explained down to its entries (为什么是这个分)."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.paging import page_of
from governance.frame.pinyin import name_q
from governance.periods import Kind, Period
from moral_bank.closings.explain import explain
from moral_bank.closings.forms import RatingFilter
from moral_bank.models import Closing, Rating
from villages.scope import get_visible_or_404

PERIODS_SHOWN = 36


def periods_rated(user: User) -> list[Period]:
    """The periods of which `user` sees ratings, latest first, a quarter before its months."""
    if user.may(Action.CLOSING_VIEW):
        closings = Closing.objects.visible_to(user).exclude(state=Closing.State.OPEN)
        rated = set(closings.order_by().values_list("kind", "start").distinct())
    else:
        ratings = Rating.objects.visible_to(user)
        rated = set(ratings.order_by().values_list("closing__kind", "closing__start").distinct())
    periods = [Period(Kind(kind), start) for kind, start in rated]
    return sorted(periods, key=lambda period: (period.end, period.start), reverse=True)[:PERIODS_SHOWN]


@duty_required(Action.RATING_VIEW)
def rating_list(request: UserRequest) -> HttpResponse:
    user = request.user
    periods = periods_rated(user)
    form = RatingFilter(request.GET, user=user, periods=periods)
    form.fields["q"].widget.attrs["placeholder"] = "姓名、拼音或户号"
    period = Period.parse(form.value("period")) if form.value("period") else next(iter(periods), None)
    rows = Rating.objects.visible_to(user)
    rows = rows.in_period(period) if period else rows.none()
    if form.value("village"):
        rows = rows.filter(closing__village=form.value("village"))
    if form.value("stars"):
        rows = rows.filter(stars=form.value("stars"))
    query = form.value("q")
    if query:
        household = "account__household__"
        rows = rows.filter(
            name_q(query, name=f"{household}head_name", key=f"{household}head_pinyin")
            | Q(**{f"{household}number__contains": query.strip()})
        )
    rows = rows.select_related("closing__village", "account__household__unit").order_by(
        "closing__village__path", "rank", "id"
    )
    context = {"form": form, "page": page_of(request, rows), "period": period}
    partial = "#results" if request.htmx and not request.htmx.boosted else ""
    return render(request, f"moral_bank/closings/rating_list.html{partial}", context)


@duty_required(Action.RATING_VIEW)
def rating_detail(request: UserRequest, pk: int) -> HttpResponse:
    ratings = Rating.objects.select_related(
        "closing__village", "closing__rule_set", "closing__notice", "account__household__unit"
    )
    rating = get_visible_or_404(ratings, request.user, pk=pk)
    context = {"rating": rating, "household": rating.account.household, "explanation": explain(rating)}
    return render(request, "moral_bank/closings/rating_detail.html", context)
