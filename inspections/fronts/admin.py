"""Staff pages of 门前三包: the register of all villages, to look at and to export; it is kept on the desk (plan §三.1–2)."""

from __future__ import annotations

from typing import cast

from django.contrib import admin
from django.http import HttpResponseBase
from django.shortcuts import redirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ScopedModelAdmin, object_button
from governance.periods import today
from governance.privacy import mask_phone
from inspections.checks.models import FrontQuerySet
from inspections.fronts.exports import FRONTS, last_of, recheck_words
from inspections.models import Front
from villages.admin_lists import village_filter


@admin.register(Front)
class FrontAdmin(ScopedModelAdmin):
    view_action = Action.FRONT_VIEW
    ledger = FRONTS
    list_display = ["name", "kind", "village", "person", "place", "plate_number", "signed_on", "last_patrol", "ended_on"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        village_filter("village"),
        ("signed_on", admin.EmptyFieldListFilter),
        ("ended_on", admin.EmptyFieldListFilter),
    ]
    search_fields = ["name", "person", "place", "plate_number"]
    search_help_text = "按店名、责任人、位置或牌号查找"
    fields = [
        ("kind", "plate_number"), ("village", "unit"), "household", ("name", "person"), "masked_phone", "place",
        ("signed_on", "ended_on"), ("by", "at"), "last_patrol",
    ]  # fmt: skip
    readonly_fields = ["masked_phone", "last_patrol"]
    actions_detail = ["page"]

    def get_queryset(self, request: UserRequest) -> FrontQuerySet:
        rows = cast("FrontQuerySet", super().get_queryset(request))
        return rows.select_related("village", "unit", "household", "by").with_last_patrol()

    @admin.display(description="联系电话")
    def masked_phone(self, front: Front) -> str:
        return mask_phone(front.phone)

    @admin.display(description="最近巡查")
    def last_patrol(self, front: Front) -> str:
        """The day and how it came out."""
        patrol = last_of(front)
        if patrol is None:
            return "还没有"
        return f"{today(patrol.at)} {recheck_words(patrol) or patrol.get_state_display()}"

    @object_button(Action.FRONT_VIEW, "巡查记录", "fact_check")
    def page(self, request: UserRequest, front: Front) -> HttpResponseBase:
        return redirect("inspections:front-detail", pk=front.pk)
