"""Staff pages of households and residents (mission M01)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ReadOnlyInline, ScopedModelAdmin, object_button
from governance.frame.admin_forms import DayForm, ServiceForm, day_field
from governance.frame.admin_lists import count_of
from governance.frame.filters import searched
from governance.frame.pinyin import name_q
from governance.periods import today
from governance.privacy import mask_id_number
from villages.admin_lists import village_filter
from villages.households.exports import HOUSEHOLD_ROSTER, ROSTER
from villages.households.lists import home_named
from villages.households.searching import residents_by_number
from villages.households.services import (
    HouseholdError,
    household_create,
    household_end,
    household_move,
    household_update,
    resident_add,
    resident_leave,
    resident_reveal,
    resident_update,
)
from villages.models import Household, Resident, Unit
from villages.units.lineage import village_of


class HouseholdForm(ServiceForm):
    """A new household also says where and since when."""

    on = day_field("立户日期")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "number" in self.fields and self.instance.pk is None:
            self.fields["number"].required = False
            self.fields["number"].help_text = "留空自动编号"


class EndedFilter(DropdownFilter):
    """Households that stand, or those struck off."""

    title = "现状"
    parameter_name = "ended"

    def lookups(self, request: UserRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "在册"), ("yes", "已销户")]

    def queryset(self, request: UserRequest, queryset: QuerySet[Household]) -> QuerySet[Household]:
        return queryset.filter(ended_on__isnull=self.value() == "no") if self.value() else queryset


class ResidentInline(ReadOnlyInline):
    model = Resident
    fields = ["opening", "relation", "sex", "birth_date", "phone", "status"]


class MoveForm(DayForm):
    """迁移 within the township."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label="迁往")
    number = forms.CharField(label="新户号", required=False, max_length=30, widget=UnfoldAdminTextInputWidget)
    field_order = ["unit", "number", "on"]


def _stays(household: Household) -> bool:
    return household.ended_on is None


@admin.register(Household)
class HouseholdAdmin(ScopedModelAdmin):
    view_action = Action.HOUSEHOLD_VIEW
    add_action = change_action = Action.HOUSEHOLD_EDIT
    ledger = HOUSEHOLD_ROSTER
    form = HouseholdForm
    list_display = ["head_name", "house_number", "village", "unit", "people", "kind", "ended_on"]
    list_filter = [village_filter("village"), ("kind", ChoicesDropdownFilter), EndedFilter]
    search_fields = ["head_name", "head_pinyin", "number"]
    search_help_text = "按户主姓名、拼音、户号或身份证号查找"
    autocomplete_fields = ["unit"]
    actions_detail = ["add_person", "move", "end", "ledger_page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Household]:
        present = count_of(Resident.objects.present(), "household")
        rows: QuerySet[Household] = super().get_queryset(request)
        return rows.select_related("village", "unit").annotate(person_total=present)

    def get_search_results(self, request: UserRequest, queryset: QuerySet[Household], search_term: str) -> tuple[QuerySet[Household], bool]:
        return searched(queryset, search_term, lambda words: home_named(words, request)), False

    def get_inlines(self, request: UserRequest, obj: Household | None) -> list[Any]:
        return [ResidentInline] if obj else []

    def get_fields(self, request: UserRequest, obj: Household | None = None) -> list[str]:
        if obj is None:
            return ["unit", "number", "head_name", "kind", "address", "on"]
        return ["village", "unit", "number", "head_name", "kind", "address", "ended_on"]

    def get_readonly_fields(self, request: UserRequest, obj: Household | None = None) -> list[str]:
        return ["village", "unit", "ended_on"] if obj else []

    @admin.display(description="户号", ordering="number_key")
    def house_number(self, household: Household) -> str:
        return household.number

    @admin.display(description="人数", ordering="person_total")
    def people(self, household: Any) -> int:
        total: int = household.person_total
        return total

    def add_through(self, request: UserRequest, form: forms.ModelForm[Household]) -> Household:
        cleaned = {name: form.cleaned_data[name] for name in ("unit", "number", "head_name", "kind", "address", "on")}
        village = village_of(cleaned["unit"])
        if village is None:
            raise HouseholdError("请选村（社区）或村以下的单位。", "unit")
        return household_create(village=village, **cleaned, by=request.user)

    def change_through(self, request: UserRequest, row: Household, form: forms.ModelForm[Household]) -> None:
        cleaned = {name: form.cleaned_data[name] for name in ("number", "head_name", "kind", "address")}
        household_update(household=row, **cleaned, by=request.user)

    @object_button(Action.HOUSEHOLD_EDIT, "添加居民", "person_add", when=_stays)
    def add_person(self, request: UserRequest, household: Household) -> HttpResponseBase:
        return redirect(reverse("admin:villages_resident_add", query={"household": household.pk}))

    @object_button(Action.HOUSEHOLD_EDIT, "迁移", "moving", when=_stays)
    def move(self, request: UserRequest, household: Household) -> HttpResponseBase:
        form = MoveForm(request.POST or None)
        standing = Unit.objects.visible_to(request.user, Action.HOUSEHOLD_EDIT).on(today())
        choice: Any = form.fields["unit"]
        choice.queryset = standing.filter(path__startswith=household.village.path.rsplit("/", 2)[0]).select_related(
            "parent__parent"
        )
        choice.label_from_instance = Unit.choice_label

        def run(cleaned: dict[str, Any]) -> str:
            household_move(household=household, **cleaned, by=request.user)
            return f"已迁往{cleaned['unit']}。"

        return self.ask(request, household, f"迁移{household}", run, form)

    @object_button(Action.HOUSEHOLD_EDIT, "销户", "cancel", when=_stays)
    def end(self, request: UserRequest, household: Household) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            household_end(household=household, on=cleaned["on"], by=request.user)
            return "已销户。"

        return self.ask(request, household, f"销户：{household}", run, DayForm(request.POST or None))

    @object_button(Action.ENTRY_VIEW, "台账与评分", "receipt_long")
    def ledger_page(self, request: UserRequest, household: Household) -> HttpResponseBase:
        return redirect(reverse("villages:household-detail", args=[household.pk]))


class ResidentForm(ServiceForm):
    """The ID number is typed anew and never shown; the service checks it and completes sex and birth date."""

    new_id_number = forms.CharField(
        label="身份证号",
        required=False,
        max_length=24,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "new_id_number" in self.fields:
            self.fields["new_id_number"].help_text = "留空不改；填写则校验后替换"


class LeaveForm(DayForm):
    """迁出 or 死亡."""

    status = forms.ChoiceField(
        label="去向",
        choices=[(Resident.Status.MOVED, "迁出"), (Resident.Status.DIED, "死亡")],
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ["status", "on"]


def _present(resident: Resident) -> bool:
    return resident.status == Resident.Status.PRESENT


@admin.register(Resident)
class ResidentAdmin(ScopedModelAdmin):
    view_action = Action.HOUSEHOLD_VIEW
    add_action = change_action = Action.HOUSEHOLD_EDIT
    ledger = ROSTER
    form = ResidentForm
    list_display = ["name", "home", "village", "sex", "birth_date", "masked_number", "phone", "relation", "status"]
    list_filter = [
        village_filter("household__village"),
        ("status", ChoicesDropdownFilter),
        ("sex", ChoicesDropdownFilter),
    ]
    search_fields = ["name", "name_pinyin", "phone__digits", "household__number"]
    search_help_text = "按姓名、拼音、电话（全号或后四位）、户号或身份证号查找"
    autocomplete_fields = ["household"]
    actions_detail = ["reveal", "leave"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Resident]:
        return super().get_queryset(request).select_related("household__village")

    def get_search_results(self, request: UserRequest, queryset: QuerySet[Resident], search_term: str) -> tuple[QuerySet[Resident], bool]:
        def named(words: str) -> Q:
            known = name_q(words, name="name", key="name_pinyin") | Q(phone__digits=words) | Q(household__number__contains=words)
            return known | Q(pk__in=[person.pk for person in residents_by_number(written=words, by=request.user, request=request)])

        return searched(queryset, search_term, named), False

    def get_fields(self, request: UserRequest, obj: Resident | None = None) -> list[str]:
        person = ["name", "relation", "sex", "birth_date", "phone", "note"]
        if obj is None:
            return ["household", *person, "new_id_number"]
        new = ["new_id_number"] if self.has_change_permission(request, obj) else []
        return ["household", *person, "masked_number", *new, "status", "status_on"]

    def get_readonly_fields(self, request: UserRequest, obj: Resident | None = None) -> list[str]:
        return ["household", "masked_number", "status", "status_on"] if obj else []

    @admin.display(description="户", ordering="household__head_pinyin")
    def home(self, resident: Resident) -> str:
        return str(resident.household)

    @admin.display(description="村（社区）", ordering="household__village__path")
    def village(self, resident: Resident) -> str:
        return str(resident.household.village)

    @admin.display(description="身份证号（脱敏）")
    def masked_number(self, resident: Resident) -> str:
        return mask_id_number(resident.id_number) or "—"

    def add_through(self, request: UserRequest, form: forms.ModelForm[Resident]) -> Resident:
        cleaned = {
            name: form.cleaned_data[name]
            for name in ("household", "name", "relation", "sex", "birth_date", "phone", "note")
        }
        return resident_add(**cleaned, id_number=form.cleaned_data["new_id_number"], by=request.user)

    def change_through(self, request: UserRequest, row: Resident, form: forms.ModelForm[Resident]) -> None:
        cleaned = {name: form.cleaned_data[name] for name in ("name", "relation", "sex", "birth_date", "phone", "note")}
        number = form.cleaned_data["new_id_number"] or None
        resident_update(resident=row, **cleaned, id_number=number, by=request.user)

    @object_button(Action.RESIDENT_REVEAL, "查看完整身份证号", "visibility")
    def reveal(self, request: UserRequest, resident: Resident) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            number = resident_reveal(resident=resident, by=request.user, request=request)
            return f"{resident}的身份证号：{number or '未登记'}。本次查看已记入访问日志。"

        return self.ask(request, resident, f"查看{resident}的完整身份证号（将记入访问日志）", run)

    @object_button(Action.HOUSEHOLD_EDIT, "迁出或死亡", "person_off", when=_present)
    def leave(self, request: UserRequest, resident: Resident) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            resident_leave(resident=resident, **cleaned, by=request.user)
            return "已登记，其所任职务同日卸任。"

        return self.ask(request, resident, f"迁出或死亡：{resident}", run, LeaveForm(request.POST or None))
