"""What volunteers and care hold open of residents, and what is taken out when one is forgotten (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from villages.models import Resident
from villages.retention.models import NAMELESS
from volunteers.models import CareRecord, ServiceOrder, Volunteer


def service_holds(on: date) -> QuerySet[Any]:
    """Whose order is open, whoever is a volunteer still or in the ledger of care."""
    orders = ServiceOrder.objects.open()
    lists = (
        orders.exclude(resident=None).order_by().values("resident"),
        Volunteer.objects.registered().exclude(resident=None).order_by().values("resident"),
        CareRecord.objects.filter(left_on=None).order_by().values("resident"),
    )
    held = Q(household__in=orders.exclude(household=None).order_by().values("household"))
    for rows in lists:
        held |= Q(pk__in=rows)
    return Resident.objects.filter(held).order_by().values("pk")


def volunteers_forget(residents: Sequence[int]) -> None:
    """Who was a volunteer once bears no name, number or birthday any more; the hours stay."""
    empty: dict[str, Any] = {"name": NAMELESS, "name_pinyin": "", "phone": "", "adult_on": None}
    Volunteer.objects.filter(resident__in=residents).update(**empty)
    Volunteer.objects.filter(resident__in=residents).exclude(guardian="").update(guardian=NAMELESS)
    Volunteer.history.filter(resident_id__in=residents).update(**empty, guardian="")
