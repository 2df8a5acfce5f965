"""Pages that keep the care ledger: take in, change, judge, hand over, take out; and what the register proposes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, sent
from governance.frame.forms import PageForm, ServiceForm
from governance.frame.lists import To, list_page
from governance.periods import today
from governance.reading import key_asked, text_asked
from villages.models import Household, Resident
from villages.scope import get_visible_or_404
from volunteers.care import services
from volunteers.care.forms import ChangeForm, DeclineForm, EnterForm, HandForm, JudgeForm, LeaveForm
from volunteers.care.lists import PROPOSALS
from volunteers.care.lookups import record_of
from volunteers.care.proposing import care_decline
from volunteers.care.tiers import months_after
from volunteers.models import CareCategory, CareRecord

MAINTAINING = (Action.CARE_EDIT, Action.CARE_CHILD)
TO_LIST = To("特殊困难群体", "volunteers:care-list")


@never_cache
@duty_required(*MAINTAINING)
def care_create(request: UserRequest) -> HttpResponse:
    """Somebody of the household, or the person, that the address names."""
    user, resident, home = request.user, key_asked(request, "resident") or None, _home(request)
    if home is None:
        refusal = "请在“住户”里打开这一户，点“纳入特殊困难群体”；或者从名册提出的名单里选。"
        return form_page(request, PageForm(), title="纳入台账", up=TO_LIST, refusal=refusal)
    held = CareRecord.objects.visible_to(user).current().order_by().values("resident")
    residents = Resident.objects.visible_to(user).present().filter(household=home).exclude(pk__in=held).order_by("pk")
    initial = {"resident": resident, "category": text_asked(request, "category"), "consent": "self", "consented_on": today()}
    form = EnterForm(**sent(request), user=user, home=home, residents=residents, initial=initial)
    done = act(request, form, services.care_enter, lambda record: f"已纳入，{record.due_on:%m月%d日}前探访。", by=user)
    if done:
        return redirect("volunteers:care-detail", pk=done.result.pk)
    refusal = "" if residents else "这一户没有可以纳入的人，或者都已在台账里。"
    return form_page(request, form, title="纳入台账", hint=f"{home.head_name}户　{home.unit}", up=TO_LIST, refusal=refusal)


def _home(request: UserRequest) -> Household | None:
    homes = Household.objects.visible_to(request.user).filter(ended_on=None).select_related("unit", "village__parent")
    household, resident = key_asked(request, "household"), key_asked(request, "resident")
    return homes.filter(pk=household).first() if household else homes.filter(residents=resident).first()


@never_cache
@duty_required(*MAINTAINING)
def care_change(request: UserRequest, pk: int) -> HttpResponse:
    def form(record: CareRecord, **data: Any) -> ChangeForm:
        return ChangeForm(**data, record=record, user=request.user)

    return _edit(request, pk, "修改台账", services.care_change, "已保存。", form)


@never_cache
@duty_required(*MAINTAINING)
def care_judge(request: UserRequest, pk: int) -> HttpResponse:
    def form(record: CareRecord, **data: Any) -> JudgeForm:
        return JudgeForm(**data, initial={"tier": record.tier, "tier_reason": record.tier_reason})

    return _edit(request, pk, "评定等级", services.care_judge, lambda record: f"已评定，{record.due_on:%m月%d日}前探访。", form)


@never_cache
@duty_required(*MAINTAINING)
def care_hand(request: UserRequest, pk: int) -> HttpResponse:
    return _edit(request, pk, "换结对帮扶人", services.care_hand, "已保存。", lambda record, **data: HandForm(**data, record=record))


@never_cache
@duty_required(*MAINTAINING)
def care_leave(request: UserRequest, pk: int) -> HttpResponse:
    return _edit(request, pk, "退出台账", services.care_leave, "已退出台账，记录保留。", lambda record, **data: LeaveForm(**data))


def _edit(
    request: UserRequest, pk: int, title: str, service: Callable[..., CareRecord], words: Any, form_of: Callable[..., ServiceForm]
) -> HttpResponse:  # fmt: skip
    record = record_of(request, pk, Action.CARE_EDIT)
    form = form_of(record, **sent(request))
    if act(request, form, service, words, record=record, by=request.user):
        return redirect("volunteers:care-detail", pk=pk)
    up = To(record.resident.name, "volunteers:care-detail", (pk,))
    refusal = "此人已退出台账。" if record.left_on else ""
    return form_page(request, form, title=title, name=f"{title} {record.resident.name}", hint=record.resident.name, up=up, refusal=refusal)


@duty_required(*MAINTAINING)
def care_proposals(request: UserRequest) -> HttpResponse:
    return list_page(request, PROPOSALS, Resident.objects.none())


@never_cache
@duty_required(*MAINTAINING)
def care_decline_view(request: UserRequest, pk: int, category_pk: int) -> HttpResponse:
    user = request.user
    residents = Resident.objects.select_related("household__unit", "household__village")
    resident = get_visible_or_404(residents, user, pk=pk)
    category = get_object_or_404(CareCategory, pk=category_pk, township=resident.household.village.parent_id)
    if not services.may_maintain(user, resident.household.unit, category.is_child):
        raise Http404
    form = DeclineForm(**sent(request), initial={"again_on": months_after(today(), 12)})
    if act(request, form, care_decline, "已记下，到期再提。", resident=resident, category=category, by=user):
        return redirect("volunteers:care-proposals")
    up = To("从名册提出", "volunteers:care-proposals")
    return form_page(request, form, title="不纳入台账", hint=f"{resident.name}　{category.name}", up=up)
