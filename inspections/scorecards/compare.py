"""Villages of one quarter side by side, by sections and lines (plan §四(三); mission M35)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from inspections.models import Answer, ChecklistItem, Measure, Scorecard
from inspections.scorecards.checks import figure
from inspections.scorecards.rows import ZERO, signed, value_words
from inspections.scorecards.scoring import Fact, Kind, Sort
from inspections.scorecards.words import rule_text

COMPARED = 4


@dataclass(frozen=True)
class Cell:
    """One village's part of a row: what was judged, and the points that it moved."""

    village: str
    words: str
    moved: str = ""


@dataclass(frozen=True)
class Compared:
    """One row of the comparison, a section or a line of it, a cell a village; `differs` where they are not alike."""

    name: str
    rule: str
    cells: list[Cell]
    is_section: bool = False

    @property
    def differs(self) -> bool:
        return len({(cell.words, cell.moved) for cell in self.cells}) > 1


def compare_rows(cards: Sequence[Scorecard]) -> list[Compared]:
    """Sections and lines of cards on one checklist, side by side."""
    items = ChecklistItem.objects.filter(section__checklist=cards[0].round.checklist_id).select_related("section")
    answers = {
        (row.card_id, row.item_id): row for row in Answer.objects.filter(card__in=cards, side=Answer.Side.SITE)
    }
    facts = {
        (row.card_id, row.indicator): Fact(row.good, row.of, row.enough) for row in Measure.objects.filter(card__in=cards)
    }
    moved = {card.pk: _moved(card) for card in cards}

    def cell(card: Scorecard, item: ChecklistItem) -> Cell:
        answer, fact = answers.get((card.pk, item.pk)), facts.get((card.pk, item.indicator))
        proposal = fact.answer_for(Kind(item.kind)) if fact is not None else None
        judged = answer or proposal
        words = value_words(item, judged.value, judged.applies) if judged else value_words(item, ZERO if item.kind == Kind.BONUS else None)
        return Cell(str(card.village), words, signed(moved[card.pk].get(item.pk, ZERO)))

    rows: list[Compared] = []
    for _, lines in groupby(items.order_by("section__position", "position"), key=lambda item: item.section_id):
        found = list(lines)
        section = found[0].section
        totals = [Cell(str(card.village), _section_score(card, section.pk)) for card in cards]
        rows.append(Compared(section.name, _section_rule(found[0]), totals, is_section=True))
        rows += [Compared(item.name, rule_text(item), [cell(card, item) for card in cards]) for item in found]
    return rows


def _section_rule(item: ChecklistItem) -> str:
    points = item.section.points
    return {Sort.NORMAL: f"标准分 {figure(points)}", Sort.BONUS: f"最多加 {figure(points)} 分"}.get(Sort(item.section.sort), "")


def _section_score(card: Scorecard, key: int) -> str:
    found = next((part for part in card.sections if part["key"] == key), None)
    return f"{figure(Decimal(found['score']))} 分" if found and found["sort"] != Sort.VETO else ""


def _moved(card: Scorecard) -> dict[int, Decimal]:
    found: dict[int, Decimal] = defaultdict(Decimal)
    for move in card.trail:
        if move["item"] is not None:
            found[move["item"]] += Decimal(move["amount"])
    return found
