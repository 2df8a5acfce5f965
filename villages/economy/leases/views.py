"""Contracts on the desk: those that run out first at the top, each renewed or ended in time."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, sent
from governance.frame.forms import PageForm
from governance.frame.lists import To, list_export, list_page
from villages.economy.leases import services
from villages.economy.leases.forms import EndForm, LeaseForm, TermsForm
from villages.economy.leases.lists import LEASES, LEDGER, state_tags
from villages.economy.leases.models import Lease
from villages.scope import get_visible_or_404

UP = To("发包合同", "villages:lease-list")
TERMS = ("subject", "lessee", "amount", "begins_on", "runs_out_on", "yearly_fen")


@duty_required(Action.ECONOMY_VIEW)
def lease_list(request: UserRequest) -> HttpResponse:
    return list_page(request, LEASES, Lease.objects.visible_to(request.user).select_related("village"))


@require_safe
@duty_required(Action.EXPORT)
def lease_export(request: UserRequest) -> HttpResponseBase:
    return list_export(request, LEASES, Lease.objects.visible_to(request.user, Action.EXPORT), LEDGER, "villages:lease-list")


@duty_required(Action.ECONOMY_VIEW)
def lease_detail(request: UserRequest, pk: int) -> HttpResponse:
    lease = _lease(request, pk, Action.ECONOMY_VIEW)
    may_edit = request.user.may(Action.ECONOMY_EDIT, lease.village.path) and lease.state == Lease.State.RUNNING
    context = {
        "lease": lease,
        "tags": [tag for tag in state_tags(lease) if tag],
        "after": Lease.objects.filter(renews=lease).first(),
        "may_edit": may_edit,
        "history": lease.history.select_related("history_user").order_by("-history_date", "-history_id"),
    }
    return render(request, "villages/economy/lease.html", context)


@never_cache
@duty_required(Action.ECONOMY_EDIT)
def lease_create(request: UserRequest) -> HttpResponse:
    form = LeaseForm(**sent(request), user=request.user)
    if done := act(request, form, services.lease_add, "已登记。", by=request.user):
        return redirect("villages:lease-detail", pk=done.result.pk)
    return form_page(request, form, title="登记发包合同", button="登记", up=UP)


@never_cache
@duty_required(Action.ECONOMY_EDIT)
def lease_edit(request: UserRequest, pk: int) -> HttpResponse:
    lease = _lease(request, pk, Action.ECONOMY_EDIT)
    form = TermsForm(**sent(request), initial={name: getattr(lease, name) for name in TERMS})
    return _step(request, lease, form, services.lease_change, "修改合同", "已修改。")


@never_cache
@duty_required(Action.ECONOMY_EDIT)
def lease_renew(request: UserRequest, pk: int) -> HttpResponse:
    """All but the days is filled in: it begins where the old one runs out."""
    lease = _lease(request, pk, Action.ECONOMY_EDIT)
    initial = {name: getattr(lease, name) for name in TERMS if name != "runs_out_on"} | {"begins_on": lease.runs_out_on}
    return _step(request, lease, TermsForm(**sent(request), initial=initial), services.lease_renew, "续签", "已续签。")


@never_cache
@duty_required(Action.ECONOMY_EDIT)
def lease_end(request: UserRequest, pk: int) -> HttpResponse:
    lease = _lease(request, pk, Action.ECONOMY_EDIT)
    return _step(request, lease, EndForm(**sent(request)), services.lease_end, "终止合同", "已终止。")


def _step(
    request: UserRequest, lease: Lease, form: PageForm, service: Callable[..., Lease], title: str, words: str
) -> HttpResponse:
    if done := act(request, form, service, words, lease=lease, by=request.user):
        return redirect("villages:lease-detail", pk=done.result.pk)
    up = To(str(lease), "villages:lease-detail", (lease.pk,))
    return form_page(request, form, title=title, hint=f"{lease.village}　{lease}　{lease.runs_out_on} 到期", button=title, up=up)


def _lease(request: UserRequest, pk: int, action: Action) -> Lease:
    rows = Lease.objects.select_related("village", "recorded_by", "renews")
    return get_visible_or_404(rows, request.user, action, pk=pk)
