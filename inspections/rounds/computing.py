"""Celery's part of a round: measured figures, cards, ranks, changes against the last quarter (plan §四(三); design §5, §7).

The round's row is the task: it is written before the message is sent, and what gets lost is sent again. One task takes one
township, so that a county is a fan-out; within it all villages are read and written in sets.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import OperationalError, transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.celery import nudge, reason_of
from governance.errors import DomainError
from governance.frame.sweeping import job_taken, jobs_resend
from governance.periods import Period
from inspections.cards.services import card_of
from inspections.errors import InspectionError
from inspections.indicators.registry import takes
from inspections.models import Answer as AnswerRow
from inspections.models import Measure, Round, Scorecard
from inspections.scorecards.scoring import CENT, Answer, Card, Fact, Line, Result, score

COMPUTE_TASK = "inspections.round_compute"
FIELDS = ["score", "self_score", "grade", "vetoed", "rank", "change", "sections", "trail", "missing"]

_logger = logging.getLogger(__name__)


def round_request(*, inspection_round: Round, by: User | None = None, at: datetime | None = None) -> Round:
    """Ask for the cards of a round to be computed in the background."""
    with transaction.atomic():
        row = Round.objects.select_for_update(of=("self",)).select_related("township").get(pk=inspection_round.pk)
        if by is not None and not by.may(Action.ROUND_PLAN, row.township.path):
            raise InspectionError("这次督查不归您汇总。", "scope")
        if not row.takes_scores:
            raise InspectionError(f"{row}现在是“{row.get_state_display()}”，不用再汇总。", "state")
        asked = at or timezone.now()
        Round.objects.filter(pk=row.pk).update(job=Round.Job.QUEUED, job_at=asked, job_error="", job_tries=0)
        nudge(COMPUTE_TASK, row.pk)
    row.refresh_from_db()
    return row


def rounds_resend(at: datetime | None = None) -> int:
    """Send again what was lost; returns how many."""
    return jobs_resend(Round, COMPUTE_TASK, at)


def round_work(round_id: int, at: datetime | None = None) -> None:
    """The background task: compute if still asked for; a refusal is kept as the row's reason."""
    if not job_taken(Round, round_id):
        return
    try:
        with transaction.atomic():
            row = Round.objects.select_for_update(of=("self",)).get(pk=round_id)
            if row.job == Round.Job.QUEUED:
                round_compute(round_id, at)
    except OperationalError:
        raise
    except Exception as error:
        if not isinstance(error, DomainError):
            _logger.error("round %s", round_id, exc_info=error)
        Round.objects.filter(pk=round_id).update(job=Round.Job.FAILED, job_error=reason_of(error)[:200])


def round_compute(round_id: int, at: datetime | None = None) -> Round:
    """Take the figures (until the cards are handed over), rate all cards, rank them. A rerun changes only what differs."""
    now = at or timezone.now()
    with transaction.atomic():
        row = Round.objects.select_for_update(of=("self",)).select_related("township", "checklist").get(pk=round_id)
        if not row.takes_scores:
            raise InspectionError(f"{row}现在是“{row.get_state_display()}”，不能计算。", "state")
        cards = list(
            Scorecard.objects.select_for_update(of=("self",)).filter(round=row).select_related("village").order_by("pk")
        )
        checklist = card_of(row.checklist)
        if row.state == Round.State.SCORING:
            _measure(checklist, cards, row.period, now)
        _rate(row, checklist, cards)
        row.computed_at, row.job, row.job_error = now, Round.Job.IDLE, ""
        row.save(update_fields=["computed_at", "job", "job_error"])
    return row


def facts_of(cards: Iterable[Scorecard]) -> dict[int, dict[str, Fact]]:
    """Card id → indicator → its kept figure, in one query."""
    found: dict[int, dict[str, Fact]] = defaultdict(dict)
    for row in Measure.objects.filter(card__in=[card.pk for card in cards]):
        found[row.card_id][row.indicator] = Fact(row.good, row.of, row.enough)
    return found


def answers_of(cards: Iterable[Scorecard], side: str) -> dict[int, dict[int, Answer]]:
    """Card id → item id → what that side judged, in one query."""
    found: dict[int, dict[int, Answer]] = defaultdict(dict)
    rows = AnswerRow.objects.filter(card__in=[card.pk for card in cards], side=side)
    for card, item, value, applies in rows.values_list("card_id", "item_id", "value", "applies"):
        found[card][item] = Answer(value, applies)
    return found


def _measure(checklist: Card, cards: list[Scorecard], period: Period, now: datetime) -> None:
    """Keep the figures that the checklist names, as they are now, for every card, each with the records it counts."""
    codes = [item.indicator for item in checklist.items if item.indicator]
    found = takes([card.village for card in cards], period, now, codes)
    rows = [
        Measure(
            card=card, indicator=code, good=taken.fact.good, of=taken.fact.of, enough=taken.fact.enough, taken_at=now,
            good_keys=taken.good, missed_keys=taken.missed,
        )
        for card in cards
        for code, taken in found[card.village_id].items()
    ]
    Measure.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["card", "indicator"],
        update_fields=["good", "of", "enough", "taken_at", "good_keys", "missed_keys"],
    )


def _rate(inspection_round: Round, checklist: Card, cards: list[Scorecard]) -> None:
    facts = facts_of(cards)
    site, own = (answers_of(cards, side) for side in (AnswerRow.Side.SITE, AnswerRow.Side.SELF))
    before = {card.pk: [getattr(card, name) for name in FIELDS] for card in cards}
    earlier = _last_scores(inspection_round)
    for card in cards:
        result = score(checklist, site[card.pk], facts[card.pk])
        _put(card, checklist, result)
        self_result = score(checklist, own[card.pk], facts[card.pk])
        card.self_score = self_result.total if own[card.pk] and self_result.whole else None
        card.change = _change(card, earlier)
    _rank(cards)
    changed = [card for card in cards if [getattr(card, name) for name in FIELDS] != before[card.pk]]
    Scorecard.objects.bulk_update(changed, FIELDS, batch_size=500)


def _put(card: Scorecard, checklist: Card, result: Result) -> None:
    """The result on its card; of one that is not judged to the end only how many lines it lacks (the trigger says the same)."""
    card.missing = len(result.missing)
    if not result.whole:
        card.score, card.grade, card.vetoed, card.sections, card.trail = None, "", False, [], []
        return
    card.score, card.grade, card.vetoed = result.total, result.grade.value, result.vetoed
    card.sections = [
        {
            "key": section.key,
            "name": section.name,
            "sort": section.sort.value,
            "points": str(section.points),
            "score": str(result.sections[section.key].quantize(CENT)),
        }
        for section in checklist.sections
    ]
    card.trail = [_plain(line) for line in result.trail]


def _plain(line: Line) -> dict[str, Any]:
    return {
        "section": line.section,
        "item": line.item,
        "amount": str(line.amount.quantize(CENT)),
        "asked": str(line.asked.quantize(CENT)),
        "words": line.words,
        "measured": line.measured,
    }


def _rank(cards: list[Scorecard]) -> None:
    """1 is the best; equal scores share a rank; 一票否决 comes after all others. Nobody has a rank before all have a score."""
    if any(card.score is None for card in cards):
        for card in cards:
            card.rank = None
        return
    order = sorted(cards, key=lambda card: (card.vetoed, -(card.score or 0)))
    for place, card in enumerate(order, 1):
        above = order[place - 2] if place > 1 else None
        alike = above is not None and (above.vetoed, above.score) == (card.vetoed, card.score)
        card.rank = above.rank if alike and above is not None else place


def changes_follow(settled: Round) -> None:
    """Compare the next quarter's cards anew, now that this one is settled; those that are settled themselves stay."""
    later = Round.objects.filter(township=settled.township_id, quarter=settled.period.end).exclude(state=Round.State.LOCKED)
    following = later.select_for_update(of=("self",)).first()
    if following is None:
        return
    cards = list(Scorecard.objects.select_for_update(of=("self",)).filter(round=following).order_by("pk"))
    earlier = _last_scores(following)
    for card in cards:
        card.change = _change(card, earlier)
    Scorecard.objects.bulk_update(cards, ["change"])


def _change(card: Scorecard, earlier: Mapping[int, Decimal]) -> Decimal | None:
    """Against the last quarter's settled score; None while either is missing."""
    last = earlier.get(card.village_id)
    return card.score - last if card.score is not None and last is not None else None


def _last_scores(inspection_round: Round) -> dict[int, Decimal]:
    """Village id → its score in the last quarter's locked round."""
    last = Scorecard.objects.filter(
        round__township=inspection_round.township_id,
        round__quarter=inspection_round.period.previous().start,
        round__state=Round.State.LOCKED,
        score__isnull=False,
    )
    return {village: found for village, found in last.values_list("village_id", "score") if found is not None}
