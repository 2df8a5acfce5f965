"""Staff pages of the calendar: single days, and a whole year from the State Council's announcement (design §3)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.admin import ScopedModelAdmin
from governance.frame.saving import save_by
from governance.periods import today
from villages.calendar.models import keeps_the_county
from villages.calendar.services import CalendarError, calendar_year_load, place_of, townships_kept_by
from villages.models import CalendarDay, Unit


class YearForm(forms.Form):
    """A year and its days: the county's, or those of a township over them."""

    township = forms.ModelChoiceField(Unit.objects.none(), label="乡镇", required=False, empty_label="全县", widget=UnfoldAdminSelectWidget)
    year = forms.IntegerField(label="年份", min_value=2024, max_value=2100, widget=UnfoldAdminTextInputWidget)
    file = forms.FileField(
        label="放假安排（xlsx 或 csv）",
        help_text="三列：日期、名称、类型（休或班）；上传后这一年原有的日子全部换掉",
        widget=UnfoldAdminFileFieldWidget,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_place(self, user)


def _choose_place(form: forms.BaseForm, user: User) -> None:
    """Who keeps the county may leave the township out, who keeps one alone is not asked."""
    field: Any = form.fields["township"]
    field.queryset = townships_kept_by(user)
    if not keeps_the_county(user):
        field.empty_label = None
        field.initial = field.queryset.first()


@admin.register(CalendarDay)
class CalendarDayAdmin(ScopedModelAdmin):
    view_action = Action.UNIT_VIEW
    add_action = change_action = delete_action = Action.CALENDAR_EDIT
    list_display = ["day", "name", "kind", "place"]
    list_select_related = ["township"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    date_hierarchy = "day"
    fields = ["township", "day", "name", "kind"]

    @admin.display(description="范围", ordering="township")
    def place(self, row: CalendarDay) -> str:
        return str(row.township or "全县")

    def get_readonly_fields(self, request: UserRequest, obj: CalendarDay | None = None) -> list[str]:
        """A day stays whose it is."""
        return ["township"] if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        if db_field.name == "township":
            kwargs |= {"queryset": townships_kept_by(request.user), "empty_label": "全县"}
            if not keeps_the_county(request.user):
                kwargs |= {"empty_label": None, "initial": kwargs["queryset"].first()}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def add_through(self, request: UserRequest, form: forms.ModelForm[CalendarDay]) -> CalendarDay:
        form.instance.township = place_of(request.user, form.instance.township)
        save_by(form.instance, request.user, CalendarError)
        return form.instance

    def change_through(self, request: UserRequest, row: CalendarDay, form: forms.ModelForm[CalendarDay]) -> None:
        save_by(row, request.user, CalendarError)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.load_view)
        return [path("load/", view, name="villages_calendarday_load"), *super().get_urls()]

    def load_view(self, request: UserRequest) -> HttpResponseBase:
        """Upload a year; what is wrong is said cell by cell and changes nothing."""
        if not self.has_add_permission(request):
            raise Http404
        sent = request.method == "POST"
        form = YearForm(
            request.POST if sent else None, request.FILES if sent else None, initial={"year": today().year + 1}, user=request.user
        )
        if sent and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                read = form.cleaned_data
                count = calendar_year_load(
                    year=read["year"], file=file, filename=file.name, by=request.user, township=read["township"]
                )
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, f"已装入 {form.cleaned_data['year']} 年的 {count} 天。")
                return redirect(self.address("changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": "节假日与调休",
            "title": "上传一年的放假安排",
            "form": form,
            "media": self.media + form.media,
            "back": self.address("changelist"),
        }
        return TemplateResponse(request, "admin/ask.html", context)

    def changelist_view(self, request: UserRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        load = self.address("load") if self.has_add_permission(request) else ""
        return super().changelist_view(request, {"load_url": load, **(extra_context or {})})
