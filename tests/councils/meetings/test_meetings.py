"""A meeting's way, its figures, its tasks; what an item leads to, once (mission M18)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse

from governance.cases.categories.setting_up import cases_set_up
from governance.cases.models import Case, Category
from governance.councils.errors import CouncilError
from governance.councils.meetings.exports import MEETINGS
from governance.councils.meetings.outcomes import homes_present, item_make, item_publish, meeting_reward, ways_for
from governance.councils.meetings.papers import minutes_paper
from governance.councils.meetings.quick import yard_write
from governance.councils.meetings.services import (
    Came,
    Line,
    meeting_attend,
    meeting_call,
    meeting_cancel,
    meeting_confirm,
    meeting_file,
    meeting_minute,
    meeting_noticed,
)
from governance.councils.meetings.tasks import task_add, task_close
from governance.councils.meetings.voiding import meeting_void
from governance.councils.models import Attendance, Meeting, Outcome, Task
from governance.disclosure.models import Notice
from governance.documents.official import render
from moral_bank.models import Claim
from moral_bank.rules.models import Head
from tests.builders import make_deed, make_rule_set
from tests.councils.house import TODAY, CouncilHouse, moment
from tests.worlds import module_world
from villages.models import Post
from volunteers.models import Project, ServiceOrder
from volunteers.projects.setting_up import projects_set_up

pytestmark = pytest.mark.django_db


class MeetingHouse(CouncilHouse):
    """With categories, projects, and a rule for those who come, in force since March."""

    def __init__(self) -> None:
        super().__init__()
        cases_set_up(township=self.township)
        projects_set_up(township=self.township)
        draft = make_rule_set(self.township, adopted=False, version=2, valid_from=date(2026, 3, 1))
        self.deed = make_deed(draft, "P01", Head.PARTICIPATION, "参加会议", 2, points=2)
        draft.state, draft.adopted_at = "adopted", moment()
        draft.save()


house = module_world(MeetingHouse)


@pytest.fixture(autouse=True)
def undone(house: MeetingHouse) -> Any:
    """Each test in a savepoint at ten o'clock of 20 March."""
    with time_machine.travel(moment(), tick=False), transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_the_whole_way(house: MeetingHouse) -> None:
    cadre, secretary = house.cast["cadre"], house.cast["secretary"]
    meeting = house.called("yard", on=TODAY, agenda=["修路", "扫雪"], place="院坝")
    assert (meeting.state, meeting.afterwards, meeting.base, meeting.items.count()) == ("called", False, "households", 2)
    came = Came(house.home_tokens(0, 1, 2), house.home_tokens(3), guests="驻村干部")
    meeting = meeting_attend(meeting=meeting, came=came, by=cadre)
    assert (meeting.state, meeting.entitled, meeting.present) == ("held", 5, 3)
    statuses = meeting.attendances.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["present", "present", "present", "excused", "absent"]
    house.body("yard").refresh_from_db()
    assert house.body("yard").meet_by == date(2026, 4, 20)
    lines = [Line("修路", "坏了", "每户一天", number=1), Line("", number=2), Line("路灯", outcome="报村里")]
    meeting = meeting_minute(meeting=meeting, lines=lines, by=cadre, minutes="全文")
    assert [item.title for item in meeting.items.all()] == ["修路", "路灯"]
    with pytest.raises(CouncilError, match="记录人以外"):
        meeting_confirm(meeting=meeting, by=cadre)
    meeting = meeting_confirm(meeting=meeting, by=secretary)
    with pytest.raises(CouncilError, match="已确认"):
        meeting_attend(meeting=meeting, came=came, by=cadre)
    assert meeting_file(meeting=meeting, by=secretary).state == "filed"


def test_items_keep_their_numbers_and_an_emptied_one_goes(house: MeetingHouse) -> None:
    cadre = house.cast["cadre"]
    meeting = house.called(agenda=["修路", "扫雪", "路灯"])
    meeting = meeting_attend(meeting=meeting, came=Came(house.home_tokens(0)), by=cadre)
    lines = [Line("修路", number=1), Line("", number=2), Line("路灯", number=3), Line("水管")]
    meeting = meeting_minute(meeting=meeting, lines=lines, by=cadre)
    assert [(item.number, item.title) for item in meeting.items.all()] == [(1, "修路"), (3, "路灯"), (4, "水管")]
    task_add(item=meeting.items.get(number=3), what="装灯", who="王小明", due_on=TODAY, by=cadre)
    with pytest.raises(CouncilError, match="不能删去"):
        meeting_minute(meeting=meeting, lines=[Line("修路", number=1), Line("", number=3)], by=cadre)
    with pytest.raises(CouncilError, match="事项名称"):
        meeting_minute(meeting=meeting, lines=[Line("", "说了", number=1)], by=cadre)


@pytest.mark.parametrize(
    ("came", "words"),
    [
        (Came(), "请点到会"),
        (Came(["household-0"]), "请点到会"),
        (Came(["household-0", "seat-1"], count=5), "请点到会"),
    ],
)
def test_nobody_is_no_meeting(house: MeetingHouse, came: Came, words: str) -> None:
    with pytest.raises(CouncilError, match=words):
        meeting_attend(meeting=house.called(), came=came, by=house.cast["cadre"])


def test_a_strangers_token_is_refused_beside_good_ones(house: MeetingHouse) -> None:
    came = Came([*house.home_tokens(0), "household-0"])
    with pytest.raises(CouncilError, match="不是成员"):
        meeting_attend(meeting=house.called(), came=came, by=house.cast["cadre"])


@pytest.mark.parametrize(("by_homes", "base", "count", "words"), [
    (False, "voters", None, "实到人数"), (False, "voters", 6, "应到 5"), (True, "homes", 6, "应到 5"),
])  # fmt: skip
def test_a_villagers_meeting_is_counted(house: MeetingHouse, by_homes: bool, base: str, count: int | None, words: str) -> None:
    meeting = house.called("assembly", by_homes=by_homes)
    assert meeting.base == base
    with pytest.raises(CouncilError, match=words):
        meeting_attend(meeting=meeting, came=Came(count=count), by=house.cast["cadre"])
    meeting = meeting_attend(meeting=meeting, came=Came(count=4), by=house.cast["cadre"])
    assert (meeting.entitled, meeting.present, meeting.attendances.count()) == (5, 4, 0)


def test_everybody_may_come_to_talk(house: MeetingHouse) -> None:
    meeting = meeting_attend(meeting=house.called("talk"), came=Came(house.home_tokens(1)), by=house.cast["cadre"])
    assert (meeting.base, meeting.entitled, meeting.present, meeting.attendances.count()) == ("open", 1, 1, 1)


def test_members_come_by_seat_and_post(house: MeetingHouse) -> None:
    [seat] = house.sit("delegates", 0)
    post = Post.objects.get(user=house.cast["secretary"])
    came = Came([f"seat-{seat.pk}", f"post-{post.pk}"])
    meeting = meeting_attend(meeting=house.called("delegates"), came=came, by=house.cast["cadre"])
    assert (meeting.entitled, meeting.present) == (3, 2)


def test_days_and_places_are_checked(house: MeetingHouse) -> None:
    cadre, yard_head = house.cast["cadre"], house.cast["yard_head"]
    assert house.called(on=date(2026, 3, 10)).afterwards is False  # called on its day, by the clock of that day
    past = meeting_call(body=house.body("yard"), topic="x", on=date(2026, 3, 10), by=cadre)
    assert past.afterwards
    later = meeting_call(body=house.body("yard"), topic="x", on=date(2026, 3, 25), by=yard_head)
    with pytest.raises(CouncilError, match="到了那天"):
        meeting_attend(meeting=later, came=Came(house.home_tokens(0)), by=yard_head)
    with pytest.raises(CouncilError, match="成立的日期"):
        meeting_call(body=house.body("yard"), topic="x", on=date(2025, 12, 31), by=cadre)
    with pytest.raises(CouncilError, match="不能晚于会议日期"):
        meeting_call(body=house.body("yard"), topic="x", on=TODAY, noticed_on=date(2026, 3, 21), by=cadre)
    with pytest.raises(CouncilError, match="不归您办理"):
        meeting_call(body=house.body("rites"), topic="x", on=TODAY, by=yard_head)
    with pytest.raises(CouncilError, match="评议小组的评议会"):
        meeting_call(body=house.body("moral"), topic="x", on=TODAY, by=cadre)


def test_the_day_of_the_notice_is_written_down_when_it_hangs(house: MeetingHouse) -> None:
    """Called before the notice hung: it is written down later, until somebody else has confirmed the record."""
    yard_head, on = house.cast["yard_head"], date(2026, 3, 10)
    meeting = meeting_call(body=house.body("yard"), topic="x", on=on, by=yard_head, agenda=["修路"])
    with pytest.raises(CouncilError, match="不能晚于会议日期"):
        meeting_noticed(meeting=meeting, noticed_on=date(2026, 3, 11), by=yard_head)
    later = meeting_call(body=house.body("yard"), topic="y", on=TODAY + timedelta(days=9), by=yard_head)
    with pytest.raises(CouncilError, match="不能晚于今天"):
        meeting_noticed(meeting=later, noticed_on=TODAY + timedelta(days=1), by=yard_head)
    with pytest.raises(CouncilError, match="不归您办理"):
        meeting_noticed(meeting=meeting, noticed_on=on, by=house.cast["overseer"])
    assert meeting_noticed(meeting=meeting, noticed_on=date(2026, 3, 2), by=yard_head).noticed_on == date(2026, 3, 2)
    meeting = meeting_attend(meeting=meeting, came=Came(house.home_tokens(0, 1, 2)), by=yard_head)
    assert meeting_noticed(meeting=meeting, noticed_on=date(2026, 3, 1), by=yard_head).noticed_on == date(2026, 3, 1)
    meeting = meeting_minute(meeting=meeting, lines=[Line("修路", "x", "y", 1)], by=yard_head)
    meeting_confirm(meeting=meeting, by=house.cast["cadre"])
    with pytest.raises(CouncilError, match="不能再这样办"):
        meeting_noticed(meeting=meeting, noticed_on=date(2026, 3, 3), by=yard_head)


def test_a_cancelled_meeting_keeps_its_reason(house: MeetingHouse) -> None:
    cadre, meeting = house.cast["cadre"], house.called()
    with pytest.raises(CouncilError, match="写明原因"):
        meeting_cancel(meeting=meeting, reason=" ", by=cadre)
    meeting = meeting_cancel(meeting=meeting, reason="下雨", by=cadre)
    assert (meeting.state, meeting.end_reason) == ("cancelled", "下雨")
    with pytest.raises(CouncilError, match="已取消"):
        meeting_attend(meeting=meeting, came=Came(house.home_tokens(0)), by=cadre)


def test_a_doubled_record_is_void_and_stays_to_be_seen(house: MeetingHouse, client: Client) -> None:
    """By who records before it is confirmed, by who confirms after that; the rhythm goes by the one that is left, and nothing of it may
    have led anywhere."""
    cadre, secretary = house.cast["cadre"], house.cast["secretary"]
    house.confirmed(on=date(2026, 3, 10))
    doubled, kept = house.minuted(), house.confirmed()
    with pytest.raises(CouncilError, match="写明原因"):
        meeting_void(meeting=doubled, reason=" ", by=cadre)
    with pytest.raises(CouncilError, match="不归您办理"):
        meeting_void(meeting=doubled, reason="重复", by=house.cast["overseer"])
    address = reverse("councils:meeting-cancel", args=[doubled.pk])
    client.force_login(cadre)
    assert "作废会议记录" in client.get(reverse("councils:meeting-detail", args=[doubled.pk])).content.decode()
    assert "已作废" in client.post(address, {"reason": "发了两次"}, follow=True).content.decode()
    doubled.refresh_from_db()
    assert (doubled.state, doubled.get_state_display(), doubled.end_reason) == ("cancelled", "已作废", "发了两次")
    page = client.get(reverse("councils:meeting-detail", args=[doubled.pk])).content.decode()
    assert f'已作废：发了两次 <span class="hint">{cadre.name}，2026-03-20' in page and "作废会议记录" not in page
    assert house.body("yard").meet_by == date(2026, 4, 20), "the other one of the day stands"
    with pytest.raises(CouncilError, match="不归您办理"):
        meeting_void(meeting=kept, reason="重复", by=house.cast["yard_head"])
    meeting_void(meeting=kept, reason="不是这一天", by=secretary)
    assert house.body("yard").meet_by == date(2026, 4, 10)
    with pytest.raises(CouncilError, match="已作废，不能再这样办"):
        meeting_void(meeting=kept, reason="重复", by=secretary)


def test_what_led_somewhere_is_not_void(house: MeetingHouse) -> None:
    cadre = house.cast["cadre"]
    meeting = house.minuted()
    task = task_add(item=meeting.items.get(), what="出工", who="各户", due_on=TODAY, by=cadre)
    with pytest.raises(CouncilError, match="已经定了任务"):
        meeting_void(meeting=meeting, reason="重复", by=cadre)
    task_close(task=task, result="重复登记", by=cadre, done_on=TODAY, dropped=True)
    assert meeting_void(meeting=meeting, reason="重复", by=cadre).state == "cancelled"


# --- the one page of the yard -------------------------------------------------------------------------------------------


def quick(house: MeetingHouse, **fields: Any) -> Meeting:
    line = Line("修路", "修路，路坏了", "每户出工一天")
    came = Came(house.home_tokens(0, 1, 2))
    return yard_write(body=house.body("yard"), on=TODAY, came=came, line=line, by=house.cast["yard_head"], **fields)


def test_one_thumb_writes_the_meeting_and_its_task(house: MeetingHouse) -> None:
    post = Post.objects.get(user=house.cast["sanitation"])
    meeting = quick(house, post=post, due_on=date(2026, 3, 27))
    assert (meeting.state, meeting.afterwards, meeting.present, meeting.entitled) == ("minuted", True, 3, 5)
    task = Task.objects.get()
    assert (task.what, task.post, task.who) == ("每户出工一天", post, f"{post.holder_name}（环境卫生监督员）")
    assert Task.objects.visible_to(house.cast["sanitation"]).count() == 1


def test_one_that_was_called_for_the_day_is_that_one(house: MeetingHouse) -> None:
    called = house.called(agenda=["扫雪"])
    meeting = quick(house)
    assert meeting.pk == called.pk and not meeting.afterwards
    assert [item.title for item in meeting.items.all()] == ["扫雪", "修路"]


# --- tasks --------------------------------------------------------------------------------------------------------------


def test_a_task_is_ended_in_words_by_who_has_it(house: MeetingHouse) -> None:
    meeting = house.confirmed()
    item, mediator = meeting.items.get(), house.cast["mediator"]
    post = Post.objects.get(user=mediator)
    task = task_add(item=item, what="去问", post=post, due_on=date(2026, 3, 27), by=house.cast["cadre"])
    with pytest.raises(CouncilError, match="已有同样的任务"):
        task_add(item=item, what="去问", who="王小明", due_on=TODAY, by=house.cast["cadre"])
    with pytest.raises(CouncilError, match="谁来办"):
        task_add(item=item, what="再问", due_on=TODAY, by=house.cast["cadre"])
    wrong: list[tuple[dict[str, Any], str]] = [({"result": " "}, "落实情况")]
    wrong += [({"done_on": date(2026, 3, day)}, "之间") for day in (19, 21)]
    for fields, words in wrong:
        with pytest.raises(CouncilError, match=words):
            task_close(**{"task": task, "result": "问好了", "done_on": TODAY, "by": mediator, **fields})
    with pytest.raises(CouncilError, match="不归您"):
        task_close(task=task, result="好了", done_on=TODAY, by=house.cast["overseer"])
    task = task_close(task=task, result="问好了", done_on=TODAY, by=mediator)
    assert (task.state, task.done_on) == ("done", TODAY)
    with pytest.raises(CouncilError, match="已落实"):
        task_close(task=task, result="又好了", done_on=TODAY, by=mediator)


# --- what an item leads to ----------------------------------------------------------------------------------------------


def way(house: MeetingHouse, meeting: Meeting, name: str) -> Any:
    return next(one for one in ways_for(house.cast["cadre"], meeting) if one.name == name)


def test_an_item_becomes_a_case_once(house: MeetingHouse) -> None:
    meeting, cadre = house.minuted(), house.cast["cadre"]
    item, dispute = meeting.items.get(), way(house, meeting, "dispute")
    choices = dispute.maker.choices(cadre, meeting.unit)
    assert {key for key, _ in choices} == {str(pk) for pk in Category.objects.filter(kind="dispute").values_list("pk", flat=True)}
    outcome = item_make(item=item, way=dispute, choice=choices[0][0], text="路边界有争议", household=house.homes[0], by=cadre)
    case = Case.objects.get()
    assert (outcome.page, outcome.row, outcome.label) == ("cases:case-detail", case.pk, case.number)
    assert (case.text, case.household, case.unit) == ("路边界有争议", house.homes[0], house.yard)
    with pytest.raises(CouncilError, match="已经办过"):
        item_make(item=item, way=dispute, choice=choices[0][0], text="又一次", by=cadre)
    assert Case.objects.count() == 1
    event = way(house, meeting, "event")
    assert item_make(item=item, way=event, choice=event.maker.choices(cadre, meeting.unit)[0][0], text="修路", by=cadre)


def test_an_item_becomes_an_order_of_a_household(house: MeetingHouse) -> None:
    meeting, cadre = house.minuted(), house.cast["cadre"]
    service = way(house, meeting, "service")
    project = Project.objects.filter(asker="all", is_emergency=False).first()
    assert project is not None
    item_make(item=meeting.items.get(), way=service, choice=str(project.pk), text="帮扫院坝", household=house.homes[1], by=cadre)
    order = ServiceOrder.objects.get()
    assert (order.name, order.household, order.text) == ("李秀英", house.homes[1], "帮扫院坝")


def test_nothing_is_made_of_a_meeting_that_is_not_written_down(house: MeetingHouse) -> None:
    meeting = house.called(agenda=["修路"])
    with pytest.raises(CouncilError, match="不能再这样办"):
        item_make(item=meeting.items.get(), way=way(house, meeting, "event"), choice="1", text="x", by=house.cast["cadre"])


def test_a_notice_names_nobody_who_was_there(house: MeetingHouse) -> None:
    item, clerk = house.confirmed().items.get(), house.cast["staff"]
    fields: dict[str, Any] = {"opens_on": TODAY, "closes_on": TODAY + timedelta(days=4), "channel": "村委会", "by": clerk}
    for text in ("王小明家门口修路", "王小明"):
        with pytest.raises(CouncilError, match="王小明"):
            item_publish(item=item, title="修路", text=text, **fields)
    outcome = item_publish(item=item, title="修路", text="每户出工一天", **fields)
    notice = Notice.objects.get(pk=outcome.row or 0)
    assert (notice.unit, notice.rows) == (house.village, [["修路", "每户出工一天"]])
    with pytest.raises(CouncilError, match="已经办过"):
        item_publish(item=item, title="修路", text="每户出工一天", **fields)


def test_all_who_came_get_the_deed_once_and_the_panel_judges(house: MeetingHouse) -> None:
    cadre = house.cast["cadre"]
    with pytest.raises(CouncilError, match="确认以后"):
        meeting_reward(meeting=house.minuted(), deed=house.deed, by=cadre)
    meeting = house.confirmed(on=date(2026, 3, 19))
    outcome = meeting_reward(meeting=meeting, deed=house.deed, by=cadre)
    assert outcome.label == "参加会议：已给 3 户记上"
    claims = Claim.objects.filter(deed=house.deed)
    assert {claim.account.household for claim in claims} == set(house.homes[:3])
    assert {(claim.state, claim.source, claim.occurred_on) for claim in claims} == {("verified", "meeting", date(2026, 3, 19))}
    with pytest.raises(CouncilError, match="已经办过"):
        meeting_reward(meeting=meeting, deed=house.deed, by=cadre)
    assert claims.count() == 3


def test_members_stand_for_their_households(house: MeetingHouse) -> None:
    [first, second] = house.sit("rites", 0, 1)
    meeting = house.confirmed(Came([f"seat-{first.pk}"]), kind="rites")
    assert homes_present(meeting) == [house.homes[0]] and Attendance.objects.get(seat=second).status == "absent"


# --- papers -------------------------------------------------------------------------------------------------------------


def test_the_ledger_has_the_usual_headings(house: MeetingHouse) -> None:
    meeting = house.confirmed()
    item = meeting.items.get()
    task_add(item=item, what="出工", who="各户", due_on=date(2026, 3, 27), by=house.cast["cadre"])
    headings = [column.heading for column in MEETINGS.columns]
    usual = ["序号", "会议名称", "日期", "地点", "召集人", "应到", "实到", "列席", "议题", "议定意见", "落实情况"]
    assert headings[: len(usual)] == usual
    [row] = MEETINGS.rows(Meeting.objects.all())
    assert (row[5], row[6], row[8], row[9], row[10]) == (5, 3, "修路", "每户出工一天", "出工（各户）2026-03-27 前办")


def test_the_minutes_are_a_paper_with_places_to_sign(house: MeetingHouse) -> None:
    paper = minutes_paper(house.confirmed())
    assert paper.title == "柏树院院户会会议记录" and render(paper)[:2] == b"PK"
    assert "王小明户、李秀英户、张国强户" in str(paper.blocks[0])


def table_of(block: Any) -> Any:
    return block.rows


def test_a_confirmed_record_names_who_confirmed_it(client: Client, house: MeetingHouse) -> None:
    """On its page, on the printed sheet and on the paper, with the day; before that each says that nobody has."""
    open_, kept = house.minuted(), house.confirmed()
    recorder, confirmer = house.cast["cadre"].name, house.cast["secretary"].name
    client.force_login(house.cast["cadre"])
    for meeting, who in ((open_, "还没有确认"), (kept, f"{confirmer}，2026年3月20日")):
        sheet = client.get(f"/meetings/{meeting.pk}/print/").content.decode()
        assert re.search(f"记录人：{recorder}，2026年3月20日\\s*确认人：{who}</p>", sheet)
        facts = dict(table_of(minutes_paper(meeting).blocks[0]))
        assert facts["记录人"] == f"{recorder}，2026年3月20日" and facts.get("确认人", "还没有确认") == who
        assert (f"{confirmer}确认" in client.get(f"/meetings/{meeting.pk}/").content.decode()) is (meeting == kept)


def test_an_outcome_is_of_the_meetings_own_place(house: MeetingHouse) -> None:
    meeting = house.confirmed()
    meeting_reward(meeting=meeting, deed=house.deed, by=house.cast["cadre"])
    assert Outcome.objects.visible_to(house.cast["yard_head"]).count() == 1
