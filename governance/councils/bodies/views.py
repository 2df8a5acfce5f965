"""Bodies on the desk: the list, one body with its members and meetings (plan §三.2, §三.4)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.councils.bodies import lists
from governance.councils.bodies.due import meet_due
from governance.councils.bodies.exports import SEATS
from governance.councils.bodies.forms import BodyForm, EndForm
from governance.councils.bodies.kinds import PANEL, SORTS
from governance.councils.bodies.membership import Entitled, homes_of, members_of, shares_of, terms_over
from governance.councils.bodies.services import bodies_fill, body_change, body_end
from governance.councils.models import Body, Meeting, Seat, Task
from governance.frame.act import act, form_page, press, sent
from governance.frame.forms import PageForm
from governance.frame.lists import To, filter_refused, list_page, sheet_or_back
from governance.periods import today
from villages.scope import get_visible_or_404

MEETINGS_SHOWN = 10
RELATED = ("unit", "village")


@duty_required(Action.COUNCIL_VIEW)
def body_list(request: UserRequest) -> HttpResponse:
    return list_page(request, lists.BODIES, lists.counted(Body.objects.visible_to(request.user).select_related(*RELATED)))


@duty_required(Action.EXPORT)
def seat_export(request: UserRequest) -> HttpResponseBase:
    """The members, former ones too, of the bodies that the list shows, at places where the user may export."""
    bodies = lists.BodyFilter(request.GET, Body.objects.visible_to(request.user, Action.EXPORT), request=request)
    if not bodies.is_valid():
        return filter_refused(request, f"{reverse('councils:body-list')}?{request.GET.urlencode()}")
    rows = Seat.objects.visible_to(request.user, Action.EXPORT).filter(body__in=bodies.found().order_by().values("pk"))
    return sheet_or_back(request, SEATS, rows, reverse("councils:body-list"))


@duty_required(Action.COUNCIL_EDIT)
def body_fill(request: UserRequest) -> HttpResponse:
    """One button for 七会, 院户会 and those of the law in the villages that one keeps."""
    if request.method == "POST":
        press(request, bodies_fill, lambda added: f"已补齐，新设立 {added} 个组织；已有的没有动。", by=request.user)
        return redirect("councils:body-list")
    hint = "给您范围内每个村（社区）设立七会、法定会议和“两委”、监委，给每个聚居点设立院户会。已有的不动，章程和开会次数以后都可以改。"
    return form_page(request, PageForm(), title="补齐各村的组织", button="补齐", hint=hint, up=lists.TO_BODIES)


@duty_required(Action.COUNCIL_VIEW)
def body_detail(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    body = get_visible_or_404(Body.objects.select_related(*RELATED), user, pk=pk)
    sort, day = SORTS[body.kind], today()
    members, over = members_of(body, day), terms_over(body, day)
    meetings = Meeting.objects.visible_to(user).filter(body=body)
    tasks = Task.objects.visible_to(user).filter(item__meeting__body=body, state=Task.State.OPEN)
    context = {
        "body": body,
        "sort": sort,
        "of_panel": sort.base == PANEL,
        "due": meet_due(body, timezone.now()) if body.meet_by else None,
        "members": members,
        "over": over,
        "uncounted": [seat for seat in over if seat not in [one.seat for one in members]],
        "former": _former(body, user, members),
        "shares": shares_of(body, members),
        "homes": homes_of(body).count() if sort.base == Meeting.Base.HOUSEHOLDS else None,
        "called": meetings.filter(state__in=[Meeting.State.CALLED, Meeting.State.HELD]).order_by("on", "pk"),
        "meetings": meetings.filter(state__in=Meeting.WRITTEN).order_by("-on", "-pk")[:MEETINGS_SHOWN],
        "tasks": tasks.order_by("due_on", "pk")[:MEETINGS_SHOWN],
        "may_edit": body.ended_on is None and user.may(Action.COUNCIL_EDIT, body.unit.path),
        "may_record": body.ended_on is None and sort.base != PANEL and user.may(Action.MEETING_RECORD, body.unit.path),
    }
    return render(request, "councils/bodies/detail.html", context)


def _former(body: Body, user: Any, members: list[Entitled]) -> list[Seat]:
    """Seats that have ended, the latest first."""
    seated = [one.seat.pk for one in members if one.seat is not None]
    rows = Seat.objects.visible_to(user).filter(body=body).exclude(ended_on=None).exclude(pk__in=seated)
    return list(rows.select_related("resident").order_by("-ended_on", "-pk"))


@never_cache
@duty_required(Action.COUNCIL_EDIT)
def body_edit(request: UserRequest, pk: int) -> HttpResponse:
    body = _kept(request, pk)
    form = BodyForm(**sent(request), body=body)
    if act(request, form, body_change, "已修改。", body=body, by=request.user):
        return redirect("councils:body-detail", pk=pk)
    return form_page(request, form, title="修改组织", up=To(body.name, "councils:body-detail", (pk,)))


@never_cache
@duty_required(Action.COUNCIL_EDIT)
def body_stop(request: UserRequest, pk: int) -> HttpResponse:
    body = _kept(request, pk)
    form = EndForm(**sent(request))
    if act(request, form, body_end, "已撤销。", body=body, by=request.user):
        return redirect("councils:body-detail", pk=pk)
    hint = "撤销以后不能再开会，现有成员同时离任；以前的会议和成员都保留。"
    return form_page(request, form, title="撤销组织", button="确认撤销", hint=hint, up=To(body.name, "councils:body-detail", (pk,)))


def _kept(request: UserRequest, pk: int) -> Body:
    return get_visible_or_404(Body.objects.select_related(*RELATED), request.user, Action.COUNCIL_EDIT, pk=pk)
