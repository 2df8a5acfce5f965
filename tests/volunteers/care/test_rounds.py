"""专项探访 and households at risk; one's own people on the phone's page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from governance.accounts.models import AccessLog
from governance.desk.todo import todo_of
from governance.periods import today
from tests.builders import make_household
from tests.volunteers.care.house import CareHouse
from tests.worlds import module_world
from volunteers.care.errors import CareError
from volunteers.care.rounds import risk_add, risk_end, round_start, round_tick
from volunteers.models import CareNote, CareRoundPerson

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
house = module_world(CareHouse)


def risky(house: CareHouse, household: Any) -> Any:
    said: dict[str, Any] = {"risk": "slope", "shelter": "村小学", "keeper": house.cast["cadre"]}
    return risk_add(household=household, by=house.cast["secretary"], **said)


def test_it_lists_all_high_people_and_risky_households_once(house: CareHouse, client: Client) -> None:
    helper = house.cast["yard_head"]
    high = house.enter(name="高等级", helper=helper)
    house.enter("kunjing", name="困境童", helper=helper)
    house.enter(tier="key", name="一般人")
    risky(house, high.resident.household)
    risky(house, make_household(house.village, "坡上人家"))
    ended = risky(house, make_household(house.village, "已搬走"))
    risk_end(risk=ended, by=house.cast["secretary"])
    with pytest.raises(CareError, match="范围"):
        round_start(village=house.village, kind="weather", name="暴雨", by=helper)
    started = round_start(village=house.village, kind="weather", name="暴雨", by=house.cast["secretary"])
    with pytest.raises(CareError, match="同名"):
        round_start(village=house.village, kind="weather", name="暴雨", by=house.cast["secretary"])
    assert CareRoundPerson.objects.filter(round=started).count() == 3
    assert helper.messages.filter(text__contains="暴雨").count() == 1
    assert CareRoundPerson.objects.visible_to(house.cast["cadre"]).count() == 2, "not the child"
    client.force_login(house.cast["cadre"], backend=BACKEND)
    text = client.get(f"/care/rounds/{started.pk}/").content.decode()
    assert "高等级" in text and "坡上人家" in text and "困境童" not in text and "还有 2 个没联系到" in text
    printed = client.get(f"/care/rounds/{started.pk}/print/").content.decode()
    assert client.get("/care/risks/print/").status_code == 200
    details = AccessLog.objects.filter(kind="export", user=house.cast["cadre"]).order_by("pk").values_list("detail", flat=True)
    assert list(details) == [f"打印八一村暴雨转移名单（{today():%Y年%m月%d日}） 2 行", "打印转移名单 2 行"]
    assert "村小学" in printed and 'href="tel:15400001234"' in printed and 'class="scroll"' in printed
    assert "□" in printed and "困境童" not in printed


def test_it_ticks_once_and_takes_a_contact_of_the_day_for_an_answer(house: CareHouse) -> None:
    by = house.cast["secretary"]
    helper = house.cast["volunteer"]
    first, second = house.enter(on=today(), helper=helper), house.enter(on=today())
    started = round_start(village=house.village, kind="festival", name="春节", by=by)
    people = {person.record_id: person for person in started.people.all()}
    assert [todo.title for todo in todo_of(helper, timezone.now())] == ["专项探访"]
    ticked = round_tick(person=people[first.pk], answered=True, by=by)
    assert todo_of(helper, timezone.now()) == []
    moved = round_tick(person=ticked, moved=True, note="已到村小学", by=by)
    assert moved.answered_at == ticked.answered_at and moved.moved_at is not None
    with pytest.raises(CareError, match="范围"):
        round_tick(person=moved, moved=True, by=house.cast["volunteer"])
    house.contact(second, today(), kind="phone")
    assert not CareRoundPerson.objects.unreached().exists()


def test_it_says_on_the_phone_whom_to_reach_and_takes_two_taps(house: CareHouse, client: Client) -> None:
    volunteer = house.cast["volunteer"]
    late = house.enter(name="逾期人", helper=volunteer, on=today() - timedelta(days=9))
    house.enter(name="以后人", substitute=volunteer, on=today())
    child = house.enter("liushou", name="童", helper=volunteer, on=today() - timedelta(days=40))
    assert [todo.title for todo in todo_of(volunteer, timezone.now())] == ["联系帮扶的人"] * 2
    assert "逾期未探访" in [todo.title for todo in todo_of(house.cast["cadre"], timezone.now())]
    client.force_login(volunteer, backend=BACKEND)
    text = client.get("/my-care/").content.decode()
    assert "今天该联系的（2 人）" in text and 'href="tel:15400001234"' in text and "其他帮扶对象（1 人）" in text
    said = {"record": str(late.pk), "kind": "phone", "condition": "well"}
    key = str(uuid4())
    for status in (201, 200):
        sent = {"form": "care", "key": key, "fields": said}
        answer = client.post("/log/send/", sent, "application/json")
        assert answer.status_code == status, answer.content
    assert CareNote.objects.filter(resident=late.resident).count() == 1
    assert "今天该联系的（1 人）" in client.get("/my-care/").content.decode()
    refused = client.post("/my-care/", {**said, "record": child.pk, "condition": "urgent", "client_key": str(uuid4())})
    assert refused.status_code == 422 and "请写明需要什么帮助" in refused.content.decode()
    other = house.enter(name="别人家的人")
    sent = {"form": "care", "key": str(uuid4()), "fields": {**said, "record": str(other.pk)}}
    wrong = client.post("/log/send/", sent, "application/json")
    assert wrong.status_code == 422
