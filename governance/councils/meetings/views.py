"""Meetings on the desk: call, write down who came and what was said, confirm, file (plan §三.2, §三.4; mission M18)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.councils.bodies.kinds import SORTS, shipped
from governance.councils.bodies.membership import base_of, entitled_count, entitled_of
from governance.councils.covenants.from_items import covenants_of
from governance.councils.meetings import lists
from governance.councils.meetings.exports import MEETINGS
from governance.councils.meetings.forms import AttendForm, CallForm, CancelForm, MinutesForm, NoticedForm, QuickForm
from governance.councils.meetings.lookups import came_before, meeting_of, posts_near
from governance.councils.meetings.outcomes import DEEDS, ways_for
from governance.councils.meetings.quick import yard_write
from governance.councils.meetings.rows import item_rows, led, people, quorum
from governance.councils.meetings.services import (
    meeting_attend,
    meeting_call,
    meeting_cancel,
    meeting_confirm,
    meeting_file,
    meeting_minute,
    meeting_noticed,
)
from governance.councils.meetings.voiding import may_void, meeting_void
from governance.councils.models import Body, Meeting, Outcome
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To, list_export, list_page
from governance.periods import today
from governance.reading import text_asked
from villages.scope import get_visible_or_404

State = Meeting.State
RELATED = ("body", "village")


@duty_required(Action.COUNCIL_VIEW)
def meeting_list(request: UserRequest) -> HttpResponse:
    return list_page(request, lists.MEETINGS, Meeting.objects.visible_to(request.user).select_related(*RELATED))


@duty_required(Action.EXPORT)
def meeting_export(request: UserRequest) -> HttpResponseBase:
    rows = Meeting.objects.visible_to(request.user, Action.EXPORT)
    return list_export(request, lists.MEETINGS, rows, MEETINGS, "councils:meeting-list")


@duty_required(Action.COUNCIL_VIEW)
def meeting_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, meeting = request.user, meeting_of(request, pk)
    may_record, may_confirm = (user.may(action, meeting.unit.path) for action in (Action.MEETING_RECORD, Action.MEETING_CONFIRM))
    outcomes = list(Outcome.objects.visible_to(user).filter(meeting=meeting))
    made = {one.kind for one in outcomes if one.item_id is None}
    covenants = covenants_of(meeting, user) if may_record and meeting.is_written else []
    context = {
        "meeting": meeting,
        "items": item_rows(meeting, outcomes),
        "people": people(meeting),
        "quorum": quorum(meeting, meeting.entitled, meeting.present or 0) if meeting.entitled is not None else None,
        "led": [led(one) for one in outcomes if one.item_id is None],
        "ways": ways_for(user, meeting) if may_record and meeting.is_written else [],
        "may_decide": may_record and meeting.is_written and user.may(Action.DECISION_RUN, meeting.village.path),
        "may_draft": may_record and meeting.is_written and user.may(Action.DECISION_RUN, meeting.unit.path),
        "covenants": covenants,
        "has_own_covenant": any(one.unit_id == meeting.unit_id for one in covenants),
        "tags": lists.state_tags(meeting),
        "may_record": may_record,
        "may_confirm": may_confirm and meeting.state == State.MINUTED and meeting.minuted_by_id != user.pk,
        "waits_for_another": may_confirm and meeting.state == State.MINUTED and meeting.minuted_by_id == user.pk,
        "may_void": may_void(meeting, user),
        "ended": meeting.history.select_related("history_user").first() if meeting.state == State.CANCELLED else None,
        "may_file": may_confirm and meeting.state == State.CONFIRMED,
        "may_publish": meeting.is_written and may_record and user.may(Action.NOTICE_PUBLISH, meeting.village.path),
        "may_reward": _may_reward(request, meeting) and DEEDS not in made,
        "has_come": meeting.on <= today(),
        "may_tell": may_record and meeting.state in (State.CALLED, State.HELD, State.MINUTED),
    }
    return render(request, "councils/meetings/detail.html", context)


def _may_reward(request: UserRequest, meeting: Meeting) -> bool:
    """Somebody came whose household is known, and the user may declare there."""
    may = meeting.is_kept and not meeting.is_counted and request.user.may(Action.CLAIM_DECLARE, meeting.unit.path)
    return may and request.user.may(Action.MEETING_RECORD, meeting.unit.path)


@never_cache
@duty_required(Action.MEETING_RECORD)
def meeting_plan(request: UserRequest, pk: int) -> HttpResponse:
    """通知开会; with `?afterwards=` one that was held already."""
    body = _body(request, pk)
    afterwards = bool(text_asked(request, "afterwards"))
    counted = base_of(body) == Meeting.Base.VOTERS
    form = CallForm(**sent(request), counted=counted)
    done = act(request, form, meeting_call, _called, body=body, by=request.user)
    if done:
        return redirect("councils:meeting-attend" if done.result.on < today() else "councils:meeting-detail", pk=done.result.pk)
    title = "补记开过的会" if afterwards else "通知开会"
    hint = "选开会那天的日期；早于今天的记作会后补记。" if afterwards else "通知以后可以打印通知单张贴；到会和记录在会后登记。"
    up = To(body.name, "councils:body-detail", (pk,))
    return form_page(request, form, title=title, heading=f"{title}：{body}", button="下一步" if afterwards else "通知", hint=hint, up=up)


def _called(meeting: Meeting) -> str:
    return "已记下，按会后补记，请接着登记到会。" if meeting.afterwards else f"已通知 {meeting.on} 开会，可以打印通知单。"


@never_cache
@duty_required(Action.MEETING_RECORD)
def meeting_noticed_page(request: UserRequest, pk: int) -> HttpResponse:
    meeting = meeting_of(request, pk, Action.MEETING_RECORD)
    form = NoticedForm(**sent(request), initial={"noticed_on": meeting.noticed_on} if meeting.noticed_on else None)
    if act(request, form, meeting_noticed, "已登记通知日期。", meeting=meeting, by=request.user):
        return redirect("councils:meeting-detail", pk=pk)
    hint = "写通知发出或张贴的那一天；有的决策步骤要求会前若干天通知，按这一天算。"
    up = To(str(meeting), "councils:meeting-detail", (pk,))
    return form_page(request, form, title="登记通知日期", button="保存", hint=hint, up=up)


@never_cache
@duty_required(Action.MEETING_RECORD)
def meeting_attend_page(request: UserRequest, pk: int) -> HttpResponse:
    meeting = meeting_of(request, pk, Action.MEETING_RECORD)
    entitled = entitled_of(meeting.body, meeting.base, meeting.on)
    form = AttendForm(
        **sent(request), people=entitled, base=meeting.base, came=came_before(meeting),
        initial={"guests": meeting.guests, "count": meeting.present if meeting.is_counted else None},
    )  # fmt: skip
    if act(request, form, meeting_attend, "已登记到会。", meeting=meeting, by=request.user):
        return redirect("councils:meeting-minutes" if meeting.is_open else "councils:meeting-detail", pk=pk)
    whole = len(entitled) or (entitled_count(meeting.body, meeting.base, meeting.on) if meeting.is_counted else 0)
    ticked = sum(name.present for _, names in form.groups() for name in names)
    context = {
        "title": "登记到会",
        "meeting": meeting,
        "up": To(str(meeting), "councils:meeting-detail", (pk,)),
        "quorum": quorum(meeting, whole, ticked),
        "whole": whole,
        "ticked": ticked,
        "is_open": meeting.base == Meeting.Base.OPEN,
    }
    return form_page(request, form, "councils/meetings/attend.html", **context)


@never_cache
@duty_required(Action.MEETING_RECORD)
def meeting_minutes(request: UserRequest, pk: int) -> HttpResponse:
    meeting = meeting_of(request, pk, Action.MEETING_RECORD)
    frame = shipped()[meeting.body.kind].frame
    initial = {"minutes": meeting.minutes or ("" if meeting.is_written else frame)}
    form = MinutesForm(**sent(request), items=list(meeting.items.all()), frame=frame, initial=initial)
    if act(request, form, meeting_minute, "已记录，请另一位村干部确认。", meeting=meeting, by=request.user):
        return redirect("councils:meeting-detail", pk=pk)
    context = {"title": "会议记录", "meeting": meeting, "up": To(str(meeting), "councils:meeting-detail", (pk,))}
    return form_page(request, form, "councils/meetings/minutes.html", **context)


@never_cache
@duty_required(Action.MEETING_RECORD)
def meeting_quick(request: UserRequest, pk: int) -> HttpResponse:
    """Who came, what was said, what follows: one page for the thumb, which works without signal."""
    body = _body(request, pk)
    entitled = entitled_of(body, base_of(body), today()) if SORTS[body.kind].quick else []
    draft = Meeting(body=body, unit=body.unit, village=body.village, base=base_of(body))
    form = QuickForm(**sent(request), people=entitled, base=draft.base, posts=posts_near(draft))
    done = act(request, form, yard_write, "已记下，请另一位村干部确认。", body=body, by=request.user)
    if done:
        return redirect("councils:meeting-detail", pk=done.result.pk)
    ticked = sum(name.present for _, names in form.groups() for name in names)
    context = {
        "title": f"记一次{body.get_kind_display()}",
        "body": body,
        "up": To(body.name, "councils:body-detail", (pk,)),
        "quorum": quorum(draft, len(entitled), ticked),
        "whole": len(entitled),
        "ticked": ticked,
        "is_open": draft.base == Meeting.Base.OPEN,
    }
    return form_page(request, form, "councils/meetings/quick.html", **context)


@require_POST
@duty_required(Action.MEETING_CONFIRM)
def meeting_confirm_press(request: UserRequest, pk: int) -> HttpResponse:
    meeting = meeting_of(request, pk, Action.MEETING_CONFIRM)
    press(request, meeting_confirm, "已确认，到会和记录不再改动。", meeting=meeting, by=request.user)
    return redirect("councils:meeting-detail", pk=pk)


@require_POST
@duty_required(Action.MEETING_CONFIRM)
def meeting_file_press(request: UserRequest, pk: int) -> HttpResponse:
    meeting = meeting_of(request, pk, Action.MEETING_CONFIRM)
    press(request, meeting_file, "已归档。", meeting=meeting, by=request.user)
    return redirect("councils:meeting-detail", pk=pk)


@never_cache
@duty_required(Action.MEETING_RECORD)
def meeting_cancel_page(request: UserRequest, pk: int) -> HttpResponse:
    meeting = meeting_of(request, pk, Action.MEETING_RECORD)
    form = CancelForm(**sent(request))
    service, word, hint = meeting_cancel, "取消", "取消以后留着原因，不能再登记到会。"
    if not meeting.is_open:
        service, word, hint = meeting_void, "作废", "重复登记、登记错了的作废。作废的仍能看到，写明原因，不算开过会，不能恢复。"
    if act(request, form, service, f"已{word}。", meeting=meeting, by=request.user):
        return redirect("councils:meeting-detail", pk=pk)
    up = To(str(meeting), "councils:meeting-detail", (pk,))
    return form_page(request, form, title=f"{word}会议", button=f"确认{word}", hint=hint, up=up)


def _body(request: UserRequest, pk: int) -> Body:
    bodies = Body.objects.filter(ended_on=None).select_related("unit", "village")
    return get_visible_or_404(bodies, request.user, Action.MEETING_RECORD, pk=pk)
