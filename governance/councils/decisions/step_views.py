"""The next step of a decision: written down, published, confirmed (plan §三.1)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.councils.decisions import recording
from governance.councils.decisions.forms import NoticeForm, StepForm
from governance.councils.decisions.kind_models import Gate
from governance.councils.decisions.lookups import decision_of
from governance.councils.decisions.models import Decision, GateRecord
from governance.councils.decisions.rows import Page
from governance.councils.decisions.words import notice_words
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To
from governance.reading import key_asked


@never_cache
@duty_required(Action.DECISION_RUN, Action.DECISION_CHECK)
def step(request: UserRequest, pk: int) -> HttpResponse:
    """The form of whatever gate is next; where there is none for this user, back to the page, which says what is missing."""
    decision = decision_of(request.user, pk)
    page = Page(decision, request.user)
    gates = page.gates_now()
    if not (page.may_step or page.may_again) or not gates:
        messages.error(request, f"现在没有您要办的步骤。{page.missing}".strip())
        return redirect("councils:decision-detail", pk=pk)
    if page.next and gates[0].what in recording.SHOWN:
        return _notice(request, decision, gates)
    return _record(request, decision, gates)


def _record(request: UserRequest, decision: Decision, gates: list[Gate]) -> HttpResponse:
    meetings = [meeting for body in {gate.body: gate for gate in gates}.values() for meeting in recording.meetings_for(decision, body)]
    asked = key_asked(request, "meeting")
    chosen = next((meeting for meeting in meetings if meeting.pk == asked), None)
    if chosen:
        gates = [gate for gate in gates if gate.body == chosen.body.kind]
    form = StepForm(**sent(request), decision=decision, gates=gates, meetings=meetings, meeting=chosen)
    words = _recorded
    if act(request, form, recording.record_add, words, decision=decision, by=request.user):
        return redirect("councils:decision-detail", pk=decision.pk)
    return _page(request, form, decision, gates, "councils/decisions/step.html", button="登记", meetings=meetings, chosen=chosen)


def _notice(request: UserRequest, decision: Decision, gates: list[Gate]) -> HttpResponse:
    form = NoticeForm(**sent(request), decision=decision, gates=gates)
    if act(request, form, recording.notice_step, "已发布，村民可以在公开页面看到。", decision=decision, by=request.user):
        return redirect("councils:decision-detail", pk=decision.pk)
    columns, lines = notice_words(decision, gates[0])
    return _page(request, form, decision, gates, "councils/decisions/notice.html", button="发布", columns=columns, lines=lines)


def _page(request: UserRequest, form: Any, decision: Decision, gates: list[Gate], template: str, **context: Any) -> HttpResponse:
    up = To(decision.title, "councils:decision-detail", (decision.pk,))
    title = gates[0].name
    return form_page(request, form, template, title=title, up=up, decision=decision, gates=gates, **context)


def _recorded(record: GateRecord) -> str:
    return "已登记，请另一人确认。" if record.gate.confirm else "已登记。"


@require_POST
@duty_required(Action.MEETING_CONFIRM, Action.DECISION_CHECK)
def confirm(request: UserRequest, pk: int) -> HttpResponse:
    seen = GateRecord.objects.visible_to(request.user).select_related("gate", "decision__village")
    record = get_object_or_404(seen, pk=pk)
    press(request, recording.record_confirm, "已确认。", record=record, by=request.user)
    return redirect("councils:decision-detail", pk=record.decision_id)
