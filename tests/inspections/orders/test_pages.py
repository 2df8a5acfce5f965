"""Pages of findings and orders: who sees which button, what is refused in words, ledgers, to-dos, the admin's re-check."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.accounts.duties import Duty
from governance.accounts.models import User
from inspections.models import Evidence, Finding, Order
from inspections.orders.clock import orders_sweep
from inspections.orders.services import order_check, order_report, order_sign
from tests.builders import make_user
from tests.inspections.orders.house import AFTER_SIGN, CHECKED, OrderHouse, picture
from tests.inspections.orders.test_blames import load_workbook_of, make_blame
from tests.pages import queries, read
from villages.models import Post

pytestmark = pytest.mark.django_db
BUTTONS = ("签收", "报告整改", "申请延期", "答复延期", "复核", "登记约谈")


@pytest.fixture
def house() -> OrderHouse:
    return OrderHouse()


def send(client: Client, user: User, path: str, data: dict[str, Any] | None = None) -> str:
    """What the browser shows after sending a form."""
    client.force_login(user)
    return client.post(path, data or {}, follow=True).content.decode()


def buttons(client: Client, user: User, order: Order) -> list[str]:
    page = read(client, user, f"/orders/{order.pk}/")
    return [label for label in BUTTONS if f">{label}</button>" in page or f">{label}</a>" in page]


def fresh(house: OrderHouse) -> Order:
    """Issued just now, so that no day has passed."""
    now = timezone.now()
    return house.issue(house.finding("沟渠堵塞", at=now), at=now)


def test_it_offers_exactly_the_buttons_of_the_moment(house: OrderHouse, client: Client) -> None:
    order, now = fresh(house), timezone.now()
    people = {name: house.cast[name] for name in ("secretary", "overseer", "supervisor", "leader", "staff")}

    def offered() -> dict[str, list[str]]:
        return {name: found for name, user in people.items() if (found := buttons(client, user, order))}

    assert offered() == {"secretary": ["签收"]}
    order_sign(order=order, by=house.secretary, at=now)
    assert offered() == {"secretary": ["报告整改", "申请延期"]}
    asked = house.asked(order, "2099-01-01", now)
    assert offered() == {"secretary": ["报告整改"], "staff": ["答复延期"], "leader": ["答复延期"]}
    house.granted(asked, at=now)
    house.reported(order, at=now)
    assert offered() == {"supervisor": ["复核"]}
    assert "签发人不能复核" in read(client, house.staff, f"/orders/{order.pk}/")
    order = house.checked(house.reported(house.checked(order, False, at=now), at=now), False, at=now)
    assert offered() == {"secretary": ["报告整改"], "leader": ["登记约谈"]}
    order = house.checked(house.reported(order, at=now), True, at=now)
    assert offered() == {"leader": ["登记约谈"]}


def test_it_issues_from_chosen_findings_of_one_village(house: OrderHouse, client: Client) -> None:
    page = send(client, house.supervisor, "/findings/new/", {"village": house.village.pk, "text": "2组垃圾池满溢"})
    assert "已记下" in page and "2组垃圾池满溢" in page and 'name="finding"' not in page
    client.force_login(house.supervisor)
    assert client.post("/findings/new/", {"village": house.village.pk, "text": ""}).status_code == 422
    own, other = Finding.objects.get(), house.finding("路灯不亮", 1)
    assert 'name="finding"' in read(client, house.staff, "/findings/")
    client.force_login(house.staff)
    for chosen, words in (([], "请先选"), ([own.pk, other.pk], "请只选一个村的")):
        assert words in client.get("/orders/new/", {"finding": chosen}, follow=True).content.decode()
    assert "2组垃圾池满溢" in client.get("/orders/new/", {"finding": [own.pk]}).content.decode()
    said = {"finding": [own.pk], "kind": "notice", "requirement": ""}
    answer = client.post("/orders/new/", said)
    assert answer.status_code == 422 and "请写明整改要求" in answer.content.decode()
    page = client.post("/orders/new/", {**said, "requirement": "三日内清理"}, follow=True).content.decode()
    assert "已下发" in page and "三日内清理" in page and "待签收" in page
    assert "已写进" in client.post("/orders/new/", {**said, "requirement": "再来"}, follow=True).content.decode()
    assert Order.objects.count() == 1


def test_it_says_why_a_step_is_refused_and_keeps_what_was_typed(house: OrderHouse, client: Client) -> None:
    order = house.issue()
    assert "不能报告整改" in client_get(client, house.secretary, f"/orders/{order.pk}/report/")
    assert "已签收" in send(client, house.secretary, f"/orders/{order.pk}/sign/")
    assert "不能签收" in send(client, house.secretary, f"/orders/{order.pk}/sign/")
    page = send(client, house.secretary, f"/orders/{order.pk}/extend/", {"until": "2099-01-01", "reason": "等机械"})
    assert "已过，不能再申请延期" in page and "等机械" in page
    assert "没有待答复的延期申请" in client_get(client, house.leader, f"/orders/{order.pk}/extension/")
    page = send(client, house.secretary, f"/orders/{order.pk}/report/", {"text": "已清理", "photos": [picture(), picture()]})
    assert "已报告" in page and Evidence.objects.filter(order=order).count() == 2
    path = f"/orders/{order.pk}/check/"
    assert "签发人不能复核" in client_get(client, house.staff, path)
    assert "签发人不能复核" in send(client, house.staff, path, {"passed": "1", "opinion": "属实"})
    kin = make_user("kin", Duty.SUPERVISOR, house.township)
    Post.objects.create(kind=Duty.OVERSEER, unit=house.village, user=kin, appointed_on=date(2026, 1, 1))
    page = send(client, kin, path, {"passed": "1", "opinion": "看过了，属实"})
    assert "应当回避" in page and "看过了，属实" in page
    assert "已销号" in send(client, house.supervisor, path, {"passed": "1", "opinion": "属实"})


def client_get(client: Client, user: User, path: str) -> str:
    client.force_login(user)
    return client.get(path, follow=True).content.decode()


def test_it_shows_photos_to_those_who_see_the_order(house: OrderHouse, client: Client) -> None:
    order_report(order=house.signed(), text="已清理", by=house.secretary, photos=[picture()])
    path = f"/orders/photos/{Evidence.objects.get().pk}/"
    for user in (house.secretary, house.supervisor, house.leader):
        client.force_login(user)
        answer = client.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    for user in (house.secretaries[house.villages[1].pk], make_user("nobody")):
        client.force_login(user)
        assert client.get(path).status_code == 404


def test_it_sorts_orders_into_tabs_and_marks_what_is_late(house: OrderHouse, client: Client) -> None:
    closed, late, other = house.closed(), house.issue(house.finding("柴堆占道")), house.issue(number=1)
    page = read(client, house.staff, "/orders/")
    assert "共 2 件" in page and "逾期 2 件" in page and closed.number not in page and "柴堆占道" in page
    assert closed.number in read(client, house.staff, "/orders/?tab=closed")
    assert "共 3 件" in read(client, house.staff, "/orders/?tab=all")
    page = read(client, house.staff, f"/orders/?tab=all&village={house.villages[1].pk}")
    assert other.number in page and late.number not in page
    assert "没有符合的整改" in read(client, house.staff, "/orders/?tab=all&kind=oversight")
    page = read(client, house.secretary, "/orders/?tab=all")
    assert late.number in page and other.number not in page


def test_it_exports_both_ledgers_in_the_official_headings(house: OrderHouse, client: Client) -> None:
    house.signed()
    order = house.issue(house.finding("沟渠堵塞"), house.finding("路灯不亮"), kind="oversight")
    house.checked(house.reported(order_sign(order=order, by=house.secretary, at=AFTER_SIGN)), True)
    house.issue(number=1)
    notices = load_workbook_of(client, house.secretary, "/orders/export/notice/?tab=all")
    assert notices[1] == ("编号", "被通知单位", "检查时间", "存在问题", "整改要求", "整改期限", "签收人", "签收时间", "状态", "系统编号")
    assert [row[0] for row in notices[2:]] == ["ZG2026-00001"], "the other village's is not the secretary's"
    assert notices[2][6:8] == (house.secretary.name, "2026-04-20 15:00")
    rows = load_workbook_of(client, house.staff, "/orders/export/oversight/?tab=closed")
    assert rows[1] == (
        "编号", "签发日期", "承办单位", "督办事项", "整改要求", "完成时限", "办理情况", "承办人", "复核意见", "销号日期",
        "状态", "系统编号",
    )  # fmt: skip
    assert (rows[2][0], rows[2][2], rows[2][3]) == ("DD2026-00001", "八一村", "1. 沟渠堵塞\n2. 路灯不亮")
    assert (rows[2][6:9], str(rows[2][9])[:10]) == (("已清理干净", house.secretary.name, "现场已清理"), "2026-04-24")
    client.force_login(house.staff)
    assert client.get("/orders/export/letters/").status_code == 404


def test_it_puts_each_persons_part_on_the_first_page(house: OrderHouse, client: Client) -> None:
    order, now = fresh(house), timezone.now()
    assert "签收整改通知书" in read(client, house.secretary, "/")
    for user in (house.staff, house.supervisor, house.leader):
        assert order.number not in read(client, user, "/")
    order_sign(order=order, by=house.secretary, at=now)
    assert "整改并报告" in read(client, house.secretary, "/")
    asked = house.asked(order, "2099-01-01", now)
    assert "整改延期待批准" in read(client, house.leader, "/") and "整改延期" not in read(client, house.supervisor, "/")
    house.granted(asked, at=now)
    house.reported(order, by=house.doubled(), at=now)
    Post.objects.create(kind=Duty.OVERSEER, unit=house.village, user=house.second, appointed_on=date(2026, 1, 1))
    reporter = User.objects.get(username="daiban")
    assert "复核整改：八一村" in read(client, house.supervisor, "/")
    for user in (house.second, house.staff, reporter, house.secretary):
        assert "复核整改" not in read(client, user, "/"), user
    house.reported(house.checked(order, False, at=now), at=now)
    assert "复核整改" not in read(client, reporter, "/"), "who reported the first time"
    order_check(order=order, passed=False, opinion="还有", by=house.supervisor, at=now)
    assert "建议约谈：八一村" in read(client, house.leader, "/")
    make_blame(order=order)
    assert "建议约谈" not in read(client, house.leader, "/")


def test_it_reads_pages_in_as_many_statements_whatever_their_length(house: OrderHouse, client: Client) -> None:
    paths = ["/orders/", "/orders/?tab=all", "/findings/?state=all", "/"]
    people = (house.staff, house.secretary, house.supervisor, house.leader)

    def grow(times: int) -> None:
        for _ in range(times):
            house.issue()
            house.finding()
            house.asked()
            house.reported()
        orders_sweep(AFTER_SIGN)

    def counts() -> list[int]:
        return [queries(client, user, path) for user in people for path in paths]

    grow(1)
    before = counts()
    grow(4)
    assert counts() == before


def test_it_reads_an_orders_page_in_as_many_statements_whatever_its_history(house: OrderHouse, client: Client) -> None:
    order = house.reported()
    before = queries(client, house.supervisor, f"/orders/{order.pk}/")
    for _ in range(4):
        house.reported(house.checked(order, False))
    assert queries(client, house.supervisor, f"/orders/{order.pk}/") == before


def test_it_is_re_checked_from_the_admin_by_the_same_rules(house: OrderHouse, client: Client) -> None:
    order = house.reported(by=house.doubled())
    path, said = reverse("admin:inspections_order_recheck", args=[order.pk]), {"passed": "1", "opinion": "属实"}
    assert "签发人不能复核" in send(client, house.staff, path, said)
    assert "报告整改的人" in send(client, User.objects.get(username="daiban"), path, said)
    kin = make_user("kin", Duty.STAFF, house.township)
    Post.objects.create(kind=Duty.OVERSEER, unit=house.village, user=kin, appointed_on=date(2026, 1, 1))
    assert "应当回避" in send(client, kin, path, said)
    order.refresh_from_db()
    assert order.state == "reported"
    other = make_user("other", Duty.STAFF, house.township)
    page = send(client, other, path, said)
    order.refresh_from_db()
    assert (order.state, order.checked_by, "已销号" in page) == ("closed", other, True)
    client.force_login(house.staff)
    assert client.post(f"/admin/inspections/order/{order.pk}/change/", {"opinion": "改"}).status_code in (403, 404)
    order.refresh_from_db()
    assert order.opinion == "属实"


def test_it_shows_orders_and_findings_in_the_admin_to_look_at(house: OrderHouse, client: Client) -> None:
    order = house.checked(house.reported(), False, at=CHECKED)
    for path in ("/admin/inspections/order/?late=open", f"/admin/inspections/order/{order.pk}/change/", "/admin/inspections/finding/"):
        page = read(client, house.staff, path)
        assert order.number in page and 'name="_save"' not in page, path
    assert order.number not in read(client, house.staff, "/admin/inspections/order/?late=talk")
    counts = queries(client, house.staff, "/admin/inspections/order/")
    house.issue(number=1)
    assert queries(client, house.staff, "/admin/inspections/order/") == counts
