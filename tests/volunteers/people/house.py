"""A township with its cast, residents of 八一村, and volunteers made among them."""

from __future__ import annotations

from datetime import date
from typing import Any

from governance.accounts.models import User
from governance.sheets.persons import check_digit
from tests.builders import make_cast, make_household, make_resident, make_township, make_village
from villages.models import Resident, Unit
from volunteers.models import Volunteer
from volunteers.people.services import VolunteerDetails, volunteer_admit, volunteer_register
from volunteers.projects.setting_up import projects_set_up

JOINED, AGREED = date(2026, 3, 2), date(2026, 3, 1)
PHONE = "15400000001"


def id_number(born: str, serial: int = 1) -> str:
    """An invented number of somebody born on `born` (19900101)."""
    first = f"511929{born}{serial:03d}"
    return first + check_digit(first)


class PeopleHouse:
    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)
        projects_set_up(township=self.township)

    def user(self, role: str) -> User:
        return self.cast[role]

    @property
    def cadre(self) -> User:
        return self.cast["cadre"]

    def other_village(self) -> Unit:
        return make_village(self.township, "马鞍村委会", "511923102202")

    def resident(self, name: str = "王小明", **fields: Any) -> Resident:
        return make_resident(make_household(self.village, name), name, **{"phone": PHONE, "birth_date": date(1980, 5, 1), **fields})

    def register(self, resident: Resident | None = None, *, by: str = "cadre", **fields: Any) -> Volunteer:
        details = VolunteerDetails(**{"village": self.village, "resident": resident, "agreed_on": AGREED, "agreed_how": "signed", **fields})
        return volunteer_register(details=details, by=self.cast[by])

    def admitted(self, name: str = "王小明", **fields: Any) -> Volunteer:
        """A resident who is 在册."""
        return volunteer_admit(volunteer=self.register(self.resident(name), **fields), by=self.cadre, on=JOINED)

    def outsider(self, name: str = "外乡人", born: str = "19900101", **fields: Any) -> Volunteer:
        return self.register(name=name, **{"phone": "15400000002", "id_number": id_number(born), **fields})
