"""Published rules are uploaded into a draft, looked at row by row, and written when told to (plan §三.1; mission M22)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.errors import DomainError
from governance.periods import today
from governance.sheets.cells import LOOK, REFUSE
from moral_bank.models import BankImport
from moral_bank.rules.forms import ColumnsForm, RuleFileForm
from moral_bank.rules.lookups import draft_or_404
from moral_bank.rules.sheet_import import (
    rules_commit,
    rules_discard,
    rules_preview,
    rules_read,
    rules_rejects,
    rules_remap,
)
from villages.roster_payload import SAME, Preview, PreviewRow

SHOWN = 50
LABELS = {REFUSE: ("不能导入", "late"), LOOK: ("请核对", "near")}


@never_cache
@duty_required(Action.RULE_EDIT)
def rule_import(request: UserRequest, pk: int) -> HttpResponse:
    """Upload; nothing is written to the draft yet."""
    draft = draft_or_404(request, pk)
    sent = request.method == "POST"
    form = RuleFileForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = rules_read(file=file, filename=file.name, rule_set=draft, by=request.user)
        except DomainError as error:
            form.add_error("file", error.message)
        else:
            return redirect("moral_bank:rule-import-detail", pk=found.pk)
    context = {"rule_set": draft, "form": form}
    return render(request, "moral_bank/rules/import.html", context, status=422 if form.errors else 200)


@never_cache
@duty_required(Action.RULE_EDIT)
def import_detail(request: UserRequest, pk: int) -> HttpResponse:
    """Every row with its verdict; a POST maps columns anew, writes the good rows or gives the import up."""
    found = _import(request, pk)
    if request.method == "POST":
        return _step(request, found)
    preview = rules_preview(found)
    show = request.GET.get("show", "")
    wanted = [item for item in preview.rows if not show or item.row.verdict == show or item.outcome == show]
    page = Paginator(wanted, SHOWN).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "rule_set": found.rule_set,
        "is_open": found.state == BankImport.State.PREVIEWED,
        "page": page,
        "lines": [_line(item) for item in page.object_list],
        "show": show,
        "total": len(preview.rows),
        "new": _new(preview),
        "good": sum(item.row.verdict not in (LOOK, REFUSE) for item in preview.rows),
        "columns": _columns(preview),
        "unknown": [heading for table in preview.tables for heading in table.mapping.unknown if heading],
    }
    return render(request, "moral_bank/rules/import_detail.html", context)


@duty_required(Action.RULE_EDIT)
def import_rejects(request: UserRequest, pk: int) -> HttpResponseBase:
    """The rows that were left out, with the reason, to be corrected and uploaded again."""
    found, stream = _import(request, pk), BytesIO()
    count = rules_rejects(stream, found)
    if not count:
        messages.info(request, "没有要退回的行。")
        return redirect("moral_bank:rule-import-detail", pk=pk)
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"细则导入退回 {count} 行")
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"细则导入退回-{today():%Y%m%d}.xlsx")


def _step(request: UserRequest, found: BankImport) -> HttpResponse:
    step, by = request.POST.get("step"), request.user
    try:
        if step == "commit":
            include_look = request.POST.get("look") == "1"
            outcome = rules_commit(bank_import=found, include_look=include_look, by=by)
            told = f"已写入 {outcome.new} 条，已有 {outcome.same} 条，没有写入 {outcome.left_out} 行。"
            messages.success(request, told)
        elif step == "discard":
            rules_discard(bank_import=found, by=by)
            messages.success(request, "已放弃这次导入。")
            return redirect("moral_bank:rule-detail", pk=found.rule_set_id)
        else:
            form = ColumnsForm(request.POST, headings=_headings(rules_preview(found)), chosen={})
            if form.is_valid():
                rules_remap(bank_import=found, overrides=form.overrides(), by=by)
                messages.success(request, "已按新的列重新核对。")
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("moral_bank:rule-import-detail", pk=found.pk)


def _import(request: UserRequest, pk: int) -> BankImport:
    rows = BankImport.objects.visible_to(request.user, Action.RULE_EDIT).filter(kind=BankImport.Kind.RULES)
    found = get_object_or_404(rows.select_related("rule_set__township"), pk=pk)
    if found.rule_set is None:
        raise Http404
    return found


def _line(item: PreviewRow) -> dict[str, Any]:
    row = item.row
    label = ("已有", "") if item.outcome == SAME else LABELS.get(row.verdict, ("可导入", "good"))
    return {
        "number": row.row_number,
        "label": label,
        "deed": row.values["deed"] or "—",
        "points": row.before("points").strip() or "—",
        "category": row.values["category"] or "—",
        "reason": row.reason,
    }


def _new(preview: Preview) -> int:
    return sum(item.outcome == "new" for item in preview.rows)


def _headings(preview: Preview) -> list[str]:
    return list(dict.fromkeys(heading for table in preview.tables for heading in table.headings if heading))


def _columns(preview: Preview) -> ColumnsForm:
    chosen = {
        table.headings[column]: key for table in preview.tables for key, column in table.mapping.columns.items()
    }
    return ColumnsForm(headings=_headings(preview), chosen=chosen)
