"""Errands for cadres: the catalogue, the slip with its QR code, fees and satisfaction."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.cases.errands.forms import ErrandForm, RateForm
from governance.cases.errands.services import errand_edit, satisfaction_set
from governance.cases.models import Case, Category
from governance.errors import DomainError
from governance.frame.qr import qr_svg
from villages.scope import get_visible_or_404


@duty_required(Action.CASE_VIEW)
def service_list(request: UserRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    rows = Category.objects.visible_to(request.user).filter(kind="errand", is_active=True).select_related("service")
    if query:
        rows = rows.filter(name__contains=query)
    context = {"rows": rows.order_by("position", "pk"), "query": query, "may_log": request.user.may(Action.CASE_LOG)}
    return render(request, "cases/errands/service_list.html", context)


def _errand(request: UserRequest, pk: int, action: Action = Action.CASE_VIEW) -> Case:
    rows = Case.objects.filter(kind=Case.Kind.ERRAND)
    related = ("category__service", "village", "unit", "township", "errand", "first_receiver", "assignee")
    return get_visible_or_404(rows.select_related(*related), request.user, action, pk=pk)


@duty_required(Action.CASE_HANDLE)
def slip(request: UserRequest, pk: int) -> HttpResponse:
    """受理回执: number and QR for the resident to take home, with the questions of the hand-over."""
    case = _errand(request, pk, Action.CASE_HANDLE)
    address = request.build_absolute_uri(reverse("public:receipt", query={"number": case.number}))
    return render(request, "cases/errands/print_slip.html", {"case": case, "qr": qr_svg(address), "address": address})


@require_POST
@duty_required(Action.CASE_HANDLE)
def edit(request: UserRequest, pk: int) -> HttpResponse:
    """The fee's account and amount, or the satisfaction from the slip."""
    case = _errand(request, pk, Action.CASE_HANDLE)
    rating = "satisfaction" in request.POST or "rate" in request.POST
    form: Any = RateForm(request.POST) if rating else ErrandForm(request.POST)
    if not form.is_valid():
        messages.error(request, "；".join(str(reason) for reasons in form.errors.values() for reason in reasons))
        return redirect("cases:case-detail", pk=pk)
    try:
        (satisfaction_set if rating else errand_edit)(case=case, by=request.user, **form.cleaned_data)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "已保存。")
    return redirect("cases:case-detail", pk=pk)
