"""Big sheets and big ledgers by a real worker on Redis, asked for on the pages; the sweeper leaves alone what a worker is at."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.accounts.job_models import Job
from governance.accounts.jobs import LOST, MOST_ATTEMPTS, job_held, jobs_sweep
from governance.accounts.models import ExportJob, ImportJob, Message
from governance.celery import app
from processes import poll
from tests.builders import make_township, make_user, make_village
from tests.worker import worker
from villages.models import Resident, RosterImport, Unit
from villages.roster.services import ROSTER_IMPORT

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 180
ROSTER = "村,组,户号,户主,姓名\n八一村,1组,0101,王小明,王小明\n八一村,1组,0102,李秀英,李秀英\n"


@pytest.fixture
def village() -> Unit:
    return make_village(make_township())


@pytest.fixture
def desk(client: Client, village: Unit, settings: Any) -> Client:
    settings.IMPORT_BACKGROUND_BYTES = settings.IMPORT_BACKGROUND_ROWS = settings.EXPORT_BACKGROUND_ROWS = 1
    client.force_login(make_user("staff", "staff", village.parent))
    return client


def ready(model: type[Job], what: str) -> Any:
    """The last job, when a worker has done it."""
    assert poll(model._default_manager.exclude(state__in=("queued", "running")).exists, alive=lambda: True, seconds=SECONDS)
    job = model._default_manager.latest("pk")
    assert job.state == "ready", (what, job.error)
    return job


def test_a_sheet_comes_in_and_a_ledger_goes_out(desk: Client, village: Unit) -> None:
    file = SimpleUploadedFile("名册.csv", ROSTER.encode())
    with worker():
        desk.post(reverse("admin:villages_rosterimport_add"), {"township": village.parent_id, "file": file})
        read = ready(ImportJob, "read")
        sheet = RosterImport.objects.get()
        assert (read.result, sheet.counts["good"]) == (ROSTER_IMPORT.address(sheet.pk), 2)
        ImportJob.objects.all().delete()
        desk.post(read.result.replace("change/", "commit/"), {"sent": "1"})
        ready(ImportJob, "commit")
        desk.get("/admin/villages/household/export/")
        export = ready(ExportJob, "export")
    assert set(Resident.objects.values_list("name", flat=True)) == {"王小明", "李秀英"}
    told = Message.objects.order_by("pk").values_list("text", flat=True)
    assert [text.split("”")[1][:5] for text in told] == ["已读完，请", "：新增 2", "已导出，2"], list(told)
    assert desk.get(f"{export.link}file/").status_code == 200


def test_what_was_given_up_is_done_after_one_press(desk: Client, village: Unit) -> None:
    """The upload and the export fail with their worker; pressed on the page of what failed, another does both."""
    file = SimpleUploadedFile("名册.csv", ROSTER.encode())
    app.control.purge()
    desk.post(reverse("admin:villages_rosterimport_add"), {"township": village.parent_id, "file": file})
    desk.get("/admin/villages/unit/export/")
    app.control.purge()
    for model in (ImportJob, ExportJob):
        model._default_manager.update(state="running", attempts=MOST_ATTEMPTS)
    jobs_sweep(timezone.now() + 2 * LOST)
    page = desk.get("/failed/").content.decode()
    assert page.count("再试</button>") == 2 and "请分成几份再试" in page
    with worker():
        for model, kind in ((ImportJob, "import"), (ExportJob, "export")):
            desk.post(f"/failed/{kind}/{model._default_manager.get().pk}/again/")
            ready(model, kind)
    assert RosterImport.objects.get().counts["good"] == 2
    assert desk.get(f"{ExportJob.objects.get().link}file/").status_code == 200
    assert "没有停下来的后台任务" in desk.get("/failed/").content.decode()


def test_the_sweeper_leaves_alone_what_a_worker_writes_just_now(village: Unit) -> None:
    now = timezone.now()
    job = ImportJob.objects.create(
        user=make_user("staff", "staff", village.parent), flow="x", step="commit", sheet_id=1, filename="x", back="/", digest="x",
        total=1, asked_at=now, moved_at=now, state="running", attempts=1,
    )  # fmt: skip
    held, swept = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with job_held(job):
                held.set()
                swept.wait(SECONDS)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert held.wait(SECONDS)
    assert jobs_sweep(now + 2 * LOST) == 0
    swept.set()
    writer.join()
    assert jobs_sweep(now + 2 * LOST) == 1
