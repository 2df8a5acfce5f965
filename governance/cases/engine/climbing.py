"""What the clock does by itself: reminders at four fifths, climbing when overdue, filing what is done (plan §四.3 限时办结).

The registry says what waits and what is late, the row when it is told (`near_at`, `climb_at`); a beat that comes late, twice or beside
another does each step once, because the row is locked, its time is moved on in the same transaction, and one climb per level is all
the database takes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from governance.accounts.duties import Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.cases.engine.due import CASE
from governance.cases.engine.flow import Kind, State, Step
from governance.cases.engine.holding import Holder, holder_of, people_of, town_people
from governance.cases.engine.services import dues_of, dues_set
from governance.cases.engine.steps import RELATED, case_join, step_write, tell_holder
from governance.cases.models import Case
from governance.frame.sweeping import each_due
from governance.periods import today
from villages.calendar.services import work_calendar

FILED_AFTER_DAYS = 7


def cases_remind(at: datetime | None = None) -> int:
    """Tell whoever has a case that four fifths of a clock are gone; returns how many cases."""
    now = at or timezone.now()
    return each_due(CASE.open(now).filter(near_at__lte=now).order_by("near_at", "pk"), RELATED, _remind, now)


def cases_climb(at: datetime | None = None) -> int:
    """Take every overdue case one level up: village → office → leader; returns how many climbed."""
    now = at or timezone.now()
    return each_due(CASE.late_rows(now).filter(climb_at__lte=now).order_by("climb_at", "pk"), RELATED, _climb, now)


def cases_file_done(at: datetime | None = None) -> int:
    """File events and handed-over errands a week after they were finished; disputes are filed by hand after their visits."""
    now = at or timezone.now()
    done = Case.objects.filter(state=State.DONE, finished_at__lte=now - timedelta(days=FILED_AFTER_DAYS))
    ready = done.filter(Q(kind=Kind.EVENT) | Q(kind=Kind.ERRAND, errand__handed_at__isnull=False))
    return each_due(ready.order_by("pk"), RELATED, _file, now)


def _remind(case: Case, now: datetime) -> None:
    key = f"near:{case.pk}:{case.round}:{case.near_at:%Y%m%d%H%M%S}"
    tell_holder(case, "快到期", now, key)
    case.near_at = dues_of(case, now, work_calendar(case.township_id)).near_at
    case.save(update_fields=["near_at"])


def _climb(case: Case, now: datetime) -> None:
    """One level up. Whom it climbs to is told and put on the case; a case that nobody has becomes the office's."""
    first = case.level == Case.Level.VILLAGE
    case.level = Case.Level.OFFICE if first else Case.Level.LEADER
    people = _office_people(case, now) if first else town_people(case, Duty.LEADER, today(now))
    if first and holder_of(case) == Holder() and case.category.office is not None:
        Holder(office=case.category.office).put_on(case)
    dues_set(case, now, climbed=True)
    case.save(update_fields=["level", "near_at", "climb_at", "step_due_at", "case_due_at", "office"])
    step_write(case, Step.CLIMB, by=None, at=now, level=case.level, note=f"逾期未办，升级到{case.get_level_display()}")
    case_join(case, people)
    key = f"climb:{case.pk}:{case.round}:{case.level}"
    text = f"逾期升级（{case.number}）：{case.category.name}，{case.village}，{case.text[:40]}"
    messages_send(
        users=people, text=text, link=f"/cases/{case.pk}/", key=key, at=now, text_out=f"乡治：{case.number}逾期升级，请督办"
    )
    tell_holder(case, "已逾期并升级", now, f"{key}:holder")


def _office_people(case: Case, now: datetime) -> list[User]:
    """The category's office, the township's clerks where it has none or nobody sits there."""
    office = case.category.office
    found = people_of(Holder(office=office), today(now)) if office is not None else []
    return found or town_people(case, Duty.STAFF, today(now))


def _file(case: Case, now: datetime) -> None:
    source, case.state, case.filed_at = case.state, State.FILED.value, now
    case.save(update_fields=["state", "filed_at"])
    step_write(case, Step.FILE, by=None, at=now, source=source, note=f"办结满 {FILED_AFTER_DAYS} 天，自动归档")
