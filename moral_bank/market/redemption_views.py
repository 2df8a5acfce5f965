"""兑换登记: the list, one redemption, hand-over by code or QR, cancelling and refunding (plan §三.4; mission M26)."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To, list_export, list_page
from governance.frame.slowing import tried, tries
from governance.reading import text_asked
from moral_bank.market.collectors import collectors
from moral_bank.market.exports import REDEMPTIONS as LEDGER
from moral_bank.market.forms import CodeForm, HandForm, ReasonForm, RefundForm
from moral_bank.market.lists import REDEMPTIONS, TONES
from moral_bank.market.services import hand_refusal, may_end, redemption_cancel, redemption_hand, redemption_refund
from moral_bank.models import Account, Redemption
from villages.scope import ScopedQuerySet, get_visible_or_404

RELATED = ("shop__village", "item", "account__household__unit", "entry__posted_by", "held_by", "handed_by", "ended_by")
WINDOW = 600
MISSES = 10
SLOW = "取货码错得太多了，请过十分钟再试，或按户主查找这笔兑换、核对取货单。"


@duty_required(Action.MARKET_VIEW)
def redemption_list(request: UserRequest) -> HttpResponse:
    return list_page(request, REDEMPTIONS, Redemption.objects.visible_to(request.user).select_related(*RELATED))


@duty_required(Action.EXPORT)
def redemption_export(request: UserRequest) -> HttpResponseBase:
    rows = Redemption.objects.visible_to(request.user, Action.EXPORT)
    return list_export(request, REDEMPTIONS, rows, LEDGER, "moral_bank:redemption-list")


@duty_required(Action.MARKET_VIEW)
def redemption_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, redemption = request.user, get_visible_or_404(_rows(), request.user, pk=pk)
    may_hand = may_end(redemption, user, Action.MARKET_HAND)
    refusal = hand_refusal(redemption, user) if may_hand and redemption.state == "held" else None
    context = {
        "redemption": redemption,
        "tone": TONES[redemption.state],
        "moves": redemption.moves.select_related("lot", "by").order_by("pk"),
        "may_cancel": may_end(redemption, user, Action.MARKET_REDEEM),
        "may_print": redemption.held_by == user and user.may(Action.MARKET_REDEEM, redemption.account.household.unit.path),
        "may_hand": may_hand,
        "refusal": refusal,
    }
    return render(request, "moral_bank/market/redemption_detail.html", context)


@never_cache
@duty_required(Action.MARKET_HAND)
def by_code(request: UserRequest) -> HttpResponse:
    """Six digits lead to the redemption; whoever guesses is told to wait."""
    form = CodeForm(**sent(request))
    if form.is_valid():
        if _is_slowed(request.user):
            return _slow(request, "moral_bank/market/hand.html", {"form": form})
        code = form.cleaned_data["code"]
        matches = list(_held(request.user).filter(code=code)[:2])
        if len(matches) == 1:
            return redirect(reverse("moral_bank:redemption-hand", args=[matches[0].pk], query={"code": code}))
        if matches:
            return redirect(reverse("moral_bank:redemption-list", query={"state": "held"}))
        _missed(request.user)
        form.add_error("code", "没有这个取货码的待领取兑换，请核对取货单。")
    waiting = _held(request.user).select_related(*RELATED).order_by("expires_at", "pk")[:50]
    return form_page(request, form, "moral_bank/market/hand.html", waiting=waiting)


@never_cache
@duty_required(Action.MARKET_HAND)
def hand(request: UserRequest, pk: int) -> HttpResponse:
    """Opened from the slip's QR with the code in it, or from the list, where the code is typed."""
    user, redemption = request.user, get_visible_or_404(_rows(), request.user, Action.MARKET_HAND, pk=pk)
    people, initial = collectors(redemption.account), {"code": text_asked(request, "code")[:6]}
    form = HandForm(**sent(request), people=people, initial=initial)
    context = {"redemption": redemption, "refusal": hand_refusal(redemption, user)}
    if form.is_valid() and _is_slowed(user):
        return _slow(request, "moral_bank/market/redemption_hand.html", {"form": form, **context})
    if act(request, form, redemption_hand, _handed, redemption=redemption, by=user):
        return redirect("moral_bank:market-detail", pk=redemption.shop_id)
    if form.is_wrong_code:
        _missed(user)
    return form_page(request, form, "moral_bank/market/redemption_hand.html", **context)


def _handed(redemption: Redemption) -> str:
    return f"已交付：{redemption.item.name} × {redemption.quantity}，{redemption.collector}领取。"


@never_cache
@duty_required(Action.MARKET_REDEEM)
def cancel(request: UserRequest, pk: int) -> HttpResponse:
    redemption = get_visible_or_404(_rows(), request.user, Action.MARKET_REDEEM, pk=pk)
    return _end(request, redemption, ReasonForm(**sent(request)), "取消兑换", redemption_cancel, "已取消")


@never_cache
@duty_required(Action.MARKET_HAND)
def refund(request: UserRequest, pk: int) -> HttpResponse:
    redemption = get_visible_or_404(_rows(), request.user, Action.MARKET_HAND, pk=pk)
    return _end(request, redemption, RefundForm(**sent(request)), "退货", redemption_refund, "已退货")


def _returned(redemption: Redemption) -> str:
    """What came back; part of it may have lapsed at once (`moral_bank.expiry`)."""
    balance = Account.objects.values_list("balance", flat=True).get(pk=redemption.account_id)
    return f"{redemption.points} 分退回{redemption.account.household.head_name}户，现在余额 {balance} 分。"


def _end(
    request: UserRequest, redemption: Redemption, form: ReasonForm, title: str, service: Callable[..., Redemption], ended: str
) -> HttpResponse:
    """The form that gives the points back."""
    if act(request, form, service, lambda _: f"{ended}，{_returned(redemption)}", redemption=redemption, by=request.user):
        return redirect("moral_bank:redemption-detail", pk=redemption.pk)
    head = redemption.account.household.head_name
    context = {
        "title": title,
        "heading": f"{title}：{redemption.item.name} × {redemption.quantity}",
        "button": title,
        "up": To(head, "moral_bank:redemption-detail", (redemption.pk,)),
        "redemption": redemption,
    }
    return form_page(request, form, "moral_bank/market/redemption_end.html", **context)


def _rows() -> ScopedQuerySet[Redemption]:
    return Redemption.objects.select_related(*RELATED)


def _held(user: User) -> QuerySet[Redemption]:
    return Redemption.objects.visible_to(user, Action.MARKET_HAND).filter(state=Redemption.State.HELD)


def _is_slowed(user: User) -> bool:
    return tries(f"pickup:{user.pk}") >= MISSES


def _missed(user: User) -> None:
    tried(f"pickup:{user.pk}", WINDOW)


def _slow(request: UserRequest, template: str, context: dict[str, object]) -> HttpResponse:
    answer = render(request, template, {**context, "slow": SLOW}, status=429)
    answer["Retry-After"] = str(WINDOW)
    return answer
