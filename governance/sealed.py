"""Telephone numbers at rest (docs/decisions/0033-personal-data.md): one column holds the keyed hash of the number, that of its last
four characters and the SM4-GCM cipher text, so that no statement can write one of them without the others. What may hold numbers
among other things, and is never asked for by them, is sealed whole."""

from __future__ import annotations

import json
import re
import unicodedata
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.migrations import AlterField, RunPython
from django.db.models.functions import Left
from django.db.models.lookups import IsNull

from governance.crypto import decrypt, decrypt_bytes, encrypt, keyed_hash

HASH = 22  # characters of a hash: 128 bits
TAIL = 4
COLUMN = 250  # both hashes, and the cipher text of 126 bytes in base64
CLEAR = 60  # the longest that a column held in clear; what is sealed is longer
AT_ONCE = 500

if TYPE_CHECKING:
    _Text = models.CharField[Any, Any]
    _Field = models.Field[Any, Any]
    _Lookup = models.Lookup[Any]
else:
    _Text, _Field, _Lookup = models.CharField, models.Field, models.Lookup


def digits_of(number: str) -> str:
    """A number as it is compared: wide characters as plain ones, without blanks and hyphens."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number))


def number_hash(number: str) -> str:
    """Keyed hash of a whole number."""
    return _short(f"phone {digits_of(number)}")


def seal(number: str) -> str:
    """What the column holds of a number; "" of none."""
    if not number:
        return ""
    return number_hash(number) + _end_hash(number) + b64encode(encrypt(number)).decode()


def unseal(stored: str) -> str:
    """Inverse of `seal`; raises where a character was changed."""
    return decrypt_bytes(b64decode(stored[2 * HASH :])).decode() if stored else ""


class SealedField(_Text):
    """A short text in clear in Python, sealed in the database. What can be asked of it there: `exact`, `isnull`, and `digits` (the
    whole number or its last four). It has no order."""

    def db_parameters(self, connection: Any) -> Any:
        return {"type": f"varchar({COLUMN})", "check": None}

    def cast_db_type(self, connection: Any) -> str:
        return f"varchar({COLUMN})"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        text = super().get_db_prep_value(value, connection, prepared)
        return seal(text) if isinstance(text, str) else text

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return unseal(value) if value is not None else None

    def get_lookup(self, lookup_name: str) -> Any:
        return _LOOKUPS.get(lookup_name)

    def get_transform(self, lookup_name: str) -> None:
        return None


class CipherField(_Field):
    """Whatever JSON can say, sealed whole; all that the database can be asked is whether it is there."""

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return None if value is None else connection.Database.Binary(encrypt(json.dumps(value, ensure_ascii=False)))

    def from_db_value(self, value: bytes | None, expression: Any, connection: Any) -> Any:
        return None if value is None else json.loads(decrypt(bytes(value)))

    def get_lookup(self, lookup_name: str) -> Any:
        return IsNull if lookup_name == "isnull" else None

    def get_transform(self, lookup_name: str) -> None:
        return None


def same_number(name: str) -> Left:
    """The column `name` as far as it tells whether two numbers are the same, for constraints."""
    return Left(name, HASH)


def in_order(model: type[models.Model], names: Iterable[str]) -> list[str]:
    """Of a list's columns those that it may be ordered by."""
    sealed = {field.name for field in model._meta.concrete_fields if isinstance(field, SealedField)}
    return [name for name in names if name not in sealed]


class _Sealed(_Lookup):
    """Compares the part of the column that `_asked` gives the expected text of; no number is the empty column."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        start, expected = self._asked(str(self.rhs))
        part = f"SUBSTR({column}, {start}, {HASH})" if expected else column
        return f"{part} = %s", (*params, expected)

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def _asked(self, number: str) -> tuple[int, str]:
        return 1, number_hash(number) if number else ""


class _Exact(_Sealed):
    lookup_name = "exact"


class _Digits(_Sealed):
    lookup_name = "digits"

    def _asked(self, number: str) -> tuple[int, str]:
        return (HASH + 1, _end_hash(number)) if len(digits_of(number)) == TAIL else super()._asked(number)


_LOOKUPS = {"exact": _Exact, "digits": _Digits, "isnull": IsNull}


class Seal(AlterField):
    """Migration: make a column a `SealedField` and seal what it held in clear, in batches; what is sealed stays as it is.

    PostgreSQL's triggers keep still meanwhile (SQLite's are down during `migrate`), since sealing changes nothing that a guard
    watches; SQLite heeds no length and needs no other column.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        meta = to_state.apps.get_model(app_label, self.model_name)._meta
        quote = schema_editor.quote_name
        table, key, column = quote(meta.db_table), quote(meta.pk.column), quote(meta.get_field(self.name).column)
        guarded = schema_editor.connection.vendor == "postgresql"
        if guarded:
            schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({COLUMN})")
            schema_editor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        with schema_editor.connection.cursor() as cursor:
            _seal_all(cursor, table, key, column)
        if guarded:
            schema_editor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """What is sealed stays so."""

    def describe(self) -> str:
        return f"Seal {self.name} on {self.model_name}"


def _seal_all(cursor: Any, table: str, key: str, column: str) -> None:
    standing = f"{key} > %s AND LENGTH({column}) BETWEEN 1 AND {CLEAR}"
    clear = f"SELECT {key}, {column} FROM {table} WHERE {standing} ORDER BY {key} LIMIT {AT_ONCE}"
    after = 0
    while True:
        cursor.execute(clear, [after])
        rows = list(cursor.fetchall())
        if not rows:
            return
        lines = ", ".join(["(%s, %s)"] * len(rows))
        statement = f"WITH v(k, t) AS (VALUES {lines}) UPDATE {table} SET {column} = v.t FROM v WHERE {table}.{key} = v.k"
        cursor.execute(statement, [cell for pk, text in rows for cell in (pk, seal(text))])
        after = rows[-1][0]


def seal_whole(app_label: str, name: str, clear: str, sealed: str) -> RunPython:
    """Migration: the column `sealed` (a `CipherField`) of each row holds what `clear` holds. Going back leaves both."""
    return _rewritten(app_label, name, clear, sealed, lambda value: value)


def key_digests(app_label: str, name: str) -> RunPython:
    """Migration: the column `digest`, so far a plain hash of a form, becomes its keyed hash, since a plain one tells a short number to
    whoever tries them all. Going back leaves it so."""
    return _rewritten(app_label, name, "digest", "digest", keyed_hash)


def _rewritten(app_label: str, name: str, read: str, written: str, by: Callable[[Any], Any]) -> RunPython:
    def rewrite(apps: Any, editor: Any) -> None:
        manager = apps.get_model(app_label, name)._default_manager
        rows = manager.only(read, written).order_by("pk")
        batch = list(rows[:AT_ONCE])
        while batch:
            for row in batch:
                setattr(row, written, by(getattr(row, read)))
            manager.bulk_update(batch, [written])
            batch = list(rows.filter(pk__gt=batch[-1].pk)[:AT_ONCE])

    return RunPython(rewrite, RunPython.noop)


def _end_hash(number: str) -> str:
    return _short(f"phone end {digits_of(number)[-TAIL:]}")


def _short(text: str) -> str:
    return urlsafe_b64encode(bytes.fromhex(keyed_hash(text))[:16]).decode()[:HASH]
