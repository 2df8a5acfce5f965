"""Residents written through django-import-export: loaded at once, unchanged rows skipped, written in bulk with history."""

from __future__ import annotations

from datetime import date
from typing import Any

from import_export import fields, widgets
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import ModelResource
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from governance.accounts.models import User
from governance.crypto import keyed_hash
from governance.frame.pinyin import pinyin_key
from villages.models import Resident

COLUMNS = ("id", "household", "name", "sex", "birth_date", "phone", "relation", "status", "id_number", "note")
_COMPARED = ("household_id", "name", "sex", "birth_date", "phone", "relation", "status", "status_on", "id_hash", "note")
_WRITTEN = ("household", *_COMPARED[1:], "name_pinyin", "id_cipher")


class _Loaded(BaseInstanceLoader):
    """Residents that the caller has matched already; no query per row."""

    def get_instance(self, row: dict[str, Any]) -> Resident | None:
        found: Resident | None = self.resource.residents.get(row["id"])
        return found


class ResidentResource(ModelResource):
    """Rows of COLUMNS. `id` is the key of a matched resident, None for a new one; `id_number` stands in clear and is
    stored as cipher and hash. An empty cell leaves what is known as it is. A row that changes nothing is skipped."""

    household = fields.Field(attribute="household_id", column_name="household", widget=widgets.IntegerWidget())

    class Meta:
        model = Resident
        fields = ("id", "household", "name", "sex", "birth_date", "phone", "relation", "status", "note")
        instance_loader_class = _Loaded
        use_bulk = True
        batch_size = 1000
        skip_unchanged = True
        skip_diff = True
        report_skipped = True

    def __init__(self, residents: dict[int, Resident], on: date, by: User) -> None:
        """`residents`: the matched ones by key; `on`: day from which a change of status counts."""
        super().__init__()
        self.residents = residents
        self.on = on
        self.by = by
        self.before: list[Any] = []

    def after_init_instance(self, instance: Resident, new: bool, row: dict[str, Any], **kwargs: Any) -> None:
        self.before = [] if new else _state(instance)

    def import_field(
        self, field: fields.Field, instance: Resident, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any
    ) -> None:
        if row[field.column_name] not in (None, ""):
            super().import_field(field, instance, row, is_m2m, **kwargs)

    def import_instance(self, instance: Resident, row: dict[str, Any], **kwargs: Any) -> None:
        status = instance.status
        super().import_instance(instance, row, **kwargs)
        if instance.status != status:
            instance.status_on = self.on
        if row["id_number"] and keyed_hash(row["id_number"]) != instance.id_hash:
            instance.set_id_number(row["id_number"])

    def skip_row(
        self, instance: Resident, original: None, row: dict[str, Any], import_validation_errors: Any = None
    ) -> bool:
        return self.before == _state(instance)

    def before_save_instance(self, instance: Resident, row: dict[str, Any], **kwargs: Any) -> None:
        instance.name_pinyin = pinyin_key(instance.name)

    def bulk_create(
        self, using_transactions: bool, dry_run: bool, raise_errors: bool, batch_size: int = 1000, result: Any = None
    ) -> None:
        if not dry_run:
            bulk_create_with_history(self.create_instances, Resident, batch_size, default_user=self.by)
        self.create_instances.clear()

    def bulk_update(
        self, using_transactions: bool, dry_run: bool, raise_errors: bool, batch_size: int = 1000, result: Any = None
    ) -> None:
        if not dry_run:
            bulk_update_with_history(self.update_instances, Resident, _WRITTEN, batch_size, default_user=self.by)
        self.update_instances.clear()


def _state(resident: Resident) -> list[Any]:
    return [getattr(resident, name) for name in _COMPARED]
