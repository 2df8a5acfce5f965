"""Staff pages of the service library (plan §三.2 志愿服务项目库)."""

from __future__ import annotations

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.duties import Action
from villages.set_up_admin import SetUpAdmin
from volunteers.models import Project
from volunteers.projects.lists import LIBRARY
from volunteers.projects.setting_up import ProjectError, projects_set_up


@admin.register(Project)
class ProjectAdmin(SetUpAdmin):
    view_action = Action.VOLUNTEER_VIEW
    add_action = change_action = Action.PROJECT_EDIT
    error = ProjectError
    set_up = staticmethod(projects_set_up)
    set_up_label, set_up_words = "补齐自带的服务项目", "已补齐自带的服务项目，新增 {added} 个，改过的没有动。"
    ledger = LIBRARY
    list_display = ["name", "asker", "doer", "minimum", "minutes", "deed_code", "is_emergency", "is_public", "is_active", "code"]
    list_filter = [
        ("asker", ChoicesDropdownFilter),
        ("doer", ChoicesDropdownFilter),
        ("is_active", admin.BooleanFieldListFilter),
    ]
    search_fields = ["name", "code"]
    search_help_text = "按名称或代码查找"
    fieldsets = [
        ("服务项目", {"fields": ["township", "code", "name", "text", "position", "is_active"]}),
        ("谁点谁做", {"fields": ["asker", "is_public", "doer", "minimum", "is_emergency", "dangers"]}),
        ("时长和积分", {"fields": ["minutes", "deed_code"]}),
    ]
