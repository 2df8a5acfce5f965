"""What waits of notices: objections to answer (plan §三.1; domain.md §7: 复核 within three days)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.disclosure.models import Objection
from governance.frame.due import DueKind, Todo, day_words, each, evening
from governance.periods import SHANGHAI, today

ANSWERED_WITHIN = timedelta(days=3)


def _late(rows: QuerySet[Objection], now: datetime) -> QuerySet[Objection]:
    return rows.filter(received_at__lt=datetime.combine(today(now) - ANSWERED_WITHIN, time(), SHANGHAI))


def _objection(objection: Objection, now: datetime) -> Todo:
    on = today(objection.received_at) + ANSWERED_WITHIN
    words = f"{objection.notice.title}：{objection.text}"[:60]
    link = reverse("admin:disclosure_objection_change", args=[objection.pk])
    return Todo(evening(on), f"异议待答复：{objection.name}", words, link, day_words(on, now))


KINDS = [
    DueKind(
        "objection",
        open=lambda now: Objection.objects.filter(state=Objection.State.OPEN),
        held=lambda rows, user, now: rows.visible_to(user, Action.OBJECTION_ANSWER),
        lines=each(_objection, "pk", related=("notice",)),
        late=_late,
        village="notice__unit",
        words="{} 条异议逾期未答复",
    )
]
