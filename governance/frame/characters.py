"""Chinese words sought by their characters: an index of single characters finds names of two or three, which trigrams cannot."""

from __future__ import annotations

from typing import Any

from django.db.models import Func, TextField, lookups


def is_chinese(words: str) -> bool:
    """Whether the words are nothing but common characters."""
    return bool(words) and all("一" <= char <= "\u9fff" for char in words)


class Joined(Func):
    """Columns one after the other, none of them null, to be sought as one."""

    template, arg_joiner = "(%(expressions)s)", " || "
    output_field = TextField()


class Holds(lookups.Contains):
    """`contains` as an expression, `Holds(F("column"), words)`. On PostgreSQL the rows with all characters of the words are sought first,
    in a GIN index on `string_to_array(column::text, NULL)`; without that index it is slower than `contains`."""

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        words, plain = super().as_sql(compiler, connection)
        return f"(string_to_array({column}, NULL) @> string_to_array(%s, NULL) AND {words})", [*params, self.rhs, *plain]
