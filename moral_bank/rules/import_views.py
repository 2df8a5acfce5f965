"""Published rules are uploaded into a draft, looked at row by row, and written when told to (plan §三.1; mission M22)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import form_page, press, sent
from governance.frame.imports.background import sheet_remap
from governance.frame.imports.pages import judged_rows, own_job, rejects_response, remapped, step_taken, upload_taken
from governance.periods import today
from governance.reading import text_sent
from governance.sheets.rules import RULE_FIELDS
from moral_bank.models import BankImport
from moral_bank.rules.forms import ColumnsForm, RuleFileForm
from moral_bank.rules.lookups import draft_or_404
from moral_bank.rules.sheet_import import RULE_IMPORT


@never_cache
@duty_required(Action.RULE_EDIT)
def rule_import(request: UserRequest, pk: int) -> HttpResponse:
    """Upload; nothing is written to the draft yet."""
    draft = draft_or_404(request, pk)
    form = RuleFileForm(**sent(request))
    if taken := upload_taken(request, form, RULE_IMPORT, rule_set=draft):
        return taken
    return form_page(request, form, "moral_bank/rules/import.html", rule_set=draft)


@never_cache
@duty_required(Action.RULE_EDIT)
def import_detail(request: UserRequest, pk: int) -> HttpResponse:
    """Every row with its verdict; a POST maps columns anew, writes the good rows or gives the import up."""
    sheet = _sheet(request, pk)
    if request.method == "POST":
        return _step(request, sheet, text_sent(request, "step"))
    if going := own_job(request, RULE_IMPORT, sheet):
        return going
    shown = judged_rows(request, sheet, RULE_IMPORT, key="show")
    context = {
        **shown,
        "rule_set": sheet.rule_set,
        "columns": ColumnsForm(tables=sheet.judged().tables, known=RULE_FIELDS),
    }
    return render(request, "moral_bank/rules/import_detail.html", context)


@duty_required(Action.RULE_EDIT)
def import_rejects(request: UserRequest, pk: int) -> HttpResponseBase:
    """The rows that were left out, with the reason, to be corrected and uploaded again."""
    sheet = _sheet(request, pk)
    if not sheet.judged().rejects:
        messages.info(request, "没有要退回的行。")
        return redirect("moral_bank:rule-import-detail", pk=pk)
    return rejects_response(request, sheet, "细则导入退回", f"细则导入退回-{today():%Y%m%d}.xlsx")


def _step(request: UserRequest, sheet: BankImport, step: str) -> HttpResponse:
    if step in ("commit", "discard"):
        if step_taken(request, RULE_IMPORT, sheet, step) and step == "discard":
            return redirect("moral_bank:rule-detail", pk=sheet.rule_set_id)
    else:
        form = ColumnsForm(request.POST, tables=sheet.judged().tables, known=RULE_FIELDS)
        if form.is_valid():
            press(request, sheet_remap, remapped, flow=RULE_IMPORT, sheet=sheet, overrides=form.overrides(), by=request.user)
    return redirect("moral_bank:rule-import-detail", pk=sheet.pk)


def _sheet(request: UserRequest, pk: int) -> BankImport:
    return get_object_or_404(RULE_IMPORT.imports(request.user).select_related(RULE_IMPORT.related), pk=pk)
