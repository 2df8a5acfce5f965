"""What the pages of 门前三包 show: rows of the lists, places to walk, the card's buttons (plan §三.1–2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.periods import today
from governance.privacy import mask_phone
from inspections.conflicts import homes_of
from inspections.fronts.exports import last_of
from inspections.fronts.forms import PatrolForm
from inspections.fronts.services import ASKED, own_front_reason, recheck_refusal
from inspections.models import Checklist, ChecklistItem, Front, FrontPatrol
from inspections.scorecards.scoring import Kind
from villages.models import Unit
from villages.units.lineage import villages_of

TONES = {"fine": "good", "fixed": "good", "reminded": "near", "again": "late"}
_FIGURES = re.compile(r"(\d+)")


@dataclass(frozen=True)
class FrontRow:
    """A front with its last patrol: `phone` is masked, `done` says that it was seen today, `refusal` why this user must
    leave the next step (a patrol, or the re-check that is open) to another."""

    front: Front
    last: FrontPatrol | None
    refusal: str

    @property
    def phone(self) -> str:
        return mask_phone(self.front.phone)

    @property
    def tone(self) -> str:
        return TONES[self.last.state] if self.last else ""

    @property
    def waits(self) -> bool:
        return self.last is not None and self.last.state == FrontPatrol.State.REMINDED

    @property
    def done(self) -> bool:
        return self.last is not None and today() == today(self.last.at)


def front_rows(fronts: Iterable[Front], user: User) -> list[FrontRow]:
    """Rows of fronts that were read by `with_last_patrol`, in one query."""
    homes = homes_of(user)
    return [_row(front, user, homes) for front in fronts]


def _row(front: Front, user: User, homes: Set[int]) -> FrontRow:
    last = last_of(front)
    if last is not None and last.state == FrontPatrol.State.REMINDED:
        last.front = front
        return FrontRow(front, last, recheck_refusal(last, user, homes))
    return FrontRow(front, last, own_front_reason(front, user, homes))


def walk_rows(user: User, unit: Unit) -> list[FrontRow]:
    """The fronts of a place in the order of their house numbers."""
    fronts = Front.objects.visible_to(user, Action.FRONT_PATROL).standing().filter(unit=unit).with_last_patrol()
    return front_rows(sorted(fronts, key=lambda front: (place_key(front.place), front.plate_number)), user)


def place_key(place: str) -> list[tuple[int, str]]:
    """Sorts 兴隆街9号 before 兴隆街12号."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _FIGURES.split(place) if part]


@dataclass(frozen=True)
class Place:
    """A unit with fronts, as people call it, and how many there are."""

    unit: Unit
    name: str
    count: int


def walk_places(user: User) -> list[Place]:
    """Where `user` may patrol standing fronts, in the order of the tree, in two queries."""
    fronts = Front.objects.visible_to(user, Action.FRONT_PATROL).standing().order_by()
    counts = dict(fronts.values_list("unit").annotate(count=Count("pk")))
    units = list(Unit.objects.filter(pk__in=counts).order_by("path"))
    villages = villages_of(units)
    return [Place(unit, _place_name(unit, villages.get(unit.pk)), counts[unit.pk]) for unit in units]


def _place_name(unit: Unit, village: Unit | None) -> str:
    return str(unit) if village in (None, unit) else f"{village} {unit}"


@dataclass(frozen=True)
class Button:
    """One line of the card to tap: `words` say what one case takes, `counts` how many can be said."""

    item: ChecklistItem
    words: str
    counts: range
    picked: bool
    cases: int


def patrol_buttons(checklist: Checklist, form: PatrolForm) -> list[tuple[Any, list[Button]]]:
    """(section, its buttons) in the card's order, with what was picked before the form came back."""
    items = ChecklistItem.objects.filter(section__checklist=checklist, kind__in=[kind.value for kind in ASKED])
    groups: dict[int, tuple[Any, list[Button]]] = {}
    for item in items.select_related("section").order_by("section__position", "position"):
        key = str(item.pk)
        counts = range(1, 9) if item.kind == Kind.EACH else range(0)
        button = Button(item, item.basis or item.get_kind_display(), counts, key in form.picked, form.cases(key))
        groups.setdefault(item.section_id, (item.section, []))[1].append(button)
    return list(groups.values())
