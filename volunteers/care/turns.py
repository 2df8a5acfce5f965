"""How contacts move a record's days, and the days that were met or missed (`CareTurn`; mission M28, M34)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Max

from governance.periods import today
from villages.models import Resident
from volunteers.care.tiers import missed, next_due
from volunteers.models import CareNote, CareRecord, CareRoundPerson, CareTurn


def care_follow(*, resident: Resident, note: CareNote, at: datetime) -> CareRecord | None:
    """Somebody was reached on the day of the note's visit: the day that waited is met, the next one is set. A contact that is
    written down late counts for its own day."""
    rows = CareRecord.objects.current().select_for_update(of=("self",)).select_related("category")
    record = rows.filter(resident=resident).first()
    went_on = today(note.visit.went_at)
    if record is None or went_on < record.entered_on:
        return None
    turns_pass([record], went_on)
    _meet(record, went_on, note)
    if record.last_on is None or went_on >= record.last_on:
        record.last_on = went_on
        record.due_on = next_due(went_on, record.entered_on, record.category.days_of(record.tier))
        record.level = CareRecord.Level.HELPER
        record.save(update_fields=["last_on", "due_on", "level"])
    waiting = CareRoundPerson.objects.unreached().filter(record=record, round__day=went_on)
    waiting.update(answered_at=at, by=note.by)
    return record


def turns_pass(records: Iterable[CareRecord], day: date) -> int:
    """Write down the days of `records` that are over on `day` and that nobody met; returns how many were written."""
    records = list(records)
    latest = dict(
        CareTurn.objects.filter(record__in=[record.pk for record in records]).order_by().values_list("record").annotate(Max("due_on"))
    )
    turns = [
        CareTurn(record=record, due_on=due_on)
        for record in records
        if record.due_on is not None
        for due_on in missed(record.due_on, record.category.days_of(record.tier), day)
        if due_on > latest.get(record.pk, date.min)
    ]
    CareTurn.objects.bulk_create(turns, ignore_conflicts=True)
    return len(turns)


def _meet(record: CareRecord, day: date, note: CareNote) -> None:
    """Days missed before `day` are met late; of those from `day` on the first is met in time. A further contact within the turn
    that is met already makes no other one: contacts are not counted."""
    waiting = record.turns.filter(met_on=None)
    waiting.filter(due_on__lt=day).update(met_on=day, note=note)
    written = waiting.filter(due_on__gte=day).order_by("due_on").first()
    if written is not None:
        written.met_on, written.note = day, note
        written.save(update_fields=["met_on", "note"])
        return
    last = record.turns.aggregate(last=Max("due_on"))["last"]
    if record.due_on is not None and record.due_on >= day and (last is None or last < day):
        CareTurn.objects.create(record=record, due_on=record.due_on, met_on=day, note=note)
