"""By which kinds of decision a small power is carried out (`Room.carries`)."""

from __future__ import annotations

from django.urls import reverse

from governance.councils.decisions.kind_models import DecisionKind
from governance.disclosure.powers.carrying import Carrier
from governance.periods import today
from villages.models import Unit


def decisions_carrying(township: Unit) -> dict[str, Carrier]:
    """Those in force, whatever their version."""
    kinds = DecisionKind.objects.in_force(today()).filter(township=township).order_by("pk")
    address = reverse("councils:decision-list")
    return {kind.code: Carrier(kind.name, "", f"{address}?kind={kind.code}&state=all") for kind in kinds}
