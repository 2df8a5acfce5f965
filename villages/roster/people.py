"""Residents of a roster: what a row says of each, and the writing of all in sets with history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection
from simple_history.utils import bulk_update_with_history

from governance.accounts.models import User
from governance.engines import rows_insert
from governance.frame.imports.payload import NEW, SAME, UPDATE
from governance.frame.pinyin import pinyin_key
from governance.frame.saving import history_add
from villages.households.services import SEX_CODES
from villages.models import Household, Resident
from villages.roster.match import Person

_COMPARED = ("household_id", "name", "sex", "birth_date", "phone", "relation", "status", "status_on", "id_hash", "note")
_WRITTEN = ("household", *_COMPARED[1:], "name_pinyin", "id_cipher", "id_tail_hash")
_COLUMNS = (*_COMPARED, "name_pinyin", "id_cipher", "id_tail_hash")


class People:
    """Takes one row after the other, then writes them unless it is a `trial`; `on`: day from which a change of status counts."""

    def __init__(self, on: date, *, trial: bool) -> None:
        self.on, self.trial = on, trial
        self.new: list[Resident] = []
        self.changed: dict[int, Resident] = {}

    def take(self, person: Person, household: Household | None) -> str:
        """Bring the matched or a new resident to what the row says and return its outcome. An empty cell leaves what is known as
        it is; a household that is not yet written has no key."""
        if person.resident is None and self.trial:
            return NEW
        resident = person.resident or Resident()
        before = _state(resident)
        status = _status(person)
        if resident.status != status:
            resident.status, resident.status_on = status, self.on
        resident.household_id = (household.pk or 0) if household else 0
        for name, value in _said(person).items():
            if value:
                setattr(resident, name, value)
        number = person.row.values["id_number"]
        if number and person.id_hash != resident.id_hash:
            resident.set_id_number(str(number))
        if person.resident is not None and _state(resident) == before:
            return SAME
        resident.name_pinyin = pinyin_key(resident.name)
        if person.resident is None:
            self.new.append(resident)
            return NEW
        self.changed[resident.pk] = resident
        return UPDATE

    def write(self, by: User) -> None:
        rows = [[_cell(getattr(resident, name)) for name in _COLUMNS] for resident in self.new]
        history_add(Resident, rows_insert(Resident._meta.db_table, _COLUMNS, rows, key="id"), by)
        bulk_update_with_history(list(self.changed.values()), Resident, _WRITTEN, 1000, default_user=by)


def _said(person: Person) -> dict[str, Any]:
    values = person.row.values
    return {
        "name": values["name"],
        "sex": SEX_CODES.get(str(values["sex"])),
        "birth_date": values["birth_date"],
        "phone": values["phone"],
        "relation": values["relation"],
        "note": values["note"],
    }


def _status(person: Person) -> str:
    """As the row says, 在册 where it says nothing; who died is not moved away afterwards."""
    status, resident = person.status or Resident.Status.PRESENT, person.resident
    if status == Resident.Status.MOVED and resident and resident.status != Resident.Status.PRESENT:
        return resident.status
    return status


def _cell(value: Any) -> Any:
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


def _state(resident: Resident) -> Sequence[Any]:
    return [getattr(resident, name) for name in _COMPARED]
