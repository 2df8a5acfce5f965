"""What the staff pages of every sheet import share: upload, match the columns, look at every row (missions M01, M13, M39)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanWidget

from governance.accounts.decorators import UserRequest
from governance.frame.admin import ScopedModelAdmin
from governance.frame.admin_forms import ServiceForm
from governance.sheets.headings import Field
from governance.sheets.tables import Table
from villages.models import Unit
from villages.roster import VERDICTS
from villages.roster_payload import OUTCOMES, Preview, PreviewRow

ROWS_PER_PAGE = 100


class UploadForm(ServiceForm):
    """A ledger as the village keeps it."""

    file = forms.FileField(
        label="文件", help_text="xlsx、xls 或 csv；上传后先核对，不会马上写入", widget=UnfoldAdminFileFieldWidget
    )


class MappingForm(forms.Form):
    """Which heading of the file means which field."""

    def __init__(self, *args: Any, tables: list[Table], known: tuple[Field, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings: list[str] = []
        choices = [("", "（不导入）")] + [(item.key, item.label) for item in known]
        for table in tables:
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


class SheetImportAdmin(ScopedModelAdmin):
    """An import that is looked at before it is written. `known` are its columns, `shown` the keys of those in the list."""

    known: tuple[Field, ...]
    shown: tuple[str, ...]
    form = UploadForm
    search_fields = ["filename"]
    search_help_text = "按文件名查找"
    readonly_fields = ["summary"]
    change_form_outer_after_template = "admin/roster_rows.html"
    list_select_related = ["township", "uploaded_by"]

    def preview(self, row: Any) -> Preview:
        raise NotImplementedError

    def cells(self, values: dict[str, Any]) -> list[str]:
        """What the list shows of one row, in the order of `shown`."""
        return [str(values.get(key) or "") for key in self.shown]

    def reason(self, item: PreviewRow) -> str:
        return item.row.reason

    def get_queryset(self, request: UserRequest) -> Any:
        return super().get_queryset(request).select_related("township", "uploaded_by").defer("source")

    def get_fields(self, request: UserRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["township", "file"]
        return ["filename", "township", "state", "summary", "uploaded_by", "created_at", "committed_at"]

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        visible = Unit.objects.visible_to(request.user, self.view_action)
        kwargs["queryset"] = visible.filter(level=Unit.Level.TOWNSHIP)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def response_add(self, request: UserRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """On to the rows: nothing is written before they have been looked at."""
        post = request.POST.copy()
        post["_continue"] = "1"
        request.POST = post  # type: ignore[assignment]
        page: HttpResponse = super().response_add(request, obj, post_url_continue)
        return page

    def change_view(
        self, request: UserRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        preview = self.preview(self.get_object_or_404(request, object_id))
        chosen = request.GET.get("verdict", "")
        rows = [item for item in preview.rows if not chosen or item.row.verdict == chosen]
        lines = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("p"))
        labels = {item.key: item.label for item in self.known}
        villages = Unit.objects.filter(code__in={item.row.values.get("village_code") or "" for item in lines})
        names = {village.code: str(village) for village in villages}
        context = {
            "roster_lines": lines,
            "roster_cells": [self._line(item, names) for item in lines],
            "roster_labels": [labels[key] for key in self.shown],
            "roster_verdicts": VERDICTS,
            "roster_verdict": chosen,
            "roster_problems": preview.problems,
        }
        page: HttpResponse = super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})
        return page

    def _line(self, item: PreviewRow, villages: dict[str, str]) -> dict[str, Any]:
        """One row as it is shown: the village by its name, whatever the sheet calls it."""
        own = item.row.values
        values = {**own, "village": villages.get(str(own.get("village_code") or "")) or own.get("village")}
        return {
            "number": f"{item.row.sheet} 第 {item.row.row_number} 行",
            "verdict": item.row.verdict,
            "label": VERDICTS[item.row.verdict],
            "outcome": OUTCOMES[item.outcome],
            "cells": self.cells(values),
            "reason": self.reason(item),
        }
