"""The staff pages of an import: upload, match the columns, look at every row, commit, take the rest back (missions M01, M13, M39)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanWidget

from governance.accounts.decorators import UserRequest
from governance.accounts.models import ImportJob
from governance.frame.admin import ScopedModelAdmin, object_button
from governance.frame.admin_forms import ServiceForm
from governance.frame.imports.background import sheet_commit, sheet_read, sheet_remap
from governance.frame.imports.flow import SheetFlow
from governance.frame.imports.forms import MappingForm, encoding_field
from governance.frame.imports.models import SheetImport
from governance.frame.imports.pages import account_words, own_job, rejects_response, remapped, tabs_of, told
from governance.frame.imports.payload import OUTCOMES, SAME, PreviewRow
from governance.reading import text_asked
from governance.sheets.cells import CLEAN, LOOK, OK, REFUSE

VERDICTS = {OK: "可导入", CLEAN: "整理后可导入", LOOK: "需要核对", REFUSE: "不能导入"}
TABS = {level: (label, "") for level, label in VERDICTS.items()} | {SAME: (OUTCOMES[SAME], "")}
ROWS_PER_PAGE = 100


class UploadForm(ServiceForm):
    """A ledger as the village keeps it."""

    file = forms.FileField(
        label="文件", help_text="xlsx、xls 或 csv；上传后先核对，不会马上写入", widget=UnfoldAdminFileFieldWidget
    )
    encoding = encoding_field(UnfoldAdminSelectWidget)


class StaffMappingForm(MappingForm):
    widget, attrs = UnfoldAdminSelectWidget, {}


class CommitForm(forms.Form):
    """Rows that are to be looked at come along only where the clerk says so."""

    include_look = forms.BooleanField(required=False, widget=UnfoldBooleanWidget)

    def __init__(self, *args: Any, look: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["include_look"].label = f"连同“需要核对”的 {look} 行一起导入"
        if not look:
            self.fields["include_look"].widget = forms.HiddenInput()


def _waits(sheet: SheetImport) -> bool:
    return sheet.waits


def _may_commit(sheet: SheetImport) -> bool:
    return sheet.waits and not sheet.counts.get("missing")


def _may_go(sheet: SheetImport) -> bool:
    return sheet.is_open and bool(sheet.preview)


def _button(good: int, look: int) -> str:
    """The number changes with the tick (`admin.css`)."""
    return format_html('导入 <span class="without-look">{}</span><span class="with-look">{}</span> 行', good, good + look)


class SheetImportAdmin(ScopedModelAdmin):
    """An import that is looked at before it is written. `shown`: the keys of the columns in the list of rows; `title`: what
    is uploaded; `outcome_words` and `outlook_words`: what a commit did and would do, of the figures in `counts`."""

    flow: SheetFlow[Any, Any]
    shown: ClassVar[tuple[str, ...]]
    title: ClassVar[str]
    outcome_words: ClassVar[str]
    outlook_words: ClassVar[str]

    form = UploadForm
    list_display = ["filename", "township", "state", "summary", "uploaded_by", "created_at", "committed_at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_select_related = ["township", "uploaded_by"]
    search_fields = ["filename"]
    search_help_text = "按文件名查找"
    readonly_fields = ["summary"]
    actions_detail = ["commit", "remap", "rejects", "discard"]
    change_form_outer_after_template = "admin/sheet_rows.html"

    # --- what a feature may say otherwise -----------------------------------------------------------------------------

    def values(self, items: Iterable[PreviewRow]) -> list[dict[str, Any]]:
        """What the list shows of each row, by the keys of `shown`."""
        return [dict(item.row.values) for item in items]

    def reason(self, item: PreviewRow) -> str:
        return item.row.reason

    # --- the pages ----------------------------------------------------------------------------------------------------

    def get_queryset(self, request: UserRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("township", "uploaded_by").defer("source")

    def get_fields(self, request: UserRequest, obj: SheetImport | None = None) -> list[str]:
        return ["township", "file", "encoding"] if obj is None else self.list_display

    def save_model(self, request: UserRequest, obj: Any, form: forms.ModelForm[Any], change: bool) -> None:
        """A big file is read by a worker: no import is there yet, but the job that makes it."""
        found = sheet_read(flow=self.flow, back=request.path, by=request.user, **form.cleaned_data)
        if isinstance(found, ImportJob):
            obj.job = found
        else:
            obj.__dict__.update(found.__dict__)

    def log_addition(self, request: UserRequest, obj: Any, message: Any) -> Any:
        return super().log_addition(request, obj, message) if obj.pk else None

    def response_add(self, request: UserRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """On to the rows, or to the columns where one could not be found: nothing is written before they have been looked at."""
        if obj.pk is None:
            return redirect(obj.job.link)
        return redirect(self.address("remap" if obj.counts.get("missing") else "change", obj.pk))

    def change_view(
        self, request: UserRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        sheet = self.get_object_or_404(request, object_id)
        if going := own_job(request, self.flow, sheet):
            return going
        preview, chosen = sheet.judged(), text_asked(request, "verdict")
        rows = [item for item in preview.rows if chosen in ("", item.row.verdict, item.outcome)]
        page = Paginator(rows, ROWS_PER_PAGE).get_page(text_asked(request, "p"))
        context = {
            "sheet_page": page,
            **self._table(page),
            "sheet_tabs": tabs_of(preview, TABS),
            "sheet_verdict": chosen,
            "sheet_problems": preview.problems,
            "sheet_account": account_words(sheet),
            "sheet_missing": sheet.counts.get("missing", []) if sheet.waits else [],
            "sheet_columns": self.address("remap", sheet.pk),
        }
        answer: HttpResponse = super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})
        return answer

    def _table(self, page: Any) -> dict[str, Any]:
        """The rows of one page, without columns in which nothing stands."""
        labels = {item.key: item.label for item in self.flow.fields}
        values = self.values(page)
        shown = [key for key in self.shown if any(row.get(key) for row in values)]
        several = len({item.row.sheet for item in page}) > 1
        return {
            "sheet_lines": [self._line(item, row, shown, several) for item, row in zip(page, values, strict=True)],
            "sheet_labels": [labels[key] for key in shown],
        }

    def _line(self, item: PreviewRow, values: dict[str, Any], shown: list[str], several: bool) -> dict[str, Any]:
        return {
            "number": f"{f'{item.row.sheet} ' if several else ''}第 {item.row.row_number} 行",
            "verdict": item.row.verdict,
            "label": "，".join(filter(None, (VERDICTS[item.row.verdict], OUTCOMES[item.outcome]))),
            "cells": [str(values.get(key) or "") for key in shown],
            "reason": self.reason(item),
        }

    @admin.display(description="结果")
    def summary(self, sheet: SheetImport) -> str:
        if done := sheet.counts.get("outcome"):
            return self.outcome_words.format(**done)
        counts = Counter(sheet.counts)
        rows = [f"{label} {counts[level]} 行" for level, label in VERDICTS.items()]
        whole = f"连同“{VERDICTS[LOOK]}”的，" if counts[LOOK] else ""
        return "，".join([*rows, f"{whole}{self.outlook_words.format_map(counts)}"])

    # --- buttons ------------------------------------------------------------------------------------------------------

    def button_for(self, button: Any, row: Any) -> Any:
        """The button that imports says how many rows."""
        return replace(button, description=f"导入 {row.taken[0]} 行") if button.method.__name__ == "commit" else button

    @object_button(None, "导入", "done_all", when=_may_commit)
    def commit(self, request: UserRequest, sheet: SheetImport) -> HttpResponseBase:
        def run(given: dict[str, Any]) -> str:
            return told(self.flow)(sheet_commit(flow=self.flow, sheet=sheet, include_look=given["include_look"], by=request.user))

        good, look = sheet.taken
        title = f"导入{sheet}：{good} 行可导入{f'，{look} 行需要核对' if look else ''}"
        return self.ask(request, sheet, title, run, CommitForm(request.POST or None, look=look), _button(good, look))

    @object_button(None, "对应列", "view_column", when=_waits)
    def remap(self, request: UserRequest, sheet: SheetImport) -> HttpResponseBase:
        form = StaffMappingForm(request.POST or None, tables=sheet.judged().tables, known=self.flow.fields)

        def run(given: dict[str, Any]) -> str:
            return remapped(sheet_remap(flow=self.flow, sheet=sheet, overrides=form.overrides(), by=request.user))

        missing = sheet.counts.get("missing")
        what = f"请指出哪一列是“{'、'.join(missing)}”" if missing else "表头对应哪一项"
        return self.ask(request, sheet, f"{sheet}：{what}", run, form)

    @object_button(None, "下载退回表", "download", when=lambda sheet: bool(sheet.preview))
    def rejects(self, request: UserRequest, sheet: SheetImport) -> HttpResponseBase:
        return rejects_response(request, sheet, f"{self.title}退回表")

    @object_button(None, "放弃", "delete", when=_may_go)
    def discard(self, request: UserRequest, sheet: SheetImport) -> HttpResponseBase:
        def run(given: dict[str, Any]) -> str:
            self.flow.discard(sheet, by=request.user)
            return self.flow.discarded_words

        what_goes = "（删除上传的内容，已导入的不受影响）" if sheet.outlives_commit else ""
        return self.ask(request, sheet, f"放弃{sheet}{what_goes}", run)
