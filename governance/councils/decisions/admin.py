"""Staff pages of kinds of decision and their steps: shipped ones put up, copied, changed as a draft, put in force, compared with the
law's text; decisions to look at (plan §三.1; mission M19)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.councils.decisions.errors import DecisionError
from governance.councils.decisions.exports import DECISION_LEDGER
from governance.councils.decisions.kind_models import DecisionKind, Gate
from governance.councils.decisions.kinds import gates_check, kind_adopt, kind_copy, next_version
from governance.councils.decisions.lists import shown_rows, where_words
from governance.councils.decisions.models import Decision
from governance.councils.decisions.setting_up import decision_kinds_set_up
from governance.councils.decisions.words import asked_words
from governance.frame.admin import ScopedInline, ScopedModelAdmin, object_button
from governance.frame.admin_forms import day_field
from governance.frame.saving import save_by
from villages.set_up_admin import SetUpAdmin

GATE_FIELDS = [
    ("步骤", {"fields": ["of_kind", ("position", "phase"), "name", ("what", "stage"), "area"]}),
    (
        "会议怎样才算数",
        {
            "fields": [
                "body", "quorum_base", ("quorum_num", "quorum_den", "quorum_more"), ("house_num", "house_den", "house_more"),
                "majority_base", ("majority_num", "majority_den", "majority_more"), ("is_secret", "call_days"),
            ]
        },
    ),
    ("天数、材料和确认", {"fields": [("min_days", "notice_days"), "papers", "confirm"]}),
    ("依据", {"fields": [("law_from", "law_to"), "basis", "needs_checking", ("confirmed_by", "confirmed_at")]}),
]  # fmt: skip


def _is_draft(kind: DecisionKind) -> bool:
    return kind.state == DecisionKind.State.DRAFT


def _waits(kind: DecisionKind) -> bool:
    return kind.gates.unchecked().exists()


class GateInline(ScopedInline):
    """The steps in short; each is opened to change all of it. Those of a kind in force are only looked at."""

    model = Gate
    fields = ["position", "name", "what", "stage", "notice_days", "asks"]
    readonly_fields = ["asks"]

    def has_add_permission(self, request: UserRequest, obj: Any = None) -> bool:
        return obj is None or _is_draft(obj)

    has_change_permission = has_delete_permission = has_add_permission

    def get_queryset(self, request: UserRequest) -> QuerySet[Gate]:
        rows: QuerySet[Gate] = super().get_queryset(request)
        return rows.order_by("position", "pk")

    @admin.display(description="要求")
    def asks(self, gate: Gate) -> str:
        if gate.pk is None:
            return "先保存，再填要求"
        address = reverse("admin:councils_gate_change", args=[gate.pk])
        words = asked_words(gate) or "没有要求"
        return format_html('<a href="{}" class="house-link">{}{}</a>', address, words, "（待核）" if gate.is_unchecked else "")


class ValidFromForm(forms.Form):
    """From when a new version shall count."""

    valid_from = day_field("启用日期")


@admin.register(DecisionKind)
class DecisionKindAdmin(SetUpAdmin):
    view_action = Action.COUNCIL_VIEW
    add_action = change_action = delete_action = Action.DECISION_KIND
    error = DecisionError
    set_up = staticmethod(decision_kinds_set_up)
    set_up_label, set_up_words = "补齐自带的决策程序", "已补齐自带的决策程序，新增 {added} 种，原有的没有动。"
    list_display = ["__str__", "place", "state", "valid_from", "checked", "township", "code"]
    list_filter = [("state", ChoicesDropdownFilter), ("place", ChoicesDropdownFilter)]
    search_fields = ["name", "code"]
    search_help_text = "按名称或代码查找"
    fields = ["township", ("code", "version"), "name", ("valid_from", "state"), ("place", "effect"), "takes_money", "note"]
    actions_detail = ["adopt", "copy", "check_text"]
    inlines = [GateInline]

    def get_queryset(self, request: UserRequest) -> QuerySet[DecisionKind]:
        rows: QuerySet[DecisionKind] = super().get_queryset(request)
        return rows.select_related("township").annotate(unchecked=Exists(Gate.objects.unchecked().filter(kind=OuterRef("pk"))))

    @admin.display(description="核对")
    def checked(self, kind: Any) -> str:
        return "待核" if kind.unchecked else "已核对"

    def has_change_permission(self, request: UserRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and (not isinstance(obj, DecisionKind) or _is_draft(obj))

    def has_delete_permission(self, request: UserRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (not isinstance(obj, DecisionKind) or _is_draft(obj))

    def get_readonly_fields(self, request: UserRequest, obj: Model | None = None) -> list[str]:
        return ["township", "code", "version", "state"] if obj else ["version", "state"]

    def get_inlines(self, request: UserRequest, obj: DecisionKind | None) -> list[Any]:
        return [GateInline] if obj else []

    def add_through(self, request: UserRequest, form: forms.ModelForm[Model]) -> Model:
        row: Any = form.instance
        row.version = next_version(row.township, row.code)
        return super().add_through(request, form)

    @object_button(Action.DECISION_KIND, "启用", "gavel", when=_is_draft)
    def adopt(self, request: UserRequest, kind: DecisionKind) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            kind_adopt(kind=kind, by=request.user)
            return f"已启用，自 {kind.valid_from:%Y-%m-%d} 起登记的决策按本版办理，此后不能修改。"

        return self.ask(request, kind, f"启用{kind}（启用后不能再修改）", run)

    @object_button(Action.DECISION_KIND, "复制为新版本", "content_copy")
    def copy(self, request: UserRequest, kind: DecisionKind) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            draft = kind_copy(kind=kind, valid_from=cleaned["valid_from"], by=request.user)
            return f"已复制为{draft}（草稿），请在列表中打开修改。"

        return self.ask(request, kind, f"复制{kind}为新版本", run, ValidFromForm(request.POST or None))

    @object_button(Action.DECISION_KIND, "已对照原文核对", "fact_check", when=_waits)
    def check_text(self, request: UserRequest, kind: DecisionKind) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            return f"已核对 {gates_check(kind=kind, by=request.user)} 条规则。"

        title = f"{kind}：标“待核”的规则我已对照现行文件原文逐条核对，都对（有不对的，请复制为新版本修改）"
        return self.ask(request, kind, title, run)


@admin.register(Gate)
class GateAdmin(ScopedModelAdmin):
    """One step with all that it asks for; it is added on its kind's page."""

    view_action = Action.COUNCIL_VIEW
    change_action = delete_action = Action.DECISION_KIND
    list_display = ["__str__", "kind", "what", "stage", "area", "law_from", "law_to"]
    list_select_related = ["kind"]
    search_fields = ["name", "kind__name"]
    search_help_text = "按步骤或程序名称查找"
    fieldsets = GATE_FIELDS
    readonly_fields = ["of_kind", "confirmed_by", "confirmed_at"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Gate]:
        rows: QuerySet[Gate] = super().get_queryset(request)
        return rows.select_related("kind__township")

    @admin.display(description="决策程序")
    def of_kind(self, gate: Gate) -> str:
        address = reverse("admin:councils_decisionkind_change", args=[gate.kind_id])
        return format_html('<a href="{}" class="house-link">{}</a>', address, gate.kind)

    def has_change_permission(self, request: UserRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and (not isinstance(obj, Gate) or _is_draft(obj.kind))

    has_delete_permission = has_change_permission

    def change_through(self, request: UserRequest, row: Gate, form: forms.ModelForm[Gate]) -> None:
        save_by(row, request.user, DecisionError)

    def response_post_save_change(self, request: HttpRequest, obj: Gate) -> HttpResponse:
        """Back to the kind."""
        return redirect("admin:councils_decisionkind_change", obj.kind_id)


@admin.register(Decision)
class DecisionAdmin(ScopedModelAdmin):
    """To look at; whoever does something with a decision does it on the desk."""

    view_action = Action.COUNCIL_VIEW
    ledger = DECISION_LEDGER
    list_display = ["number", "title", "village", "kind", "proposed_on", "where"]
    list_select_related = ["village", "kind"]
    search_fields = ["number", "title"]
    search_help_text = "按编号或事项查找"
    fields = ["number", "title", "purpose", "village", "unit", "kind", "proposed_on", "where", "adopted_at", "finished_at"]
    readonly_fields = ["where"]
    actions_detail = ["page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Decision]:
        rows: QuerySet[Decision] = shown_rows(super().get_queryset(request))
        return rows

    @admin.display(description="现在")
    def where(self, decision: Any) -> str:
        words = where_words(decision)
        return f"{decision.state.label}，{words}" if words else str(decision.state.label)

    @object_button(None, "到工作台办理", "open_in_new")
    def page(self, request: UserRequest, decision: Decision) -> HttpResponseBase:
        return redirect("councils:decision-detail", decision.pk)

