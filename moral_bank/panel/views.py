"""评议小组 and 评议会 on the desk (plan §三.4; domain.md §7). Votes are seen by those who see the village's closings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, press, sent
from governance.frame.filters import words_asked
from governance.frame.lists import To, list_export, list_page
from governance.frame.pinyin import name_q
from governance.periods import today
from governance.reading import key_asked, key_sent
from moral_bank.models import Claim, Judgement, PanelMember, Sitting
from moral_bank.panel import lists
from moral_bank.panel.exports import MEMBERS, SITTINGS, result_words, tally, with_judgements
from moral_bank.panel.forms import CHOICES, SAME, WHOLE, LeaveForm, SeatForm, SittingForm, claim_ids, recent_since
from moral_bank.panel.services import LEAST_VOTING, RELATED, claims_to_judge, member_add, member_end, sitting_record
from villages.filters import villages_seen
from villages.models import Resident, Unit
from villages.scope import get_visible_or_404

JUDGED_AT_ONCE = 40
RESIDENTS_SHOWN = 20


@duty_required(Action.CLOSING_VIEW)
def panel_list(request: UserRequest) -> HttpResponse:
    villages = villages_seen(request.user)
    keys = list(villages.values_list("pk", flat=True)[:2])
    if len(keys) == 1 and not request.GET:
        return redirect("moral_bank:panel-detail", pk=keys[0])
    return list_page(request, lists.PANELS, villages)


@duty_required(Action.EXPORT)
def panel_export(request: UserRequest) -> HttpResponseBase:
    """The members of the panels, at places where the user may export."""
    rows = PanelMember.objects.visible_to(request.user, Action.EXPORT)
    return list_export(request, lists.MEMBERS, rows, MEMBERS, "moral_bank:panel-list")


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
    key = key_sent(request, "resident") or key_asked(request, "resident")
    resident = people.filter(pk=key).first() if key else None
    form = SeatForm(**sent(request))
    if resident and act(request, form, member_add, _seated, village=village, resident=resident, by=user):
        return redirect("moral_bank:panel-detail", pk=pk)
    asked = words_asked(request)
    found = people.filter(name_q(asked.words, name="name", key="name_pinyin")) if asked.words else people.none()
    context = {
        "title": "登记评议小组成员",
        "button": "登记",
        "up": To("评议小组", "moral_bank:panel-detail", (pk,)),
        "village": village,
        "resident": resident,
        "query": asked.typed,
        "people": found.order_by("name_pinyin", "pk")[:RESIDENTS_SHOWN],
    }
    return form_page(request, form, "moral_bank/panel/member_form.html", **context)


def _seated(member: PanelMember) -> str:
    return f"{member.resident.name}已登记为评议小组成员。"


@require_POST
@duty_required(Action.PANEL_EDIT)
def panel_end(request: UserRequest, pk: int) -> HttpResponse:
    members = PanelMember.objects.select_related("resident", "village")
    member = get_visible_or_404(members, request.user, Action.PANEL_EDIT, pk=pk)
    form = LeaveForm(request.POST)
    if form.is_valid():
        press(request, member_end, f"{member.resident.name}已退出评议小组。", member=member, by=request.user, **form.cleaned_data)
    else:
        messages.error(request, "请选退出日期。")
    return redirect("moral_bank:panel-detail", pk=member.village_id)


@never_cache
@duty_required(Action.PANEL_RECORD)
def sitting_create(request: UserRequest, pk: int) -> HttpResponse:
    """All verified claims preset to 同意 by all; only what was otherwise is touched."""
    village = _village(request, pk, Action.PANEL_RECORD)
    form = _sitting_form(request, village)
    done = act(request, form, sitting_record, _recorded, village=village, by=request.user)
    if done:
        return redirect("moral_bank:sitting-detail", pk=done.result.pk)
    context = {
        "village": village,
        "seats": form.seats(),
        "lines": form.lines(),
        "whole": WHOLE,
        "choices": [(SAME, "和大家一样"), *CHOICES],
        "few": len(form.seated()) < LEAST_VOTING,
        "least": LEAST_VOTING,
        "more": max(0, claims_to_judge(village).count() - len(form.claims)),
    }
    return form_page(request, form, "moral_bank/panel/sitting_form.html", **context)


def _recorded(sitting: Sitting) -> str:
    return f"已记下评议会，评议 {sitting.judgements.count()} 条申报。"


def _sitting_form(request: UserRequest, village: Unit) -> SittingForm:
    """The panel of these weeks; the claims that wait, or those that a sent page was about."""
    members = PanelMember.objects.seated(recent_since()).filter(village=village)
    seated = members.select_related("resident__household").order_by("appointed_on", "pk")
    if request.method == "POST":
        claims = Claim.objects.filter(pk__in=claim_ids(request.POST), account__household__village=village)
        return SittingForm(request.POST, members=list(seated), claims=list(claims.select_related(*RELATED).order_by("decided_at", "pk")))
    return SittingForm(members=list(seated), claims=list(claims_to_judge(village)[:JUDGED_AT_ONCE]))


def _judged(**conditions: bool) -> Coalesce:
    """How many claims a sitting judged, counted for the rows of the page only."""
    judgements = Judgement.objects.filter(sitting=OuterRef("pk"), **conditions).order_by().values("sitting")
    return Coalesce(Subquery(judgements.annotate(claims=Count("pk")).values("claims")), 0)


@duty_required(Action.CLOSING_VIEW)
def sitting_list(request: UserRequest) -> HttpResponse:
    rows = Sitting.objects.visible_to(request.user).annotate(claims=_judged(), approved=_judged(approved=True))
    return list_page(request, lists.SITTINGS, rows.select_related("village", "recorded_by"))


@duty_required(Action.EXPORT)
def sitting_export(request: UserRequest) -> HttpResponseBase:
    """The filtered sittings as 评议台账, at places where the user may export."""
    rows = Sitting.objects.visible_to(request.user, Action.EXPORT)
    return list_export(request, lists.SITTINGS, rows, SITTINGS, "moral_bank:sitting-list")


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
