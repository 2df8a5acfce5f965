"""Pages, API and export of orders: whose name and address each face shows, and when (mission M30)."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from governance.accounts.models import AccessLog, Message, User
from governance.desk.todo import todo_of
from governance.frame.due import lines_of
from tests.answers import ClientAnswer, location, page_of, streamed
from tests.cases.house import MORNING
from tests.volunteers.orders.house import SERVED_NAME, SERVED_PHONE, SERVED_PLACE, ServiceHouse
from tests.worlds import module_world
from villages.models import Post
from volunteers.models import Hours, Offer, Run, ServiceOrder
from volunteers.orders.due import KINDS
from volunteers.orders.services import run_redispatch

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PRIVATE = (SERVED_NAME, SERVED_PHONE, SERVED_PLACE)
house = module_world(ServiceHouse)


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def text(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    return page_of(answer).decode()


def faces(order: ServiceOrder, user: User) -> dict[str, str]:
    """What an account of a volunteer can read of an order, by face."""
    client = as_user(user)
    found = {
        "page": text(client, "/my-orders/"),
        "home": text(client, "/"),
        "inbox": "".join(Message.objects.filter(user=user).values_list("text", flat=True)),
        "due": str(todo_of(user, MORNING)),
    }
    found["own"] = client.get(f"/my-orders/{order.pk}/").content.decode()
    for name, url in (
        ("desk", f"/service-orders/{order.pk}/"), ("list", "/service-orders/?tab=all"), ("board", "/service-board/"),
        ("export", "/service-orders/export/"), ("api", f"/api/v1/service-orders/{order.pk}/"), ("api list", "/api/v1/service-orders/"),
        ("month", "/service-month/"), ("log", f"/service-orders/log/?household={order.household_id or 1}"),
    ):  # fmt: skip
        assert client.get(url).status_code == 404, name
    return found


def shown(order: ServiceOrder, user: User) -> set[str]:
    """The faces on which the one served is readable."""
    return {name for name, words in faces(order, user).items() if any(private in words for private in PRIVATE)}


def test_it_shows_the_person_to_a_volunteer_only_while_the_order_is_theirs(house: ServiceHouse) -> None:
    user, other = house.account(house.one), house.account(house.three)
    order = house.ask(text=f"给{SERVED_NAME}理发，电话{SERVED_PHONE}")
    assert as_user(user).get(f"/my-orders/{order.pk}/").status_code == 404
    house.offer(order, house.one, house.three)
    assert shown(order, user) == set() and AccessLog.objects.filter(kind="reveal").count() == 0
    offered = text(as_user(user), "/my-orders/")
    assert "理发" in offered and "柏树院" in offered and order.number not in offered
    as_user(user).post(f"/my-orders/{order.pk}/accept/")
    assert Run.objects.get().volunteer == house.one and AccessLog.objects.filter(kind="reveal").count() == 0
    assert shown(order, user) == {"page", "own"}
    assert list(AccessLog.objects.filter(kind="reveal").values_list("user", "detail")) == [(user.pk, f"点单 {order.number} 的服务对象")] * 2
    assert shown(order, other) == set()  # asked, and taken back with the first who accepted
    run_redispatch(run=Run.objects.get(), reason="有事", by=house.user("cadre"))
    assert shown(order, user) == set()
    house.offer(order, house.three)
    as_user(other).post(f"/my-orders/{order.pk}/accept/")
    assert shown(order, other) == {"page", "own"} and shown(order, user) == set()
    answer = as_user(other).post(f"/my-orders/{order.pk}/finish/", {"minutes": "60", "reason": ""})
    assert location(answer) == "/my-orders/"
    assert shown(order, other) == set() and "60 分钟" in text(as_user(other), "/my-orders/")


def test_it_takes_two_taps_to_finish_and_one_for_each_step_before(house: ServiceHouse) -> None:
    user, order = house.account(house.one), house.ask()
    house.offer(order, house.one)
    client = as_user(user)
    for step in ("accept", "contact", "set_out", "arrive"):
        assert f"/my-orders/{order.pk}/{step}/" in text(client, "/my-orders/")
        client.post(f"/my-orders/{order.pk}/{step}/")
    order.refresh_from_db()
    assert order.state == "arrived" and order.contacted_at is not None
    assert 'value="60"' in text(client, f"/my-orders/{order.pk}/finish/")
    refused = client.post(f"/my-orders/{order.pk}/finish/", {"minutes": "90", "reason": ""})
    assert refused.status_code == 422 and "须写明原因" in refused.content.decode()
    client.post(f"/my-orders/{order.pk}/finish/", {"minutes": "90", "reason": "还洗了头"})
    assert Hours.objects.get().minutes == 90


def test_it_declines_with_a_reason_and_leaves_the_order_to_others(house: ServiceHouse) -> None:
    user, order = house.account(house.one), house.ask()
    house.offer(order, house.one)
    client = as_user(user)
    assert client.post(f"/my-orders/{order.pk}/decline/", {}).status_code == 422
    client.post(f"/my-orders/{order.pk}/decline/", {"reason": "时间不合适"})
    assert Offer.objects.get().state == "declined" and client.get(f"/my-orders/{order.pk}/").status_code == 404
    page = text(as_user(house.user("cadre")), f"/service-orders/{order.pk}/dispatch/")
    assert "同一时间已问过" in page


def test_a_volunteer_who_cannot_go_gives_the_order_back(house: ServiceHouse) -> None:
    order = house.ask()
    house.run(order, house.one)
    client = as_user(house.account(house.one))
    assert "去不了，请另派" in text(client, f"/my-orders/{order.pk}/")
    assert client.post(f"/my-orders/{order.pk}/redispatch/", {"reason": ""}).status_code == 422
    client.post(f"/my-orders/{order.pk}/redispatch/", {"reason": "孩子病了"})
    order.refresh_from_db()
    assert (order.state, Run.objects.get().outcome) == ("asked", "redispatched")
    assert Message.objects.filter(user=house.user("cadre"), text__contains="志愿者去不了，请另派").exists()


def test_the_desk_names_the_person_to_those_who_log_or_send(house: ServiceHouse) -> None:
    order = house.ask(text=f"给{SERVED_NAME}理发", household=house.family(SERVED_NAME)[0])
    knows = {}
    for role in ("staff", "secretary", "cadre", "yard_head", "leader", "supervisor", "overseer"):
        page = text(as_user(house.user(role)), f"/service-orders/{order.pk}/")
        knows[role] = any(private in page for private in PRIVATE)
        assert all(private not in text(as_user(house.user(role)), "/service-orders/?tab=all") for private in PRIVATE), role
        api = text(as_user(house.user(role)), f"/api/v1/service-orders/{order.pk}/")
        assert "李**" in api and all(private not in api for private in PRIVATE)
    assert {role for role, known in knows.items() if known} == {"staff", "secretary", "cadre", "yard_head"}


def test_the_search_finds_names_for_those_alone_who_know_them(house: ServiceHouse) -> None:
    order = house.ask()
    found = {role: order.number in text(as_user(house.user(role)), f"/service-orders/?tab=all&q={SERVED_NAME}") for role in
             ("cadre", "supervisor")}  # fmt: skip
    assert found == {"cadre": True, "supervisor": False}


def test_the_export_has_the_usual_headings_and_no_person(house: ServiceHouse) -> None:
    order = house.done(house.one, text=f"给{SERVED_NAME}理发，住{SERVED_PLACE}，打 {SERVED_PHONE}")
    answer: ClientAnswer = as_user(house.user("cadre")).get("/service-orders/export/")
    rows = list(load_workbook(BytesIO(streamed(answer))).active.values)
    heads = next(row for row in rows if row[0] == "序号")
    assert heads == ("序号", "点单时间", "点单人", "需求内容", "类别", "派单时间", "跑单人", "完成时间", "评单", "备注", "状态", "系统编号")
    line = rows[rows.index(heads) + 1]
    assert line[2] == "李**" and line[6] == "甲" and order.number in str(line[9])
    assert all(private not in str(row) for row in rows for private in PRIVATE)


def test_the_village_prints_the_slip_and_who_served_cannot(house: ServiceHouse) -> None:
    order = house.done(house.one)
    client = as_user(house.user("cadre"))
    page = client.post(f"/service-orders/{order.pk}/slip/")
    assert page.status_code == 200 and order.number in page.content.decode()
    order.refresh_from_db()
    first = order.slip_hash
    client.post(f"/service-orders/{order.pk}/slip/")
    order.refresh_from_db()
    assert first and order.slip_hash != first
    assert as_user(house.account(house.one)).post(f"/service-orders/{order.pk}/slip/").status_code == 404
    Post.objects.create(kind="cadre", unit=house.village, user=house.account(house.one), appointed_on=MORNING.date())
    answer = as_user(User.objects.get(pk=house.account(house.one).pk)).post(f"/service-orders/{order.pk}/slip/")
    order.refresh_from_db()
    assert location(answer) == f"/service-orders/{order.pk}/" and order.slip_hash != first


def test_the_month_counts_what_its_links_list(house: ServiceHouse) -> None:
    house.ask(at=timezone.now())
    order = house.done(house.one, at=timezone.now())
    ServiceOrder.objects.filter(pk=order.pk).update(contacted_at=order.asked_at, contact_logged_at=order.asked_at)
    client = as_user(house.user("cadre"))
    page = client.get("/service-month/")
    lines: list[Any] = page.context["lines"]
    assert [number for _, number, _ in lines[0].cells] == [2, 1, 1, 0, 0, 1] and lines[0].contact == "0 分钟"
    for _, number, href in lines[0].cells:
        assert client.get(href).context["page"].paginator.count == number, href


def test_the_board_leads_to_as_many_rows_as_it_counts(house: ServiceHouse) -> None:
    house.ask()
    house.offer(house.ask(), house.one)
    client = as_user(house.user("staff"))
    columns = {column["label"]: column for column in client.get("/service-board/").context["columns"]}
    assert {label: column["number"] for label, column in columns.items() if column["number"]} == {"待派单": 1, "待接单": 1}
    assert all(client.get(column["href"]).context["page"].paginator.count == column["number"] for column in columns.values())


def test_it_says_warnings_before_it_sends(house: ServiceHouse) -> None:
    order, client = house.ask(people=2), as_user(house.user("cadre"))
    url, chosen = f"/service-orders/{order.pk}/dispatch/", {"volunteers": [house.one.pk]}
    asked = client.post(url, chosen)
    assert "只派了 1 人" in asked.content.decode() and not Offer.objects.exists()
    assert location(client.post(url, {**chosen, "confirmed": "on"})) == f"/service-orders/{order.pk}/"
    assert Offer.objects.get().volunteer == house.one


def test_the_dispatcher_serves_a_volunteer_without_an_account(house: ServiceHouse) -> None:
    order, client = house.ask(), as_user(house.user("cadre"))
    house.offer(order, house.two)
    url = f"/service-orders/{order.pk}"
    client.post(f"{url}/accept/", {"row": Offer.objects.get().pk})
    run = Run.objects.get()
    assert run.volunteer == house.two
    done = {"row": run.pk, "minutes": "60", "reason": ""}
    assert "不能早于点单" in client.post(f"{url}/finish/", {**done, "served_on": "2026-03-09"}).content.decode()
    client.post(f"{url}/finish/", {**done, "served_on": "2026-03-12"})
    assert Hours.objects.get().served_on == date(2026, 3, 12), "written down later"
    client.post(f"{url}/judge/", {"rating": "satisfied", "words": "很好"})
    order.refresh_from_db()
    assert (order.state, order.points, order.judged_how) == ("judged", "released", "phone")
    assert location(client.get(f"{url}/cancel/")) == f"{url}/"  # not any more


def test_a_form_from_the_phone_is_taken_once(house: ServiceHouse) -> None:
    client = as_user(house.user("cadre"))
    fields = {"project": house.haircut.pk, "unit": house.yard.pk, "name": "王婆婆", "phone": "15400000055", "source": "phone"}
    form = {"form": "service", "key": "6f8b1f0e-6b0e-4f0e-9c55-0d4f6a3f7a11", "fields": fields}
    answers = [client.post("/log/send/", form, "application/json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json()["link"] == answers[1].json()["link"]
    other = client.post("/log/send/", {**form, "fields": {**fields, "name": "别人"}}, "application/json")
    assert other.status_code == 422 and ServiceOrder.objects.filter(name="王婆婆").count() == 1
    page = {**fields, "client_key": form["key"]}
    assert location(client.post("/service-orders/log/", page)) == answers[0].json()["link"]
    assert ServiceOrder.objects.filter(phone="15400000055").count() == 1


def test_it_is_filled_in_from_a_household_and_rings_first(house: ServiceHouse) -> None:
    household, _ = house.family("李桂芳")
    client = as_user(house.user("cadre"))
    page = text(client, f"/service-orders/log/?household={household.pk}")
    assert "李桂芳" in page and "tel:120" in page and page.index("tel:120") < page.index("log-form")
    assert f"/service-orders/log/?household={household.pk}" in text(client, f"/households/{household.pk}/")


def test_it_asks_each_for_what_is_theirs(house: ServiceHouse) -> None:
    order, done = house.ask(), house.done(house.two)
    house.offer(order, house.one)
    titles = {user.username: {todo.title for todo in lines_of(KINDS, user, MORNING)} for user in
              (house.account(house.one), house.user("cadre"), house.user("staff"))}  # fmt: skip
    assert titles[house.account(house.one).username] == {"接不接单：理发"}
    assert titles[house.user("cadre").username] == {"等人接单：理发", "电话代评：理发"}
    assert titles[house.user("staff").username] == set() and done.state == "done"
    kin = {todo.title for todo in lines_of(KINDS, house.kin_of(house.two), MORNING)}
    assert kin == {"等人接单：理发"}, "not to judge what their own household served"
