"""One checklist engine: answers + facts + card → items, sections, total, veto, grade, and a trail for each point. Pure.

Four uses share it: the quarterly inspection, a published settlement card, the monthly household evaluation, 门前三包
(plan §四(三), §三.4, §三.1; design §7). Points are Decimals with at most two places. Half-open nowhere: all bounds count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

ZERO = Decimal(0)
CENT = Decimal("0.01")
HUNDRED = Decimal(100)


class Kind(StrEnum):
    """How an item turns its answer into points; the value is stored."""

    EACH = "each"
    WHOLE = "whole"
    BAND = "band"
    NOTE = "note"
    BONUS = "bonus"
    VETO = "veto"


KIND_LABELS = {
    Kind.EACH: "逐处扣分，扣完为止",
    Kind.WHOLE: "不达标不得分",
    Kind.BAND: "按比例分档",
    Kind.NOTE: "只记录，不计分",
    Kind.BONUS: "加分",
    Kind.VETO: "一票否决",
}


class Sort(StrEnum):
    """What a section holds."""

    NORMAL = "normal"
    BONUS = "bonus"
    VETO = "veto"


SORT_LABELS = {Sort.NORMAL: "计分", Sort.BONUS: "加分", Sort.VETO: "一票否决"}


class Grade(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    PASSING = "passing"
    POOR = "poor"


GRADE_LABELS = {Grade.GOOD: "好", Grade.FAIR: "较好", Grade.PASSING: "一般", Grade.POOR: "差"}


@dataclass(frozen=True)
class Band:
    """From `least` per cent on an item earns `points`; bands descend in both."""

    least: Decimal
    points: Decimal


@dataclass(frozen=True)
class Item:
    """One line of a card. `points` None: it draws on the points of the line above (a merged cell); of a bonus line they
    are its own ceiling, if it has one.

    `per_case` is what one case takes (EACH) or adds (BONUS), `bands` belong to BAND. `exclusive`: of this line and the
    one above only the heavier deduction counts. `indicator` names the fact that proposes the answer.
    """

    key: int
    name: str
    kind: Kind
    points: Decimal | None = None
    per_case: Decimal = ZERO
    bands: tuple[Band, ...] = ()
    exclusive: bool = False
    indicator: str = ""


@dataclass(frozen=True)
class Section:
    """`points` is what its lines share out; for a bonus section its ceiling, for a veto section 0."""

    key: int
    name: str
    points: Decimal
    items: tuple[Item, ...]
    sort: Sort = Sort.NORMAL


@dataclass(frozen=True)
class Card:
    """`good`, `fair` and `passing` are the least total, in per cent of the full marks, for 好, 较好 and 一般."""

    sections: tuple[Section, ...]
    good: Decimal = Decimal(90)
    fair: Decimal = Decimal(80)
    passing: Decimal = Decimal(60)

    @property
    def full(self) -> Decimal:
        """Full marks without bonus."""
        return sum((section.points for section in self.sections if section.sort == Sort.NORMAL), ZERO)

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for section in self.sections for item in section.items)


@dataclass(frozen=True)
class Answer:
    """What was judged: cases counted (EACH, BONUS, VETO, NOTE; WHOLE: 0 is met), or per cent reached (BAND).

    `applies` False: 不适用, nothing is taken.
    """

    value: Decimal
    applies: bool = True


@dataclass(frozen=True)
class Fact:
    """A measured figure: `good` of `of`; `enough` False says 样本不足, and then it proposes nothing."""

    good: int
    of: int
    enough: bool = True

    def answer_for(self, kind: Kind) -> Answer | None:
        """The answer that the figure proposes: per cent for BAND, else how many were not good."""
        if not self.enough or not self.of:
            return None
        if kind == Kind.BAND:
            return Answer((Decimal(self.good) * HUNDRED / Decimal(self.of)).quantize(CENT, ROUND_HALF_UP))
        return Answer(Decimal(self.of - self.good))


@dataclass(frozen=True)
class Line:
    """One step of the trail: `amount` moves the total; `asked` is what the rule alone would take or add.

    `item` None: the full points of a section, from which its lines take.
    """

    section: int
    item: int | None
    amount: Decimal
    asked: Decimal
    words: str
    measured: bool = False


@dataclass(frozen=True)
class Result:
    """`total` = Σ trail amounts, within 0..full + bonus ceiling; `sections` by key; `missing` are lines without answer."""

    total: Decimal
    sections: dict[int, Decimal]
    grade: Grade
    vetoes: tuple[int, ...]
    missing: tuple[int, ...]
    trail: tuple[Line, ...] = field(repr=False)

    @property
    def vetoed(self) -> bool:
        return bool(self.vetoes)

    @property
    def whole(self) -> bool:
        """Whether every line that must be is judged; before that total and grade say nothing yet."""
        return not self.missing


def score(card: Card, answers: Mapping[int, Answer], facts: Mapping[str, Fact] | None = None) -> Result:
    """Rate one card. An answer goes before the fact; without either a line takes nothing and is `missing`."""
    trail: list[Line] = []
    sections: dict[int, Decimal] = {}
    vetoes: list[int] = []
    missing: list[int] = []
    for section in card.sections:
        judged = {item.key: _said(item, answers, facts or {}) for item in section.items}
        missing += [item.key for item in section.items if judged[item.key][0] is None and _must_answer(item)]
        if section.sort == Sort.VETO:
            vetoes += [key for key, (answer, _) in judged.items() if answer is not None and answer.applies and answer.value > 0]
            lines: list[Line] = []
        elif section.sort == Sort.BONUS:
            lines = _bonus_lines(section, judged)
        else:
            lines = [line for pool in pools(section) for line in _pool_lines(section, pool, judged)]
        trail += lines
        sections[section.key] = sum((line.amount for line in lines), ZERO)
    total = sum((line.amount for line in trail), ZERO)
    grade = Grade.POOR if vetoes else grade_of(card, total)
    return Result(total, sections, grade, tuple(vetoes), tuple(missing), tuple(trail))


def grade_of(card: Card, total: Decimal) -> Grade:
    """The grade that a total earns, veto aside."""
    percent = total * HUNDRED / card.full if card.full else ZERO
    for least, grade in ((card.good, Grade.GOOD), (card.fair, Grade.FAIR), (card.passing, Grade.PASSING)):
        if percent >= least:
            return grade
    return Grade.POOR


def pools(section: Section) -> list[list[Item]]:
    """Lines that share one cell of points: a line with points and those without below it, or all lines of a section.

    只记录 lines take nothing and stand in no pool.
    """
    found: list[list[Item]] = []
    for item in section.items:
        if item.kind == Kind.NOTE:
            continue
        if item.points is not None or not found:
            found.append([item])
        else:
            found[-1].append(item)
    return found


def pool_points(section: Section, pool: Sequence[Item]) -> Decimal:
    """What a pool starts from; a section whose lines name no points is one pool of all its points."""
    own = pool[0].points
    return section.points if own is None else own


def deduction(item: Item, answer: Answer | None, points: Decimal) -> Decimal:
    """What the rule alone takes from a pool of `points`, before it is empty."""
    if answer is None or not answer.applies or item.kind in (Kind.NOTE, Kind.BONUS, Kind.VETO):
        return ZERO
    if item.kind == Kind.EACH:
        return _cents(item.per_case * max(answer.value, ZERO))
    if item.kind == Kind.WHOLE:
        return points if answer.value > 0 else ZERO
    earned = max((band.points for band in item.bands if answer.value >= band.least), default=ZERO)
    return points - min(earned, points)


_Said = Mapping[int, tuple[Answer | None, bool]]


def _said(item: Item, answers: Mapping[int, Answer], facts: Mapping[str, Fact]) -> tuple[Answer | None, bool]:
    """The judged answer, else the one its fact proposes, and whether it is the fact's."""
    if item.key in answers:
        return answers[item.key], False
    fact = facts.get(item.indicator)
    proposed = fact.answer_for(item.kind) if fact is not None else None
    return proposed, proposed is not None


def _must_answer(item: Item) -> bool:
    return item.kind not in (Kind.NOTE, Kind.BONUS)


def _pool_lines(section: Section, pool: Sequence[Item], judged: _Said) -> list[Line]:
    """The pool's points, then what each line takes until it is empty; of exclusive lines only the heaviest."""
    points = pool_points(section, pool)
    lines = [Line(section.key, None, points, points, pool[0].name if pool[0].points is not None else section.name)]
    left = points
    for run in _runs(pool):
        asked = {item.key: deduction(item, judged[item.key][0], points) for item in run}
        heaviest = max(run, key=lambda item: asked[item.key])
        for item in run:
            answer, measured = judged[item.key]
            if not asked[item.key]:
                continue
            taken = min(asked[item.key], left) if item is heaviest else ZERO
            left -= taken
            lines.append(
                Line(section.key, item.key, -taken, -asked[item.key], _words(item, answer), measured)
            )
    return lines


def _runs(pool: Sequence[Item]) -> list[list[Item]]:
    """Lines of a pool, those together of which only the heaviest counts."""
    runs: list[list[Item]] = []
    for item in pool:
        if item.exclusive and runs:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def _bonus_lines(section: Section, judged: _Said) -> list[Line]:
    """What is added, each line up to its own ceiling, all up to the section's."""
    lines, left = [], section.points
    for item in section.items:
        answer, measured = judged[item.key]
        if answer is None or not answer.applies or answer.value <= 0:
            continue
        asked = _cents(item.per_case * answer.value)
        own = asked if item.points is None else min(asked, item.points)
        given = min(own, left)
        left -= given
        lines.append(Line(section.key, item.key, given, asked, _words(item, answer), measured))
    return lines


def _cents(points: Decimal) -> Decimal:
    return points.quantize(CENT, ROUND_HALF_UP)


def _words(item: Item, answer: Answer | None) -> str:
    value = f"{(answer.value if answer else ZERO).normalize():f}"
    if item.kind == Kind.BAND:
        return f"{item.name}：{value}%"
    if item.kind == Kind.WHOLE:
        return f"{item.name}：不达标"
    sign = "+" if item.kind == Kind.BONUS else "−"
    return f"{item.name}：{value} × {sign}{item.per_case.normalize():f}"
