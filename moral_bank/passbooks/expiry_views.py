"""积分到期: the dated rules of each village, announced at least thirty days before."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from moral_bank.models import Expiry
from moral_bank.passbooks.expiry import expiry_cancel, expiry_decide, lapse_total
from moral_bank.passbooks.exports import EXPIRIES
from moral_bank.passbooks.forms import CancelForm, ExpiryFilter, ExpiryForm

RELATED = ("village", "notice", "decided_by")


@duty_required(Action.RULE_VIEW)
def expiry_list(request: UserRequest) -> HttpResponse:
    user, form = request.user, ExpiryFilter(request.GET, user=request.user)
    page = page_of(request, form.rows(user).select_related(*RELATED).prefetch_related("notice__objections"))
    context = {
        "form": form,
        "page": page,
        "asked": any(request.GET.get(name) for name in form.fields),
        "may_edit": user.may(Action.RULE_EDIT),
        "may_export": user.may(Action.EXPORT),
    }
    return render(request, "moral_bank/passbooks/expiry_list.html", context)


@duty_required(Action.EXPORT)
def expiry_export(request: UserRequest) -> HttpResponseBase:
    allowed = Expiry.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = ExpiryFilter(request.GET, user=request.user).rows(request.user).filter(pk__in=allowed)
    try:
        return ledger_response(EXPIRIES, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:expiry-list")


@duty_required(Action.RULE_EDIT)
def expiry_create(request: UserRequest) -> HttpResponse:
    form = ExpiryForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            expiry = expiry_decide(by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            homes, points = lapse_total(expiry)
            messages.success(request, f"已登记并公示。按现在的余额，到期时有 {homes} 户、共 {points} 分到期。")
            return redirect("moral_bank:expiry-list")
    return render(request, "moral_bank/passbooks/expiry_form.html", {"form": form}, status=422 if form.errors else 200)


@duty_required(Action.RULE_EDIT)
def expiry_cancel_view(request: UserRequest, pk: int) -> HttpResponse:
    rows = Expiry.objects.visible_to(request.user, Action.RULE_EDIT).select_related(*RELATED)
    expiry = get_object_or_404(rows, pk=pk)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            expiry_cancel(expiry=expiry, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已取消，积分照旧有效，公示已撤回。")
            return redirect("moral_bank:expiry-list")
    waits = expiry.done_at is None and expiry.cancelled_at is None
    homes, points = lapse_total(expiry) if waits else (0, 0)
    context = {"expiry": expiry, "form": form, "waits": waits, "homes": homes, "points": points}
    return render(request, "moral_bank/passbooks/expiry_cancel.html", context, status=422 if form.errors else 200)
