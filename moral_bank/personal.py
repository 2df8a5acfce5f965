"""What the moral bank holds open of residents, for whom the register is kept meanwhile (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from moral_bank.models import Appeal, Claim, PanelMember, Redemption
from villages.models import Resident

_CLAIMED = (Claim.State.DECLARED, Claim.State.VERIFIED, Claim.State.APPROVED)


def bank_holds(on: date) -> QuerySet[Any]:
    """Those of households with an open claim, appeal or redemption, and the members of panels."""
    open_of = (
        Claim.objects.filter(state__in=_CLAIMED),
        Appeal.objects.filter(state=Appeal.State.OPEN),
        Redemption.objects.filter(state=Redemption.State.HELD),
    )
    held = Q(pk__in=PanelMember.objects.seated(on).order_by().values("resident"))
    for rows in open_of:
        held |= Q(household__account__in=rows.order_by().values("account"))
    return Resident.objects.filter(held).order_by().values("pk")
