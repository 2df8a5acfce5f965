"""Whom the register proposes: by age, household and absence; not twice, and never children to those without their level."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from tests.builders import make_resident
from tests.volunteers.care.house import CareHouse, noon
from tests.worlds import module_world
from volunteers.care.errors import CareError
from volunteers.care.proposing import care_decline, proposed
from volunteers.models import CareCategory

pytestmark = pytest.mark.django_db
house = module_world(CareHouse)
RULE = CareCategory.Rule
DAY = date(2026, 3, 2)


def names(house: CareHouse, rule: str, role: str = "secretary", day: date = DAY) -> set[str]:
    return set(proposed(house.cast[role], rule, day).values_list("name", flat=True))


def test_it_proposes_by_age_and_household(house: CareHouse) -> None:
    house.person("独居", birth_date=date(1961, 3, 2))
    house.person("还差一天", birth_date=date(1961, 3, 3))
    house.person("无生日", birth_date=None)
    house.person("已去世", status="died", status_on=DAY)
    pair = house.person("老两口甲")
    make_resident(pair.household, "老两口乙", birth_date=date(1950, 1, 1))
    with_son = house.person("有儿子")
    make_resident(with_son.household, "儿子", birth_date=date(1980, 1, 1))
    unknown = house.person("有不明的人")
    make_resident(unknown.household, "不明", birth_date=None)
    child = house.person("留守童", birth_date=date(2015, 1, 1))
    make_resident(child.household, "十六整", birth_date=date(2010, 3, 2))
    kept = house.person("有奶奶的童", birth_date=date(2015, 1, 1))
    make_resident(kept.household, "奶奶", birth_date=date(1980, 1, 1))
    moved = house.person("父已迁出的童", birth_date=date(2015, 1, 1))
    make_resident(moved.household, "父", birth_date=date(1985, 1, 1), status="moved", status_on=DAY)
    assert names(house, RULE.OLD_ALONE) == {"独居"}
    assert names(house, RULE.OLD_PAIR) == {"老两口甲", "老两口乙"}
    assert names(house, RULE.CHILD_LEFT) == {"留守童", "父已迁出的童"} == names(house, RULE.CHILD_LEFT, "child_head")
    assert names(house, RULE.CHILD_LEFT, "cadre") == set() == names(house, RULE.OLD_ALONE, "yard_head")


def test_it_leaves_out_who_is_in_the_ledger_or_was_decided_on(house: CareHouse) -> None:
    first, second = house.person("甲"), house.person("乙")
    house.enter(resident=first)
    category, by = house.category("duju"), house.cast["cadre"]
    said = {"resident": second, "category": category, "again_on": date(2027, 3, 2), "by": by, "at": noon(DAY)}
    with pytest.raises(CareError, match="理由"):
        care_decline(reason=" ", **said)  # type: ignore[arg-type]
    care_decline(reason="女儿同村", **said)  # type: ignore[arg-type]
    assert names(house, RULE.OLD_ALONE) == set()
    assert names(house, RULE.OLD_ALONE, day=date(2027, 3, 2)) == {"乙"}
    CareCategory.objects.filter(pk=category.pk).update(is_active=False)
    assert names(house, RULE.OLD_ALONE, day=date(2027, 3, 2)) == set()


def test_it_leads_from_the_list_to_the_form(house: CareHouse, client: Client) -> None:
    person = house.person("甲大娘")
    client.force_login(house.cast["secretary"], backend="django.contrib.auth.backends.ModelBackend")
    text = client.get("/care/proposals/").content.decode()
    category = house.category("duju").pk
    address = f"/care/new/?resident={person.pk}&category={category}"
    assert "甲大娘" in text and address.replace("&", "&amp;") in text
    form = client.get(address).content.decode()
    assert f'<option value="{person.pk}" selected>' in form and f'<option value="{category}" selected>' in form
    said = {"resident": person.pk, "category": category, "tier": "high", "tier_reason": "独居", "consent": "duty"}
    answer = client.post(address, {**said, "helper": house.cast["volunteer"].pk}, follow=True)
    assert "已纳入" in answer.content.decode() and "甲大娘" in answer.content.decode()
    assert "甲大娘" not in client.get("/care/proposals/").content.decode()
