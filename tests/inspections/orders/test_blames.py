"""约谈与问责: written by leaders, seen by leaders alone, never rewritten."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from governance.accounts.models import User
from inspections.errors import InspectionError
from inspections.models import Blame
from inspections.orders.blames import Talk, blame_add
from tests.builders import make_user
from tests.inspections.orders.house import ISSUED, OrderHouse
from tests.inspections.orders.test_orders import passes
from tests.pages import queries, read
from villages.models import Unit

pytestmark = pytest.mark.django_db
TALK = Talk("talk", "张书记（村党组织书记）", date(2026, 4, 20), "两次未按要求整改", "已作出书面承诺")
BLAME_GUARDED = {
    "blame softened": "UPDATE inspections_blame SET facts = '无'",
    "blame deleted": "DELETE FROM inspections_blame",
}


def make_blame(**fields: Any) -> Blame:
    """A record of the one leader about the first village, past the service."""
    leader = User.objects.filter(posts__kind="leader").order_by("pk")[0]
    said = {**vars(TALK), "village": Unit.objects.villages().order_by("path")[0], "by": leader, "at": ISSUED, **fields}
    return Blame.objects.create(**said)


@pytest.fixture
def house() -> OrderHouse:
    return OrderHouse()


def test_it_is_written_by_leaders_only(house: OrderHouse) -> None:
    order = house.issue()
    row = blame_add(village=house.village, talk=TALK, order=order, by=house.leader, at=ISSUED)
    assert (row.get_kind_display(), row.order, row.by) == ("约谈", order, house.leader)
    for user in (house.staff, house.supervisor, house.secretary, make_user("nobody")):
        with pytest.raises(InspectionError, match="只由镇领导登记"):
            blame_add(village=house.village, talk=TALK, by=user, at=ISSUED)
        assert not Blame.objects.visible_to(user).exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"facts": " "}, "对象和事由"), ({"person": ""}, "对象和事由"), ({"on": date(2026, 4, 21)}, "晚于今天"), ({"kind": "x"}, "方式")],
)
def test_it_refuses_what_is_not_whole(house: OrderHouse, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(InspectionError, match=words):
        blame_add(village=house.village, talk=Talk(**{**vars(TALK), **fields}), by=house.leader, at=ISSUED)


def test_it_keeps_to_the_orders_own_village(house: OrderHouse) -> None:
    order = house.issue(number=1)
    with pytest.raises(InspectionError, match="不是八一村的"):
        blame_add(village=house.village, talk=TALK, order=order, by=house.leader, at=ISSUED)


def test_it_is_never_rewritten(house: OrderHouse) -> None:
    make_blame()
    assert [name for name, statement in BLAME_GUARDED.items() if passes(statement)] == []


def test_it_is_absent_for_everyone_but_leaders(house: OrderHouse, client: Client) -> None:
    order = house.issue()
    make_blame(order=order)
    for user in (house.staff, house.supervisor, house.secretary, house.cast["overseer"]):
        client.force_login(user)
        for path in ("/blames/", "/blames/new/", "/blames/export/", f"/blames/new/?order={order.pk}"):
            assert client.get(path).status_code == 404, (user, path)
        page = read(client, user, f"/orders/{order.pk}/")
        assert TALK.person not in page and "问责" not in page
        assert "约谈与问责" not in read(client, user, "/more/")
    assert TALK.person in read(client, house.leader, f"/orders/{order.pk}/")
    assert "约谈与问责" in read(client, house.leader, "/more/")
    client.force_login(house.staff)
    assert client.get("/admin/inspections/blame/").status_code == 404
    sheet = load_workbook_of(client, house.staff, "/orders/export/notice/")
    assert not any(TALK.person in str(cell) for row in sheet for cell in row)


def load_workbook_of(client: Client, user: User, path: str) -> list[tuple[Any, ...]]:
    """The rows of the one sheet that `path` gives, title and headings first."""
    client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == 200, path
    return list(load_workbook(BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True))  # type: ignore[attr-defined]


def test_it_is_added_filtered_and_exported_by_a_leader(house: OrderHouse, client: Client) -> None:
    client.force_login(house.leader)
    assert "还没有约谈和问责" in read(client, house.leader, "/blames/")
    said = {"village": house.village.pk, "kind": "talk", "person": "张书记", "on": "2099-01-01", "facts": "两次未整改"}
    answer = client.post("/blames/new/", said)
    assert answer.status_code == 422 and "不能晚于今天" in answer.content.decode() and "两次未整改" in answer.content.decode()
    page = client.post("/blames/new/", {**said, "on": "2026-04-20"}, follow=True).content.decode()
    assert "只有镇领导看得到" in page and "张书记" in page and "共 1 条" in page
    assert "没有符合的记录" in read(client, house.leader, "/blames/?kind=inquiry")
    rows = load_workbook_of(client, house.leader, "/blames/export/")
    assert rows[1] == ("日期", "村（社区）", "方式", "对象", "事由", "结果", "起因（编号）", "登记人", "系统编号")
    assert rows[2][1:5] == ("八一村", "约谈", "张书记", "两次未整改")


def test_it_reads_the_list_in_as_many_statements_whatever_its_length(house: OrderHouse, client: Client) -> None:
    make_blame(order=house.issue())
    before = queries(client, house.leader, "/blames/")
    for _ in range(5):
        make_blame(order=house.issue())
    assert queries(client, house.leader, "/blames/") == before
