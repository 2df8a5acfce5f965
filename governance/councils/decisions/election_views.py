"""推选 of 一长四员: what is vacant, one button for all of a village, who is put to the vote (plan §三)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.councils.decisions import elections
from governance.councils.decisions.forms import ElectionsForm, NomineesForm
from governance.councils.decisions.kind_models import DecisionKind
from governance.councils.decisions.lookups import decision_of
from governance.councils.decisions.models import Decision
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To
from governance.periods import today
from villages.models import Unit


@duty_required(Action.DECISION_RUN)
def election_list(request: UserRequest) -> HttpResponse:
    """Village by village: vacant posts without an election, and elections that run."""
    user = request.user
    villages = Unit.objects.visible_to(user, Action.DECISION_RUN).villages().on(today()).select_related("parent").order_by("path")
    running = Decision.objects.visible_to(user).running().filter(kind__effect=DecisionKind.Effect.APPOINT)
    running = running.with_missing(today()).select_related("unit", "village", "kind").order_by("village__path", "unit__path", "pk")
    open_posts = elections.vacancies_by_village(user)
    rows = [
        (village, open_posts.get(village.pk, {}), [one for one in running if one.village_id == village.pk]) for village in villages
    ]
    return render(request, "councils/decisions/elections.html", {"rows": [row for row in rows if row[1] or row[2]]})


@require_POST
@duty_required(Action.DECISION_RUN)
def election_begin(request: UserRequest) -> HttpResponse:
    form = ElectionsForm(**sent(request), user=request.user)
    if not act(request, form, elections.elections_begin, lambda made: f"已开始推选，共 {len(made)} 个聚居点。", by=request.user):
        messages.error(request, form.reasons)
    return redirect("councils:election-list")


@never_cache
@duty_required(Action.DECISION_RUN)
def nominees(request: UserRequest, pk: int) -> HttpResponse:
    decision = decision_of(request.user, pk, Action.DECISION_RUN)
    form = NomineesForm(**sent(request), decision=decision, user=request.user)
    if act(request, form, elections.nominees_set, "已填好人选，院户会推选以后登记结果。", decision=decision, by=request.user):
        return redirect("councils:decision-detail", pk=pk)
    up = To(decision.title, "councils:decision-detail", (pk,))
    hint = "填院户会提名的人选。推选结果登记以后不能再改。"
    return form_page(request, form, title=f"{decision.unit}：推选人选", button="保存人选", up=up, hint=hint)
