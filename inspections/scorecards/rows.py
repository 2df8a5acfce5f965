"""What the pages of a scorecard show, each in a fixed number of reads (plan §四(三); mission M34, M35)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from inspections.indicators.registry import INDICATORS
from inspections.models import (
    Answer,
    ChecklistItem,
    Evidence,
    Finding,
    Measure,
    Order,
    Reply,
    Scorecard,
)
from inspections.scorecards.checks import figure
from inspections.scorecards.scoring import Fact, Kind
from inspections.scorecards.words import rule_text

QUARTERS_SHOWN = 8
WIDE, HIGH, EDGE = 360, 150, 24  # of the trend's picture
ZERO = Decimal(0)


@dataclass(frozen=True)
class Figure:
    """A measured figure of a card with the address of the list behind it."""

    name: str
    fact: Fact
    minimum: int
    address: str
    taken_at: datetime

    @property
    def percent(self) -> str:
        """Empty where there are too few records."""
        answer = self.fact.answer_for(Kind.BAND)
        return f"{figure(answer.value)}%" if answer is not None else ""

    def proposal(self, kind: Kind) -> Decimal | None:
        answer = self.fact.answer_for(kind)
        return answer.value if answer is not None else None


def figures_of(card: Scorecard) -> dict[str, Figure]:
    """Indicator → its figure on a card, in one query."""
    return {
        row.indicator: Figure(
            INDICATORS[row.indicator].name,
            Fact(row.good, row.of, row.enough),
            INDICATORS[row.indicator].minimum,
            reverse("inspections:fact-detail", args=[row.indicator], query={"card": card.pk}),
            row.taken_at,
        )
        for row in Measure.objects.filter(card=card)
        if row.indicator in INDICATORS
    }


def value_words(item: ChecklistItem, value: Decimal | None, applies: bool = True) -> str:
    """3 处, 96%, 达标, 没有发生, 不适用; — where nothing was said."""
    if value is None:
        return "—"
    if not applies:
        return "不适用"
    if item.kind == Kind.BAND:
        return f"{figure(value)}%"
    if item.kind == Kind.WHOLE:
        return "不达标" if value > 0 else "达标"
    if item.kind == Kind.VETO:
        return "发生" if value > 0 else "没有发生"
    return f"{figure(value)} {item.case_unit}".strip()


@dataclass
class CardLine:
    """One line of the scorecard page; `moved` is what it took or gave, `asked` what the rule alone would have; not `counted`
    while the card has no score."""

    item: ChecklistItem
    own: str = "—"
    site: str = "—"
    answer: Answer | None = None
    figure: Figure | None = None
    counted: bool = True
    moved: Decimal = ZERO
    asked: Decimal = ZERO
    history: list[tuple[Any, str]] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    photos: list[int] = field(default_factory=list)

    @property
    def rule(self) -> str:
        return rule_text(self.item)

    @property
    def moved_words(self) -> str:
        """−2, +3, 0; — for a line that moves nothing, or nothing yet."""
        silent = not self.counted or self.item.kind in (Kind.NOTE, Kind.VETO)
        return "—" if silent else signed(self.moved) or "0"

    @property
    def asked_words(self) -> str:
        return signed(self.asked) or "0"

    @property
    def vetoed(self) -> bool:
        return self.item.kind == Kind.VETO and self.answer is not None and self.answer.applies and self.answer.value > 0


@dataclass
class CardSection:
    """`base` is where its points start from, `moved` what its lines took or gave; together they are `score`."""

    name: str
    sort: str
    points: Decimal
    base: Decimal
    moved: Decimal
    lines: list[CardLine]

    @property
    def score(self) -> Decimal:
        return self.base + self.moved

    @property
    def moved_words(self) -> str:
        return f"{'+' if self.moved > 0 else '−'} {figure(abs(self.moved))}"


@dataclass(frozen=True)
class CardSum:
    """The trail added up: `total` is the score of the card."""

    base: Decimal
    taken: Decimal
    given: Decimal

    @property
    def total(self) -> Decimal:
        return self.base + self.taken + self.given

    @property
    def taken_words(self) -> str:
        return figure(-self.taken)


def card_sum(card: Scorecard) -> CardSum:
    moves = [(line["item"], Decimal(line["amount"])) for line in card.trail]
    return CardSum(
        sum((amount for item, amount in moves if item is None), ZERO),
        sum((amount for item, amount in moves if item is not None and amount < 0), ZERO),
        sum((amount for item, amount in moves if item is not None and amount > 0), ZERO),
    )


def card_sections(card: Scorecard, user: User) -> list[CardSection]:
    """Every line with the village's word, the figure, the team's, and what came of it."""
    lines = _lines(card)
    _add_answers(card, lines)
    _add_parts(card, user, lines)
    base: dict[int, Decimal] = defaultdict(Decimal)
    for move in card.trail:
        if move["item"] is None:
            base[move["section"]] += Decimal(move["amount"])
        elif move["item"] in lines:
            lines[move["item"]].moved += Decimal(move["amount"])
            lines[move["item"]].asked += Decimal(move["asked"])
    sections: dict[int, CardSection] = {}
    for line in lines.values():
        part = line.item.section
        found = sections.setdefault(part.pk, CardSection(part.name, part.sort, part.points, base[part.pk], ZERO, []))
        found.lines.append(line)
        found.moved += line.moved
    return list(sections.values())


def _lines(card: Scorecard) -> dict[int, CardLine]:
    items = ChecklistItem.objects.filter(section__checklist=card.round.checklist_id).select_related("section")
    figures = figures_of(card)
    return {
        item.pk: CardLine(item, figure=figures.get(item.indicator), counted=card.score is not None)
        for item in items.order_by("section__position", "position")
    }


def _add_answers(card: Scorecard, lines: Mapping[int, CardLine]) -> None:
    """What both sides say now, and each thing that the team said before."""
    for answer in Answer.objects.filter(card=card).select_related("by"):
        line = lines[answer.item_id]
        words = value_words(line.item, answer.value, answer.applies)
        if answer.side == Answer.Side.SELF:
            line.own = words
        else:
            line.site, line.answer = words, answer
    for line in lines.values():
        if line.answer is None and line.figure is not None:
            proposal = line.figure.proposal(Kind(line.item.kind))
            line.site = "以实测为准" if proposal is not None else "—"
    rows = Answer.history.filter(card=card.pk, side=Answer.Side.SITE).select_related("by").order_by("history_id")
    for row in rows:
        line = lines[row.item_id]
        line.history.append((row, value_words(line.item, row.value, row.applies)))


def _add_parts(card: Scorecard, user: User, lines: Mapping[int, CardLine]) -> None:
    replies = Reply.objects.visible_to(user).filter(card=card).select_related("asked_by", "decided_by", "item")
    for reply in replies.order_by("pk"):
        lines[reply.item_id].replies.append(reply)
    findings = Finding.objects.visible_to(user).filter(card=card, item__isnull=False).select_related("order")
    for finding in findings.order_by("pk"):
        if finding.item_id is not None:
            lines[finding.item_id].findings.append(finding)
    photos = Evidence.objects.filter(answer__card=card).order_by("pk").values_list("answer__item_id", "photo_id")
    for item, photo in photos:
        lines[item].photos.append(photo)


def findings_open(card: Scorecard, user: User) -> list[Finding]:
    """What was found in the village before this round and is not put right, oldest first."""
    rows = Finding.objects.visible_to(user).filter(village=card.village_id, card__round__quarter__lt=card.round.quarter)
    rows = rows.exclude(order__state=Order.State.CLOSED).select_related("order", "card__round")
    return list(rows.order_by("pk")[:50])


def orders_open(card: Scorecard, user: User) -> list[Order]:
    return list(Order.objects.visible_to(user).open().filter(village=card.village_id).order_by("fix_due_on", "pk")[:50])


def findings_beside(card: Scorecard, user: User) -> list[Finding]:
    """What this round found beside the lines of the card."""
    rows = Finding.objects.visible_to(user).filter(card=card, item=None).select_related("order")
    return list(rows.order_by("pk"))


@dataclass(frozen=True)
class TrendPoint:
    """A quarter's score with its place in the picture."""

    label: str
    short: str
    score: Decimal
    grade: str
    x: int
    y: int

    @property
    def above(self) -> int:
        return self.y - 9


def trend_of(card: Scorecard, user: User) -> list[TrendPoint]:
    """The village's last quarters up to this one, oldest first; empty with fewer than two."""
    rows = Scorecard.objects.visible_to(user).filter(
        village=card.village_id, score__isnull=False, round__quarter__lte=card.round.quarter
    )
    found = list(rows.points_shown_to(user).select_related("round").order_by("-round__quarter")[:QUARTERS_SHOWN])[::-1]
    if len(found) < 2:
        return []
    scores = [row.score for row in found if row.score is not None]
    low, high = min(scores), max(scores)
    room = float(high - low) or 1.0
    step = (WIDE - 2 * EDGE) / (len(found) - 1)
    points = []
    for place, (row, points_of) in enumerate(zip(found, scores, strict=True)):
        up = float(points_of - low) / room
        quarter = (row.round.quarter.month - 1) // 3 + 1
        points.append(
            TrendPoint(
                row.round.period.label,
                f"{row.round.quarter.year % 100}-{quarter}",
                points_of,
                row.get_grade_display(),
                round(EDGE + place * step),
                round(HIGH - 40 - up * (HIGH - 75)),
            )
        )
    return points


def signed(points: Decimal) -> str:
    """−2, +3, empty for nothing."""
    return "" if not points else f"{'+' if points > 0 else '−'}{figure(abs(points))}"


@dataclass
class PrintCell:
    text: str
    rows: int = 1


def print_rows(rows: Sequence[Sequence[str | None]]) -> list[list[PrintCell]]:
    """Rows of an official table for a page: a cell None makes the one above it taller."""
    found: list[list[PrintCell]] = []
    above: dict[int, PrintCell] = {}
    for row in rows:
        cells = []
        for place, text in enumerate(row):
            if text is None:
                above[place].rows += 1
            else:
                above[place] = PrintCell(text)
                cells.append(above[place])
        found.append(cells)
    return found


def cards_seen(user: User, action: Action | None = None) -> QuerySet[Scorecard]:
    return Scorecard.objects.visible_to(user, action).select_related("round__township", "round__checklist", "village", "team")
