"""From a meeting's item to the decision, with everything filled in that the meeting holds."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.councils.decisions.forms import ItemBeginForm
from governance.councils.decisions.from_items import PAGE, item_decide
from governance.councils.meetings.lookups import item_of
from governance.councils.meetings.words import reason_of
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To


@never_cache
@duty_required(Action.DECISION_RUN)
def item_decide_page(request: UserRequest, pk: int) -> HttpResponse:
    item = item_of(request, pk, Action.DECISION_RUN)
    meeting = item.meeting
    initial = {"title": item.title, "purpose": reason_of(item, meeting.body.name) or item.title, "proposed_on": meeting.on}
    form = ItemBeginForm(**sent(request), user=request.user, item=item, initial=initial)
    if done := act(request, form, item_decide, lambda outcome: f"已登记，编号 {outcome.label}。", item=item, by=request.user):
        return redirect(PAGE, pk=done.result.row)
    up = To(str(meeting), "councils:meeting-detail", (meeting.pk,))
    hint = f"来自 {meeting}。内容会向村民公开：不写个人姓名、电话和门牌号。"
    return form_page(request, form, title="登记决策事项", button="登记", up=up, hint=hint)
