"""Staff pages of bodies and their members: to look at and to export; they are kept on the desk."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpResponseBase
from django.shortcuts import redirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.councils.bodies.exports import SEATS
from governance.councils.models import Body, Seat
from governance.frame.admin import ScopedModelAdmin, object_button
from villages.admin_lists import village_filter


@admin.register(Body)
class BodyAdmin(ScopedModelAdmin):
    view_action = Action.COUNCIL_VIEW
    list_display = ["name", "village", "kind", "convener", "every_months", "meet_by", "ended_on"]
    list_filter = [village_filter("village"), ("kind", ChoicesDropdownFilter), ("ended_on", admin.EmptyFieldListFilter)]
    search_fields = ["name"]
    search_help_text = "按名称查找"
    fields = ["name", ("village", "unit"), "kind", "convener", ("every_months", "meet_by"), "charter", ("founded_on", "ended_on")]
    readonly_fields = ["meet_by"]
    list_select_related = ["village", "unit"]
    actions_detail = ["page"]

    @object_button(Action.COUNCIL_VIEW, "成员和会议", "group")
    def page(self, request: UserRequest, body: Body) -> HttpResponseBase:
        return redirect("councils:body-detail", pk=body.pk)


@admin.register(Seat)
class SeatAdmin(ScopedModelAdmin):
    view_action = Action.COUNCIL_VIEW
    ledger = SEATS
    list_display = ["resident", "body", "role", "since", "term_end", "ended_on"]
    list_filter = [village_filter("body__village"), ("role", ChoicesDropdownFilter), ("ended_on", admin.EmptyFieldListFilter)]
    search_fields = ["resident__name", "resident__name_pinyin", "body__name"]
    search_help_text = "按姓名、拼音或组织查找"
    fields = ["body", "resident", "role", ("since", "term_end"), ("ended_on", "end_reason")]
    list_select_related = ["resident", "body"]
    actions_detail = ["page"]

    @object_button(Action.COUNCIL_VIEW, "所在的组织", "group")
    def page(self, request: UserRequest, seat: Seat) -> HttpResponseBase:
        return redirect("councils:body-detail", pk=seat.body_id)
