"""Each thing that a village has to disclose becomes a row: of a period once it is over, of an event when it is written down."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.affairs.models import Affair, AffairKind, AffairTurn
from governance.disclosure.affairs.timing import Rule
from governance.disclosure.errors import DisclosureError
from governance.frame.saving import save_by
from governance.periods import Period, today
from villages.calendar.services import work_calendar
from villages.models import Unit

CATCH_UP = 12  # periods that a portal which slept through them still asks for


def turns_make(day: date) -> int:
    """The periods that are over on `day`, of every item and village, as far as they are missing; returns how many were added."""
    kinds = AffairKind.objects.filter(is_active=True).exclude(rule=Rule.AT_ONCE).order_by("township", "pk")
    villages = Unit.objects.villages().on(day).order_by("parent", "path")
    homes = {town: list(its) for town, its in groupby(villages, key=lambda village: village.parent_id)}
    wanted = [
        AffairTurn(village=village, kind=kind, period=str(period), begins_on=period.start, due_on=kind.timing.last_day(period))
        for kind in kinds
        for period in _periods(kind, day)
        for village in homes.get(kind.township_id, ())
        if village.valid_from < period.end
    ]
    before = AffairTurn.objects.count()
    AffairTurn.objects.bulk_create(wanted, batch_size=1000, ignore_conflicts=True)
    return AffairTurn.objects.count() - before


def _periods(kind: AffairKind, day: date) -> list[Period]:
    """The ended periods since the item is disclosed, latest first."""
    length = kind.timing.rule.period
    if length is None:
        return []
    return [period for period in Period.of(length, day).previous().back(CATCH_UP) if period.end > kind.since]


def turn_open(*, kind: AffairKind, village: Unit, event: str, on: date, by: User, at: datetime | None = None) -> AffairTurn:
    """Something happened that is disclosed at once."""
    if not by.may(Action.AFFAIR_EDIT, village.path):
        raise DisclosureError("您不能在这个村（社区）拟稿。", "scope")
    if kind.rule != Rule.AT_ONCE or not kind.is_active or kind.township_id != village.parent_id:
        raise DisclosureError("这个事项不是及时公开的事项。", "state", "kind")
    if on > today(at):
        raise DisclosureError("发生日期不能晚于今天。", "date", "on")
    if not event.strip():
        raise DisclosureError("请写明是什么事。", "text", "event")
    due_on = kind.timing.last_day_after(on, work_calendar(kind.township_id))
    turn = AffairTurn(village=village, kind=kind, event=event.strip(), begins_on=on, due_on=due_on)
    save_by(turn, by, DisclosureError)
    return turn


def turn_cancel(*, turn: AffairTurn, reason: str, by: User, at: datetime | None = None) -> AffairTurn:
    """The office takes back what was written down by mistake; the row stays with the reason. What is due of every period stays due."""
    with transaction.atomic():
        turn = AffairTurn.objects.select_for_update(of=("self",)).select_related("village", "kind").get(pk=turn.pk)
        if not by.may(Action.AFFAIR_CATALOGUE, turn.village.path):
            raise DisclosureError("只有镇工作人员能取消。", "scope")
        if turn.period or turn.met_on is not None or turn.cancelled_at is not None:
            raise DisclosureError("这一项不能取消。", "state")
        if Affair.objects.filter(turn=turn, state__in=Affair.WRITTEN).exists():
            raise DisclosureError("还有没发布的稿子，请先退回并删去。", "state")
        if not reason.strip():
            raise DisclosureError("取消须写明原因。", "text", "reason")
        turn.cancelled_at, turn.cancelled_by, turn.cancel_reason = at or timezone.now(), by, reason.strip()
        save_by(turn, by, DisclosureError, ["cancelled_at", "cancelled_by", "cancel_reason"])
    return turn
