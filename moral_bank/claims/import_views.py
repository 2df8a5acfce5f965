"""A past 积分台账 is uploaded, looked at row by row, and declared when told to (missions M23, M39)."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import form_page, sent
from governance.frame.imports.pages import LABELS, judged_rows, own_job, rejects_response, step_taken, upload_taken
from governance.frame.imports.payload import SAME
from governance.frame.paging import page_of
from governance.sheets.cells import CLEAN
from moral_bank.claims.forms import ClaimSheetForm
from moral_bank.claims.sheet_import import CLAIM_IMPORT, imports_of
from moral_bank.models import BankImport

WORDS = {**LABELS, CLEAN: ("已整理", "good"), SAME: ("已经导入过", "")}


@never_cache
@duty_required(Action.CLAIM_DECLARE)
def claim_import(request: UserRequest) -> HttpResponse:
    form = ClaimSheetForm(**sent(request), user=request.user)
    if taken := upload_taken(request, form, CLAIM_IMPORT):
        return taken
    page = page_of(request, imports_of(request.user).defer("preview", "source"))
    return form_page(request, form, "moral_bank/claims/import.html", page=page)


@never_cache
@duty_required(Action.CLAIM_DECLARE)
def claim_import_detail(request: UserRequest, pk: int) -> HttpResponse:
    sheet = _sheet(request, pk)
    if going := own_job(request, CLAIM_IMPORT, sheet):
        return going
    map_href = reverse("moral_bank:claim-import-step", args=[pk, "map"])
    context = judged_rows(request, sheet, CLAIM_IMPORT, WORDS, map_href=map_href)
    return render(request, "moral_bank/claims/import_detail.html", context)


@require_POST
@duty_required(Action.CLAIM_DECLARE)
def claim_import_step(request: UserRequest, pk: int, step: str) -> HttpResponse:
    """导入, 放弃, or other columns."""
    step_taken(request, CLAIM_IMPORT, _sheet(request, pk), step)
    return redirect("moral_bank:claim-import-detail", pk=pk)


@duty_required(Action.CLAIM_DECLARE)
def claim_import_rejects(request: UserRequest, pk: int) -> HttpResponseBase:
    sheet = _sheet(request, pk)
    if not sheet.preview:
        raise Http404
    return rejects_response(request, sheet, "积分台账退回表")


def _sheet(request: UserRequest, pk: int) -> BankImport:
    """The user's own import, or 404."""
    return get_object_or_404(imports_of(request.user).select_related("township"), pk=pk)
