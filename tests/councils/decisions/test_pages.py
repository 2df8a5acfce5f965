"""The pages of decisions: what they ask, what they keep, what they say; and what they do not grow with."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook

from governance.councils.decisions.due import KINDS
from governance.councils.decisions.recording import record_add, record_confirm
from governance.councils.decisions.services import decision_adopt
from governance.councils.decisions.sheet_import import DECISION_IMPORT
from governance.councils.models import Body, Decision, DecisionKind, GateRecord
from governance.disclosure.models import Notice
from governance.disclosure.notices import notice_withdraw
from governance.frame.due import lines_of
from governance.periods import today
from tests.answers import streamed
from tests.builders import make_household, make_resident, settlement_of
from tests.councils.decisions.house import BEGUN, noon
from tests.councils.decisions.test_decisions import StepHouse, make_meeting
from villages.models import Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> StepHouse:
    return StepHouse()


@pytest.fixture
def page(house: StepHouse, client: Client) -> Client:
    client.force_login(house.secretary)
    return client


def text(client: Client, name: str, *args: object, **query: object) -> str:
    return client.get(reverse(name, args=args, query=query)).content.decode()


def test_it_is_begun_on_a_page(house: StepHouse, page: Client) -> None:
    kind = DecisionKind.objects.get(code="siyi")
    home = make_household(house.village, number="0707")
    sent = {
        "unit": house.village.pk, "kind": kind.pk, "title": "硬化三组道路", "purpose": "出行不便", "proposed_on": "2026-09-01",
        "money": "1234.50", "households": "0707、9999",
    }  # fmt: skip
    refused = page.post(reverse("councils:decision-begin"), sent)
    assert refused.status_code == 422 and "本村没有户号 9999" in refused.content.decode() and "1234.50" in refused.content.decode()
    answer = page.post(reverse("councils:decision-begin"), {**sent, "households": "0707"}, follow=True)
    decision = Decision.objects.get()
    assert decision.money_fen == 123_450 and decision.beneficiaries.get().household == home
    assert "村（社区）党组织提议：还没有办理" in answer.content.decode()


def test_a_step_asks_only_what_its_gate_needs(house: StepHouse, page: Client) -> None:
    decision = house.begin()
    first = text(page, "councils:decision-step", decision.pk)
    assert "应到人数" in first and "提议书：编号或存放处" in first
    assert "户数" not in first and "回避" not in first and "通知（张贴）" not in first
    yard = text(page, "councils:decision-step", house.begin("yuanhu").pk)
    assert "应到户数" in yard and "应到人数" not in yard
    paper = text(page, "councils:decision-step", house.begin("hongbai").pk)
    assert "红白事申报单" in paper and "应到" not in paper


def test_the_townships_opinion_is_called_by_what_it_is_of(house: StepHouse, client: Client) -> None:
    """预审 of what is to be decided, which may be given back; 评议 of what came of it, which may not."""
    rows = [{"position": 1, "name": "镇预审", "what": "preview"}, {"position": 2, "name": "镇评议", "what": "preview", "stage": "finish"}]
    decision = house.decision(house.kind(*rows))
    client.force_login(house.staff)
    before = text(client, "councils:decision-step", decision.pk).split("<main")[1]
    assert "预审结果" in before and "不同意，退回修改" in before and "预审意见" in before and "评议" not in before
    record_add(decision=decision, gate=decision.kind.gates.get(position=1), held_on=BEGUN, text="同意", by=house.staff, at=noon(BEGUN))
    decision_adopt(decision=decision, by=house.secretary, at=noon(BEGUN))
    after = text(client, "councils:decision-step", decision.pk).split("<main")[1]
    assert "评议结果" in after and "不满意，继续整改" in after and "评议意见" in after and "预审" not in after


def test_of_two_meetings_each_asks_its_own_figures(house: StepHouse, page: Client) -> None:
    """代表会议 counts people; households may be counted where the villagers themselves meet."""
    decision = house.road()
    house.held(decision, 3, date(2026, 9, 8), 42, 30, 25)
    either = text(page, "councils:decision-step", decision.pk)
    assert "应到户数" in either and either.count("只有村民会议按户到会的填") == 2
    delegates = make_meeting(house, Body.Kind.DELEGATES, date(2026, 9, 12), came=3)
    chosen = text(page, "councils:decision-step", decision.pk, meeting=delegates.pk)
    assert "户数" not in chosen and "村民会议：" not in chosen and "委员0 的表决" in chosen
    assert "只有" not in text(page, "councils:decision-step", house.begin("yuanhu").pk)


def test_the_result_is_asked_for_where_it_is_published(house: StepHouse, page: Client) -> None:
    decision = house.road()
    house.held(decision, 3, date(2026, 9, 8), 42, 30, 25)
    house.held(decision, 4, date(2026, 9, 20), 35, 30, 28, body="delegates")
    said = text(page, "councils:decision-step", decision.pk)
    assert "说明（可不填）" in said and "实施结果（会公开）" not in said
    house.shown(decision, 5, date(2026, 9, 21))
    decision_adopt(decision=decision, by=house.secretary)
    address = reverse("councils:decision-step", args=[decision.pk])
    assert "实施结果（会公开）" in page.get(address).content.decode()
    sent = {"gate": house.gate(decision, 6).pk, "opens_on": today().isoformat(), "days": "5", "channel": "村监委", "text": ""}
    answer = page.post(address, sent)
    assert answer.status_code == 422 and "请写明实施结果：办了什么、办得怎样。" in answer.content.decode()
    page.post(address, {**sent, "text": "路面硬化完工"})
    notice = Notice.objects.latest("pk")
    assert notice.reason == "路面硬化完工"
    page.logout()
    assert "路面硬化完工" in page.get(reverse("public:notice", args=[notice.pk])).content.decode()


def test_what_follows_an_adoption_is_named_by_its_step(house: StepHouse, page: Client) -> None:
    """红白事 publishes no result: a visit follows. Of a road the result is published."""
    funeral, road = house.begin("hongbai", title="张家白事"), house.road()
    paper, day = house.gate(funeral, 1), noon(BEGUN)
    record = record_add(decision=funeral, gate=paper, held_on=BEGUN, papers={1: "1号"}, text="从简", by=house.secretary, at=day)
    if paper.confirm:
        record_confirm(record=record, by=house.cadre, at=day)
    house.held(funeral, 2, BEGUN + timedelta(days=1), 5, 5, 5)
    house.held(road, 3, date(2026, 9, 8), 42, 30, 25)
    house.held(road, 4, date(2026, 9, 20), 35, 30, 28, body="delegates")
    house.shown(road, 5, date(2026, 9, 21))
    for decision in (funeral, road):
        decision_adopt(decision=decision, by=house.secretary)
    lines = {line.words: line.title for line in lines_of(KINDS, house.secretary, timezone.now()) if line.title.startswith("决策已通过")}
    assert lines == {"八一村：张家白事": "决策已通过，待办：办后回访", "八一村：硬化三组道路": "决策已通过，待办：实施结果公开"}
    listed = text(page, "desk:due-list", "decision-result")
    assert "待办：办后回访" in listed and "结果待公开" not in listed


def test_a_chosen_meeting_leaves_nothing_to_type_twice(house: StepHouse, page: Client) -> None:
    decision = house.begin()
    meeting = make_meeting(house, Body.Kind.BRANCH, date(2026, 9, 3), came=3)
    form = text(page, "councils:decision-step", decision.pk, meeting=meeting.pk)
    assert "委员0 的表决" in form
    gate = house.gate(decision, 1)
    sent = {"gate": gate.pk, "meeting": meeting.pk, "held_on": "", "yes": "3", "paper_1": "1号", "text": ""}
    page.post(reverse("councils:decision-step", args=[decision.pk]), sent)
    record = GateRecord.objects.get()
    assert (record.held_on, record.entitled, record.present) == (meeting.on, 3, 3)


def test_a_step_says_what_is_wrong_and_keeps_what_was_typed(house: StepHouse, page: Client) -> None:
    decision = house.begin()
    gate = house.gate(decision, 1)
    sent = {"gate": gate.pk, "held_on": "2026-09-02", "entitled": "5", "present": "6", "yes": "", "text": "村里缺路"}
    answer = page.post(reverse("councils:decision-step", args=[decision.pk]), sent)
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "请填同意的票数" in said and "村里缺路" in said
    answer = page.post(reverse("councils:decision-step", args=[decision.pk]), {**sent, "yes": "3"})
    assert "实到不能多于应到" in answer.content.decode()
    assert not GateRecord.objects.exists()


def test_the_page_names_what_is_missing_and_offers_what_is_mine(house: StepHouse, page: Client) -> None:
    decision = house.road()
    house.held(decision, 3, date(2026, 9, 8), 42, 27, 27)
    said = text(page, "councils:decision-detail", decision.pk)
    assert "党员大会审议：应到 42 人，实到 27 人，不足三分之二" in said and "重新登记：党员大会审议" in said and "程序待核" in said
    page.force_login(house.cast["leader"])
    said = text(page, "councils:decision-detail", decision.pk)
    assert "应到 42 人，实到 27 人，不足三分之二" in said and "重新登记" not in said


def test_a_record_is_confirmed_by_another_on_the_page(house: StepHouse, page: Client) -> None:
    decision = house.begin()
    gate = house.gate(decision, 1)
    sent = {"gate": gate.pk, "held_on": "2026-09-02", "entitled": "5", "present": "5", "yes": "5", "paper_1": "1号", "text": ""}
    page.post(reverse("councils:decision-step", args=[decision.pk]), sent)
    record = GateRecord.objects.get()
    assert "确认第 1 次记录" not in text(page, "councils:decision-detail", decision.pk)
    page.force_login(house.cadre)
    assert "确认第 1 次记录" in text(page, "councils:decision-detail", decision.pk)
    page.post(reverse("councils:decision-confirm", args=[record.pk]))
    record.refresh_from_db()
    assert record.confirmed_by == house.cadre


def test_a_notice_step_shows_what_will_be_public(house: StepHouse, page: Client) -> None:
    decision = house.begin("yuanhu")
    home = {"houses_entitled": 30, "houses_present": 20, "yes": 11}
    house.record(decision, house.gate(decision, 1), BEGUN, **home)
    form = text(page, "councils:decision-step", decision.pk)
    assert "发布出去是这样" in form and "应到 30 户，实到 20 户" in form
    gate = house.gate(decision, 2)
    day = today().isoformat()
    sent = {"gate": gate.pk, "opens_on": day, "days": "2", "channel": "院户长", "text": ""}
    assert "3 天以上" in page.post(reverse("councils:decision-step", args=[decision.pk]), sent).content.decode()
    page.post(reverse("councils:decision-step", args=[decision.pk]), {**sent, "days": "3"})
    notice = Notice.objects.get()
    page.logout()
    shown = page.get(reverse("public:notice", args=[notice.pk])).content.decode()
    assert "硬化三组道路" in shown and "应到 30 户，实到 20 户" in shown


def test_the_list_finds_what_is_stuck_where(house: StepHouse, page: Client) -> None:
    stuck = house.road()
    house.held(stuck, 3, date(2026, 9, 8), 42, 27, 27)
    other = house.begin(title="安装路灯")
    rows = text(page, "councils:decision-list", stuck="党员大会审议")
    assert stuck.title in rows and other.title not in rows and "应到 42 人，实到 27 人，不足三分之二" in rows
    assert other.title in text(page, "councils:decision-list", kind="siyi")
    assert other.title not in text(page, "councils:decision-list", state="finished")


def test_what_comes_in_is_history_and_nothing_more(house: StepHouse, page: Client) -> None:
    lines = "村,提议时间,提议事项,动议事由,程序,结果\n八一村,2024-05-06,修水池,缺水,四议两公开,已通过\n八一村,2099-05-06,修桥,,,已通过"
    sheet: dict[str, Any] = {"file": lines.encode(), "filename": "旧.csv", "by": house.staff, "township": house.township}
    done = DECISION_IMPORT.commit(DECISION_IMPORT.read(**sheet), by=house.staff)
    assert (done.new, done.left_out) == (1, 1)
    old = Decision.objects.get()
    assert old.state == Decision.State.HISTORY and old.adopted_at is None and old.history_outcome == "已通过"
    said = text(page, "councils:decision-detail", old.pk)
    assert "不作为已通过的决策" in said and "登记为通过" not in said
    assert "历史" in text(page, "councils:decision-list", state="history")
    assert DECISION_IMPORT.commit(DECISION_IMPORT.read(**sheet), by=house.staff).same == 1


def test_the_ledger_and_the_register_are_filled(house: StepHouse, page: Client) -> None:
    decision = house.road()
    house.held(decision, 3, date(2026, 9, 8), 42, 27, 27)
    sheet = load_workbook(BytesIO(streamed(page.get(reverse("councils:decision-export")))))
    cells = [str(cell.value) for row in sheet.active for cell in row]
    assert "卡在哪一步" in cells and "党员大会审议：应到 42 人，实到 27 人，不足三分之二" in cells
    paper = Document(BytesIO(streamed(page.get(reverse("councils:decision-paper", args=[decision.pk])))))
    labels = [table.cell(row, 0).text for table in paper.tables for row in range(len(table.rows))]
    assert {"动议事由", "提议事项", "提议时间", "参会人员", "提议内容", "参会人员签字", "公开情况", "监督意见"} <= set(labels)


def test_the_ledger_says_who_came_and_what_hung(house: StepHouse, page: Client) -> None:
    """Of the last meeting and the last attempt of each publication; households where only those were counted; nothing of what has none."""
    road = house.road()
    house.held(road, 3, date(2026, 9, 8), 42, 30, 25)
    house.held(road, 4, date(2026, 9, 20), 36, 30, 28, body="delegates")
    taken = house.shown(road, 5, date(2026, 9, 21)).notice
    notice_withdraw(notice=taken, reason="写错", by=house.staff)  # type: ignore[arg-type]
    yard = house.begin("yuanhu", title="修水沟")
    house.record(yard, house.gate(yard, 1), BEGUN, houses_entitled=30, houses_present=21, yes=20)
    house.begin(title="安装路灯")
    sheet = load_workbook(BytesIO(streamed(page.get(reverse("councils:decision-export"), {"state": "all"})))).active
    rows = [[cell.value for cell in row] for row in sheet]
    head = next(row for row in rows if "提议事项" in row)
    first, *others = [head.index(name) for name in ("提议事项", "应到", "实到", "比例", "公开情况", "监督意见")]
    found = {row[first]: [row[place] for place in others] for row in rows[rows.index(head) + 1 :] if row[first]}
    assert found["硬化三组道路"] == [36, 30, "83.3%", "决议公开：2026-09-21至2026-09-25（已撤回）", None]
    assert found["修水沟"] == [30, 21, "70.0%", None, None] and found["安装路灯"] == [None] * 5


def test_a_program_reads_what_is_missing(house: StepHouse, page: Client) -> None:
    decision = house.road()
    house.held(decision, 3, date(2026, 9, 8), 42, 27, 27)
    found = page.get(f"/api/v1/decisions/{decision.pk}/").json()
    assert (found["state"], found["missing"]) == ("running", "党员大会审议：应到 42 人，实到 27 人，不足三分之二")
    assert len(found["records"]) == 3 and found["is_unchecked"] is True


def test_who_is_put_to_the_vote_is_chosen_on_a_page(house: StepHouse, page: Client) -> None:
    Post.objects.filter(unit=settlement_of(house.village), kind="yard_head").delete()
    assert "空缺：院户长" in text(page, "councils:election-list")
    page.post(reverse("councils:election-begin"), {"village": house.village.pk})
    decision = Decision.objects.get()
    home = make_household(house.village, "赵一")
    person = make_resident(home, "赵一")
    page.post(reverse("councils:decision-nominees", args=[decision.pk]), {"yard_head": person.pk})
    assert "院户长：赵一" in text(page, "councils:decision-detail", decision.pk)
    assert "院户会推选：还没有办理" in text(page, "councils:election-list")


@pytest.mark.parametrize("name", ["councils:decision-list", "api:decision-list"])
def test_the_list_asks_no_more_for_more_rows(house: StepHouse, page: Client, name: str) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert page.get(reverse(name)).status_code == 200
        return len(queries)

    house.road()
    asked()
    few = asked()
    for _ in range(5):
        house.road()
    assert asked() == few


def test_a_page_asks_no_more_for_more_records(house: StepHouse, page: Client) -> None:
    decision = house.road()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            text(page, "councils:decision-detail", decision.pk)
        return len(queries)

    house.held(decision, 3, date(2026, 9, 8), 42, 27, 27)
    few = asked()
    for day in range(9, 14):
        house.held(decision, 3, date(2026, 9, day), 42, 27, 27)
    assert asked() == few
