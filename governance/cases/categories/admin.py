"""Staff pages of what cases are set up with: categories, offices, kinds of service, return rules (plan §三.1, §三.3, §三.4)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.categories.setting_up import cases_set_up
from governance.cases.engine.exports import CATEGORIES
from governance.cases.errors import CaseError
from governance.cases.models import Category, Office, OfficeMember, ReturnRule, ServiceKind
from governance.frame.admin import ScopedInline
from governance.frame.admin_lists import count_of
from governance.periods import today
from villages.models import Post, Unit
from villages.set_up_admin import SetUpAdmin


class CaseSetUpAdmin(SetUpAdmin):
    view_action = Action.CASE_VIEW
    add_action = change_action = Action.CATEGORY_EDIT
    delete_action: Action | None = Action.CATEGORY_EDIT
    error = CaseError


@admin.register(Category)
class CategoryAdmin(CaseSetUpAdmin):
    delete_action = None
    set_up = staticmethod(cases_set_up)
    set_up_label, set_up_words = "补齐方案自带的类别", "已补齐方案自带的类别，新增 {added} 个，改过的没有动。"
    ledger = CATEGORIES
    list_display = ["name", "kind", "urgency", "accepts", "steps_in", "ends_in", "goes_to", "office", "is_active", "code"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("urgency", ChoicesDropdownFilter),
        ("is_active", admin.BooleanFieldListFilter),
    ]
    search_fields = ["name", "code"]
    search_help_text = "按名称或代码查找"
    list_select_related = ["office"]
    fieldsets = [
        ("事项", {"fields": ["township", "kind", "code", "name", "urgency", "position", "is_active"]}),
        (
            "限时",
            {
                "fields": [
                    ("accept_amount", "accept_unit"),
                    ("step_amount", "step_unit"),
                    ("case_amount", "case_unit"),
                    "longest",
                ]
            },
        ),
        ("交给谁", {"fields": ["goes_to", "office"]}),
        ("便民代办", {"fields": ["service", "asks_account", "bring", "steps"]}),
    ]

    @admin.display(description="受理")
    def accepts(self, category: Category) -> str:
        return str(category.step_limit("found"))

    @admin.display(description="每步")
    def steps_in(self, category: Category) -> str:
        return str(category.step_limit("handling"))

    @admin.display(description="全程")
    def ends_in(self, category: Category) -> str:
        return str(category.case_limit)

    def formfield_for_choice_field(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        if db_field.name == "goes_to":
            kwargs["choices"] = [("", "登记人自己办理"), *db_field.choices]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


class MemberInline(ScopedInline):
    """Accounts of the township's duties that share the office's queue."""

    model = OfficeMember

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            posts = Post.objects.visible_to(request.user).current(today()).filter(unit__level=Unit.Level.TOWNSHIP)
            kwargs["queryset"] = User.objects.filter(posts__in=posts, is_active=True).distinct()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Office)
class OfficeAdmin(CaseSetUpAdmin):
    list_display = ["name", "township", "phone", "people", "code"]
    inlines = [MemberInline]
    search_fields = ["name"]
    search_help_text = "按名称查找"

    def get_queryset(self, request: UserRequest) -> QuerySet[Office]:
        rows: QuerySet[Office] = super().get_queryset(request)
        members = count_of(OfficeMember.objects.all(), "office")
        return rows.select_related("township").annotate(member_count=members)

    @admin.display(description="成员数", ordering="member_count")
    def people(self, office: Any) -> int:
        total: int = office.member_count
        return total


@admin.register(ServiceKind)
class ServiceKindAdmin(CaseSetUpAdmin):
    list_display = ["name", "meaning", "township", "position", "code"]
    list_select_related = ["township"]


@admin.register(ReturnRule)
class ReturnRuleAdmin(CaseSetUpAdmin):
    list_display = ["risk", "day", "township"]
    list_filter = [("risk", ChoicesDropdownFilter)]
    list_select_related = ["township"]
