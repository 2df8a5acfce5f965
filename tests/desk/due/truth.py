"""What each kind should say, once more: rows judged one by one in Python, by duties and paths, by no queryset of the house."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from governance.accounts.duties import TOWN_OFFICES
from governance.accounts.models import User

Says = Callable[[Any], bool]
Asks = Callable[[Any, User], bool]


def nobody(row: Any, user: User) -> bool:
    return False


@dataclass(frozen=True)
class Truth:
    """`waits` and `late` of a row; `held`: for this user; `seen`: may they look; `village`: the row's, by its key."""

    rows: Callable[[], Iterable[Any]]
    waits: Says
    held: Asks
    late: Says | None = None
    seen: Asks = nobody
    village: Callable[[Any], int] = lambda row: row.village_id


def of_town(user: User) -> bool:
    return any(grant.duty in TOWN_OFFICES for grant in user.grants)


def holds(user: User, duty: str, unit: int) -> bool:
    return any((grant.duty, grant.unit_id) == (duty, unit) for grant in user.grants)


def own_homes(user: User) -> set[int]:
    """Households of whoever holds the user's posts."""
    return {post.resident.household_id for post in user.posts.select_related("resident") if post.resident}


def lasts(rows: Iterable[Any], key: Callable[[Any], Any]) -> Iterator[Any]:
    """The last row of each key."""
    found: dict[Any, Any] = {}
    for row in rows:
        found[key(row)] = row
    yield from found.values()
