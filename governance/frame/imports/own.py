"""Rows of the house's own ledgers that come back in a sheet: known by their 系统编号, whatever else stands in the row."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.db.models import Model

from governance.accounts.models import User
from governance.frame.exports import row_key
from governance.frame.imports.payload import SAME, PreviewRow

_KEY = re.compile(r"[a-z]+-(\d{1,18})")


def own_rows_mark(rows: Iterable[PreviewRow], models: Sequence[type[Model]], by: User) -> None:
    """Mark the rows that name something of `models` that `by` can see: nothing is said against them and nothing is written."""
    named: dict[str, list[PreviewRow]] = defaultdict(list)
    for item in rows:
        for cell in item.row.source if models else ():
            if isinstance(cell, str) and _KEY.fullmatch(cell):
                named[cell].append(item)
    for model in models:
        numbers = [int(text.rpartition("-")[2]) for text in named if text == row_key(model, text.rpartition("-")[2])]
        visible = cast("Any", model)._default_manager.visible_to(by).filter(pk__in=numbers)
        for pk in visible.order_by().values_list("pk", flat=True) if numbers else ():
            for item in named[row_key(model, pk)]:
                item.is_own, item.outcome, item.row.issues = True, SAME, []
