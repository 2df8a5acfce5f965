"""What every API endpoint shares: scope, duties and errors in Chinese."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler
from rest_framework.viewsets import GenericViewSet

from governance.errors import DomainError


class UserRequest(Request):
    """Somebody is known by session or token."""

    user: Any


class HasDuty(BasePermission):
    """Who may not do the endpoint's action anywhere gets 404, as a stranger does on a page."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if not request.user.may(view.action_needed()):
            raise Http404
        return True


class ScopedViewSet(GenericViewSet[Any]):
    """Rows start from `visible_to`. `needs`: name of the view's action → Action; the model's own, if absent."""

    permission_classes = [IsAuthenticated, HasDuty]
    queryset: Any = None
    needs: dict[str, Any] = {}

    def action_needed(self) -> Any:
        return self.needs.get(self.action) or self.queryset.model.view_action

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        visible: QuerySet[Any] = cast("Any", rows).visible_to(self.request.user, self.action_needed())
        return visible


def errors_in_chinese(error: Exception, context: dict[str, Any]) -> Response | None:
    """A broken rule of the house answers 400 with its Chinese message and code."""
    if isinstance(error, DomainError):
        error = ValidationError({"detail": error.message, "code": error.code})
    return exception_handler(error, context)
