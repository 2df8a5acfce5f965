"""Computations that the background gave up."""

from __future__ import annotations

from django.urls import reverse

from governance.accounts.duties import Action
from governance.frame.failed import FailedKind, failed_rows, line_at
from moral_bank.closings.services import closing_request
from moral_bank.models import Closing

FAILED = [
    FailedKind(
        "closing",
        "结算",
        failed_rows(Closing, Action.CLOSING_RUN),
        line_at(lambda closing: reverse("moral_bank:closing-detail", args=[closing.pk])),
        lambda closing, user: closing_request(village=closing.village, period=closing.period, by=user),
        Closing,
    )
]
