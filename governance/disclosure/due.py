"""What waits of notices: objections to answer by the day that was promised (plan §三.1)."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from governance.accounts.duties import Action
from governance.disclosure.models import Objection
from governance.frame.due import Day, DueKind, Todo, evening, past

ANSWER = Day("answer_by", met="answered_at__date")
CLOSES = Day("closes_on")
"""The last day on which a notice is shown: what is announced by it may be decided once that is over."""


def _objection(objection: Objection, now: datetime) -> Todo:
    words = f"{objection.notice.title}：{objection.text}"[:60]
    link = reverse("admin:disclosure_objection_change", args=[objection.pk])
    return Todo(evening(objection.answer_by), f"异议待答复：{objection.name}", words, link, ANSWER.due(objection, now))


KINDS = [
    DueKind(
        "objection",
        "异议待答复",
        open=lambda now: Objection.objects.filter(state=Objection.State.OPEN),
        held=lambda rows, user, now: rows.visible_to(user, Action.OBJECTION_ANSWER),
        line=_objection,
        related=("notice",),
        late=past(ANSWER),
        village="notice__unit",
        words="{} 条异议逾期未答复",
        page=lambda objection: reverse("public:notice", args=[objection.notice_id]),
    )
]
