"""Staff pages of the roster import: upload, match the columns, look at every row, commit, take the rest back (M01, M39)."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanWidget

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.privacy import mask_id_number
from governance.sheets.limits import SheetError
from governance.sheets.roster_fields import ROSTER_FIELDS
from villages.admin_forms import ServiceForm
from villages.models import RosterImport, Unit
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
from villages.roster_payload import OUTCOMES, PreviewRow
from villages.scoped_admin import ScopedModelAdmin, object_button

ROWS_PER_PAGE = 100
SHOWN = ("village", "group", "settlement", "household_no", "head_name", "name", "relation", "id_number")
_NUMBER = re.compile(r"\d{14,17}[\dXx]")


class UploadForm(ServiceForm):
    """A ledger as the village keeps it."""

    file = forms.FileField(
        label="名册文件", help_text="xlsx、xls 或 csv；上传后先核对，不会马上写入", widget=UnfoldAdminFileFieldWidget
    )


class MappingForm(forms.Form):
    """Which heading of the file means which field."""

    def __init__(self, *args: Any, roster: RosterImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings: list[str] = []
        choices = [("", "（不导入）")] + [(item.key, item.label) for item in ROSTER_FIELDS]
        for table in roster_preview(roster).tables:
            keys = {column: key for key, column in table.mapping.columns.items()}
            for column, heading in enumerate(table.headings):
                if heading and heading not in self.headings:
                    self.fields[f"h{len(self.headings)}"] = forms.ChoiceField(
                        label=heading,
                        choices=choices,
                        required=False,
                        initial=keys.get(column, ""),
                        widget=UnfoldAdminSelectWidget(),
                    )
                    self.headings.append(heading)

    def overrides(self) -> dict[str, str]:
        return {heading: self.cleaned_data[f"h{index}"] for index, heading in enumerate(self.headings)}


class CommitForm(forms.Form):
    """Rows that are to be looked at come along only where the clerk says so."""

    include_look = forms.BooleanField(label="连同“需要核对”的行一起导入", required=False, widget=UnfoldBooleanWidget)


def _waits(roster: RosterImport) -> bool:
    return roster.state == RosterImport.State.PREVIEWED


def _kept(roster: RosterImport) -> bool:
    return bool(roster.preview)


@admin.register(RosterImport)
class RosterImportAdmin(ScopedModelAdmin):
    view_action = add_action = Action.ROSTER_IMPORT
    form = UploadForm
    list_display = ["filename", "township", "state", "summary", "uploaded_by", "created_at", "committed_at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["filename"]
    search_help_text = "按文件名查找"
    readonly_fields = ["summary"]
    change_form_outer_after_template = "admin/roster_rows.html"
    actions_detail = ["commit", "remap", "rejects", "discard"]

    def get_queryset(self, request: UserRequest) -> QuerySet[RosterImport]:
        rows: QuerySet[RosterImport] = super().get_queryset(request)
        return rows.select_related("township", "uploaded_by").defer("source")

    def get_fields(self, request: UserRequest, obj: RosterImport | None = None) -> list[str]:
        if obj is None:
            return ["township", "file"]
        return ["filename", "township", "state", "summary", "uploaded_by", "created_at", "committed_at"]

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        visible = Unit.objects.visible_to(request.user, Action.ROSTER_IMPORT)
        kwargs["queryset"] = visible.filter(level=Unit.Level.TOWNSHIP)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="结果")
    def summary(self, roster: RosterImport) -> str:
        counts, done = roster.counts, roster.counts.get("outcome")
        if done:
            return f"新增 {done['new']} 人，更新 {done['update']} 人，无变化 {done['same']} 人，未导入 {done['left_out']} 行"
        said = [f"{label} {counts.get(level, 0)} 行" for level, label in VERDICTS.items()]
        return "，".join([*said, f"将新增 {counts.get('new', 0)} 人，更新 {counts.get('update', 0)} 人"])

    def add_through(self, request: UserRequest, form: forms.ModelForm) -> RosterImport:
        file, township = form.cleaned_data["file"], form.cleaned_data["township"]
        return roster_read(file=file, filename=file.name, township=township, by=request.user)

    def response_add(
        self, request: UserRequest, obj: RosterImport, post_url_continue: str | None = None
    ) -> HttpResponse:
        """On to the rows: nothing is written before they have been looked at."""
        post = request.POST.copy()
        post["_continue"] = "1"
        request.POST = post  # type: ignore[assignment]
        return super().response_add(request, obj, post_url_continue)

    def change_view(
        self, request: UserRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        roster = self.get_object_or_404(request, object_id)
        preview = roster_preview(roster)
        chosen = request.GET.get("verdict", "")
        rows = [item for item in preview.rows if not chosen or item.row.verdict == chosen]
        lines = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("p"))
        labels = {item.key: item.label for item in ROSTER_FIELDS}
        villages = Unit.objects.filter(code__in={item.row.values.get("village_code") or "" for item in lines})
        names = {village.code: str(village) for village in villages}
        context = {
            "roster_lines": lines,
            "roster_cells": [_line(item, names) for item in lines],
            "roster_labels": [labels[key] for key in SHOWN],
            "roster_verdicts": VERDICTS,
            "roster_verdict": chosen,
            "roster_problems": preview.problems,
        }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    @object_button(Action.ROSTER_IMPORT, "导入", "done_all", when=_waits)
    def commit(self, request: UserRequest, roster: RosterImport) -> HttpResponseBase:
        def run(given: dict[str, Any]) -> str:
            done = roster_commit(roster=roster, include_look=given["include_look"], by=request.user)
            return f"新增 {done.new} 人，更新 {done.update} 人，无变化 {done.same} 人；{done.left_out} 行未导入，可下载退回表。"

        return self.ask(request, roster, f"导入{roster}", run, CommitForm(request.POST or None))

    @object_button(Action.ROSTER_IMPORT, "对应列", "view_column", when=_waits)
    def remap(self, request: UserRequest, roster: RosterImport) -> HttpResponseBase:
        form = MappingForm(request.POST or None, roster=roster)

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


def _line(item: PreviewRow, villages: dict[str, str]) -> dict[str, Any]:
    """One row as it is shown: the village by its name, whatever the sheet calls it; ID numbers are masked everywhere."""
    own = item.row.values
    values = {**own, "village": villages.get(str(own.get("village_code") or "")) or own.get("village")}
    cells = [str(values.get(key) or "") for key in SHOWN[:-1]] + [mask_id_number(str(values.get("id_number") or ""))]
    return {
        "number": f"{item.row.sheet} 第 {item.row.row_number} 行",
        "verdict": item.row.verdict,
        "label": VERDICTS[item.row.verdict],
        "outcome": OUTCOMES[item.outcome],
        "cells": cells,
        "reason": _NUMBER.sub(lambda found: mask_id_number(found[0]), item.row.reason),
    }
