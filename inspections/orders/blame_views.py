"""约谈与问责: leaders write it down and leaders read it; everyone else gets 404, staff too (plan §四(三) 逗硬问责)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To, list_export, list_page
from governance.reading import key_asked
from inspections.models import Blame, Order
from inspections.orders.blames import blame_add
from inspections.orders.forms import BlameForm
from inspections.orders.lists import BLAME_LEDGER, BLAMES
from inspections.orders.steps import TALK_AFTER
from villages.scope import get_visible_or_404


@duty_required(Action.BLAME)
def blame_list(request: UserRequest) -> HttpResponse:
    return list_page(request, BLAMES, Blame.objects.visible_to(request.user).select_related("village", "order", "by"))


@never_cache
@duty_required(Action.BLAME)
def blame_create(request: UserRequest) -> HttpResponse:
    """A record of its own, or of the order that the address names."""
    user, order = request.user, _order(request)
    form = BlameForm(**sent(request), user=user, order=order, initial={"facts": _facts(order)})
    if act(request, form, blame_add, "已登记，只有镇领导看得到。", order=order, by=user):
        return redirect("inspections:blame-list")
    context = {"title": "登记约谈与问责", "button": "登记", "up": To("约谈与问责", "inspections:blame-list"), "order": order}
    return form_page(request, form, "inspections/orders/blame_form.html", **context)


@require_safe
@duty_required(Action.BLAME)
def blame_export(request: UserRequest) -> HttpResponseBase:
    return list_export(request, BLAMES, Blame.objects.visible_to(request.user), BLAME_LEDGER, "inspections:blame-list")


def _order(request: UserRequest) -> Order | None:
    if not (key := key_asked(request, "order")):
        return None
    return get_visible_or_404(Order.objects.select_related("village"), request.user, Action.BLAME, pk=key)


def _facts(order: Order | None) -> str:
    """What the order itself says of how it was missed."""
    if order is None or order.misses < TALK_AFTER:
        return ""
    return f"{order.number}（{order.get_kind_display()}）{order.misses} 次未按要求整改。"
