"""Staff pages of the roster import: upload, match the columns, look at every row, commit, take the rest back (M01, M39)."""

from __future__ import annotations

import re
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
from governance.frame.admin import object_button
from governance.privacy import mask_id_number
from governance.sheets.limits import SheetError
from governance.sheets.roster_fields import ROSTER_FIELDS
from villages.import_admin import CommitForm, MappingForm, SheetImportAdmin
from villages.models import RosterImport
from villages.roster import (
    VERDICTS,
    RosterError,
    roster_commit,
    roster_discard,
    roster_preview,
    roster_read,
    roster_rejects,
    roster_remap,
)
from villages.roster_payload import Preview, PreviewRow

_NUMBER = re.compile(r"\d{14,17}[\dXx]")


def _waits(roster: RosterImport) -> bool:
    return roster.state == RosterImport.State.PREVIEWED


def _kept(roster: RosterImport) -> bool:
    return bool(roster.preview)


@admin.register(RosterImport)
class RosterImportAdmin(SheetImportAdmin):
    """ID numbers are masked everywhere."""

    view_action = add_action = Action.ROSTER_IMPORT
    known = ROSTER_FIELDS
    shown = ("village", "group", "settlement", "household_no", "head_name", "name", "relation", "id_number")
    list_display = ["filename", "township", "state", "summary", "uploaded_by", "created_at", "committed_at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    actions_detail = ["commit", "remap", "rejects", "discard"]

    def preview(self, row: RosterImport) -> Preview:
        return roster_preview(row)

    def cells(self, values: dict[str, Any]) -> list[str]:
        return super().cells({**values, "id_number": mask_id_number(str(values.get("id_number") or ""))})

    def reason(self, item: PreviewRow) -> str:
        return _NUMBER.sub(lambda found: mask_id_number(found[0]), item.row.reason)

    @admin.display(description="结果")
    def summary(self, roster: RosterImport) -> str:
        counts, done = roster.counts, roster.counts.get("outcome")
        if done:
            return f"新增 {done['new']} 人，更新 {done['update']} 人，无变化 {done['same']} 人，未导入 {done['left_out']} 行"
        said = [f"{label} {counts.get(level, 0)} 行" for level, label in VERDICTS.items()]
        return "，".join([*said, f"将新增 {counts.get('new', 0)} 人，更新 {counts.get('update', 0)} 人"])

    def add_through(self, request: UserRequest, form: forms.ModelForm[RosterImport]) -> RosterImport:
        file, township = form.cleaned_data["file"], form.cleaned_data["township"]
        return roster_read(file=file, filename=file.name, township=township, by=request.user)

    @object_button(Action.ROSTER_IMPORT, "导入", "done_all", when=_waits)
    def commit(self, request: UserRequest, roster: RosterImport) -> HttpResponseBase:
        def run(given: dict[str, Any]) -> str:
            done = roster_commit(roster=roster, include_look=given["include_look"], by=request.user)
            return f"新增 {done.new} 人，更新 {done.update} 人，无变化 {done.same} 人；{done.left_out} 行未导入，可下载退回表。"

        return self.ask(request, roster, f"导入{roster}", run, CommitForm(request.POST or None))

    @object_button(Action.ROSTER_IMPORT, "对应列", "view_column", when=_waits)
    def remap(self, request: UserRequest, roster: RosterImport) -> HttpResponseBase:
        form = MappingForm(request.POST or None, tables=roster_preview(roster).tables, known=ROSTER_FIELDS)

        def run(given: dict[str, Any]) -> str:
            try:
                roster_remap(roster=roster, overrides=form.overrides(), by=request.user)
            except SheetError as error:
                raise RosterError(str(error), "mapping") from error
            return "已按新的对应重新核对。"

        return self.ask(request, roster, f"{roster}：表头对应哪一项", run, form)

    @object_button(Action.ROSTER_IMPORT, "下载退回表", "download", when=_kept)
    def rejects(self, request: UserRequest, roster: RosterImport) -> HttpResponseBase:
        stream = BytesIO()
        count = roster_rejects(stream, roster)
        access_log(AccessLog.Kind.EXPORT, request=request, detail=f"名册退回表 {count} 行")
        stream.seek(0)
        return FileResponse(stream, as_attachment=True, filename=f"退回-{roster.filename.rsplit('.', 1)[0]}.xlsx")

    @object_button(Action.ROSTER_IMPORT, "放弃", "delete", when=_kept)
    def discard(self, request: UserRequest, roster: RosterImport) -> HttpResponseBase:
        def run(given: dict[str, Any]) -> str:
            roster_discard(roster=roster, by=request.user)
            return "已放弃，文件内容已删除。"

        return self.ask(request, roster, f"放弃{roster}（删除上传的内容，已导入的不受影响）", run)
