"""Appeals on the desk: filed from a refused claim and from a loss, listed, answered, in the clerk's list of what is due."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client

from governance.sheets.reader import read_workbook
from moral_bank.claims.services import claim_reject
from moral_bank.models import Appeal, Claim, Entry
from tests.pages import Desk, neighbour, queries, read

pytestmark = pytest.mark.django_db
SAID = {"name": "王小明", "text": "那天我在场。"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def refused(desk: Desk) -> Claim:
    return claim_reject(claim=desk.claim(), reason="时间不清楚", by=desk.cast["yard_head"])


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_files_and_answers_an_appeal_against_a_refusal(client: Client, desk: Desk) -> None:
    claim = refused(desk)
    assert f"/claims/{claim.pk}/appeal/" in read(client, desk.cast["cadre"], f"/claims/{claim.pk}/")
    typed = client.post(f"/claims/{claim.pk}/appeal/", {"name": "王小明", "text": " "})
    assert typed.status_code == 422 and "请写明理由" in typed.content.decode() and 'value="王小明"' in typed.content.decode()
    page = client.post(f"/claims/{claim.pk}/appeal/", SAID, follow=True).content.decode()
    assert "已记下申诉" in page and "等镇工作人员答复" in page
    appeal = Appeal.objects.get()
    assert client.get(f"/claims/{claim.pk}/appeal/").status_code == 302, "once"
    assert "申诉待答复" in read(client, desk.cast["staff"], "/")
    assert "申诉待答复" not in read(client, desk.cast["secretary"], "/")
    client.force_login(desk.cast["staff"])
    typed = client.post(f"/appeals/{appeal.pk}/answer/", {"upheld": "1", "answer": ""})
    assert typed.status_code == 422 and "请写明答复" in typed.content.decode()
    page = client.post(f"/appeals/{appeal.pk}/answer/", {"upheld": "1", "answer": "属实"}, follow=True).content.decode()
    assert "再评议一次" in page and "属实" in page
    assert Claim.objects.get().state == "verified"
    assert "申诉成立" in read(client, desk.cast["cadre"], "/inbox/")


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_reverses_a_loss_from_the_households_page(client: Client, desk: Desk) -> None:
    desk.enter(code="L1")
    entry = Entry.objects.get()
    home = f"/households/{desk.accounts[0].household_id}/"
    assert f"/entries/{entry.pk}/appeal/" in read(client, desk.cast["cadre"], home)
    client.post(f"/entries/{entry.pk}/appeal/", SAID)
    appeal = Appeal.objects.get()
    assert f"/appeals/{appeal.pk}/" in read(client, desk.cast["cadre"], home)
    client.force_login(desk.cast["staff"])
    page = client.post(f"/appeals/{appeal.pk}/answer/", {"upheld": "1", "answer": "记错户"}, follow=True).content.decode()
    assert "您经办过这件事" in page, "the clerk posted it"
    assert not Entry.objects.filter(reverses=entry).exists()


def test_it_shows_appeals_to_their_village_only(client: Client, desk: Desk) -> None:
    claim = refused(desk)
    client.force_login(desk.cast["cadre"])
    client.post(f"/claims/{claim.pk}/appeal/", SAID)
    appeal = Appeal.objects.get()
    assert "那天我在场" in read(client, desk.cast["leader"], "/appeals/?state=open")
    assert "没有符合的申诉" in read(client, desk.cast["leader"], "/appeals/?state=upheld")
    client.force_login(desk.cast["secretary"])
    assert client.post(f"/appeals/{appeal.pk}/answer/", {"upheld": "1", "answer": "x"}).status_code == 404
    answer = client.get("/appeals/export/")
    (sheet,) = read_workbook(b"".join(answer.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
    assert sheet.rows[3][4:7] == ["退回的申报：参加志愿服务 +5（2026-03-10）", "王小明", "那天我在场。"]
    for user in neighbour().values():
        client.force_login(user)
        for path in (f"/appeals/{appeal.pk}/", f"/claims/{claim.pk}/", f"/claims/{claim.pk}/appeal/"):
            assert client.get(path).status_code == 404


def test_it_reads_as_often_for_many_appeals(client: Client, desk: Desk) -> None:
    def fill(times: int) -> list[int]:
        for _ in range(times):
            claim = refused(desk)
            client.force_login(desk.cast["cadre"])
            client.post(f"/claims/{claim.pk}/appeal/", SAID)
        return [queries(client, desk.cast["staff"], path) for path in ("/appeals/", "/", "/claims/?tab=all")]

    assert fill(2) == fill(12)
