"""For residents, without log-in: what an errand needs, how far a receipt is, and what they think of it."""

from __future__ import annotations

import hashlib
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from governance.accounts.log import client_ip
from governance.cases.errands.forms import RateForm, ReceiptForm
from governance.cases.errands.services import receipt_find, receipt_of, receipt_rate
from governance.cases.models import Category
from governance.errors import DomainError
from governance.frame.public import public_page
from governance.frame.qr import qr_svg
from governance.frame.slowing import tried

WINDOW = 600
TRIES_OF_ADDRESS = 10
WINDOW_OF_NUMBER = 3600
TRIES_OF_NUMBER = 10
NOTHING = "没有查到。请核对受理编号和电话后四位，或到村便民服务点问一问。"
SLOW = "查得太频繁了，请过十分钟再试，或到村便民服务点问一问。"


@never_cache
@public_page
def receipt(request: HttpRequest) -> HttpResponse:
    """POST number and the phone's last four digits. A wrong number and a wrong phone get the same answer."""
    form = ReceiptForm(request.POST or None, initial={"number": request.GET.get("number", "")[:20]})
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST" and form.is_valid():
        if tried(f"address:{client_ip(request)}", WINDOW) > TRIES_OF_ADDRESS:
            return _slowed(request, context)
        number = form.cleaned_data["number"].strip().upper()
        name = f"number:{hashlib.sha256(number.encode()).hexdigest()[:32]}"
        if tried(name, WINDOW_OF_NUMBER) > TRIES_OF_NUMBER:
            return _slowed(request, context)
        case = receipt_find(number=number, tail=form.cleaned_data["tail"])
        if case is None:
            form.add_error(None, NOTHING)
            status = 422
        else:
            status = _found(request, case, context)
    elif request.method == "POST":
        status = 422
    return render(request, "cases/errands/public_receipt.html", context, status=status)


def _found(request: HttpRequest, case: Any, context: dict[str, Any]) -> int:
    """Show the receipt, and take the rating that came with it."""
    rate = RateForm(request.POST if "satisfaction" in request.POST or "rate" in request.POST else None)
    if rate.is_bound and rate.is_valid():
        try:
            receipt_rate(case=case, **rate.cleaned_data)
            case.refresh_from_db()
            context["thanks"] = True
        except DomainError as error:
            rate.add_error(None, error.message)
    context |= {"receipt": receipt_of(case), "rate": rate}
    return 422 if rate.is_bound and rate.errors else 200


def _slowed(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    answer = render(request, "cases/errands/public_receipt.html", {**context, "slow": SLOW}, status=429)
    answer["Retry-After"] = str(WINDOW)
    return answer


@public_page
def service_list(request: HttpRequest) -> HttpResponse:
    """Every township's errands."""
    rows = Category.objects.filter(kind="errand", is_active=True).select_related("township", "service")
    rows = rows.order_by("township__path", "position", "pk")
    towns = [(town, list(found)) for town, found in groupby(rows, key=lambda category: category.township)]
    return render(request, "cases/errands/public_service_list.html", {"towns": towns})


@public_page
def service(request: HttpRequest, pk: int) -> HttpResponse:
    """一次性告知单: what to bring, how it goes, how long it takes; to be printed as well."""
    rows = Category.objects.filter(kind="errand", is_active=True).select_related("township", "service", "office")
    category = get_object_or_404(rows, pk=pk)
    address = request.build_absolute_uri()
    return render(request, "cases/errands/public_service.html", {"category": category, "qr": qr_svg(address)})
