"""专项探访 and households at risk: started with one button, ticked, printed for where there is no signal (design §12)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.frame.act import act, form_page, press, sent
from governance.frame.forms import PageForm
from governance.frame.lists import To, list_page
from governance.periods import today
from governance.reading import key_asked
from villages.models import Household
from villages.scope import get_visible_or_404
from volunteers.care.levels import Level, helper_name, level_of
from volunteers.care.round_forms import RiskForm, RoundForm
from volunteers.care.round_lists import RISKS, ROUNDS, RiskFilter, with_figures
from volunteers.care.rounds import risk_add, risk_end, round_start, round_tick
from volunteers.models import CareRecord, CareRound, CareRoundPerson, RiskHousehold

TO_ROUNDS = To("专项探访", "volunteers:round-list")
TO_RISKS = To("风险户", "volunteers:risk-list")
PEOPLE = ("record__resident", "record__category", "record__unit", "record__village", "household__unit", "household__village", "by")
PRINTED = 400


@duty_required(Action.CARE_VIEW)
def round_list(request: UserRequest) -> HttpResponse:
    rows = CareRound.objects.visible_to(request.user).select_related("village")
    return list_page(request, ROUNDS, with_figures(rows, request.user))


@never_cache
@duty_required(Action.CARE_EDIT)
def round_start_view(request: UserRequest) -> HttpResponse:
    form = RoundForm(**sent(request), user=request.user)
    if done := act(request, form, round_start, "今天的名单已生成，已通知结对帮扶人。", by=request.user):
        return redirect("volunteers:round-detail", pk=done.result.pk)
    hint = "一次列出全村“高”等级的人和风险户，今天逐户联系。"
    return form_page(request, form, title="发起专项探访", button="生成今天的名单", hint=hint, up=TO_ROUNDS)


@never_cache
@duty_required(Action.CARE_VIEW)
def round_detail(request: UserRequest, pk: int) -> HttpResponse:
    """Who is not reached yet stands first."""
    found = get_visible_or_404(CareRound.objects.select_related("village", "by"), request.user, pk=pk)
    lines = _lines(request.user, found)
    waiting = sum(not line["person"].is_reached for line in lines)
    may_tick = request.user.may(Action.VISIT_LOG, found.village.path)
    context = {"round": found, "lines": lines, "waiting": waiting, "reached": len(lines) - waiting, "may_tick": may_tick}
    return render(request, "volunteers/care/round.html", context)


@require_POST
@duty_required(Action.CARE_VIEW)
def round_tick_view(request: UserRequest, pk: int, what: str) -> HttpResponse:
    person = get_visible_or_404(CareRoundPerson.objects.select_related("round"), request.user, pk=pk)
    words = "已记下叫应。" if what == "answered" else "已记下转移。"
    press(request, round_tick, words, person=person, answered=what == "answered", moved=what == "moved", by=request.user)
    return redirect("volunteers:round-detail", pk=person.round_id)


@duty_required(Action.CARE_EDIT)
def round_print(request: UserRequest, pk: int) -> HttpResponse:
    """The list with 叫应 and 转移 to tick by hand."""
    found = get_visible_or_404(CareRound.objects.select_related("village"), request.user, Action.CARE_EDIT, pk=pk)
    title = f"{found.village}{found.name}转移名单（{found.day:%Y年%m月%d日}）"
    return _print(request, title, _lines(request.user, found), round=found)


@duty_required(Action.CARE_VIEW)
def risk_list(request: UserRequest) -> HttpResponse:
    rows = RiskHousehold.objects.visible_to(request.user)
    return list_page(request, RISKS, rows.select_related("household__village", "household__unit", "keeper"))


@never_cache
@duty_required(Action.CARE_EDIT)
def risk_create(request: UserRequest) -> HttpResponse:
    homes = Household.objects.visible_to(request.user, Action.CARE_EDIT).filter(ended_on=None).select_related("village", "unit")
    home = homes.filter(pk=key_asked(request, "household")).first()
    if home is None:
        refusal = "请在“住户”里打开这一户，点“登记风险户”。"
        return form_page(request, PageForm(), title="登记风险户", up=TO_RISKS, refusal=refusal)
    form = RiskForm(**sent(request), household=home)
    if done := act(request, form, risk_add, "已登记。", household=home, by=request.user):
        return redirect("volunteers:risk-detail", pk=done.result.pk)
    return form_page(request, form, title="登记风险户", hint=f"{home.head_name}户　{home.address or home.unit}", up=TO_RISKS)


@duty_required(Action.CARE_VIEW)
def risk_detail(request: UserRequest, pk: int) -> HttpResponse:
    rows = RiskHousehold.objects.select_related("household__unit", "household__village", "keeper")
    risk = get_visible_or_404(rows, request.user, pk=pk)
    may_edit = risk.ended_on is None and request.user.may(Action.CARE_EDIT, risk.household.unit.path)
    return render(request, "volunteers/care/risk.html", {"risk": risk, "may_edit": may_edit})


@require_POST
@duty_required(Action.CARE_EDIT)
def risk_end_view(request: UserRequest, pk: int) -> HttpResponse:
    risk = get_visible_or_404(RiskHousehold.objects.all(), request.user, Action.CARE_EDIT, pk=pk)
    press(request, risk_end, "已解除。", risk=risk, by=request.user)
    return redirect("volunteers:risk-detail", pk=pk)


@duty_required(Action.CARE_EDIT)
def risk_print(request: UserRequest) -> HttpResponse:
    """The 转移 list of the filtered register, before any round."""
    rows = RiskHousehold.objects.visible_to(request.user, Action.CARE_EDIT)
    rows = rows.select_related("household__village", "household__unit", "keeper").prefetch_related("household__residents")
    risks = RiskFilter(request.GET, rows, request=request).found().order_by(*RISKS.order)
    lines = [{"home": risk.household, "risk": risk, "phone": _phone_of(risk.household)} for risk in risks[:PRINTED]]
    return _print(request, "转移名单", lines)


def _print(request: UserRequest, title: str, lines: list[dict[str, Any]], **context: Any) -> HttpResponse:
    """On paper names, phones and addresses leave the house: logged."""
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"打印{title} {len(lines)} 行")
    return render(request, "volunteers/care/print_round.html", {"title": title, "lines": lines, **context})


def _lines(user: User, found: CareRound) -> list[dict[str, Any]]:
    """Each on the list, who is not reached first, with what its reader may see, and whether the household is at risk."""
    people = CareRoundPerson.objects.visible_to(user).filter(round=found).select_related(*PEOPLE)
    shown = list(people.prefetch_related("household__residents").order_by("household__unit__path", "pk"))
    standing = RiskHousehold.objects.filter(household__in=[one.household_id for one in shown], ended_on=None)
    risks = {risk.household_id: risk for risk in standing.select_related("keeper")}
    records = CareRecord.objects.with_helpers(today()).filter(rounds__round=found).select_related("helper", "substitute")
    helpers = {record.pk: helper_name(record) for record in records}
    lines = [
        {**_line(user, person), "risk": risks.get(person.household_id), "helper": helpers.get(person.record_id or 0)} for person in shown
    ]
    return sorted(lines, key=lambda line: line["person"].is_reached)


def _line(user: User, person: CareRoundPerson) -> dict[str, Any]:
    """Phone and address from level 2 on."""
    record, home = person.record, person.household
    contact = level_of(user, record) >= Level.CONTACT if record else user.may(Action.CARE_EDIT, home.unit.path)
    phone = record.resident.phone if record and record.resident.phone else _phone_of(home)
    return {"person": person, "record": record, "home": home, "phone": phone if contact else "", "contact": contact}


def _phone_of(home: Household) -> str:
    """The head's phone, or the first that somebody of the household has."""
    people = [one for one in home.residents.all() if one.status == one.Status.PRESENT and one.phone]
    heads = [one for one in people if one.name == home.head_name]
    return (heads or people)[0].phone if people else ""
