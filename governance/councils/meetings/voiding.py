"""作废 of a record that should not be there, as one that was sent twice: it stays to be seen, with the reason and who did it."""

from __future__ import annotations

from django.db import transaction

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.bodies.services import body_reckon
from governance.councils.decisions.models import GateRecord
from governance.councils.errors import CouncilError
from governance.councils.meetings.services import taken
from governance.councils.models import Meeting, Task
from governance.frame.saving import save_by

State = Meeting.State
VOIDED = (State.MINUTED, State.CONFIRMED)


def meeting_void(*, meeting: Meeting, reason: str, by: User) -> Meeting:
    """By who records while it waits for its confirmation, by who confirms afterwards; not once something came of it."""
    with transaction.atomic():
        action = _action(meeting)
        meeting = taken(meeting, by, *VOIDED, action=action)
        if _action(meeting) != action:
            raise CouncilError("会议记录刚刚被确认，请刷新后再看。", "state")
        if not reason.strip():
            raise CouncilError("作废须写明原因。", "words", field="reason")
        if what := came_of(meeting):
            raise CouncilError(f"这次会议已经{what}，不能作废。", "state")
        meeting.state, meeting.end_reason = State.CANCELLED, reason.strip()
        save_by(meeting, by, CouncilError, ["state", "end_reason"])
        body_reckon(meeting.body)
    return meeting


def may_void(meeting: Meeting, user: User) -> bool:
    return meeting.state in VOIDED and user.may(_action(meeting), meeting.unit.path) and not came_of(meeting)


def came_of(meeting: Meeting) -> str:
    """What rests on it, "" where nothing does."""
    if GateRecord.objects.filter(meeting=meeting).exists():
        return "用作决策的步骤"
    if Task.objects.filter(item__meeting=meeting).exclude(state=Task.State.DROPPED).exists():
        return "定了任务（重复的任务先登记“不再办理”）"
    made = meeting.outcomes.order_by("pk").first()
    return f"办了“{made.label}”" if made else ""


def _action(meeting: Meeting) -> Action:
    return Action.MEETING_CONFIRM if meeting.state == State.CONFIRMED else Action.MEETING_RECORD
