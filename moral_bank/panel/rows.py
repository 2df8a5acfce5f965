"""Where each village's panel stands, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, QuerySet

from governance.accounts.models import User
from governance.periods import today
from moral_bank.models import Claim, PanelMember, Sitting
from moral_bank.panel.services import LEAST_VOTING
from villages.models import Unit


@dataclass(frozen=True)
class PanelRow:
    """A village with its panel's size, what waits for it and when it last sat."""

    village: Unit
    members: int
    waiting: int
    last: date | None

    @property
    def is_few(self) -> bool:
        return self.members < LEAST_VOTING


def seated_seen(user: User) -> QuerySet[PanelMember]:
    return PanelMember.objects.visible_to(user).seated(today()).order_by()


def waiting_seen(user: User) -> QuerySet[Claim]:
    return Claim.objects.visible_to(user).filter(state=Claim.State.VERIFIED).order_by()


def panel_sizes(user: User, villages: Sequence[Unit]) -> dict[int, int]:
    """Village id → seated members; none without a panel."""
    return dict(seated_seen(user).filter(village__in=villages).values_list("village").annotate(Count("pk")))


def panel_rows(user: User, villages: Sequence[Unit]) -> list[PanelRow]:
    """A row for each village, in three queries."""
    keys = [village.pk for village in villages]
    home = "account__household__village"
    members = panel_sizes(user, villages)
    waiting = dict(waiting_seen(user).filter(**{f"{home}__in": keys}).values_list(home).annotate(Count("pk")))
    sittings = Sitting.objects.visible_to(user).filter(village__in=keys).order_by()
    last = dict(sittings.values_list("village").annotate(Max("held_on")))
    return [PanelRow(one, members.get(one.pk, 0), waiting.get(one.pk, 0), last.get(one.pk)) for one in villages]
