"""A list's way from draft to archive: who may do what, what is refused, what makes it due again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from governance.accounts.models import User
from governance.desk.todo import due_kinds, todo_of
from governance.disclosure.affairs import services
from governance.disclosure.affairs.due import AFFAIR, KINDS
from governance.disclosure.affairs.questions import question_answer, question_ask
from governance.disclosure.affairs.tasks import affairs_night_run
from governance.disclosure.affairs.turns import turn_cancel, turn_open, turns_make
from governance.disclosure.errors import DisclosureError
from governance.disclosure.looking import said_find
from governance.disclosure.models import Affair, AffairKind, AffairTurn
from governance.frame.due import late_counts
from tests.builders import make_household, make_resident, make_township, make_user, make_village
from tests.cases.house import moment
from tests.disclosure.affairs.house import MONEY, AffairHouse
from tests.worlds import module_world

pytestmark = pytest.mark.django_db
NOW = moment("2026-04-15 10:00")
DUE = {kind.key: kind for kind in KINDS}
ASKED: dict[str, Any] = {"name": "李秀英", "phone": "15400000002", "text": "路灯电费为什么比上季度多"}
house = module_world(AffairHouse)


@pytest.fixture(autouse=True)
def april() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def held(key: str, user: User, at: Any = NOW) -> list[int]:
    return [row.pk for row in DUE[key].held_by(User.objects.get(pk=user.pk), at)]


def test_it_goes_from_the_draft_to_the_board(house: AffairHouse) -> None:
    cadre, overseer, turn = house.cast["cadre"], house.cast["overseer"], house.turn()
    assert held("affair", cadre) == [turn.pk]
    affair = house.submitted(turn)
    assert held("affair", cadre) == [] and held("affair-review", overseer) == [affair.pk]
    services.affair_review(affair=affair, passed=True, opinion="与账相符", by=overseer)
    assert held("affair", cadre) == [turn.pk] and held("affair-review", overseer) == []
    affair = services.affair_publish(affair=affair, by=cadre)
    turn.refresh_from_db()
    assert (affair.state, affair.hangs_until, turn.met_on) == ("published", date(2026, 7, 14), date(2026, 4, 15))
    assert held("affair", cadre) == []


def test_the_overseers_send_it_back_with_what_is_wrong(house: AffairHouse) -> None:
    affair, overseer = house.submitted(), house.cast["overseer"]
    with pytest.raises(DisclosureError, match="哪里要改"):
        services.affair_review(affair=affair, passed=False, by=overseer)
    affair = services.affair_review(affair=affair, passed=False, opinion="少了电费收据", by=overseer)
    assert (affair.state, affair.opinion, affair.reviewed_by) == ("draft", "少了电费收据", None)
    affair = services.affair_edit(affair=affair, content=replace(MONEY, note="附电费收据"), by=house.cast["secretary"])
    assert services.affair_submit(affair=affair, by=house.cast["cadre"]).opinion == ""


def test_nobody_reviews_what_they_wrote(house: AffairHouse) -> None:
    """An overseer who is a cadre as well, the second hand that changed it too."""
    both = make_user("both", "overseer", house.village)
    make_user_post(both, "cadre", house)
    affair = services.affair_submit(affair=services.affair_draft(turn=house.turn(), content=MONEY, by=both), by=both)
    assert held("affair-review", both) == []
    with pytest.raises(DisclosureError, match="不能是拟稿或修改的人"):
        services.affair_review(affair=affair, passed=True, by=User.objects.get(pk=both.pk))
    affair = services.affair_take_back(affair=affair, by=both)
    services.affair_drop(affair=affair, by=both)
    changed = services.affair_edit(affair=house.draft(affair.turn), content=MONEY, by=both)
    services.affair_submit(affair=changed, by=both)
    with pytest.raises(DisclosureError, match="不能是拟稿或修改的人"):
        services.affair_review(affair=changed, passed=True, by=both)


def make_user_post(user: User, duty: str, house: AffairHouse) -> None:
    user.posts.create(kind=duty, unit=house.village, appointed_on=date(2026, 1, 1))


def test_each_step_is_somebodys(house: AffairHouse) -> None:
    other = make_user("far", "cadre", make_village(house.township, "马鞍村委会", "511923102202"))
    turn = house.turn()
    for by in (house.cast["overseer"], house.cast["leader"], other):
        with pytest.raises(DisclosureError, match="您不能办理"):
            services.affair_draft(turn=turn, content=MONEY, by=by)
    affair = house.submitted(turn)
    for by in (house.cast["staff"], house.cast["secretary"]):
        with pytest.raises(DisclosureError, match="您不能办理"):
            services.affair_review(affair=affair, passed=True, by=by)
    with pytest.raises(DisclosureError, match="待审核"):
        services.affair_publish(affair=affair, by=house.cast["cadre"])


@pytest.mark.parametrize(("changes", "reason"), [
    ({"rows": (), "note": ""}, "还没有内容"),
    ({"rows": (("土地发包",),)}, "第 1 行有 1 格"),
    ({"columns": ("姓名", "金额", "备注"), "rows": (("王小明", "100", ""),)}, "写成“王\\*\\*”"),
    ({"columns": ("低保对象", "金额", "备注"), "rows": (("合计", "100", ""), ("欧阳锋", "1", ""))}, "第 2 行“低保对象”一栏的“欧阳锋”"),
    ({"columns": ("承包人", "面积", "金额"), "rows": (("王*、李四", "3亩", "900"),)}, "李四"),
    ({"columns": ("项目", "联系电话", "金额")}, "“联系电话”一栏不能公开"),
    ({"columns": ("户号", "收入", "支出")}, "“户号”一栏不能公开"),
    ({"note": "详询 154 0000 0001"}, "电话号码"),
    ({"rows": (("付款", "5119 2919 9001 0112 34", ""),)}, "电话号码"),
    ({"note": "慰问3组12号"}, "门牌号"),
    ({"note": "慰问兴隆街 5 号住户"}, "门牌号"),
    ({"rows": (("赵丁卯误工", "", "100"),)}, "“赵丁卯”是名册上的人"),
    ({"rows": (("钱进", "", "100"),)}, "“钱进”是名册上的人"),
    ({"note": "维修钱进家门口便道"}, "“钱进”是名册上的人"),
    ({"note": "由钱进同志承办"}, "“钱进”是名册上的人"),
    ({"note": "参加的有李四、钱进。"}, "“钱进”是名册上的人"),
    ({"title": ""}, "请写标题"),
    ({"rows": (("修路" * 101, "", ""),)}, "超过 200 字"),
    ({"rows": (("修路", "", ""),) * 501}, "最多 500 行"),
])  # fmt: skip
def test_it_refuses_what_must_not_be_public(house: AffairHouse, changes: dict[str, Any], reason: str) -> None:
    home = make_household(house.village, "赵丁卯")
    for name in ("赵丁卯", "钱进"):
        make_resident(home, name)
    with pytest.raises(DisclosureError, match=reason):
        house.draft(content=replace(MONEY, **changes))
    assert not Affair.objects.exists()


@pytest.mark.parametrize("changes", [
    {"rows": (), "note": "本季度无此事项"},
    {"columns": ("承包人", "面积", "金额"), "rows": (("兴隆养殖专业合作社", "3亩", "900"), ("村集体", "", ""), ("王**", "1亩", ""))},
    {"note": "依据镇发〔2026〕12号文件，3月20号付清；资金钱进账户", "rows": (("92号汽油", "", "300"),)},
])  # fmt: skip
def test_it_takes_what_names_nobody(house: AffairHouse, changes: dict[str, Any]) -> None:
    make_resident(make_household(house.village), "钱进")
    assert house.draft(content=replace(MONEY, **changes)).state == "draft"


def test_a_correction_is_a_further_version(house: AffairHouse) -> None:
    old = house.published()
    turn = old.turn
    new = services.affair_draft(turn=turn, content=replace(MONEY, note="更正电费"), by=house.cast["cadre"])
    assert (new.version, new.replaces) == (2, old)
    assert held("affair", house.cast["cadre"]) == [] and held("affair-correction", house.cast["cadre"]) == [new.pk]
    services.affair_submit(affair=new, by=house.cast["cadre"])
    assert held("affair-correction", house.cast["cadre"]) == []
    services.affair_review(affair=new, passed=True, by=house.cast["overseer"])
    services.affair_publish(affair=new, by=house.cast["cadre"], at=NOW + timedelta(days=9))
    turn.refresh_from_db()
    states = dict(Affair.objects.filter(turn=turn).values_list("version", "state"))
    assert (states, turn.met_on) == ({1: "corrected", 2: "published"}, date(2026, 4, 15))


def test_what_is_withdrawn_is_due_again_but_was_in_time(house: AffairHouse, client: Client) -> None:
    affair = house.published()
    with pytest.raises(DisclosureError, match="写明原因"):
        services.affair_withdraw(affair=affair, reason=" ", by=house.cast["cadre"])
    services.affair_withdraw(affair=affair, reason="金额抄错", by=house.cast["cadre"])
    assert held("affair", house.cast["cadre"]) == [affair.turn_id]
    later = moment("2026-04-25 10:00")
    assert not AFFAIR.late_rows(later), "it had been public by the 20th"
    [line] = [line for line in todo_of(User.objects.get(pk=house.cast["cadre"].pk), later) if "村集体财务收支" in line.title]
    assert line.title == "撤回后等重新公开：村集体财务收支" and line.due is None
    with time_machine.travel(later, tick=False):
        client.force_login(house.cast["cadre"])
        assert "逾期" not in client.get(f"/affairs/{affair.turn_id}/").content.decode().split("<main")[1]
        assert affair.turn.of not in client.get("/affairs/", {"state": "late"}).content.decode()
    again = services.affair_draft(turn=affair.turn, content=MONEY, by=house.cast["cadre"])
    assert (again.version, again.replaces) == (2, affair)
    with pytest.raises(DisclosureError, match="已有一份没有发布的稿子"):
        services.affair_draft(turn=affair.turn, content=MONEY, by=house.cast["cadre"])


def test_it_hangs_its_days_and_until_questions_are_answered(house: AffairHouse) -> None:
    affair = house.published()
    question = question_ask(affair=affair, **ASKED)
    last = date(2026, 7, 14)
    assert services.affairs_archive(last + timedelta(days=1)) == 0
    question_answer(question=question, answer="天热多开了两小时", by=house.cast["secretary"])
    assert services.affairs_archive(last) == 0
    assert services.affairs_archive(last + timedelta(days=1)) == 1
    with pytest.raises(DisclosureError, match="不在公开期内"):
        question_ask(affair=affair, **{**ASKED, "text": "还有一问"})
    affair.refresh_from_db()
    assert affair.state == "archived" and held("affair", house.cast["cadre"]) == []


def test_a_question_is_taken_once_and_looked_up(house: AffairHouse) -> None:
    affair = house.published()
    first, again = question_ask(affair=affair, **ASKED), question_ask(affair=affair, **ASKED)
    assert first == again and first.number == "ZX2026-00001" and first.answer_by == date(2026, 4, 20)
    assert said_find(number=first.number.lower(), tail="0002") == first
    assert said_find(number=first.number, tail="0001") is None
    with pytest.raises(DisclosureError, match="不归您答复"):
        question_answer(question=first, answer="天热", by=house.cast["leader"])
    make_resident(make_household(house.village), "赵丁卯")
    for words in ("请找赵丁卯", "请打 15400000009"):
        with pytest.raises(DisclosureError, match="名册上的人|电话号码"):
            question_answer(question=first, answer=words, by=house.cast["cadre"])
    question_answer(question=first, answer="天热", by=house.cast["cadre"])
    with pytest.raises(DisclosureError, match="已经答复"):
        question_answer(question=first, answer="天冷", by=house.cast["cadre"])


def test_a_question_past_its_day_climbs(house: AffairHouse) -> None:
    """By the day the village's alone; then the office's; three days later the leaders' too."""
    question = question_ask(affair=house.published(), **ASKED)
    cadre, staff, leader = (house.cast[duty] for duty in ("cadre", "staff", "leader"))
    far = make_user("far", "leader", make_township("511923103"))

    def climbed(day: int) -> list[bool]:
        at = moment(f"2026-04-{day} 23:00")
        keys = [held("affair-question", cadre, at)]
        return [bool(rows) for rows in [*keys, *(held("affair-question-climbed", user, at) for user in (staff, leader, far, cadre))]]

    assert climbed(20) == [True, False, False, False, False]
    assert climbed(21) == [True, True, False, False, False]
    assert climbed(23) == [True, True, False, False, False]
    assert climbed(24) == [True, True, True, False, False]
    question_answer(question=question, answer="天热", by=staff)
    assert climbed(24) == [False] * 5


def test_the_registry_says_late_of_the_village_and_brings_it_to_the_township(house: AffairHouse) -> None:
    """By the to-do of each and the leader's count, not by the kinds themselves."""
    question = question_ask(affair=house.published(), **ASKED)
    assert question.answer_by == date(2026, 4, 20)

    def waits(duty: str, at: Any) -> list[tuple[str, str]]:
        user = User.objects.get(pk=house.cast[duty].pk)
        return [(line.part.value, line.due.words if line.due else "") for line in todo_of(user, at) if line.title.startswith("质询待答复")]

    def counted(at: Any) -> list[tuple[str, int, int]]:
        leader = User.objects.get(pk=house.cast["leader"].pk)
        return [(kind.key, village, number) for kind, village, number in late_counts(due_kinds(), leader, at) if "question" in kind.key]

    day, after, later = (moment(f"2026-04-{day} 09:00") for day in (20, 21, 24))
    assert {duty: waits(duty, day) for duty in ("cadre", "staff", "leader")} == {"cadre": [("今天", "今天到期")], "staff": [], "leader": []}
    assert counted(day) == []
    late = [("已逾期", "已逾期 1 天")]
    assert {duty: waits(duty, after) for duty in ("cadre", "staff", "leader")} == {"cadre": late, "staff": late, "leader": []}
    assert counted(after) == [("affair-question", house.village.pk, 1)]
    assert waits("leader", later) == [("已逾期", "已逾期 4 天")]
    question_answer(question=question, answer="天热", by=house.cast["cadre"], at=later)
    assert [waits(duty, later) for duty in ("cadre", "staff", "leader")] == [[], [], []] and counted(later) == []


def test_the_night_asks_for_every_period_that_is_over(house: AffairHouse) -> None:
    other = make_village(house.township, "马鞍村委会", "511923102202")
    AffairKind.objects.filter(code="buzhu").update(is_active=False)
    assert turns_make(date(2026, 4, 14)) == 2 * (5 + 3)  # five items of a quarter that are active, one of three months
    assert turns_make(date(2026, 4, 14)) == 0
    found = AffairTurn.objects.filter(village=other, kind__code="mingxi").order_by("period")
    assert [(turn.period, str(turn.due_on)) for turn in found] == [
        ("2026-01", "2026-02-20"), ("2026-02", "2026-03-20"), ("2026-03", "2026-04-20"),
    ]  # fmt: skip
    assert turns_make(date(2027, 1, 1)) == 2 * (15 + 9 + 4)  # three quarters more of five items, nine months, the year of four
    with time_machine.travel(moment("2027-02-01 09:00"), tick=False):
        assert affairs_night_run() == 2


def test_nothing_is_due_of_what_ended_before_the_catalogue_stood(house: AffairHouse) -> None:
    AffairKind.objects.update(since=date(2026, 4, 2))
    assert turns_make(date(2026, 4, 30)) == 0
    assert turns_make(date(2026, 5, 1)) == 1


def test_what_happened_is_disclosed_by_working_days(house: AffairHouse) -> None:
    given: dict[str, Any] = {"village": house.village, "event": "修村道招标", "by": house.cast["cadre"]}
    turn = turn_open(kind=house.kind("xiangmu"), on=date(2026, 4, 14), **given)
    assert (turn.due_on, turn.title) == (date(2026, 4, 21), "工程项目招投标、进度和结算：修村道招标")
    with pytest.raises(DisclosureError, match="晚于今天"):
        turn_open(kind=house.kind("xiangmu"), on=date(2026, 4, 16), **given)
    with pytest.raises(DisclosureError, match="不是及时公开"):
        turn_open(kind=house.kind(), on=date(2026, 4, 14), **given)
    with pytest.raises(DisclosureError, match="镇工作人员"):
        turn_cancel(turn=turn, reason="登记错了", by=house.cast["cadre"])
    turn_cancel(turn=turn, reason="登记错了", by=house.cast["staff"])
    assert held("affair", house.cast["cadre"]) == []
    with pytest.raises(DisclosureError, match="不能取消"):
        turn_cancel(turn=house.turn(), reason="不想公开", by=house.cast["staff"])


def test_lateness_begins_the_day_after(house: AffairHouse) -> None:
    turn = house.turn()
    assert not DUE["affair"].late_rows(moment("2026-04-20 23:59"))
    assert [row.pk for row in DUE["affair"].late_rows(moment("2026-04-21 00:00"))] == [turn.pk]
    AffairKind.objects.filter(pk=turn.kind_id).update(is_active=False)
    assert not DUE["affair"].open(timezone.now())
