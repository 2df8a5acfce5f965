"""Scope resolved to ids: what it sees, how often it reads units, and what its statements leave out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Case
from moral_bank.models import Account, Claim, Entry, Move, Passbook, Redemption, Reminder
from tests.builders import make_household, make_township, make_user, make_village, settlement_of
from villages.households.counting import homes_by_village
from villages.models import Household, Unit
from villages.scope import ScopedQuerySet, UnitScopedQuerySet
from villages.units.services import units_merge

MERGED_ON = date(2026, 2, 1)
BIG: list[Any] = [Account, Case, Claim, Entry, Move, Passbook, Redemption, Reminder]
DUTIES = {"county": "leader", "township": "staff", "village": "cadre", "group": "group_head", "settlement": "yard_head"}


class County:
    """Two townships, the first of two villages; a household in each settlement, a user at every unit above the first."""

    def __init__(self) -> None:
        self.town, self.far_town = make_township(), make_township("511923103")
        self.villages = [
            make_village(self.town),
            make_village(self.town, "马鞍村委会", "511923102202"),
            make_village(self.far_town, "远村委会", "511923103201"),
        ]
        self.homes = [make_household(village) for village in self.villages]
        yard = settlement_of(self.villages[0])
        assert yard.parent is not None and self.town.parent is not None
        units = [self.town.parent, self.town, self.villages[0], yard.parent, yard]
        self.users = {unit.level: make_user(unit.level, DUTIES[unit.level], unit) for unit in units}


@pytest.fixture
def county(db: None) -> County:
    return County()


def statement(rows: Any) -> str:
    try:
        return str(rows.order_by().values("pk").query)
    except EmptyResultSet:
        return ""


@pytest.mark.parametrize(("level", "seen"), [("county", 3), ("township", 2), ("village", 1), ("group", 1), ("settlement", 1)])
def test_it_sees_what_lies_below_the_duty(county: County, level: str, seen: int) -> None:
    found = Household.objects.visible_to(county.users[level]).order_by("pk")
    assert list(found) == county.homes[:seen]


def test_it_sees_what_was_merged_into_the_duty(county: County) -> None:
    former = Household.objects.create(
        number="9", head_name="旧户", head_pinyin="jiuhu", village=county.villages[1], unit=county.villages[1], ended_on="2026-01-01"
    )
    clerk, cadre = county.users["township"], county.users["village"]
    assert former not in Household.objects.visible_to(cadre)
    units_merge(sources=county.villages[1:2], into=county.villages[0], on=MERGED_ON, by=clerk)
    assert former not in Household.objects.visible_to(cadre), "what a request has resolved holds for the request"
    assert former in Household.objects.visible_to(User.objects.get(pk=cadre.pk))


@pytest.mark.parametrize("level", DUTIES)
def test_it_compares_no_paths(county: County, level: str) -> None:
    """Only what hangs on a unit of any level does."""
    asked = 0
    for model in apps.get_models():
        rows: Any = model._default_manager.all()
        if isinstance(rows, ScopedQuerySet) and not isinstance(rows, UnitScopedQuerySet) and hasattr(model, "scope_village"):
            asked += 1
            assert '"path"' not in statement(rows.visible_to(county.users[level], Action.UNIT_VIEW)), model
    assert asked > 30


@pytest.mark.parametrize("model", BIG)
@pytest.mark.parametrize("level", ["county", "township"])
def test_a_big_table_filters_its_own_column_for_a_township(county: County, model: Any, level: str) -> None:
    assert '"villages_' not in statement(model.objects.visible_to(county.users[level]))


@pytest.mark.parametrize("level", DUTIES)
def test_it_reads_units_once_a_request(county: County, level: str) -> None:
    user = User.objects.get(username=level)
    with CaptureQueriesContext(connection) as captured:
        for action in (Action.UNIT_VIEW, Action.HOUSEHOLD_VIEW, Action.CASE_VIEW):
            for rows in (Unit.objects, Household.objects, *(model.objects for model in BIG)):
                statement(rows.visible_to(user, action))
    tables = ["villages_post", "villages_succession", "villages_unit"]
    found = [next(table for table in tables if f'FROM "{table}"' in query["sql"]) for query in captured]
    assert len(found) <= 3 and len(set(found)) == len(found)


AROUND = {
    "take a household to another township": (
        "UPDATE villages_household SET village_id = {far} WHERE id = {home}", "户不能迁出乡镇"
    ),
    "hang a village elsewhere": ("UPDATE villages_unit SET parent_id = {far_town} WHERE id = {village}", "单位的上级不能改"),
}


@pytest.mark.parametrize("what", AROUND)
def test_a_household_stays_in_its_township_even_around_the_code(county: County, what: str) -> None:
    """Rows carry their township: if a household could leave it, two townships would see each other's ledgers."""
    wrong, refusal = AROUND[what]
    ids = {"far": county.villages[2].pk, "home": county.homes[0].pk, "far_town": county.far_town.pk, "village": county.villages[0].pk}
    with pytest.raises(IntegrityError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(wrong.format(**ids))


@pytest.mark.parametrize("level", DUTIES)
def test_it_counts_by_village_what_a_plain_count_finds(county: County, level: str) -> None:
    user = county.users[level]
    make_household(county.villages[0], "李小红")
    homes = Household.objects.visible_to(user)
    found = homes_by_village(user, Household.objects.all(), Action.HOUSEHOLD_VIEW)
    assert found == {one.pk: count for one in county.villages if (count := homes.filter(village=one).count())}
    assert homes_by_village(make_user("stranger"), Household.objects.all(), Action.HOUSEHOLD_VIEW) == {}
