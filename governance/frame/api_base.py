"""What every API endpoint shares: scope, duties, one-use keys and errors in Chinese."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import ValidationError as ModelValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler
from rest_framework.viewsets import GenericViewSet

from governance.accounts.used_keys import UsedKey, key_taken
from governance.errors import DomainError
from governance.frame.input_errors import refusal_of
from governance.frame.once import digest_of

HEADER = "Idempotency-Key"
OTHER = "这个提交号已经用过，这次的内容与上次不同。要另外登记，请换一个提交号。"


class UserRequest(Request):
    """Somebody is known by session or token."""

    user: Any


class HasDuty(BasePermission):
    """Who may not do the endpoint's action anywhere gets 404, as a stranger does on a page."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if view.action is None:
            raise MethodNotAllowed(request.method)
        if not request.user.may(view.action_needed()):
            raise Http404
        return True


class Repeated(Exception):
    """A request whose key was used: it is answered by `response`, and nothing is done."""

    def __init__(self, used: UsedKey, digest: str) -> None:
        self.response: HttpResponse = JsonResponse({"detail": OTHER, "code": "key"}, status=422)
        if used.digest == digest:
            repeated = {"Idempotent-Replayed": "true"}
            self.response = HttpResponse(used.text, status=used.status, content_type="application/json", headers=repeated)


class ScopedViewSet(GenericViewSet[Any]):
    """Rows start from `visible_to`. `needs`: name of the view's action → Action; the model's own, if absent.

    A POST with an `Idempotency-Key` is done once for its user, in one transaction; who is refused gets no earlier answer.
    """

    permission_classes = [IsAuthenticated, HasDuty]
    queryset: Any = None
    needs: dict[str, Any] = {}
    used: UsedKey | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" or HEADER not in request.headers:
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            response: Any = super().dispatch(request, *args, **kwargs)
            if self.used is not None and response.status_code < 300:
                self.used.settle(response.status_code, response.render().content.decode())
            elif self.used is not None:
                self.used.delete()
        return cast("HttpResponseBase", response)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and (key := request.headers.get(HEADER)):
            digest = digest_of(request._request)
            used = key_taken(user_id=request.user.pk, key=key, digest=digest)
            if used.status is not None:
                raise Repeated(used, digest)
            self.used = used

    def handle_exception(self, exc: Exception) -> Any:
        return exc.response if isinstance(exc, Repeated) else super().handle_exception(exc)

    def action_needed(self) -> Any:
        return self.needs.get(self.action) or self.queryset.model.view_action

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        visible: QuerySet[Any] = cast("Any", rows).visible_to(self.request.user, self.action_needed())
        return visible


def errors_in_chinese(error: Exception, context: dict[str, Any]) -> Response | None:
    """A broken rule of the house answers 400 with its Chinese message and code, and so does what the model or the database refused."""
    if isinstance(error, (ModelValidationError, IntegrityError)):
        error = refusal_of(error)
    if isinstance(error, DomainError):
        error = ValidationError({"detail": error.message, "code": error.code})
    return exception_handler(error, context)
