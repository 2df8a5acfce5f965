"""What the databases refuse of the care ledger, whoever asks."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from governance.guards import refused_by
from tests.builders import make_household, make_village, settlement_of
from tests.volunteers.care.house import CareHouse, noon
from tests.worlds import module_world
from volunteers.care import guards
from volunteers.care.services import care_leave
from volunteers.models import CareRecord, CareTurn

pytestmark = pytest.mark.django_db
house = module_world(CareHouse)


def run(statement: str) -> str:
    """What refuses a statement; "" where it is taken, which is undone."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return refused_by(error)  # type: ignore[arg-type]
    return ""


def test_it_refuses_what_must_never_happen_to_a_record(house: CareHouse) -> None:
    record, other = house.enter(), make_village(house.township, "马鞍村委会", "511923102205")
    table, row = "UPDATE volunteers_carerecord SET", f"WHERE id = {record.pk}"
    assert run(f"{table} village_id = {other.pk} {row}") in (guards.PLACE, "care_stays_with_household")
    assert run(f"{table} unit_id = {settlement_of(other).pk} {row}") in (guards.PLACE, "care_stays_with_household")
    assert run(f"{table} due_on = '2026-03-10' {row}") in (guards.PUT_OFF, "care_not_put_off")
    assert run(f"{table} due_on = '2026-03-08' {row}") == ""
    assert run(f"DELETE FROM volunteers_carerecord {row}") in (guards.KEPT, "care_is_kept")
    care_leave(record=record, reason="好转", by=house.cast["secretary"], at=noon(date(2026, 3, 5)))
    assert run(f"{table} left_on = NULL, left_reason = '', due_on = '2030-01-01' {row}") in (guards.LEFT, "care_left_is_kept")
    assert run(f"{table} reveals = reveals + 1 {row}") == ""
    again = CareRecord.objects.get(pk=house.enter(resident=record.resident).pk)
    again.pk, again.resident = None, house.person()
    again.village = other
    with pytest.raises(DatabaseError), transaction.atomic():
        again.save()


def test_it_refuses_to_rewrite_a_day_that_passed(house: CareHouse) -> None:
    record = house.enter()
    turn = CareTurn.objects.create(record=record, due_on=date(2026, 3, 9))
    table, row = "UPDATE volunteers_careturn SET", f"WHERE id = {turn.pk}"
    assert run(f"{table} due_on = '2026-03-19' {row}") in (guards.TURNS, "care_turn_met_once")
    assert run(f"DELETE FROM volunteers_careturn {row}") in (guards.TURNS, "care_turn_is_kept")
    assert run(f"{table} met_on = '2026-03-10' {row}") == ""
    CareTurn.objects.filter(pk=turn.pk).update(met_on=date(2026, 3, 10))
    assert run(f"{table} met_on = '2026-03-09' {row}") in (guards.TURNS, "care_turn_met_once")
    assert run(f"{table} met_on = NULL {row}") in (guards.TURNS, "care_turn_met_once")


def test_it_takes_the_ledger_along_wherever_rows_are_moved(house: CareHouse) -> None:
    """By SQL, past every service: a household that moves, a person who joins another household."""
    record, other = house.enter(), make_village(house.township, "马鞍村委会", "511923102206")
    yard = settlement_of(other)
    with connection.cursor() as cursor:
        move = "UPDATE villages_household SET village_id = %s, unit_id = %s WHERE id = %s"
        cursor.execute(move, [other.pk, yard.pk, record.resident.household_id])
    record.refresh_from_db()
    assert (record.village, record.unit) == (other, yard)
    back = make_household(house.village, "女儿家")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE villages_resident SET household_id = %s WHERE id = %s", [back.pk, record.resident_id])
    record.refresh_from_db()
    assert (record.village, record.unit, record.township) == (house.village, house.yard, house.township)
