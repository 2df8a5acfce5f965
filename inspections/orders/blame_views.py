"""约谈与问责: leaders write it down and leaders read it; everyone else gets 404, staff too (plan §四(三) 逗硬问责)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from inspections.models import Order
from inspections.orders.blames import blame_add
from inspections.orders.exports import BLAMES
from inspections.orders.forms import BlameFilter, BlameForm
from inspections.orders.steps import TALK_AFTER
from villages.scope import get_visible_or_404


@duty_required(Action.BLAME)
def blame_list(request: UserRequest) -> HttpResponse:
    form = BlameFilter(request.GET, user=request.user)
    page = page_of(request, form.rows(request.user).select_related("village", "order", "by").order_by("-on", "-pk"))
    asked = any(request.GET.get(name) for name in form.fields)
    return render(request, "inspections/orders/blame_list.html", {"form": form, "page": page, "asked": asked})


@never_cache
@duty_required(Action.BLAME)
def blame_create(request: UserRequest) -> HttpResponse:
    """A record of its own, or of the order that the address names."""
    user, order = request.user, _order(request)
    form = BlameForm(
        request.POST if request.method == "POST" else None, user=user, order=order, initial={"facts": _facts(order)}
    )
    if request.method == "POST" and form.is_valid():
        village = order.village if order else form.cleaned_data["village"]
        try:
            blame_add(village=village, talk=form.talk(), order=order, by=user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已登记，只有镇领导看得到。")
            return redirect("inspections:blame-list")
    context = {"form": form, "order": order}
    return render(request, "inspections/orders/blame_form.html", context, status=422 if form.errors else 200)


@require_safe
@duty_required(Action.BLAME)
def blame_export(request: UserRequest) -> HttpResponseBase:
    try:
        return ledger_response(BLAMES, BlameFilter(request.GET, user=request.user).rows(request.user), request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("inspections:blame-list")


def _order(request: UserRequest) -> Order | None:
    asked = request.GET.get("order", "")
    if not asked.isdecimal():
        return None
    return get_visible_or_404(Order.objects.select_related("village"), request.user, Action.BLAME, pk=asked)


def _facts(order: Order | None) -> str:
    """What the order itself says of how it was missed."""
    if order is None or order.misses < TALK_AFTER:
        return ""
    return f"{order.number}（{order.get_kind_display()}）{order.misses} 次未按要求整改。"
