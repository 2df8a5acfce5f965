"""Staff pages of posts: township staff appoint in the villages, the security administrator hands out the town's duties."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpResponseBase
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import TOWN_DUTIES, Action
from governance.accounts.models import User
from governance.frame.admin import ScopedModelAdmin, object_button
from governance.frame.admin_forms import DayForm, ReasonForm, ServiceForm
from governance.periods import today
from villages.models import Post, Unit
from villages.posts.exports import POSTS
from villages.posts.services import PostError, post_appoint, post_end


class PostForm(ServiceForm):
    """Accounts are named by their log-in name: staff get no list of accounts."""

    username = forms.CharField(
        label="账号（登录名）",
        required=False,
        help_text="需要登录办事的人填写；只有职务不用系统的可留空",
        widget=UnfoldAdminTextInputWidget,
    )

    def clean_username(self) -> User | None:
        name = self.cleaned_data["username"].strip()
        user = User.objects.filter(username=name, is_active=True, guard="").first()
        if name and user is None:
            raise forms.ValidationError("没有这个账号，或不能任职。")
        return user


class EndForm(DayForm, ReasonForm):
    """卸任."""


class InOfficeFilter(DropdownFilter):
    """Posts in office today, or over."""

    title = "现状"
    parameter_name = "in_office"

    def lookups(self, request: UserRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "在任"), ("no", "已卸任或届满")]

    def queryset(self, request: UserRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        if not self.value():
            return queryset
        current = Post.objects.current(today()).values("pk")
        return queryset.filter(pk__in=current) if self.value() == "yes" else queryset.exclude(pk__in=current)


@admin.register(Post)
class PostAdmin(ScopedModelAdmin):
    view_action = Action.POST_VIEW
    add_action = Action.POST_APPOINT
    ledger = POSTS
    form = PostForm
    list_display = ["kind", "holder", "place", "elected_on", "appointed_on", "term_end", "ended_on", "end_reason"]
    list_filter = [("kind", ChoicesDropdownFilter), InOfficeFilter]
    search_fields = ["resident__name", "resident__name_pinyin", "user__name", "user__username", "unit__name"]
    search_help_text = "按姓名、拼音、登录名或单位查找"
    autocomplete_fields = ["resident"]
    actions_detail = ["end"]
    list_before_template = "admin/proposals_link.html"

    def get_queryset(self, request: UserRequest) -> QuerySet[Post]:
        related = ("unit__parent__parent", "resident", "user")
        if request.user.may(Action.DUTY_GRANT):
            return Post.objects.filter(kind__in=TOWN_DUTIES).select_related(*related)
        return super().get_queryset(request).select_related(*related)

    def _may(self, request: UserRequest, needed: Action | None, row: Model | None = None) -> bool:
        """A security administrator's right knows no place, only the town's duties."""
        if needed in (Action.POST_VIEW, Action.POST_APPOINT) and request.user.may(Action.DUTY_GRANT):
            return not isinstance(row, Post) or row.kind in TOWN_DUTIES
        return super()._may(request, needed, row)

    def get_fields(self, request: UserRequest, obj: Post | None = None) -> list[str]:
        if obj is None:
            person = ["username"] if request.user.guard else ["resident", "username"]
            return ["unit", "kind", *person, "elected_on", "appointed_on", "term_end"]
        term = ["elected_on", "appointed_on", "term_end", "ended_on", "end_reason"]
        return ["unit", "kind", "resident", "user", *term, "phone", "consented_on"]

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        if db_field.name == "unit":
            kwargs["queryset"] = self._places(request).select_related("parent__parent")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _places(self, request: UserRequest) -> QuerySet[Unit]:
        standing = Unit.objects.on(today())
        if request.user.may(Action.DUTY_GRANT):
            return standing.filter(level__in=[Unit.Level.COUNTY, Unit.Level.TOWNSHIP])
        below = Unit.objects.visible_to(request.user, Action.POST_APPOINT).on(today())
        return below.filter(level__in=[Unit.Level.VILLAGE, Unit.Level.GROUP, Unit.Level.SETTLEMENT])

    def formfield_for_choice_field(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        if db_field.name == "kind":
            town = request.user.may(Action.DUTY_GRANT)
            kwargs["choices"] = [("", "请选择")] + [
                choice for choice in db_field.choices if (choice[0] in TOWN_DUTIES) == town
            ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @admin.display(description="任职人")
    def holder(self, post: Post) -> str:
        return post.holder_name

    @admin.display(description="单位", ordering="unit__path")
    def place(self, post: Post) -> str:
        return post.unit.choice_label()

    def add_through(self, request: UserRequest, form: forms.ModelForm[Post]) -> Post:
        cleaned = form.cleaned_data
        if not cleaned["username"] and not cleaned.get("resident"):
            raise PostError("请选任职的人：居民或账号。", "holder")
        return post_appoint(
            kind=cleaned["kind"],
            unit=cleaned["unit"],
            user=cleaned["username"],
            resident=cleaned.get("resident"),
            elected_on=cleaned["elected_on"],
            appointed_on=cleaned["appointed_on"],
            term_end=cleaned["term_end"],
            by=request.user,
        )

    @object_button(Action.POST_APPOINT, "卸任", "person_remove", when=lambda post: post.ended_on is None)
    def end(self, request: UserRequest, post: Post) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            post_end(post=post, on=cleaned["on"], reason=cleaned["reason"], by=request.user)
            return "已卸任，权限同日终止。"

        return self.ask(request, post, f"卸任：{post}（{post.unit}）", run, EndForm(request.POST or None))
