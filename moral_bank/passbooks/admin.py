"""Staff pages of passbooks, proxies, expiry and the evening's cover, to look at and to export; they are kept on the desk."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ScopedModelAdmin, object_button
from moral_bank.models import CoverDay, Expiry, Passbook, Proxy
from moral_bank.passbooks.cover import day_cover
from moral_bank.passbooks.exports import COVER_DAYS, EXPIRIES, PASSBOOKS
from villages.admin_lists import village_filter


@admin.register(Passbook)
class PassbookAdmin(ScopedModelAdmin):
    view_action = Action.PASSBOOK_ISSUE
    ledger = PASSBOOKS
    list_display = ["household", "issued_at", "issued_by", "revoked_at", "reason"]
    list_filter = [village_filter("account__household__village"), ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["account__household", "issued_by"]
    search_fields = ["account__household__head_name", "account__household__number"]
    search_help_text = "按户主或户号查找"
    fields = ["household", ("issued_at", "issued_by"), ("revoked_at", "revoked_by"), "reason"]
    readonly_fields = ["household"]
    actions_detail = ["page"]

    @admin.display(description="户", ordering="account__household__head_pinyin")
    def household(self, passbook: Passbook) -> str:
        return str(passbook.account.household)

    @object_button(Action.ENTRY_VIEW, "存折和明细", "receipt_long")
    def page(self, request: UserRequest, passbook: Passbook) -> HttpResponseBase:
        return redirect("moral_bank:household-passbook", pk=passbook.account.household_id)


@admin.register(Proxy)
class ProxyAdmin(ScopedModelAdmin):
    view_action = Action.ENTRY_VIEW
    list_display = ["household", "name", "relation", "consent", "added_on", "ended_on"]
    list_filter = [village_filter("account__household__village"), ("ended_on", admin.EmptyFieldListFilter)]
    list_select_related = ["account__household"]
    search_fields = ["name", "account__household__head_name", "account__household__number"]
    search_help_text = "按代领人、户主或户号查找"
    fields = ["household", ("name", "relation"), "consent", ("added_by", "added_on"), "ended_on"]
    readonly_fields = ["household"]

    @admin.display(description="户", ordering="account__household__head_pinyin")
    def household(self, proxy: Proxy) -> str:
        return str(proxy.account.household)


@admin.register(Expiry)
class ExpiryAdmin(ScopedModelAdmin):
    view_action = Action.RULE_VIEW
    ledger = EXPIRIES
    list_display = ["village", "earned_until", "expires_on", "basis", "decided_by", "state"]
    list_filter = [village_filter("village"), ("done_at", admin.EmptyFieldListFilter)]
    list_select_related = ["village", "decided_by", "notice"]
    fields = [
        "village", ("earned_until", "expires_on"), "basis", "notice", ("decided_by", "decided_at"),
        ("cancelled_at", "done_at"), "reason",
    ]  # fmt: skip

    def get_queryset(self, request: UserRequest) -> QuerySet[Expiry]:
        return super().get_queryset(request).prefetch_related("notice__objections")

    @admin.display(description="状态")
    def state(self, expiry: Expiry) -> str:
        return expiry.state.label


@admin.register(CoverDay)
class CoverDayAdmin(ScopedModelAdmin):
    view_action = Action.MARKET_VIEW
    ledger = COVER_DAYS
    list_display = ["day", "village", "balance", "percent", "level"]
    list_filter = [village_filter("village")]
    list_select_related = ["village"]
    fields = [("village", "day"), ("balance", "cents_per_point"), ("fund_cents", "goods_cents"), ("percent", "level")]
    readonly_fields = ["percent", "level"]

    @admin.display(description="覆盖比例（%）")
    def percent(self, day: CoverDay) -> str:
        found = day_cover(day).percent
        return "—" if found is None else str(found)

    @admin.display(description="状态")
    def level(self, day: CoverDay) -> str:
        return day_cover(day).label
