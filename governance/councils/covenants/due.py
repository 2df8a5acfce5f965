"""What waits of covenants: marked clauses of a draft that is under way, for the township to say why they may stand."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from governance.accounts.duties import Action
from governance.councils.covenants.models import CovenantVersion
from governance.frame.due import DayOf, DueKind, Rows, Todo, past

ANSWER = DayOf("decision__begun_at", within=timedelta(days=5))


def _address(version: CovenantVersion) -> str:
    return reverse("councils:covenant-detail", args=[version.covenant_id])


def _unanswered(now: datetime) -> Rows:
    return CovenantVersion.objects.unanswered().filter(valid_from=None, decision__withdrawn_at=None, decision__isnull=False)


def _line(version: CovenantVersion, now: datetime) -> Todo:
    assert version.decision is not None
    words = f"{version.covenant.unit}：{version}"
    return Todo(version.decision.begun_at, "规约条款待审查", words, _address(version), ANSWER.due(version, now))


KINDS = [
    DueKind(
        "covenant-answer",
        "规约条款待审查",
        open=_unanswered,
        held=lambda rows, user, now: rows.visible_to(user, Action.DECISION_CHECK),
        line=_line,
        order=("decision__begun_at", "pk"),
        related=("covenant__unit", "decision"),
        late=past(ANSWER),
        village="decision__village",
        words="{} 份规约草案镇里逾期未审查",
        page=_address,
    )
]
