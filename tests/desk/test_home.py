"""The first page says what is due, for each duty, in a fixed number of reads."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from governance.disclosure.notices import objection_file
from moral_bank.claims.services import claim_reject
from moral_bank.models import Closing
from tests.builders import make_user, make_village
from tests.pages import Desk, neighbour, queries, read

pytestmark = pytest.mark.django_db
APRIL = "2026-04-02T10:00:00+08:00"


@time_machine.travel(APRIL)
def test_it_shows_staff_what_is_due(client: Client) -> None:
    desk = Desk()
    closing = desk.noticed()
    assert closing.notice
    objection_file(notice=closing.notice, row_number=1, name="李秀英", phone="15400000002", text="少计一次")
    Closing.objects.create(village=desk.village, kind="month", start=date(2026, 2, 1), job="failed", job_error="x")
    page = read(client, desk.cast["staff"], "/")
    assert "2026年3月</a>：公示中 1 个村" in page
    assert "1 个计算失败" in page
    assert "少计一次" in page
    assert "没有待导入的名册" in page
    assert "一长四员没有空缺" in page
    assert "去核实" not in page, "staff verify nothing"


@time_machine.travel(APRIL)
def test_it_says_last_month_is_open_before_anybody_computed(client: Client) -> None:
    assert "2026年3月</a>：未计算 1 个村" in read(client, Desk().cast["staff"], "/")


@time_machine.travel(APRIL)
def test_it_shows_an_officer_waiting_and_returned_claims(client: Client) -> None:
    desk = Desk()
    desk.claim(by="publicist")
    claim_reject(claim=desk.claim(by="cadre"), reason="时间不清楚", by=desk.cast["yard_head"])
    assert "1 条申报，最早的 04-02 申报" in read(client, desk.cast["yard_head"], "/")
    page = read(client, desk.cast["cadre"], "/")
    assert "时间不清楚" in page
    assert "记一笔" in page
    assert "去核实" not in page


@time_machine.travel(APRIL)
@pytest.mark.parametrize("duty", ["leader", "supervisor", "staff"])
def test_it_shows_the_township_at_a_glance(client: Client, duty: str) -> None:
    desk = Desk()
    desk.noticed()
    desk.claim(by="cadre", declared_at=timezone.now() - timedelta(days=8))
    page = read(client, desk.cast[duty], "/")
    assert "各村一览" in page and "1 条申报超过 7 天未核实" in page
    assert "上月评分没有锁定" not in page, "there are ten days for it"
    assert ("记一笔" in page) == (duty == "staff")


@pytest.mark.parametrize("guard", ["system", "security", "audit"])
def test_it_leads_guards_to_the_admin_only(client: Client, guard: str) -> None:
    desk = Desk()
    page = read(client, desk.cast[guard], "/")
    assert "进入管理后台" in page
    assert "住户</a>" not in page
    for path in ("/households/", "/claims/", "/ratings/", "/closings/", "/closings/run/", "/vacancies/"):
        assert client.get(path).status_code == 404, path


def test_it_tells_somebody_without_a_post(client: Client) -> None:
    assert "没有任职" in read(client, make_user("newcomer"), "/")


def test_it_sends_strangers_to_the_login_page(client: Client) -> None:
    for path in ("/", "/households/", "/claims/", "/ratings/", "/closings/", "/vacancies/"):
        assert client.get(path)["Location"].startswith("/login/"), path


@time_machine.travel(APRIL)
def test_it_shows_nothing_of_another_township(client: Client) -> None:
    desk = Desk()
    desk.noticed()
    desk.claim()
    stranger = neighbour()
    for duty in ("staff", "leader", "cadre", "yard_head"):
        assert "八一村" not in read(client, stranger[duty], "/")


@time_machine.travel(APRIL)
@pytest.mark.parametrize("duty", ["staff", "leader", "cadre", "yard_head"])
def test_it_reads_as_often_for_many_villages_and_claims(client: Client, duty: str) -> None:
    desk = Desk(3)
    desk.noticed()
    for by in ("publicist", "cadre"):
        desk.claim(by=by)
    make_village(desk.township, "先来村委会", "511923102299")  # one row of every kind that the others bring
    few = queries(client, desk.cast[duty], "/")
    desk.grow(20)
    for account in desk.accounts:
        desk.claim(by="publicist", account=account)
        desk.claim(by="cadre", account=account)
    for number in range(10):
        make_village(desk.township, f"新{number}村委会", f"5119231023{number:02d}")
    assert queries(client, desk.cast[duty], "/") == few <= 48
