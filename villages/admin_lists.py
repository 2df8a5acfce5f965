"""Lists of the staff pages: filtered by village."""

from __future__ import annotations

from typing import Any

from django.db import models
from unfold.contrib.filters.admin import DropdownFilter

from governance.accounts.decorators import UserRequest
from villages.models import Unit


class VillageFilter(DropdownFilter):
    """Rows of one village; `look_up` leads from the row to the village's id."""

    title = "村（社区）"
    parameter_name = "village"
    look_up = "village"

    def lookups(self, request: UserRequest, model_admin: Any) -> list[tuple[str, str]]:
        villages = Unit.objects.visible_to(request.user).villages().filter(valid_to=None)
        return [(str(village.pk), str(village)) for village in villages]

    def queryset(self, request: UserRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(**{self.look_up: chosen}) if chosen and chosen.isdecimal() else queryset


def village_filter(look_up: str) -> type[VillageFilter]:
    """A VillageFilter for rows that reach their village by `look_up`."""
    return type("VillageFilter", (VillageFilter,), {"look_up": look_up})
