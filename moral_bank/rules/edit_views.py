"""Drafts of the rules: copied, edited line by line, adopted by a meeting's record (plan §三.1; mission M22)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from moral_bank.rules.forms import DeedForm, DraftForm, MeetingForm, ValidFromForm
from moral_bank.rules.lookups import draft_or_404, rule_set_or_404
from moral_bank.rules.models import Deed, RuleSet
from moral_bank.rules.services import MONTH_MAXIMUM, deed_remove, deed_save, draft_edit, rule_set_adopt, rule_set_copy


@never_cache
@duty_required(Action.RULE_EDIT)
def rule_copy(request: UserRequest, pk: int) -> HttpResponse:
    rule_set = rule_set_or_404(request.user, pk, Action.RULE_EDIT)
    form = ValidFromForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = rule_set_copy(rule_set=rule_set, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已复制为{draft}（草稿），改好后再施行。")
            return redirect("moral_bank:rule-detail", pk=draft.pk)
    return _ask(request, rule_set, form, "复制为新版本", "复制")


@never_cache
@duty_required(Action.RULE_EDIT)
def rule_adopt(request: UserRequest, pk: int) -> HttpResponse:
    """By the record of the meeting that passed it; an adopted version is on the public board from then on."""
    rule_set = draft_or_404(request, pk)
    form = MeetingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            rule_set_adopt(rule_set=rule_set, meeting=form.meeting(), by=request.user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已施行，自 {rule_set.valid_from:%Y-%m-%d} 起计分，并已在公示栏公布，此后不能修改。")
            return redirect("moral_bank:rule-detail", pk=pk)
    return _ask(request, rule_set, form, "施行（施行后不能再修改）", "施行")


@never_cache
@duty_required(Action.RULE_EDIT)
def rule_edit(request: UserRequest, pk: int) -> HttpResponse:
    """Name, first day, lines, caps and heads of a draft."""
    draft = draft_or_404(request, pk)
    form = DraftForm(request.POST if request.method == "POST" else None, instance=draft)
    if request.method == "POST" and form.is_valid():
        try:
            draft_edit(rule_set=draft, by=request.user, **form.said())
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已保存。")
            if (total := sum(draft.heads.values_list("maximum", flat=True))) != MONTH_MAXIMUM:
                messages.warning(request, f"五类满分合计现为 {total}，施行前须改为 {MONTH_MAXIMUM}。")
            return redirect("moral_bank:rule-detail", pk=pk)
    context = {"rule_set": rule_set_or_404(request.user, pk), "form": form}
    return render(request, "moral_bank/rules/form.html", context, status=422 if form.errors else 200)


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
    try:
        deed_remove(deed=deed, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"已从草稿删去 {deed.code} {deed.name}。")
    return redirect("moral_bank:rule-detail", pk=deed.rule_set_id)


def _deed_form(request: UserRequest, draft: RuleSet, deed: Deed | None) -> HttpResponse:
    title = f"{deed.code} {deed.name}" if deed else "新增事项"
    form = DeedForm(request.POST if request.method == "POST" else None, instance=deed)
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = form.cleaned_data
        try:
            saved = deed_save(rule_set=draft, deed=deed, values=values, by=request.user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已保存 {saved.code} {saved.name}。")
            again = deed is None and request.POST.get("step") == "next"
            return redirect("moral_bank:deed-create" if again else "moral_bank:rule-detail", pk=draft.pk)
    context = {"rule_set": draft, "deed": deed, "title": title, "form": form}
    return render(request, "moral_bank/rules/deed.html", context, status=422 if form.errors else 200)


def _ask(request: UserRequest, rule_set: RuleSet, form: forms.Form, title: str, button: str) -> HttpResponse:
    context = {"rule_set": rule_set, "form": form, "title": title, "button": button}
    return render(request, "moral_bank/rules/ask.html", context, status=422 if form.errors else 200)


def _deed(request: UserRequest, pk: int) -> Deed:
    deeds = Deed.objects.visible_to(request.user, Action.RULE_EDIT).filter(rule_set__state=RuleSet.State.DRAFT)
    return get_object_or_404(deeds.select_related("rule_set__township"), pk=pk)
