"""资金覆盖: what stands behind each village's points today and on the last thirty evenings."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.lists import list_export, list_page
from governance.periods import today
from moral_bank.models import CoverDay, Shop
from moral_bank.passbooks.cover import cover_of, day_cover
from moral_bank.passbooks.exports import COVERS as LEDGER
from moral_bank.passbooks.lists import COVERS
from villages.scope import get_visible_or_404

DAYS_SHOWN = 30


@duty_required(Action.MARKET_VIEW)
def cover_list(request: UserRequest) -> HttpResponse:
    rows = Shop.objects.visible_to(request.user).select_related("village")
    return list_page(request, COVERS, rows, "moral_bank/passbooks/cover_list.html")


@duty_required(Action.EXPORT)
def cover_export(request: UserRequest) -> HttpResponseBase:
    """Today's figures of the villages where the user may export."""
    rows = Shop.objects.visible_to(request.user, Action.EXPORT)
    return list_export(request, COVERS, rows, LEDGER, "moral_bank:cover-list")


@duty_required(Action.MARKET_VIEW)
def cover_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One village, by the id of its unit."""
    shop = get_visible_or_404(Shop.objects.select_related("village"), request.user, village=pk)
    since = today() - timedelta(days=DAYS_SHOWN)
    days = CoverDay.objects.visible_to(request.user).filter(village=pk, day__gt=since).order_by("-day")
    context = {"shop": shop, "cover": cover_of(shop.village), "days": [(day, day_cover(day)) for day in days], "shown": DAYS_SHOWN}
    return render(request, "moral_bank/passbooks/cover_detail.html", context)
