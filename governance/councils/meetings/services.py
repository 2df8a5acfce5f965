"""A meeting's way: called → held → minuted → confirmed → filed, or cancelled; or written down in one go (mission M18).

Figures follow the attendance's rows until somebody else than the recorder confirms; from then on guards keep all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.bodies.kinds import PANEL, SORTS
from governance.councils.bodies.membership import base_of, entitled_count, entitled_of
from governance.councils.bodies.services import body_reckon
from governance.councils.errors import CouncilError
from governance.councils.models import Attendance, Body, Item, Meeting
from governance.disclosure.masked import texts_check
from governance.frame.saving import save_by
from governance.periods import today

State = Meeting.State
ITEMS_MOST = 20
WRITTEN_WITHIN = timedelta(days=3)
MINUTED = ["state", "minutes", "minuted_by", "minuted_at"]
RELATED = ("body", "unit", "village")


@dataclass(frozen=True)
class Line:
    """An item as it is written down: `number` of one that is there already, None of a new one."""

    title: str
    said: str = ""
    outcome: str = ""
    number: int | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.title or self.said or self.outcome)


@dataclass(frozen=True)
class Came:
    """Who came, by the tokens of those entitled, or how many (`count`) where that is not tapped; who sent word (`excused`)."""

    present: Collection[str] = ()
    excused: Collection[str] = ()
    count: int | None = None
    guests: str = ""


def meeting_call(
    *, body: Body, topic: str, on: date, by: User, start: time | None = None, place: str = "", noticed_on: date | None = None,
    agenda: Sequence[str] = (), by_homes: bool = False, at: datetime | None = None,
) -> Meeting:  # fmt: skip
    """通知开会, with its items; one of a day gone by is written down afterwards, and says so."""
    now = at or timezone.now()
    with transaction.atomic():
        body = _body(body, by)
        _check_words(topic, on, body)
        past = on < today(now)
        if not past:  # then its printed notice hangs
            texts_check(body.village, [topic, place, *agenda])
        if noticed_on is not None:
            _check_noticed(noticed_on, on, today(now))
        meeting = _draft(body, topic, on, by, now, base_of(body, by_homes=by_homes), afterwards=past)
        meeting.time, meeting.place, meeting.noticed_on = start, place.strip(), noticed_on
        save_by(meeting, by, CouncilError)
        _items_add(meeting, [Line(title.strip()) for title in agenda if title.strip()])
    return meeting


def meeting_noticed(*, meeting: Meeting, noticed_on: date, by: User, at: datetime | None = None) -> Meeting:
    """通知（张贴）: the day on which people were told, where it was not known yet when the meeting was called."""
    with transaction.atomic():
        meeting = taken(meeting, by, State.CALLED, State.HELD, State.MINUTED)
        _check_noticed(noticed_on, meeting.on, today(at))
        meeting.noticed_on = noticed_on
        save_by(meeting, by, CouncilError, ["noticed_on"])
    return meeting


def meeting_attend(*, meeting: Meeting, came: Came, by: User, at: datetime | None = None) -> Meeting:
    """Who came; it may be put right until it is confirmed."""
    now = at or timezone.now()
    with transaction.atomic():
        meeting = taken(meeting, by, State.CALLED, State.HELD, State.MINUTED)
        if meeting.on > today(now):
            raise CouncilError(f"会议定在 {meeting.on}，到了那天再登记到会。", "date")
        _attendance_write(meeting, came)
        meeting.guests = came.guests.strip()
        if meeting.state == State.CALLED:
            meeting.state = State.HELD
        save_by(meeting, by, CouncilError, ["state", "guests", "entitled", "present"])
        body_reckon(meeting.body)
    return meeting


def meeting_minute(*, meeting: Meeting, lines: Sequence[Line], by: User, minutes: str = "", at: datetime | None = None) -> Meeting:
    """会议记录 by item; the last who wrote it is not who confirms it."""
    with transaction.atomic():
        meeting = taken(meeting, by, State.HELD, State.MINUTED)
        _items_write(meeting, lines)
        _minuted(meeting, minutes, by, at or timezone.now())
        save_by(meeting, by, CouncilError, MINUTED)
    return meeting


def meeting_write(
    *, body: Body, on: date, came: Came, lines: Sequence[Line], by: User, place: str = "", at: datetime | None = None
) -> Meeting:
    """院户会, 说事会 in one go: who came, what was said, what follows. One that was called for the day is that one; else it is
    written down afterwards."""
    now = at or timezone.now()
    with transaction.atomic():
        body = _body(body, by)
        if not SORTS[body.kind].quick:
            raise CouncilError("这个组织的会要先通知，再登记到会和记录。", "kind")
        if on > today(now):
            raise CouncilError("会议日期不能晚于今天。", "date", field="on")
        kept = [line for line in lines if not line.is_empty]
        if not kept:
            raise CouncilError("请写说了什么事。", "words")
        meeting = _called_for(body, on) or _draft(body, kept[0].title, on, by, now, base_of(body), afterwards=True)
        meeting.state, meeting.guests = State.HELD, came.guests.strip()
        meeting.place = place.strip() or meeting.place
        save_by(meeting, by, CouncilError)
        _attendance_write(meeting, came)
        _items_add(meeting, kept)
        _minuted(meeting, "", by, now)
        save_by(meeting, by, CouncilError)
        body_reckon(body)
    return meeting


def meeting_confirm(*, meeting: Meeting, by: User, at: datetime | None = None) -> Meeting:
    """Somebody else than the recorder says that it was so; the figures are frozen."""
    with transaction.atomic():
        meeting = taken(meeting, by, State.MINUTED, action=Action.MEETING_CONFIRM)
        if meeting.minuted_by_id == by.pk:
            raise CouncilError("会议由记录人以外的人确认。", "same")
        meeting.state, meeting.confirmed_by, meeting.confirmed_at = State.CONFIRMED, by, at or timezone.now()
        save_by(meeting, by, CouncilError, ["state", "confirmed_by", "confirmed_at"])
    return meeting


def meeting_file(*, meeting: Meeting, by: User, at: datetime | None = None) -> Meeting:
    """归档: the signed paper lies in the folder."""
    with transaction.atomic():
        meeting = taken(meeting, by, State.CONFIRMED, action=Action.MEETING_CONFIRM)
        meeting.state, meeting.filed_at = State.FILED, at or timezone.now()
        save_by(meeting, by, CouncilError, ["state", "filed_at"])
    return meeting


def meeting_cancel(*, meeting: Meeting, reason: str, by: User) -> Meeting:
    """取消 before it was written down."""
    with transaction.atomic():
        meeting = taken(meeting, by, State.CALLED, State.HELD)
        if not reason.strip():
            raise CouncilError("取消会议须写明原因。", "words", field="reason")
        meeting.state, meeting.end_reason = State.CANCELLED, reason.strip()
        save_by(meeting, by, CouncilError, ["state", "end_reason"])
        body_reckon(meeting.body)
    return meeting


def taken(meeting: Meeting, by: User, *states: str, action: Action = Action.MEETING_RECORD) -> Meeting:
    """The meeting under its lock, where `by` may do `action` there and it is in one of `states`."""
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=meeting.pk)
    if not by.may(action, meeting.unit.path):
        raise CouncilError("这次会议不归您办理。", "scope")
    if meeting.state not in states:
        raise CouncilError(f"这次会议{meeting.get_state_display()}，不能再这样办。", "state")
    return meeting


def _check_noticed(noticed_on: date, on: date, day: date) -> None:
    """People were told by the day of the meeting, and not on a day still to come."""
    if noticed_on > min(on, day):
        late = "会议日期" if noticed_on > on else "今天"
        raise CouncilError(f"通知日期不能晚于{late}。", "date", field="noticed_on")


def _body(body: Body, by: User) -> Body:
    body = Body.objects.select_for_update(of=("self",)).select_related("unit", "village").get(pk=body.pk)
    if not by.may(Action.MEETING_RECORD, body.unit.path):
        raise CouncilError("这个组织的会议不归您办理。", "scope")
    if body.ended_on is not None:
        raise CouncilError("这个组织已经撤销。", "state")
    if SORTS[body.kind].base == PANEL:
        raise CouncilError("道德评议会就是评议小组的评议会，请到“评议小组和评议会”登记。", "kind")
    return body


def _check_words(topic: str, on: date, body: Body) -> None:
    if not topic.strip():
        raise CouncilError("请写议题。", "words", field="topic")
    if on < body.founded_on:
        raise CouncilError(f"会议日期不能早于组织成立的日期（{body.founded_on}）。", "date", field="on")


def _draft(body: Body, topic: str, on: date, by: User, now: datetime, base: str, *, afterwards: bool) -> Meeting:
    return Meeting(
        body=body, unit=body.unit, village=body.village, topic=topic.strip()[:120], on=on, base=base, afterwards=afterwards,
        write_by=on + WRITTEN_WITHIN, called_by=by, called_at=now,
    )  # fmt: skip


def _called_for(body: Body, on: date) -> Meeting | None:
    rows = Meeting.objects.select_for_update(of=("self",)).select_related(*RELATED)
    return rows.filter(body=body, on=on, state=State.CALLED).order_by("pk").first()


def _minuted(meeting: Meeting, minutes: str, by: User, now: datetime) -> None:
    meeting.state, meeting.minutes = State.MINUTED, minutes.strip()
    meeting.minuted_by, meeting.minuted_at = by, now


def _attendance_write(meeting: Meeting, came: Came) -> None:
    """The rows anew, and both figures by them or by the count."""
    meeting.attendances.all().delete()
    if meeting.is_counted:
        meeting.entitled, meeting.present = entitled_count(meeting.body, meeting.base, meeting.on), came.count or 0
        if not came.count:
            raise CouncilError("请填实到人数。", "figures", field="count")
        if meeting.present > meeting.entitled:
            raise CouncilError(f"名册里应到 {meeting.entitled}，实到不能更多，请核对。", "figures", field="count")
        return
    rows = []
    for one in entitled_of(meeting.body, meeting.base, meeting.on):
        here = one.token in came.present
        if here or meeting.base != Meeting.Base.OPEN:
            away = Attendance.Status.EXCUSED if one.token in came.excused else Attendance.Status.ABSENT
            rows.append(one.attendance(meeting, Attendance.Status.PRESENT if here else away))
    present = sum(row.status == Attendance.Status.PRESENT for row in rows)
    if not present:
        raise CouncilError("请点到会的人（户）。", "figures", field="present")
    if present < len(set(came.present)):
        raise CouncilError("有的人（户）在会议那天不是成员，请重新打开页面再点。", "member", field="present")
    Attendance.objects.bulk_create(rows)
    meeting.entitled, meeting.present = len(rows), present


def _items_add(meeting: Meeting, lines: Sequence[Line]) -> None:
    last = meeting.items.order_by("-number").values_list("number", flat=True).first() or 0
    if last + len(lines) > ITEMS_MOST:
        raise CouncilError(f"一次会最多记 {ITEMS_MOST} 项，请分两次记。", "words")
    for number, line in enumerate(lines, last + 1):
        save_by(Item(meeting=meeting, number=number, **_texts(line)), None, CouncilError)


def _items_write(meeting: Meeting, lines: Sequence[Line]) -> None:
    """Items that stand are written over by their number; a new line is added, an emptied one goes unless something came of it."""
    standing = {item.number: item for item in meeting.items.all()}
    for line in lines:
        item = standing.get(line.number or 0)
        if item is None or line.is_empty:
            continue
        for name, text in _texts(line).items():
            setattr(item, name, text)
        save_by(item, None, CouncilError)
    emptied = [standing[line.number] for line in lines if line.is_empty and line.number in standing]
    for item in emptied:
        if item.tasks.exists() or item.outcomes.exists():
            raise CouncilError(f"“{item.title}”已经办了任务或别的事，不能删去。", "state")
        item.delete()
    _items_add(meeting, [line for line in lines if line.number not in standing and not line.is_empty])
    if not meeting.items.exists():
        raise CouncilError("请至少记一项。", "words")


def _texts(line: Line) -> dict[str, str]:
    if not line.title:
        raise CouncilError("每一项都要写事项名称。", "words")
    return {"title": line.title, "said": line.said, "outcome": line.outcome}
