"""What claims ask of the township today: appeals that wait for an answer (mission M23)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import SHOWN, Todo
from moral_bank.claims.appeals import appeals_waiting_for


def appeals_todo(user: User, now: datetime) -> Iterator[Todo]:
    """Open appeals that `user` may answer, without those in which they had a hand, longest waiting first."""
    if not user.may(Action.APPEAL_ANSWER):
        return
    for appeal in appeals_waiting_for(user).select_related("account__household").order_by("pk")[:SHOWN]:
        words = f"{appeal.account.household.head_name}：{appeal.text}"[:40]
        yield Todo(appeal.received_at, "申诉待答复", words, reverse("moral_bank:appeal-detail", args=[appeal.pk]), None)
