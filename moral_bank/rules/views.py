"""Rule sets: versions, one version by head, what a draft changes (plan §三.1; mission M22)."""

from __future__ import annotations

from io import BytesIO

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from governance.periods import today
from governance.sheets.writer import write_table
from moral_bank.closings.exports import DEEDS
from moral_bank.rules.compare import Comparison, compare
from moral_bank.rules.forms import DeedFilter
from moral_bank.rules.lookups import rule_set_or_404
from moral_bank.rules.models import Head, RuleSet
from moral_bank.rules.rows import (
    COMPARE_COLUMNS,
    by_head,
    caps_words,
    change_row,
    comparison_rows,
    in_order,
    line_words,
)
from moral_bank.rules.services import forerunner_of, version_of
from villages.models import Unit


@duty_required(Action.RULE_VIEW)
def rule_list(request: UserRequest) -> HttpResponse:
    user = request.user
    rows = rule_sets_seen(user).annotate(deed_total=Count("deeds")).order_by("township__path", "-version")
    towns = Unit.objects.filter(pk__in=RuleSet.objects.visible_to(user).order_by().values("township")).order_by("path")
    asked = request.GET.get("township", "")
    if asked.isdecimal():
        rows = rows.filter(township_id=int(asked))
    page = page_of(request, rows)
    running = RuleSet.objects.running({rule_set.township_id for rule_set in page.object_list}, today())
    context = {
        "page": page,
        "rows": [(rule_set, running.get(rule_set.township_id) == rule_set.pk) for rule_set in page.object_list],
        "towns": towns if len(towns) > 1 else [],
        "asked": asked,
        "may_admin": user.may(Action.ADMIN_ENTER) and user.may(Action.RULE_EDIT),
    }
    return render(request, "moral_bank/rules/list.html", context)


@duty_required(Action.RULE_VIEW)
def rule_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, rule_set = request.user, rule_set_or_404(request.user, pk)
    form = DeedFilter(request.GET)
    page = page_of(request, in_order(form.rows(rule_set.deeds.all())))
    may_edit = user.may(Action.RULE_EDIT, rule_set.township.path)
    context = {
        "rule_set": rule_set,
        "is_draft": rule_set.state == RuleSet.State.DRAFT,
        "is_running": RuleSet.objects.in_force(rule_set.township_id, today()) == rule_set,
        "heads": rule_set.heads.all(),
        "caps": caps_words(rule_set),
        "form": form,
        "page": page,
        "groups": by_head(page.object_list),
        "asked": any(request.GET.get(name) for name in form.fields),
        "may_edit": may_edit,
        "may_export": user.may(Action.EXPORT),
        "before": forerunner_of(rule_set),
        "imports": rule_set.imports.order_by("-pk").exclude(state="discarded")[:5] if may_edit else [],
    }
    return render(request, "moral_bank/rules/detail.html", context)


@duty_required(Action.EXPORT)
def rule_export(request: UserRequest, pk: int) -> HttpResponseBase:
    """The filtered deeds in the official columns; what is exported can be imported again."""
    rule_set = rule_set_or_404(request.user, pk)
    try:
        return ledger_response(DEEDS, DeedFilter(request.GET).rows(rule_set.deeds.all()), request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:rule-detail", pk=pk)


@duty_required(Action.RULE_VIEW)
def rule_compare(request: UserRequest, pk: int) -> HttpResponse:
    """What a version changes against the one before it, or against the one that `with` names."""
    rule_set, other = rule_set_or_404(request.user, pk), None
    others = RuleSet.objects.visible_to(request.user).filter(township=rule_set.township_id).exclude(pk=pk)
    other = _other(request, rule_set, others)
    found = _compare(other, rule_set) if other else Comparison()
    context = {
        "rule_set": rule_set,
        "other": other,
        "others": others.order_by("-version"),
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
    others = RuleSet.objects.visible_to(request.user).filter(township=rule_set.township_id).exclude(pk=pk)
    other = _other(request, rule_set, others)
    if other is None:
        raise Http404
    rows, stream, title = list(comparison_rows(_compare(other, rule_set))), BytesIO(), "积分细则对照表"
    notes = [f"原来：{other}（{other.valid_from} 起）；改为：{rule_set}（{rule_set.valid_from} 起）。"]
    write_table(stream, title=title, columns=COMPARE_COLUMNS, rows=rows, sheet_name=title, notes=notes)
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"{title} {len(rows)} 行")
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"{title}-{today():%Y%m%d}.xlsx")


def rule_sets_seen(user: User) -> QuerySet[RuleSet]:
    return RuleSet.objects.visible_to(user).select_related("township")


def _other(request: UserRequest, rule_set: RuleSet, others: QuerySet[RuleSet]) -> RuleSet | None:
    asked = request.GET.get("with", "")
    return others.filter(pk=asked).first() if asked.isdecimal() else forerunner_of(rule_set)


def _compare(old: RuleSet, new: RuleSet) -> Comparison:
    return compare(version_of(old), version_of(new), {head: str(label) for head, label in Head.choices})
