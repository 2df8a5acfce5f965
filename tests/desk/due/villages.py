"""What waits of villages' contracts: rows at random, and what should be said of each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from governance.accounts.duties import Action
from tests.desk.due.truth import Truth, of_town
from tests.desk.due.world import TODAY, DueWorld
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


VILLAGES = {
    "lease": Truth(
        lambda: Lease.objects.select_related("village"),
        lambda row: row.state == "running" and row.runs_out_on <= TODAY + timedelta(days=30),
        lambda row, user: user.may(Action.ECONOMY_EDIT, row.village.path) and not of_town(user),
        lambda row: row.runs_out_on < TODAY,
        lambda row, user: user.may(Action.ECONOMY_VIEW, row.village.path),
    ),
}
