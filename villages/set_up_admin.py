"""Staff pages of what a township is set up with, and the button that adds what is missing of the list that ships with the portal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path

from governance.accounts.decorators import UserRequest
from governance.errors import DomainError
from governance.frame.admin import ScopedModelAdmin
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Unit


class SetUpAdmin(ScopedModelAdmin):
    """Rows of one township. `error`: what a refused rule is raised as; `set_up`: the service that adds what is missing (`township`, `by`)
    and returns how many rows, `set_up_label` its button, `set_up_words` what is told afterwards."""

    error: type[DomainError]
    set_up: Callable[..., int] | None = None
    set_up_label = set_up_words = ""

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        if db_field.name == "township":
            kwargs["queryset"] = self._townships(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: UserRequest, obj: Model | None = None) -> list[str]:
        return [name for name in ("township", "code") if obj is not None and hasattr(obj, name)]

    def add_through(self, request: UserRequest, form: forms.ModelForm[Model]) -> Model:
        save_by(form.instance, request.user, self.error)
        return form.instance

    def change_through(self, request: UserRequest, row: Any, form: forms.ModelForm[Any]) -> None:
        save_by(row, request.user, self.error)

    def get_urls(self) -> list[URLPattern]:
        if self.set_up is None:
            return super().get_urls()
        name = f"{self.opts.app_label}_{self.opts.model_name}_set_up"
        return [path("set-up/", self.admin_site.admin_view(self.set_up_view), name=name), *super().get_urls()]

    def set_up_view(self, request: UserRequest) -> HttpResponseBase:
        """Add what is missing at every township where this user may."""
        if request.method != "POST" or self.set_up is None or not self.has_add_permission(request):
            raise Http404
        added = sum(self.set_up(township=township, by=request.user) for township in self._townships(request))
        messages.success(request, self.set_up_words.format(added=added))
        return redirect(self.address("changelist"))

    def changelist_view(self, request: UserRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        offered = self.set_up is not None and self.has_add_permission(request)
        context = {"set_up_url": self.address("set_up") if offered else "", "set_up_label": self.set_up_label, **(extra_context or {})}
        return super().changelist_view(request, context)

    def _townships(self, request: UserRequest) -> Any:
        return Unit.objects.visible_to(request.user, self.add_action).on(today()).filter(level=Unit.Level.TOWNSHIP)
