"""The list of visits: what it asks, what it shows of a row (plan §四.2)."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.utils.text import Truncator

from governance.accounts.duties import Action
from governance.cases.models import Visit
from governance.frame.characters import Holds
from governance.frame.columns import Col
from governance.frame.filters import WordsFilter
from governance.frame.lists import Listing, To
from governance.sheets.persons import clean_name
from villages.filters import InVillages
from villages.households.lists import place_of
from villages.models import Household
from villages.scope import reach_of

FEW = 1000
TO_LOG = To("记走访", "cases:visit-log", needs=(Action.VISIT_LOG,))


class VisitFilter(InVillages):
    kind = django_filters.ChoiceFilter(label="类型", choices=Visit.Kind.choices, empty_label="全部类型")
    mine = django_filters.BooleanFilter(label="只看我的", widget=forms.CheckboxInput, method="of_mine")
    q = WordsFilter("户主或看到的情况里的字", method="with_words")

    def with_words(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """Households apart: joined, all of a county's would be read beside all its visits. They keep their township, and where
        they are few they stand in the statement, so that they are not sought beside the visits."""
        reach = reach_of(self.request.user, Action.VISIT_VIEW)
        head = Holds(F("head_name"), str(clean_name(words).value or words))
        homes = Household.objects.filter(head, village__parent__in=reach.townships_around if reach else ())
        few = list(homes.order_by().values_list("pk", flat=True)[: FEW + 1])
        return rows.filter(Q(seen__contains=words) | Q(household__in=few if len(few) <= FEW else homes.order_by()))

    def of_mine(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return rows.filter(by=self.request.user) if value else rows


VISITS = Listing(
    "走访巡查",
    [
        Col("时间", "went_at"),
        Col("类型", "get_kind_display"),
        Col("地点", place_of),
        Col("户", "household.head_name"),
        Col("走访人", "by.name"),
        Col("看到的、听到的", lambda visit: Truncator(visit.seen).chars(60), whole=True),
    ],
    VisitFilter,
    order=("-went_at", "-pk"),
    href="cases:visit-detail",
    unit="次",
    actions=(TO_LOG,),
    empty="还没有走访。",
    steps=(TO_LOG,),
    none_found="没有符合的走访。",
    ledgers=True,
    capped=True,
)
