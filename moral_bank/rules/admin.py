"""Staff pages of the points rules: drafts are edited, adopted versions only copied (mission M22)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Max, Model, QuerySet
from django.http import HttpResponseBase
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ReadOnlyInline, ScopedInline, ScopedModelAdmin, object_button
from governance.frame.admin_forms import day_field
from governance.frame.admin_lists import count_of
from governance.frame.saving import save_by
from moral_bank.rules.exports import DEEDS
from moral_bank.rules.models import DEED_FIELDS, Deed, RuleHead, RuleSet
from moral_bank.rules.services import SETTINGS, Meeting, RuleError, rule_set_adopt, rule_set_copy
from villages.models import Unit

ADOPTED = ("meeting_on", "meeting_body", "meeting_note", "adopted_at", "adopted_by")


def _is_draft(rule_set: RuleSet) -> bool:
    return rule_set.state == RuleSet.State.DRAFT


class DraftInline(ScopedInline):
    """Lines of a version; those of an adopted one are only looked at."""

    def has_add_permission(self, request: UserRequest, obj: RuleSet | None = None) -> bool:
        return obj is None or _is_draft(obj)

    has_change_permission = has_delete_permission = has_add_permission


class HeadInline(DraftInline):
    model = RuleHead
    max_num = 5


class DeedInline(ReadOnlyInline):
    model = Deed
    fields = ["code", "opening", "head", "unit", "score", "score_high", "points", "verifier", "is_veto"]


class MeetingForm(forms.Form):
    """The record of the meeting that adopts a version."""

    on = day_field("通过日期")
    body = forms.CharField(label="通过的会议", max_length=60, widget=UnfoldAdminTextInputWidget)
    note = forms.CharField(label="会议记录摘要", max_length=300, widget=UnfoldAdminTextareaWidget)


class ValidFromForm(forms.Form):
    """From when a new version shall count."""

    valid_from = day_field("施行日期")


@admin.register(RuleSet)
class RuleSetAdmin(ScopedModelAdmin):
    view_action = Action.RULE_VIEW
    add_action = change_action = delete_action = Action.RULE_EDIT
    list_display = ["__str__", "township", "version", "valid_from", "state", "deed_count", "adopted_at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    actions_detail = ["copy", "adopt"]

    def get_queryset(self, request: UserRequest) -> QuerySet[RuleSet]:
        rows: QuerySet[RuleSet] = super().get_queryset(request)
        return rows.select_related("township").annotate(deed_total=count_of(Deed.objects.all(), "rule_set"))

    def has_change_permission(self, request: UserRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and (not isinstance(obj, RuleSet) or _is_draft(obj))

    def has_delete_permission(self, request: UserRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (not isinstance(obj, RuleSet) or _is_draft(obj))

    def get_fields(self, request: UserRequest, obj: RuleSet | None = None) -> list[str]:
        stars = list(SETTINGS)
        if obj is None:
            return ["township", "name", "valid_from", *stars]
        return ["township", "version", "state", "name", "valid_from", *stars, *ADOPTED]

    def get_readonly_fields(self, request: UserRequest, obj: RuleSet | None = None) -> list[str]:
        return ["township", "version", "state", *ADOPTED] if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        if db_field.name == "township":
            visible = Unit.objects.visible_to(request.user, Action.RULE_EDIT)
            kwargs["queryset"] = visible.filter(level=Unit.Level.TOWNSHIP)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_inlines(self, request: UserRequest, obj: RuleSet | None) -> list[Any]:
        return [HeadInline, DeedInline] if obj else [HeadInline]

    @admin.display(description="事项数", ordering="deed_total")
    def deed_count(self, rule_set: Any) -> int:
        total: int = rule_set.deed_total
        return total

    def add_through(self, request: UserRequest, form: forms.ModelForm[RuleSet]) -> RuleSet:
        row = form.instance
        last = RuleSet.objects.filter(township=row.township).aggregate(last=Max("version"))["last"]
        row.version = (last or 0) + 1
        save_by(row, request.user, RuleError)
        return row

    def change_through(self, request: UserRequest, row: RuleSet, form: forms.ModelForm[RuleSet]) -> None:
        save_by(row, request.user, RuleError)

    @object_button(Action.RULE_EDIT, "复制为新版本", "content_copy")
    def copy(self, request: UserRequest, rule_set: RuleSet) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            draft = rule_set_copy(rule_set=rule_set, valid_from=cleaned["valid_from"], by=request.user)
            return f"已复制为{draft}（草稿），请在列表中打开修改。"

        return self.ask(request, rule_set, f"复制{rule_set}为新版本", run, ValidFromForm(request.POST or None))

    @object_button(Action.RULE_EDIT, "施行", "gavel", when=_is_draft)
    def adopt(self, request: UserRequest, rule_set: RuleSet) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            rule_set_adopt(rule_set=rule_set, meeting=Meeting(**cleaned), by=request.user)
            return f"已施行，自 {rule_set.valid_from:%Y-%m-%d} 起计分，此后不能修改。"

        return self.ask(request, rule_set, f"施行{rule_set}（施行后不能再修改）", run, MeetingForm(request.POST or None))


class RuleSetFilter(DropdownFilter):
    """Deeds of one version."""

    title = "细则版本"
    parameter_name = "rule_set"

    def lookups(self, request: UserRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(row.pk), str(row)) for row in RuleSet.objects.visible_to(request.user)]

    def queryset(self, request: UserRequest, queryset: QuerySet[Deed]) -> QuerySet[Deed]:
        chosen = self.value()
        return queryset.filter(rule_set=chosen) if chosen and chosen.isdecimal() else queryset


@admin.register(Deed)
class DeedAdmin(ScopedModelAdmin):
    view_action = Action.RULE_VIEW
    add_action = change_action = delete_action = Action.RULE_EDIT
    ledger = DEEDS
    list_display = ["code", "name", "head", "points_text", "points", "unit", "verifier", "veto", "rule_set"]
    list_filter = [
        RuleSetFilter,
        ("head", ChoicesDropdownFilter),
        ("verifier", ChoicesDropdownFilter),
        ("is_veto", admin.BooleanFieldListFilter),
    ]
    list_select_related = ["rule_set"]
    search_fields = ["code", "name"]
    search_help_text = "按编号或事项查找"
    fields = ["rule_set", *DEED_FIELDS]

    def get_queryset(self, request: UserRequest) -> QuerySet[Deed]:
        return super().get_queryset(request).select_related("rule_set")

    def has_change_permission(self, request: UserRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and (not isinstance(obj, Deed) or _is_draft(obj.rule_set))

    def has_delete_permission(self, request: UserRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (not isinstance(obj, Deed) or _is_draft(obj.rule_set))

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        if db_field.name == "rule_set":
            visible = RuleSet.objects.visible_to(request.user, Action.RULE_EDIT)
            kwargs["queryset"] = visible.filter(state=RuleSet.State.DRAFT)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="一票否决", ordering="is_veto")
    def veto(self, deed: Deed) -> str:
        return "是" if deed.is_veto else "—"

    @admin.display(description="评分")
    def points_text(self, deed: Deed) -> str:
        return f"{deed.score:+d} 至 {deed.score_high:+d}" if deed.score_high is not None else f"{deed.score:+d}"

    def add_through(self, request: UserRequest, form: forms.ModelForm[Deed]) -> Deed:
        save_by(form.instance, request.user, RuleError)
        return form.instance

    def change_through(self, request: UserRequest, row: Deed, form: forms.ModelForm[Deed]) -> None:
        save_by(row, request.user, RuleError)
