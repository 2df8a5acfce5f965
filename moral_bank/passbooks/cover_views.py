"""资金覆盖: what stands behind each village's points today and on the last thirty evenings."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.periods import today
from moral_bank.models import CoverDay, Shop
from moral_bank.passbooks.cover import cover_of, covers_of, day_cover
from moral_bank.passbooks.exports import COVERS
from moral_bank.passbooks.forms import CoverFilter
from villages.scope import get_visible_or_404

DAYS_SHOWN = 30


@duty_required(Action.MARKET_VIEW)
def cover_list(request: UserRequest) -> HttpResponse:
    user, form = request.user, CoverFilter(request.GET, user=request.user)
    shops = list(_shops(form, Shop.objects.visible_to(user)).select_related("village"))
    covers = covers_of(shop.village for shop in shops)
    rows = [(shop, covers[shop.village_id]) for shop in shops if shop.village_id in covers]
    if level := form.value("level"):
        rows = [(shop, cover) for shop, cover in rows if cover.level == level]
    context = {
        "form": form,
        "rows": rows,
        "asked": bool(level or ("village" in form.fields and form.value("village"))),
        "may_export": user.may(Action.EXPORT),
    }
    return render(request, "moral_bank/passbooks/cover_list.html", context)


@duty_required(Action.EXPORT)
def cover_export(request: UserRequest) -> HttpResponseBase:
    """Today's figures of the villages where the user may export."""
    form = CoverFilter(request.GET, user=request.user)
    rows = _shops(form, Shop.objects.visible_to(request.user, Action.EXPORT))
    try:
        return ledger_response(COVERS, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:cover-list")


@duty_required(Action.MARKET_VIEW)
def cover_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One village, by the id of its unit."""
    shop = get_visible_or_404(Shop.objects.select_related("village"), request.user, village=pk)
    since = today() - timedelta(days=DAYS_SHOWN)
    days = CoverDay.objects.visible_to(request.user).filter(village=pk, day__gt=since).order_by("-day")
    context = {"shop": shop, "cover": cover_of(shop.village), "days": [(day, day_cover(day)) for day in days], "shown": DAYS_SHOWN}
    return render(request, "moral_bank/passbooks/cover_detail.html", context)


def _shops(form: CoverFilter, rows: QuerySet[Shop]) -> QuerySet[Shop]:
    village = form.value("village") if "village" in form.fields else None
    return (rows.filter(village=village) if village else rows).order_by("village__path")
