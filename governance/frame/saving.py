"""Save rows by a service: checked, with their history rows naming who did it."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from governance.accounts.models import User
from governance.errors import DomainError

KEYS_AT_ONCE = 5000
_M = TypeVar("_M", bound=Model)


def save_by(instance: Model, by: User | None, error: type[DomainError], update_fields: list[str] | None = None) -> None:
    """Validate and save `instance`; a rule that it breaks is raised as `error` in plain Chinese. `by` None is who has no account."""
    _check(instance, error)
    row: Any = instance
    row._history_user = by
    instance.save(update_fields=update_fields)


def insert_by(rows: Sequence[_M], by: User | None, error: type[DomainError]) -> list[_M]:
    """`save_by` for new rows of one model, in two statements. Whether a key leads somewhere and the constraints hold is
    left to the database; only where it refuses are the rows checked one by one, to say why."""
    if not rows:
        return []
    keys = {field.name for field in rows[0]._meta.concrete_fields if field.is_relation}
    for row in rows:
        _check(row, error, exclude=keys, validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            made: list[_M] = bulk_create_with_history(rows, type(rows[0]), default_user=by)
    except IntegrityError:
        for row in rows:
            _check(row, error)
        raise
    return made


def add_missing(rows: Iterable[_M], township: Model, by: User | None, *, key: str = "code") -> int:
    """Insert, with their history, those of `rows` (of one model, of one township) whose `key` the township does not have, and leave
    what stands; returns how many."""
    given = list(rows)
    if not given:
        return 0
    model: Any = type(given[0])
    with transaction.atomic():
        kept = set(model.objects.filter(township=township).values_list(key, flat=True))
        missing = [row for row in given if getattr(row, key) not in kept]
        bulk_create_with_history(missing, model, default_user=by)
    return len(missing)


def history_add(model: Any, keys: Sequence[int], by: User | None) -> None:
    """The first history of rows that were inserted in sets: copied by the database, as they stand."""
    history, table = model.history.model, model._meta.db_table
    columns = ", ".join(f'"{field.column}"' for field in history.tracked_fields)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        for start in range(0, len(keys), KEYS_AT_ONCE):
            part = keys[start : start + KEYS_AT_ONCE]
            cursor.execute(
                f'INSERT INTO "{history._meta.db_table}" ({columns}, history_date, history_type, history_user_id) '
                f'SELECT {columns}, %s, %s, %s FROM "{table}" WHERE id IN ({", ".join(["%s"] * len(part))}) ORDER BY id',
                [now, "+", by.pk if by else None, *part],
            )


def _check(instance: Model, error: type[DomainError], **options: Any) -> None:
    try:
        instance.full_clean(**options)
    except ValidationError as broken:
        raise error("；".join(_messages(instance, broken))) from broken


def _messages(instance: Model, broken: ValidationError) -> list[str]:
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
