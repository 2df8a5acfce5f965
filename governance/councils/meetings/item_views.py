"""From an item, with everything filled in: a case, an order, a notice; and deeds of all who came (issue: nothing typed twice)."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.councils.meetings.forms import MakeForm, NoticeForm, RewardForm
from governance.councils.meetings.lookups import homes_near, item_of, meeting_of
from governance.councils.meetings.outcomes import homes_present, item_make, item_publish, meeting_reward, ways_for
from governance.councils.meetings.words import words_of
from governance.councils.models import Item, Outcome
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To
from moral_bank.rules.models import Deed, Head, RuleSet


@never_cache
@duty_required(Action.MEETING_RECORD)
def item_make_page(request: UserRequest, pk: int, name: str) -> HttpResponse:
    """A thing of another room: what the item says stands in the form already."""
    item = item_of(request, pk, Action.MEETING_RECORD)
    meeting, user = item.meeting, request.user
    way = next((way for way in ways_for(user, meeting) if way.name == name), None)
    if way is None:
        raise Http404
    form = MakeForm(
        **sent(request), pick=way.maker.pick, choices=way.maker.choices(user, meeting.unit), homes=homes_near(request, meeting),
        of_one=way.maker.household, initial={"text": words_of(item)},
    )  # fmt: skip
    if act(request, form, item_make, _made, item=item, way=way, by=user):
        return redirect(_page(item))
    return form_page(request, form, title=way.label, button=way.label, up=_up(item), hint=f"来自 {meeting}：{item.title}")


@never_cache
@duty_required(Action.NOTICE_PUBLISH)
def item_notice(request: UserRequest, pk: int) -> HttpResponse:
    item = item_of(request, pk, Action.NOTICE_PUBLISH)
    initial = {"title": item.title, "text": item.outcome or item.said[:500], "channel": str(item.meeting.village)}
    form = NoticeForm(**sent(request), initial=initial)
    if act(request, form, item_publish, _made, item=item, by=request.user):
        return redirect(_page(item))
    hint = "发到公开页面，任何人都看得到：不要写姓名、电话、门牌号。"
    return form_page(request, form, title="公示议定意见", button="发布公示", up=_up(item), hint=hint)


@never_cache
@duty_required(Action.CLAIM_DECLARE)
def meeting_reward_page(request: UserRequest, pk: int) -> HttpResponse:
    """One deed for all households that came, in one batch that goes to the panel."""
    meeting = meeting_of(request, pk, Action.MEETING_RECORD)
    rule_set = RuleSet.objects.in_force(meeting.village.parent_id or 0, meeting.on)
    deeds = Deed.objects.visible_to(request.user).filter(rule_set=rule_set, head=Head.PARTICIPATION, score__gt=0, score_high=None)
    form = RewardForm(**sent(request), deeds=deeds.order_by("code"))
    if act(request, form, meeting_reward, _made, meeting=meeting, by=request.user):
        return redirect("councils:meeting-detail", pk=pk)
    homes = homes_present(meeting)
    hint = f"到会的 {len(homes)} 户各记一笔“参与小区治理”，直接进入待评议；同一次会一户只记一次。"
    up = To(str(meeting), "councils:meeting-detail", (pk,))
    return form_page(request, form, title="给到会的户记积分", button=f"给 {len(homes)} 户记上", up=up, hint=hint)


def _made(outcome: Outcome) -> str:
    return f"已办：{outcome.label}"


def _up(item: Item) -> To:
    return To(str(item.meeting), "councils:meeting-detail", (item.meeting_id,))


def _page(item: Item) -> str:
    return f"{reverse('councils:meeting-detail', args=[item.meeting_id])}#item-{item.number}"
