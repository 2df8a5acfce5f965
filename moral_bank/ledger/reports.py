"""The ledger's totals by village for a month, under the villages of then or those of today (mission M01, M23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Sum

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.periods import Period, today
from moral_bank.models import Entry
from villages.models import Unit
from villages.units.lineage import successor_map
from villages.units.reports import Basis


@dataclass
class EntryLine:
    """One line: how many entries `village` has, their score and what they add to the accounts (redemptions take away)."""

    village: Unit
    entries: int = 0
    score: int = 0
    points: int = 0


def entry_report(user: User, month: Period, basis: str = Basis.AS_WAS, at: date | None = None) -> list[EntryLine]:
    """The month's totals for every village whose ledger `user` sees whole, by path; the number of queries is constant.

    AS_WAS counts an entry where the household belonged when the deed occurred, even if it has left since. RESTATED
    counts it at what stands for that village on `at` (today, if absent); after a split, where the household lives now.
    """
    now = at or today()
    lines = {village.pk: EntryLine(village) for village in Unit.objects.visible_to(user, Action.ENTRY_VIEW).villages()}
    restated = basis == Basis.RESTATED
    successor = successor_map(now) if restated else {}
    for village, home, entries, score, points in _totals(list(lines), month):
        counted = successor.get(village, village)
        if restated and counted in lines and not lines[counted].village.stands_on(now):
            counted = home
        if counted in lines:
            line = lines[counted]
            line.entries, line.score, line.points = line.entries + entries, line.score + score, line.points + points
    return [
        line
        for line in lines.values()
        if line.entries or (line.village.stands_on(now) if restated else _stood_in(line.village, month))
    ]


def _totals(villages: list[int], month: Period) -> list[tuple[int, int, int, int, int]]:
    """(village of then, the household's village of now, entries, score, points)."""
    entries = Entry.objects.in_month(month).filter(village__in=villages).order_by()
    counted = entries.values_list("village", "account__household__village")
    return list(counted.annotate(entries=Count("pk"), scores=Sum("score"), gained=Sum("points")))


def _stood_in(village: Unit, month: Period) -> bool:
    return village.valid_from < month.end and (village.valid_to is None or village.valid_to > month.start)
