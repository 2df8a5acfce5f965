"""Staff pages of units and of 网格 and 联户 (mission M01)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ScopedInline, ScopedModelAdmin, object_button
from governance.frame.admin_forms import ServiceForm
from governance.frame.admin_lists import count_of
from governance.frame.saving import save_by
from governance.generics import ModelForm
from governance.periods import today
from villages.admin_lists import village_filter
from villages.models import Household, Overlay, OverlayMember, Unit, UnitQuerySet
from villages.posts.exports import OVERLAYS, UNITS
from villages.units.forms import MergeForm, SplitForm
from villages.units.services import UnitError, unit_create, unit_split, units_merge


class UnitForm(ServiceForm):
    """Below a village the code is given by the portal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "code" in self.fields:
            self.fields["code"].required = False
            self.fields["code"].help_text = "村（社区）填 12 位区划代码；组、聚居点留空，自动编码"
            self.fields["parent"].required = True
            self.fields["parent"].help_text = "乡镇只能由在县里任“镇工作人员”的人新增；本镇的工作人员新增村、组和聚居点"


class StandingFilter(DropdownFilter):
    """Standing units, or those that were merged or split."""

    title = "现状"
    parameter_name = "standing"

    def lookups(self, request: UserRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "现有"), ("no", "已撤销")]

    def queryset(self, request: UserRequest, queryset: UnitQuerySet) -> UnitQuerySet:
        if self.value() == "yes":
            return queryset.on(today())
        return queryset.exclude(valid_to=None).filter(valid_to__lte=today()) if self.value() == "no" else queryset


class BelowFilter(DropdownFilter):
    """Everything in one village."""

    title = "村（社区）"
    parameter_name = "village"

    def lookups(self, request: UserRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(unit.path, str(unit)) for unit in Unit.objects.visible_to(request.user).villages()]

    def queryset(self, request: UserRequest, queryset: QuerySet[Unit]) -> QuerySet[Unit]:
        return queryset.filter(path__startswith=self.value()) if self.value() else queryset


def _stands(unit: Unit) -> bool:
    return unit.valid_to is None and unit.level in (Unit.Level.VILLAGE, Unit.Level.GROUP, Unit.Level.SETTLEMENT)


@admin.register(Unit)
class UnitAdmin(ScopedModelAdmin):
    view_action = Action.UNIT_VIEW
    add_action = change_action = Action.UNIT_EDIT
    ledger = UNITS
    form = UnitForm
    list_display = ["tree_name", "level", "code", "key_area", "household_count", "valid_from", "valid_to"]
    list_filter = [
        ("level", ChoicesDropdownFilter),
        ("key_area", ChoicesDropdownFilter),
        BelowFilter,
        StandingFilter,
    ]
    list_select_related = ["parent__parent"]
    search_fields = ["name", "code"]
    search_help_text = "按名称或代码查找"
    ordering = ["path"]
    fields = ["parent", "level", "name", "code", "key_area", "valid_from"]
    autocomplete_fields = ["parent"]
    actions_detail = ["merge", "split"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Unit]:
        living = count_of(Household.objects.filter(ended_on=None), "unit")
        rows: QuerySet[Unit] = super().get_queryset(request)
        return rows.select_related("parent__parent").annotate(household_total=living)

    def get_readonly_fields(self, request: UserRequest, obj: Unit | None = None) -> list[str]:
        return ["parent", "level", "code", "valid_from", "valid_to"] if obj else []

    def get_fields(self, request: UserRequest, obj: Unit | None = None) -> list[str]:
        return [*self.fields, "valid_to"] if obj else list(self.fields)

    def choice_label(self, unit: Unit) -> str:
        return unit.choice_label()

    @admin.display(description="名称", ordering="path")
    def tree_name(self, unit: Unit) -> str:
        return "　" * max(0, unit.path.count("/") - 2) + str(unit)

    @admin.display(description="户数（直属）", ordering="household_total")
    def household_count(self, unit: Any) -> int:
        total: int = unit.household_total
        return total

    def changelist_view(self, request: UserRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        links = {}
        if self.has_add_permission(request):
            links = {"import_url": reverse("villages:unit-load"), "import_label": "导入单位名单"}
        return super().changelist_view(request, {**links, **(extra_context or {})})

    def add_through(self, request: UserRequest, form: forms.ModelForm[Unit]) -> Unit:
        given = {name: form.cleaned_data[name] for name in self.fields}
        return unit_create(**given, by=request.user)

    def change_through(self, request: UserRequest, row: Unit, form: forms.ModelForm[Unit]) -> None:
        save_by(row, request.user, UnitError, ["name", "key_area"])

    @object_button(Action.UNIT_EDIT, "撤并", "merge", when=_stands)
    def merge(self, request: UserRequest, unit: Unit) -> HttpResponseBase:
        form = MergeForm(request.POST or None, unit=unit, user=request.user)

        def run(given: dict[str, Any]) -> str:
            successor = units_merge(sources=[unit, *given["others"]], into=form.into(), on=given["on"], by=request.user)
            return f"已并入{successor}，户和职务已随之办理。"

        return self.ask(request, unit, f"撤并{unit}", run, form)

    @object_button(Action.UNIT_EDIT, "拆分", "call_split", when=_stands)
    def split(self, request: UserRequest, unit: Unit) -> HttpResponseBase:
        form = SplitForm(request.POST or None, unit=unit)

        def run(given: dict[str, Any]) -> str:
            made = unit_split(source=unit, parts=form.parts(), on=given["on"], by=request.user)
            return f"已拆分为{'、'.join(map(str, made))}。"

        return self.ask(request, unit, f"拆分{unit}", run, form)


class MemberForm(ModelForm):
    """Knows the kind of its overlay, so that the rule of one membership per kind is checked before saving."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        overlay = self.cleaned_data.get("overlay")  # of a tampered row nothing
        self.instance.kind = overlay.kind if overlay else ""
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"kind"}


class MemberInline(ScopedInline):
    model = OverlayMember
    form = MemberForm
    autocomplete_fields = ["household"]


@admin.register(Overlay)
class OverlayAdmin(ScopedModelAdmin):
    view_action = Action.UNIT_VIEW
    add_action = change_action = delete_action = Action.UNIT_EDIT
    ledger = OVERLAYS
    list_display = ["name", "kind", "village", "member_count"]
    list_filter = [("kind", ChoicesDropdownFilter), village_filter("village")]
    list_select_related = ["village"]
    search_fields = ["name"]
    search_help_text = "按名称查找"
    fields = ["village", "kind", "name"]
    inlines = [MemberInline]

    def get_queryset(self, request: UserRequest) -> QuerySet[Overlay]:
        rows: QuerySet[Overlay] = super().get_queryset(request)
        return rows.select_related("village").annotate(member_total=count_of(OverlayMember.objects.all(), "overlay"))

    def get_readonly_fields(self, request: UserRequest, obj: Overlay | None = None) -> list[str]:
        return ["kind"] if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = Unit.objects.visible_to(request.user, Action.UNIT_EDIT).villages().on(today())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="户数", ordering="member_total")
    def member_count(self, overlay: Any) -> int:
        total: int = overlay.member_total
        return total

    def add_through(self, request: UserRequest, form: forms.ModelForm[Overlay]) -> Overlay:
        save_by(form.instance, request.user, UnitError)
        return form.instance

    def change_through(self, request: UserRequest, row: Overlay, form: forms.ModelForm[Overlay]) -> None:
        save_by(row, request.user, UnitError)
