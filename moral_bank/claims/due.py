"""What waits of claims: declared ones to verify (plan §三.1), appeals to answer (mission M23)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import DueKind, Moment, Todo, due_words, past
from moral_bank.claims.appeals import appeals_waiting_for
from moral_bank.claims.services import claims_waiting_for
from moral_bank.models import Appeal, Claim

VERIFY = Moment("declared_at", within=timedelta(days=7))


def _claims(rows: QuerySet[Claim], user: User, now: datetime) -> Iterator[Todo]:
    """One line for all, as their list verifies them one after the other."""
    found = rows.order_by().aggregate(number=Count("pk"), first=Min("declared_at"))
    if found["number"]:
        at = found["first"] + VERIFY.within
        words = f"{found['number']} 条申报，最早的 {found['first']:%m-%d} 申报"
        link = reverse("moral_bank:claim-list", query={"tab": "waiting"})
        yield Todo(at, "去核实", words, link, due_words(at, now))


def _claim(claim: Claim, now: datetime) -> Todo:
    household = claim.account.household
    words = f"{household.head_name} {household.unit}"
    return Todo(claim.declared_at + VERIFY.within, f"去核实：{claim.deed.name}", words, _page(claim), VERIFY.due(claim, now))


def _page(claim: Claim) -> str:
    return reverse("moral_bank:claim-detail", args=[claim.pk])


def _to_answer(rows: Any, user: User, now: datetime) -> QuerySet[Appeal]:
    """Without those in which they had a hand."""
    found: QuerySet[Appeal] = rows & appeals_waiting_for(user) if user.may(Action.APPEAL_ANSWER) else rows.none()
    return found


def _appeal(appeal: Appeal, now: datetime) -> Todo:
    words = f"{appeal.account.household.head_name}：{appeal.text}"[:40]
    return Todo(appeal.received_at, "申诉待答复", words, reverse("moral_bank:appeal-detail", args=[appeal.pk]), None)


KINDS = [
    DueKind(
        "claim",
        "申报核实",
        open=lambda now: Claim.objects.filter(state=Claim.State.DECLARED),
        held=lambda rows, user, now: rows & claims_waiting_for(user),
        lines=_claims,
        line=_claim,
        order=("declared_at", "pk"),
        related=("deed", "account__household__unit"),
        late=past(VERIFY),
        village="account__household__village",
        words=f"{{}} 条申报超过 {VERIFY.within.days} 天未核实",
        page=_page,
    ),
    DueKind(
        "appeal",
        "申诉待答复",
        open=lambda now: Appeal.objects.filter(state=Appeal.State.OPEN),
        held=_to_answer,
        line=_appeal,
        related=("account__household",),
    ),
]
