"""What a review is computed from and shown with: quarters, ballots by pass, results, in a fixed number of reads (mission M35)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal

from governance.accounts.models import User
from governance.periods import Kind, Period
from inspections.models import Ballot, Review, Round, Scorecard, Statement
from inspections.reviews.reviewing import Counts, Line, Quarter, Result, Tally, Weights, cents, formulas, rate
from inspections.scorecards.scoring import HUNDRED, ZERO, Grade, Sort

QUARTERS = ("一季度", "二季度", "三季度", "四季度")
TICKETS = {
    Ballot.Group.LEADERS: "镇领导票",
    Ballot.Group.MEMBERS: "党员、村民代表票",
    Ballot.Group.RESIDENTS: "群众票",
}
COLUMNS = {"good": "好", "fair": "较好", "passing": "一般", "poor": "差"}
PASSES = {1: "第一遍", 2: "第二遍"}


@dataclass(frozen=True)
class QuarterCell:
    """A quarter of a village: its locked card, if there is one; not `expected` where the village did not stand at its end."""

    name: str
    card: Scorecard | None
    expected: bool

    @property
    def percent(self) -> Decimal | None:
        return card_percent(self.card) if self.card is not None else None

    @property
    def vetoed(self) -> bool:
        return self.card is not None and self.card.vetoed


@dataclass(frozen=True)
class Column:
    """One column of a group in both passes; None where a pass was not entered."""

    label: str
    first: int | None
    second: int | None

    @property
    def differs(self) -> bool:
        return self.first is not None and self.second is not None and self.first != self.second


@dataclass(frozen=True)
class Pair:
    """One group's ballots for one secretary, as the two people entered them."""

    statement: Statement
    group: str
    first: Ballot | None
    second: Ballot | None

    @property
    def label(self) -> str:
        return TICKETS[Ballot.Group(self.group)]

    @property
    def columns(self) -> list[Column]:
        return [
            Column(label, getattr(self.first, name, None), getattr(self.second, name, None))
            for name, label in COLUMNS.items()
        ]

    @property
    def differs(self) -> bool:
        return any(column.differs for column in self.columns)

    @property
    def agreed(self) -> bool:
        return self.first is not None and self.second is not None and not self.differs

    @property
    def lack(self) -> str:
        """What is not as it should be, "" where both passes agree."""
        if self.agreed:
            return ""
        if self.differs:
            return f"{self.label}两遍不一致"
        entered = [self.first, self.second]
        absent = [PASSES[number] for number, ballot in enumerate(entered, 1) if ballot is None]
        return f"{self.label}没有录入" if len(absent) == len(entered) else f"{self.label}缺{absent[0]}"

    @property
    def begun(self) -> bool:
        return self.first is not None or self.second is not None

    def entered(self, pass_number: int) -> Ballot | None:
        return self.first if pass_number == 1 else self.second

    def closed_to(self, user: User, pass_number: int) -> str:
        """Why `user` cannot enter or correct this pass, "" where they can."""
        own, other = self.entered(pass_number), self.entered(3 - pass_number)
        if self.agreed:
            return "两遍票数一致，已经确认，不能再改动。"
        if own is not None and own.by_id != user.pk:
            return f"{PASSES[pass_number]}由{own.by.name}录入，只能由本人更正。"
        if own is None and other is not None and other.by_id == user.pk:
            return f"{PASSES[3 - pass_number]}是您录入的，{PASSES[pass_number]}须由另一个人录入。"
        return ""


@dataclass(frozen=True)
class Row:
    """One village of a review. `result` is computed now while the review is open, and as it was settled afterwards."""

    statement: Statement
    quarters: tuple[QuarterCell, ...]
    pairs: tuple[Pair, ...]
    tallies: tuple[Tally, ...]
    result: Result
    weights: Weights

    @property
    def missing(self) -> list[str]:
        """What keeps the year from being settled, also ballots that weigh nothing but were begun."""
        begun = [pair.lack for pair in self.pairs if pair.begun and pair.lack]
        return list(dict.fromkeys([*self.result.missing, *begun]))

    @property
    def ballots(self) -> list[Decimal | None]:
        """Each group's score, None while it has none."""
        return [tally.counts.score(self.weights) if tally.counts is not None else None for tally in self.tallies]

    @property
    def grade_text(self) -> str:
        """The grade, with the veto that made it."""
        return self.result.grade_label + ("（一票否决）" if self.result.vetoed and self.result.grade else "")

    def formulas(self, *, with_counts: bool) -> list[str]:
        expected = _quarters(self.quarters)
        return formulas(self.weights, expected, self.tallies, self.result, with_counts=with_counts)


def weights_of(review: Review) -> Weights:
    return Weights(**{field.name: getattr(review, field.name) for field in fields(Weights)})


def card_percent(card: Scorecard) -> Decimal | None:
    """The card's score as per cent of its full marks: the points of its normal sections; None while it has neither."""
    full = sum((Decimal(part["points"]) for part in card.sections if part["sort"] == Sort.NORMAL.value), ZERO)
    return cents(card.score * HUNDRED / full) if card.score is not None and full else None


def review_rows(review: Review, statements: Iterable[Statement]) -> list[Row]:
    """The rows of `statements` (village, secretary with user and resident selected), in their order."""
    found = list(statements)
    cards = _cards(review, found)
    pairs = _pairs(found)
    weights = weights_of(review)
    return [_row(review, weights, statement, cards, pairs[statement.pk]) for statement in found]


def ballot_pairs(statements: Iterable[Statement]) -> list[Pair]:
    """Every group of every statement in both passes, in the order of statements and groups."""
    return [pair for pairs in _pairs(list(statements)).values() for pair in pairs]


def statements_of(review: Review) -> list[Statement]:
    """All statements of a review with what a row reads, in the order of the tree."""
    rows = Statement.objects.filter(review=review)
    return list(rows.select_related("village", "secretary__user", "secretary__resident").order_by("village__path"))


def _row(
    review: Review, weights: Weights, statement: Statement, cards: dict[tuple[int, int], Scorecard], pairs: tuple[Pair, ...]
) -> Row:
    cells = tuple(_cells(review, statement, cards))
    vacant = statement.secretary_id is None and not any(pair.begun for pair in pairs)
    tallies = tuple(_tally(weights, pair, vacant=vacant) for pair in pairs)
    settled = review.state == Review.State.LOCKED
    expected = _quarters(cells)
    result = _settled(statement, expected) if settled else rate(weights, expected, tallies)
    return Row(statement, cells, pairs, tallies, result, weights)


def _cells(review: Review, statement: Statement, cards: dict[tuple[int, int], Scorecard]) -> Iterator[QuarterCell]:
    """A village answers for the quarters on whose last day it stood; what its predecessors earned stays theirs."""
    for quarter, name in zip(Period.parse(str(review.year)).split(Kind.QUARTER), QUARTERS, strict=True):
        expected = statement.village.stands_on(quarter.end - timedelta(days=1))
        yield QuarterCell(name, cards.get((statement.village_id, quarter.start.month)), expected)


def _quarters(cells: Iterable[QuarterCell]) -> list[Quarter]:
    return [Quarter(cell.name, cell.percent, cell.vetoed) for cell in cells if cell.expected or cell.card is not None]


def _cards(review: Review, statements: Sequence[Statement]) -> dict[tuple[int, int], Scorecard]:
    """(village, first month of the quarter) → the card of a locked round of the year."""
    rows = Scorecard.objects.filter(
        village__in=[statement.village_id for statement in statements],
        round__township=review.township_id,
        round__state=Round.State.LOCKED,
        round__quarter__year=review.year,
        score__isnull=False,
    ).select_related("round")
    return {(card.village_id, card.round.quarter.month): card for card in rows}


def _pairs(statements: Sequence[Statement]) -> dict[int, tuple[Pair, ...]]:
    ballots = Ballot.objects.filter(statement__in=[statement.pk for statement in statements]).select_related("by")
    by_key = {(ballot.statement_id, ballot.group, ballot.pass_number): ballot for ballot in ballots}
    return {
        statement.pk: tuple(
            Pair(statement, group, *(by_key.get((statement.pk, group, number)) for number in PASSES)) for group in TICKETS
        )
        for statement in statements
    }


def _tally(weights: Weights, pair: Pair, *, vacant: bool) -> Tally:
    """A group's ballots once both passes agree; nobody is asked about a post that is vacant."""
    ballot = pair.first if pair.agreed else None
    counts = Counts(ballot.good, ballot.fair, ballot.passing, ballot.poor) if ballot is not None else None
    return Tally(pair.label, getattr(weights, f"{pair.group}_weight"), counts, "" if vacant else pair.lack)


def _settled(statement: Statement, quarters: Sequence[Quarter]) -> Result:
    """The result as it was settled."""
    trail = tuple(Line(line["words"], Decimal(line["amount"])) for line in statement.trail)
    vetoed = any(quarter.vetoed for quarter in quarters)
    grade = Grade(statement.grade) if statement.grade else None
    return Result(statement.quarters_mean, statement.ballot_score, statement.score, grade, vetoed, (), trail)
