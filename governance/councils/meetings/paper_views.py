"""What hangs on the wall and lies in the folder: the notice of a meeting, its minutes to print and as an editable paper."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.councils.meetings.exports import task_words
from governance.councils.meetings.lookups import meeting_of
from governance.councils.meetings.papers import minutes_paper
from governance.councils.meetings.rows import people
from governance.frame.exports import paper_response


@duty_required(Action.COUNCIL_VIEW)
def meeting_invitation(request: UserRequest, pk: int) -> HttpResponse:
    meeting = meeting_of(request, pk)
    return render(request, "councils/meetings/invitation.html", {"meeting": meeting, "items": meeting.items.all()})


@duty_required(Action.COUNCIL_VIEW)
def meeting_print(request: UserRequest, pk: int) -> HttpResponse:
    meeting = meeting_of(request, pk)
    items = [(item, [task_words(task) for task in item.tasks.all()]) for item in meeting.items.prefetch_related("tasks")]
    return render(request, "councils/meetings/print.html", {"meeting": meeting, "items": items, "people": people(meeting)})


@require_safe
@never_cache
@duty_required(Action.COUNCIL_VIEW)
def meeting_paper(request: UserRequest, pk: int) -> FileResponse:
    meeting = meeting_of(request, pk)
    name = f"会议记录-{meeting.body.name}-{meeting.on}"
    return paper_response(request, minutes_paper(meeting), name, f"{name}.docx")
