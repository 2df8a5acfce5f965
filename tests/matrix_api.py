"""The API's part of the matrix."""

from __future__ import annotations

from governance.accounts.duties import Action
from tests.matrix import LOGGED_IN, PUBLIC, Page

API: dict[str, Page] = {
    "api:token": Page(PUBLIC, method="post", answers=(400,)),
    "api:schema": Page(LOGGED_IN),
    "api:docs": Page(LOGGED_IN),
    "api:rating-explain": Page(Action.RATING_VIEW, "rating"),
    "api:closing-compute": Page(Action.CLOSING_RUN, "closing", "post", (202,)),
    "api:closing-publish": Page(Action.CLOSING_RUN, "closing", "post", (400,)),
    "api:case-step": Page(Action.CASE_VIEW, "case", "post", (400,)),
    "api:case-mediator": Page(Action.CASE_HANDLE, "dispute", "post", (400,)),
    "api:returnvisit-done": Page(Action.CASE_HANDLE, "return_visit", "post", (400,)),
    "api:round-step": Page(Action.PLAN_VIEW, "round", "post", (400,)),
    "api:round-decide": Page(Action.ROUND_DECIDE, "round", "post", (400,)),
    "api:scorecard-answers": Page(Action.ROUND_VIEW, "card"),
    "api:scorecard-judge": Page(Action.ROUND_VIEW, "card", "post", (400,)),
    "api:scorecard-finish": Page(Action.ROUND_VIEW, "card", "post", (400,)),
    "api:scorecard-reply": Page(Action.ROUND_VIEW, "card", "post", (400,)),
    "api:order-sign": Page(Action.ORDER_FIX, "order", "post", (200, 400)),
    "api:order-report": Page(Action.ORDER_FIX, "order", "post", (400,)),
    "api:order-check": Page(Action.ORDER_CHECK, "order", "post", (400,)),
    "api:frontpatrol-recheck": Page(Action.FRONT_PATROL, "patrol", "post", (400,)),
    "api:reply-decide": Page(Action.ROUND_PLAN, "reply", "post", (400,)),
    "api:closing-lock": Page(Action.CLOSING_RUN, "closing", "post", (400,)),
}
for _name, _action, _shows in (
    ("unit", Action.UNIT_VIEW, "yard"),
    ("household", Action.HOUSEHOLD_VIEW, "household"),
    ("claim", Action.CLAIM_VIEW, "claim"),
    ("entry", Action.ENTRY_VIEW, "entry"),
    ("rating", Action.RATING_VIEW, "rating"),
    ("closing", Action.CLOSING_VIEW, "closing"),
    ("case", Action.CASE_VIEW, "case"),
    ("returnvisit", Action.CASE_VIEW, "return_visit"),
    ("visit", Action.VISIT_VIEW, "visit"),
    ("shift", Action.SHIFT_VIEW, "shift"),
    ("round", Action.PLAN_VIEW, "round"),
    ("scorecard", Action.ROUND_VIEW, "card"),
    ("reply", Action.ROUND_VIEW, "reply"),
    ("order", Action.ORDER_VIEW, "order"),
    ("householdcheck", Action.CHECK_VIEW, "check"),
    ("frontpatrol", Action.FRONT_VIEW, "patrol"),
):
    API |= {f"api:{_name}-list": Page(_action), f"api:{_name}-detail": Page(_action, _shows)}
