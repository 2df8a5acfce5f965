"""Honours: 年评优 from a locked year, 最美家庭 from a confirmed nomination, their revocation (plan §三.4; mission M24, M25).

An honour is never deleted; a revoked one leaves the red list and keeps its number.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.periods import Kind, Period, today
from moral_bank.awards.models import Honour, Nomination
from moral_bank.models import Closing
from villages.models import Unit
from villages.numbers.services import numbers_take


class HonourError(DomainError):
    """What an honour refuses: `scope`, `state`, `reason`."""


def half_of(day: date) -> Period:
    return Period.of(Kind.HALF, day)


def period_label(honour: Honour) -> str:
    """2026年, 2026年上半年."""
    return Period.parse(honour.period).label


def honours_from_year(closing: Closing, at: datetime | None = None) -> int:
    """Make the honours of a locked year in one set, numbered by rank; those that stand are left. Returns how many are new.

    Does nothing for a month or a quarter, so that whoever locks a closing need not ask.
    """
    if closing.kind != Kind.YEAR or closing.state != Closing.State.LOCKED:
        return 0
    with transaction.atomic():
        found = closing.ratings.filter(honoured=True, honour=None).select_related("account__household")
        ratings = list(found.order_by("rank", "account__household__number_key", "pk"))
        if not ratings:
            return 0
        numbers = _numbers(closing.village, closing.period, Honour.Kind.YEAR, len(ratings))
        Honour.objects.bulk_create(
            Honour(
                account_id=rating.account_id,
                village_id=closing.village_id,
                kind=Honour.Kind.YEAR,
                period=str(closing.period),
                number=number,
                granted_on=today(at),
                rating=rating,
            )
            for rating, number in zip(ratings, numbers, strict=True)
        )
    return len(ratings)


def honour_from_nomination(nomination: Nomination, at: datetime | None = None) -> Honour:
    """The honour of a nomination that has just been confirmed; the caller holds the transaction."""
    half = half_of(nomination.half)
    number = _numbers(nomination.village, half, Honour.Kind.FAMILY, 1)[0]
    return Honour.objects.create(
        account_id=nomination.account_id,
        village_id=nomination.village_id,
        kind=Honour.Kind.FAMILY,
        period=str(half),
        number=number,
        granted_on=today(at),
        nomination=nomination,
    )


def honour_revoke(*, honour: Honour, reason: str, by: User, at: datetime | None = None) -> Honour:
    """Take an honour back, once, with the reason; it leaves the red list and its plate is collected."""
    if not reason.strip():
        raise HonourError("撤销荣誉须写明原因。", "reason")
    with transaction.atomic():
        rows = Honour.objects.select_for_update(of=("self",)).select_related("account__household__village")
        honour = rows.get(pk=honour.pk)
        if not by.may(Action.AWARD_CONFIRM, honour.account.household.village.path):
            raise HonourError("这项荣誉不归您撤销。", "scope")
        if honour.revoked_on is not None:
            raise HonourError("这项荣誉已经撤销。", "state")
        honour.revoked_on, honour.revoked_by, honour.revoked_reason = today(at or timezone.now()), by, reason.strip()
        honour.save(update_fields=["revoked_on", "revoked_by", "revoked_reason"])
    return honour


def _numbers(village: Unit, period: Period, kind: str, count: int) -> list[str]:
    """The next numbers of the township: 西兴镇2026优0001, 西兴镇2026上美0001; a series of the county, where two may share a name."""
    township = Unit.objects.select_related("parent").get(pk=village.parent_id or 0)
    assert township.parent
    mark = "优" if kind == Honour.Kind.YEAR else f"{'上' if period.start.month == 1 else '下'}美"
    return numbers_take(township.parent, f"{township.name}{period.start.year}{mark}", count=count, digits=4)
