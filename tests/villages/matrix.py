"""The villages' part of the matrix: units and people."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action, Duty, Guard
from tests.builders import make_household, make_resident, settlement_of
from tests.matrix import MARK, PUBLIC, Page, Staff, listed
from villages.economy.heads import scheme_of
from villages.economy.leases.models import Lease
from villages.economy.models import EconomyImport, EconomyStatement
from villages.economy.services import statement_report, statement_write
from villages.facilities.models import FacilityImport
from villages.models import CalendarDay, Consent, Facility, FacilityCheck, Overlay, Post
from villages.posts.models import AccountImport, OfficerImport
from villages.roster.models import RosterImport

SECURITY = frozenset({Guard.SECURITY.value})
PAGES: dict[str, Page] = {
    "villages:begin": Page(PUBLIC, answers=(404,)),
    "villages:household-list": Page(Action.HOUSEHOLD_VIEW),
    "villages:household-detail": Page(Action.HOUSEHOLD_VIEW, "household"),
    "villages:resident-reveal": Page(Action.RESIDENT_REVEAL, "resident", "post", (200, 302)),
    "villages:consents": Page(Action.HOUSEHOLD_EDIT, "resident"),
    "villages:consent-end": Page(Action.HOUSEHOLD_EDIT, "consent", "post", (302,)),
    "villages:resident-tell": Page(Action.RESIDENT_TELL, "resident"),
    "villages:resident-told": Page(Action.RESIDENT_TELL, "resident", answers=(302,)),
    "villages:unit-load": Page(Action.UNIT_EDIT),
    "villages:unit-places": Page(Action.UNIT_EDIT),
    "villages:resident-whole": Page(Action.RESIDENT_EXPORT),
    "villages:vacancy-list": Page(Action.POST_VIEW),
    "villages:proposal-list": Page(Action.POST_APPOINT, also=SECURITY),
    "villages:proposal-decide": Page(
        Action.POST_APPOINT, method="post", answers=(302,), arguments=(("step", "grant"),), also=SECURITY
    ),
    "villages:economy-list": Page(Action.ECONOMY_VIEW),
    "villages:economy-export": Page(Action.EXPORT),
    "villages:economy-write": Page(Action.ECONOMY_EDIT, "village", arguments=(("year", "2023"),)),
    "villages:economy-detail": Page(Action.ECONOMY_VIEW, "economy"),
    "villages:economy-report": Page(Action.ECONOMY_EDIT, "economy", "post", (302,)),
    "villages:economy-confirm": Page(Action.ECONOMY_CHECK, "economy_reported", "post", (302,)),
    "villages:economy-return": Page(Action.ECONOMY_CHECK, "economy_reported"),
    "villages:economy-correct": Page(Action.ECONOMY_EDIT, "economy_confirmed"),
    "villages:lease-list": Page(Action.ECONOMY_VIEW),
    "villages:lease-export": Page(Action.EXPORT),
    "villages:lease-create": Page(Action.ECONOMY_EDIT),
    "villages:lease-detail": Page(Action.ECONOMY_VIEW, "lease"),
    "villages:lease-edit": Page(Action.ECONOMY_EDIT, "lease"),
    "villages:lease-renew": Page(Action.ECONOMY_EDIT, "lease"),
    "villages:lease-end": Page(Action.ECONOMY_EDIT, "lease"),
    "villages:facility-list": Page(Action.FACILITY_VIEW),
    "villages:facility-export": Page(Action.EXPORT),
    "villages:facility-create": Page(Action.FACILITY_EDIT),
    "villages:facility-detail": Page(Action.FACILITY_VIEW, "facility"),
    "villages:facility-edit": Page(Action.FACILITY_EDIT, "facility"),
    "villages:facility-check": Page(Action.FACILITY_CHECK, "facility"),
    "villages:facility-check-correct": Page(Action.FACILITY_CHECK, "facility", arguments=(("check", "facility_check"),)),
    "villages:facility-end": Page(Action.FACILITY_EDIT, "facility"),
    "public:village-facilities": Page(PUBLIC, "village", arguments=(("code", "511923102201"),)),
    "villages:officer-import": Page(Action.POST_APPOINT),
    "villages:officer-import-detail": Page(Action.POST_APPOINT, "officer_import"),
    "villages:officer-import-step": Page(
        Action.POST_APPOINT, "officer_import", "post", (302,), arguments=(("step", "discard"),)
    ),
    "villages:officer-import-rejects": Page(Action.POST_APPOINT, "officer_import", answers=(404,)),
    "villages:retention": Page(Action.RESIDENT_FORGET, answers=(302,)),
    "villages:retention-town": Page(Action.RESIDENT_FORGET, "township"),
    "villages:retention-run": Page(Action.RESIDENT_FORGET, "township", "post", (302,)),
    "villages:retention-rule": Page(Action.RESIDENT_FORGET, "township"),
    "villages:setting-up": Page(Action.UNIT_EDIT),
    "villages:setting-up-load": Page(Action.UNIT_EDIT, "township", "post", (302,)),
    "admin:villages_calendarday_load": Page(Action.CALENDAR_EDIT),
    **listed(
        ("unit", Action.UNIT_VIEW, "yard"),
        ("household", Action.HOUSEHOLD_VIEW, "household"),
        ("economystatement", Action.ECONOMY_VIEW, "economy"),
        ("lease", Action.ECONOMY_VIEW, "lease"),
        ("facility", Action.FACILITY_VIEW, "facility"),
    ),
}
STAFF = {
    "villages_unit": Staff(
        Action.UNIT_VIEW,
        "village",
        add=True,
        export=True,
        buttons=(("merge", Action.UNIT_EDIT), ("split", Action.UNIT_EDIT)),
    ),
    "villages_calendarday": Staff(Action.UNIT_VIEW, "calendar_day", add=True, delete=True),
    "villages_overlay": Staff(Action.UNIT_VIEW, "overlay", add=True, delete=True, export=True),
    "villages_household": Staff(
        Action.HOUSEHOLD_VIEW,
        "household",
        export=True,
        add=True,
        buttons=(
            ("add_person", Action.HOUSEHOLD_EDIT),
            ("move", Action.HOUSEHOLD_EDIT),
            ("end", Action.HOUSEHOLD_EDIT),
            ("ledger_page", Action.ENTRY_VIEW),
        ),
    ),
    "villages_resident": Staff(
        Action.HOUSEHOLD_VIEW,
        "resident",
        export=True,
        add=True,
        buttons=(("reveal", Action.RESIDENT_REVEAL), ("leave", Action.HOUSEHOLD_EDIT)),
    ),
    "villages_post": Staff(
        Action.POST_VIEW,
        "post",
        add=True,
        export=True,
        buttons=(("end", Action.POST_APPOINT),),
        also=SECURITY,
    ),
    "villages_accountimport": Staff(
        Action.ACCOUNT_MANAGE,
        "account_import",
        add=True,
        history=False,
        buttons=tuple((name, Action.ACCOUNT_MANAGE) for name in ("commit", "remap", "rejects", "discard")),
    ),
    "villages_facilityimport": Staff(
        Action.FACILITY_IMPORT,
        "facility_import",
        add=True,
        history=False,
        buttons=tuple((name, Action.FACILITY_IMPORT) for name in ("commit", "remap", "rejects", "discard")),
    ),
    "villages_economyimport": Staff(
        Action.ECONOMY_CHECK,
        "economy_import",
        add=True,
        history=False,
        buttons=tuple((name, Action.ECONOMY_CHECK) for name in ("commit", "remap", "rejects", "discard")),
    ),
    "villages_rosterimport": Staff(
        Action.ROSTER_IMPORT,
        "roster",
        add=True,
        history=False,
        buttons=tuple((name, Action.ROSTER_IMPORT) for name in ("commit", "remap", "rejects", "discard")),
    ),
}


def build(house: Any) -> None:
    """A household with a resident in a settlement, an overlay, a post, a roster, a day of the calendar, collective income, a contract."""
    house.yard = settlement_of(house.village)
    house.household = make_household(house.village, MARK)
    house.resident = make_resident(house.household, MARK, phone="15400000001")
    house.consent = Consent.objects.create(resident=house.resident, purpose="name", given_on=date(2026, 1, 1), how="signed")
    house.overlay = Overlay.objects.create(kind="grid", name=MARK, village=house.village)
    house.post = Post.objects.create(
        kind=Duty.OVERSEER, unit=house.village, resident=house.resident, appointed_on=date(2026, 1, 1)
    )
    house.roster = RosterImport.objects.create(
        township=house.township, uploaded_by=house.cast["staff"], filename=f"{MARK}.xlsx", state="discarded"
    )
    house.account_import = AccountImport.objects.create(
        uploaded_by=house.cast["system"], filename=f"{MARK}.xlsx", state="discarded"
    )
    house.officer_import = OfficerImport.objects.create(
        township=house.township, uploaded_by=house.cast["staff"], filename=f"{MARK}.xlsx", state="discarded"
    )
    house.calendar_day = CalendarDay.objects.create(township=house.township, day=date(2030, 1, 1), name="元旦", kind="off")
    house.lease = Lease.objects.create(
        village=house.village, subject="门面", lessee="王**", amount="3 间", begins_on=date(2026, 1, 1), runs_out_on=date(2027, 1, 1),
        yearly_fen=1, recorded_by=house.cast["cadre"],
    )  # fmt: skip
    house.facility = Facility.objects.create(
        village=house.village, unit=house.yard, kind="laji", name="垃圾投放点", since=date(2026, 1, 1), recorded_by=house.cast["cadre"]
    )
    house.facility_check = FacilityCheck.objects.create(
        facility=house.facility, on=date(2026, 1, 2), outcome="fine", by=house.cast["cadre"], at=timezone.now()
    )
    house.facility_import = FacilityImport.objects.create(
        township=house.township, uploaded_by=house.cast["staff"], filename=f"{MARK}.xlsx", state="discarded"
    )
    house.economy_import = EconomyImport.objects.create(
        township=house.township, uploaded_by=house.cast["staff"], filename=f"{MARK}.xlsx", state="discarded"
    )
    house.economy, house.economy_reported, house.economy_confirmed = (_year(house, year) for year in (2020, 2021, 2022))
    statement_report(statement=house.economy_reported, by=house.cast["secretary"])
    statement_report(statement=house.economy_confirmed, by=house.cast["secretary"])
    EconomyStatement.objects.filter(pk=house.economy_confirmed.pk).update(
        state="confirmed", confirmed_by=house.cast["staff"], confirmed_at=timezone.now()
    )


def _year(house: Any, year: int) -> EconomyStatement:
    amounts = {head.key: 0 for head in scheme_of(year).heads}
    return statement_write(village=house.village, year=year, amounts=amounts, by=house.cast["secretary"])
