"""What one room makes of another's words (`Room.makes`): a case or an order out of what a meeting agreed, with nothing typed twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from governance.accounts.models import User
from villages.models import Household, Unit


@dataclass(frozen=True)
class Matter:
    """What is known already: the words, where, when it was said, and which household it is about, where it is about one."""

    text: str
    unit: Unit
    on: date
    household: Household | None = None


class Made(NamedTuple):
    """What came of it: the name of its page, its key, how it is called."""

    page: str
    row: int
    label: str


@dataclass(frozen=True)
class Maker:
    """`choices` of (user, place) are offered under `pick`, `make` takes what was chosen; `household`: it is for one household.
    Whoever makes checks the duty and the scope; a refusal is a DomainError."""

    pick: str
    choices: Callable[[User, Unit], Sequence[tuple[str, str]]]
    make: Callable[[Matter, str, User], Made]
    household: bool = False
