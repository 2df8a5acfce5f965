"""The part of the matrix that belongs to passbooks, proxies, cover and expiry: its URLs, and one object of each kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from moral_bank.models import CoverDay, Shop
from moral_bank.passbooks.cover_days import covers_snapshot
from moral_bank.passbooks.expiry import expiry_decide
from moral_bank.passbooks.proxies import proxy_add
from moral_bank.passbooks.services import passbook_issue
from tests.matrix import PUBLIC, Page

PAGES: dict[str, Page] = {
    "moral_bank:passbook-list": Page(Action.PASSBOOK_ISSUE),
    "moral_bank:passbook-export": Page(Action.EXPORT),
    "moral_bank:passbook-print": Page(Action.PASSBOOK_ISSUE, "passbook"),
    "moral_bank:passbook-revoke": Page(Action.PASSBOOK_ISSUE, "passbook", "post", (422,)),
    "moral_bank:household-passbook": Page(Action.ENTRY_VIEW, "household"),
    "moral_bank:passbook-issue": Page(Action.PASSBOOK_ISSUE, "household", "post", (302,)),
    "moral_bank:statement-print": Page(Action.ENTRY_VIEW, "household"),
    "moral_bank:statement-export": Page(Action.EXPORT, "household"),
    "moral_bank:proxy-add": Page(Action.PASSBOOK_ISSUE, "household", "post", (422,)),
    "moral_bank:proxy-end": Page(Action.PASSBOOK_ISSUE, "proxy", "post", (302,)),
    "moral_bank:cover-list": Page(Action.MARKET_VIEW),
    "moral_bank:cover-export": Page(Action.EXPORT),
    "moral_bank:cover-detail": Page(Action.MARKET_VIEW, "village"),
    "moral_bank:expiry-list": Page(Action.RULE_VIEW),
    "moral_bank:expiry-export": Page(Action.EXPORT),
    "moral_bank:expiry-create": Page(Action.RULE_EDIT),
    "moral_bank:expiry-cancel": Page(Action.RULE_EDIT, "expiry"),
    "public:passbook": Page(PUBLIC, answers=(404, 429), arguments=(("token", "A" * 24),)),
}


def build(house: Any) -> None:
    """A passbook with a proxy, the evening's cover and an expiry announced for later."""
    clerk, today = house.cast["staff"], timezone.localdate()
    house.passbook = passbook_issue(household=house.household, by=clerk)
    house.proxy = proxy_add(household=house.household, name="代领的人", relation="外甥", consent="当面同意", by=clerk)
    house.shop_covered, _ = Shop.objects.get_or_create(village=house.village, defaults={"name": "道德超市"})
    covers_snapshot()
    house.cover_day = CoverDay.objects.get(village=house.village)
    house.expiry = expiry_decide(
        village=house.village,
        earned_until=today,
        expires_on=today + timedelta(days=62),
        basis="村民代表会议决定",
        by=clerk,
    )
