"""What the care ledger adds to a household's page, for those who may see it."""

from __future__ import annotations

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.parts import Part
from villages.models import Household
from volunteers.care.lists import due_of
from volunteers.models import CareRecord, RiskHousehold


def household_part(request: UserRequest, household: Household) -> Part:
    user, path = request.user, household.unit.path
    records = CareRecord.objects.visible_to(user).current().filter(resident__household=household)
    stands = household.ended_on is None
    context = {
        "household": household,
        "records": [(record, due_of(record)) for record in records.select_related("resident", "category").order_by("pk")],
        "risks": RiskHousehold.objects.visible_to(user).filter(household=household, ended_on=None),
        "may_enter": stands and (user.may(Action.CARE_EDIT, path) or user.may(Action.CARE_CHILD, path)),
        "may_risk": stands and user.may(Action.CARE_EDIT, path),
    }
    return Part("volunteers/care/household.html", context, request)
