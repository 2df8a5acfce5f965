"""Staff pages of the import of past 户月评 (missions M27, M39)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin

from governance.accounts.duties import Action
from governance.frame.imports.payload import PreviewRow
from inspections.checks.sheet_import import CHECK_IMPORT
from inspections.models import CheckImport
from villages.import_admin import TownshipImportAdmin


@admin.register(CheckImport)
class CheckImportAdmin(TownshipImportAdmin):
    view_action = add_action = Action.CHECK_IMPORT
    flow = CHECK_IMPORT
    title = "户月评台账"
    shown = ("village", "number", "head", "month", "total", "plate", "note")
    outcome_words = "新增 {new} 户次（其中入账 {posted} 户次），已有 {same} 户次，未导入 {left_out} 行"
    outlook_words = "将新增 {new} 户次（其中入账 {posted} 户次，其余只作历史记录，不计积分），已有 {same} 户次"

    def values(self, items: Iterable[PreviewRow]) -> list[dict[str, Any]]:
        return [{**row, "month": row["month"] and f"{row['month']:%Y-%m}"} for row in super().values(items)]
