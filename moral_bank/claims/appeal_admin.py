"""Staff pages of appeals: to look at and to export; they are answered on the desk (mission M23)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ScopedModelAdmin, object_button
from moral_bank.claims.exports import APPEALS, subject_of
from moral_bank.models import Appeal
from villages.admin_lists import village_filter


@admin.register(Appeal)
class AppealAdmin(ScopedModelAdmin):
    view_action = Action.CLAIM_VIEW
    ledger = APPEALS
    list_display = ["home", "village", "subject", "name", "received_at", "state", "answered_by", "answered_at"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        village_filter("account__household__village"),
        ("received_at", RangeDateTimeFilter),
    ]
    search_fields = ["account__household__head_name", "account__household__number", "name"]
    search_help_text = "按户主、户号或申诉的人查找"
    fields = [
        "home", "subject", ("name", "text"), ("received_by", "received_at"), "state", "answer", ("answered_by", "answered_at"),
    ]  # fmt: skip
    readonly_fields = ["home", "subject"]
    actions_detail = ["page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Appeal]:
        related = ("account__household__village", "claim__deed", "entry", "received_by", "answered_by")
        return super().get_queryset(request).select_related(*related)

    @admin.display(description="户")
    def home(self, appeal: Appeal) -> str:
        return str(appeal.account.household)

    @admin.display(description="村（社区）")
    def village(self, appeal: Appeal) -> str:
        return str(appeal.account.household.village)

    @admin.display(description="申诉事项")
    def subject(self, appeal: Appeal) -> str:
        return subject_of(appeal)

    @object_button(Action.CLAIM_VIEW, "查看和答复", "gavel")
    def page(self, request: UserRequest, appeal: Appeal) -> HttpResponseBase:
        return redirect("moral_bank:appeal-detail", pk=appeal.pk)
