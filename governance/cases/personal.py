"""What cases hold open of residents, for whom the register is kept meanwhile (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from governance.cases.engine.flow import State
from governance.cases.models import Case, Party
from villages.models import Resident


def cases_hold(on: date) -> QuerySet[Any]:
    """Whom a case is about that is not filed yet, their household, and its parties."""
    cases = Case.objects.exclude(state__in=[State.FILED, State.VOID])
    of_household = Q(household__in=cases.exclude(household=None).order_by().values("household"))
    own = Q(pk__in=cases.exclude(resident=None).order_by().values("resident"))
    parties = Party.objects.filter(dispute__case__in=cases.order_by().values("pk")).exclude(resident=None)
    return Resident.objects.filter(of_household | own | Q(pk__in=parties.order_by().values("resident"))).order_by().values("pk")
