"""Facilities and points on the desk: list, place, check in one press, its correction, end (missions M08–M10)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import VILLAGE_DUTIES, Action
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To, list_export, list_page
from governance.periods import today
from villages.facilities import services
from villages.facilities.forms import CheckForm, EndForm, PlaceForm
from villages.facilities.lists import FACILITIES, LEDGER, in_order, state_tags
from villages.facilities.models import Facility, FacilityCheck
from villages.models import Post
from villages.scope import get_visible_or_404

UP = To("设施和点位", "villages:facility-list")
State = Facility.State


@duty_required(Action.FACILITY_VIEW)
def facility_list(request: UserRequest) -> HttpResponse:
    rows = Facility.objects.visible_to(request.user)
    fine, number = in_order(rows)
    shown = rows.select_related("village", "unit")
    return list_page(request, FACILITIES, shown, "villages/facilities/list.html", fine=fine, number=number)


@require_safe
@duty_required(Action.EXPORT)
def facility_export(request: UserRequest) -> HttpResponseBase:
    return list_export(request, FACILITIES, Facility.objects.visible_to(request.user, Action.EXPORT), LEDGER, "villages:facility-list")


@duty_required(Action.FACILITY_VIEW)
def facility_detail(request: UserRequest, pk: int) -> HttpResponse:
    facility = _facility(request, pk, Action.FACILITY_VIEW)
    stands, path = facility.state != State.ENDED, facility.unit.path
    context = {
        "facility": facility,
        "tags": [tag for tag in state_tags(facility) if tag],
        "keepers": (keepers := _keepers(facility)),
        "is_vacant": not keepers and (facility.unit_id != facility.village_id or facility.keeper in VILLAGE_DUTIES),
        "checks": facility.checks.select_related("by", "corrected_by"),
        "faults": [(fault, _case_link(request, fault.case_row)) for fault in facility.faults.all()],
        "may_edit": stands and request.user.may(Action.FACILITY_EDIT, path),
        "may_check": stands and request.user.may(Action.FACILITY_CHECK, path),
        "history": facility.history.select_related("history_user").order_by("-history_date", "-history_id"),
    }
    return render(request, "villages/facilities/detail.html", context)


@never_cache
@duty_required(Action.FACILITY_EDIT)
def facility_create(request: UserRequest) -> HttpResponse:
    form = PlaceForm(**sent(request), user=request.user)
    if done := act(request, form, services.facility_add, "已登记。", by=request.user):
        return redirect("villages:facility-detail", pk=done.result.pk)
    return form_page(request, form, title="登记设施和点位", button="登记", up=UP)


@never_cache
@duty_required(Action.FACILITY_EDIT)
def facility_edit(request: UserRequest, pk: int) -> HttpResponse:
    facility = _facility(request, pk, Action.FACILITY_EDIT)
    initial = {name: getattr(facility, name) for name in services.Place.__dataclass_fields__}
    form = PlaceForm(**sent(request), user=request.user, initial=initial)
    if act(request, form, services.facility_change, "已修改。", facility=facility, by=request.user):
        return redirect("villages:facility-detail", pk=pk)
    return form_page(request, form, title="修改设施", button="保存", up=_up(facility))


@never_cache
@duty_required(Action.FACILITY_CHECK)
def facility_check(request: UserRequest, pk: int) -> HttpResponse:
    """Where something is broken, the words are the case's as well."""
    facility, form = _facility(request, pk, Action.FACILITY_CHECK), CheckForm(**sent(request))
    if act(request, form, services.facility_check, _said, facility=facility, by=request.user):
        return redirect("villages:facility-detail", pk=pk)
    return form_page(request, form, title="检查", hint=f"{facility.kind_name}　{facility}", button="登记检查", up=_up(facility))


@never_cache
@duty_required(Action.FACILITY_CHECK)
def check_correct(request: UserRequest, pk: int, check: int) -> HttpResponse:
    facility = _facility(request, pk, Action.FACILITY_CHECK)
    wrong = get_object_or_404(FacilityCheck.objects.select_related("facility"), facility=facility, pk=check)
    form = CheckForm(**sent(request), initial={"on": wrong.on, "outcome": wrong.outcome, "note": wrong.note})
    if act(request, form, services.check_correct, "已更正，原来的一次留着可查。", check=wrong, by=request.user):
        return redirect("villages:facility-detail", pk=pk)
    return form_page(request, form, title="更正检查", hint=f"{facility}　{wrong.on} 的检查", button="更正", up=_up(facility))


@never_cache
@duty_required(Action.FACILITY_EDIT)
def facility_end(request: UserRequest, pk: int) -> HttpResponse:
    facility, form = _facility(request, pk, Action.FACILITY_EDIT), EndForm(**sent(request))
    if act(request, form, services.facility_end, "已撤销。", facility=facility, by=request.user):
        return redirect("villages:facility-detail", pk=pk)
    return form_page(request, form, title="撤销设施", hint=str(facility), button="撤销", up=_up(facility))


def _said(check: FacilityCheck) -> str:
    fault = getattr(check, "fault", None)
    return f"已登记，已生成事项 {fault.case_number}。" if fault and fault.case_row else "已登记。"


def _keepers(facility: Facility) -> QuerySet[Post]:
    """Who holds the keeping duty now, at the place's settlement or what lies above it."""
    posts = Post.objects.current(today()).filter(kind=facility.keeper, unit__code__in=facility.unit.path.strip("/").split("/"))
    return posts.select_related("user", "resident") if facility.keeper else posts.none()


def _case_link(request: UserRequest, row: int | None) -> str:
    """The case's page, for whoever may see cases at all; that page asks again."""
    return reverse("cases:case-detail", args=[row]) if row and request.user.may(Action.CASE_VIEW) else ""


def _up(facility: Facility) -> To:
    return To(str(facility), "villages:facility-detail", (facility.pk,))


def _facility(request: UserRequest, pk: int, action: Action) -> Facility:
    rows = Facility.objects.select_related("village", "unit", "recorded_by")
    return get_visible_or_404(rows, request.user, action, pk=pk)
