"""Staff pages of the nightly reconciliation and the chain's heads: to look at (mission M23)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from unfold.contrib.filters.admin import RangeDateFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ScopedModelAdmin, object_button
from moral_bank.models import ChainHead, Reconciliation
from moral_bank.proof.chain_text import Head, head_text
from moral_bank.proof.exports import PROOFS


@admin.register(Reconciliation)
class ReconciliationAdmin(ScopedModelAdmin):
    view_action = Action.PROOF_VIEW
    ledger = PROOFS
    list_display = ["day", "township", "result", "accounts", "entries", "made_at"]
    list_filter = [("day", RangeDateFilter)]
    fields = ["day", "township", "result", "differences", "made_at"]
    readonly_fields = ["result", "differences"]
    actions_detail = ["page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Reconciliation]:
        rows: QuerySet[Reconciliation] = super().get_queryset(request)
        return rows.select_related("township")

    @admin.display(description="结果")
    def result(self, report: Reconciliation) -> str:
        return f"{len(report.findings)} 处不符" if report.findings else "相符"

    @admin.display(description="账户")
    def accounts(self, report: Reconciliation) -> int:
        return int(report.figures.get("accounts", 0))

    @admin.display(description="记录")
    def entries(self, report: Reconciliation) -> int:
        return int(report.figures.get("entries", 0))

    @admin.display(description="不符之处")
    def differences(self, report: Reconciliation) -> str:
        return "；".join(f"{found['kind']}：{found['words']}" for found in report.findings) or "—"

    @object_button(Action.PROOF_VIEW, "核对详情", "fact_check")
    def page(self, request: UserRequest, report: Reconciliation) -> HttpResponseBase:
        return redirect("moral_bank:proof-detail", pk=report.pk)


@admin.register(ChainHead)
class ChainHeadAdmin(ScopedModelAdmin):
    view_action = Action.PROOF_VIEW
    list_display = ["day", "township", "count", "printed", "sealed_at"]
    list_filter = [("day", RangeDateFilter)]
    fields = ["day", "township", "count", "printed", "digest", "sealed_at"]
    readonly_fields = ["printed"]

    def get_queryset(self, request: UserRequest) -> QuerySet[ChainHead]:
        rows: QuerySet[ChainHead] = super().get_queryset(request)
        return rows.select_related("township")

    @admin.display(description="公示上的校验码")
    def printed(self, head: ChainHead) -> str:
        return head_text(Head(head.day, head.count, head.digest))
