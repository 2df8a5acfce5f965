"""One deed of many households at once: ticked, idempotent, told household by household."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from moral_bank.claims import batch_views as claim_batch
from moral_bank.models import Claim
from tests.builders import make_locked_month
from tests.pages import Desk, neighbour, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk(4)


def form(desk: Desk, *numbers: int, **changes: Any) -> dict[str, Any]:
    homes = [desk.accounts[number].household_id for number in numbers]
    return {
        "place": desk.village.pk, "occurred_on": "2026-04-01", "deed": desk.deeds["S1"].pk,
        "homes": homes, **changes,
    }  # fmt: skip


def send(client: Client, desk: Desk, data: dict[str, Any]) -> Any:
    client.force_login(desk.cast["cadre"])
    return client.post("/claims/batch/", data)


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_declares_for_each_ticked_household_once(client: Client, desk: Desk) -> None:
    page = read(client, desk.cast["cadre"], f"/claims/batch/?place={desk.village.pk}")
    assert page.count('name="homes"') == 4
    data = form(desk, 0, 1, signed="on", once="1")
    assert all("已记下 2 户" in send(client, desk, data).content.decode() for _ in range(2))
    other = send(client, desk, {**data, "homes": [*data["homes"], desk.accounts[2].household_id]})
    assert other.status_code == 409
    said = Claim.objects.values_list("source", "consent", "applicant")
    assert set(said) == {("household", "signed", desk.accounts[0].household.head_name)} and len(said) == 2


@pytest.mark.parametrize(("most", "words"), [(3, "还有 1 户没有列出"), (4, "")])
def test_it_says_what_it_does_not_list(client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch, most: int, words: str) -> None:
    monkeypatch.setattr(claim_batch, "HOMES_SHOWN", most)
    page = read(client, desk.cast["cadre"], f"/claims/batch/?place={desk.village.pk}")
    assert (page.count('name="homes"'), "没有列出" in page) == (most, bool(words)) and words in page


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_says_that_a_place_is_wrong(client: Client, desk: Desk) -> None:
    stranger = neighbour()["cadre"].posts.get().unit_id
    for place in ("zzz", "0", stranger):
        page = read(client, desk.cast["cadre"], f"/claims/batch/?place={place}")
        assert 'class="error"' in page and 'name="homes"' not in page, place
        response = send(client, desk, form(desk, 0, place=place))
        assert response.status_code == 422 and 'class="error"' in response.content.decode()
    assert 'class="error"' not in read(client, desk.cast["cadre"], "/claims/batch/")
    assert not Claim.objects.exists()


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_keeps_the_ticks_when_refused(client: Client, desk: Desk) -> None:
    make_locked_month(desk.village, desk.deeds["S1"].rule_set, date(2026, 3, 1))
    for changes, words in (({"deed": ""}, "请选一个事项"), ({"occurred_on": "2026-03-31"}, "该月评分已锁定")):
        response = send(client, desk, form(desk, 1, 3, note="清理河道", **changes))
        page = response.content.decode()
        assert response.status_code == 422 and words in page and "清理河道" in page
        for number, ticked in enumerate((False, True, False, True)):
            assert (f'value="{desk.accounts[number].household_id}" checked' in page) is ticked
    assert "请勾选住户" in send(client, desk, form(desk)).content.decode()
    assert not Claim.objects.exists()


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_takes_no_strangers_household(client: Client, desk: Desk) -> None:
    data = form(desk, 0)
    for user in neighbour().values():
        client.force_login(user)
        response = client.post("/claims/batch/", data)
        assert response.status_code in (404, 422) and desk.accounts[0].household.number not in response.content.decode()
    assert not Claim.objects.exists()
