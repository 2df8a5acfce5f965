"""约谈与问责, written down by leaders and seen by leaders alone (plan §四(三) 逗硬问责; mission M36)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import today
from inspections.errors import InspectionError
from inspections.models import Blame, Order
from villages.models import Unit


@dataclass(frozen=True)
class Talk:
    """What is said of a 约谈 or another way of 问责: how, whom, when, why, and what came of it."""

    kind: str
    person: str
    on: date
    facts: str
    outcome: str = ""


def blame_add(
    *, village: Unit, talk: Talk, by: User, order: Order | None = None, at: datetime | None = None
) -> Blame:
    """Write a record down. It is insert-only (trigger): what turns out wrong or comes later is a second record, so that
    nobody can soften afterwards what was held against somebody, nor sharpen it."""
    now = at or timezone.now()
    if not Unit.objects.visible_to(by, Action.BLAME).filter(pk=village.pk).exists():
        raise InspectionError("约谈与问责只由镇领导登记。", "scope")
    if order is not None and order.village_id != village.pk:
        raise InspectionError(f"{order.number}不是{village}的。", "card")
    if talk.on > today(now):
        raise InspectionError("日期不能晚于今天。", "date")
    if not talk.person.strip() or not talk.facts.strip():
        raise InspectionError("请写明对象和事由。", "need")
    row = Blame(
        village=village, order=order, kind=talk.kind, person=talk.person.strip(), on=talk.on, facts=talk.facts.strip(),
        outcome=talk.outcome.strip(), by=by, at=now,
    )  # fmt: skip
    save_by(row, by, InspectionError)
    return row
