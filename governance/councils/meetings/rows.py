"""What a meeting's page shows: those entitled with their status, how many make it whole, what its items led to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from governance.councils.bodies.kinds import Share, quorum_of
from governance.councils.models import Attendance, Item, Meeting, Outcome, Task


@dataclass(frozen=True)
class Quorum:
    """`least` of `entitled` should come; `share` says it in words."""

    share: Share
    entitled: int
    present: int

    @property
    def least(self) -> int:
        return self.share.least(self.entitled)

    @property
    def holds(self) -> bool:
        return self.entitled > 0 and self.present >= self.least


def quorum(meeting: Meeting, entitled: int, present: int) -> Quorum | None:
    """None where everybody may come and nobody has to."""
    share = quorum_of(meeting.body.kind, meeting.base)
    return Quorum(share, entitled, present) if share else None


@dataclass(frozen=True)
class Led:
    """What came of an item: a link, where there is a page."""

    words: str
    href: str


def led(outcome: Outcome) -> Led:
    try:
        href = reverse(outcome.page, args=[outcome.row]) if outcome.page and outcome.row else ""
    except NoReverseMatch:
        href = ""
    return Led(outcome.label, href)


@dataclass(frozen=True)
class ItemRow:
    item: Item
    tasks: list[Task]
    led: list[Led]
    made: set[str]


def item_rows(meeting: Meeting, outcomes: Sequence[Outcome]) -> list[ItemRow]:
    """The items with what came of them, in two queries."""
    by_item: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        by_item.setdefault(outcome.item_id or 0, []).append(outcome)
    rows = []
    for item in meeting.items.prefetch_related("tasks"):
        own = by_item.get(item.pk, [])
        rows.append(ItemRow(item, list(item.tasks.all()), [led(one) for one in own], {one.kind for one in own}))
    return rows


@dataclass(frozen=True)
class Person:
    name: str
    words: str
    status: str


def people(meeting: Meeting) -> list[tuple[str, list[Person]]]:
    """Those who came, who sent word, who did not; each with who they are."""
    related = ("seat__resident", "seat__body", "post__resident", "post__user", "household")
    found: dict[str, list[Person]] = {status.label: [] for status in Attendance.Status}
    for row in meeting.attendances.select_related(*related).order_by("pk"):
        found[row.get_status_display()].append(_person(row))
    return [(label, persons) for label, persons in found.items() if persons]


def _person(row: Attendance) -> Person:
    if row.seat is not None:
        return Person(row.seat.resident.name, row.seat.get_role_display(), row.status)
    if row.post is not None:
        return Person(row.post.holder_name, row.post.get_kind_display(), row.status)
    assert row.household is not None
    return Person(f"{row.household.head_name}户", row.household.number, row.status)
