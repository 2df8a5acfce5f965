"""What cases add to a household's page: the last cases and visits."""

from __future__ import annotations

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.cases.models import Case, Visit
from governance.frame.parts import Part
from villages.models import Household

RECENT = 6


def household_part(request: UserRequest, household: Household) -> Part:
    user = request.user
    context = {
        "household": household,
        "cases": Case.objects.visible_to(user).filter(household=household).select_related("category").order_by("-pk")[:RECENT],
        "visits": Visit.objects.visible_to(user).filter(household=household).select_related("by").order_by("-pk")[:RECENT],
        "may_log": household.ended_on is None and user.may(Action.CASE_LOG, household.unit.path),
    }
    return Part("cases/household.html", context, request)
