"""为什么是这个分: from a rating down to its entries, its parts and the version of the rules (design §5; mission M24)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q

from governance.periods import Kind
from moral_bank.closings.checks import PART_KINDS
from moral_bank.closings.ratings import HeadRule, StarRule, head_score, honours, mean_score
from moral_bank.models import Claim, Closing, Entry, Judgement, Rating, Vote
from moral_bank.rules.models import Head, RuleSet


@dataclass(frozen=True)
class HeadLine:
    """One head of a month: `value` = `raw` = `base` + `total` kept within 0 and `maximum`; `entries` oldest first.

    `pending` are the judgements of approved claims, which count already and are posted by the month's lock (待入账), with
    their `yes` and `voting` counted.
    """

    head: str
    label: str
    base: int
    total: int
    raw: int
    value: int
    maximum: int
    entries: tuple[Entry, ...]
    pending: tuple[Judgement, ...] = ()

    @property
    def clamped(self) -> bool:
        return self.raw != self.value


@dataclass(frozen=True)
class Explanation:
    """Everything that a rating was made of.

    `heads` is filled for months, `parts` (oldest first) for longer periods. `thresholds` are (stars, lowest score),
    `honour_rank` is the last rank that the year honours, `honour_floor` the lowest score. `current` is false while late
    entries wait for recomputation.
    """

    rating: Rating
    rule_set: RuleSet
    heads: tuple[HeadLine, ...]
    parts: tuple[Rating, ...]
    vetoes: tuple[Entry, ...]
    pending_vetoes: tuple[Judgement, ...]
    thresholds: tuple[tuple[int, int], ...]
    households: int
    honour_rank: int | None
    honour_floor: int
    score: Decimal

    @property
    def current(self) -> bool:
        return self.score == self.rating.score


def explain(rating: Rating) -> Explanation:
    """Explain a computed rating; the number of queries does not depend on how much there is to tell."""
    closing = Closing.objects.select_related("village", "rule_set").get(pk=rating.closing_id)
    rule_set = closing.rule_set
    assert rule_set is not None
    stars = star_rule(rule_set)
    heads: tuple[HeadLine, ...] = ()
    parts: tuple[Rating, ...] = ()
    if closing.kind == Kind.MONTH:
        heads = _heads(rating, closing)
        score = Decimal(sum(line.value for line in heads))
    else:
        parts = _parts(rating, closing)
        score = mean_score([part.score for part in parts]) if parts else rating.score
    return Explanation(
        rating=rating,
        rule_set=rule_set,
        heads=heads,
        parts=parts,
        vetoes=_vetoes(rating, closing) if rating.vetoed else (),
        pending_vetoes=tuple(one for line in heads for one in line.pending if rating.vetoed and one.claim.deed.is_veto),
        thresholds=stars.lines(),
        households=closing.household_count,
        honour_rank=honours(closing.household_count, stars) if closing.kind == Kind.YEAR else None,
        honour_floor=stars.floor,
        score=score,
    )


def star_rule(rule_set: RuleSet) -> StarRule:
    """The rule set's thresholds as the pure functions take them."""
    return StarRule(
        rule_set.five_star,
        rule_set.four_star,
        rule_set.three_star,
        rule_set.two_star,
        rule_set.year_top_percent,
        rule_set.year_floor,
    )


def _heads(rating: Rating, closing: Closing) -> tuple[HeadLine, ...]:
    found = Entry.objects.in_month(closing.period).filter(account=rating.account_id).exclude(head="")
    entries = list(found.select_related("deed", "reverses").order_by("occurred_on", "id"))
    waiting = _pending(rating, closing)
    rules = {rule.head: rule for rule in closing.rule_set.heads.all()} if closing.rule_set else {}
    lines = []
    for head, label in Head.choices:
        own = tuple(entry for entry in entries if entry.head == head)
        pending = tuple(judgement for judgement in waiting if judgement.claim.deed.head == head)
        rule = rules[head]
        total = sum(entry.score for entry in own) + sum(judgement.claim.score for judgement in pending)
        value = head_score(HeadRule(rule.base, rule.maximum), total)
        lines.append(HeadLine(head, str(label), rule.base, total, rule.base + total, value, rule.maximum, own, pending))
    return tuple(lines)


def _pending(rating: Rating, closing: Closing) -> list[Judgement]:
    """The judgements by which claims of the month were approved that no lock has posted yet, oldest deed first."""
    found = Judgement.objects.filter(
        claim__account=rating.account_id,
        claim__state=Claim.State.APPROVED,
        claim__counts_on__gte=closing.period.start,
        claim__counts_on__lt=closing.period.end,
    )
    counted = found.select_related("claim__deed", "sitting").annotate(
        yes=Count("votes", filter=Q(votes__choice=Vote.Choice.YES)),
        voting=Count("votes", filter=~Q(votes__choice=Vote.Choice.RECUSED)),
    )
    latest = {judgement.claim_id: judgement for judgement in counted.order_by("claim__counts_on", "claim", "round")}
    return list(latest.values())


def _parts(rating: Rating, closing: Closing) -> tuple[Rating, ...]:
    """The ratings that the mean is made of, wherever the household belonged then."""
    found = Rating.objects.filter(
        account=rating.account_id,
        closing__kind=PART_KINDS[Kind(closing.kind)],
        closing__start__gte=closing.period.start,
        closing__start__lt=closing.period.end,
        closing__state=Closing.State.LOCKED,
    )
    return tuple(found.select_related("closing__village").order_by("closing__start"))


def _vetoes(rating: Rating, closing: Closing) -> tuple[Entry, ...]:
    """Veto entries of the period, without those that had been reversed when it was computed."""
    found = Entry.objects.filter(
        Q(reversed_by=None) | Q(reversed_by__posted_at__gt=closing.computed_at),
        account=rating.account_id,
        occurred_on__gte=closing.period.start,
        occurred_on__lt=closing.period.end,
        veto=True,
    )
    return tuple(found.select_related("deed").order_by("occurred_on", "id"))
