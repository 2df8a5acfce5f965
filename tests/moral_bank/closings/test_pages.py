"""Closings: where each village stands, the steps and who may take them, objections and their answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from governance.disclosure.models import Objection
from governance.disclosure.notices import notice_withdraw, objection_answer, objection_file
from moral_bank.closings.checks import closing_blockers
from moral_bank.closings.exports import CLOSINGS
from moral_bank.closings.rows import closing_rows
from moral_bank.models import Closing, Rating, Shop
from tests.builders import make_village
from tests.moral_bank.panel.house import PanelHouse
from tests.pages import Desk, neighbour, queries, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("april")]


@pytest.fixture
def april():  # type: ignore[no-untyped-def]
    with time_machine.travel("2026-04-02T10:00:00+08:00") as clock:
        yield clock


@pytest.fixture
def desk() -> Desk:
    return Desk(3)


def objected(desk: Desk) -> tuple[Closing, Objection]:
    closing = desk.noticed()
    assert closing.notice
    return closing, objection_file(
        notice=closing.notice, row_number=1, name="李秀英", phone="15400000002", text="少计一次"
    )


def test_it_lists_villages_with_what_holds_them(client: Client, desk: Desk) -> None:
    make_village(desk.township, "九龙村委会", "511923102202")
    objected(desk)
    desk.claim()
    page = read(client, desk.cast["leader"], "/closings/")
    for words in ("2026年3月结算", "共 2 个村", "公示期到 2026-04-06 为止；有 1 条异议待答复；1 条申报待核实", "未计算"):
        assert words in page
    assert "共 1 个村" in read(client, desk.cast["leader"], "/closings/?period=2026-03&state=noticed")
    assert "共 2 个村" in read(client, desk.cast["leader"], "/closings/?period=2026-02&state=open")
    page = read(client, desk.cast["leader"], "/closings/?period=2026-13")
    assert "共 0 个村" in page and "筛选条件有误" in page, "no other month than the one that was asked for"


def test_the_list_and_the_closing_name_the_same_obstacles(april: time_machine.Traveller) -> None:
    """While shown, after the window, when withdrawn, and when the shop has too little: one source for both."""
    house = PanelHouse()
    house.approved()
    closing, staff = house.publish("2026-03"), house.cast["staff"]
    assert closing.notice
    objection = objection_file(notice=closing.notice, row_number=1, name="李秀英", phone="15400000002", text="少计一次")

    def obstacles() -> list[str]:
        row = closing_rows(staff, [closing.village], closing.period)[0]
        assert list(row.reasons) == closing_blockers(Closing.objects.get(pk=closing.pk))
        return list(row.reasons)

    assert obstacles() == ["公示期到 2026-04-05 为止", "有 1 条异议待答复"]
    april.move_to("2026-04-08T10:00:00+08:00")
    assert obstacles() == ["有 1 条异议待答复"]
    Shop.objects.create(village=house.village, name="道德超市", cents_per_point=100)
    assert obstacles()[1].startswith("本月申报要入账 5 积分")
    objection_answer(objection=objection, upheld=True, answer="属实", by=staff)
    assert obstacles()[0].startswith("异议成立") and len(obstacles()) == 2
    notice_withdraw(notice=closing.notice, reason="名单有误", by=staff)
    assert obstacles()[0] == "公示已撤回，请重新计算并公示"


def test_it_shows_a_failure_with_its_reason(client: Client, desk: Desk) -> None:
    closing = desk.computed()
    Closing.objects.filter(pk=closing.pk).update(job="failed", job_error="没有细则")
    for path in ("/closings/", f"/closings/{closing.pk}/"):
        assert "计算失败：没有细则" in read(client, desk.cast["staff"], path)


def test_it_walks_the_steps(client: Client, desk: Desk, april: time_machine.Traveller) -> None:
    closing = desk.computed()
    client.force_login(desk.cast["staff"])

    def step(name: str) -> str:
        return client.post(f"/closings/{closing.pk}/{name}/", follow=True).content.decode()

    assert "不能锁定" in step("lock")
    assert "已公示，公示至 2026年4月6日" in step("publish")
    assert "公示期到 2026-04-06 为止" in step("lock")
    april.move_to("2026-04-07T10:00:00+08:00")
    client.force_login(desk.cast["staff"])
    assert "已锁定，此后不再变动" in step("lock")
    assert "已锁定，不能重新计算" in step("compute")
    assert client.post(f"/closings/{closing.pk}/nonsense/").status_code == 404
    closing.refresh_from_db()
    assert closing.state == "locked"


@pytest.mark.parametrize("duty", ["cadre", "secretary", "leader", "supervisor", "overseer"])
def test_it_lets_only_the_office_act(client: Client, desk: Desk, duty: str) -> None:
    closing, objection = objected(desk)
    page = read(client, desk.cast[duty], f"/closings/{closing.pk}/")
    assert "重新计算" not in page
    assert "答复</button>" not in page
    for path in (f"/closings/{closing.pk}/compute/", f"/closings/{closing.pk}/objections/{objection.pk}/"):
        assert client.post(path, {"upheld": "1", "answer": "属实"}).status_code == 404
    assert client.get("/closings/run/").status_code == 404


def test_it_answers_an_objection(client: Client, desk: Desk) -> None:
    closing, objection = objected(desk)
    client.force_login(desk.cast["staff"])
    path = f"/closings/{closing.pk}/objections/{objection.pk}/"
    refused = client.post(path, {"upheld": "1", "answer": ""})
    assert refused.status_code == 422
    assert "请写明答复" in refused.content.decode()
    page = client.post(path, {"upheld": "1", "answer": "属实，补记一次"}, follow=True).content.decode()
    assert "属实，补记一次" in page
    assert "异议成立，请更正后重新计算并公示；查无可更正的，也请重新计算并公示" in page
    assert "重新计算</button>" in page and "漏记的：到该户补申报" in page
    assert closing.notice
    number, head = closing.notice.rows[0][1:3]
    rating = Rating.objects.get(closing=closing, account__household__number=number)
    assert f'针对名单第 1 行：{number} {head} <a href="/ratings/{rating.pk}/">为什么是这个分' in page
    again = client.post(path, {"upheld": "0", "answer": "改主意"}).content.decode()
    assert "已经答复" in again


def test_it_keeps_answered_objections_in_sight_after_recomputing(client: Client, desk: Desk) -> None:
    closing, objection = objected(desk)
    client.force_login(desk.cast["staff"])
    client.post(f"/closings/{closing.pk}/objections/{objection.pk}/", {"upheld": "1", "answer": "属实，补记一次"})
    desk.recomputed()
    assert "属实，补记一次" in read(client, desk.cast["staff"], f"/closings/{closing.pk}/")


def test_it_answers_no_objection_through_another_closing(client: Client, desk: Desk) -> None:
    _, objection = objected(desk)
    other = desk.computed("2026-02")
    client.force_login(desk.cast["staff"])
    path = f"/closings/{other.pk}/objections/{objection.pk}/"
    assert client.post(path, {"upheld": "1", "answer": "属实"}).status_code == 404


def test_it_queues_all_villages_and_shows_the_progress(client: Client, desk: Desk) -> None:
    make_village(desk.township, "九龙村委会", "511923102202")
    client.force_login(desk.cast["staff"])
    page = client.post("/closings/run/", {"period": "2026-03"}, follow=True).content.decode()
    assert Closing.objects.filter(job="queued").count() == 2
    assert "2 个村中：算完 0 个，正在算 2 个" in page
    assert 'hx-trigger="load delay:1s"' in page
    part = read(client, desk.cast["staff"], "/closings/run/?period=2026-03", **{"HX-Request": "true"})
    assert "<html" not in part
    Closing.objects.update(job="idle")
    page = read(client, desk.cast["staff"], "/closings/run/?period=2026-03")
    assert "算完 2 个" in page
    assert "hx-trigger" not in page


def test_it_shows_and_locks_all_villages_that_are_so_far(client: Client, desk: Desk, april: time_machine.Traveller) -> None:
    closing, run = desk.computed(), "/closings/run/?period=2026-03"
    other = make_village(desk.township, "九龙村委会", "511923102202")
    done = {"state": "computed", "computed_at": closing.computed_at, "rule_set": closing.rule_set}
    Closing.objects.create(village=other, kind="month", start=closing.start, **done)
    assert "公示 1 个村" in read(client, desk.cast["staff"], run), "a village without households has nothing to show"
    page = client.post("/closings/run/", {"period": "2026-03", "step": "publish"}, follow=True).content.decode()
    assert "已公示 1 个村。" in page and 'value="lock"' not in page, "not before the list was shown for five days"
    april.shift(timedelta(days=5))
    assert "锁定 1 个村" in read(client, desk.cast["staff"], run)
    client.post("/closings/run/", {"period": "2026-03", "step": "lock"})
    closing.refresh_from_db()
    assert closing.state == "locked"


def test_it_says_in_which_village_a_list_could_not_be_shown(client: Client, desk: Desk) -> None:
    closing = desk.computed()
    Closing.objects.filter(pk=closing.pk).update(household_count=2)
    client.force_login(desk.cast["staff"])
    page = client.post("/closings/run/", {"period": "2026-03", "step": "publish"}, follow=True).content.decode()
    assert "八一村：计算之后记录或户有变动，须重新计算" in page and "已公示" not in page
    client.force_login(desk.cast["leader"])
    assert client.post("/closings/run/", {"period": "2026-03", "step": "publish"}).status_code == 404


def test_it_is_absent_for_strangers(client: Client, desk: Desk) -> None:
    closing, objection = objected(desk)
    for user in neighbour().values():
        client.force_login(user)
        assert client.get(f"/closings/{closing.pk}/").status_code == 404
        assert client.post(f"/closings/{closing.pk}/compute/").status_code == 404
        assert client.post(f"/closings/{closing.pk}/objections/{objection.pk}/", {}).status_code == 404


def test_it_lists_vacancies_and_exports_them(client: Client, desk: Desk) -> None:
    make_village(desk.township, "九龙村委会", "511923102202")
    page = read(client, desk.cast["staff"], "/vacancies/")
    assert "共 5 个空缺" in page
    assert "院户长、政策宣传员、矛盾纠纷调解员、环境卫生监督员、社情民意信息员" in page
    assert "共 0 个空缺" in read(client, desk.cast["staff"], f"/vacancies/?village={desk.village.pk}")
    wrong = client.get("/vacancies/?export=1&village=0").content.decode()
    assert "筛选条件有误" in wrong and "共 0 个空缺" in wrong, "nothing is exported"
    sheet = client.get("/vacancies/?export=1")
    assert b"".join(sheet.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]
    client.force_login(desk.cast["supervisor"])
    assert "text/html" in client.get("/vacancies/?export=1")["Content-Type"]


def test_it_reads_as_often_for_many_rows(client: Client, desk: Desk) -> None:
    closing, _ = objected(desk)
    pages = ("/closings/", "/closings/run/", "/vacancies/", f"/closings/{closing.pk}/")
    few = [queries(client, desk.cast["staff"], path) for path in pages]
    for number in range(20):
        village = make_village(desk.township, f"新{number}村委会", f"5119231023{number:02d}")
        Closing.objects.create(village=village, kind="month", start="2026-03-01")
        assert closing.notice
        objection_file(notice=closing.notice, row_number=1, name="李秀英", phone="15400000002", text="少计")
        desk.claim()
    assert [queries(client, desk.cast["staff"], path) for path in pages] == few


def test_it_writes_closings_in_the_official_columns(desk: Desk) -> None:
    closing = desk.noticed()
    (row,) = CLOSINGS.rows(Closing.objects.all())
    assert list(row[:4]) == ["2026年3月", "八一村委会", "公示中", str(closing.rule_set)]
    assert row[7] == "2026-04-02 至 2026-04-06" and row[8] is None and len(row) == len(CLOSINGS.columns)
