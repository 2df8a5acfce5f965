"""Staff pages of the care ledger's import (missions M28, M39)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.contrib import admin

from governance.accounts.duties import Action
from governance.frame.imports.payload import PreviewRow
from governance.privacy import mask_id_number
from villages.import_admin import TownshipImportAdmin
from volunteers.care.sheet_import import CARE_IMPORT
from volunteers.models import CareImport

_NUMBER = re.compile(r"\d{14,17}[\dXx]")


@admin.register(CareImport)
class CareImportAdmin(TownshipImportAdmin):
    """ID numbers are masked everywhere, illness, disability and guardians are not shown."""

    view_action = add_action = Action.CARE_IMPORT
    flow = CARE_IMPORT
    title = "特殊困难群体台账"
    shown = ("village", "name", "id_number", "category", "tier", "helper", "last_on")
    outcome_words = "纳入 {new} 人，已在台账 {same} 人，未导入 {left_out} 行"
    outlook_words = "将纳入 {new} 人，已在台账 {same} 人"

    def values(self, items: Iterable[PreviewRow]) -> list[dict[str, Any]]:
        return [{**row, "id_number": mask_id_number(str(row.get("id_number") or ""))} for row in super().values(items)]

    def reason(self, item: PreviewRow) -> str:
        return _NUMBER.sub(lambda found: mask_id_number(found[0]), item.row.reason)
