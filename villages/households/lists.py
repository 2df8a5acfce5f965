"""The list of households: what it asks, what it shows of a row; and how a list says where something is."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.characters import is_chinese
from governance.frame.columns import Col, Tag
from governance.frame.filters import WordsFilter
from governance.frame.lists import Listing, To
from villages.filters import InVillages, of_household, with_characters
from villages.households.searching import residents_by_number
from villages.models import Household

FEW = 1000


class HouseholdFilter(InVillages):
    """Without words those in the register today; by words also those that are no more. An ID number, or its last four characters,
    finds the households of whoever bears it."""

    q = WordsFilter("姓名、拼音、户号或身份证号")

    def __init__(self, data: Any, rows: QuerySet[Any], *, request: UserRequest) -> None:
        super().__init__(data, rows, request=request)
        words: Any = self.filters["q"]
        words.look_ups = (lambda written: home_named(written, request),)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data["q"] else rows.filter(ended_on=None)


def home_named(written: str, request: UserRequest) -> Q:
    """Households by the head's name, their number or the ID number of one of them."""
    name, number = of_household("")
    found = name(written) | Q(**{number: written})
    if is_chinese(written):
        return found & _few(written, request.user)
    borne = [person.household_id for person in residents_by_number(written=written, by=request.user, request=request)]
    return found | Q(pk__in=borne)


def _few(written: str, user: User) -> Q:
    """The households that have the characters, found by their index, where they are few; of many the list's order finds the first."""
    rows = Household.objects.visible_to(user).filter(with_characters(written)).order_by()
    keys = list(rows.values_list("pk", flat=True)[: FEW + 1])
    return Q(pk__in=keys) if len(keys) <= FEW else Q()


def place_of(row: Any) -> str:
    """The village of a row and the settlement or group in it."""
    return str(row.village) if row.unit_id == row.village_id else f"{row.village} {row.unit}"


def _balance(household: Household) -> int:
    """Points on the account that the moral bank keeps; a household may have none."""
    balance: int = getattr(getattr(household, "account", None), "balance", 0)
    return balance


HOUSEHOLDS = Listing(
    "住户",
    [
        Col("户主", "head_name", whole=True, tags=lambda household: [Tag("已销户", "late") if household.ended_on else None]),
        Col("户号", "number", sort="number_key"),
        Col("住处", place_of),
        Col("人数", "people", num=True),
        Col("积分余额", _balance, num=True),
        Col("", go=True, cell="villages/households/_declare.html", needs=Action.CLAIM_DECLARE),
    ],
    HouseholdFilter,
    order=("village__path", "unit__path", "head_pinyin", "pk"),
    href="villages:household-detail",
    unit="户",
    empty="您的范围内还没有住户。",
    steps=(To("请镇工作人员在管理后台导入名册。", ""),),
    none_found="没有找到符合的住户。",
    live=True,
)
