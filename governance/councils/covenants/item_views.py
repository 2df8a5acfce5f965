"""From a meeting's item to a covenant's draft, with everything filled in that the meeting holds."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.councils.covenants.forms import DraftForm, ItemCovenantForm
from governance.councils.covenants.from_items import PAGE, covenants_of, filled_in, item_draft
from governance.councils.meetings.lookups import item_of
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To
from governance.reading import key_asked


@never_cache
@duty_required(Action.DECISION_RUN)
def item_draft_page(request: UserRequest, pk: int) -> HttpResponse:
    """With `?covenant=` the next version of that one, else a new one."""
    item = item_of(request, pk, Action.DECISION_RUN)
    meeting, asked = item.meeting, key_asked(request, "covenant")
    covenant = next((one for one in covenants_of(meeting, request.user) if one.pk == asked), None)
    if asked and covenant is None:
        raise Http404
    form = (DraftForm if covenant else ItemCovenantForm)(**sent(request), initial=filled_in(item, covenant))
    if done := act(request, form, item_draft, "草稿已保存。", item=item, covenant=covenant, by=request.user):
        return redirect(PAGE, pk=done.result.row)
    title = f"改《{covenant}》" if covenant else "起草公约"
    up = To(str(meeting), "councils:meeting-detail", (meeting.pk,))
    return form_page(request, form, title=title, button="保存草稿", up=up, hint=f"来自 {meeting}：{item.title}")
