"""A year of collective income, a village a line: what stands, else what waits, else 未报."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from governance.frame.columns import Tag
from governance.sheets.money import yuan
from villages.economy.figures import BAND_LABELS, Band, Line
from villages.economy.heads import scheme_of
from villages.economy.models import EconomyStatement
from villages.models import Unit

State = EconomyStatement.State
MISSING = "missing"
BAND_CHOICES = [*((band.value, label) for band, label in BAND_LABELS.items()), (MISSING, "未报")]
TONES = {State.DRAFT: "", State.REPORTED: "waiting", State.CONFIRMED: "good", State.REPLACED: ""}
NOT_SAID = Tag("未报", "late")


def state_tag(statement: EconomyStatement) -> Tag:
    return Tag(statement.get_state_display(), TONES[State(statement.state)])


@dataclass(frozen=True)
class VillageYear:
    """`statement` None: the village has said nothing, which is not 0. A draft has not been said either: it shows no figures."""

    village: Unit
    statement: EconomyStatement | None

    @property
    def is_said(self) -> bool:
        return self.statement is not None and self.statement.state != State.DRAFT

    @property
    def lines(self) -> list[Line]:
        return self.statement.lines if self.statement is not None and self.is_said else []

    @property
    def cells(self) -> list[tuple[str, str]]:
        """The heads that count in 经营收益: all of them stand on the statement's page and in the export."""
        return [(line.head.name, yuan(line.fen)) for line in self.lines if line.head.sign]

    @property
    def gain(self) -> int:
        return sum(line.counted for line in self.lines)

    @property
    def gain_yuan(self) -> str:
        return yuan(self.gain)

    @property
    def band(self) -> str:
        return self.statement.band.value if self.statement is not None and self.is_said else MISSING

    @property
    def band_label(self) -> str:
        return dict(BAND_CHOICES)[self.band]

    @property
    def tags(self) -> list[Tag]:
        return [*([state_tag(self.statement)] if self.statement else []), *([] if self.is_said else [NOT_SAID])]


HOW = {1: "加", -1: "减", 0: "不计入"}


def explained(statement: EconomyStatement) -> list[dict[str, str]]:
    """Each head: its amount, how it counts in 经营收益, and what it puts in."""
    return [
        {
            "name": line.head.name, "side": "收入" if line.head.is_income else "支出", "amount": yuan(line.fen),
            "how": HOW[line.head.sign], "counted": yuan(line.counted) if line.head.sign else "—",
        }
        for line in statement.lines
    ]  # fmt: skip


def year_rows(statements: QuerySet[EconomyStatement], villages: Sequence[Unit], year: int) -> list[VillageYear]:
    """What stands of each village goes before what waits; two statements whatever the number of villages."""
    found = statements.filter(year=year, village__in=villages).exclude(state=State.REPLACED)
    order = (State.DRAFT, State.REPORTED, State.CONFIRMED)
    kept = sorted(found.select_related("village").prefetch_related("amounts"), key=lambda one: order.index(State(one.state)))
    latest = {one.village_id: one for one in kept}
    return [VillageYear(village, latest.get(village.pk)) for village in villages]


def totals_of(rows: Sequence[VillageYear], year: int) -> tuple[list[tuple[str, str]], str, int]:
    """Sums of what the township has confirmed: by head that counts, of 经营收益, and of how many villages."""
    standing = [row for row in rows if row.statement is not None and row.statement.state == State.CONFIRMED]
    sums = dict.fromkeys((head.name for head in scheme_of(year).heads if head.sign), 0)
    for row in standing:
        for line in (line for line in row.lines if line.head.sign):
            sums[line.head.name] += line.fen
    return [(name, yuan(fen)) for name, fen in sums.items()], yuan(sum(row.gain for row in standing)), len(standing)


def band_counts(rows: Sequence[VillageYear]) -> list[tuple[str, str, int]]:
    """How many villages of each band; the bands are never left out, also where none is in one."""
    return [(value, label, sum(row.band == value for row in rows)) for value, label in BAND_CHOICES]


def at_least_five(rows: Sequence[VillageYear]) -> int:
    """Villages with 经营收益 of 50,000 元 and more, as the township confirmed them."""
    over = (Band.FIVE_TO_TEN, Band.ABOVE_TEN)
    return sum(row.band in over for row in rows if row.statement is not None and row.statement.state == State.CONFIRMED)
