"""Staff pages of accounts (system administrator) and of the access log (auditor)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import BooleanField, ExpressionWrapper, Field, Model, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from unfold.widgets import UnfoldBooleanWidget

from governance.accounts import users
from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action, Guard
from governance.accounts.guards_admin import GuardsAdmin
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.accounts.stale.admin import StaleAdmin as StaleAdmin
from governance.errors import DomainError
from governance.generics import ModelForm
from governance.sheets.writer import Column, Value, write_table


class SlipsForm(forms.Form):
    """Whether slips are printed again; a form of one box is never empty, `sent` says that it was sent."""

    again = forms.BooleanField(required=False, widget=UnfoldBooleanWidget)
    sent = forms.CharField(initial="1", widget=forms.HiddenInput)


class AccountForm(ModelForm):
    """A second account of one of 三员 is for two of them to make."""

    def clean_guard(self) -> str:
        guard: str = self.cleaned_data["guard"]
        try:
            users.guard_vacant(guard)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        return guard


@admin.register(User)
class UserAdmin(GuardsAdmin):
    action_needed = Action.ACCOUNT_MANAGE
    list_display = ["username", "name", "phone", "guard", "state", "last_login"]
    list_filter = ["is_active", "guard", "must_change_password"]
    search_fields = ["username", "name", "phone__digits"]
    search_help_text = "按登录名、姓名或电话（全号或后四位）查找"
    fields = ["username", "name", "phone", "guard"]
    list_before_template = "admin/slips_link.html"
    form = AccountForm
    actions = ["reset_password", "disable", "enable", "unlock"]

    def get_urls(self) -> list[URLPattern]:
        slips = path("slips/", self.admin_site.admin_view(never_cache(self.slips_view)), name="accounts_user_slips")
        return [slips, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        locked = ExpressionWrapper(Q(username__in=users.locked_usernames()), BooleanField())
        unused = ExpressionWrapper(Q(stale__noticed_at__isnull=False), BooleanField())
        return User.objects.visible_to(request.user).annotate(locked=locked, is_unused=unused).select_related("stale")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if obj and obj.guard:  # by two of 三员 (accounts:guard-requests)
            return ["username", "name", "phone", "guard"]
        return ["username", "guard"] if obj else []

    def save_model(self, request: UserRequest, obj: User, form: ModelForm, change: bool) -> None:
        if change and obj.guard:
            return
        if change:
            users.user_update(user=obj, name=obj.name, phone=obj.phone, by=request.user)
            return
        made, password = users.user_create(
            username=obj.username, name=obj.name, phone=obj.phone, guard=obj.guard, by=request.user
        )
        obj.pk = made.pk
        self._show(request, made, password)

    def formfield_for_choice_field(self, db_field: Field[Any, Any], request: HttpRequest, **options: Any) -> Any:
        """The only choice field here is `guard`."""
        return super().formfield_for_choice_field(
            db_field, request, choices=[("", "不是三员"), *Guard.choices], **options
        )

    def slips_view(self, request: UserRequest) -> HttpResponseBase:
        """Ask first, then show the first passwords of new accounts as slips to cut: they stand in this one answer only."""
        if not self.has_view_permission(request):
            raise Http404
        back, form = reverse("admin:accounts_user_changelist"), SlipsForm(request.POST or None)
        slips = users.first_passwords(again=form.cleaned_data["again"], by=request.user) if form.is_valid() else []
        if slips:
            context = {"slips": slips, "address": request.build_absolute_uri("/"), "back": back}
            return render(request, "accounts/slips.html", context)
        if request.method == "POST":
            messages.info(request, "没有要打印的：新账号都已有初始密码。要重打，请勾选下面的选项。")
        waiting, printed = (users.new_accounts(printed=one, by=request.user).count() for one in (False, True))
        form.fields["again"].label = f"连同已打印、还没有登录过的 {printed} 个（原来的密码作废）"
        question: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"打印初始密码条：{waiting} 个新账号还没有密码，一次最多打印 {users.SLIPS_AT_ONCE} 个",
            "form": form,
            "button": "打印",
            "back": back,
        }
        return TemplateResponse(request, "admin/ask.html", question)

    @admin.display(description="状态")
    def state(self, user: User) -> str:
        if not user.is_active:
            return "已停用"
        if user.locked:  # type: ignore[attr-defined]
            return "已锁定"
        if user.is_unused:  # type: ignore[attr-defined]
            return f"久未登录，{user.stale.words}"
        if not user.has_usable_password():
            return "待打印密码条"
        return "待改密码" if user.must_change_password else "启用"

    @admin.action(description="重置密码")
    def reset_password(self, request: UserRequest, queryset: QuerySet[User]) -> None:
        def reset(user: User) -> None:
            self._show(request, user, users.user_reset_password(user=user, by=request.user))

        self._each(request, queryset, reset)

    @admin.action(description="停用")
    def disable(self, request: UserRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, lambda user: users.user_disable(user=user, by=request.user), "已停用")

    @admin.action(description="启用")
    def enable(self, request: UserRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, lambda user: users.user_enable(user=user, by=request.user), "已启用")

    @admin.action(description="解锁")
    def unlock(self, request: UserRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, lambda user: users.user_unlock(user=user, by=request.user), "已解锁")

    def _each(
        self, request: UserRequest, queryset: QuerySet[User], service: Callable[[User], object], done: str = ""
    ) -> None:
        """Call `service` for every chosen account; a refusal is told and does not stop the others."""
        for user in queryset.order_by("pk"):  # as everywhere, so that two at once do not wait for each other
            try:
                service(user)
            except DomainError as error:
                messages.error(request, f"{user.username}：{error.message}")
            else:
                if done:
                    messages.success(request, f"{user.username}：{done}。")

    def _show(self, request: UserRequest, user: User, password: str) -> None:
        messages.warning(
            request,
            f"{user.name}（{user.username}）的初始密码：{password}  只显示这一次，请当面告知本人，首次登录须修改。",
        )


@admin.register(AccessLog)
class AccessLogAdmin(GuardsAdmin):
    action_needed = Action.LOG_VIEW
    list_display = ["moment", "kind", "username", "holder", "ip", "path", "detail"]
    list_display_links = None
    list_filter = ["kind", ("at", admin.DateFieldListFilter)]
    list_select_related = ["user"]
    list_before_template = "accounts/_log_export.html"
    date_hierarchy = "at"
    search_fields = ["username", "user__name", "ip", "path", "detail"]
    search_help_text = "按登录名、姓名、地址、页面或内容查找"
    show_full_result_count = False
    list_per_page = 50
    actions = None

    columns = [
        Column("时间", 20),
        Column("类别", 14),
        Column("登录名", 16),
        Column("姓名", 12),
        Column("来源地址", 18),
        Column("页面", 36),
        Column("内容", 36),
    ]
    export_limit = 200_000  # rows; a sheet holds about a million, and nobody reads that many

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessLog]:
        return AccessLog.objects.visible_to(request.user)

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(self.export), name="accounts_accesslog_export")
        return [export, *super().get_urls()]

    @admin.display(description="时间")
    def moment(self, row: AccessLog) -> str:
        return f"{timezone.localtime(row.at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description="姓名")
    def holder(self, row: AccessLog) -> str:
        return row.user.name if row.user else ""

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The rows that the list's filters leave, newest first, as .xlsx."""
        if not self.has_view_permission(request):
            raise Http404
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            messages.error(request, "筛选条件有误，没有导出，请改正后再导出。")
            return redirect("admin:accounts_accesslog_changelist")
        count = rows.count()
        if count > self.export_limit:
            messages.error(request, f"共 {count} 行，一次最多导出 {self.export_limit} 行，请先按日期或类别筛选。")
            return redirect("admin:accounts_accesslog_changelist")
        stream = TemporaryFile()  # noqa: SIM115 - FileResponse closes it
        write_table(stream, title="访问日志", columns=self.columns, rows=_log_rows(rows), sheet_name="访问日志")
        access_log(AccessLog.Kind.EXPORT, request=request, detail=f"访问日志 {count} 行")
        stream.seek(0)
        return FileResponse(stream, as_attachment=True, filename=f"访问日志-{timezone.localdate():%Y%m%d}.xlsx")


def _log_rows(rows: QuerySet[AccessLog]) -> Iterator[list[Value]]:
    for row in rows.iterator(chunk_size=2000):
        name = row.user.name if row.user else ""
        yield [row.at, row.get_kind_display(), row.username, name, row.ip or "", row.path, row.detail]
