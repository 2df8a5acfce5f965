"""What the background gave up is shown with its reason to those whom it concerns, and is asked for by one press."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.accounts.exporting import export_ask
from governance.accounts.inbox import messages_send, texts_send
from governance.accounts.models import ExportJob, ImportJob, Outbox, User
from governance.accounts.outbox import outbox_deliver
from governance.frame.sweeping import GIVEN_UP
from governance.periods import Kind, Period, today
from moral_bank.models import Closing
from tests.builders import make_township, make_user
from tests.moral_bank.closings.house import ClosingHouse
from tests.pages import Desk, neighbour, queries

pytestmark = pytest.mark.django_db
LAST_MONTH = Period.of(Kind.MONTH, today()).previous()


@pytest.fixture
def failed() -> Closing:
    closing = ClosingHouse(households=1, rules_from=LAST_MONTH.start).closing(str(LAST_MONTH))
    Closing.objects.filter(pk=closing.pk).update(job="failed", job_error=GIVEN_UP, job_tries=5)
    return closing


def desk(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_staff_sees_the_reason_and_asks_again(failed: Closing) -> None:
    client = desk(make_user("clerk", "staff", failed.village.parent))
    page = client.get("/failed/").content.decode()
    assert str(failed) in page and GIVEN_UP in page and "试了 5 次" in page
    assert "已重新交给后台办理" in client.post(f"/failed/closing/{failed.pk}/again/", follow=True).content.decode()
    failed.refresh_from_db()
    assert (failed.job, failed.job_error, failed.job_tries) == ("queued", "", 0)
    assert "没有停下来的后台任务" in client.get("/failed/").content.decode()
    assert client.post(f"/failed/closing/{failed.pk}/again/").status_code == 404, "it has not failed any more"


def test_nobody_else_sees_or_presses(failed: Closing) -> None:
    for client in (desk(make_user("other", "staff", make_township("511923103"))), desk(make_user("cadre", "cadre", failed.village))):
        assert str(failed) not in client.get("/failed/").content.decode()
        assert client.post(f"/failed/closing/{failed.pk}/again/").status_code == 404
    assert desk(make_user("clerk", "staff", failed.village.parent)).post(f"/failed/else/{failed.pk}/again/").status_code == 404
    failed.refresh_from_db()
    assert failed.job == "failed"


@pytest.fixture
def house() -> Desk:
    return Desk()


def given_up(house: Desk, by: str = "cadre", title: str = "户台账", error: str = "多次没有写完") -> ExportJob:
    job = export_ask(user=house.cast[by], title=title, address="/x/?q=张", total=9)
    ExportJob.objects.filter(pk=job.pk).update(state="failed", error=error, attempts=3)
    return job


def importing(house: Desk, file: bytes, name: str = "名册.csv") -> ImportJob:
    now = timezone.now()
    return ImportJob.objects.create(
        user=house.cast["staff"], flow="x", step="read", filename=name, back="/", digest=name, total=0, asked_at=now, moved_at=now,
        state="failed", error="程序出错", file=file,
    )  # fmt: skip


def texts(house: Desk, settings: Any, error: str = "HTTP 503") -> list[Outbox]:
    """One to an account of the village, one to somebody without an account there."""
    settings.NOTIFY_CHANNELS = ["sms"]
    User.objects.filter(pk=house.cast["cadre"].pk).update(phone="15400000051")
    messages_send(users=[User.objects.get(pk=house.cast["cadre"].pk)], text="x", link="/", key="a", text_out="请看新事项")
    texts_send(phones=["15400000052"], text_out="请接单", key="b", place=house.village.path)
    Outbox.objects.update(state="failed", error=error, attempts=5)
    return list(Outbox.objects.order_by("pk"))


def shown(page: str) -> dict[str, tuple[int, int]]:
    """By kind: the number that is said, and the rows that stand there."""
    parts = re.split(r"<h2>", page)[1:]
    return {part.split()[0]: (int(part.split()[1]), part.count("<li>")) for part in parts}


def test_everything_that_was_given_up_is_there_for_the_townships_staff(house: Desk, settings: Any) -> None:
    given_up(house)
    importing(house, b"x")
    texts(house, settings)
    page = desk(house.cast["staff"]).get("/failed/").content.decode()
    assert shown(page) == {"导出": (1, 1), "导入": (1, 1), "短信和推送": (2, 2)}
    for words in ("户台账（", "申请）", "多次没有写完", "读取“名册.csv”", "程序出错", "没有账号的人：请接单"):
        assert words in page, words
    assert "短信网关（推送地址）自己出错（HTTP 503）" in page
    assert "15400000051" not in page and "15400000052" not in page and "张" not in page
    assert page.count("再试</button>") == 4


def test_whoever_asked_sees_the_own_ones_and_nobody_else_any(house: Desk, settings: Any) -> None:
    job, mine = given_up(house), given_up(house, "secretary", "纠纷台账")
    other, sms = importing(house, b"x"), texts(house, settings)[0]
    page = desk(house.cast["cadre"]).get("/failed/").content.decode()
    assert shown(page) == {"导出": (1, 1)} and job.link in page and "纠纷台账" not in page
    for user in (house.cast["cadre"], house.cast["leader"], house.cast["system"], *neighbour().values()):
        client = desk(user)
        if user != house.cast["cadre"]:
            assert shown(client.get("/failed/").content.decode()) == {}
        for kind, row in (("export", mine), ("import", other), ("message", sms)):
            assert client.post(f"/failed/{kind}/{row.pk}/again/").status_code == 404
    assert not ExportJob.objects.filter(state="queued").exists() and not Outbox.objects.filter(state="queued").exists()


def test_an_export_is_asked_for_again_once(house: Desk) -> None:
    job = given_up(house)
    client = desk(house.cast["staff"])
    assert "已重新交给后台办理" in client.post(f"/failed/export/{job.pk}/again/", follow=True).content.decode()
    assert client.post(f"/failed/export/{job.pk}/again/").status_code == 404
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error, job.user) == ("queued", 0, "", house.cast["cadre"])
    twin = given_up(house, title="同一份")
    assert twin.pk == job.pk, "the same ledger is asked for once"


def test_what_cannot_be_done_once_more_says_what_helps(house: Desk, settings: Any) -> None:
    job, rows = importing(house, b""), texts(house, settings, "未送达：空号")
    Outbox.objects.filter(pk=rows[0].pk).update(next_at=timezone.now() - timedelta(days=2))
    client = desk(house.cast["staff"])
    page = client.get("/failed/").content.decode()
    assert "请重新上传" in page and "已过一天，不再补发" in page and "未送达：空号" in page and page.count("再试</button>") == 1
    assert "请重新上传" in client.post(f"/failed/import/{job.pk}/again/", follow=True).content.decode()
    assert "不再补发" in client.post(f"/failed/message/{rows[0].pk}/again/", follow=True).content.decode()
    assert Outbox.objects.get(pk=rows[0].pk).state == "failed" and ImportJob.objects.get().state == "failed"
    Outbox.objects.update(next_at=timezone.now() - timedelta(days=8))
    assert "短信" not in shown(client.get("/failed/").content.decode())


def test_a_message_is_sent_once_more(house: Desk, settings: Any) -> None:
    rows = texts(house, settings, "<urlopen error [Errno 111] Connection refused>")
    client = desk(house.cast["staff"])
    assert "短信网关（推送地址）连不上" in client.get("/failed/").content.decode()
    client.post(f"/failed/message/{rows[1].pk}/again/")
    assert client.post(f"/failed/message/{rows[1].pk}/again/").status_code == 404
    assert outbox_deliver() == 1 and outbox_deliver() == 0
    rows[1].refresh_from_db()
    assert (rows[1].state, rows[1].attempts, rows[1].error) == ("sent", 1, "")


def test_it_takes_as_many_statements_whatever_the_number(client: Client, house: Desk, settings: Any) -> None:
    given_up(house)
    importing(house, b"x")
    texts(house, settings)
    before = queries(client, house.cast["staff"], "/failed/")
    for number in range(8):
        ExportJob.objects.filter(pk=given_up(house, title=f"台账{number}").pk).update(digest=str(number))
        importing(house, b"x", f"{number}.csv")
        texts_send(phones=[f"1540000006{number}"], text_out="请接单", key="b", place=house.village.path)
    Outbox.objects.update(state="failed")
    assert queries(client, house.cast["staff"], "/failed/") == before
