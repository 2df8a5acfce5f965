"""Staff pages of the cards: built from a paste, a sheet or by hand, put in force, copied, printed (plan §四(三); mission M34)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.admin import ScopedInline, ScopedModelAdmin, object_button
from governance.frame.admin_forms import day_field
from governance.frame.admin_lists import count_of
from governance.frame.exports import ledger_response
from governance.frame.saving import save_by
from governance.periods import today
from governance.reading import text_sent
from governance.sheets.cards import CardDraft, CardRow, good_sections
from governance.sheets.cells import LOOK, REFUSE
from inspections.cards.forms import CardForm, ChecklistForm, ItemForm, PlateForm, deeds_of
from inspections.cards.services import card_of, checklist_adopt, checklist_copy, next_version
from inspections.cards.setting_up import checklists_set_up
from inspections.cards.sheet_import import card_draft, card_import, draft_faults
from inspections.errors import InspectionError
from inspections.indicators.registry import INDICATORS
from inspections.models import Checklist, ChecklistItem, ChecklistSection, PlateDeed
from inspections.scorecards.checks import card_faults, figure
from inspections.scorecards.exports import SCORE_SHEET
from inspections.scorecards.scoring import KIND_LABELS, Kind
from inspections.scorecards.words import rule_text, rule_words
from villages.models import Unit

FULL = Decimal(100)
SHARING = (Kind.EACH, Kind.WHOLE, Kind.BAND)


def _is_draft(checklist: Checklist) -> bool:
    return checklist.state == Checklist.State.DRAFT


class DraftInline(ScopedInline):
    """Parts of a card; those of one in force are only looked at."""

    def has_add_permission(self, request: UserRequest, obj: Any = None) -> bool:
        return obj is None or _is_draft(getattr(obj, "checklist", obj))

    has_change_permission = has_delete_permission = has_add_permission


class SectionInline(DraftInline):
    model = ChecklistSection
    fields = ["position", "name", "sort", "points", "lines"]
    readonly_fields = ["lines"]

    def get_queryset(self, request: UserRequest) -> QuerySet[ChecklistSection]:
        rows: QuerySet[ChecklistSection] = super().get_queryset(request)
        return rows.order_by("position").annotate(item_total=count_of(ChecklistItem.objects.all(), "section"))

    @admin.display(description="考核内容")
    def lines(self, section: Any) -> str:
        """How many lines, and the way to them; they are written once the section is saved."""
        if section.pk is None:
            return "先保存，再填内容"
        address = reverse("admin:inspections_checklistsection_change", args=[section.pk])
        return format_html('<a href="{}" class="house-link">{} 条，打开</a>', address, section.item_total)


class PlateInline(DraftInline):
    """Which deed a plate posts; without a row it posts none."""

    model = PlateDeed
    form = PlateForm
    max_num = 3

    def get_formset(self, request: UserRequest, obj: Checklist | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        if obj is None:
            return formset
        return _choosing(formset, deeds_of(obj.township))


class ItemInline(DraftInline):
    model = ChecklistItem
    form = ItemForm
    hide_title = True

    def get_queryset(self, request: UserRequest) -> QuerySet[ChecklistItem]:
        rows: QuerySet[ChecklistItem] = super().get_queryset(request)
        return rows.order_by("position")

    def get_fields(self, request: UserRequest, obj: ChecklistSection | None = None) -> list[str]:
        if self.has_change_permission(request, obj):
            return list(ItemForm.Meta.fields)
        return ["position", "name", "kind", "points", "words", "exclusive", "measured"]

    def get_readonly_fields(self, request: UserRequest, obj: ChecklistSection | None = None) -> list[str]:
        return [] if self.has_change_permission(request, obj) else ["words", "measured"]

    @admin.display(description="评分方式")
    def words(self, item: ChecklistItem) -> str:
        return rule_text(item)

    @admin.display(description="实测指标")
    def measured(self, item: ChecklistItem) -> str:
        found = INDICATORS.get(item.indicator)
        return found.name if found else item.indicator or "—"


class ValidFromForm(forms.Form):
    """From when a new version shall count."""

    valid_from = day_field("启用日期")


@admin.register(Checklist)
class ChecklistAdmin(ScopedModelAdmin):
    view_action = Action.CHECKLIST_VIEW
    add_action = change_action = delete_action = Action.CHECKLIST_EDIT
    ledger = SCORE_SHEET
    form = ChecklistForm
    list_display = ["__str__", "use", "township", "state", "valid_from", "section_count", "item_count", "adopted_at"]
    list_filter = [("use", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter)]
    search_fields = ["name"]
    search_help_text = "按名称查找"
    actions_detail = ["adopt", "copy", "sheet"]
    change_form_outer_after_template = "admin/checklist_lines.html"

    def get_queryset(self, request: UserRequest) -> QuerySet[Checklist]:
        rows: QuerySet[Checklist] = super().get_queryset(request)
        return rows.select_related("township").annotate(
            section_total=count_of(ChecklistSection.objects.all(), "checklist"),
            item_total=count_of(ChecklistItem.objects.all(), "section__checklist"),
        )

    @admin.display(description="项目数", ordering="section_total")
    def section_count(self, checklist: Any) -> int:
        total: int = checklist.section_total
        return total

    @admin.display(description="内容数", ordering="item_total")
    def item_count(self, checklist: Any) -> int:
        total: int = checklist.item_total
        return total

    def has_change_permission(self, request: UserRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and (not isinstance(obj, Checklist) or _is_draft(obj))

    def has_delete_permission(self, request: UserRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (not isinstance(obj, Checklist) or _is_draft(obj))

    def get_fields(self, request: UserRequest, obj: Checklist | None = None) -> list[Any]:
        grades = ["full", ("good", "fair", "passing"), "source"]
        if obj is None:
            return ["township", "use", "name", "valid_from", *grades]
        return ["township", "use", ("name", "version"), ("valid_from", "state"), *grades, ("adopted_at", "adopted_by")]

    def get_readonly_fields(self, request: UserRequest, obj: Checklist | None = None) -> list[str]:
        return ["township", "use", "version", "state", "adopted_at", "adopted_by"] if obj else []

    def get_inlines(self, request: UserRequest, obj: Checklist | None) -> list[Any]:
        if obj is None:
            return []
        return [SectionInline, PlateInline] if obj.use == Checklist.Use.HOUSEHOLD else [SectionInline]

    def formfield_for_foreignkey(self, db_field: Any, request: UserRequest, **kwargs: Any) -> Any:
        if db_field.name == "township":
            visible = Unit.objects.visible_to(request.user, Action.CHECKLIST_EDIT).on(today())
            kwargs["queryset"] = visible.filter(level=Unit.Level.TOWNSHIP)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def add_through(self, request: UserRequest, form: forms.ModelForm[Checklist]) -> Checklist:
        row = form.instance
        row.version = next_version(row.township, row.use, row.name)
        save_by(row, request.user, InspectionError)
        return row

    def change_through(self, request: UserRequest, row: Checklist, form: forms.ModelForm[Checklist]) -> None:
        save_by(row, request.user, InspectionError)

    def change_view(
        self, request: UserRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form, and below it the whole card with what keeps it from being used."""
        checklist = self.get_object_or_404(request, object_id)
        context = {
            "card_faults": card_faults(card_of(checklist), checklist.full) if _is_draft(checklist) else [],
            "card_lines": _card_lines(checklist),
        }
        page: HttpResponse = super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})
        return page

    # --- buttons ------------------------------------------------------------------------------------------------

    @object_button(Action.CHECKLIST_EDIT, "启用", "gavel", when=_is_draft)
    def adopt(self, request: UserRequest, checklist: Checklist) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            checklist_adopt(checklist=checklist, by=request.user)
            return f"已启用，自 {checklist.valid_from:%Y-%m-%d} 起使用，此后不能修改。"

        return self.ask(request, checklist, f"启用{checklist}（启用后不能再修改）", run)

    @object_button(Action.CHECKLIST_EDIT, "复制为新版本", "content_copy")
    def copy(self, request: UserRequest, checklist: Checklist) -> HttpResponseBase:
        def run(cleaned: dict[str, Any]) -> str:
            draft = checklist_copy(checklist=checklist, valid_from=cleaned["valid_from"], by=request.user)
            return f"已复制为{draft}（草稿），请在列表中打开修改。"

        return self.ask(request, checklist, f"复制{checklist}为新版本", run, ValidFromForm(request.POST or None))

    @object_button(Action.EXPORT, "考核计分表", "download")
    def sheet(self, request: UserRequest, checklist: Checklist) -> HttpResponseBase:
        """This card alone, in the official columns."""
        return ledger_response(SCORE_SHEET, Checklist.objects.filter(pk=checklist.pk), request=request)

    # --- set up and import --------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("set-up/", wrap(self.set_up_view), name="inspections_checklist_set_up"),
            path("import/", wrap(self.import_view), name="inspections_checklist_import"),
            *super().get_urls(),
        ]

    def set_up_view(self, request: UserRequest) -> HttpResponseBase:
        """Add what is missing of the shipped cards, at every township where this user may."""
        if request.method != "POST" or not self.has_add_permission(request):
            raise Http404
        townships = Unit.objects.visible_to(request.user, Action.CHECKLIST_EDIT).on(today())
        added = sum(
            checklists_set_up(township=township, by=request.user)
            for township in townships.filter(level=Unit.Level.TOWNSHIP)
        )
        messages.success(request, f"已补齐自带的检查表，新增 {added} 张，原有的没有动。")
        return redirect(self.address("changelist"))

    def import_view(self, request: UserRequest) -> HttpResponseBase:
        """Read a card, show every row, write the draft when rule_text to; what was typed stays on the page."""
        if not self.has_add_permission(request):
            raise Http404
        sent = request.method == "POST"
        form = CardForm(request.POST if sent else None, request.FILES if sent else None, user=request.user)
        draft = None
        if sent and form.is_valid():
            try:
                draft = card_draft(form.cleaned_data["table"])
                if text_sent(request, "step") == "save":
                    return self._import(request, form)
            except DomainError as error:
                form.add_error(None, error.message)
        return self._import_page(request, form, draft, 422 if form.errors else 200)

    def _import(self, request: UserRequest, form: CardForm) -> HttpResponseBase:
        cleaned = form.cleaned_data
        card = card_import(text=cleaned["table"], head=form.head(), good_only=cleaned["good_only"], by=request.user)
        messages.success(request, f"已写入{card}（草稿），核对后再启用。")
        return redirect(self.address("change", card.pk))

    def _import_page(self, request: UserRequest, form: CardForm, draft: CardDraft | None, status: int) -> HttpResponseBase:
        if draft is not None:
            form.keep_table()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": "检查表",
            "title": "粘贴或上传检查表",
            "form": form,
            "media": self.media + form.media,
            "back": self.address("changelist"),
            "draft": draft,
            "lines": [_draft_line(row) for row in draft.rows] if draft else [],
            "faults": draft_faults(good_sections(draft), FULL) if draft else [],
        }
        return TemplateResponse(request, "admin/card_import.html", context, status=status)

    def changelist_view(self, request: UserRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        links = {}
        if self.has_add_permission(request):
            links = {
                "set_up_url": self.address("set_up"),
                "set_up_label": "补齐自带的检查表",
                "import_url": self.address("import"),
                "import_label": "粘贴或上传检查表",
            }
        return super().changelist_view(request, {**links, **(extra_context or {})})


@admin.register(ChecklistSection)
class ChecklistSectionAdmin(ScopedModelAdmin):
    """One 考核项目 with its lines; it is added on its card's page."""

    view_action = Action.CHECKLIST_VIEW
    change_action = delete_action = Action.CHECKLIST_EDIT
    list_display = ["name", "checklist", "sort", "points", "position"]
    list_select_related = ["checklist"]
    search_fields = ["name", "checklist__name"]
    search_help_text = "按项目或检查表名称查找"
    fields = ["card", "position", "name", "sort", "points"]
    readonly_fields = ["card"]
    inlines = [ItemInline]

    def get_queryset(self, request: UserRequest) -> QuerySet[ChecklistSection]:
        rows: QuerySet[ChecklistSection] = super().get_queryset(request)
        return rows.select_related("checklist__township")

    @admin.display(description="检查表")
    def card(self, section: ChecklistSection) -> str:
        address = reverse("admin:inspections_checklist_change", args=[section.checklist_id])
        return format_html('<a href="{}" class="house-link">{}</a>', address, section.checklist)

    def has_change_permission(self, request: UserRequest, obj: Model | None = None) -> bool:
        drafted = not isinstance(obj, ChecklistSection) or _is_draft(obj.checklist)
        return super().has_change_permission(request, obj) and drafted

    has_delete_permission = has_change_permission

    def change_through(self, request: UserRequest, row: ChecklistSection, form: forms.ModelForm[ChecklistSection]) -> None:
        save_by(row, request.user, InspectionError)

    def response_post_save_change(self, request: HttpRequest, obj: ChecklistSection) -> HttpResponse:
        """Back to the card."""
        return redirect("admin:inspections_checklist_change", obj.checklist_id)


def _choosing(formset: Any, deeds: list[tuple[str, str]]) -> Any:
    """The formset whose forms choose among `deeds`."""

    class Chosen(formset):
        def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
            return {**super().get_form_kwargs(index), "deeds": deeds}

    return Chosen


def _card_lines(checklist: Checklist) -> list[dict[str, str]]:
    """Every line of a card as it is read on paper; what a merged cell covers is left empty."""
    items = ChecklistItem.objects.filter(section__checklist=checklist).select_related("section")
    lines, before = [], None
    for item in items.order_by("section__position", "position"):
        section = item.section
        lines.append(
            {
                "section": f"{section.name}（{figure(section.points)}分）" if section.pk != before else "",
                "name": item.name,
                "points": figure(item.points) if item.points is not None else "",
                "words": rule_text(item) + ("，与上一条只扣重的" if item.exclusive else ""),
                "kind": item.get_kind_display(),
            }
        )
        before = section.pk
    return lines


def _draft_line(row: CardRow) -> dict[str, Any]:
    """One row of the sheet: what was written, how it was read, what is wrong."""
    result, item = row.result, row.item
    reason = result.reason_of(LOOK, REFUSE)
    read = ""
    if item is not None:
        read = rule_words(item.kind, item.per_case, item.unit, item.bands, item.points)
        read += "，与上一条只扣重的" if item.exclusive else ""
    return {
        "number": result.row_number,
        "verdict": REFUSE if item is None else LOOK if reason else "take",
        "label": "看不懂" if item is None else "请核对" if reason else "可写入",
        "section": result.values["section"] or "",
        "name": result.values["name"] or "",
        "points": "与上一条共用" if item and item.points is None and item.kind in SHARING else result.values["points"] or "",
        "rule": result.values["rule"] or "",
        "read": read,
        "kind": KIND_LABELS[Kind(item.kind)] if item else "",
        "reason": reason,
    }
