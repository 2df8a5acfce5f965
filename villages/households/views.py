"""Households: the list with its search, one household with its people, and the logged look at an ID."""

from __future__ import annotations

from io import BytesIO

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.exporting import job_of
from governance.errors import DomainError
from governance.frame.act import act, form_page, sent
from governance.frame.exports import ledger_response
from governance.frame.lists import To, list_page
from governance.frame.parts import Part
from governance.reading import key_asked
from governance.rooms import named
from villages.households.forms import TellForm, WholeNumbersForm
from villages.households.lists import HOUSEHOLDS
from villages.households.personal import resident_tell
from villages.households.services import resident_reveal
from villages.households.whole_numbers import marked, residents_whole, whole_numbers_ask
from villages.models import Household, Resident
from villages.scope import get_visible_or_404

TOLD = "told"  # whose file was asked for in this session, and by whom


@duty_required(Action.HOUSEHOLD_VIEW)
def household_list(request: UserRequest) -> HttpResponse:
    user = request.user
    rows = Household.objects.visible_to(user).select_related("village", "unit", "account").annotate(people=_people())
    plain = not any(value for name, value in request.GET.items() if (name, value) != ("page", "1"))
    recent = [home for found in named("recent") for home in found(user)] if plain and user.may(Action.CLAIM_DECLARE) else []
    return list_page(request, HOUSEHOLDS, rows, "villages/households/list.html", recent=recent)


def _people() -> Coalesce:
    """How many residents a household has, counted for the rows of the page only."""
    present = Resident.objects.present().filter(household=OuterRef("pk")).order_by().values("household")
    return Coalesce(Subquery(present.annotate(people=Count("id")).values("people")), 0)


@duty_required(Action.HOUSEHOLD_VIEW)
def household_detail(request: UserRequest, pk: int) -> HttpResponse:
    """The household with its people; what happened around it is added by the rooms above, the latest first."""
    user = request.user
    households = Household.objects.select_related("village__parent", "unit__parent", "account")
    household = get_visible_or_404(households, user, pk=pk)
    parts: list[Part] = [part_of(request, household) for part_of in named("household")]
    context = {
        "household": household,
        "parts": parts[::-1],
        "actions": [action for part in parts if (action := part.actions) and not action.isspace()],
        "residents": Resident.objects.visible_to(user).filter(household=household).order_by("status", "id"),
        "may_edit": user.may(Action.HOUSEHOLD_EDIT, household.unit.path),
        "may_tell": user.may(Action.RESIDENT_TELL, household.unit.path),
        "may_reveal": user.may(Action.RESIDENT_REVEAL, household.unit.path),
    }
    return render(request, "villages/households/detail.html", context)


@never_cache
@require_POST
@duty_required(Action.RESIDENT_REVEAL)
def reveal(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    resident = get_visible_or_404(
        Resident.objects.select_related("household__village", "household__unit"), user, Action.RESIDENT_REVEAL, pk=pk
    )
    context: dict[str, object] = {"resident": resident, "household": resident.household}
    try:
        context["number"] = resident_reveal(resident=resident, by=user, request=request)
    except DomainError as error:
        context["refusal"] = error.message
    partial = "#number" if request.htmx else ""
    return render(request, f"villages/households/reveal.html{partial}", context)


@never_cache
@duty_required(Action.RESIDENT_TELL)
def tell(request: UserRequest, pk: int) -> HttpResponse:
    """Asked who wants it, then the file is handed out, once."""
    people = Resident.objects.select_related("household__village__parent")
    resident = get_visible_or_404(people, request.user, Action.RESIDENT_TELL, pk=pk)
    form = TellForm(**sent(request))
    if form.is_valid():
        request.session[TOLD] = [resident.pk, form.cleaned_data["applicant"]]
        return redirect("villages:resident-told", resident.pk)
    hint = "把本系统里与这个人有关的资料出成一个文件，可以打印。含完整身份证号，每次出具都记入访问日志。"
    up = To(str(resident.household), "villages:household-detail", (resident.household_id,))
    return form_page(request, form, title=f"出具{resident.name}的个人资料", button="出具", hint=hint, up=up)


@never_cache
@duty_required(Action.RESIDENT_TELL)
def told(request: UserRequest, pk: int) -> HttpResponseBase:
    people = Resident.objects.select_related("household__village__parent")
    resident = get_visible_or_404(people, request.user, Action.RESIDENT_TELL, pk=pk)
    about, applicant = request.session.pop(TOLD, [0, ""])
    if about != resident.pk:
        return redirect("villages:resident-tell", pk)
    page = resident_tell(resident=resident, applicant=applicant, by=request.user, request=request)
    name = f"{resident.name}的个人资料.html"
    return FileResponse(BytesIO(page), as_attachment=True, filename=name, content_type="text/html; charset=utf-8")


@never_cache
@duty_required(Action.RESIDENT_EXPORT)
def whole_numbers(request: UserRequest) -> HttpResponseBase:
    """Asked for with a reason; the job that is made of it comes here again for the sheet."""
    if job := job_of(request):
        rows = residents_whole(job.user, key_asked(request, "village"))
        return ledger_response(marked(job), rows, request=request, action=Action.RESIDENT_EXPORT)
    form = WholeNumbersForm(**sent(request), user=request.user)
    if done := act(request, form, whole_numbers_ask, by=request.user):
        return redirect("accounts:export-detail", done.result.pk)
    hint = "只有安全管理员授予“身份信息管理员”的人能导出。表格首行有导出人、时间、用途和编号。"
    return form_page(request, form, title="导出完整身份证号", button="导出", hint=hint, up=To("住户", "villages:household-list"))
