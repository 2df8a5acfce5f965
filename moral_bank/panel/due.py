"""What waits for a village's panel: one line for each village, for those who write its sittings down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import SHOWN, Todo
from moral_bank.models import Claim
from villages.models import Unit


def panel_todo(user: User, now: datetime) -> Iterator[Todo]:
    """待评议 n 条, the village that waits longest first."""
    if not user.may(Action.PANEL_RECORD):
        return
    waiting = Claim.objects.visible_to(user, Action.PANEL_RECORD).filter(state=Claim.State.VERIFIED).order_by()
    counted = waiting.values_list("account__household__village").annotate(claims=Count("pk"), since=Min("decided_at"))
    rows = list(counted.order_by("since")[:SHOWN])
    villages = Unit.objects.in_bulk([pk for pk, _, _ in rows])
    for pk, claims, since in rows:
        link = reverse("moral_bank:sitting-create", args=[pk])
        yield Todo(since or now, f"待评议 {claims} 条", f"{villages[pk]}，开评议会后登记", link, None)
