"""Residents of a roster: what a row says of each, and the writing of all in sets with history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db import connection
from simple_history.utils import bulk_update_with_history

from governance.accounts.models import User
from governance.crypto import sealed
from governance.engines import rows_insert
from governance.frame.imports.payload import NEW, SAME, UPDATE
from governance.frame.pinyin import pinyin_key
from governance.frame.saving import history_add
from governance.progress import moved
from governance.sealed import seal
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
        self._day = connection.ops.adapt_datefield_value
        self.new: list[Sequence[Any]] = []
        self.changed: dict[int, Resident] = {}

    def take(self, person: Person, household: Household | None) -> str:
        """Bring the matched or a new resident to what the row says and return its outcome. An empty cell leaves what is known as
        it is; a household that is not yet written has no key."""
        moved()
        resident = person.resident
        if resident is None:
            if household and not self.trial:
                self.new.append(_row(person, household, self._day))
            return NEW
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
        if _state(resident) == before:
            return SAME
        resident.name_pinyin = pinyin_key(resident.name)
        self.changed[resident.pk] = resident
        return UPDATE

    def write(self, by: User) -> None:
        history_add(Resident, rows_insert(Resident._meta.db_table, _COLUMNS, self.new, key="id"), by)
        bulk_update_with_history(list(self.changed.values()), Resident, _WRITTEN, 1000, default_user=by)


def _row(person: Person, household: Household, day: Callable[[date], Any]) -> Sequence[Any]:
    """Somebody new, who is present, in the order of _COLUMNS."""
    said = _said(person)
    birth = said["birth_date"] and day(said["birth_date"])
    cipher, id_hash, tail_hash = sealed(str(person.row.values["id_number"] or ""))
    texts = seal(said["phone"] or ""), said["relation"] or ""
    state = (Resident.Status.PRESENT, None, id_hash, said["note"] or "")
    return household.pk, said["name"], said["sex"] or "", birth, *texts, *state, pinyin_key(said["name"]), cipher, tail_hash


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


def _state(resident: Resident) -> Sequence[Any]:
    return [getattr(resident, name) for name in _COMPARED]
