"""Staff pages of findings and orders, to look at; an order is re-checked from here too, by the same rules (plan §四(三)).

约谈与问责 have no page here: leaders, who alone may read them, do not enter the admin.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ReadOnlyInline, ScopedModelAdmin, object_button
from governance.frame.forms import unchosen
from inspections.models import Finding, Order, OrderExtension, OrderStep
from inspections.orders.due import ORDER_FIX
from inspections.orders.models import OrderQuerySet
from inspections.orders.services import order_check
from villages.admin_lists import village_filter


class OpinionForm(forms.Form):
    """What the re-check found."""

    passed = forms.ChoiceField(
        label="复核结果", choices=unchosen([("1", "整改到位，销号"), ("0", "没有到位，继续整改")]), widget=UnfoldAdminSelectWidget
    )
    opinion = forms.CharField(
        label="复核意见", max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        error_messages={"required": "请写明复核意见。"},
    )  # fmt: skip


class LateFilter(DropdownFilter):
    """Open, past their day, missed twice."""

    title = "进度"
    parameter_name = "late"

    def lookups(self, request: UserRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "未销号"), ("overdue", "已逾期"), ("talk", "建议约谈")]

    def queryset(self, request: UserRequest, queryset: OrderQuerySet) -> OrderQuerySet:
        if self.value() == "open":
            return queryset.open()
        if self.value() == "overdue":
            late: OrderQuerySet = ORDER_FIX.late_among(queryset, timezone.now())
            return late
        return queryset.filter(steps__step=OrderStep.Step.TALK) if self.value() == "talk" else queryset


class FindingInline(ReadOnlyInline):
    model = Finding
    fields = readonly_fields = ["text", "found_by", "found_at"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Finding]:
        rows: QuerySet[Finding] = super().get_queryset(request)
        return rows.select_related("found_by")


class ExtensionInline(ReadOnlyInline):
    model = OrderExtension
    fields = readonly_fields = ["until", "reason", "asked_by", "state", "decided_by", "decided_at"]

    def get_queryset(self, request: UserRequest) -> QuerySet[OrderExtension]:
        rows: QuerySet[OrderExtension] = super().get_queryset(request)
        return rows.select_related("asked_by", "decided_by")


class StepInline(ReadOnlyInline):
    model = OrderStep
    fields = readonly_fields = ["at", "step", "by", "note", "fix_due_on"]

    def get_queryset(self, request: UserRequest) -> QuerySet[OrderStep]:
        rows: QuerySet[OrderStep] = super().get_queryset(request)
        return rows.select_related("by")


@admin.register(Order)
class OrderAdmin(ScopedModelAdmin):
    view_action = Action.ORDER_VIEW
    list_display = ["number", "kind", "village", "state", "sign_due_on", "fix_due_on", "misses", "closed_on"]
    list_filter = [
        LateFilter,
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        village_filter("village"),
    ]
    search_fields = ["number"]
    search_help_text = "按编号查找"
    fields = [
        ("number", "kind"), ("village", "state"), ("found_on", "misses"), "requirement", ("issued_by", "issued_at"),
        ("sign_due_on", "fix_due_on"), ("signed_by", "signed_at"), "report", ("reported_by", "reported_at"), "opinion",
        ("checked_by", "checked_at"), "closed_on",
    ]  # fmt: skip
    inlines = [FindingInline, ExtensionInline, StepInline]
    actions_detail = ["recheck", "page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Order]:
        rows: QuerySet[Order] = super().get_queryset(request)
        return rows.select_related("village", "issued_by", "signed_by", "reported_by", "checked_by")

    @object_button(Action.ORDER_CHECK, "复核", "fact_check", when=lambda order: order.state == Order.State.REPORTED)
    def recheck(self, request: UserRequest, order: Order) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            passed = cleaned["passed"] == "1"
            row = order_check(order=order, passed=passed, opinion=cleaned["opinion"], by=request.user)
            return f"{row.number}：{row.get_state_display()}。"

        return self.ask(request, order, f"复核 {order.number}", run, OpinionForm(request.POST or None))

    @object_button(Action.ORDER_VIEW, "在工作台打开", "open_in_new")
    def page(self, request: UserRequest, order: Order) -> HttpResponseBase:
        return redirect("inspections:order-detail", pk=order.pk)


@admin.register(Finding)
class FindingAdmin(ScopedModelAdmin):
    view_action = Action.ORDER_VIEW
    list_display = ["text", "village", "found_by", "found_at", "order"]
    list_filter = [village_filter("village"), ("order", admin.EmptyFieldListFilter)]
    search_fields = ["text"]
    search_help_text = "按问题里的字查找"
    fields = ["village", "text", "item", ("found_by", "found_at"), "order"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Finding]:
        return super().get_queryset(request).select_related("village", "found_by", "order__village", "item")
