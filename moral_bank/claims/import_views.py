"""A past 积分台账 is uploaded, looked at row by row, and declared when told to (missions M23, M39)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.errors import DomainError
from governance.frame.paging import PER_PAGE, page_of
from governance.sheets.cells import CLEAN, LOOK, OK, REFUSE
from moral_bank.claims.forms import ClaimSheetForm
from moral_bank.claims.sheet_import import (
    claims_commit,
    claims_discard,
    claims_preview,
    claims_read,
    claims_rejects,
    imports_of,
)
from moral_bank.models import BankImport
from villages.roster_payload import SAME, PreviewRow

LABELS = {OK: ("可导入", "good"), CLEAN: ("已整理", "good"), LOOK: ("请核对", "near"), REFUSE: ("不能导入", "late")}


@never_cache
@duty_required(Action.CLAIM_DECLARE)
def claim_import(request: UserRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = ClaimSheetForm(request.POST if sent else None, request.FILES if sent else None, user=request.user)
    if sent and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            ledger = claims_read(file=file, filename=file.name, village=form.cleaned_data.get("village"), by=request.user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("moral_bank:claim-import-detail", pk=ledger.pk)
    context = {"form": form, "page": page_of(request, imports_of(request.user).defer("preview", "source"))}
    return render(request, "moral_bank/claims/import.html", context, status=422 if form.errors else 200)


@never_cache
@duty_required(Action.CLAIM_DECLARE)
def claim_import_detail(request: UserRequest, pk: int) -> HttpResponse:
    ledger = _ledger(request, pk)
    preview = claims_preview(ledger)
    verdict = request.GET.get("verdict", "")
    rows = [item for item in preview.rows if verdict not in LABELS or item.row.verdict == verdict]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "ledger": ledger,
        "waits": ledger.state == BankImport.State.PREVIEWED,
        "outcome": ledger.counts.get("outcome"),
        "verdict": verdict,
        "verdicts": [(key, label, ledger.counts.get(key, 0)) for key, (label, _) in LABELS.items()],
        "good": ledger.counts.get(OK, 0) + ledger.counts.get(CLEAN, 0),
        "look": ledger.counts.get(LOOK, 0),
        "page": page,
        "lines": [_line(item, len(preview.tables) > 1) for item in page],
        "problems": preview.problems,
        "unknown": sorted({heading for table in preview.tables for heading in table.mapping.unknown} - {"序号"}),
        "rejects": any(item.row.verdict in (LOOK, REFUSE) for item in preview.rows),
    }
    return render(request, "moral_bank/claims/import_detail.html", context)


def _line(item: PreviewRow, several: bool) -> dict[str, Any]:
    row = item.row
    label, tone = LABELS[row.verdict]
    if item.outcome == SAME:
        label, tone = "已经导入过", ""
    where = f"{row.sheet} " if row.sheet and several else ""
    return {"place": f"{where}第 {row.row_number} 行", "label": label, "tone": tone, "values": row.values, "reason": row.reason}


@require_POST
@duty_required(Action.CLAIM_DECLARE)
def claim_import_step(request: UserRequest, pk: int, step: str) -> HttpResponse:
    """导入 or 放弃."""
    ledger = _ledger(request, pk)
    try:
        if step == "commit":
            done = claims_commit(ledger=ledger, include_look="look" in request.POST, by=request.user)
            messages.success(request, f"新申报 {done.new} 条，已有 {done.same} 条，未导入 {done.left_out} 行。")
        elif step == "discard":
            claims_discard(ledger=ledger, by=request.user)
            messages.success(request, "已放弃，文件内容已删除。")
        else:
            raise Http404
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("moral_bank:claim-import-detail", pk=pk)


@duty_required(Action.CLAIM_DECLARE)
def claim_import_rejects(request: UserRequest, pk: int) -> HttpResponseBase:
    ledger, stream = _ledger(request, pk), BytesIO()
    if not ledger.preview:
        raise Http404
    count = claims_rejects(stream, ledger)
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"积分台账退回表 {count} 行")
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"退回-{ledger.filename.rsplit('.', 1)[0]}.xlsx")


def _ledger(request: UserRequest, pk: int) -> BankImport:
    """The user's own import, or 404."""
    return get_object_or_404(imports_of(request.user).select_related("township"), pk=pk)
