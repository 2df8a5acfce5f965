"""A contract runs until it is renewed by another or ended, and waits from thirty days before its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from governance.accounts.models import User
from governance.guards import refused_by
from tests.cases.house import moment
from tests.disclosure.affairs.test_pages import sheet
from tests.pages import neighbour, queries, read
from tests.villages.economy.house import EconomyHouse
from tests.worlds import module_world
from villages.economy.leases import guards
from villages.economy.leases.due import KINDS
from villages.economy.leases.models import Lease
from villages.economy.leases.services import Terms, lease_add, lease_change, lease_end, lease_renew
from villages.economy.services import EconomyError

pytestmark = pytest.mark.django_db
house = module_world(EconomyHouse)
TERMS = Terms("晒坝旁门面", "王**", "3 间", date(2024, 5, 16), date(2026, 5, 15), 1_234_567)


@pytest.fixture(autouse=True)
def april() -> Any:
    with time_machine.travel(moment("2026-04-15 10:00"), tick=False):
        yield


def lease_of(house: EconomyHouse, **terms: Any) -> Lease:
    return lease_add(village=house.village, terms=replace(TERMS, **terms), by=house.cast["cadre"])


def test_it_is_renewed_by_another_or_ended_and_then_stands(house: EconomyHouse) -> None:
    secretary, lease = house.cast["secretary"], lease_of(house)
    lease = lease_change(lease=lease, terms=replace(TERMS, yearly_fen=1_300_000), by=secretary)
    with pytest.raises(EconomyError, match="2026-05-15 或以后"):
        lease_renew(lease=lease, terms=replace(TERMS, begins_on=date(2026, 5, 14), runs_out_on=date(2028, 5, 15)), by=secretary)
    lease.refresh_from_db()
    assert lease.state == "running"
    fresh = lease_renew(lease=lease, terms=replace(TERMS, begins_on=date(2026, 5, 15), runs_out_on=date(2028, 5, 15)), by=secretary)
    assert (fresh.renews, fresh.state, fresh.village) == (lease, "running", house.village)
    with pytest.raises(EconomyError, match="已续签"):
        lease_end(lease=lease, on=date(2026, 4, 1), reason="收回", by=secretary)
    other = lease_of(house)
    with pytest.raises(EconomyError, match="到今天之间"):
        lease_end(lease=other, on=date(2026, 4, 16), reason="收回", by=secretary)
    assert lease_end(lease=other, on=date(2026, 4, 15), reason="收回", by=secretary).state == "ended"


def test_a_village_keeps_its_own_and_a_contract_has_an_end(house: EconomyHouse) -> None:
    with pytest.raises(EconomyError, match="您不能登记"):
        lease_add(village=house.other, terms=TERMS, by=house.cast["cadre"])
    with pytest.raises(EconomyError, match="晚于起始"):
        lease_of(house, runs_out_on=TERMS.begins_on)
    with pytest.raises(EconomyError, match="不能是负数"):
        lease_of(house, yearly_fen=-1)


def test_it_waits_from_thirty_days_before_its_end_until_it_is_renewed(house: EconomyHouse) -> None:
    lease, (kind,) = lease_of(house), KINDS

    def held(day: str, duty: str = "secretary") -> int:
        return kind.held_by(User.objects.get(pk=house.cast[duty].pk), moment(f"{day} 09:00")).count()

    assert [held("2026-04-14"), held("2026-04-15"), held("2026-04-15", "staff"), held("2026-04-15", "overseer")] == [0, 1, 0, 0]
    assert not kind.late_rows(moment("2026-05-15 23:59")) and kind.late_rows(moment("2026-05-16 00:00"))
    lease_renew(lease=lease, terms=replace(TERMS, begins_on=date(2026, 5, 15), runs_out_on=date(2028, 5, 15)), by=house.cast["secretary"])
    assert held("2026-05-15") == 0


TRIES: dict[str, tuple[str, Callable[[EconomyHouse], Any]]] = {
    "made as ended": (guards.BEGINS, lambda h: _made(h, state="ended", ended_on=date(2026, 1, 1), end_reason="x")),
    "ended → running": (guards.OVER, lambda h: _of(_ended(h)).update(state="running", ended_on=None, end_reason="")),
    "sum of what is over": (guards.OVER, lambda h: _of(_ended(h)).update(yearly_fen=1)),
    "deleted when over": (guards.OVER, lambda h: _ended(h).delete()),
    "ended without reason": ("lease_ended_with_reason", lambda h: _of(lease_of(h)).update(state="ended", ended_on=date(2026, 1, 1))),
    "no time": ("lease_ends_after_it_begins", lambda h: _of(lease_of(h)).update(runs_out_on=TERMS.begins_on)),
}


def _of(lease: Lease) -> Any:
    return Lease.objects.filter(pk=lease.pk)


def _made(house: EconomyHouse, **fields: Any) -> Any:
    return Lease.objects.bulk_create([Lease(village=house.village, recorded_by=house.cast["cadre"], **vars(TERMS), **fields)])


def _ended(house: EconomyHouse) -> Lease:
    return lease_end(lease=lease_of(house), on=date(2026, 4, 1), reason="收回", by=house.cast["cadre"])


@pytest.mark.parametrize("what", sorted(TRIES))
def test_the_database_refuses(house: EconomyHouse, what: str) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        TRIES[what][1](house)
    assert refused_by(error.value) == TRIES[what][0]


def test_the_desk_writes_renews_and_ends(client: Client, house: EconomyHouse) -> None:
    client.force_login(house.cast["cadre"])
    given: dict[str, Any] = {"village": house.village.pk, "subject": "果园", "lessee": "兴农合作社", "amount": "20 亩"}
    given |= {"begins_on": "2025-05-01", "runs_out_on": "2026-04-30", "yearly_fen": "1.234"}
    assert "不到一分" in client.post("/leases/create/", given).content.decode()
    answer = client.post("/leases/create/", {**given, "yearly_fen": "12,000"})
    lease = Lease.objects.get()
    assert answer["Location"] == f"/leases/{lease.pk}/" and lease.yearly_fen == 1_200_000
    assert 'value="2026-04-30"' in client.get(f"/leases/{lease.pk}/renew/").content.decode()
    assert client.post(f"/leases/{lease.pk}/edit/", {**given, "yearly_fen": "0"}).status_code == 302
    answer = client.post(f"/leases/{lease.pk}/renew/", {**given, "begins_on": "2026-05-01", "runs_out_on": "2027-04-30", "yearly_fen": "9"})
    fresh = Lease.objects.get(state="running")
    assert answer["Location"] == f"/leases/{fresh.pk}/" and "续签自" in client.get(answer["Location"]).content.decode()
    assert client.post(f"/leases/{fresh.pk}/end/", {"on": "2026-04-15", "reason": "收回"}).status_code == 422
    assert "共 1 份" in client.get("/leases/?state=renewed&q=果园").content.decode()
    assert any("兴农合作社" in row and 9 in row for row in sheet(client, "/leases/export/"))
    client.force_login(neighbour()["cadre"])
    assert client.get(f"/leases/{fresh.pk}/").status_code == 404


def test_queries_do_not_grow_with_contracts(client: Client, house: EconomyHouse) -> None:
    lease_of(house)
    before = queries(client, house.cast["staff"], "/leases/")
    for _ in range(5):
        lease_of(house)
    assert queries(client, house.cast["staff"], "/leases/") == before
    assert "王**" in read(client, house.cast["staff"], "/leases/")
