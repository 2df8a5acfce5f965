"""The shop that an address names, and what somebody may do there."""

from __future__ import annotations

from django.db.models import IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.accounts.models import User
from moral_bank.models import Redemption, Shop
from villages.scope import get_visible_or_404


def shop_of(request: UserRequest, pk: int, action: Action = Action.MARKET_VIEW) -> Shop:
    return get_visible_or_404(Shop.objects.select_related("village"), request.user, action, pk=pk)


def held_of_items() -> Coalesce:
    """How many of an article are set aside, as a subquery on `Item`."""
    held = Redemption.objects.filter(item=OuterRef("pk"), state=Redemption.State.HELD).order_by().values("item")
    return Coalesce(Subquery(held.annotate(total=Sum("quantity")).values("total"), output_field=IntegerField()), 0)


def may_in(user: User, shop: Shop) -> dict[str, bool]:
    """What `user` may do at a shop, for its pages' links."""
    path = shop.village.path
    return {
        "may_redeem": user.may(Action.MARKET_REDEEM),
        "may_hand": user.may(Action.MARKET_HAND),
        "may_stock": user.may(Action.MARKET_STOCK, path),
        "may_fund": user.may(Action.FUND_EDIT, path),
        "may_export": user.may(Action.EXPORT, path),
    }
