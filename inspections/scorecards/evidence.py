"""佐证照片 of a line of the card: offered on site, never asked for (plan §四(三); mission M34)."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from governance.accounts.models import User
from governance.cases.models import Photo
from governance.cases.sending.photos import photo_take
from inspections.errors import InspectionError
from inspections.models import Answer, ChecklistItem, Evidence, Scorecard
from inspections.scorecards.answers import Judged, answers_save, card_take, judge_refusal
from inspections.scorecards.scoring import Fact, Kind


def evidence_add(
    *, card: Scorecard, item: ChecklistItem, file: UploadedFile[bytes], by: User, at: datetime | None = None
) -> Evidence:
    """Keep a photo with the team's judgement of a line; a figure that spoke for itself becomes that judgement.

    Raises InspectionError for who may not score the card and for a line without judgement or figure, PhotoError for a
    picture that cannot be kept.
    """
    with transaction.atomic():
        row = card_take(card)
        if refusal := judge_refusal(row, by, at):
            raise InspectionError(refusal, "scope")
        answer = row.answers.filter(side=Answer.Side.SITE, item=item).first() or _accepted(row, item, by, at)
        photo = photo_take(file=file, owner_key=uuid4(), by=by, at=at)
        Photo.objects.filter(pk=photo.pk).update(kept=True)
        return Evidence.objects.create(photo=photo, answer=answer)


def _accepted(card: Scorecard, item: ChecklistItem, by: User, at: datetime | None) -> Answer:
    """The measured figure taken over as the team's own judgement."""
    measure = card.measures.filter(indicator=item.indicator).first() if item.indicator else None
    fact = Fact(measure.good, measure.of, measure.enough) if measure is not None else None
    proposed = fact.answer_for(Kind(item.kind)) if fact is not None else None
    if proposed is None:
        raise InspectionError(f"请先评“{item.name}”并保存，再加照片。", "need")
    answers_save(card=card, judged={item.pk: Judged(proposed.value)}, by=by, at=at)
    return card.answers.get(side=Answer.Side.SITE, item=item)
