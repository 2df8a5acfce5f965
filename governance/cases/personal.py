"""What cases hold open of residents, for whom the register is kept meanwhile (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from governance.cases.engine.flow import State
from governance.cases.models import Case, Party, Visit
from governance.frame.columns import Col
from governance.frame.personal import Held
from villages.models import Resident


def cases_hold(on: date) -> QuerySet[Any]:
    """Whom a case is about that is not filed yet, their household, and its parties."""
    cases = Case.objects.exclude(state__in=[State.FILED, State.VOID])
    of_household = Q(household__in=cases.exclude(household=None).order_by().values("household"))
    own = Q(pk__in=cases.exclude(resident=None).order_by().values("resident"))
    parties = Party.objects.filter(dispute__case__in=cases.order_by().values("pk")).exclude(resident=None)
    return Resident.objects.filter(of_household | own | Q(pk__in=parties.order_by().values("resident"))).order_by().values("pk")


_CASE = [Col("编号", "number"), Col("类别", "category"), Col("发现时间", "found_at"), Col("状态", "state_words"), Col("办理结果", "result")]
PERSON = [
    Held("本人的事项", Case, "resident", _CASE, ("category",)),
    Held("本户的事项", Case, "household__residents", _CASE, ("category",)),
    Held(
        "矛盾纠纷当事人",
        Party,
        "resident",
        [Col("编号", "dispute.case.number"), Col("姓名", "name"), Col("联系电话", "phone"), Col("住址", "address")],
        ("dispute__case",),
        ("dispute__case", Case),
    ),
    Held(
        "走访本户",
        Visit,
        "household__residents",
        [Col("时间", "went_at"), Col("类型", "get_kind_display"), Col("走访人", "by.name"), Col("看到的、听到的", "seen")],
        ("by",),
    ),
]
