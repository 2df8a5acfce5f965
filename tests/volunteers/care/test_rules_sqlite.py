"""The rules of the care ledger on SQLite, the trial mode, by going around the code."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.builders import make_village, settlement_of
from tests.trial import run_in_trial_mode
from tests.volunteers.care.house import CareHouse, noon
from tests.volunteers.care.test_guards import run
from villages.models import Household
from volunteers.care.services import care_leave
from volunteers.models import CareRecord, CareTurn


def passed_by() -> list[str]:
    """The statements that the database let pass; none of them should. Besides, who moves is followed."""
    house = CareHouse()
    record, left, other = house.enter(), house.enter(), make_village(house.township, "马鞍村委会", "511923102207")
    care_leave(record=left, reason="好转", by=house.cast["secretary"], at=noon(date(2026, 3, 5)))
    turn = CareTurn.objects.create(record=record, due_on=date(2026, 3, 9), met_on=date(2026, 3, 9))
    of_record, of_turn = f"WHERE id = {record.pk}", f"WHERE id = {turn.pk}"
    child, liushou = house.enter("liushou"), house.category("liushou")
    statements = [
        f"UPDATE volunteers_carerecord SET consent = 'self' WHERE id = {child.pk}",
        f"UPDATE volunteers_carerecord SET category_id = {liushou.pk} {of_record}",
        f"UPDATE volunteers_carerecord SET village_id = {other.pk} {of_record}",
        f"UPDATE volunteers_carerecord SET due_on = '2026-03-10' {of_record}",
        f"DELETE FROM volunteers_carerecord {of_record}",
        f"UPDATE volunteers_carerecord SET left_reason = 'x' WHERE id = {left.pk}",
        f"UPDATE volunteers_careturn SET met_on = '2026-03-08' {of_turn}",
        f"DELETE FROM volunteers_careturn {of_turn}",
    ]
    passed = [statement for statement in statements if not run(statement)]
    CareRecord.objects.filter(pk=child.pk).update(is_child=False)
    child.refresh_from_db()
    if not child.is_child:
        passed.append("a child that is none")
    Household.objects.filter(pk=record.resident.household_id).update(village=other, unit=settlement_of(other))
    record.refresh_from_db()
    return passed if record.village == other else [*passed, "not followed"]


def test_it_holds_on_sqlite_too(tmp_path: Path) -> None:
    assert run_in_trial_mode(f"{passed_by.__module__}:{passed_by.__name__}", tmp_path) == []
