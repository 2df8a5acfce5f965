"""Pages of bodies and meetings: each form's refusals keep what was typed, lists filter and export, counts of queries stay."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.accounts.duties import Duty
from governance.councils.bodies.services import bodies_set_up, seats_add
from governance.councils.meetings.services import Came
from governance.councils.models import Body, Meeting, Outcome, Seat, Task
from tests.answers import page_of
from tests.builders import make_household, make_resident, make_unit, make_user, make_village
from tests.councils.house import TODAY, moment
from tests.councils.meetings.test_meetings import MeetingHouse
from tests.worlds import module_world
from villages.models import Post

pytestmark = pytest.mark.django_db
house = module_world(MeetingHouse)


@pytest.fixture(autouse=True)
def undone(house: MeetingHouse, db: None) -> Any:
    with time_machine.travel(moment(), tick=False):
        yield


class At:
    """Somebody at the pages."""

    def __init__(self, house: MeetingHouse, role: str) -> None:
        self.client = Client()
        self.client.force_login(house.cast[role])

    def get(self, name: str, *args: Any, **query: Any) -> str:
        answer = self.client.get(reverse(f"councils:{name}", args=args, query=query or None))
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    def post(self, name: str, *args: Any, status: int = 302, **data: Any) -> str:
        answer = self.client.post(reverse(f"councils:{name}", args=args), data)
        assert answer.status_code == status, answer.content.decode()[:3000]
        return answer.content.decode() if status == 200 or status == 422 else str(answer["Location"])

    def sheet(self, name: str, **query: Any) -> list[list[Any]]:
        answer: Any = self.client.get(reverse(f"councils:{name}", query=query or None))
        book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
        return [list(row) for row in book.active.iter_rows(values_only=True)]


def test_a_yard_head_writes_a_meeting_down_from_the_first_page(house: MeetingHouse, client: Client) -> None:
    """Of the own yard; nobody else is offered it there, nor where the yard has no such body."""
    address = reverse("councils:meeting-quick", args=[house.body("yard").pk])
    pages = {}
    for role in ("yard_head", "cadre", "staff"):
        client.force_login(house.cast[role])
        pages[role] = page_of(client.get("/")).decode()
    assert f'href="{address}">记一次院户会' in pages["yard_head"] and client.get(address).status_code == 200
    assert "记一次院户会" not in pages["cadre"] + pages["staff"]
    second = make_unit("settlement", "二院", f"{house.yard.code[:-3]}002", house.yard.parent)
    bodies_set_up(township=house.township)
    Post.objects.create(kind=Duty.YARD_HEAD, unit=second, user=house.cast["cadre"], appointed_on=TODAY)
    client.force_login(house.cast["cadre"])
    own = reverse("councils:meeting-quick", args=[Body.objects.get(kind="yard", unit=second).pk])
    assert f'href="{own}">记一次院户会' in page_of(client.get("/")).decode(), "not that of the village's first yard"
    Body.objects.filter(kind="yard").update(ended_on=TODAY)
    client.force_login(house.cast["yard_head"])
    assert "记一次院户会" not in page_of(client.get("/")).decode()


def test_the_list_of_bodies_says_what_is_overdue(house: MeetingHouse) -> None:
    cadre = At(house, "cadre")
    page = cadre.get("body-list")
    assert "共 14 个组织" in page and "柏树院院户会" in page and "已逾期" in page
    late = cadre.get("body-list", state="late")
    assert "共 4 个组织" in late and "红白理事会</a>" not in late  # monthly ones have not met since January
    assert "共 1 个组织" in cadre.get("body-list", kind="yard")


def test_a_form_that_is_refused_keeps_what_was_typed(house: MeetingHouse) -> None:
    cadre, body = At(house, "cadre"), house.body("rites")
    page = cadre.post("seat-load", body.pk, status=422, names="王小明、冯七", since="2026-03-20", term_end="")
    assert "冯七：本村名册里没有这个人" in page and "王小明、冯七" in page
    assert not body.seats.exists()
    page = cadre.post("meeting-call", body.pk, status=422, topic="", on="2026-03-25", agenda="一\n二", place="村委会")
    assert "请写议题" in page and "村委会" in page and "一\n二" in page
    page = cadre.post("meeting-call", body.pk, status=422, topic="x", on="2025-01-01")
    assert "成立的日期" in page


def test_two_of_one_name_are_told_apart_by_their_household(house: MeetingHouse) -> None:
    twin = make_resident(make_household(house.village, "王小明", number="9001"), "王小明")
    body, cadre = house.body("rites"), At(house, "cadre")
    page = cadre.post("seat-load", body.pk, status=422, names="王小明", since="2026-03-20")
    assert "请加户号" in page
    cadre.post("seat-load", body.pk, names="王小明（9001）", since="2026-03-20")
    assert body.seats.get().resident == twin


def test_a_meeting_is_walked_through_on_its_pages(house: MeetingHouse) -> None:
    cadre, secretary, body = At(house, "cadre"), At(house, "secretary"), house.body("yard")
    location = cadre.post("meeting-call", body.pk, topic="院坝的事", on="2026-03-20", agenda="修路\n扫雪", noticed_on="2026-03-18")
    meeting = Meeting.objects.get()
    assert location == reverse("councils:meeting-detail", args=[meeting.pk])
    assert "会议通知" in cadre.get("meeting-invitation", meeting.pk)
    page = cadre.get("meeting-attend", meeting.pk)
    assert "应到 5" in page and 'data-least="3"' in page and "还不够" in page
    page = cadre.post("meeting-attend", meeting.pk, status=422, present=[], guests="驻村干部")
    assert "请点到会" in page and "驻村干部" in page
    cadre.post("meeting-attend", meeting.pk, present=house.home_tokens(0, 1, 2), excused=house.home_tokens(3), guests="")
    page = cadre.get("meeting-minutes", meeting.pk)
    assert "修路" in page and "扫雪" in page and "院里的事" in page  # the frame of its minutes
    typed: dict[str, Any] = {"title-1": "修路", "said-1": "坏了", "outcome-1": "每户一天", "title-2": "扫雪", "title-3": ""}
    typed["said-3"] = "没有名称"
    page = cadre.post("meeting-minutes", meeting.pk, status=422, **typed)
    assert "每一项都要写事项名称" in page and "没有名称" in page
    cadre.post("meeting-minutes", meeting.pk, **{**typed, "said-3": ""})
    assert "由另一位村干部确认" in cadre.get("meeting-detail", meeting.pk)
    cadre.post("meeting-confirm", meeting.pk)
    meeting.refresh_from_db()
    assert meeting.state == "minuted"
    assert "确认记录属实" in secretary.get("meeting-detail", meeting.pk)
    secretary.post("meeting-confirm", meeting.pk)
    secretary.post("meeting-file", meeting.pk)
    page = secretary.get("meeting-detail", meeting.pk)
    assert "已归档" in page and "达到" in page and "王小明户" in page
    assert "王小明户、李秀英户、张国强户" in secretary.get("meeting-print", meeting.pk)
    paper = secretary.client.get(reverse("councils:meeting-paper", args=[meeting.pk]))
    assert b"".join(paper.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]


def test_the_yard_heads_one_page(house: MeetingHouse) -> None:
    yard_head, body = At(house, "yard_head"), house.body("yard")
    page = yard_head.get("meeting-quick", body.pk)
    assert 'data-offline="page"' in page and "王小明" in page
    typed: dict[str, Any] = {"on": "2026-03-20", "present": house.home_tokens(0, 1), "said": "路坏了", "who": "王小明"}
    page = yard_head.post("meeting-quick", body.pk, status=422, **typed)
    assert "请写商定怎么办" in page and "什么时候以前办完" in page and "路坏了" in page
    yard_head.post("meeting-quick", body.pk, **typed, outcome="每户一天", due_on="2026-03-27")
    meeting = Meeting.objects.get()
    assert (meeting.topic, meeting.present, meeting.items.get().outcome) == ("路坏了", 2, "每户一天")
    assert Task.objects.get().who == "王小明"
    page = yard_head.post("meeting-quick", body.pk, status=422, on="2026-03-20", said="没有人来")
    assert "请点到会的户" in page and "没有人来" in page
    assert yard_head.client.get(reverse("councils:meeting-quick", args=[house.body("talk").pk])).status_code == 404


def test_one_who_was_not_asked_cannot_be_ticked(house: MeetingHouse) -> None:
    stranger = make_household(make_village(house.township, "马鞍村委会", "511923102202"), "冯七")
    typed: dict[str, Any] = {"on": "2026-03-20", "present": [f"household-{stranger.pk}"], "said": "路坏了"}
    page = At(house, "yard_head").post("meeting-quick", house.body("yard").pk, status=422, **typed)
    assert "不是成员" in page and not Meeting.objects.exists()


def test_headings_that_nobody_filled_are_no_minutes(house: MeetingHouse) -> None:
    cadre = At(house, "cadre")
    meeting = house.minuted()
    Meeting.objects.filter(pk=meeting.pk).update(state="held")
    frame = cadre.client.get(reverse("councils:meeting-minutes", args=[meeting.pk])).context["form"]["minutes"].value()
    for typed, kept in ((frame.replace("\n", "\r\n"), ""), (f"{frame}修路", f"{frame}修路")):
        sent: dict[str, Any] = {"title-1": "修路", "minutes": typed}
        cadre.post("meeting-minutes", meeting.pk, **sent)
        meeting.refresh_from_db()
        assert meeting.minutes == kept


def test_an_item_fills_the_next_form(house: MeetingHouse) -> None:
    item, cadre = house.minuted().items.get(), At(house, "cadre")
    page = cadre.get("item-make", item.pk, "dispute")
    assert "修路\n路坏了\n议定：每户出工一天" in page
    assert cadre.client.get(reverse("councils:item-make", args=[item.pk, "nothing"])).status_code == 404
    page = cadre.post("item-make", item.pk, "dispute", status=422, choice="", text="边界")
    assert "请选一项" in page and "边界" in page
    assert "每户出工一天" in cadre.get("task-add", item.pk)
    cadre.post("task-add", item.pk, what="每户出工一天", who="各户", due_on="2026-03-27")
    detail = cadre.get("meeting-detail", item.meeting_id)
    assert "各户，2026-03-27 前" in detail
    assert "公示" not in detail.split("object")[1].split("<aside")[0]  # the office's own
    notice = At(house, "staff")
    notice.post("item-notice", item.pk, title="修路", text="每户出工一天", opens_on="2026-03-20", closes_on="2026-03-25")
    assert Outcome.objects.get().kind == "notice"
    assert "修路（2026-03-20 至 2026-03-25）" in cadre.get("meeting-detail", item.meeting_id)


def test_the_deeds_of_those_who_came(house: MeetingHouse) -> None:
    meeting, cadre = house.confirmed(), At(house, "cadre")
    page = cadre.get("meeting-reward", meeting.pk)
    assert "给 3 户记上" in page and "参加会议（+2 分）" in page and "参加志愿服务" not in page
    cadre.post("meeting-reward", meeting.pk, deed=house.deed.pk)
    page = cadre.get("meeting-detail", meeting.pk)
    assert "已给 3 户记上" in page and "给到会的户记积分</a>" not in page


def test_ledgers_have_what_the_lists_show(house: MeetingHouse) -> None:
    house.confirmed()
    house.minuted(kind="yard")
    cadre = At(house, "cadre")
    assert sum("柏树院院户会" in str(row) for row in cadre.sheet("meeting-export")) == 2
    assert sum("柏树院院户会" in str(row) for row in cadre.sheet("meeting-export", state="confirmed")) == 1
    house.sit("rites", 0, 1)
    rows = cadre.sheet("seat-export", kind="rites")
    assert sum("王小明" in str(row) or "李秀英" in str(row) for row in rows) == 2
    assert sum("王小明" in str(row) for row in cadre.sheet("seat-export", kind="vice")) == 0


def test_a_task_is_closed_on_its_page(house: MeetingHouse) -> None:
    item, cadre = house.minuted().items.get(), At(house, "cadre")
    cadre.post("task-add", item.pk, what="出工", who="各户", due_on="2026-03-20")
    task = Task.objects.get()
    assert "今天到期" in cadre.get("task-list")
    page = cadre.post("task-detail", task.pk, status=422, result="", done_on="2026-03-20")
    assert "请写明落实情况" in page
    cadre.post("task-detail", task.pk, result="路修好了", done_on="2026-03-20")
    assert "路修好了" in cadre.get("task-list", tab="closed") and "没有办理中的会议任务" in cadre.get("task-list")
    overseer = At(house, "overseer")
    assert "登记" in overseer.get("task-detail", task.pk) and "savebar" not in overseer.get("task-detail", task.pk)


def test_strangers_see_nothing(house: MeetingHouse) -> None:
    meeting = house.minuted()
    village = make_village(house.township, "马鞍村委会", "511923102202")
    client = Client()
    client.force_login(make_user("far", "secretary", village))
    for name, pk in (("body-detail", meeting.body_id), ("meeting-detail", meeting.pk), ("meeting-quick", meeting.body_id)):
        assert client.get(reverse(f"councils:{name}", args=[pk])).status_code == 404
    assert "共 0 " in client.get(reverse("councils:meeting-list")).content.decode()


@pytest.mark.parametrize("name", ["body-list", "meeting-list", "task-list"])
def test_a_list_takes_as_many_queries_for_many_rows(house: MeetingHouse, name: str) -> None:
    cadre = At(house, "cadre")

    def grow() -> None:
        meeting = house.minuted()
        Task.objects.create(
            item=meeting.items.get(), what="出工", who="各户", due_on=TODAY, made_by=house.cast["cadre"], made_at=moment()
        )
        Body.objects.create(
            unit=house.village, village=house.village, kind="rites", name="旧", founded_on=date(2025, 1, 1), ended_on=date(2025, 2, 1)
        )

    grow()
    counts = []
    for _ in range(2):
        cadre.get(name)
        with CaptureQueriesContext(connection) as captured:
            cadre.get(name)
        counts.append(len(captured))
        for _ in range(3):
            grow()
    assert counts[0] == counts[1]


def test_a_meetings_page_takes_as_many_queries_for_many_people(house: MeetingHouse) -> None:
    cadre = At(house, "cadre")
    counts = []
    for number in (2, 5):
        meeting = house.minuted(Came(house.home_tokens(*range(number))))
        cadre.get("meeting-detail", meeting.pk)
        with CaptureQueriesContext(connection) as captured:
            cadre.get("meeting-detail", meeting.pk)
        counts.append(len(captured))
        if number == 2:
            for extra in range(6):
                make_household(house.village, f"邻居{extra}")
    assert counts[0] == counts[1]


def test_the_households_page_names_its_meetings_and_seats(house: MeetingHouse) -> None:
    house.confirmed()
    house.sit("rites", 0)
    client = Client()
    client.force_login(house.cast["cadre"])
    page = client.get(reverse("villages:household-detail", args=[house.homes[0].pk])).content.decode()
    assert "参加的会议" in page and "柏树院院户会" in page and "红白理事会" in page
    other = client.get(reverse("villages:household-detail", args=[house.homes[4].pk])).content.decode()
    assert "参加的会议" not in other


def test_the_office_puts_up_bodies_by_one_press(house: MeetingHouse) -> None:
    Body.objects.filter(kind__in=["talk", "rites"]).delete()
    secretary = At(house, "secretary")
    assert "补齐" in secretary.get("body-fill")
    secretary.post("body-fill")
    assert Body.objects.filter(kind__in=["talk", "rites"]).count() == 2


def test_a_seat_is_left_with_a_reason(house: MeetingHouse) -> None:
    [seat] = house.sit("rites", 0)
    cadre = At(house, "cadre")
    cadre.post("seat-end", seat.pk, ended_on="2026-03-20", reason="")
    assert Seat.objects.get(pk=seat.pk).ended_on is None
    cadre.post("seat-end", seat.pk, ended_on="2026-03-20", reason="外出务工")
    page = cadre.get("body-detail", seat.body_id)
    assert "以前的成员（1 人）" in page and "外出务工" in page
    seats_add(body=house.body("rites"), residents=house.people[:1], since=TODAY, by=house.cast["cadre"])


def test_the_api_reads_what_the_pages_show(house: MeetingHouse) -> None:
    meeting = house.confirmed()
    client = Client()
    client.force_login(house.cast["cadre"])
    listed = client.get("/api/v1/meetings/").json()["results"]
    assert [(one["id"], one["present"], one["items"][0]["outcome"]) for one in listed] == [(meeting.pk, 3, "每户出工一天")]
    assert client.post("/api/v1/meetings/", {}).status_code == 405
    assert len(client.get("/api/v1/bodies/?kind=yard").json()["results"]) == 1


def test_the_day_of_the_notice_is_asked_for_where_it_is_missing(house: MeetingHouse) -> None:
    head, meeting = At(house, "yard_head"), house.called()
    page = head.get("meeting-detail", meeting.pk)
    assert "还没有登记" in page and f"/meetings/{meeting.pk}/noticed/" in page
    assert "不能晚于会议日期" in head.post("meeting-noticed", meeting.pk, status=422, noticed_on="2026-03-21")
    head.post("meeting-noticed", meeting.pk, noticed_on="2026-03-19")
    assert "2026-03-19" in head.get("meeting-detail", meeting.pk)
    assert At(house, "overseer").client.get(reverse("councils:meeting-noticed", args=[meeting.pk])).status_code == 404
