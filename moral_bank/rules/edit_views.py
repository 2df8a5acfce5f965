"""Drafts of the rules: copied, edited line by line, adopted by a meeting's record (plan §三.1; mission M22)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To
from governance.periods import Kind, Period, today
from governance.reading import text_sent
from moral_bank.rules.forms import DeedForm, DraftForm, MeetingForm, ValidFromForm
from moral_bank.rules.lookups import draft_or_404, rule_set_or_404
from moral_bank.rules.models import Deed, RuleSet
from moral_bank.rules.services import MONTH_MAXIMUM, deed_remove, deed_save, draft_edit, rule_set_adopt, rule_set_copy


@never_cache
@duty_required(Action.RULE_EDIT)
def rule_copy(request: UserRequest, pk: int) -> HttpResponse:
    rule_set = rule_set_or_404(request.user, pk, Action.RULE_EDIT)
    form = ValidFromForm(**sent(request))
    done = act(request, form, rule_set_copy, lambda draft: f"已复制为{draft}（草稿），改好后再施行。", rule_set=rule_set, by=request.user)
    if done:
        return redirect("moral_bank:rule-detail", pk=done.result.pk)
    return form_page(request, form, hint=_about(rule_set), title="复制为新版本", button="复制", up=_above(rule_set))


@never_cache
@duty_required(Action.RULE_EDIT)
def rule_adopt(request: UserRequest, pk: int) -> HttpResponse:
    """By the record of the meeting that passed it; an adopted version is on the public board from then on."""
    rule_set, form = draft_or_404(request, pk), MeetingForm(**sent(request))
    words = f"已施行，自 {rule_set.valid_from:%Y-%m-%d} 起计分，并已在公示栏公布，此后不能修改。"
    if act(request, form, rule_set_adopt, words, rule_set=rule_set, by=request.user):
        return redirect("moral_bank:rule-detail", pk=pk)
    hint = _about(rule_set) + _past_words(rule_set)
    return form_page(request, form, hint=hint, title="施行（施行后不能再修改）", button="施行", up=_above(rule_set))


@never_cache
@duty_required(Action.RULE_EDIT)
def rule_edit(request: UserRequest, pk: int) -> HttpResponse:
    """Name, first day, lines, caps and heads of a draft."""
    draft = draft_or_404(request, pk)
    context = {"title": "改施行日期、分数线和五类分值", "up": _above(draft)}
    form = DraftForm(**sent(request), instance=draft)
    if act(request, form, draft_edit, "已保存。", rule_set=draft, by=request.user):
        if (total := sum(draft.heads.values_list("maximum", flat=True))) != MONTH_MAXIMUM:
            messages.warning(request, f"五类满分合计现为 {total}，施行前须改为 {MONTH_MAXIMUM}。")
        return redirect("moral_bank:rule-detail", pk=pk)
    return form_page(request, form, "moral_bank/rules/form.html", **context)


@never_cache
@duty_required(Action.RULE_EDIT)
def deed_create(request: UserRequest, pk: int) -> HttpResponse:
    return _deed_form(request, draft_or_404(request, pk), None)


@never_cache
@duty_required(Action.RULE_EDIT)
def deed_edit(request: UserRequest, pk: int) -> HttpResponse:
    deed = _deed(request, pk)
    return _deed_form(request, deed.rule_set, deed)


@require_POST
@duty_required(Action.RULE_EDIT)
def deed_drop(request: UserRequest, pk: int) -> HttpResponse:
    deed = _deed(request, pk)
    press(request, deed_remove, f"已从草稿删去 {deed.code} {deed.name}。", deed=deed, by=request.user)
    return redirect("moral_bank:rule-detail", pk=deed.rule_set_id)


def _deed_form(request: UserRequest, draft: RuleSet, deed: Deed | None) -> HttpResponse:
    context = {"title": f"{deed.code} {deed.name}" if deed else "新增事项", "deed": deed, "up": _above(draft)}
    form = DeedForm(**sent(request), instance=deed)
    if act(request, form, deed_save, lambda deed: f"已保存 {deed.code} {deed.name}。", rule_set=draft, deed=deed, by=request.user):
        again = deed is None and text_sent(request, "step") == "next"
        return redirect("moral_bank:deed-create" if again else "moral_bank:rule-detail", pk=draft.pk)
    return form_page(request, form, "moral_bank/rules/deed.html", **context)


def _above(rule_set: RuleSet) -> To:
    return To(str(rule_set), "moral_bank:rule-detail", (rule_set.pk,))


def _about(rule_set: RuleSet) -> str:
    return f"{rule_set}，{rule_set.township}，自 {rule_set.valid_from:%Y年%-m月%-d日} 起施行。"


def _past_words(rule_set: RuleSet) -> str:
    """What an adoption does to the months that are over: the night's round computes and shows them."""
    this = Period.of(Kind.MONTH, today())
    months = (this.start.year - rule_set.valid_from.year) * 12 + this.start.month - rule_set.valid_from.month
    if months <= 0:
        return ""
    first, last = Period.of(Kind.MONTH, rule_set.valid_from), this.previous()
    since = first.label if months == 1 else f"{first.label}到{last.label}"
    return f"已经过去的 {months} 个月（{since}）也会按它计算、公示；只想从后面的月份开始，请先返回，改施行日期。"


def _deed(request: UserRequest, pk: int) -> Deed:
    deeds = Deed.objects.visible_to(request.user, Action.RULE_EDIT).filter(rule_set__state=RuleSet.State.DRAFT)
    return get_object_or_404(deeds.select_related("rule_set__township"), pk=pk)
