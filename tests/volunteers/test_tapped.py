"""Steps that a phone took without signal: ticks of a round, the way of one's own order (design §8, §12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.periods import today
from tests.answers import ClientAnswer
from tests.browser import CUT, log_in, shot, walking
from tests.builders import make_user
from tests.volunteers.care.house import CareHouse
from tests.volunteers.orders.house import ServiceHouse
from volunteers.care.rounds import round_start
from volunteers.models import CareRound, CareRoundPerson, Hours, ServiceStep

BACKEND = "django.contrib.auth.backends.ModelBackend"


def taps(client: Client, form: str, key: object, fields: dict[str, Any]) -> ClientAnswer:
    body = {"form": form, "key": str(key), "fields": {name: str(value) for name, value in fields.items()}}
    answer: ClientAnswer = client.post("/log/send/", body, content_type="application/json")
    return answer


def listed(house: CareHouse) -> CareRound:
    for name in ("独居甲", "独居乙"):
        house.enter(name=name, on=today())
    return round_start(village=house.village, kind="weather", name="强降雨", by=house.cast["secretary"])


@pytest.mark.django_db
def test_a_tick_is_taken_once_with_its_own_time(client: Client) -> None:
    house = CareHouse()
    person = CareRoundPerson.objects.filter(round=listed(house)).order_by("pk")[0]
    client.force_login(house.cast["cadre"], backend=BACKEND)
    key, tapped = uuid4(), timezone.now() - timedelta(minutes=20)
    fields = {"person": person.pk, "what": "answered", "saved_at": tapped.isoformat()}
    assert [taps(client, "round", key, fields).status_code for _ in range(2)] == [201, 200]
    person.refresh_from_db()
    assert (person.answered_at, person.moved_at, person.by) == (tapped, None, house.cast["cadre"])
    old = {**fields, "saved_at": (tapped - timedelta(days=1)).isoformat()}
    for wrong in (old, {**fields, "what": "gone"}, {**fields, "person": 10**30}, {"what": "moved"}):
        assert taps(client, "round", uuid4(), wrong).status_code == 422
    client.force_login(make_user("far", "cadre"), backend=BACKEND)
    assert taps(client, "round", uuid4(), fields).status_code in (404, 422)


@pytest.mark.django_db
def test_steps_are_taken_in_order_and_a_second_send_changes_nothing(client: Client) -> None:
    house = ServiceHouse()
    now = timezone.now()
    order = house.ask(at=now - timedelta(hours=1))
    house.run(order, house.one, at=now - timedelta(hours=1))
    assert house.one.user is not None
    client.force_login(house.one.user, backend=BACKEND)
    keys = {step: uuid4() for step in ("set_out", "arrive", "finish")}
    arrived = now - timedelta(minutes=40)
    for step, key in keys.items():
        fields = {"order": order.pk, "step": step, "saved_at": arrived.isoformat()}
        assert [taps(client, "service-step", key, fields).status_code for _ in range(2)] == [201, 200], step
    order.refresh_from_db()
    assert (order.state, order.arrived_at) == ("done", arrived)
    assert list(Hours.objects.values_list("minutes", flat=True)) == [60]
    steps = ServiceStep.objects.filter(order=order, step__in=keys).order_by("pk").values_list("step", flat=True)
    assert list(steps) == list(keys)
    again = {"order": order.pk, "step": "finish", "saved_at": now.isoformat()}
    assert "现在不能" in taps(client, "service-step", uuid4(), again).json()["detail"]
    assert house.three.user is not None
    client.force_login(house.three.user, backend=BACKEND)
    assert taps(client, "service-step", uuid4(), again).status_code == 404


def without_signal(page: Page, address: str, labels: dict[str, str]) -> None:
    """Tap each of the buttons off line, see that it waits, come back on line."""
    page.goto(address)
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    for label, role in labels.items():
        page.get_by_role(role, name=label, exact=True).first.click()  # type: ignore[arg-type]
        expect(page.get_by_text(f"已记下“{label}”，待发送").first).to_be_visible()
    shot(page, f"taps{address.strip('/').split('/')[0]}")
    page.context.set_offline(False)
    expect(page.get_by_role("status").filter(has_text="已记下")).to_be_visible()
    expect(page.locator("#queue")).to_have_attribute("data-waiting", "0")


@pytest.mark.django_db(transaction=True)
def test_they_wait_on_the_phone_without_signal(browser: Browser, live_server: LiveServer) -> None:
    care = CareHouse()
    found = listed(care)
    with walking(browser, live_server.url, "phone", forgives=CUT) as page:
        log_in(page, care.cast["cadre"].username)
        page.goto(f"/care/rounds/{found.pk}/")
        page.evaluate("navigator.serviceWorker.ready")
        page.reload(wait_until="networkidle")
        page.context.set_offline(True)
        page.reload()
        expect(page.get_by_role("heading", name="强降雨")).to_be_visible()
        page.context.set_offline(False)
        without_signal(page, f"/care/rounds/{found.pk}/", {"叫应": "button"})
    assert CareRoundPerson.objects.exclude(answered_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_order_is_run_to_its_end_without_signal(browser: Browser, live_server: LiveServer) -> None:
    house = ServiceHouse()
    order = house.ask(at=timezone.now())
    house.run(order, house.one, at=timezone.now())
    assert house.one.user is not None
    with walking(browser, live_server.url, "phone", forgives=CUT) as page:
        page.on("dialog", lambda dialog: dialog.accept())
        log_in(page, house.one.user.username)
        without_signal(page, "/my-orders/", {"出发": "button", "到达": "button", "完成": "link"})
    order.refresh_from_db()
    assert order.state == "done"
