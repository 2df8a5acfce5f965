"""Scoring on site and the village's own score beside it (plan §四(三); mission M34, M35; domain.md §10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import insert_by, save_by
from governance.periods import today
from inspections.conflicts import conflicts_refuse
from inspections.errors import InspectionError
from inspections.models import Answer, ChecklistItem, Round, Sample, Scorecard, TeamMember
from inspections.scorecards.scoring import Fact, Kind

MOST = Decimal(9999)
NO_BASIS = "实测样本不足，请写明评分依据，或选“不适用”。"
STANDING = Q(enough=True, of__gt=0)  # measures that speak for themselves


@dataclass(frozen=True)
class Judged:
    """What is said on one line: cases counted or per cent, whether it applies, what was seen, why it differs from the figure or,
    where the figure has too few records, what it rests on."""

    value: Decimal
    applies: bool = True
    note: str = ""
    reason: str = ""


def answers_save(
    *, card: Scorecard, judged: Mapping[int, Judged], by: User, at: datetime | None = None
) -> list[Answer]:
    """The team's judgement of lines (by item id) on site; what says the same is left as it is, the rest keeps its history."""
    with transaction.atomic():
        row = card_take(card)
        _check_judge(row, by, at or timezone.now())
        answers = _save(row, Answer.Side.SITE, judged, by, at or timezone.now())
        if answers:
            row.scored_at, row.scored_by, row.missing = None, None, len(lines_left(row))
            row.save(update_fields=["scored_at", "scored_by", "missing"])
    return answers


def self_answers_save(
    *, card: Scorecard, judged: Mapping[int, Judged], by: User, at: datetime | None = None
) -> list[Answer]:
    """自评: what the village says of itself, while the team has not handed the cards over."""
    with transaction.atomic():
        row = card_take(card)
        if not by.may(Action.SELF_SCORE, row.village.path):
            raise InspectionError(f"{row.village}的自评不归您填写。", "scope")
        if row.round.state not in (Round.State.PLANNED, Round.State.SCORING):
            raise InspectionError("评分表已移交核对，不能再改自评；有异议请申辩。", "state")
        return _save(row, Answer.Side.SELF, judged, by, at or timezone.now())


def sample_note(*, sample: Sample, seen: str, by: User, at: datetime | None = None) -> Sample:
    """What was seen at a sampled household, site or case."""
    with transaction.atomic():
        row = card_take(sample.card)
        _check_judge(row, by, at or timezone.now())
        sample.seen = seen.strip()[:200]
        sample.save(update_fields=["seen"])
    return sample


def card_finish(*, card: Scorecard, by: User, at: datetime | None = None) -> Scorecard:
    """The team says that a village is scored: every line that counts has an answer, or a figure with enough behind it."""
    now = at or timezone.now()
    with transaction.atomic():
        row = card_take(card)
        _check_judge(row, by, now)
        left = lines_left(row)
        if left:
            raise InspectionError(f"还有 {len(left)} 条没有评：{'、'.join(item.name for item in left[:5])}。", "need")
        row.scored_at, row.scored_by = now, by
        row.save(update_fields=["scored_at", "scored_by"])
    return row


def lines_left(card: Scorecard) -> list[ChecklistItem]:
    """Lines of the card that must be judged and are not; a measured one with enough behind it speaks for itself."""
    answered = set(card.answers.filter(side=Answer.Side.SITE).values_list("item_id", flat=True))
    enough = set(card.measures.filter(STANDING).values_list("indicator", flat=True))
    items = must_judge(card.round.checklist_id)
    return [item for item in items if item.pk not in answered and item.indicator not in enough]


def must_judge(checklist_id: int) -> list[ChecklistItem]:
    """The lines that need an answer or a figure, in the card's order; notes and bonuses may stay empty."""
    items = ChecklistItem.objects.filter(section__checklist=checklist_id).exclude(kind__in=[Kind.NOTE, Kind.BONUS])
    return list(items.order_by("section__position", "position"))


def card_take(card: Scorecard) -> Scorecard:
    """The card under its lock; a locked round's is refused."""
    row = (
        Scorecard.objects.select_for_update(of=("self",))
        .select_related("round__township", "round__checklist", "village", "team")
        .get(pk=card.pk)
    )
    if row.round.state == Round.State.LOCKED:
        raise InspectionError(f"{row.round}已锁定，不能再改动评分。", "locked")
    return row


def judge_refusal(card: Scorecard, user: User, at: datetime | None = None) -> str:
    """Why `user` may not score this card now, in plain Chinese; "" where they may. The caller selects round and village."""
    try:
        _check_judge(card, user, at or timezone.now())
    except InspectionError as refused:
        return refused.message
    return ""


def _check_judge(card: Scorecard, by: User, now: datetime) -> None:
    if not by.may(Action.ROUND_SCORE, card.village.path):
        raise InspectionError(f"{card.village}不归您评分。", "scope")
    if card.round.state != Round.State.SCORING:
        raise InspectionError(f"{card.round}现在是“{card.round.get_state_display()}”，不能再改现场评分。", "state")
    conflicts_refuse(users=[by], village=card.village, on=today(now))
    if not TeamMember.objects.filter(team=card.team_id or 0, user=by).exists():
        raise InspectionError(f"您不在督查{card.village}的组里，不能评分。", "scope")


def _save(card: Scorecard, side: str, judged: Mapping[int, Judged], by: User, now: datetime) -> list[Answer]:
    """Insert what is new at once, and update the others; returns what changed in the order of items."""
    items = {item.pk: item for item in ChecklistItem.objects.filter(section__checklist=card.round.checklist_id, pk__in=judged)}
    kept = {row.item_id: row for row in card.answers.filter(side=side, item__in=items)}
    figures = {row.indicator: Fact(row.good, row.of, row.enough) for row in card.measures.all()}
    changed = []
    for key, judgement in sorted(judged.items()):
        if key not in items:
            raise InspectionError("这一条不在这张检查表里，请刷新页面。", "card")
        row = kept.get(key) or Answer(card=card, item=items[key], side=side)
        if _set(row, judgement, figures if side == Answer.Side.SITE else {}, by, now):
            changed.append(row)
    insert_by([row for row in changed if row.pk is None], by, InspectionError)
    for row in changed:
        if row.item_id in kept:
            save_by(row, by, InspectionError)
    return changed


def _set(row: Answer, judgement: Judged, figures: Mapping[str, Fact], by: User, now: datetime) -> bool:
    """Put a judgement on its row; False where it says nothing new."""
    item = row.item
    check_value(item, judgement.value)
    fact = figures.get(item.indicator)
    proposal = fact.answer_for(Kind(item.kind)) if fact is not None else None
    if row.side == Answer.Side.SITE and item.indicator and proposal is None and judgement.applies and not judgement.reason.strip():
        raise InspectionError(f"“{item.name}”：{NO_BASIS}", "need")
    proposed = proposal.value if proposal is not None else None
    new = (judgement.value, judgement.applies, judgement.note.strip()[:300], judgement.reason.strip()[:200], proposed)
    if row.pk is not None and new == (row.value, row.applies, row.note, row.reason, row.proposed):
        return False
    row.value, row.applies, row.note, row.reason, row.proposed = new
    row.by, row.at = by, now
    return True


def check_value(item: ChecklistItem, value: Decimal) -> None:
    """Raises InspectionError where `value` cannot be a count of cases or a per cent."""
    if not 0 <= value <= (Decimal(100) if item.kind == Kind.BAND else MOST):
        most = "百分比须在 0 到 100 之间" if item.kind == Kind.BAND else "处数不能是负数，也不能太大"
        raise InspectionError(f"“{item.name}”：{most}。", "need")
