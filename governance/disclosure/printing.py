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
    """Every line, with the QR of its page while it runs and the way back to it; one that was withdrawn says so."""
    notice = get_visible_or_404(Notice.objects.select_related("unit"), request.user, pk=pk)
    page, hangs = reverse("public:notice", args=[pk]), notice.is_public(today())
    context = {
        "notice": notice,
        "qr": qr_svg(request.build_absolute_uri(page)) if hangs else "",
        "back": page if hangs else reverse("admin:disclosure_notice_change", args=[pk]) if request.user.is_staff else "/",
    }
    return render(request, "disclosure/print_notice.html", context)
