"""Staff pages of claims and of the ledger: to look at; an entry is corrected by its reversal (冲正)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ScopedModelAdmin, object_button
from governance.frame.admin_forms import ReasonForm
from moral_bank.claims.exports import CLAIMS
from moral_bank.ledger.exports import ENTRIES
from moral_bank.ledger.services import entry_reverse
from moral_bank.models import Claim, Entry
from villages.admin_lists import village_filter


@admin.register(Claim)
class ClaimAdmin(ScopedModelAdmin):
    view_action = Action.CLAIM_VIEW
    ledger = CLAIMS
    list_display = ["occurred_on", "home", "village", "deed", "score", "state", "declared_by", "decided_by"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        village_filter("account__household__village"),
        ("deed__head", ChoicesDropdownFilter),
        ("occurred_on", RangeDateFilter),
    ]
    search_fields = ["account__household__head_name", "account__household__number", "deed__name"]
    search_help_text = "按户主、户号或事项查找"
    fields = [
        "home",
        "deed",
        ("occurred_on", "counts_on"),
        ("quantity", "score"),
        "note",
        ("source", "applicant", "consent"),
        "state",
        ("declared_by", "declared_at"),
        ("decided_by", "decided_at"),
        "reason",
        "closing",
        "entry",
    ]
    readonly_fields = ["home"]
    actions_detail = ["page", "household_page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Claim]:
        related = ("account__household__village", "deed", "declared_by", "decided_by", "closing__village", "entry")
        return super().get_queryset(request).select_related(*related)

    @admin.display(description="户")
    def home(self, claim: Claim) -> str:
        return str(claim.account.household)

    @admin.display(description="村（社区）")
    def village(self, claim: Claim) -> str:
        return str(claim.account.household.village)

    @object_button(Action.CLAIM_VIEW, "办理经过", "fact_check")
    def page(self, request: UserRequest, claim: Claim) -> HttpResponseBase:
        return redirect("moral_bank:claim-detail", pk=claim.pk)

    @object_button(Action.HOUSEHOLD_VIEW, "这一户的台账", "receipt_long")
    def household_page(self, request: UserRequest, claim: Claim) -> HttpResponseBase:
        return redirect(reverse("villages:household-detail", args=[claim.account.household_id]))


def _reversible(entry: Entry) -> bool:
    return entry.reverses_id is None and not hasattr(entry, "reversed_by")


@admin.register(Entry)
class EntryAdmin(ScopedModelAdmin):
    view_action = Action.ENTRY_VIEW
    ledger = ENTRIES
    list_display = ["occurred_on", "home", "village", "memo", "head", "score", "points", "posted_by", "posted_at"]
    list_filter = [
        village_filter("village"),
        ("head", ChoicesDropdownFilter),
        ("occurred_on", RangeDateFilter),
        ("veto", admin.BooleanFieldListFilter),
    ]
    search_fields = ["account__household__head_name", "account__household__number", "memo"]
    search_help_text = "按户主、户号或事由查找"
    fields = [
        "home",
        "village",
        "deed",
        "head",
        "memo",
        "score",
        "points",
        "veto",
        "occurred_on",
        "posted_by",
        "posted_at",
        "reverses",
        "reversal",
    ]
    readonly_fields = ["home", "reversal"]
    actions_detail = ["reverse_entry"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Entry]:
        related = ("account__household", "village", "posted_by", "deed", "reversed_by")
        return super().get_queryset(request).select_related(*related)

    @admin.display(description="户")
    def home(self, entry: Entry) -> str:
        return str(entry.account.household)

    @admin.display(description="已被冲正")
    def reversal(self, entry: Any) -> str:
        return str(entry.reversed_by) if hasattr(entry, "reversed_by") else "—"

    @object_button(Action.ENTRY_REVERSE, "冲正", "undo", when=_reversible)
    def reverse_entry(self, request: UserRequest, entry: Entry) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            made = entry_reverse(entry=entry, reason=cleaned["reason"], by=request.user)
            return f"已冲正，记在 {made.occurred_on:%Y-%m-%d}。"

        return self.ask(request, entry, f"冲正：{entry}", run, ReasonForm(request.POST or None))
