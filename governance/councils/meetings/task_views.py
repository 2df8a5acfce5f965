"""会议任务 on the desk."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.councils.meetings import lists
from governance.councils.meetings.exports import TASKS
from governance.councils.meetings.forms import CloseForm, TaskForm
from governance.councils.meetings.lookups import item_of, posts_near
from governance.councils.meetings.tasks import may_close, task_add, task_close
from governance.councils.models import Task
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To, list_export, list_page
from villages.scope import get_visible_or_404

RELATED = ("item__meeting__body", "item__meeting__village")


@duty_required(Action.COUNCIL_VIEW)
def task_list(request: UserRequest) -> HttpResponse:
    return list_page(request, lists.TASKS, Task.objects.visible_to(request.user).select_related(*RELATED))


@duty_required(Action.EXPORT)
def task_export(request: UserRequest) -> HttpResponseBase:
    return list_export(request, lists.TASKS, Task.objects.visible_to(request.user, Action.EXPORT), TASKS, "councils:task-list")


@never_cache
@duty_required(Action.MEETING_RECORD)
def task_create(request: UserRequest, pk: int) -> HttpResponse:
    item = item_of(request, pk, Action.MEETING_RECORD)
    form = TaskForm(**sent(request), posts=posts_near(item.meeting), initial={"what": (item.outcome or item.title)[:200]})
    if act(request, form, task_add, lambda task: f"已交给{task.who}。", item=item, by=request.user):
        return redirect("councils:meeting-detail", pk=item.meeting_id)
    up = To(str(item.meeting), "councils:meeting-detail", (item.meeting_id,))
    return form_page(request, form, title="定任务", button="定下来", up=up, hint=f"{item.number}. {item.title}")


@never_cache
@duty_required(Action.COUNCIL_VIEW)
def task_detail(request: UserRequest, pk: int) -> HttpResponse:
    """The task, and the form that ends it for those who may."""
    rows = Task.objects.select_related(*RELATED, "item__meeting__unit", "post", "made_by", "closed_by")
    task = get_visible_or_404(rows, request.user, pk=pk)
    form = CloseForm(**sent(request))
    may = task.state == Task.State.OPEN and may_close(task, request.user)
    if act(request, form, task_close, "已登记落实情况。", task=task, by=request.user):
        return redirect("councils:task-detail", pk=pk)
    context = {"title": task.what, "task": task, "may_close": may, "due": lists.task_due(task), "up": lists.TO_TASKS}
    return form_page(request, form, "councils/meetings/task.html", **context)
