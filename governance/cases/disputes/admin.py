"""Staff pages of the dispute ledger's import, as those of the roster (missions M13, M39)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django import forms
from django.contrib import admin
from django.http import FileResponse, HttpResponseBase
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.cases.disputes.sheet_import import (
    disputes_commit,
    disputes_discard,
    disputes_preview,
    disputes_read,
    disputes_rejects,
    disputes_remap,
)
from governance.cases.errors import CaseError
from governance.cases.models import DisputeImport
from governance.frame.admin import object_button
from governance.sheets.disputes import DISPUTE_FIELDS
from governance.sheets.limits import SheetError
from villages.import_admin import CommitForm, MappingForm, SheetImportAdmin
from villages.roster import VERDICTS
from villages.roster_payload import Preview


def _waits(ledger: DisputeImport) -> bool:
    return ledger.state == DisputeImport.State.PREVIEWED


@admin.register(DisputeImport)
class DisputeImportAdmin(SheetImportAdmin):
    view_action = add_action = Action.CASE_IMPORT
    known = DISPUTE_FIELDS
    shown = ("village", "accepted_on", "category", "parties", "text", "responsible", "result", "visited_on")
    list_display = ["filename", "township", "state", "summary", "uploaded_by", "created_at", "committed_at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    actions_detail = ["commit", "remap", "rejects", "discard"]

    def preview(self, row: DisputeImport) -> Preview:
        return disputes_preview(row)

    @admin.display(description="结果")
    def summary(self, ledger: DisputeImport) -> str:
        counts, done = ledger.counts, ledger.counts.get("outcome")
        if done:
            return f"新增 {done['new']} 件，已有 {done['same']} 件，未导入 {done['left_out']} 行"
        said = [f"{label} {counts.get(level, 0)} 行" for level, label in VERDICTS.items()]
        return "，".join([*said, f"将新增 {counts.get('new', 0)} 件，已有 {counts.get('same', 0)} 件"])

    def add_through(self, request: UserRequest, form: forms.ModelForm[DisputeImport]) -> DisputeImport:
        file, township = form.cleaned_data["file"], form.cleaned_data["township"]
        return disputes_read(file=file, filename=file.name, township=township, by=request.user)

    @object_button(Action.CASE_IMPORT, "导入", "done_all", when=_waits)
    def commit(self, request: UserRequest, ledger: DisputeImport) -> HttpResponseBase:
        def run(given: dict[str, Any]) -> str:
            done = disputes_commit(ledger=ledger, include_look=given["include_look"], by=request.user)
            return f"新增 {done.new} 件，已有 {done.same} 件；{done.left_out} 行未导入，可下载退回表。"

        return self.ask(request, ledger, f"导入{ledger}", run, CommitForm(request.POST or None))

    @object_button(Action.CASE_IMPORT, "对应列", "view_column", when=_waits)
    def remap(self, request: UserRequest, ledger: DisputeImport) -> HttpResponseBase:
        tables = disputes_preview(ledger).tables
        form = MappingForm(request.POST or None, tables=tables, known=DISPUTE_FIELDS)

        def run(given: dict[str, Any]) -> str:
            try:
                disputes_remap(ledger=ledger, overrides=form.overrides(), by=request.user)
            except SheetError as error:
                raise CaseError(str(error), "mapping") from error
            return "已按新的对应重新核对。"

        return self.ask(request, ledger, f"{ledger}：表头对应哪一项", run, form)

    @object_button(Action.CASE_IMPORT, "下载退回表", "download", when=lambda ledger: bool(ledger.preview))
    def rejects(self, request: UserRequest, ledger: DisputeImport) -> HttpResponseBase:
        stream = BytesIO()
        count = disputes_rejects(stream, ledger)
        access_log(AccessLog.Kind.EXPORT, request=request, detail=f"纠纷台账退回表 {count} 行")
        stream.seek(0)
        return FileResponse(stream, as_attachment=True, filename=f"退回-{ledger.filename.rsplit('.', 1)[0]}.xlsx")

    @object_button(Action.CASE_IMPORT, "放弃", "delete", when=_waits)
    def discard(self, request: UserRequest, ledger: DisputeImport) -> HttpResponseBase:
        def run(given: dict[str, Any]) -> str:
            disputes_discard(ledger=ledger, by=request.user)
            return "已放弃，文件内容已删除。"

        return self.ask(request, ledger, f"放弃{ledger}", run)
