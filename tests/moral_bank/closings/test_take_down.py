"""A running notice hangs until somebody takes it down by name and with a reason, whatever asks for a computation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from governance.disclosure.models import Notice
from governance.disclosure.notices import objection_answer, objection_file
from governance.errors import DomainError
from governance.periods import Period
from moral_bank.closings.services import (
    ClosingError,
    closing_compute,
    closing_lock,
    closing_publish,
    closing_request,
    closing_work,
    closings_advance,
    closings_compute,
    closings_take_down,
)
from moral_bank.models import Closing
from moral_bank.tasks import closings_sweep, month_end
from tests.builders import make_village
from tests.moral_bank.closings.house import ClosingHouse, noon, noon_after
from tests.pages import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():  # type: ignore[no-untyped-def]
    with time_machine.travel("2026-04-02T10:00:00+08:00"):
        yield Desk(2)


def queued(client: Client, closing: Closing) -> None:
    """A task that was asked for before anything changed, or came from elsewhere."""
    Closing.objects.filter(pk=closing.pk).update(job="queued", job_at=noon(2026, 4, 1))
    closings_sweep()
    closing_work(closing.pk)


def asked(client: Client, closing: Closing) -> None:
    try:
        closing_request(village=closing.village, period=closing.period)
    except DomainError:
        return
    closing_work(closing.pk)


def beat(client: Client, closing: Closing) -> None:
    month_end()
    closings_advance()


def posts(name: str, data: dict[str, Any], *args: str) -> Callable[[Client, Closing], None]:
    def post(client: Client, closing: Closing) -> None:
        client.post(reverse(name, args=[getattr(closing, arg, arg) for arg in args]), data, follow=True)
        if closing.__class__.objects.get(pk=closing.pk).job == "queued":
            closing_work(closing.pk)

    return post


def chosen(client: Client, closing: Closing) -> None:
    posts("admin:moral_bank_closing_changelist", {"action": "compute_chosen", "_selected_action": closing.pk})(client, closing)


def created(client: Client, closing: Closing) -> None:
    posts("api:closing-list", {"village": closing.village_id, "period": "2026-03"})(client, closing)


WAYS: dict[str, Callable[[Client, Closing], None]] = {
    "task": queued,
    "request": asked,
    "beat": beat,
    "all villages": posts("moral_bank:closing-run", {"period": "2026-03"}),
    "one village": posts("moral_bank:closing-step", {}, "pk", "compute"),
    "admin, chosen": chosen,
    "admin, button": posts("admin:moral_bank_closing_compute", {}, "pk"),
    "api, new": created,
    "api, again": posts("api:closing-compute", {}, "pk"),
    "taken down without a reason": posts("moral_bank:closing-take-down", {"closings": "1", "reason": " "}),
}


@pytest.mark.parametrize("changed", [False, True])
def test_no_way_takes_down_what_hangs(client: Client, desk: Desk, changed: bool) -> None:
    closing = desk.noticed()
    client.force_login(desk.cast["staff"])
    before = Closing.objects.values("computed_at", "notice", "state").get(pk=closing.pk)
    if changed:
        desk.enter()
    fallen = []
    for way, take in WAYS.items():
        Closing.objects.update(job="idle", job_error="")
        take(client, closing)
        standing = Closing.objects.values("computed_at", "notice", "state").get(pk=closing.pk)
        if standing != before or Notice.objects.exclude(withdrawn_at=None).exists():
            fallen.append(way)
    assert fallen == []


def test_quarter_and_year_hang_as_a_month_does() -> None:
    house = ClosingHouse(rules_from=date(2026, 12, 1))
    house.lock("2026-12")
    for text in ("2026-Q4", "2026"):
        closing = house.publish(text)
        at = noon_after(Period.parse(text))
        assert closing_compute(closing.pk, at + timedelta(days=1)).state == Closing.State.NOTICED
        Closing.objects.filter(pk=closing.pk).update(entry_count=99)
        with pytest.raises(ClosingError, match="请先确认撤回"):
            closing_compute(closing.pk, at + timedelta(days=1))
        Closing.objects.filter(pk=closing.pk).update(entry_count=closing.entry_count)
        if text != "2026":
            closing_lock(closing=closing, at=at + timedelta(days=5))


def test_unchanged_closings_are_skipped_among_others() -> None:
    house = ClosingHouse(1)
    other = make_village(house.township, "桥坝村委会", "511923102202")
    shown, open_one = house.publish("2026-03"), house.closing("2026-03", other)
    done = closings_compute([shown.pk, open_one.pk], noon(2026, 4, 2))
    assert [row.state for row in done] == ["noticed", "computed"]
    assert [row.computed_at for row in done] == [noon(2026, 4, 1), noon(2026, 4, 2)]
    with pytest.raises(ClosingError, match="没有变动，不用重新计算"):
        closing_request(village=other, period=open_one.period, at=noon(2026, 4, 3))


def test_it_lists_what_would_be_withdrawn_and_withdraws_what_is_ticked(client: Client, desk: Desk) -> None:
    other = make_village(desk.township, "桥坝村委会", "511923102202")
    closing, staff = desk.noticed(), desk.cast["staff"]
    page, run = reverse("moral_bank:closing-take-down") + "?period=2026-03", reverse("moral_bank:closing-run")
    client.force_login(staff)
    assert "没有须撤回的公示" in client.get(page).content.decode()
    assert "没有村有变动" not in client.post(run, {"period": "2026-03"}, follow=True).content.decode(), "the other village is new"
    assert Closing.objects.get(village=other).job == "queued"
    desk.enter()
    words = "1 个村正在公示的名单已有变动"
    assert words not in client.get(run, {"period": "2026-03"}).content.decode(), "not while the page asks every second"
    closing_work(Closing.objects.get(village=other).pk)
    assert words in client.get(run, {"period": "2026-03"}).content.decode()
    listed = client.get(page).content.decode()
    assert closing.notice is not None and closing.notice.title in listed and "checked" not in listed
    assert client.post(page, {"reason": "漏记"}).status_code == 422
    assert client.post(page, {"closings": closing.pk}).status_code == 422
    assert not Notice.objects.exclude(withdrawn_at=None).exists()
    client.post(page, {"closings": closing.pk, "reason": "漏记一次志愿服务"})
    notice = Notice.objects.exclude(withdrawn_at=None).get()
    assert (notice.withdrawn_by, notice.withdrawn_reason) == (staff, "漏记一次志愿服务")
    closing_work(closing.pk)
    assert Closing.objects.filter(pk=closing.pk, state="computed", notice=None).exists()
    closing.refresh_from_db()
    Closing.objects.filter(village=other).delete()
    assert closing_publish(closing=closing).rows[0][4] == "65"


def test_an_upheld_objection_takes_the_list_down_by_a_person(desk: Desk) -> None:
    closing, staff = desk.noticed(), desk.cast["staff"]
    assert closing.notice is not None
    with pytest.raises(ClosingError, match="没有变动，公示不用撤回"):
        closings_take_down(closings=[closing], reason="重算", by=staff)
    objection = objection_file(notice=closing.notice, row_number=1, name="李秀英", phone="15400000002", text="少计一次")
    objection_answer(objection=objection, upheld=True, answer="属实", by=staff)
    with pytest.raises(DomainError, match="不归您办理|您不能撤回"):
        closings_take_down(closings=[closing], reason="异议成立", by=desk.cast["leader"])
    assert closings_take_down(closings=[closing], reason="异议成立", by=staff)[0].job == "queued"


def test_a_reason_by_the_api_confirms(client: Client, desk: Desk) -> None:
    closing = desk.noticed()
    desk.enter()
    client.force_login(desk.cast["staff"])
    address = reverse("api:closing-compute", args=[closing.pk])
    assert client.post(address).status_code == 400
    assert client.post(address, {"withdrawn_reason": "漏记一次"}).status_code == 202
    assert Notice.objects.get().withdrawn_reason == "漏记一次"
