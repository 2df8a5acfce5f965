"""What the night does: days that passed unmet are written down, who is late for long climbs from the helper to the village and to the
township (design §12). Lists ask by the day itself, so that nothing waits for the night."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from governance.accounts.duties import CHILD_DUTIES, Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.cases.engine.holding import people_in
from governance.periods import today
from villages.models import Post, Unit
from volunteers.care.due import CARE_LATE
from volunteers.care.turns import turns_pass
from volunteers.models import CareRecord

# Level climbed to, days late, whom it tells of grown-ups, whom of children.
CLIMBS = (
    (CareRecord.Level.VILLAGE, 2, (Duty.SECRETARY, Duty.CADRE), (Duty.SECRETARY, Duty.CHILD_DIRECTOR)),
    (CareRecord.Level.TOWNSHIP, 5, (Duty.STAFF,), (Duty.STAFF, Duty.CHILD_SUPERVISOR)),
)


def care_night(at: datetime | None = None) -> int:
    """Run at 00:05; run twice it does nothing more. Returns how many days passed unmet."""
    now = at or timezone.now()
    day = today(now)
    with transaction.atomic():
        CareRecord.objects.grown_up(day).update(is_child=False)
        late = CARE_LATE.late_rows(now).select_for_update(of=("self",)).select_related("category", "village", "township")
        records = list(late.order_by("pk"))
        passed = turns_pass(records, day)
        for level, days, grown, children in CLIMBS:
            climbed = [record for record in records if _climbs(record, level, day - timedelta(days=days))]
            CareRecord.objects.filter(pk__in=[record.pk for record in climbed]).update(level=level)
            for is_child, duties in ((False, grown), (True, children)):
                _tell([record for record in climbed if record.is_child == is_child], level, days, duties, now)
    return passed


def _climbs(record: CareRecord, level: CareRecord.Level, since: date) -> bool:
    order = CareRecord.Level.values
    if record.due_on is None or record.due_on > since or order.index(record.level) >= order.index(level):
        return False
    record.level = level
    return True


def _tell(records: Iterable[CareRecord], level: CareRecord.Level, days: int, duties: Iterable[Duty], now: datetime) -> None:
    """One message a place and night, which names nobody."""
    counts: Counter[Unit] = Counter(record.village if level == CareRecord.Level.VILLAGE else record.township for record in records)
    day = today(now)
    for unit, number in counts.items():
        found = [user for duty in duties for user in holders_at(duty, unit, day)]
        messages_send(
            users=found,
            text=f"{number} 名关爱对象超过 {days} 天未探访，请今天安排",
            link=reverse("volunteers:care-list"),
            key=f"care-late:{unit.pk}:{level}:{day}:{'-'.join(duties)}",
            at=now,
            text_out=f"乡治：{number} 名关爱对象超过 {days} 天未探访",
        )


def holders_at(duty: Duty, unit: Unit, day: date) -> list[User]:
    """Those in the post at the place; the duties of children's care may also lie below it."""
    found = people_in(unit, [duty], day)
    if found or duty not in CHILD_DUTIES:
        return found
    posts = Post.objects.current(day).filter(kind=duty, unit__path__startswith=unit.path)
    return list(User.objects.filter(posts__in=posts, is_active=True).distinct().order_by("pk"))
