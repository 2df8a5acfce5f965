"""What the staff pages of 三员 have in common."""

from __future__ import annotations

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from governance.accounts.admin_site import FoundByKey
from governance.accounts.duties import Action
from governance.sealed import in_order


class GuardsAdmin(FoundByKey, ModelAdmin):
    """A page for one of 三员: everyone else, and a row that is not there, gets 404."""

    action_needed: Action

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_authenticated and request.user.may(self.action_needed)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_sortable_by(self, request: HttpRequest) -> list[str]:
        return in_order(self.model, super().get_sortable_by(request))
