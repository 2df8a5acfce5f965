"""Households and residents as a superior asks for them: one row each, as they stand today."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.columns import Col
from governance.frame.exports import Book, Ledger
from governance.periods import Period, today
from governance.privacy import mask_id_number
from villages.models import Household, Resident, Unit
from volunteers.care.tiers import years_before

PLACE = ("household__village", "household__unit__parent", "household__account")
OLD = 60


def _group(home: Household) -> str:
    unit = home.unit
    return unit.parent.name if unit.level == Unit.Level.SETTLEMENT and unit.parent else unit.name if unit.level == Unit.Level.GROUP else ""


def _settlement(home: Household) -> str:
    return home.unit.name if home.unit.level == Unit.Level.SETTLEMENT else ""


def _balance(home: Household) -> int | None:
    account = getattr(home, "account", None)
    return account.balance if account else None


def _age(person: Resident | None) -> int | None:
    if person is None or person.birth_date is None:
        return None
    day, born = today(), person.birth_date
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _number(person: Resident | None) -> str:
    return mask_id_number(person.id_number) if person else ""


def head_of(home: Any) -> Resident | None:
    """The head as a person of the register, where one of the household bears the name."""
    return next((person for person in home.present if person.name == home.head_name), None)


def _of_head(name: str) -> Any:
    return lambda home: getattr(head_of(home), name, None)


def _count(test: Any) -> Any:
    return lambda home: sum(1 for person in home.present if test(person))


def _is_old(person: Resident) -> bool:
    return person.birth_date is not None and person.birth_date <= years_before(today(), OLD)


RESIDENTS = Ledger.of(
    "居民（一人一行）",
    [
        Col("村（社区）", "household.village.short_name"),
        Col("村民小组", lambda person: _group(person.household)),
        Col("聚居点", lambda person: _settlement(person.household)),
        Col("户号", "household.number"),
        Col("户主", "household.head_name"),
        Col("姓名", "name"),
        Col("与户主关系", "relation"),
        Col("性别", "get_sex_display"),
        Col("出生日期", "birth_date"),
        Col("年龄", _age),
        Col("身份证号（脱敏）", _number),
        Col("联系电话", "phone"),
        Col("住址", "household.address"),
        Col("积分余额", lambda person: _balance(person.household)),
    ],
    related=PLACE,
    order=("household__village__path", "household__unit__path", "household__number", "household_id", "pk"),
)
HOUSEHOLDS = Ledger.of(
    "户（一户一行）",
    [
        Col("村（社区）", "village.short_name"),
        Col("村民小组", _group),
        Col("聚居点", _settlement),
        Col("户号", "number"),
        Col("户主", "head_name"),
        Col("户类型", "get_kind_display"),
        Col("住址", "address"),
        Col("户主性别", lambda home: person.get_sex_display() if (person := head_of(home)) else ""),
        Col("户主出生日期", _of_head("birth_date")),
        Col("户主年龄", lambda home: _age(head_of(home))),
        Col("户主身份证号（脱敏）", lambda home: _number(head_of(home))),
        Col("户主电话", _of_head("phone")),
        Col("人数", _count(lambda person: True)),
        Col("男", _count(lambda person: person.sex == Resident.Sex.MALE)),
        Col("女", _count(lambda person: person.sex == Resident.Sex.FEMALE)),
        Col("60岁以上", _count(_is_old)),
        Col("积分余额", _balance),
    ],
    related=("village", "unit__parent", "account"),
    prefetch=(Prefetch("residents", Resident.objects.present().order_by("pk"), to_attr="present"),),
    order=("village__path", "unit__path", "number", "pk"),
)


def _residents(user: User, period: Period) -> QuerySet[Any]:
    return Resident.objects.visible_to(user, Action.EXPORT).present()


def _households(user: User, period: Period) -> QuerySet[Any]:
    return Household.objects.visible_to(user, Action.EXPORT).filter(ended_on=None)


BOOKS = {
    "residents": Book(RESIDENTS, _residents, "household__village"),
    "households": Book(HOUSEHOLDS, _households),
}
