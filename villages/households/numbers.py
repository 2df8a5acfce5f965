"""House numbers in the order that people count in: 2 before 10, 3组-2 before 10组-1."""

from __future__ import annotations

import re
from typing import Any

from django.db import models

_WIDTH = 18
_PADDED = rf"regexp_replace(regexp_replace(%(expressions)s, '([0-9]+)', '{'0' * _WIDTH}\1', 'g'), '[0-9]*([0-9]{{{_WIDTH}}})', '\1', 'g')"


def number_key(number: str | None) -> str | None:
    """The text with each run of digits as wide as the longest, so that texts compare as their numbers do. SQLite asks for the key
    of NULL where a trigger does not read the row's number."""
    return number and re.sub(r"[0-9]+", lambda digits: digits[0].zfill(_WIDTH)[-_WIDTH:], number)


class NumberKey(models.Func):
    """`number_key` in the database; SQLite has no expressions to replace and calls the function above."""

    function = "NUMBER_KEY"
    arity = 1
    output_field = models.TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template=_PADDED, **extra)


def teach(connection: Any, **_: object) -> None:
    """Give a new connection the function, where the engine has none of its own."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("NUMBER_KEY", 1, number_key, deterministic=True)
