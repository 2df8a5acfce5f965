"""评议小组 and 评议会 on the desk (plan §三.4; domain.md §7). Votes are seen by those who see the village's closings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from governance.frame.pinyin import name_q
from governance.periods import today
from moral_bank.models import Claim, Judgement, PanelMember, Sitting
from moral_bank.panel.exports import MEMBERS, SITTINGS, result_words, tally, with_judgements
from moral_bank.panel.forms import (
    CHOICES,
    SAME,
    WHOLE,
    LeaveForm,
    PanelFilter,
    SeatForm,
    SittingFilter,
    SittingForm,
    claim_ids,
    recent_since,
)
from moral_bank.panel.services import (
    LEAST_VOTING,
    RELATED,
    PanelError,
    claims_to_judge,
    member_add,
    member_end,
    sitting_record,
)
from villages.filters import villages_seen
from villages.models import Resident, Unit
from villages.scope import get_visible_or_404

JUDGED_AT_ONCE = 40
RESIDENTS_SHOWN = 20


@dataclass(frozen=True)
class PanelRow:
    """A village with its panel's size, what waits for it and when it last sat."""

    village: Unit
    members: int
    waiting: int
    last: date | None

    @property
    def is_few(self) -> bool:
        return self.members < LEAST_VOTING


@duty_required(Action.CLOSING_VIEW)
def panel_list(request: UserRequest) -> HttpResponse:
    user, form = request.user, PanelFilter(request.GET, user=request.user)
    rows = panel_rows(user)
    if len(rows) == 1 and not request.GET:
        return redirect("moral_bank:panel-detail", pk=rows[0].village.pk)
    if "village" in form.fields and form.value("village"):
        rows = [row for row in rows if row.village == form.value("village")]
    state = form.value("state")
    if state:
        rows = [row for row in rows if (row.is_few if state == "few" else row.waiting)]
    context = {"form": form, "rows": rows, "asked": bool(request.GET), "may_export": user.may(Action.EXPORT)}
    return render(request, "moral_bank/panel/list.html", context)


def panel_rows(user: User) -> list[PanelRow]:
    """A row for each village standing today that `user` sees, in four queries."""
    seated = PanelMember.objects.visible_to(user).filter(Q(ended_on=None) | Q(ended_on__gt=today()))
    members = dict(seated.order_by().values_list("village").annotate(Count("pk")))
    verified = Claim.objects.visible_to(user).filter(state=Claim.State.VERIFIED).order_by()
    waiting = dict(verified.values_list("account__household__village").annotate(Count("pk")))
    last = dict(Sitting.objects.visible_to(user).order_by().values_list("village").annotate(Max("held_on")))
    return [
        PanelRow(village, members.get(village.pk, 0), waiting.get(village.pk, 0), last.get(village.pk))
        for village in villages_seen(user).order_by("path")
    ]


@duty_required(Action.EXPORT)
def panel_export(request: UserRequest) -> HttpResponseBase:
    """The members of all panels, at places where the user may export."""
    return _sheet(request, MEMBERS, PanelMember.objects.visible_to(request.user, Action.EXPORT), "moral_bank:panel-list")


@duty_required(Action.CLOSING_VIEW)
def panel_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, village = request.user, _village(request, pk)
    members = PanelMember.objects.visible_to(user).filter(village=village).select_related("resident__household", "appointed_by")
    ordered = list(members.order_by("appointed_on", "pk"))
    current = [member for member in ordered if member.ended_on is None or member.ended_on > today()]
    sittings = Sitting.objects.visible_to(user).filter(village=village)
    context = {
        "village": village,
        "current": current,
        "former": [member for member in reversed(ordered) if member not in current],
        "few": len(current) < LEAST_VOTING,
        "least": LEAST_VOTING,
        "waiting": claims_to_judge(village).count(),
        "sittings": sittings.annotate(claims=Count("judgements")).order_by("-held_on", "-pk")[:5],
        "leave": LeaveForm(),
        "may_edit": user.may(Action.PANEL_EDIT, village.path),
        "may_record": user.may(Action.PANEL_RECORD, village.path),
    }
    return render(request, "moral_bank/panel/detail.html", context)


@never_cache
@duty_required(Action.PANEL_EDIT)
def panel_add(request: UserRequest, pk: int) -> HttpResponse:
    """A resident is looked up in the roster, then given a seat."""
    user, village = request.user, _village(request, pk, Action.PANEL_EDIT)
    people = Resident.objects.visible_to(user, Action.PANEL_EDIT).present().filter(household__village=village)
    people = people.select_related("household__unit")
    chosen = request.POST.get("resident") or request.GET.get("resident") or ""
    resident = people.filter(pk=chosen).first() if chosen.isdecimal() else None
    form = SeatForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and resident is not None and form.is_valid():
        try:
            member_add(village=village, resident=resident, appointed_on=form.cleaned_data["appointed_on"], by=user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"{resident.name}已登记为评议小组成员。")
            return redirect("moral_bank:panel-detail", pk=pk)
    query = request.GET.get("q", "").strip()[:40]
    found = people.filter(name_q(query, name="name", key="name_pinyin")) if query else people.none()
    context = {
        "village": village,
        "form": form,
        "resident": resident,
        "query": query,
        "people": found.order_by("name_pinyin", "pk")[:RESIDENTS_SHOWN],
    }
    return render(request, "moral_bank/panel/member_form.html", context, status=422 if form.errors else 200)


@require_POST
@duty_required(Action.PANEL_EDIT)
def panel_end(request: UserRequest, pk: int) -> HttpResponse:
    members = PanelMember.objects.select_related("resident", "village")
    member = get_visible_or_404(members, request.user, Action.PANEL_EDIT, pk=pk)
    form = LeaveForm(request.POST)
    try:
        if not form.is_valid():
            raise PanelError("请选退出日期。", "date")
        member_end(member=member, ended_on=form.cleaned_data["ended_on"], by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{member.resident.name}已退出评议小组。")
    return redirect("moral_bank:panel-detail", pk=member.village_id)


@never_cache
@duty_required(Action.PANEL_RECORD)
def sitting_create(request: UserRequest, pk: int) -> HttpResponse:
    """All verified claims preset to 同意 by all; only what was otherwise is touched."""
    user, village = request.user, _village(request, pk, Action.PANEL_RECORD)
    form = _sitting_form(request, village)
    if request.method == "POST" and form.is_valid():
        try:
            sitting = sitting_record(
                village=village,
                held_on=form.cleaned_data["held_on"],
                members=form.present(),
                verdicts=form.verdicts(),
                note=form.cleaned_data["note"],
                client_key=uuid4(),
                by=user,
            )
        except DomainError as error:
            form.add_error(None, error.message)
            form.refused = getattr(error, "claim", None)
        else:
            messages.success(request, f"已记下评议会，评议 {sitting.judgements.count()} 条申报。")
            return redirect("moral_bank:sitting-detail", pk=sitting.pk)
    context = {
        "village": village,
        "form": form,
        "seats": form.seats(),
        "lines": form.lines(),
        "whole": WHOLE,
        "choices": [(SAME, "和大家一样"), *CHOICES],
        "few": len(form.seated()) < LEAST_VOTING,
        "least": LEAST_VOTING,
        "more": max(0, claims_to_judge(village).count() - len(form.claims)),
    }
    return render(request, "moral_bank/panel/sitting_form.html", context, status=422 if form.errors else 200)


def _sitting_form(request: UserRequest, village: Unit) -> SittingForm:
    """The panel of these weeks; the claims that wait, or those that a sent page was about."""
    members = PanelMember.objects.filter(Q(ended_on=None) | Q(ended_on__gt=recent_since()), village=village)
    seated = members.select_related("resident__household").order_by("appointed_on", "pk")
    if request.method == "POST":
        claims = Claim.objects.filter(pk__in=claim_ids(request.POST), account__household__village=village)
        return SittingForm(request.POST, members=list(seated), claims=list(claims.select_related(*RELATED).order_by("decided_at", "pk")))
    return SittingForm(members=list(seated), claims=list(claims_to_judge(village)[:JUDGED_AT_ONCE]))


@duty_required(Action.CLOSING_VIEW)
def sitting_list(request: UserRequest) -> HttpResponse:
    user, form = request.user, SittingFilter(request.GET, user=request.user)
    rows = Sitting.objects.visible_to(user).filter(**form.conditions()).select_related("village", "recorded_by")
    approved = Count("judgements", filter=Q(judgements__approved=True))
    page = page_of(request, rows.annotate(claims=Count("judgements"), approved=approved).order_by("-held_on", "-pk"))
    context = {
        "form": form,
        "page": page,
        "asked": any(request.GET.get(name) for name in form.fields),
        "may_record": user.may(Action.PANEL_RECORD),
        "may_export": user.may(Action.EXPORT),
    }
    return render(request, "moral_bank/panel/sitting_list.html", context)


@duty_required(Action.EXPORT)
def sitting_export(request: UserRequest) -> HttpResponseBase:
    """The filtered sittings as 评议台账, at places where the user may export."""
    rows = Sitting.objects.visible_to(request.user, Action.EXPORT)
    conditions = SittingFilter(request.GET, user=request.user).conditions()
    return _sheet(request, SITTINGS, rows.filter(**conditions), "moral_bank:sitting-list")


@duty_required(Action.CLOSING_VIEW)
def sitting_detail(request: UserRequest, pk: int) -> HttpResponse:
    sitting = _sitting(request, pk)
    return render(request, "moral_bank/panel/sitting_detail.html", {"sitting": sitting, **_lines(sitting)})


@duty_required(Action.CLOSING_VIEW)
def sitting_print(request: UserRequest, pk: int) -> HttpResponse:
    """评议记录 for the village's folder, to be signed."""
    sitting = _sitting(request, pk)
    return render(request, "moral_bank/panel/sitting_print.html", {"sitting": sitting, **_lines(sitting)})


def _lines(sitting: Sitting) -> dict[str, Any]:
    """Those present and, for each claim, its judgement, votes by choice and what came of it."""
    judgements: list[Judgement] = list(sitting.judgements.all())
    return {
        "present": [member.resident for member in sitting.members.all()],
        "lines": [(judgement, tally(judgement), result_words(judgement)) for judgement in judgements],
    }


def _sitting(request: UserRequest, pk: int) -> Sitting:
    return get_visible_or_404(with_judgements(Sitting.objects.all()), request.user, pk=pk)  # type: ignore[arg-type]


def _village(request: UserRequest, pk: int, action: Action | None = None) -> Unit:
    return get_visible_or_404(Unit.objects.villages(), request.user, action, pk=pk)


def _sheet(request: UserRequest, ledger: Any, rows: Any, back: str) -> HttpResponseBase:
    try:
        return ledger_response(ledger, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(back)
