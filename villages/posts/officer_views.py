"""A list of 一长四员 is uploaded, looked at person by person, and appointed when told to (mission M03)."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action, Duty
from governance.frame.act import form_page, sent
from governance.frame.imports.pages import LABELS, judged_rows, own_job, rejects_response, step_taken, upload_taken
from governance.frame.imports.payload import SAME
from governance.frame.paging import page_of
from governance.sheets.cells import CLEAN
from villages.models import Unit
from villages.posts.forms import OfficerSheetForm
from villages.posts.models import OfficerImport
from villages.posts.officer_import import OFFICER_IMPORT
from villages.scope import get_visible_or_404

WORDS = {**LABELS, CLEAN: ("已整理", "good"), SAME: ("已在任", "")}


@never_cache
@duty_required(Action.POST_APPOINT)
def officer_import(request: UserRequest) -> HttpResponse:
    form = OfficerSheetForm(**sent(request), user=request.user)
    if taken := upload_taken(request, form, OFFICER_IMPORT):
        return taken
    rows = OfficerImport.objects.visible_to(request.user).defer("preview", "source").order_by("-pk")
    return form_page(request, form, "villages/posts/officer_import.html", page=page_of(request, rows))


@never_cache
@duty_required(Action.POST_APPOINT)
def officer_import_detail(request: UserRequest, pk: int) -> HttpResponse:
    sheet = _sheet(request, pk)
    if going := own_job(request, OFFICER_IMPORT, sheet):
        return going
    mapping = reverse("villages:officer-import-step", args=[pk, "map"])
    context = judged_rows(request, sheet, OFFICER_IMPORT, WORDS, map_href=mapping)
    codes = {line["values"].get("yard_code") for line in context["lines"]} - {None}
    yards = Unit.objects.filter(code__in=codes).select_related("parent__parent")
    places = {yard.code: yard.choice_label() for yard in yards}
    for line in context["lines"]:
        values = line["values"]
        written = " ".join(str(values[key]) for key in ("village", "group", "settlement") if values.get(key))
        line["where"], line["duty"] = places.get(values["yard_code"], written), dict(Duty.choices).get(values["duty"], "")
    return render(request, "villages/posts/officer_import_detail.html", context)


@require_POST
@duty_required(Action.POST_APPOINT)
def officer_import_step(request: UserRequest, pk: int, step: str) -> HttpResponse:
    """导入, 放弃 or 对应列."""
    step_taken(request, OFFICER_IMPORT, _sheet(request, pk), step)
    return redirect("villages:officer-import-detail", pk=pk)


@duty_required(Action.POST_APPOINT)
def officer_import_rejects(request: UserRequest, pk: int) -> HttpResponseBase:
    sheet = _sheet(request, pk)
    if not sheet.preview:
        raise Http404
    return rejects_response(request, sheet, "一长四员名单退回表")


def _sheet(request: UserRequest, pk: int) -> OfficerImport:
    return get_visible_or_404(OfficerImport.objects.select_related("township"), request.user, pk=pk)
