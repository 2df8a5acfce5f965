"""For residents, without log-in: what an errand needs, how far a receipt or an objection is, and what they think of it."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from governance.cases.errands.forms import RateForm, ReceiptForm
from governance.cases.errands.services import receipt_find, receipt_of, receipt_rate
from governance.cases.models import Case, Category
from governance.disclosure.looking import said_find
from governance.frame.act import act, form_page, sent
from governance.frame.public import public_page
from governance.frame.slowing import Guessing
from governance.qr import qr_svg
from governance.reading import text_asked

PAGE = "cases/errands/public_receipt.html"
GUESSING = Guessing("address", "number")
NOTHING = "没有查到。请核对受理编号和电话后四位，或到村便民服务点问一问。"
SLOW = "查得太频繁了，请过十分钟再试，或到村便民服务点问一问。"


@never_cache
@public_page
def receipt(request: HttpRequest) -> HttpResponse:
    """POST number and the phone's last four digits. A wrong number and a wrong phone get the same answer."""
    form = ReceiptForm(**sent(request), initial={"number": text_asked(request, "number")[:20]})
    if form.is_valid():
        if GUESSING.is_too_often(request, form.cleaned_data["number"].strip().upper()):
            return GUESSING.slowed(request, PAGE, {"form": form, "slow": SLOW})
        if case := receipt_find(**form.arguments()):
            return _found(request, form, case)
        if said := said_find(**form.arguments()):
            return render(request, PAGE, {"form": form, "said": said})
        form.add_error(None, NOTHING)
    return form_page(request, form, PAGE)


def _found(request: HttpRequest, form: ReceiptForm, case: Case) -> HttpResponse:
    """Show the receipt, and take the rating that came with it."""
    rate = RateForm(request.POST if "satisfaction" in request.POST or "rate" in request.POST else None)
    done = act(request, rate, receipt_rate, case=case)
    if done:
        case.refresh_from_db()
    context = {"form": form, "receipt": receipt_of(case), "rate": rate, "thanks": done}
    return render(request, PAGE, context, status=422 if rate.is_bound and rate.errors else 200)


@public_page
def service_list(request: HttpRequest) -> HttpResponse:
    """Every township's errands."""
    rows = Category.objects.filter(kind="errand", is_active=True).select_related("township", "service")
    rows = rows.order_by("township__path", "position", "pk")
    towns = [(town, list(offered)) for town, offered in groupby(rows, key=lambda category: category.township)]
    return render(request, "cases/errands/public_service_list.html", {"towns": towns})


@public_page
def service(request: HttpRequest, pk: int) -> HttpResponse:
    """一次性告知单: what to bring, how it goes, how long it takes; to be printed as well."""
    rows = Category.objects.filter(kind="errand", is_active=True).select_related("township", "service", "office")
    category = get_object_or_404(rows, pk=pk)
    address = request.build_absolute_uri(request.path)
    return render(request, "cases/errands/public_service.html", {"category": category, "qr": qr_svg(address)})
