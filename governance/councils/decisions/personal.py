"""What decisions hold of a resident, and who is not forgotten while one is open (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from governance.councils.decisions.models import Beneficiary, Decision, GateVote, Nominee
from governance.frame.columns import Col
from governance.frame.personal import Held
from villages.models import Resident


def decisions_hold(on: date) -> QuerySet[Any]:
    """Who is put to the vote, or whose household gets money, by a decision that is not done."""
    running = Decision.objects.running().order_by().values("pk")
    named = Nominee.objects.filter(decision__in=running).order_by().values("resident")
    homes = Beneficiary.objects.filter(decision__in=running).order_by().values("household")
    return Resident.objects.filter(Q(pk__in=named) | Q(household__in=homes)).order_by().values("pk")


_DECISION = [Col("编号", "decision.number"), Col("事项", "decision.title")]
PERSON = [
    Held("推选人选", Nominee, "resident", [*_DECISION, Col("职务", "get_duty_display")], related=("decision",)),
    Held("决策受益户", Beneficiary, "household__residents", _DECISION, related=("decision",)),
    Held(
        "记名表决",
        GateVote,
        "resident",
        [Col("编号", "record.decision.number"), Col("事项", "record.decision.title"), Col("表决", "get_choice_display")],
        related=("record__decision",),
    ),
]
