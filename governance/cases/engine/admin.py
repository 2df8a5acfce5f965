"""Staff pages of cases: every case in scope, its history, and the steps that staff take from here (design §6, §9)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.cases.disputes.services import mediator_set, mediators_for
from governance.cases.engine.due import CASE
from governance.cases.engine.exports import CASES
from governance.cases.engine.flow import Step
from governance.cases.engine.models import CaseQuerySet
from governance.cases.engine.services import Words, case_step
from governance.cases.models import Case, CaseStep
from governance.frame.admin import ReadOnlyInline, ScopedModelAdmin, object_button
from governance.periods import today
from villages.admin_lists import village_filter


class WhyForm(forms.Form):
    """A reason, kept in the history."""

    reason = forms.CharField(label="原因", max_length=300, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))


class MediatorForm(forms.Form):
    """The posts that may mediate."""

    mediator = forms.ChoiceField(label="调解员", widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posts = {str(post.pk): post for post in mediators_for(case, today())}
        self.fields["mediator"].choices = [  # type: ignore[attr-defined]
            (key, f"{post.holder_name}（{post.unit}{post.get_kind_display()}）") for key, post in self.posts.items()
        ]


class DueFilter(DropdownFilter):
    """Open, overdue, ended."""

    title = "进度"
    parameter_name = "due"

    def lookups(self, request: UserRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "办理中"), ("overdue", "已逾期"), ("climbed", "已升级")]

    def queryset(self, request: UserRequest, queryset: CaseQuerySet) -> CaseQuerySet:
        if self.value() == "open":
            return queryset.open()
        if self.value() == "overdue":
            late: CaseQuerySet = CASE.late_among(queryset, timezone.now())
            return late
        return queryset.open().exclude(level=Case.Level.VILLAGE) if self.value() == "climbed" else queryset


class StepInline(ReadOnlyInline):
    model = CaseStep
    fields = readonly_fields = ["at", "step", "by", "note", "holder", "case_due_at"]

    def get_queryset(self, request: UserRequest) -> QuerySet[CaseStep]:
        rows: QuerySet[CaseStep] = super().get_queryset(request)
        return rows.select_related("by")


def _may_be_filed(case: Case) -> bool:
    return case.state in (Case.State.DONE, Case.State.VISITING)


@admin.register(Case)
class CaseAdmin(ScopedModelAdmin):
    view_action = Action.CASE_VIEW
    ledger = CASES
    list_display = ["number", "category", "village", "state", "holder", "case_due_at", "level", "logged_at"]
    list_filter = [
        DueFilter,
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        village_filter("village"),
    ]
    search_fields = ["number", "old_number"]
    search_help_text = "按编号或原编号查找"
    fields = [
        "number", "old_number", "kind", "category", "urgency", "village", "unit", "place", "text", "source", "private", "state",
        "first_receiver", "holder", "level", "found_at", "logged_at", "step_due_at", "case_due_at", "finished_at",
        "filed_at", "result", "round",
    ]  # fmt: skip
    readonly_fields = ["holder"]
    inlines = [StepInline]
    actions_detail = ["file", "reopen", "mediator", "page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Case]:
        rows: QuerySet[Case] = super().get_queryset(request)
        return rows.select_related("category", "village", "unit", "assignee", "holder_unit", "office", "first_receiver")

    @admin.display(description="办理人")
    def holder(self, case: Case) -> str:
        return case.holder_name

    @object_button(Action.CASE_ASSIGN, "归档", "done_all", when=_may_be_filed)
    def file(self, request: UserRequest, case: Case) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            return f"{case_step(case=case, step=Step.FILE, by=request.user).number}已归档。"

        return self.ask(request, case, f"归档 {case.number}", run)

    @object_button(Action.CASE_ASSIGN, "重开", "redo", when=lambda case: case.finished_at is not None)
    def reopen(self, request: UserRequest, case: Case) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            case_step(case=case, step=Step.REOPEN, by=request.user, words=Words(note=cleaned["reason"]))
            return f"{case.number}已重开，编号不变。"

        return self.ask(request, case, f"重开 {case.number}", run, WhyForm(request.POST or None))

    @object_button(
        Action.CASE_ASSIGN, "确定调解员", "person_add", when=lambda case: case.kind == Case.Kind.DISPUTE and case.is_open
    )
    def mediator(self, request: UserRequest, case: Case) -> HttpResponseBase:
        if not hasattr(case, "dispute"):
            raise Http404
        form = MediatorForm(request.POST or None, case=case)

        def run(cleaned: dict[str, Any]) -> str:
            post = form.posts[cleaned["mediator"]]
            mediator_set(case=case, post=post, by=request.user)
            return f"调解员已定为{post.holder_name}。"

        return self.ask(request, case, f"{case.number}的调解员", run, form)

    @object_button(Action.CASE_VIEW, "在工作台打开", "open_in_new")
    def page(self, request: UserRequest, case: Case) -> HttpResponseBase:
        return redirect("cases:case-detail", pk=case.pk)
