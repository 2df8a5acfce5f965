"""Staff pages of panels, sittings and judgements: to look at and to export; they are kept on the desk (plan §三.4)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from unfold.contrib.filters.admin import RangeDateFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ScopedModelAdmin, object_button
from moral_bank.models import Judgement, PanelMember, Sitting, Vote
from moral_bank.panel.exports import MEMBERS, SITTINGS
from villages.admin_lists import village_filter


@admin.register(PanelMember)
class PanelMemberAdmin(ScopedModelAdmin):
    view_action = Action.CLAIM_VIEW
    ledger = MEMBERS
    list_display = ["resident", "village", "appointed_on", "ended_on", "appointed_by"]
    list_filter = [village_filter("village"), ("ended_on", admin.EmptyFieldListFilter)]
    search_fields = ["resident__name", "resident__name_pinyin"]
    search_help_text = "按姓名或拼音查找"
    fields = ["village", "resident", ("appointed_on", "ended_on"), "appointed_by"]
    list_select_related = ["resident", "village", "appointed_by"]
    actions_detail = ["page"]

    @object_button(Action.CLOSING_VIEW, "评议小组", "group")
    def page(self, request: UserRequest, member: PanelMember) -> HttpResponseBase:
        return redirect("moral_bank:panel-detail", pk=member.village_id)


@admin.register(Sitting)
class SittingAdmin(ScopedModelAdmin):
    view_action = Action.CLAIM_VIEW
    ledger = SITTINGS
    list_display = ["held_on", "village", "claims", "recorded_by", "recorded_at"]
    list_filter = [village_filter("village"), ("held_on", RangeDateFilter)]
    fields = ["village", "held_on", "note", "present", ("recorded_by", "recorded_at")]
    readonly_fields = ["present"]
    actions_detail = ["page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Sitting]:
        rows: QuerySet[Sitting] = super().get_queryset(request)
        return rows.select_related("village", "recorded_by").annotate(claim_count=Count("judgements"))

    @admin.display(description="评议（条）")
    def claims(self, sitting: Any) -> int:
        return int(sitting.claim_count)

    @admin.display(description="到会成员")
    def present(self, sitting: Sitting) -> str:
        return "、".join(member.resident.name for member in sitting.members.select_related("resident"))

    @object_button(Action.CLOSING_VIEW, "每条的表决", "fact_check")
    def page(self, request: UserRequest, sitting: Sitting) -> HttpResponseBase:
        return redirect("moral_bank:sitting-detail", pk=sitting.pk)


@admin.register(Judgement)
class JudgementAdmin(ScopedModelAdmin):
    view_action = Action.CLAIM_VIEW
    list_display = ["held_on", "home", "deed", "round", "approved", "score", "state"]
    list_filter = [village_filter("sitting__village"), "approved", "round"]
    search_fields = ["claim__account__household__head_name", "claim__deed__name"]
    search_help_text = "按户主或事项查找"
    fields = ["held_on", "home", "deed", "round", ("approved", "score"), "reason", "votes_said", "state"]
    readonly_fields = ["held_on", "home", "deed", "votes_said", "state"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Judgement]:
        rows: QuerySet[Judgement] = super().get_queryset(request)
        return rows.select_related("sitting", "claim__account__household", "claim__deed")

    @admin.display(description="评议日期", ordering="sitting__held_on")
    def held_on(self, judgement: Judgement) -> str:
        return judgement.sitting.held_on.isoformat()

    @admin.display(description="户")
    def home(self, judgement: Judgement) -> str:
        return str(judgement.claim.account.household)

    @admin.display(description="事项")
    def deed(self, judgement: Judgement) -> str:
        return judgement.claim.deed.name

    @admin.display(description="申报现在的状态")
    def state(self, judgement: Judgement) -> str:
        return judgement.claim.get_state_display()

    @admin.display(description="每人的表决")
    def votes_said(self, judgement: Judgement) -> str:
        votes = Vote.objects.filter(judgement=judgement).select_related("member__resident").order_by("pk")
        return "；".join(
            f"{vote.member.resident.name}{vote.get_choice_display()}{f'（{vote.reason}）' if vote.reason else ''}" for vote in votes
        )
