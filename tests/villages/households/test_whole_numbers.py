"""Whole ID numbers leave the portal for one duty only, for a reason, logged and under a mark."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.test import Client

from governance.accounts.duties import Duty
from governance.accounts.export_models import ExportJob
from governance.accounts.exporting import export_work
from governance.accounts.models import AccessLog, User
from tests.builders import make_household, make_resident, make_township, make_user, make_village
from tests.sheets.messy import make_id
from villages.households.services import HouseholdError
from villages.households.whole_numbers import whole_numbers_ask
from villages.models import Unit

pytestmark = pytest.mark.django_db
PAGE = "/residents/whole/"
REASON = "送县民政局核对高龄补贴"


class World:
    def __init__(self) -> None:
        self.township = make_township()
        self.villages = [make_village(self.township), make_village(self.township, "马鞍村委会", "511923102202")]
        self.numbers = [make_id(date(1950, 1, 1), number) for number in (11, 12, 13)]
        far = make_village(make_township("511923103"), "九龙村委会", "511923103201")
        for village, number in zip((*self.villages, far), self.numbers, strict=True):
            make_resident(make_household(village), "李四", number)
        self.keeper = make_user("keeper", Duty.ID_KEEPER, self.township)


@pytest.fixture
def world() -> World:
    return World()


def sheet_of(client: Client, job: ExportJob) -> list[tuple[Any, ...]]:
    answer = client.get(f"/exports/{job.pk}/file/")
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return list(openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(values_only=True))


def ask(client: Client, village: Unit | None, reason: str = REASON) -> ExportJob:
    answer = client.post(PAGE, {"village": village.pk if village else "", "reason": reason})
    assert answer.status_code == 302
    job = ExportJob.objects.latest("pk")
    export_work(job.pk)
    job.refresh_from_db()
    return job


def test_the_keeper_gets_his_township_with_mark_and_log(client: Client, world: World) -> None:
    client.force_login(world.keeper)
    job = ask(client, None)
    title, mark, heading, *rows = sheet_of(client, job)
    assert title[0] == "户籍人口名册（完整身份证号）"
    assert f"第 {job.pk} 号；keeper（keeper）" in mark[0] and REASON in mark[0]
    place = heading.index("身份证号码")
    assert [row[place] for row in rows] == world.numbers[:2]
    logged = AccessLog.objects.get(kind="export")
    assert logged.user == world.keeper and logged.detail == f"户籍人口名册（完整身份证号） 2 行，用途：{REASON}"


def test_one_village_is_enough(client: Client, world: World) -> None:
    client.force_login(world.keeper)
    rows = sheet_of(client, ask(client, world.villages[1]))[3:]
    assert [row[9] for row in rows] == [world.numbers[1]]


@pytest.mark.parametrize("reason", ["", "  ", "核对"])
def test_without_a_reason_there_is_no_job(client: Client, world: World, reason: str) -> None:
    client.force_login(world.keeper)
    assert client.post(PAGE, {"reason": reason}).status_code == 422
    assert not ExportJob.objects.exists()


@pytest.mark.parametrize("duty", [Duty.STAFF, Duty.LEADER, Duty.SUPERVISOR, "security"])
def test_nobody_else_gets_there(client: Client, world: World, duty: str) -> None:
    user = make_user("other", guard=duty) if duty == "security" else make_user("other", duty, world.township)
    client.force_login(user)
    assert client.get(PAGE).status_code == 404 and client.post(PAGE, {"reason": REASON}).status_code == 404
    with pytest.raises(HouseholdError):
        whole_numbers_ask(village=None, reason=REASON, by=user)


def test_the_duty_alone_opens_nothing_else(client: Client, world: World) -> None:
    client.force_login(world.keeper)
    for page in ("/households/", "/admin/", "/admin/villages/resident/export/", "/ledgers/claims/xlsx/"):
        assert client.get(page).status_code == 404


def test_a_job_of_it_writes_nothing_for_whom_the_duty_was_taken_from(client: Client, world: World) -> None:
    client.force_login(world.keeper)
    job = ExportJob.objects.get(pk=whole_numbers_ask(village=None, reason=REASON, by=world.keeper).pk)
    User.objects.get(pk=world.keeper.pk).posts.all().delete()
    export_work(job.pk)
    job.refresh_from_db()
    assert (job.state, bytes(job.file)) == ("failed", b"")
