"""What waits of contracts: they run out within thirty days, and are renewed or ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from governance.accounts.duties import Action
from governance.frame.due import Day, DueKind, Todo, asked, evening, past
from villages.economy.leases.models import Lease

RUNS_OUT = Day("runs_out_on")
AHEAD = timedelta(days=30)


def _line(lease: Lease, now: datetime) -> Todo:
    link = reverse("villages:lease-detail", args=[lease.pk])
    words = f"{lease.village}　{lease.lessee}"
    return Todo(evening(lease.runs_out_on), f"发包合同到期：{lease.subject}", words, link, RUNS_OUT.due(lease, now))


KINDS = [
    DueKind(
        "lease",
        "发包合同 30 天内到期",
        open=lambda now: Lease.objects.filter(RUNS_OUT.by(now + AHEAD), state="running"),
        held=asked(Action.ECONOMY_EDIT),
        line=_line,
        order=("runs_out_on", "pk"),
        related=("village",),
        late=past(RUNS_OUT),
        words="{} 份发包合同到期没续签也没终止",
        page=lambda lease: reverse("villages:lease-detail", args=[lease.pk]),
    ),
]
