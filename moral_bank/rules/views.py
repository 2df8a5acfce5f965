"""Rule sets: versions, one version by head, what a draft changes (plan §三.1; mission M22)."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

from django.db.models import Count
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.frame.lists import Listing, To, filter_refused, list_export, list_page
from governance.periods import today
from governance.reading import text_asked
from governance.sheets.writer import write_table
from moral_bank.rules.compare import Comparison, compare
from moral_bank.rules.exports import DEEDS as LEDGER
from moral_bank.rules.forms import CompareForm
from moral_bank.rules.lists import DEEDS, RULES, state_tag
from moral_bank.rules.lookups import rule_set_or_404
from moral_bank.rules.models import Head, RuleSet
from moral_bank.rules.rows import COMPARE_COLUMNS, caps_words, change_row, comparison_rows, line_words, placed
from moral_bank.rules.services import forerunner_of, version_of


@duty_required(Action.RULE_VIEW)
def rule_list(request: UserRequest) -> HttpResponse:
    rows = RuleSet.objects.visible_to(request.user).with_running(today()).select_related("township")
    return list_page(request, RULES, rows.annotate(deed_total=Count("deeds")))


@duty_required(Action.RULE_VIEW)
def rule_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, rule_set = request.user, rule_set_or_404(request.user, pk)
    running = RuleSet.objects.in_force(rule_set.township_id, today())
    may_edit = user.may(Action.RULE_EDIT, rule_set.township.path)
    may_change = may_edit and rule_set.state == RuleSet.State.DRAFT
    context: dict[str, Any] = {
        "rule_set": rule_set,
        "state": state_tag(rule_set, running.pk if running else None),
        "heads": rule_set.heads.all(),
        "caps": caps_words(rule_set),
        "may_edit": may_edit,
        "may_change": may_change,
        "before": forerunner_of(rule_set),
        "imports": rule_set.imports.order_by("-pk").exclude(state="discarded")[:5] if may_edit else [],
    }
    listing = _deeds(rule_set, may_change)
    return list_page(request, listing, placed(rule_set.deeds.all()), "moral_bank/rules/detail.html", **context)


def _deeds(rule_set: RuleSet, may_change: bool) -> Listing:
    """The list of a version's deeds; a draft's lead to their forms."""
    exports = (To("导出事项表", "moral_bank:rule-export", (rule_set.pk,), needs=(Action.EXPORT,)),)
    listing = replace(DEEDS, title=str(rule_set), exports=exports)
    if not may_change:
        return listing
    add = To("新增事项", "moral_bank:deed-create", (rule_set.pk,))
    first = To("新增第一项，或用“导入事项”", add.name, add.args)
    return replace(listing, href="moral_bank:deed-edit", steps=(first,))


@duty_required(Action.EXPORT)
def rule_export(request: UserRequest, pk: int) -> HttpResponseBase:
    """The filtered deeds in the official columns; what is exported can be imported again."""
    rule_set = rule_set_or_404(request.user, pk)
    return list_export(request, DEEDS, placed(rule_set.deeds.all()), LEDGER, reverse("moral_bank:rule-detail", args=[pk]))


@duty_required(Action.RULE_VIEW)
def rule_compare(request: UserRequest, pk: int) -> HttpResponse:
    """What a version changes against the one before it, or against the one that `with` names."""
    rule_set = rule_set_or_404(request.user, pk)
    form, other = _with(request, rule_set)
    found = _compare(other, rule_set) if other else Comparison()
    context = {
        "rule_set": rule_set,
        "other": other,
        "form": form,
        "found": found,
        "settings": [change_row(change) for change in (*found.settings, *found.heads)],
        "added": [(line, line_words(line)) for line in found.added],
        "removed": [(line, line_words(line)) for line in found.removed],
        "changed": [(pair, [change_row(change) for change in pair.changes]) for pair in found.changed],
        "may_export": request.user.may(Action.EXPORT),
    }
    return render(request, "moral_bank/rules/compare.html", context)


@duty_required(Action.EXPORT)
def compare_export(request: UserRequest, pk: int) -> HttpResponseBase:
    rule_set = rule_set_or_404(request.user, pk)
    form, other = _with(request, rule_set)
    if form.errors:
        return filter_refused(request, reverse("moral_bank:rule-compare", args=[pk], query=request.GET))
    if other is None:
        raise Http404
    rows, stream, title = list(comparison_rows(_compare(other, rule_set))), BytesIO(), "积分细则对照表"
    notes = [f"原来：{other}（{other.valid_from} 起）；改为：{rule_set}（{rule_set.valid_from} 起）。"]
    write_table(stream, title=title, columns=COMPARE_COLUMNS, rows=rows, sheet_name=title, notes=notes)
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"{title} {len(rows)} 行")
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"{title}-{today():%Y%m%d}.xlsx")


def _with(request: UserRequest, rule_set: RuleSet) -> tuple[CompareForm, RuleSet | None]:
    """The form and the version that it names, by default the one before; None where there is none or the name is wrong."""
    versions = RuleSet.objects.visible_to(request.user).filter(township=rule_set.township_id)
    others = {str(row.pk): row for row in versions.exclude(pk=rule_set.pk).order_by("-version")}
    before = forerunner_of(rule_set)
    key = text_asked(request, "with", str(before.pk) if before else "")
    form = CompareForm({"with": key}, others=list(others.values()))
    return form, others[key] if key and form.is_valid() else None


def _compare(old: RuleSet, new: RuleSet) -> Comparison:
    return compare(version_of(old), version_of(new), {head: str(label) for head, label in Head.choices})
