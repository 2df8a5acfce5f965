"""Save one row by a service: checked, with its history row naming who did it."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db.models import Model

from governance.accounts.models import User
from governance.errors import DomainError


def save_by(instance: Model, by: User, error: type[DomainError], update_fields: list[str] | None = None) -> None:
    """Validate and save `instance`; a rule that it breaks is raised as `error` in plain Chinese."""
    try:
        instance.full_clean()
    except ValidationError as broken:
        raise error("；".join(_told(instance, broken))) from broken
    row: Any = instance
    row._history_user = by
    instance.save(update_fields=update_fields)


def _told(instance: Model, broken: ValidationError) -> list[str]:
    told = []
    for field, messages in broken.message_dict.items():
        label = "" if field == NON_FIELD_ERRORS else f"{_label(instance, field)}："
        told += [label + message for message in messages]
    return told


def _label(instance: Model, field: str) -> str:
    try:
        return str(getattr(instance._meta.get_field(field), "verbose_name", field))
    except FieldDoesNotExist:
        return field
