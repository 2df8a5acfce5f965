"""What waits of villages' contracts: rows at random, and what should be said of each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from governance.accounts.duties import Action
from tests.builders import settlement_of
from tests.desk.due.truth import Truth, of_town
from tests.desk.due.world import NOW, TODAY, DueWorld
from villages.facilities.models import Facility, FacilityCheck, FacilityFault
from villages.models import Lease


def leases_fill(world: DueWorld) -> None:
    for village in world.villages:
        for _ in range(8):
            lease = Lease.objects.create(
                village=village, subject="门面", lessee="王**", amount="3 间", begins_on=date(2020, 1, 1), runs_out_on=world.day(60),
                yearly_fen=1, recorded_by=world.somebody(village, "cadre"),
            )  # fmt: skip
            state = world.one(["running", "running", "renewed", "ended"])
            more: dict[str, dict[str, Any]] = {"ended": {"ended_on": TODAY, "end_reason": "收回"}}
            if state != "running":
                Lease.objects.filter(pk=lease.pk).update(state=state, **more.get(state, {}))


def facilities_fill(world: DueWorld) -> None:
    """Some at the settlement, some of the village; due for a check or not at all, broken or mended."""
    for village in world.villages:
        for number in range(8):
            cadre = world.somebody(village, "cadre")
            place = Facility.objects.create(
                village=village, unit=world.one([village, settlement_of(village)]), kind="laji", name=f"{number}号", since=date(2020, 1, 1),
                check_due_on=world.one([None, world.day(15)]), recorded_by=cadre,
            )  # fmt: skip
            if world.often():
                check = FacilityCheck.objects.create(
                    facility=place, on=date(2020, 1, 2), outcome="broken", note="满了", by=cadre, at=NOW
                )
                fault = FacilityFault.objects.create(facility=place, found_by=check, found_on=date(2020, 1, 2), due_on=world.day())
                if world.often(0.3):
                    FacilityFault.objects.filter(pk=fault.pk).update(mended_on=TODAY, mended_how="check")


VILLAGES = {
    "facility-check": Truth(
        lambda: Facility.objects.select_related("unit"),
        lambda row: row.check_due_on is not None and row.check_due_on <= TODAY + timedelta(days=7),
        lambda row, user: user.may(Action.FACILITY_CHECK, row.unit.path) and not of_town(user),
        lambda row: row.check_due_on < TODAY,
        lambda row, user: user.may(Action.FACILITY_VIEW, row.unit.path),
    ),
    "facility-fault": Truth(
        lambda: FacilityFault.objects.select_related("facility__unit"),
        lambda row: row.mended_on is None and row.due_on < TODAY,
        lambda row, user: user.may(Action.FACILITY_EDIT, row.facility.unit.path) and not of_town(user),
        lambda row: row.due_on < TODAY,
        lambda row, user: user.may(Action.FACILITY_VIEW, row.facility.unit.path),
        village=lambda row: row.facility.village_id,
    ),
    "lease": Truth(
        lambda: Lease.objects.select_related("village"),
        lambda row: row.state == "running" and row.runs_out_on <= TODAY + timedelta(days=30),
        lambda row, user: user.may(Action.ECONOMY_EDIT, row.village.path) and not of_town(user),
        lambda row: row.runs_out_on < TODAY,
        lambda row, user: user.may(Action.ECONOMY_VIEW, row.village.path),
    ),
}
