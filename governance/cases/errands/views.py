"""Errands for cadres: the catalogue, the slip with its QR code, fees and satisfaction."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.cases.errands.forms import ErrandForm, RateForm
from governance.cases.errands.lists import SERVICES
from governance.cases.errands.services import errand_edit, satisfaction_set
from governance.cases.models import Case, Category
from governance.frame.act import act, sent
from governance.frame.lists import list_page
from governance.qr import qr_svg
from villages.scope import get_visible_or_404


@duty_required(Action.CASE_VIEW)
def service_list(request: UserRequest) -> HttpResponse:
    rows = Category.objects.visible_to(request.user).filter(kind="errand", is_active=True).select_related("service")
    return list_page(request, SERVICES, rows)


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
    form = RateForm(**sent(request)) if rating else ErrandForm(**sent(request))
    service: Callable[..., object] = satisfaction_set if rating else errand_edit
    if not act(request, form, service, "已保存。", case=case, by=request.user):
        messages.error(request, form.reasons)
    return redirect("cases:case-detail", pk=pk)
