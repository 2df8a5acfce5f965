"""What somebody typed, without the residents it may name: for papers that leave the office (plan §四(三); domain.md §12)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from governance.privacy import mask_id_number, mask_name, mask_phone
from villages.models import Household, Resident, Unit

LONGEST, SHORTEST = 4, 2  # characters of a name that is looked for

_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8})(?!\d)")


def masked(text: str, names: Collection[str]) -> str:
    """Names of `names`, ID and phone numbers masked; the longest name at each place counts."""
    text = _ID_NUMBER.sub(lambda found: mask_id_number(found[0]), text)
    text = _PHONE.sub(lambda found: mask_phone(found[0]), text)
    kept, place = [], 0
    while place < len(text):
        found = _name_at(text, place, names)
        kept.append(mask_name(found) if found else text[place])
        place += len(found) or 1
    return "".join(kept)


def register_names(villages: Iterable[Unit]) -> frozenset[str]:
    """Every name in the villages' registers, in two queries."""
    keys = [village.pk for village in villages]
    residents = Resident.objects.filter(household__village__in=keys).order_by().values_list("name", flat=True)
    heads = Household.objects.filter(village__in=keys).order_by().values_list("head_name", flat=True)
    return frozenset(name.strip() for name in residents.union(heads))


def _name_at(text: str, place: int, names: Collection[str]) -> str:
    lengths = range(LONGEST, SHORTEST - 1, -1)
    return next((text[place : place + length] for length in lengths if text[place : place + length] in names), "")
