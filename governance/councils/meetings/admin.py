"""Staff pages of meetings and their tasks: to look at and to export; they are kept on the desk."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpResponseBase
from django.shortcuts import redirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.councils.meetings.exports import MEETINGS, TASKS
from governance.councils.models import Meeting, Task
from governance.frame.admin import ScopedModelAdmin, object_button
from villages.admin_lists import village_filter


@admin.register(Meeting)
class MeetingAdmin(ScopedModelAdmin):
    view_action = Action.COUNCIL_VIEW
    ledger = MEETINGS
    list_display = ["on", "body", "village", "topic", "entitled", "present", "state", "afterwards"]
    list_filter = [village_filter("village"), ("state", ChoicesDropdownFilter), ("on", RangeDateFilter)]
    search_fields = ["topic", "body__name"]
    search_help_text = "按议题或组织查找"
    fields = [
        "body", "village", "topic", ("on", "time"), "place", ("state", "afterwards"), "noticed_on", ("base", "entitled", "present"),
        "guests", "minutes", ("called_by", "called_at"), ("minuted_by", "minuted_at"), ("confirmed_by", "confirmed_at"), "filed_at",
        "end_reason",
    ]  # fmt: skip
    list_select_related = ["body", "village"]
    actions_detail = ["page"]

    @object_button(Action.COUNCIL_VIEW, "会议页面", "groups")
    def page(self, request: UserRequest, meeting: Meeting) -> HttpResponseBase:
        return redirect("councils:meeting-detail", pk=meeting.pk)


@admin.register(Task)
class TaskAdmin(ScopedModelAdmin):
    view_action = Action.COUNCIL_VIEW
    ledger = TASKS
    list_display = ["what", "who", "due_on", "state", "done_on"]
    list_filter = [village_filter("item__meeting__village"), ("state", ChoicesDropdownFilter), ("due_on", RangeDateFilter)]
    search_fields = ["what", "who"]
    search_help_text = "按任务或承办人查找"
    fields = ["item", "what", ("who", "post"), "due_on", "state", ("done_on", "result"), ("made_by", "made_at"), "closed_by"]
    list_select_related = ["item"]
    actions_detail = ["page"]

    @object_button(Action.COUNCIL_VIEW, "任务页面", "task_alt")
    def page(self, request: UserRequest, task: Task) -> HttpResponseBase:
        return redirect("councils:task-detail", pk=task.pk)
