"""久未登录: the list for the system administrator, who unlocks."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Model, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone

from governance.accounts import users
from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.accounts.guards_admin import GuardsAdmin
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, StaleAccount
from governance.sheets.writer import Column, Value, write_table


class StateFilter(admin.SimpleListFilter):
    title = "状态"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("noticed", "已通知"), ("locked", "已锁定")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StaleAccount]) -> QuerySet[StaleAccount]:
        return queryset.filter(locked_at__isnull=self.value() == "noticed") if self.value() else queryset


@admin.register(StaleAccount)
class StaleAdmin(GuardsAdmin):
    action_needed = Action.ACCOUNT_MANAGE
    list_display = ["account", "name", "guard", "last_login", "noticed_at", "state"]
    list_display_links = None
    list_filter = [StateFilter, ("user__guard", admin.AllValuesFieldListFilter)]
    list_select_related = ["user"]
    list_before_template = "admin/stale_export.html"
    search_fields = ["user__username", "user__name"]
    search_help_text = "按登录名或姓名查找"
    actions = ["unlock"]

    columns = [
        Column("登录名", 16),
        Column("姓名", 12),
        Column("三员", 14),
        Column("最近登录", 20),
        Column("通知时间", 20),
        Column("状态", 20),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaleAccount]:
        return StaleAccount.objects.visible_to(request.user)

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(self.export), name="accounts_staleaccount_export")
        return [export, *super().get_urls()]

    @admin.display(description="登录名", ordering="user__username")
    def account(self, row: StaleAccount) -> str:
        return row.user.username

    @admin.display(description="姓名", ordering="user__name")
    def name(self, row: StaleAccount) -> str:
        return row.user.name

    @admin.display(description="三员")
    def guard(self, row: StaleAccount) -> str:
        return row.user.get_guard_display()

    @admin.display(description="最近登录", ordering="user__last_login")
    def last_login(self, row: StaleAccount) -> str:
        return f"{timezone.localtime(row.user.last_login):%Y-%m-%d}" if row.user.last_login else "从未登录"

    @admin.display(description="状态")
    def state(self, row: StaleAccount) -> str:
        return row.words

    @admin.action(description="解锁（天数重新计算）")
    def unlock(self, request: UserRequest, queryset: QuerySet[StaleAccount]) -> None:
        for row in queryset.select_related("user").order_by("user_id"):
            users.user_unlock(user=row.user, by=request.user)
            messages.success(request, f"{row.user.username}：已解锁。")

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The rows that the list's filters leave, as .xlsx."""
        if not self.has_view_permission(request):
            raise Http404
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            messages.error(request, "筛选条件有误，没有导出，请改正后再导出。")
            return redirect("admin:accounts_staleaccount_changelist")
        stream = TemporaryFile()  # noqa: SIM115 - FileResponse closes it
        write_table(stream, title="久未登录的账号", columns=self.columns, rows=_rows(rows), sheet_name="久未登录")
        access_log(AccessLog.Kind.EXPORT, request=request, detail=f"久未登录的账号 {rows.count()} 行")
        stream.seek(0)
        return FileResponse(stream, as_attachment=True, filename=f"久未登录的账号-{timezone.localdate():%Y%m%d}.xlsx")


def _rows(rows: QuerySet[StaleAccount]) -> Iterator[list[Value]]:
    for row in rows.iterator(chunk_size=2000):
        user = row.user
        yield [user.username, user.name, user.get_guard_display(), user.last_login, row.noticed_at, row.words]
