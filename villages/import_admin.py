"""What the staff pages of a township's sheets know of units (missions M01, M13, M39)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from governance.accounts.decorators import UserRequest
from governance.frame.imports.admin import SheetImportAdmin
from governance.frame.imports.payload import PreviewRow
from villages.models import Unit


class TownshipImportAdmin(SheetImportAdmin):
    """The sheet is uploaded for a township in which the user may; villages go by their names, whatever the sheet calls them."""

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        visible = Unit.objects.visible_to(request.user, self.view_action)
        kwargs["queryset"] = towns = visible.filter(level=Unit.Level.TOWNSHIP)
        if len(own := towns.values_list("pk", flat=True)[:2]) == 1:
            kwargs["initial"] = own[0]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def values(self, items: Iterable[PreviewRow]) -> list[dict[str, Any]]:
        rows = super().values(items)
        villages = Unit.objects.filter(code__in={row.get("village_code") or "" for row in rows})
        names = {village.code: str(village) for village in villages}
        return [{**row, "village": names.get(row.get("village_code") or "") or row.get("village")} for row in rows]
