"""Superiors' forms: the list, one form with what was filled, the steps from upload to fill (mission M39)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.desk.superior.forms import FileForm, FillForm, LayoutForm, MapForm, UploadForm
from governance.desk.superior.lists import FORMS, listed, repeated_in, totals_of
from governance.desk.superior.models import Filling, SuperiorForm, opened
from governance.desk.superior.services import form_delete, form_fill, form_keep, form_lay_out, form_map, form_replace
from governance.frame.act import act, form_page, sent
from governance.frame.forms import PageForm
from governance.frame.lists import To, list_page
from governance.frame.paging import page_of
from governance.periods import Kind, Period, today

TO_LIST = To("上级报表", "desk:superior-list")


def _form(request: UserRequest, pk: int) -> SuperiorForm:
    return get_object_or_404(SuperiorForm.objects.visible_to(request.user).select_related("township", "kept_by"), pk=pk)


def _up(form: SuperiorForm) -> To:
    return To(form.name, "desk:superior-detail", (form.pk,))


@duty_required(Action.EXPORT)
def superior_list(request: UserRequest) -> HttpResponse:
    rows = listed(request.user)
    forms = list(rows.select_related("township").defer("template"))
    context: dict[str, Any] = {"totals": totals_of(forms), "repeated": repeated_in(forms), "year": today().year}
    return list_page(request, FORMS, rows.defer("template"), "desk/superior/list.html", **context)


@never_cache
@duty_required(Action.EXPORT)
def superior_create(request: UserRequest) -> HttpResponse:
    form = UploadForm(**sent(request), user=request.user)
    if done := act(request, form, form_keep, "已收下。请核对每个工作表是什么表。", by=request.user):
        return redirect("desk:superior-layout", pk=done.result.pk)
    return form_page(request, form, title="上传一张上级报表", button="上传", up=TO_LIST)


@duty_required(Action.EXPORT)
def superior_detail(request: UserRequest, pk: int) -> HttpResponse:
    form = _form(request, pk)
    fillings = Filling.objects.visible_to(request.user).filter(form=form).select_related("by").defer("result")
    context = {
        "kept": form,
        "page": page_of(request, fillings),
        "form": FillForm(initial={"period": str(Period.of(Kind.MONTH, today()))}),
        "month": Period.of(Kind.MONTH, today()),
        "times": listed(request.user).values_list("times", flat=True).get(pk=pk),
    }
    return render(request, "desk/superior/detail.html", context)


@never_cache
@duty_required(Action.EXPORT)
def superior_replace(request: UserRequest, pk: int) -> HttpResponse:
    kept = _form(request, pk)
    form = FileForm(**sent(request))
    if act(request, form, form_replace, "模板已换。请核对每个工作表是什么表。", form=kept, by=request.user):
        return redirect("desk:superior-layout", pk=pk)
    return form_page(request, form, title="换模板", button="上传", hint="栏目没有变的，原来的对应照旧。", up=_up(kept))


@duty_required(Action.EXPORT)
def superior_layout(request: UserRequest, pk: int) -> HttpResponse:
    kept = _form(request, pk)
    form = LayoutForm(**sent(request), form=kept)
    if act(request, form, form_lay_out, "已保存。请核对每一栏填什么。", form=kept, by=request.user):
        return redirect("desk:superior-map", pk=pk)
    hint = "表头、种类已经按表里的内容认好，对的不用改。单个格子的表不用管表头行。"
    return form_page(request, form, title="每个工作表是什么表", button="下一步：对应栏目", hint=hint, up=_up(kept))


@duty_required(Action.EXPORT)
def superior_map(request: UserRequest, pk: int) -> HttpResponse:
    kept = _form(request, pk)
    form = MapForm(**sent(request), form=kept)
    if act(request, form, form_map, "栏目已对应好，可以填了。", form=kept, by=request.user):
        return redirect("desk:superior-detail", pk=pk)
    hint = "选“（不填）”的栏目会标黄留空。对应只做一次，以后同名的栏目自动对上。"
    return form_page(request, form, "desk/superior/map.html", title="对应栏目", hint=hint, up=_up(kept))


@require_POST
@duty_required(Action.EXPORT)
def superior_fill(request: UserRequest, pk: int) -> HttpResponse:
    kept = _form(request, pk)
    form = FillForm(request.POST)
    if not act(request, form, form_fill, _filled, form=kept, by=request.user, request=request):
        return form_page(request, form, title=f"填“{kept.name}”", button="填表", up=_up(kept))
    return redirect("desk:superior-detail", pk=pk)


def _filled(filling: Filling) -> str:
    left = f"，{filling.missed} 格没有填上，已标黄" if filling.missed else ""
    return f"{filling.period.label}已填好：填了 {filling.filled} 格{left}。请下载核对。"


@duty_required(Action.EXPORT)
def superior_download(request: UserRequest, pk: int) -> HttpResponseBase:
    """The filled form; each download is logged."""
    filling = get_object_or_404(Filling.objects.visible_to(request.user).select_related("form"), pk=pk)
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"下载上级报表“{filling.form.name}”{filling.period.label}")
    name = f"{filling.form.name}-{filling.period.label}.xlsx"
    return FileResponse(BytesIO(opened(filling.result)), as_attachment=True, filename=name)


@duty_required(Action.EXPORT)
def superior_delete(request: UserRequest, pk: int) -> HttpResponse:
    kept = _form(request, pk)
    if act(request, form := PageForm(**sent(request)), form_delete, f"已删除“{kept.name}”。", form=kept, by=request.user):
        return redirect("desk:superior-list")
    hint = "模板、栏目的对应和各次填好的表一起删除，不能恢复。"
    return form_page(request, form, title=f"删除“{kept.name}”", button="删除", hint=hint, up=_up(kept), cancel="不删")
