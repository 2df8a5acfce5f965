"""What the page of an errand shows beyond the case."""

from __future__ import annotations

from typing import Any

from governance.accounts.models import User
from governance.cases.engine.flow import Who
from governance.cases.engine.holding import roles_of
from governance.cases.errands.forms import ErrandForm, RateForm
from governance.cases.models import Case


def errand_context(case: Case, user: User) -> dict[str, Any]:
    errand = case.errand
    handles = bool(roles_of(case, user) & {Who.HOLDER, Who.TAKER})
    return {
        "errand": errand,
        "errand_form": ErrandForm(initial={"account": errand.account, "amount": errand.amount})
        if handles and case.is_open
        else None,
        "rate_form": RateForm() if handles and case.finished_at and not errand.satisfaction else None,
    }
