"""道德超市: the shops, one shop's counter, and redeeming for a household (plan §三.4; mission M26)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.act import act, form_page, sent
from governance.frame.lists import list_page
from governance.periods import today
from governance.reading import text_asked
from governance.sheets.money import yuan
from moral_bank.claims.services import account_of
from moral_bank.market.forms import RedeemForm
from moral_bank.market.lists import CUSTOMERS, SHOPS, of_shop
from moral_bank.market.lookups import held_of_items, may_in
from moral_bank.market.services import redemptions_hold
from moral_bank.market.stock import good_on
from moral_bank.models import Account, Lot, Redemption, Shop
from moral_bank.passbooks.cover import Cover, cover_of
from villages.models import Household
from villages.scope import get_visible_or_404

WAITING_SHOWN = 50
PERISHING = timedelta(days=30)


@duty_required(Action.MARKET_VIEW)
def shop_list(request: UserRequest) -> HttpResponse:
    """The shops in sight; the only one opens at once."""
    shops = Shop.objects.visible_to(request.user).select_related("village")
    if not request.user.may(Action.FUND_EDIT) and not text_asked(request, "village") and len(only := list(shops[:2])) == 1:
        return redirect("moral_bank:market-detail", pk=only[0].pk)
    return list_page(request, SHOPS, shops.annotate(waiting=_waiting_count()))


def _waiting_count() -> Coalesce:
    held = Redemption.objects.filter(shop=OuterRef("pk"), state=Redemption.State.HELD).order_by().values("shop")
    return Coalesce(Subquery(held.annotate(number=Count("pk")).values("number"), output_field=IntegerField()), 0)


@duty_required(Action.MARKET_VIEW)
def shop_detail(request: UserRequest, pk: int) -> HttpResponse:
    """The counter: what waits, what is there, what needs a look."""
    user = request.user
    shop = get_visible_or_404(Shop.objects.select_related("village"), user, pk=pk)
    waiting = Redemption.objects.visible_to(user).filter(shop=shop, state=Redemption.State.HELD)
    related = waiting.select_related("item", "account__household", "held_by").order_by("expires_at", "pk")
    lots = Lot.objects.filter(item__shop=shop, stock__gt=0, best_before__lt=today() + PERISHING)
    cover = cover_of(shop.village)
    context = {
        "shop": shop,
        "cover": cover,
        "money": _money(cover),
        "waiting": related[:WAITING_SHOWN],
        "waiting_count": waiting.count(),
        "items": _offered(shop).annotate(held=held_of_items()),
        "perishing": lots.select_related("item").order_by("best_before", "pk")[:WAITING_SHOWN],
        "today": today(),
        **may_in(user, shop),
    }
    return render(request, "moral_bank/market/detail.html", context)


def _money(cover: Cover | None) -> dict[str, str]:
    if cover is None:
        return {}
    return {"liability": yuan(cover.liability_cents), "fund": yuan(cover.fund_cents), "goods": yuan(cover.goods_cents)}


@duty_required(Action.MARKET_REDEEM)
def find_household(request: UserRequest, pk: int) -> HttpResponse:
    """Whose points: found by name, pinyin or number, with the balance beside it."""
    shop = get_visible_or_404(Shop.objects.select_related("village"), request.user, Action.MARKET_REDEEM, pk=pk)
    homes: QuerySet[Household] = Household.objects.visible_to(request.user, Action.MARKET_REDEEM)
    rows = homes.filter(village=shop.village, ended_on=None).select_related("unit", "account")
    if text_asked(request, "q"):
        return list_page(request, of_shop(CUSTOMERS, shop, order=("unit__path", "head_pinyin", "pk")), rows)
    return list_page(request, of_shop(CUSTOMERS, shop, hint="有积分的户，积分多的在前。", order=("-account__balance", "pk")), rows)


@never_cache
@duty_required(Action.MARKET_REDEEM)
def redeem(request: UserRequest, pk: int) -> HttpResponse:
    """The balance, what it reaches first, and one button."""
    user = request.user
    households = Household.objects.select_related("village", "unit")
    household = get_visible_or_404(households, user, Action.MARKET_REDEEM, pk=pk, ended_on=None)
    shop = Shop.objects.filter(village=household.village_id).first()
    account = Account.objects.filter(household=household).first()
    balance = account.balance if account else 0
    items = list(_offered(shop)) if shop else []
    within = [item for item in items if item.good and item.points <= balance]
    form = RedeemForm(**sent(request), items=within, balance=balance)
    if act(request, form, _hold, _held, household=household, by=user):
        return redirect("moral_bank:household-slip", pk=household.pk)
    context = {
        "household": household,
        "shop": shop,
        "balance": balance,
        "picks": [(item, form[f"pick-{item.pk}"]) for item in within],
        "beyond": [item for item in items if item not in within],
        "may_stock": user.may(Action.MARKET_STOCK, household.village.path),
    }
    return form_page(request, form, "moral_bank/market/household_redeem.html", **context, **_waiting(account, user))


def _waiting(account: Account | None, user: User) -> dict[str, Any]:
    """What the household has not fetched yet, and whether `user` may print its slip."""
    waiting = account.redemptions.filter(state=Redemption.State.HELD).select_related("item") if account else []
    return {"waiting": waiting, "may_print": any(one.held_by_id == user.pk for one in waiting)}


def _offered(shop: Shop) -> QuerySet[Any]:
    """The catalogue, each article with how much of it is `good` today."""
    return shop.items.filter(is_active=True).annotate(good=good_on(today())).order_by("points", "name")


def _hold(*, household: Household, **order: Any) -> list[Redemption]:
    """Opens the household's account where it has none."""
    return redemptions_hold(account=account_of(household), **order)


def _held(redemptions: list[Redemption]) -> str:
    points = sum(redemption.points for redemption in redemptions)
    return f"已登记 {len(redemptions)} 种物品，扣减 {points} 分。请把取货单交给住户，由另一位经办人交付。"
