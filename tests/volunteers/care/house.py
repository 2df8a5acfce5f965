"""八一村 with the care ledger's categories, and people in care."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count
from typing import Any

from governance.accounts.models import User
from governance.periods import SHANGHAI
from tests.builders import make_cast, make_household, make_resident, make_township, make_village, settlement_of
from villages.models import Resident
from volunteers.care.notes import care_contact
from volunteers.care.services import CareDetails, care_enter
from volunteers.care.setting_up import care_set_up
from volunteers.models import CareCategory, CareNote, CareRecord

_serial = count(1)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


def night(day: date) -> datetime:
    """00:05 of a day."""
    return datetime(day.year, day.month, day.day, 0, 5, tzinfo=SHANGHAI)


ENTERED = date(2026, 3, 2)
BORN = date(2016, 5, 1)


class CareHouse:
    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.yard = settlement_of(self.village)
        self.cast: dict[str, User] = make_cast(self.township, self.village)
        care_set_up(township=self.township)

    def category(self, code: str) -> CareCategory:
        return CareCategory.objects.select_related("township").get(township=self.township, code=code)

    def person(self, name: str = "", **fields: Any) -> Resident:
        number = next(_serial)
        household = make_household(self.village, name or f"老人{number}")
        return make_resident(household, name or f"老人{number}", **{"birth_date": date(1940, 5, 1), "phone": "15400001234", **fields})

    def enter(self, code: str = "duju", *, tier: str = "high", on: date = ENTERED, by: str = "secretary", **fields: Any) -> CareRecord:
        child = self.category(code).is_child
        born = {"birth_date": BORN} if child else {}
        resident = fields.pop("resident", None) or self.person(fields.pop("name", ""), **born)
        consent = {"consent": "guardian"} if child else {}
        details = CareDetails(
            resident=resident, category=self.category(code), tier=tier, tier_reason="一个人住", **{"consented_on": on, **consent, **fields}
        )
        return care_enter(details=details, by=self.cast[by], at=noon(on))

    def contact(self, record: CareRecord, on: date, *, by: str = "secretary", kind: str = "call", **fields: Any) -> CareNote:
        note = care_contact(record=record, kind=kind, by=self.cast[by], at=noon(on), **{"condition": "well", **fields})
        record.refresh_from_db()
        return note
