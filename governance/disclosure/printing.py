"""The whole list on paper, to hang up in the village."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.disclosure.models import Notice
from governance.periods import today
from governance.qr import qr_svg
from villages.scope import get_visible_or_404


@duty_required(Action.NOTICE_VIEW)
def notice_print(request: UserRequest, pk: int) -> HttpResponse:
    """Every line, with the QR of its page while it runs; one that was withdrawn says so."""
    notice = get_visible_or_404(Notice.objects.select_related("unit"), request.user, pk=pk)
    address = request.build_absolute_uri(reverse("public:notice", args=[pk]))
    context = {"notice": notice, "qr": qr_svg(address) if notice.is_public(today()) else ""}
    return render(request, "disclosure/print_notice.html", context)
