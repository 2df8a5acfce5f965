"""What carries a small power out: a kind of errand, a kind of decision, named by its code and offered by the room that has it
(`Room.carries`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from django.utils.module_loading import import_string

from governance.disclosure.powers.models import Power
from governance.rooms import merged, rooms
from villages.models import Unit


class Carrier(NamedTuple):
    """A kind by which it is done. `public`: where residents read of it, "" where no page is; `desk`: where those who log in do."""

    name: str
    public: str
    desk: str


class Way(NamedTuple):
    """`offered`: code → kind, of a township."""

    label: str
    offered: Callable[[Unit], Mapping[str, Carrier]]


def ways() -> dict[str, Way]:
    """By the field of a power that names the code."""
    return {name: Way(label, import_string(dotted)) for name, (label, dotted) in merged("carries", rooms()).items()}


def carried_by(power: Power) -> list[tuple[str, Carrier]]:
    """What the township has named, as far as there still is such a kind, each with its label."""
    named = [(way, getattr(power, name)) for name, way in ways().items() if getattr(power, name)]
    found = [(way.label, way.offered(power.township).get(code)) for way, code in named]
    return [(label, carrier) for label, carrier in found if carrier is not None]
