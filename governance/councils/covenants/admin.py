"""Staff pages of covenants and rules: to look at and to export; they are kept on the desk."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpResponseBase
from django.shortcuts import redirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.councils.covenants.models import Covenant
from governance.frame.admin import ScopedModelAdmin, object_button


@admin.register(Covenant)
class CovenantAdmin(ScopedModelAdmin):
    view_action = Action.COUNCIL_VIEW
    list_display = ["title", "unit", "kind", "topic", "made_at"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    search_fields = ["title"]
    search_help_text = "按名称查找"
    fields = ["title", "unit", "kind", "topic", ("made_by", "made_at")]
    list_select_related = ["unit"]
    actions_detail = ["page"]

    @object_button(Action.COUNCIL_VIEW, "条款和版本", "history_edu")
    def page(self, request: UserRequest, covenant: Covenant) -> HttpResponseBase:
        return redirect("councils:covenant-detail", pk=covenant.pk)
