"""What the demo's villages keep: the places that every village has, looked at in the last weeks."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from governance.accounts.models import User
from governance.demo.loading import create
from governance.demo.sources import TOWNSHIP
from governance.demo.year import writer
from governance.periods import today
from villages.facilities.kinds import kinds
from villages.facilities.models import Facility, FacilityCheck
from villages.models import Unit

HAS = ("dangqun", "daiban", "guangchang", "wenming", "chuchuang", "tianwang", "jizhong", "laji", "nongyao")
HOURS = {"dangqun": "工作日 8:30—17:30", "daiban": "工作日 8:30—17:30", "guangchang": "全天"}
OWNERS = {"tianwang": "县公安局"}


def load_facilities(rng: Random, units: dict[str, Unit], users: dict[str, User], now: datetime) -> None:
    villages = Unit.objects.villages().on(today(now)).filter(parent=units[TOWNSHIP]).order_by("path")
    places = create(_place(rng, village, key, users, now) for village in villages for key in HAS)
    FacilityCheck.objects.bulk_create(
        FacilityCheck(facility=place, on=place.checked_on, outcome="fine", by=place.recorded_by, at=now)
        for place in places if place.checked_on
    )  # fmt: skip


def _place(rng: Random, village: Unit, key: str, users: dict[str, User], now: datetime) -> Facility:
    kind, seen = kinds()[key], today(now) - timedelta(days=rng.randint(1, 25))
    served = rng.randint(40, 160) if kind.serves else None
    return Facility(
        village=village, unit=village, kind=key, name=f"{village}{kind.name}"[:60], address="村委会旁", hours=HOURS.get(key, ""),
        keeper="cadre", owner=OWNERS.get(key, ""), served=served, connected=served and served * 4 // 5,
        since=today(now) - timedelta(days=rng.randint(400, 2000)), checked_on=seen, check_due_on=kind.next_check(seen),
        recorded_by=writer(users, village),
    )  # fmt: skip
