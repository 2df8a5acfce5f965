"""Covenants and rules on the desk: the list, one with its versions, drafted, compared, hung (plan §三.2, §四.三; mission M18)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.councils.covenants import services
from governance.councils.covenants.comparing import pairs_of
from governance.councils.covenants.forms import (
    AnswerForm,
    CiteForm,
    CovenantForm,
    FileDraftForm,
    MarkForm,
    RecordForm,
    SetForm,
    text_of,
)
from governance.councils.covenants.lists import COVENANTS, LEDGER, shown_rows
from governance.councils.covenants.lookups import covenant_of, version_of
from governance.councils.covenants.models import Covenant, CovenantVersion
from governance.councils.covenants.rows import Page
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To, list_export, list_page
from governance.frame.public import public_page
from governance.periods import today
from governance.qr import qr_svg
from governance.reading import key_asked

TO_LIST = To("公约和制度", "councils:covenant-list")
SAVED = "草稿已保存。"


@duty_required(Action.COUNCIL_VIEW)
def covenant_list(request: UserRequest) -> HttpResponse:
    return list_page(request, COVENANTS, shown_rows(Covenant.objects.visible_to(request.user)))


@require_safe
@duty_required(Action.EXPORT)
def covenant_export(request: UserRequest) -> HttpResponseBase:
    rows = shown_rows(Covenant.objects.visible_to(request.user, Action.EXPORT))
    return list_export(request, COVENANTS, rows, LEDGER, "councils:covenant-list")


@never_cache
@duty_required(Action.DECISION_RUN)
def covenant_create(request: UserRequest) -> HttpResponse:
    form = CovenantForm(**sent(request), user=request.user, initial=request.GET.dict())
    if words := form.read():
        messages.info(request, words)
        form = CovenantForm(user=request.user, initial=form.with_lines())
    if done := act(request, form, services.covenant_add, SAVED, by=request.user):
        return redirect("councils:covenant-detail", pk=done.result.covenant_id)
    return form_page(request, form, title="起草规约或制度", button="保存草稿", up=TO_LIST)


@duty_required(Action.COUNCIL_VIEW)
def covenant_detail(request: UserRequest, pk: int) -> HttpResponse:
    covenant = covenant_of(request.user, pk)
    return render(request, "councils/covenants/detail.html", {"covenant": covenant, "page": Page(covenant, request.user)})


@never_cache
@duty_required(Action.DECISION_RUN)
def covenant_draft(request: UserRequest, pk: int) -> HttpResponse:
    """The draft, or a new one that begins with the words that hold now."""
    covenant = covenant_of(request.user, pk, Action.DECISION_RUN)
    page = Page(covenant, request.user)
    last = page.draft or page.before
    initial = {"text": text_of(last), "note": page.draft.note if page.draft else ""}
    form = FileDraftForm(**sent(request), initial={**initial, **request.GET.dict()})
    if words := form.read():
        messages.info(request, words)
        form = FileDraftForm(initial=form.with_lines())
    if act(request, form, services.version_draft, SAVED, covenant=covenant, by=request.user):
        return redirect("councils:covenant-detail", pk=pk)
    title = f"修改草稿：{covenant}" if page.draft else f"起草新版本：{covenant}"
    return form_page(request, form, title=title, button="保存草稿", up=_up(covenant))


@require_POST
@duty_required(Action.DECISION_RUN)
def covenant_begin(request: UserRequest, pk: int) -> HttpResponse:
    covenant = covenant_of(request.user, pk, Action.DECISION_RUN)
    draft = Page(covenant, request.user).draft
    if draft is None:
        messages.error(request, "没有等着办理的草稿。")
        return redirect("councils:covenant-detail", pk=pk)
    done = press(request, services.version_begin, "已开始按程序办理。", version=draft, by=request.user)
    return redirect("councils:decision-detail", pk=done.result.pk) if done else redirect("councils:covenant-detail", pk=pk)


@never_cache
@duty_required(Action.DECISION_RUN)
def version_set(request: UserRequest, pk: int) -> HttpResponse:
    """施行 of a 制度."""
    version = version_of(request.user, pk, Action.DECISION_RUN)
    form = SetForm(**sent(request))
    if act(request, form, services.version_set, "已登记施行。", version=version, by=request.user):
        return redirect("councils:covenant-detail", pk=version.covenant_id)
    return form_page(request, form, title=f"施行：{version}", button="登记施行", up=_up(version.covenant))


@never_cache
@duty_required(Action.DECISION_CHECK)
def version_record(request: UserRequest, pk: int) -> HttpResponse:
    """补登 what was in force before."""
    version = version_of(request.user, pk, Action.DECISION_CHECK)
    form = RecordForm(**sent(request))
    if act(request, form, services.version_record, "已补登。", version=version, by=request.user):
        return redirect("councils:covenant-detail", pk=version.covenant_id)
    hint = "原来就在执行的规约，照原文录入以后在这里补登，不必重新走程序；公开页面会写明是补登。以后修订照程序办。"
    return form_page(request, form, title=f"补登：{version}", button="补登", up=_up(version.covenant), hint=hint)


@never_cache
@duty_required(Action.DECISION_CHECK)
def version_answer(request: UserRequest, pk: int) -> HttpResponse:
    """镇审查 of marked clauses."""
    version = version_of(request.user, pk, Action.DECISION_CHECK)
    form = AnswerForm(**sent(request), clauses=list(version.clauses.exclude(marks="").order_by("number")))
    if act(request, form, services.clauses_answer, lambda count: f"已写 {count} 条审查意见。", version=version, by=request.user):
        return redirect("councils:covenant-detail", pk=version.covenant_id)
    hint = "标出的条款可能涉及规约不能管的事。合法的写明理由；不合法的不填，请村里改掉。"
    return form_page(request, form, title=f"审查条款：{version}", button="保存意见", up=_up(version.covenant), hint=hint)


@never_cache
@duty_required(Action.DECISION_CHECK)
def version_mark(request: UserRequest, pk: int) -> HttpResponse:
    """镇审查: clauses that must be changed."""
    version = version_of(request.user, pk, Action.DECISION_CHECK)
    form = MarkForm(**sent(request), clauses=list(version.clauses.order_by("number")))
    if act(request, form, services.clauses_mark, lambda count: f"已标出 {count} 条。", version=version, by=request.user):
        return redirect("councils:covenant-detail", pk=version.covenant_id)
    hint = "标出的条款，村里改掉或镇里写明为什么可以保留以前，不能施行。理由写在预审意见里。"
    return form_page(request, form, title=f"标出要改的条款：{version}", button="保存", up=_up(version.covenant), hint=hint)


@never_cache
@duty_required(Action.DECISION_RUN)
def version_cite(request: UserRequest, pk: int) -> HttpResponse:
    """Which deeds of the moral bank rest on which clause."""
    version = version_of(request.user, pk, Action.DECISION_RUN)
    deeds = Page(version.covenant, request.user).deeds
    form = CiteForm(**sent(request), clauses=list(version.clauses.order_by("number")), deeds=deeds)
    if act(request, form, services.clauses_cite, "已保存。", version=version, by=request.user):
        return redirect("councils:covenant-detail", pk=version.covenant_id)
    hint = "填积分细则里的编号，几个编号用顿号隔开；没有的不填。"
    return form_page(request, form, title=f"引用条款的积分事项：{version}", up=_up(version.covenant), hint=hint)


@duty_required(Action.COUNCIL_VIEW)
def covenant_compare(request: UserRequest, pk: int) -> HttpResponse:
    """Two versions: by default the last and the one before."""
    covenant = covenant_of(request.user, pk)
    versions = list(covenant.versions.order_by("-number"))
    by_number = {version.number: version for version in versions}
    new = by_number.get(key_asked(request, "new") or 0, versions[0])
    old = by_number.get(key_asked(request, "old") or 0, by_number.get(new.number - 1, new))
    pairs = pairs_of(*(list(one.clauses.order_by("number").values_list("text", flat=True)) for one in (old, new)))
    counts = [(label, sum(pair.kind == kind for pair in pairs)) for kind, label in (("new", "新增"), ("gone", "删去"), ("changed", "改动"))]
    context = {"covenant": covenant, "versions": versions, "old": old, "new": new, "pairs": pairs, "counts": counts}
    return render(request, "councils/covenants/compare.html", context)


@duty_required(Action.COUNCIL_VIEW)
def version_print(request: UserRequest, pk: int) -> HttpResponse:
    """One version to hang up, with a code that leads to what holds now."""
    version = version_of(request.user, pk)
    address = request.build_absolute_uri(reverse("public:covenant", args=[version.covenant_id]))
    context = {"version": version, "clauses": version.clauses.order_by("number"), "qr": qr_svg(address)}
    return render(request, "councils/covenants/print.html", context)


@public_page
def public_covenants(request: HttpRequest) -> HttpResponse:
    """All that is in force, by place."""
    rows = _in_force().order_by("covenant__unit__path", "covenant__kind", "covenant_id")
    return render(request, "councils/covenants/public_list.html", {"versions": rows})


@public_page
def public_covenant(request: HttpRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(_in_force(), covenant=pk)
    earlier = version.covenant.versions.filter(valid_from__isnull=False, number__lt=version.number).order_by("-number")
    context = {"version": version, "clauses": version.clauses.order_by("number"), "earlier": earlier}
    return render(request, "councils/covenants/public_covenant.html", context)


def _in_force() -> Any:
    return CovenantVersion.objects.in_force(today()).select_related("covenant__unit__parent")


def _up(covenant: Covenant) -> To:
    return To(str(covenant), "councils:covenant-detail", (covenant.pk,))
