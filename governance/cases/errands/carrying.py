"""By which kinds of errand a small power is carried out (`Room.carries`)."""

from __future__ import annotations

from django.urls import reverse

from governance.cases.models import Category
from governance.disclosure.powers.carrying import Carrier
from villages.models import Unit


def errands_carrying(township: Unit) -> dict[str, Carrier]:
    """Those in use, with what to bring (一次性告知单)."""
    kinds = Category.objects.filter(township=township, kind="errand", is_active=True).order_by("position", "pk")
    pages = {kind: reverse("public:service", args=[kind.pk]) for kind in kinds}
    return {kind.code: Carrier(kind.name, page, page) for kind, page in pages.items()}
