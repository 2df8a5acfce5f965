"""Staff pages of 最美家庭, honours and private reminders: to look at and to export; they are kept on the desk (mission M25)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ScopedModelAdmin, object_button
from moral_bank.awards.exports import HONOURS, NOMINATIONS
from moral_bank.awards.honours import half_of, period_label
from moral_bank.awards.models import Honour, Nomination, Reminder
from villages.admin_lists import village_filter

_HOUSEHOLD_SEARCH = ["account__household__head_name", "account__household__number"]


@admin.register(Nomination)
class NominationAdmin(ScopedModelAdmin):
    view_action = Action.AWARD_VIEW
    ledger = NOMINATIONS
    list_display = ["household", "half_label", "village", "source", "nominator", "state", "judged_on"]
    list_filter = [("state", ChoicesDropdownFilter), ("source", ChoicesDropdownFilter), village_filter("village"), "half"]
    search_fields = _HOUSEHOLD_SEARCH
    search_help_text = "按户主或户号查找"
    fields = [
        ("household", "half_label"), ("village", "state"), ("source", "nominator"), "story", ("nominated_by", "nominated_at"),
        ("judged_on", "judged_by"), ("present", "votes_yes", "votes_no"), "recused", ("notice", "notice_row"),
        ("decided_by", "decided_at"), "reason",
    ]  # fmt: skip
    readonly_fields = ["household", "half_label"]
    actions_detail = ["page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Nomination]:
        rows: QuerySet[Nomination] = super().get_queryset(request)
        return rows.select_related("account__household", "village", "notice", "nominated_by", "judged_by", "decided_by")

    @admin.display(description="户")
    def household(self, row: Nomination) -> str:
        return str(row.account.household)

    @admin.display(description="期间", ordering="half")
    def half_label(self, row: Nomination) -> str:
        return half_of(row.half).label

    @object_button(Action.AWARD_VIEW, "评议和审定", "fact_check")
    def page(self, request: UserRequest, row: Nomination) -> HttpResponseBase:
        return redirect("moral_bank:award-detail", pk=row.pk)


@admin.register(Honour)
class HonourAdmin(ScopedModelAdmin):
    view_action = Action.AWARD_VIEW
    ledger = HONOURS
    list_display = ["household", "kind", "label", "village", "number", "granted_on", "revoked_on"]
    list_filter = [
        ("kind", ChoicesDropdownFilter), village_filter("village"), ("revoked_on", admin.EmptyFieldListFilter), "period",
    ]  # fmt: skip
    search_fields = [*_HOUSEHOLD_SEARCH, "number"]
    search_help_text = "按户主、户号或证书编号查找"
    fields = [
        ("household", "village"), ("kind", "label"), ("number", "granted_on"), ("revoked_on", "revoked_by"), "revoked_reason",
    ]  # fmt: skip
    readonly_fields = ["household", "label"]
    actions_detail = ["page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Honour]:
        rows: QuerySet[Honour] = super().get_queryset(request)
        return rows.select_related("account__household", "village", "revoked_by")

    @admin.display(description="户")
    def household(self, honour: Honour) -> str:
        return str(honour.account.household)

    @admin.display(description="期间", ordering="period")
    def label(self, honour: Honour) -> str:
        return period_label(honour)

    @object_button(Action.AWARD_VIEW, "证书和撤销", "verified_user")
    def page(self, request: UserRequest, honour: Honour) -> HttpResponseBase:
        return redirect("moral_bank:honour-detail", pk=honour.pk)


@admin.register(Reminder)
class ReminderAdmin(ScopedModelAdmin):
    """What was told; who is still to be told stands on the desk."""

    view_action = Action.REMINDER_VIEW
    list_display = ["household", "quarter", "village", "told_on", "told_by", "note"]
    list_filter = [village_filter("rating__closing__village"), "told_on"]
    search_fields = ["rating__account__household__head_name", "rating__account__household__number"]
    search_help_text = "按户主或户号查找"
    fields = [("household", "village"), "quarter", ("told_on", "told_by"), "note", "recorded_at"]
    readonly_fields = ["household", "village", "quarter"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Reminder]:
        rows: QuerySet[Reminder] = super().get_queryset(request)
        return rows.select_related("rating__account__household", "rating__closing__village", "told_by")

    @admin.display(description="户")
    def household(self, reminder: Reminder) -> str:
        return str(reminder.rating.account.household)

    @admin.display(description="村（社区）")
    def village(self, reminder: Reminder) -> str:
        return str(reminder.rating.closing.village)

    @admin.display(description="季度")
    def quarter(self, reminder: Reminder) -> str:
        return reminder.rating.closing.period.label
