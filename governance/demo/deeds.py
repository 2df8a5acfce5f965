"""Invented deeds of a year: what each household earned, lost, took back and spent; pure and seeded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from governance.periods import Kind, Period
from moral_bank.rules.setting_up import Rule

YEAR = 2026
# Share of households and the mean number of their deeds in a month.
ZEAL = ((0.14, 8.6), (0.17, 4.2), (0.37, 1.4), (0.32, 0.45))
RARE = {"L02": 0.1, "L03": 0.2, "S05": 0.15, "S07": 0.2, "P07": 0.1, "C02": 0.3, "C03": 0.15, "S06": 0.6, "W02": 0.6}
LOSS_CHANCE = 0.05
REVERSAL_CHANCE = 0.0012
SPEND_CHANCE = 0.08
# Goods of the 道德超市 and their points, as one Sichuan-like price list has them (domain.md §7).
GOODS = (("洗洁精", 5), ("牙刷", 10), ("洗衣液", 20), ("洗手液", 25), ("食用油", 50))
VETO_MONTHS = (2, 5, 8)


@dataclass(frozen=True)
class Posting:
    """One line to post for household number `household`; `rule` is a deed's code, "" for spending.

    `reverses` is the position, in the whole list, of the posting that this one takes back.
    """

    household: int
    rule: str
    memo: str
    score: int
    points: int
    day: date
    veto: bool = False
    reverses: int | None = None


def months_until(day: date) -> list[Period]:
    """Months of the demo's year that have begun on `day`, in order."""
    year = Period.of(Kind.YEAR, date(YEAR, 1, 1))
    return [month for month in year.split(Kind.MONTH) if month.start <= day]


class Year:
    """Builds the list in the order in which it can be posted: no prefix of it overdraws an account."""

    def __init__(self, rng: Random, rules: Sequence[Rule], households: int, until: date) -> None:
        self.rng, self.until = rng, until
        self.gains = [rule for rule in rules if rule.score > 0]
        self.losses = [rule for rule in rules if rule.score < 0 and not rule.veto]
        self.vetoes = [rule for rule in rules if rule.veto]
        self.gain_weights = [RARE.get(rule.code, 1.0) for rule in self.gains]
        shares, means = zip(*ZEAL, strict=True)
        self.zeal = rng.choices(means, shares, k=households)
        self.balances = [0] * households
        self.postings: list[Posting] = []
        self.reversed: set[int] = set()

    def run(self) -> list[Posting]:
        for month in months_until(self.until):
            last = min(month.end - timedelta(days=1), self.until)
            earlier = len(self.postings)
            self._add(sorted(self._deeds(month.start, last), key=lambda posting: posting.day))
            self._add(list(self._spendings(last)))
            self._add(list(self._reversals(earlier, month.start, last)))
        return self.postings

    def _add(self, postings: list[Posting]) -> None:
        for posting in postings:
            self.balances[posting.household] += posting.points
        self.postings += postings

    def _deeds(self, first: date, last: date) -> Iterator[Posting]:
        days = (last - first).days
        part = (days + 1) / 30
        for household, mean in enumerate(self.zeal):
            for _ in range(self._count(min(mean * part, mean))):
                day = first + timedelta(days=self.rng.randint(0, days))
                losing = self.rng.random() < LOSS_CHANCE * (3 if mean < 2 else 1)
                rule = self.rng.choice(self.losses) if losing else self.rng.choices(self.gains, self.gain_weights)[0]
                yield self._posting(household, rule, day)
        if first.month in VETO_MONTHS and self.vetoes:
            rule = self.vetoes[VETO_MONTHS.index(first.month)]
            yield self._posting(self.rng.randrange(len(self.zeal)), rule, first + timedelta(days=days // 2))

    def _count(self, mean: float) -> int:
        """Uneven whole numbers around `mean`."""
        low = int(mean * self.rng.uniform(0.4, 1.6))
        return low + (self.rng.random() < mean - int(mean))

    def _posting(self, household: int, rule: Rule, day: date) -> Posting:
        if rule.score_high is None:
            return Posting(household, rule.code, rule.name, rule.score, rule.points, day, rule.veto)
        score = self.rng.randint(rule.score, rule.score_high)
        return Posting(household, rule.code, rule.name, score, score, day)

    def _spendings(self, last: date) -> Iterator[Posting]:
        if last.day < 25:
            return
        for household, balance in enumerate(self.balances):
            if self.rng.random() < SPEND_CHANCE:
                goods = [(name, price) for name, price in GOODS if price <= balance]
                if goods:
                    name, price = self.rng.choice(goods)
                    yield Posting(household, "", f"道德超市兑换：{name}", 0, -price, last)

    def _reversals(self, earlier: int, first: date, last: date) -> Iterator[Posting]:
        """Some of the months before this one, taken back in this one; one at most for each household."""
        households: set[int] = set()
        for position, posting in enumerate(self.postings[:earlier]):
            if self.rng.random() >= REVERSAL_CHANCE / first.month or not posting.rule or posting.veto:
                continue
            household = posting.household
            if posting.reverses is not None or position in self.reversed or household in households:
                continue
            if self.balances[household] >= posting.points:
                self.reversed.add(position)
                households.add(household)
                day = first + timedelta(days=self.rng.randint(0, (last - first).days))
                score, points = -posting.score, -posting.points
                yield Posting(household, posting.rule, "冲正：登记有误", score, points, day, reverses=position)
