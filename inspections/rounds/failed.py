"""Computations that the background gave up."""

from __future__ import annotations

from django.urls import reverse

from governance.accounts.duties import Action
from governance.frame.failed import FailedKind, failed_rows, line_at
from inspections.models import Round
from inspections.rounds.computing import round_request

FAILED = [
    FailedKind(
        "round",
        "季度督查汇总",
        failed_rows(Round, Action.ROUND_PLAN),
        line_at(lambda row: reverse("inspections:round-detail", args=[row.pk])),
        lambda row, user: round_request(inspection_round=row, by=user),
        Round,
    )
]
