"""What every staff page shares: rows by scope, rights by duty, buttons that call services, counts that do not grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from simple_history.admin import SimpleHistoryAdmin
from simple_history.models import ModelChange
from simple_history.template_utils import HistoricalRecordContextHelper
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from governance.accounts.admin_site import FoundByKey
from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.admin_forms import QuestionForm, ServiceForm
from governance.frame.admin_lists import HouseChangeList
from governance.frame.exports import Ledger, ledger_response
from governance.frame.filters import words_of
from governance.frame.input_errors import refusal_of
from governance.frame.lists import filter_refused
from governance.frame.paging import CappedPaginator
from governance.reading import key_of
from governance.sealed import in_order

UNUSED_SCRIPTS = ("urlify.js", "prepopulate.js", "xregexp.js", "xregexp.min.js")


class _HistoryHelper(HistoricalRecordContextHelper):
    """Changes in words: choices by their labels, nothing for what is empty."""

    def prepare_delta_change_value(self, change: ModelChange, value: Any) -> Any:
        if value is None:
            return ""
        labels = dict(self.model._meta.get_field(change.field).flatchoices)
        return labels.get(value) or super().prepare_delta_change_value(change, value)


def object_button(
    needed: Action | None, label: str, icon: str, when: Callable[[Any], bool] | None = None
) -> Callable[[Callable[..., HttpResponseBase]], Any]:
    """A button above one object, shown to those who may do `needed` (what the page itself needs, where None) and `when` it
    makes sense; others get 404."""

    def decorate(method: Callable[..., HttpResponseBase]) -> Any:
        @wraps(method)
        def pressed(self: ScopedModelAdmin, request: UserRequest, object_id: str) -> HttpResponseBase:
            row = self.get_object_or_404(request, object_id, needed)
            return method(self, request, row)

        button = action(description=label, icon=icon)(pressed)
        button.needed, button.when = needed, when
        return button

    return decorate


class SoughtSelect(AutocompleteSelect):
    """A row that is sought by words; what an address or a form brings that can be no key is none."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if key_of(str(one))], attr)


class VisibleChoices:
    """Foreign keys offer visible rows only, and no windows to edit them in."""

    def formfield_for_dbfield(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        manager = db_field.remote_field.model._default_manager
        if "queryset" not in kwargs and hasattr(manager, "visible_to"):
            kwargs["queryset"] = manager.visible_to(request.user)
        if db_field.name in cast("Any", self).get_autocomplete_fields(request):
            kwargs["widget"] = SoughtSelect(db_field, cast("Any", self).admin_site)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        if label := getattr(db_field.remote_field.model, "choice_label", None):
            field.label_from_instance = label
        return field


class ScopedModelAdmin(FoundByKey, VisibleChoices, SimpleHistoryAdmin, ModelAdmin):
    """Rows start from `visible_to`; each right is an Action or, where None, nobody's; what is not visible is 404.

    `add_through` and `change_through` call services; a refused service shows its message on the form.
    """

    view_action: Action
    add_action: Action | None = None
    change_action: Action | None = None
    delete_action: Action | None = None
    ledger: Ledger | None = None

    form = ServiceForm
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    actions: Any = None
    save_as = False

    @property
    def media(self) -> forms.Media:
        """Without what fills in slugs, of which there are none: a third of the scripts."""
        needed = super().media
        scripts = [path for path in needed._js if not str(path).endswith(UNUSED_SCRIPTS)]
        return forms.Media(css=needed._css, js=scripts)

    def get_changelist(self, request: UserRequest, **kwargs: Any) -> type[HouseChangeList]:
        return HouseChangeList

    # --- scope and rights ---------------------------------------------------------------------------------------

    def get_queryset(self, request: UserRequest) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = cast("Any", self.model)._default_manager.visible_to(request.user)
        return rows.order_by(*(self.get_ordering(request) or self.opts.ordering))

    def get_search_results(
        self, request: UserRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Words as an import would read them; what cannot be looked for finds nothing."""
        words = words_of(search_term)
        rows, repeats = super().get_search_results(request, queryset, words)
        return (rows.none() if search_term and not words else rows), repeats

    def get_sortable_by(self, request: UserRequest) -> list[str]:
        return in_order(self.model, super().get_sortable_by(request))

    def get_object_or_404(self, request: UserRequest, object_id: str, needed: Action | None = None) -> Any:
        """The row if it may be seen and, if given, `needed` be done on it."""
        row = self.get_object(request, object_id)
        if row is None or not self._may(request, needed or self.view_action, row):
            raise Http404
        return row

    def _may(self, request: UserRequest, needed: Action | None, row: models.Model | None = None) -> bool:
        if needed is None or not request.user.is_authenticated:
            return False
        if row is None or row.pk is None:
            return request.user.may(needed)
        rows: models.QuerySet[Any] = cast("Any", self.model)._default_manager.visible_to(request.user, needed)
        return rows.filter(pk=row.pk).exists()

    def has_view_permission(self, request: UserRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, self.view_action)

    def has_add_permission(self, request: UserRequest) -> bool:
        return self._may(request, self.add_action)

    def has_change_permission(self, request: UserRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, self.change_action, obj)

    def has_delete_permission(self, request: UserRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, self.delete_action, obj)

    def has_module_permission(self, request: UserRequest) -> bool:
        return self.has_view_permission(request)

    # --- saving through services --------------------------------------------------------------------------------

    def add_through(self, request: UserRequest, form: forms.ModelForm[Any]) -> models.Model:
        """Call the service that makes a row; a model without one has no `add_action` and answers 404."""
        raise Http404

    def change_through(self, request: UserRequest, row: Any, form: forms.ModelForm[Any]) -> None:
        """Call the service that changes a row; a model without one has no `change_action` and answers 404."""
        raise Http404

    def save_model(self, request: UserRequest, obj: models.Model, form: forms.ModelForm[Any], change: bool) -> None:
        if change:
            self.change_through(request, obj, form)
        else:
            obj.__dict__.update(self.add_through(request, form).__dict__)  # the page goes on with the row as saved

    def save_related(self, request: UserRequest, form: Any, formsets: Any, change: bool) -> None:
        for formset in formsets:
            self.save_formset(request, form, formset, change=change)

    def get_form(self, request: UserRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refused = getattr(request, "refused", "")
        return form

    def changeform_view(self, request: UserRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            with transaction.atomic():
                return super().changeform_view(request, *args, **kwargs)
        except (DomainError, ValidationError, IntegrityError) as error:
            refusal = error if isinstance(error, DomainError) else refusal_of(error)
            cast("Any", request).refused = refusal.message
            return super().changeform_view(request, *args, **kwargs)

    # --- buttons --------------------------------------------------------------------------------------------------

    def button_for(self, button: Any, row: Any) -> Any:
        """The button as a row's page shows it."""
        return button

    def get_actions_detail(self, request: UserRequest, object_id: Any) -> list[Any]:
        row = self.get_object(request, str(object_id))
        return [
            self.button_for(button, row)
            for button in super().get_actions_detail(request, object_id)
            if row is not None
            and (button.method.when is None or button.method.when(row))
            and self._may(request, button.method.needed or self.view_action, row)
        ]

    def ask(
        self,
        request: UserRequest,
        row: models.Model,
        title: str,
        run: Callable[[dict[str, Any]], str],
        form: forms.Form | None = None,
        button: str = "",
    ) -> HttpResponseBase:
        """A page with `form` (or a mere question); on sending, `run(cleaned_data)` gives the message of success, "" where the next
        page says it."""
        form = form or QuestionForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    said = run(form.cleaned_data)
            except DomainError as error:
                form.add_error(None, error.message)
            except (ValidationError, IntegrityError) as error:
                form.add_error(None, refusal_of(error).message)
            else:
                if said:
                    messages.success(request, said)
                return redirect(self.address("change", row.pk))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": title,
            "form": form,
            "button": button,
            "media": self.media + form.media,
            "back": self.address("change", row.pk),
        }
        return TemplateResponse(request, "admin/ask.html", context)

    def address(self, view: str, *args: Any, query: QueryDict | None = None) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{view}", args=args, query=query)

    # --- export ---------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    def export_view(self, request: UserRequest) -> HttpResponseBase:
        """The filtered list in the official columns."""
        if self.ledger is None or not self.has_view_permission(request):
            raise Http404
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return filter_refused(request, self.address("changelist"))
        try:
            return ledger_response(self.ledger, self.exportable(request, rows), request=request)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect(self.address("changelist", query=request.GET))

    def exportable(self, request: UserRequest, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The rows of a list at places where this user may export as well as see."""
        may_export = cast("Any", self.model)._default_manager.visible_to(request.user, Action.EXPORT)
        return rows.filter(pk__in=may_export.order_by().values("pk"))

    def changelist_view(self, request: UserRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        export = ""
        if self.ledger is not None and self._may(request, Action.EXPORT):
            export = self.address("export", query=request.GET)
        page: HttpResponse = super().changelist_view(request, {"export_url": export, **(extra_context or {})})
        return page

    # --- history --------------------------------------------------------------------------------------------------

    def history_view(self, request: UserRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        self.get_object_or_404(request, object_id)
        if not hasattr(self.model, "history"):
            raise Http404
        page: HttpResponse = super().history_view(request, object_id, {"admin_user_view": "", **(extra_context or {})})
        return page

    def history_form_view(
        self, request: UserRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> Any:
        """A former version, to read; going back to it would pass the services by."""
        self.get_object_or_404(request, object_id)
        if request.method != "GET" or not hasattr(self.model, "history") or not key_of(version_id):
            raise Http404
        return super().history_form_view(request, object_id, version_id, extra_context)

    def render_change_form(self, request: UserRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        shown = {**context, "show_history": hasattr(self.model, "history")}
        return super().render_change_form(request, shown, *args, **kwargs)

    def revert_disabled(self, request: UserRequest, obj: Any = None) -> bool:
        return True

    def set_history_delta_changes(self, request: UserRequest, historical_records: Any, **kwargs: Any) -> None:
        """Also says nothing, instead of None, where no reason was given."""
        super().set_history_delta_changes(request, historical_records, **kwargs)
        for record in historical_records:
            record.history_change_reason = record.history_change_reason or ""

    def get_historical_record_context_helper(self, request: UserRequest, historical_record: Any) -> Any:
        return _HistoryHelper(self.model, historical_record)


class ScopedInline(VisibleChoices, TabularInline):
    """Rows below an object; who may change the object may change them."""

    extra = 0

    def has_view_permission(self, request: UserRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: UserRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: UserRequest, obj: Any = None) -> bool:
        return True

    def has_delete_permission(self, request: UserRequest, obj: Any = None) -> bool:
        return True


class ReadOnlyInline(TabularInline):
    """Rows below an object, to look at; `opening` names each and leads to where it is changed."""

    extra = 0
    can_delete = False
    hide_title = True
    readonly_fields = ["opening"]

    @admin.display(description="名称")
    def opening(self, row: models.Model) -> str:
        address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        return format_html('<a href="{}" class="house-link">{}</a>', address, row)

    def has_view_permission(self, request: UserRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: UserRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: UserRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: UserRequest, obj: Any = None) -> bool:
        return False
