"""Staff pages of orders, to look at: the one served is masked, and words that may name them stand at the desk alone, as the steps do."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ReadOnlyInline, ScopedModelAdmin, object_button
from villages.admin_lists import village_filter
from volunteers.models import Run, ServiceOrder, ServiceStep
from volunteers.orders.rows import masked_asker


class RunInline(ReadOnlyInline):
    model = Run
    fields = readonly_fields = ["volunteer", "accepted_at", "set_out_at", "arrived_at", "ended_at", "outcome"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Run]:
        rows: QuerySet[Run] = super().get_queryset(request)
        return rows.select_related("volunteer")


class StepInline(ReadOnlyInline):
    model = ServiceStep
    fields = readonly_fields = ["at", "happened_at", "step", "by", "volunteer"]

    def get_queryset(self, request: UserRequest) -> QuerySet[ServiceStep]:
        rows: QuerySet[ServiceStep] = super().get_queryset(request)
        return rows.select_related("by", "volunteer")


@admin.register(ServiceOrder)
class ServiceOrderAdmin(ScopedModelAdmin):
    view_action = Action.SERVICE_VIEW
    list_display = ["number", "project", "village", "state", "asked_at", "finished_at", "rating", "points"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("rating", ChoicesDropdownFilter),
        ("points", ChoicesDropdownFilter),
        village_filter("village"),
    ]
    search_fields = ["number"]
    search_help_text = "按编号查找"
    fields = [
        ("number", "project"), ("village", "unit"), ("asker", "source"), ("people", "is_emergency"), ("state", "level"), "team",
        ("asked_at", "logged_by"), ("called_back_at", "offered_at"), ("accepted_at", "contacted_at"), ("arrived_at", "finished_at"),
        "stopped_at", ("accept_due_at", "finish_due_at"), ("rating", "judged_how", "judged_by"), "complaint", "points",
    ]  # fmt: skip
    inlines = [RunInline, StepInline]
    actions_detail = ["page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[ServiceOrder]:
        rows: QuerySet[ServiceOrder] = super().get_queryset(request)
        return rows.select_related("project", "village", "unit", "team", "logged_by", "judged_by", "complaint")

    @admin.display(description="点单人")
    def asker(self, order: ServiceOrder) -> str:
        return masked_asker(order)

    @object_button(Action.SERVICE_VIEW, "在工作台打开", "open_in_new")
    def page(self, request: UserRequest, order: ServiceOrder) -> HttpResponseBase:
        return redirect("volunteers:order-detail", pk=order.pk)
