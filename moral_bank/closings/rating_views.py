"""Ratings by period, and one rating explained down to its entries (为什么是这个分)."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.lists import list_page
from moral_bank.closings.explain import explain
from moral_bank.closings.lists import FEW_ORDER, RATINGS
from moral_bank.models import Rating
from villages.scope import get_visible_or_404, reach_of


@duty_required(Action.RATING_VIEW)
def rating_list(request: UserRequest) -> HttpResponse:
    rows = Rating.objects.visible_to(request.user).select_related("closing__village", "account__household__unit")
    reach = reach_of(request.user, Action.RATING_VIEW)
    listing = RATINGS if reach and reach.townships else replace(RATINGS, order=FEW_ORDER)
    return list_page(request, listing, rows, "moral_bank/closings/rating_list.html")


@duty_required(Action.RATING_VIEW)
def rating_detail(request: UserRequest, pk: int) -> HttpResponse:
    ratings = Rating.objects.select_related(
        "closing__village", "closing__rule_set", "closing__notice", "account__household__unit"
    )
    rating = get_visible_or_404(ratings, request.user, pk=pk)
    context = {"rating": rating, "household": rating.account.household, "explanation": explain(rating)}
    return render(request, "moral_bank/closings/rating_detail.html", context)
