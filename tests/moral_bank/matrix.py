"""The moral bank's part of the matrix."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from moral_bank.models import Claim, Closing, Rating
from tests.builders import make_account, make_entry
from tests.matrix import MARK, Page, Staff, listed
from tests.moral_bank.awards import matrix as awards
from tests.moral_bank.claims import matrix as claims
from tests.moral_bank.market import matrix as market
from tests.moral_bank.panel import matrix as panel
from tests.moral_bank.passbooks import matrix as passbooks
from tests.moral_bank.proof import matrix as proof
from tests.moral_bank.rules import matrix as rules

PAGES: dict[str, Page] = {
    **claims.PAGES,
    **panel.PAGES,
    **rules.PAGES,
    **market.PAGES,
    **awards.PAGES,
    **passbooks.PAGES,
    **proof.PAGES,
    "moral_bank:claim-create": Page(Action.CLAIM_DECLARE, "household"),
    "moral_bank:claim-list": Page(Action.CLAIM_VIEW),
    "moral_bank:claim-verify": Page(Action.CLAIM_VERIFY, "claim", "post", (302, 400)),
    "moral_bank:claim-reject": Page(Action.CLAIM_VERIFY, "claim", "post", (302, 422)),
    "moral_bank:rating-list": Page(Action.RATING_VIEW),
    "moral_bank:rating-detail": Page(Action.RATING_VIEW, "rating"),
    "moral_bank:closing-list": Page(Action.CLOSING_VIEW),
    "moral_bank:closing-run": Page(Action.CLOSING_RUN),
    "moral_bank:closing-take-down": Page(Action.CLOSING_RUN),
    "moral_bank:closing-detail": Page(Action.CLOSING_VIEW, "closing"),
    "moral_bank:closing-step": Page(Action.CLOSING_RUN, "closing", "post", (302,), arguments=(("step", "lock"),)),
    "moral_bank:objection-answer": Page(
        Action.OBJECTION_ANSWER, "closing", "post", (302, 422), arguments=(("objection_pk", "objection"),)
    ),
    "api:account-statement": Page(Action.ENTRY_VIEW, "account"),
    "api:rating-explain": Page(Action.RATING_VIEW, "rating"),
    "api:nomination-judge": Page(Action.AWARD_JUDGE, "nomination", "post", (400,)),
    "api:nomination-confirm": Page(Action.AWARD_CONFIRM, "nomination", "post", (400,)),
    "api:nomination-refuse": Page(Action.AWARD_CONFIRM, "nomination", "post", (400,)),
    "api:redemption-hand": Page(Action.MARKET_HAND, "redemption", "post", (400,)),
    "api:redemption-cancel": Page(Action.MARKET_REDEEM, "redemption", "post", (400,)),
    "api:redemption-refund": Page(Action.MARKET_HAND, "redemption", "post", (400,)),
    "api:honour-revoke": Page(Action.AWARD_CONFIRM, "honour", "post", (400,)),
    "api:claim-verify": Page(Action.CLAIM_VERIFY, "claim", "post", (200, 400)),
    "api:claim-reject": Page(Action.CLAIM_VERIFY, "claim", "post", (400,)),
    "api:claim-withdraw": Page(Action.CLAIM_VIEW, "claim", "post", (200, 400)),
    "api:claim-appeal": Page(Action.CLAIM_VIEW, "claim", "post", (400,)),
    "api:appeal-answer": Page(Action.APPEAL_ANSWER, "appeal", "post", (400,)),
    "api:ruleset-detail": Page(Action.RULE_VIEW, answers=(200, 404), arguments=(("pk", "rule_set"),)),
    "api:ruleset-compare": Page(Action.RULE_VIEW, answers=(200, 404), arguments=(("pk", "rule_draft"),)),
    "api:ruleset-list": Page(Action.RULE_VIEW),
    "api:deed-list": Page(Action.RULE_VIEW),
    "api:deed-detail": Page(Action.RULE_VIEW, answers=(200, 404), arguments=(("pk", "deed"),)),
    "api:closing-compute": Page(Action.CLOSING_RUN, "closing", "post", (202, 400)),
    "api:closing-publish": Page(Action.CLOSING_RUN, "closing", "post", (400,)),
    "api:closing-lock": Page(Action.CLOSING_RUN, "closing", "post", (400,)),
    "api:reconciliation-run": Page(Action.PROOF_VIEW, method="post", answers=(200, 400)),
    **listed(
        ("claim", Action.CLAIM_VIEW, "claim"),
        ("appeal", Action.CLAIM_VIEW, "appeal"),
        ("entry", Action.ENTRY_VIEW, "entry"),
        ("rating", Action.RATING_VIEW, "rating"),
        ("account", Action.ENTRY_VIEW, "account"),
        ("item", Action.MARKET_VIEW, "goods"),
        ("redemption", Action.MARKET_VIEW, "redemption"),
        ("cover", Action.MARKET_VIEW, "shop_covered"),
        ("nomination", Action.AWARD_VIEW, "nomination"),
        ("honour", Action.AWARD_VIEW, "honour"),
        ("reminder", Action.REMINDER_VIEW, "reminder"),
        ("closing", Action.CLOSING_VIEW, "closing"),
        ("reconciliation", Action.PROOF_VIEW, "reconciliation"),
        ("chainhead", Action.PROOF_VIEW, "chain_head"),
    ),
}
STAFF = {
    "moral_bank_ruleset": Staff(
        Action.RULE_VIEW,
        "rule_set",
        add=True,
        buttons=(("copy", Action.RULE_EDIT), ("adopt", Action.RULE_EDIT)),
    ),
    "moral_bank_deed": Staff(Action.RULE_VIEW, "deed", add=True, export=True),
    "moral_bank_claim": Staff(
        Action.CLAIM_VIEW,
        "claim",
        export=True,
        buttons=(("page", Action.CLAIM_VIEW), ("household_page", Action.HOUSEHOLD_VIEW)),
    ),
    "moral_bank_appeal": Staff(
        Action.CLAIM_VIEW, "appeal", export=True, history=False, buttons=(("page", Action.CLAIM_VIEW),)
    ),
    "moral_bank_entry": Staff(
        Action.ENTRY_VIEW, "entry", export=True, history=False, buttons=(("reverse_entry", Action.ENTRY_REVERSE),)
    ),
    "moral_bank_panelmember": Staff(
        Action.CLAIM_VIEW, "panel_member", export=True, history=False, buttons=(("page", Action.CLOSING_VIEW),)
    ),
    "moral_bank_sitting": Staff(
        Action.CLAIM_VIEW, "panel_sitting", export=True, history=False, buttons=(("page", Action.CLOSING_VIEW),)
    ),
    "moral_bank_reconciliation": Staff(
        Action.PROOF_VIEW, "reconciliation", history=False, export=True, buttons=(("page", Action.PROOF_VIEW),)
    ),
    "moral_bank_chainhead": Staff(Action.PROOF_VIEW, "chain_head", history=False),
    "moral_bank_judgement": Staff(Action.CLAIM_VIEW, "judgement", history=False),
    "moral_bank_closing": Staff(
        Action.CLOSING_VIEW,
        "closing",
        export=True,
        history=False,
        buttons=(
            ("compute", Action.CLOSING_RUN),
            ("publish", Action.CLOSING_RUN),
            ("lock", Action.CLOSING_RUN),
            ("page", Action.CLOSING_VIEW),
        ),
    ),
    "moral_bank_passbook": Staff(
        Action.PASSBOOK_ISSUE, "passbook", export=True, history=False, buttons=(("page", Action.ENTRY_VIEW),)
    ),
    "moral_bank_proxy": Staff(Action.ENTRY_VIEW, "proxy", history=False),
    "moral_bank_coverday": Staff(Action.MARKET_VIEW, "cover_day", export=True, history=False),
    "moral_bank_expiry": Staff(Action.RULE_VIEW, "expiry", export=True, history=False),
    "moral_bank_shop": Staff(Action.MARKET_VIEW, "shop", buttons=(("page", Action.MARKET_VIEW),)),
    "moral_bank_item": Staff(Action.MARKET_VIEW, "goods"),
    "moral_bank_supplier": Staff(Action.MARKET_VIEW, "supplier"),
    "moral_bank_lot": Staff(Action.MARKET_VIEW, "lot", history=False),
    "moral_bank_redemption": Staff(
        Action.MARKET_VIEW, "redemption", export=True, history=False, buttons=(("page", Action.MARKET_VIEW),)
    ),
    "moral_bank_move": Staff(Action.MARKET_VIEW, "stock_move", export=True, history=False),
    "moral_bank_stocktake": Staff(
        Action.MARKET_VIEW, "stock_take", history=False, buttons=(("page", Action.MARKET_VIEW),)
    ),
    "moral_bank_fundmove": Staff(Action.MARKET_VIEW, "fund_move", export=True, history=False),
    "moral_bank_rating": Staff(Action.RATING_VIEW, "rating", export=True, history=False, buttons=(("why", Action.RATING_VIEW),)),
    "moral_bank_nomination": Staff(Action.AWARD_VIEW, "nomination", export=True, buttons=(("page", Action.AWARD_VIEW),)),
    "moral_bank_honour": Staff(
        Action.AWARD_VIEW, "honour", export=True, history=False, buttons=(("page", Action.AWARD_VIEW),)
    ),
    "moral_bank_reminder": Staff(Action.REMINDER_VIEW, "reminder", history=False),
}


def build(house: Any) -> None:
    """An account with an entry, a claim and a month's rating, then what each feature adds; a later one stands on those before."""
    clerk, now = house.cast["staff"], timezone.now()
    house.account = make_account(house.household)
    house.entry = make_entry(house.account, house.deed, date(2026, 3, 2), clerk)
    house.claim = Claim.objects.create(
        account=house.account,
        deed=house.deed,
        occurred_on=date(2026, 3, 2),
        score=5,
        note=MARK,
        declared_by=clerk,
        declared_at=now,
    )
    house.closing = Closing.objects.create(
        village=house.village,
        kind="month",
        start=date(2026, 3, 1),
        state="noticed",
        rule_set=house.rule_set,
        computed_at=now,
        notice=house.notice,
        household_count=1,
        entry_count=1,
    )
    house.rating = Rating.objects.create(
        closing=house.closing, account=house.account, law=20, service=10, sanitation=15, participation=8, civility=12,
        score=65, rank=1,
    )  # fmt: skip
    for part in (claims, panel, rules, market, awards, passbooks, proof):
        part.build(house)
