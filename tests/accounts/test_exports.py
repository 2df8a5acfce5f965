"""Big ledgers in the background: asked for once, written as the one who asked, told, handed to nobody else, swept away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from governance.accounts.export_models import ExportJob
from governance.accounts.exporting import export_ask, export_work
from governance.accounts.jobs import LOST, MOST_ATTEMPTS, UNSENT, jobs_sweep
from governance.accounts.models import AccessLog, Message, User
from governance.sheets.reader import read_workbook
from tests.api.test_api import House
from tests.builders import make_household, make_user
from villages.models import Post

pytestmark = pytest.mark.django_db
LEDGER = "/admin/villages/household/export/"


@pytest.fixture
def house(settings: Any) -> House:
    settings.EXPORT_BACKGROUND_ROWS = 2
    found = House()
    for number in range(4):
        make_household(found.villages[0], f"甲{number}")
    return found


@pytest.fixture
def desk(client: Client, house: House) -> Client:
    client.force_login(house.staff)
    return client


def asked(client: Client, address: str = LEDGER) -> ExportJob:
    answer = client.get(address)
    job = ExportJob.objects.latest("pk")
    assert answer.status_code == 302 and answer["Location"] == f"/exports/{job.pk}/"
    return job


def ready(client: Client, address: str = LEDGER) -> ExportJob:
    job = asked(client, address)
    export_work(job.pk)
    job.refresh_from_db()
    assert job.state == "ready", job.error
    return job


def rows_of(client: Client, job: ExportJob) -> list[list[Any]]:
    answer = client.get(f"/exports/{job.pk}/file/")
    (sheet,) = read_workbook(b"".join(answer.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
    return list(sheet.rows.values())


def test_a_big_ledger_is_written_told_downloaded_and_logged(desk: Client, house: House) -> None:
    job = asked(desk)
    assert "排队中" in desk.get(f"/exports/{job.pk}/").content.decode()
    export_work(job.pk)
    message = Message.objects.get(user=house.staff)
    assert "已导出" in message.text and message.link == f"/exports/{job.pk}/"
    assert "下载 户籍人口名册" in desk.get(message.link).content.decode()
    assert not AccessLog.objects.filter(kind="export").exists()
    heading, *rows = rows_of(desk, job)[1:]
    assert heading[0] == "村（社区）" and len(rows) == 2
    assert AccessLog.objects.get(kind="export").detail == f"户籍人口名册 {job.total} 行"
    assert b"PK" not in bytes(ExportJob.objects.get().file)[:200]


@pytest.mark.parametrize("address", ["/ledgers/claims/xlsx/?period=2026", LEDGER + "?q=甲", "/fronts/export/", "/passbooks/export/"])
def test_it_comes_from_every_kind_of_page(desk: Client, house: House, address: str, settings: Any) -> None:
    settings.EXPORT_BACKGROUND_ROWS = 0
    assert ready(desk, address).filename.endswith(".xlsx")


def test_a_small_ledger_stays_direct(desk: Client, settings: Any) -> None:
    settings.EXPORT_BACKGROUND_ROWS = 5000
    assert desk.get(LEDGER).status_code == 200 and not ExportJob.objects.exists()


def test_who_asks_again_meanwhile_gets_the_same_one(desk: Client, house: House) -> None:
    first = asked(desk)
    assert asked(desk) == first
    assert asked(desk, f"{LEDGER}?q=甲") != first
    export_work(first.pk)
    assert asked(desk) != first
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_exportjob SET digest = 'x'")


def test_no_file_stands_open_or_unnamed(desk: Client) -> None:
    job = ready(desk)
    for broken in ("state = 'queued'", "filename = ''", "rights = ''", "expires_at = NULL", "file = ''"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE accounts_exportjob SET {broken} WHERE id = {job.pk}")


def test_it_is_nobody_elses(client: Client, desk: Client, house: House) -> None:
    job = ready(desk)
    other = make_user("second", "staff", house.township)
    client.force_login(other)
    for page in ("", "file/"):
        assert client.get(f"/exports/{job.pk}/{page}").status_code == 404
    assert "户籍人口名册" not in client.get("/exports/").content.decode()


def test_a_change_of_duty_keeps_the_file_back(desk: Client, house: House) -> None:
    job = ready(desk)
    Post.objects.filter(user=house.staff).update(ended_on=timezone.localdate())
    answer = desk.get(f"/exports/{job.pk}/file/", follow=True)
    assert "职务在导出以后有变动" in answer.content.decode() and not AccessLog.objects.filter(kind="export").exists()


def test_who_may_no_longer_gets_a_refusal_instead_of_a_file(desk: Client, house: House) -> None:
    job = asked(desk)
    Post.objects.filter(user=house.staff).update(ended_on=timezone.localdate())
    export_work(job.pk)
    job.refresh_from_db()
    assert (job.state, bytes(job.file)) == ("failed", b"") and "不能导出" in job.error
    closed = export_ask(user=house.staff, title="表", address=LEDGER, total=1)
    User.objects.filter(pk=house.staff.pk).update(is_active=False)
    export_work(closed.pk)
    assert "不能导出" in ExportJob.objects.get(pk=closed.pk).error
    assert Message.objects.filter(user=house.staff, text__contains="没有导出").count() == 2


def test_what_a_page_refuses_in_words_is_the_reason(house: House) -> None:
    job = export_ask(user=house.staff, title="表", address="/ledgers/claims/xlsx/?period=2026-13", total=1)
    export_work(job.pk)
    assert "请重新选定" in ExportJob.objects.get().error


def test_two_workers_write_it_once(desk: Client) -> None:
    job = ready(desk)
    before = bytes(job.file)
    export_work(job.pk)
    job.refresh_from_db()
    assert bytes(job.file) == before and job.attempts == 1


def test_what_is_lost_is_sent_again_and_given_up_in_the_end(desk: Client, house: House) -> None:
    job, now = asked(desk), timezone.now()
    assert [jobs_sweep(now), jobs_sweep(now + UNSENT / 2), jobs_sweep(now + 2 * UNSENT)] == [0, 0, 1]
    ExportJob.objects.update(state="running", attempts=1, moved_at=now)
    assert jobs_sweep(now + 2 * UNSENT) == 0
    assert jobs_sweep(now + 2 * LOST) == 1
    job.refresh_from_db()
    assert job.state == "queued"
    ExportJob.objects.update(state="running", attempts=MOST_ATTEMPTS)
    assert jobs_sweep(now + 4 * LOST) == 0
    job.refresh_from_db()
    assert job.state == "failed" and Message.objects.filter(user=house.staff, text__contains="多次没有写完").exists()


def test_files_are_thrown_away_after_a_week(desk: Client) -> None:
    job, now = ready(desk), timezone.now()
    jobs_sweep(now + timedelta(days=6))
    assert ExportJob.objects.filter(pk=job.pk).exists()
    ExportJob.objects.filter(pk=job.pk).update(expires_at=now)
    assert "已经过期" in desk.get(f"/exports/{job.pk}/file/", follow=True).content.decode()
    jobs_sweep(now + timedelta(seconds=1))
    assert not ExportJob.objects.exists()
