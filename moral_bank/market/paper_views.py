"""What a 道德超市 puts on paper, and what comes back from it: 取货单, 停网停电登记表 (plan §三.4; mission M26)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, sent
from governance.privacy import mask_name
from governance.qr import qr_svg
from moral_bank.market.forms import CELLS, PaperForm
from moral_bank.market.lookups import shop_of
from moral_bank.market.paper import PAPER_ROWS, Judged, PaperRow, paper_enter, paper_judge
from moral_bank.models import Item, Redemption
from villages.models import Household
from villages.scope import get_visible_or_404

HEADINGS = {"home": "户号或户主", "item": "物品", "quantity": "数量", "collector": "领取人", "note": "备注"}


@never_cache
@duty_required(Action.MARKET_REDEEM)
def slip(request: UserRequest, pk: int) -> HttpResponse:
    """取货单 of what this clerk holds for a household: six digits and a QR for each, which the other clerk is not to see."""
    households = Household.objects.select_related("village")
    household = get_visible_or_404(households, request.user, Action.MARKET_REDEEM, pk=pk)
    held = Redemption.objects.visible_to(request.user, Action.MARKET_REDEEM).filter(
        account__household=household, state=Redemption.State.HELD, held_by=request.user
    )
    slips = []
    for redemption in held.select_related("item", "shop").order_by("pk"):
        link = reverse("moral_bank:redemption-hand", args=[redemption.pk], query={"code": redemption.code})
        slips.append((redemption, qr_svg(request.build_absolute_uri(link))))
    context = {"household": household, "name": mask_name(household.head_name), "slips": slips}
    return render(request, "moral_bank/market/print_slip.html", context)


@duty_required(Action.MARKET_STOCK)
def paper_sheet(request: UserRequest, pk: int) -> HttpResponse:
    """停网停电登记表, empty, with the prices of the day."""
    shop = shop_of(request, pk, Action.MARKET_STOCK)
    items = shop.items.filter(is_active=True).order_by("points", "name")
    context = {"shop": shop, "items": items, "lines": range(1, PAPER_ROWS + 1)}
    return render(request, "moral_bank/market/print_paper.html", context)


@never_cache
@duty_required(Action.MARKET_STOCK)
def paper(request: UserRequest, pk: int) -> HttpResponse:
    """Enter a list: judged cell by cell, and saved when nothing is wrong or only the good rows are asked for."""
    shop = shop_of(request, pk, Action.MARKET_STOCK)
    form = PaperForm(**sent(request), shop=shop)
    judged: list[Judged] = []
    if form.is_valid():
        done = act(request, form, paper_enter, _entered, by=request.user)
        judged = paper_judge(paper=form.paper(), rows=form.rows())
        if done and all(one.is_good for one in judged):
            return redirect("moral_bank:market-detail", pk=pk)
    known = {one.row.line: one for one in judged}
    context = {
        "shop": shop,
        "lines": [(row, _cells(row, known.get(row.line)), known.get(row.line)) for row in form.rows()],
        "bad": sum(not one.is_good for one in judged),
        "items": Item.objects.filter(shop=shop, is_active=True).order_by("points", "name"),
    }
    return form_page(request, form, "moral_bank/market/paper.html", **context)


def _entered(redemptions: list[Redemption]) -> str:
    return f"已录入 {len(redemptions)} 行。" if redemptions else "这张表的这些行以前已录入，没有重复。"


def _cells(row: PaperRow, judged: Judged | None) -> list[tuple[str, str, str, str]]:
    """(name, heading, what was typed, what is wrong) of a line."""
    errors = judged.errors if judged else {}
    return [(cell, HEADINGS[cell], getattr(row, cell), errors.get(cell, "")) for cell in CELLS]
