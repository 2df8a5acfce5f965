"""The admin's door: our login page for the anonymous, 404 for those who have no business there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import Any, NoReturn

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from unfold.sites import UnfoldAdminSite

from governance.accounts.duties import Action
from governance.reading import text_asked

FOREIGN = ("auth", "authtoken")


class LabelledChoices(AutocompleteJsonView):
    """Search of a choice field; an admin class may say by `choice_label` how its rows are told apart."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        label = getattr(self.model_admin, "choice_label", str)
        return {"id": str(getattr(obj, to_field_name)), "text": label(obj)}


class FoundByKey:
    """A row of the admin is found by its key alone, whatever `_to_field` says; one that is not there is 404."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return super().get_object(request, object_id)  # type: ignore[misc]

    def _get_obj_does_not_exist_redirect(self, *args: Any) -> NoReturn:
        raise Http404


class HouseAdminSite(UnfoldAdminSite):
    """Django's admin with the house's rights; installed as the default site, so `@admin.register` is all it takes."""

    final_catch_all_view = False
    index_title = "管理"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Pages of the house alone: those that other packages bring know neither scope nor duties."""
        models = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        own = [model for model in models if model._meta.app_label not in FOREIGN]
        super().register(own, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.may(Action.ADMIN_ENTER)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise Http404
            try:
                page: HttpResponseBase = guarded(request, *args, **kwargs)
            except PermissionDenied as denial:
                raise Http404 from denial
            return page

        return inner

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        return LabelledChoices.as_view(admin_site=self)(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect_to_login(text_asked(request, "next") or request.get_full_path())

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("accounts:password")
