"""Staff pages of the account list's import, for the system administrator (missions M01, M03)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action, Duty, Guard
from governance.frame.imports.admin import SheetImportAdmin
from governance.frame.imports.models import SheetImport
from governance.frame.imports.payload import PreviewRow
from villages.posts.account_import import ACCOUNT_IMPORT
from villages.posts.models import AccountImport

LABELS = {**dict(Duty.choices), **dict(Guard.choices)}


@admin.register(AccountImport)
class AccountImportAdmin(SheetImportAdmin):
    view_action = add_action = Action.ACCOUNT_MANAGE
    flow = ACCOUNT_IMPORT
    title = "账号表"
    shown = ("name", "phone", "duty", "unit", "term_end", "username")
    list_display = ["filename", "state", "summary", "uploaded_by", "created_at", "committed_at"]
    list_select_related = ["uploaded_by"]
    outcome_words = "新建账号 {new} 个，已有 {same} 行，待授予的职务 {proposed} 项，未导入 {left_out} 行"
    outlook_words = "将新建账号或提出职务 {new} 行，已有 {same} 行"

    def get_queryset(self, request: UserRequest) -> QuerySet[Any]:
        return AccountImport.objects.visible_to(request.user).select_related("uploaded_by").defer("source")

    def get_fields(self, request: UserRequest, obj: SheetImport | None = None) -> list[str]:
        return ["file", "encoding"] if obj is None else self.list_display

    def values(self, items: Iterable[PreviewRow]) -> list[dict[str, Any]]:
        """With the duty in words and the login name that the account has or gets."""
        return [
            {**row, "duty": LABELS.get(str(row["duty"]), ""), "username": row.get("login") or row["username"]}
            for row in super().values(items)
        ]
