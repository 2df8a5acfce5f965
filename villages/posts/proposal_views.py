"""拟任: who grants duties looks at what the list of accounts names, and grants or refuses it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import press
from governance.reading import keys_sent
from villages.models import Proposal
from villages.posts.proposals import Granted, proposals_grant, proposals_refuse


@duty_required(Action.DUTY_GRANT, Action.POST_APPOINT)
def proposal_list(request: UserRequest) -> HttpResponse:
    rows = Proposal.objects.grantable_by(request.user).select_related("unit__parent__parent", "user", "proposed_by")
    return render(request, "villages/posts/proposals.html", {"proposals": rows})


@require_POST
@duty_required(Action.DUTY_GRANT, Action.POST_APPOINT)
def proposal_decide(request: UserRequest, step: str) -> HttpResponse:
    """授予 or 不授予, of those that are ticked."""
    ticked = keys_sent(request, "proposal")
    chosen = list(Proposal.objects.grantable_by(request.user).filter(pk__in=ticked))
    if not chosen:
        messages.error(request, "请先勾选。")
    elif step == "grant":
        if done := press(request, proposals_grant, _granted, proposals=chosen, by=request.user):
            for reason in done.result.refusals:
                messages.warning(request, reason)
    elif step == "refuse":
        press(request, proposals_refuse, "已记为不授予：{} 项。".format, proposals=chosen, by=request.user)
    else:
        raise Http404
    return redirect("villages:proposal-list")


def _granted(done: Granted) -> str:
    return f"已授予 {done.count} 项职务。" if done.count else ""
