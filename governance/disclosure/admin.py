"""Staff pages of notices and objections (plan §三.1 依法公开)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.html import format_html, format_html_join
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.disclosure.affairs import admin as affairs_admin
from governance.disclosure.exports import NOTICES, OBJECTIONS
from governance.disclosure.models import Notice, Objection
from governance.disclosure.notices import notice_publish, notice_withdraw, objection_answer
from governance.disclosure.powers import admin as powers_admin
from governance.frame.admin import ScopedModelAdmin, object_button
from governance.frame.admin_forms import ReasonForm, ServiceForm
from governance.frame.admin_lists import count_of
from governance.frame.forms import unchosen
from governance.periods import today
from villages.admin_lists import village_filter
from villages.models import Unit


class NoticeForm(ServiceForm):
    """A list by hand: columns and rows as they are pasted from a sheet."""

    table = forms.CharField(
        label="名单",
        help_text="第一行写栏目，以下每行一条，栏间用制表符或竖线分开；姓名须脱敏（王**），可从表格直接粘贴",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10}),
    )

    def clean_table(self) -> tuple[list[str], list[list[str]]]:
        lines = [line for line in self.cleaned_data["table"].splitlines() if line.strip()]
        columns, *rows = [[cell.strip() for cell in line.replace("\t", "|").split("|")] for line in lines]
        if not rows:
            raise forms.ValidationError("栏目下面至少要有一行名单。")
        return columns, rows


class ShownFilter(DropdownFilter):
    """Notices that residents can read today, or not."""

    title = "现状"
    parameter_name = "shown"

    def lookups(self, request: UserRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "公示中"), ("no", "已结束或撤回")]

    def queryset(self, request: UserRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        if not self.value():
            return queryset
        shown = Notice.objects.public(today()).values("pk")
        return queryset.filter(pk__in=shown) if self.value() == "yes" else queryset.exclude(pk__in=shown)


@admin.register(Notice)
class NoticeAdmin(ScopedModelAdmin):
    view_action = Action.NOTICE_VIEW
    add_action = Action.NOTICE_PUBLISH
    ledger = NOTICES
    form = NoticeForm
    list_display = ["title", "unit", "kind", "opens_on", "closes_on", "withdrawn_at", "open_objections"]
    list_filter = [("kind", ChoicesDropdownFilter), village_filter("unit"), ShownFilter]
    search_fields = ["title"]
    search_help_text = "按标题查找"
    readonly_fields = ["list_table"]
    actions_detail = ["withdraw"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Notice]:
        waiting = count_of(Objection.objects.filter(state=Objection.State.OPEN), "notice")
        rows: QuerySet[Notice] = super().get_queryset(request)
        return rows.select_related("unit").annotate(waiting=waiting)

    def get_fields(self, request: UserRequest, obj: Notice | None = None) -> list[str]:
        if obj is None:
            return ["unit", "title", "reason", "table", "opens_on", "closes_on", "channel"]
        return [
            "unit",
            "kind",
            "title",
            "reason",
            "list_table",
            "opens_on",
            "closes_on",
            "channel",
            "published_by",
            "published_at",
            "withdrawn_at",
            "withdrawn_reason",
            "withdrawn_by",
        ]

    def get_changeform_initial_data(self, request: UserRequest) -> dict[str, Any]:
        initial = {"opens_on": today(), "closes_on": today() + timedelta(days=4)}
        return {**initial, **super().get_changeform_initial_data(request)}

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        visible = Unit.objects.visible_to(request.user, Action.NOTICE_PUBLISH).on(today())
        kwargs["queryset"] = visible.filter(level__in=[Unit.Level.TOWNSHIP, Unit.Level.VILLAGE])
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="待答复异议", ordering="waiting")
    def open_objections(self, notice: Any) -> int:
        total: int = notice.waiting
        return total

    @admin.display(description="名单（已脱敏）")
    def list_table(self, notice: Notice) -> str:
        lines = format_html_join("", "<tr>{}</tr>", ((_cells(row, "td"),) for row in notice.rows))
        return format_html('<table class="house-list"><tr>{}</tr>{}</table>', _cells(notice.columns, "th"), lines)

    def add_through(self, request: UserRequest, form: forms.ModelForm[Notice]) -> Notice:
        cleaned = {
            name: form.cleaned_data[name] for name in ("unit", "title", "reason", "opens_on", "closes_on", "channel")
        }
        columns, rows = form.cleaned_data["table"]
        return notice_publish(kind=Notice.Kind.OTHER, columns=columns, rows=rows, by=request.user, **cleaned)

    @object_button(Action.NOTICE_PUBLISH, "撤回", "block", when=lambda notice: notice.withdrawn_at is None)
    def withdraw(self, request: UserRequest, notice: Notice) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            notice_withdraw(notice=notice, reason=cleaned["reason"], by=request.user)
            return "已撤回，公示栏上不再显示。"

        return self.ask(request, notice, f"撤回：{notice}", run, ReasonForm(request.POST or None))


def _cells(cells: list[str], tag: str) -> str:
    return format_html_join("", f"<{tag}>{{}}</{tag}>", ((cell,) for cell in cells))


class AnswerForm(forms.Form):
    """答复: upheld or not, and why."""

    upheld = forms.TypedChoiceField(
        label="结论",
        choices=unchosen([("yes", "异议成立"), ("no", "异议不成立")]),
        coerce=lambda value: value == "yes",
        widget=UnfoldAdminSelectWidget,
    )
    answer = forms.CharField(label="答复", max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}))


@admin.register(Objection)
class ObjectionAdmin(ScopedModelAdmin):
    view_action = Action.NOTICE_VIEW
    ledger = OBJECTIONS
    list_display = ["number", "received_at", "notice", "name", "phone", "text", "answer_by", "state", "answered_by", "answered_at"]
    list_filter = [("state", ChoicesDropdownFilter), village_filter("notice__unit")]
    search_fields = ["number", "name", "phone__digits", "text", "notice__title"]
    search_help_text = "按受理编号、姓名、电话、内容或公示标题查找"
    fields = [
        "number",
        "notice",
        "row_number",
        "name",
        "phone",
        "text",
        "received_at",
        "answer_by",
        "received_by",
        "state",
        "answer",
        "answered_by",
        "answered_at",
    ]
    actions_detail = ["reply"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Objection]:
        return super().get_queryset(request).select_related("notice__unit", "answered_by", "received_by")

    @object_button(Action.OBJECTION_ANSWER, "答复", "reply", when=lambda row: row.state == Objection.State.OPEN)
    def reply(self, request: UserRequest, objection: Objection) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            objection_answer(objection=objection, upheld=cleaned["upheld"], answer=cleaned["answer"], by=request.user)
            return "已答复。"

        return self.ask(request, objection, f"答复{objection.name}的异议", run, AnswerForm(request.POST or None))


__all__ = ["affairs_admin", "powers_admin"]
