"""Staff pages of the roster import (missions M01, M39)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.contrib import admin

from governance.accounts.duties import Action
from governance.frame.imports.payload import PreviewRow
from governance.privacy import mask_id_number
from villages.import_admin import TownshipImportAdmin
from villages.models import RosterImport
from villages.roster.services import ROSTER_IMPORT

_NUMBER = re.compile(r"\d{14,17}[\dXx]")


@admin.register(RosterImport)
class RosterImportAdmin(TownshipImportAdmin):
    """ID numbers are masked everywhere."""

    view_action = add_action = Action.ROSTER_IMPORT
    flow = ROSTER_IMPORT
    title = "名册"
    shown = ("village", "group", "settlement", "household_no", "head_name", "name", "relation", "id_number")
    outcome_words = "新增 {new} 人，更新 {update} 人，无变化 {same} 人，未导入 {left_out} 行"
    outlook_words = "将新增 {new} 人，更新 {update} 人"

    def values(self, items: Iterable[PreviewRow]) -> list[dict[str, Any]]:
        return [{**row, "id_number": mask_id_number(str(row.get("id_number") or ""))} for row in super().values(items)]

    def reason(self, item: PreviewRow) -> str:
        return _NUMBER.sub(lambda found: mask_id_number(found[0]), item.row.reason)
