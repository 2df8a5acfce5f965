"""Columns of lists and ledgers, declared once: for the head, the phone's label, the cell, the Excel sheet and its print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from functools import reduce
from typing import Any, NamedTuple, Protocol

from django.utils import timezone
from django.utils.safestring import SafeString

from governance.accounts.duties import Action
from governance.periods import today
from governance.sheets.writer import Column, Value

Path = str | Callable[[Any], Any]
"""A dotted path from the row ("signed_by.name", "get_kind_display"), or what reads it from the row."""


class Tagged(Protocol):
    """What is drawn as a tag: `Tag`, `Due`."""

    @property
    def words(self) -> str: ...
    @property
    def tone(self) -> str: ...


class Tag(NamedTuple):
    """`tone`: late, near, good, info, waiting or nothing."""

    words: str
    tone: str = ""


@dataclass(frozen=True)
class Col:
    """One column: `value` is the same on the page and in the sheet. The page alone draws `href` (a link around the value),
    `hint` (small, behind it) and `tags`, or all of it by the template `cell`, which gets `row`.

    `tone`: the cell's class by its row ("plus", "minus"). `sort`: the field that `?sort=` may name. `whole`: a line of its own
    on the phone, without label. `phone=False`: not on the phone. `go`: the row's one button, at the right on the phone.
    `needs`: the column is there for those who may; `tabs`: on these alone. `width` and `heading` (where it differs from
    `label`) are the sheet's; `sheet=False` is on the page only.
    """

    label: str
    value: Path = ""
    _: KW_ONLY
    width: float = 12
    heading: str = ""
    sort: str = ""
    num: bool = False
    whole: bool = False
    phone: bool = True
    go: bool = False
    strong: bool = False
    href: Path = ""
    hint: Path = ""
    tone: Path = ""
    tags: Callable[[Any], Sequence[Tagged | None]] | None = None
    cell: str = ""
    needs: Action | None = None
    tabs: tuple[str, ...] = ()
    sheet: bool = True

    def read(self, row: Any) -> Any:
        return read(row, self.value)

    def written(self, row: Any) -> Value:
        """The value as a sheet takes it: numbers, days and instants stay what they are."""
        value = self.read(row)
        return value if isinstance(value, str | int | float | bool | Decimal | dt.date | None) else str(value)

    @property
    def column(self) -> Column:
        return Column(self.heading or self.label, self.width)

    @property
    def classes(self) -> str:
        marks = {"num": self.num, "line": self.whole, "wide": not self.phone, "go": self.go}
        return " ".join(name for name, holds in marks.items() if holds)


def read(row: Any, path: Path) -> Any:
    """What `path` says of `row`; None where a step of it is None."""
    return path(row) if callable(path) else reduce(_step, path.split("."), row) if path else ""


def _step(value: Any, name: str) -> Any:
    found = getattr(value, name) if value is not None else None
    return found() if callable(found) else found


def signed(label: str, number: Path, **options: Any) -> Col:
    """A column of the page for whole numbers with their sign, coloured by it."""
    return Col(
        label, lambda row: f"{read(row, number):+d}", num=True, tone=lambda row: "minus" if read(row, number) < 0 else "plus", **options
    )


def day_of(path: Path) -> Callable[[Any], dt.date | None]:
    """The day in Shanghai of an instant."""

    def day(row: Any) -> dt.date | None:
        at = read(row, path)
        return today(at) if at is not None else None

    return day


def shown(value: Any) -> str:
    """A value in the words of a page."""
    if isinstance(value, SafeString):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return "—" if value is None or value == "" else str(value)
