"""同意: what one person agreed to, and its withdrawal."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To
from villages.consents.forms import ConsentForm
from villages.consents.services import consent_give, consent_withdraw
from villages.models import Consent, Resident
from villages.scope import get_visible_or_404


@duty_required(Action.HOUSEHOLD_EDIT)
def consents(request: UserRequest, pk: int) -> HttpResponse:
    resident = get_visible_or_404(Resident.objects.select_related("household"), request.user, Action.HOUSEHOLD_EDIT, pk=pk)
    form = ConsentForm(**sent(request), resident=resident)
    if act(request, form, consent_give, "已登记。", resident=resident, by=request.user):
        return redirect("villages:consents", pk)
    rows = resident.consents.select_related("by", "withdrawn_by")
    up = To(str(resident.household), "villages:household-detail", (resident.household_id,))
    return form_page(
        request, form, "villages/consents/consents.html", title=f"{resident.name}的同意", button="登记同意", up=up, consents=rows
    )


@require_POST
@duty_required(Action.HOUSEHOLD_EDIT)
def consent_end(request: UserRequest, pk: int) -> HttpResponse:
    consent = get_visible_or_404(Consent.objects.select_related("resident"), request.user, Action.HOUSEHOLD_EDIT, pk=pk)
    press(request, consent_withdraw, "已登记撤回，公开的内容已经撤下。", consent=consent, by=request.user)
    return redirect("villages:consents", consent.resident_id)
