"""The pages of the reconciliation and the seal on a public notice (mission M23)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from governance.accounts.models import AccessLog
from governance.sheets.reader import read_workbook
from moral_bank.models import Reconciliation
from moral_bank.proof.chain import chain_heads
from moral_bank.proof.exports import PROOFS
from moral_bank.proof.verifying import chain_verify
from moral_bank.proof.views import PAGES
from tests.pages import Desk, neighbour, queries, read

pytestmark = pytest.mark.django_db
FINDING = {"kind": "余额", "words": "八一村 王小明户：余额 9，各笔记录合计 5", "link": "household:{}"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def report(desk: Desk, day: str, wrong: bool = False) -> Reconciliation:
    finding = {**FINDING, "link": f"household:{desk.accounts[0].household_id}"}
    figures = {"accounts": 1, "entries": 3, "redemptions": 0, "points": 5, "villages": []}
    return Reconciliation.objects.create(
        township=desk.township, day=day, figures=figures, findings=[finding] if wrong else [], made_at=f"{day}T02:30+08:00"
    )


def test_it_lists_filters_and_says_the_next_step(client: Client, desk: Desk) -> None:
    staff = desk.cast["staff"]
    assert "点上面的“核对一次”" in read(client, staff, "/proofs/")
    report(desk, "2026-03-01")
    report(desk, "2026-03-02", wrong=True)
    page = read(client, staff, "/proofs/")
    assert "共 2 次" in page and "1 处不符" in page
    page = read(client, staff, "/proofs/?state=clean")
    assert "2026-03-01" in page and "2026-03-02" not in page
    assert "没有符合的核对记录" in read(client, neighbour()["staff"], "/proofs/?state=clean")


def test_it_shows_each_difference_with_its_page(client: Client, desk: Desk) -> None:
    found = report(desk, "2026-03-02", wrong=True)
    page = read(client, desk.cast["leader"], f"/proofs/{found.pk}/")
    assert FINDING["words"] in page and f"/households/{desk.accounts[0].household_id}/" in page
    findings = [{**FINDING, "link": f"{kind}:1"} for kind in PAGES]
    found = Reconciliation.objects.create(township=desk.township, day="2026-03-02", findings=findings, made_at=timezone.now())
    page = read(client, desk.cast["leader"], f"/proofs/{found.pk}/")
    assert all(f'href="{path}' in page for path in ("/market/1/moves/", "/redemptions/1/", "/claims/1/", "/households/1/"))
    clean = report(desk, "2026-03-03")
    assert "都相符" in read(client, desk.cast["leader"], f"/proofs/{clean.pk}/")


def test_it_runs_at_once(client: Client, desk: Desk) -> None:
    desk.enter()
    chain_heads()
    client.force_login(desk.cast["staff"])
    response = client.post("/proofs/run/", follow=True)
    page = response.content.decode()
    assert "核对完毕，全部相符" in page and "再核对一次" in page and "1条" in page
    assert client.post("/proofs/run/", {"township": str(desk.township.pk)}).status_code == 302
    assert Reconciliation.objects.count() == 2
    assert "请选要核对的乡镇" in client.post("/proofs/run/", {"township": "0"}, follow=True).content.decode()


def test_it_is_for_those_who_prove_only(client: Client, desk: Desk) -> None:
    found = report(desk, "2026-03-02", wrong=True)
    stranger = neighbour()["staff"]
    client.force_login(stranger)
    assert client.get(f"/proofs/{found.pk}/").status_code == 404
    assert "共 0 次" in read(client, stranger, "/proofs/")
    client.force_login(desk.cast["secretary"])
    for path in ("/proofs/", f"/proofs/{found.pk}/", "/proofs/export/"):
        assert client.get(path).status_code == 404


def test_it_exports_what_was_filtered(client: Client, desk: Desk) -> None:
    report(desk, "2026-03-01")
    report(desk, "2026-03-02", wrong=True)
    client.force_login(desk.cast["staff"])
    response = client.get("/proofs/export/?state=wrong")
    (sheet,) = read_workbook(b"".join(response.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
    _, heading, *rows = [sheet.rows[number] for number in sorted(sheet.rows)]
    assert heading == [column.heading for column in PROOFS.columns]
    assert len(rows) == 1 and FINDING["words"] in rows[0]
    assert AccessLog.objects.filter(kind="export", detail__contains="台账核对记录").exists()


def test_it_asks_as_often_for_many_as_for_one(client: Client, desk: Desk) -> None:
    report(desk, "2026-03-01", wrong=True)
    one = queries(client, desk.cast["staff"], "/proofs/")
    for day in range(2, 20):
        report(desk, f"2026-03-{day:02d}", wrong=bool(day % 2))
    assert queries(client, desk.cast["staff"], "/proofs/") == one


def test_it_prints_the_seal_on_the_public_notice(client: Client, desk: Desk) -> None:
    desk.enter()
    chain_heads()
    closing = desk.noticed()
    assert closing.notice is not None and " 1条 " in closing.notice.seal
    page = client.get(f"/public/notices/{closing.notice.pk}/").content.decode()
    assert closing.notice.seal in page and "拿到镇里" in page
    assert chain_verify(desk.township, closing.notice.seal) is None
