"""What the portal holds of one person, said by each room (`Room.person`) and handed out as one file
(docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from django.db.models import Model

from governance.accounts.models import User
from governance.frame.columns import Col, shown
from governance.rooms import named


@dataclass(frozen=True)
class Held:
    """The rows of one model that are about a person: `path` leads from the row to the person, `cols` is what the file says of each,
    `related` what they read beyond it. A model without a scope of its own is seen with the one that `within` leads to. What others
    told or decided in confidence, and other people, are left out of `cols`."""

    title: str
    model: type[Model]
    path: str
    cols: Sequence[Col]
    related: tuple[str, ...] = ()
    within: tuple[str, type[Model]] | None = None


class Told(NamedTuple):
    """A part of the file."""

    title: str
    heads: list[str]
    rows: list[list[str]]


def told_of(person: Model, user: User) -> list[Told]:
    """Everything that `user` may see of a person, room by room; what there is nothing of is left out."""
    parts = [_told(held, person, user) for room in named("person") for held in room]
    return [part for part in parts if part.rows]


def _told(held: Held, person: Model, user: User) -> Told:
    path, model = held.within or ("pk", held.model)
    seen = cast("Any", model)._default_manager.visible_to(user).order_by().values("pk")
    rows = held.model._default_manager.filter(**{held.path: person.pk, f"{path}__in": seen}).order_by("pk").distinct()
    rows = rows.select_related(*held.related) if held.related else rows
    return Told(held.title, [col.label for col in held.cols], [[shown(col.read(row)) for col in held.cols] for row in rows])
