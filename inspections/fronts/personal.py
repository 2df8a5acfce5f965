"""What is taken out of 门前三包 when somebody is forgotten (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from inspections.models import Front
from villages.retention.gone import Gone
from villages.retention.models import NAMELESS


def fronts_forget(gone: Gone) -> None:
    """Who answered for a front, with the telephone, and whose front it was; place, plate and patrols stay."""
    Front.objects.filter(kind=Front.Kind.HOUSEHOLD, household__in=gone.empty).update(name=NAMELESS, person=NAMELESS, phone="")
    for theirs in gone.bearing("household", "person"):
        Front.objects.filter(theirs).update(person=NAMELESS, phone="")
    for theirs in gone.bearing("household", "name"):
        Front.objects.filter(theirs).update(name=NAMELESS)
