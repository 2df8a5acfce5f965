"""资金覆盖 in the to-do: villages whose points come near to the money and goods behind them or have reached them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.due import DueKind, Todo
from moral_bank.models import Shop
from moral_bank.passbooks.cover import BLOCK, OK, covers_of


def _kept(rows: Any, user: User, now: datetime) -> QuerySet[Shop]:
    """For those who keep the stock or the fund."""
    found: QuerySet[Shop] = rows.visible_to(user, Action.MARKET_STOCK)
    return found if user.may(Action.MARKET_STOCK) or user.may(Action.FUND_EDIT) else found.none()


def _lines(rows: QuerySet[Shop], user: User, now: datetime) -> Iterator[Todo]:
    """Only where the cover is short; what has stopped comes first."""
    shops = list(rows.select_related("village").order_by("village__path"))
    covers = covers_of(shop.village for shop in shops)
    short = [(shop, covers[shop.village_id]) for shop in shops if covers[shop.village_id].level != OK]
    short.sort(key=lambda row: row[1].level != BLOCK)
    for shop, cover in short:
        share = f"待兑付占资金和库存 {cover.percent}%" if cover.percent is not None else "没有资金和库存"
        more = "积分停发" if cover.level == BLOCK else f"还能发 {cover.left_points} 分"
        link = reverse("moral_bank:cover-detail", args=[shop.village_id])
        yield Todo(now, f"资金覆盖{cover.label}：{shop.village}", f"{share}，{more}", link, None)


KINDS = [DueKind("cover", "资金覆盖", open=lambda now: Shop.objects.all(), held=_kept, lines=_lines)]
