"""Lists of rounds and of households at risk."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.columns import Col, Tag
from governance.frame.filters import PartFilter, PeriodFilter, WordsFilter
from governance.frame.lists import Listing, To
from villages.filters import InVillages, of_household
from villages.households.lists import place_of
from volunteers.models import CareRoundPerson, RiskHousehold

TO_CARE = To("特殊困难群体", "volunteers:care-list")
TO_START = To("发起专项探访", "volunteers:round-start", needs=(Action.CARE_EDIT,))


class RoundFilter(InVillages):
    period = PeriodFilter("月份", "day")


class RiskFilter(InVillages):
    place = "household__village"
    risk = django_filters.ChoiceFilter(label="风险", choices=RiskHousehold.Risk.choices, empty_label="全部风险")
    state = PartFilter(
        "现在",
        {
            "": ("有风险", lambda rows: rows.filter(ended_on=None)),
            "ended": ("已解除", lambda rows: rows.exclude(ended_on=None)),
        },
    )
    q = WordsFilter("户主姓名、拼音或户号", *of_household("household__"))


def with_figures(rows: QuerySet[Any], user: User) -> QuerySet[Any]:
    """Of each round, how many stand on it and how many wait, as far as the user sees them."""
    people = CareRoundPerson.objects.visible_to(user).filter(round=OuterRef("pk")).order_by()
    waiting = people.filter(answered_at=None, moved_at=None)

    def counted(among: QuerySet[Any]) -> Coalesce:
        number = among.values("round").annotate(number=Count("pk")).values("number")
        return Coalesce(Subquery(number, output_field=IntegerField()), 0)

    found: QuerySet[Any] = rows.annotate(on_list=counted(people), unreached=counted(waiting))
    return found


ROUNDS = Listing(
    "专项探访",
    [
        Col("名称", "name", whole=True),
        Col("日期", "day", sort="day"),
        Col("因为", "get_kind_display"),
        Col("村（社区）", "village"),
        Col("名单", "on_list", num=True),
        Col("还没联系到", tags=lambda row: [Tag(f"{row.unreached} 户（人）", "late") if row.unreached else Tag("都联系到了", "good")]),
    ],
    RoundFilter,
    parent=TO_CARE,
    order=("-day", "-pk"),
    href="volunteers:round-detail",
    unit="次",
    actions=(TO_START,),
    empty="还没有专项探访。",
    steps=(TO_START,),
)

RISKS = Listing(
    "风险户",
    [
        Col("户主", "household.head_name", whole=True),
        Col("风险", "get_risk_display"),
        Col("住处", lambda row: place_of(row.household)),
        Col("转移到", "shelter"),
        Col("叫应责任人", "keeper.name"),
        Col("登记", "since", sort="since"),
        Col("解除", "ended_on"),
    ],
    RiskFilter,
    parent=TO_CARE,
    order=("household__village__path", "pk"),
    href="volunteers:risk-detail",
    unit="户",
    exports=(To("打印转移名单", "volunteers:risk-print", needs=(Action.CARE_EDIT,)),),
    hint="登记：在“住户”里打开这一户，点“登记风险户”。",
    empty="还没有登记风险户。",
)
