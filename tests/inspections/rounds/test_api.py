"""The same refusals by the API as by the pages: kin, own village, strangers, the committee's part, after the lock."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from governance.accounts.duties import Duty
from governance.accounts.models import User
from inspections.models import Answer, Reply, Round
from tests.builders import make_user
from tests.inspections.house import AFTER_REPLIES, RoundHouse
from villages.models import Post

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def house() -> RoundHouse:
    return RoundHouse()


def ask(client: Client, user: User, path: str, data: dict[str, Any] | None = None) -> tuple[int, Any]:
    """Status and body of a GET, or of a POST of `data`."""
    client.force_login(user, backend=BACKEND)
    answer = client.get(f"/api/v1/{path}") if data is None else client.post(f"/api/v1/{path}", data, "application/json")
    return answer.status_code, answer.json()


def sheet(house: RoundHouse, value: int, side: str = "site") -> dict[str, Any]:
    return {"side": side, "answers": [{"item": house.item("白色垃圾").pk, "value": value}]}


def test_it_judges_by_the_team_alone_and_once(house: RoundHouse, client: Client) -> None:
    house.scoring()
    path = f"scorecards/{house.card().pk}/judge/"
    status, changed = ask(client, house.supervisor, path, sheet(house, 3))
    assert (status, len(changed)) == (200, 1)
    assert ask(client, house.second, path, sheet(house, 3)) == (200, [])
    stranger = make_user("ducha9", Duty.SUPERVISOR, house.township)
    status, refusal = ask(client, stranger, path, sheet(house, 0))
    assert status == 400 and "不在督查八一村的组里" in str(refusal)
    Post.objects.create(kind=Duty.CADRE, unit=house.villages[0], user=house.second, appointed_on="2026-01-01")
    status, refusal = ask(client, house.second, path, sheet(house, 0))
    assert status == 400 and "应当回避" in str(refusal)
    assert Answer.objects.get().value == 3


def test_it_keeps_points_from_the_village_until_they_are_handed_over(house: RoundHouse, client: Client) -> None:
    house.scoring()
    for number in range(3):
        house.judge(number, 白色垃圾=5)
    secretary, path = house.cast["secretary"], f"scorecards/{house.card().pk}/"
    assert ask(client, secretary, f"{path}answers/") == (200, [])
    house.hand_over()
    card = ask(client, secretary, path)[1]
    assert (card["score"], card["rank"], len(card["trail"])) == ("95.00", None, 4)
    assert ask(client, house.supervisor, path)[1]["rank"] == 1
    assert ask(client, secretary, f"scorecards/{house.card(1).pk}/")[0] == 404
    assert ask(client, secretary, "rounds/")[0] == 404


def test_it_hides_points_while_they_are_being_made(house: RoundHouse, client: Client) -> None:
    house.replying()
    Round.objects.update(state="scoring", handed_at=None, reply_due_at=None)
    card = ask(client, house.cast["secretary"], f"scorecards/{house.card().pk}/")[1]
    assert (card["score"], card["sections"], card["trail"]) == (None, None, None)


def test_it_replies_and_decides(house: RoundHouse, client: Client) -> None:
    house.replying()
    Round.objects.update(reply_due_at="2099-01-01T00:00Z")
    asked = {"item": house.item("白色垃圾").pk, "text": "请核对"}
    status, reply = ask(client, house.cast["secretary"], f"scorecards/{house.card().pk}/reply/", asked)
    assert status == 201
    path = f"replies/{reply['id']}/decide/"
    said = {"upheld": True, "answer": "核实属实", "value": "2"}
    assert ask(client, house.cast["secretary"], path, said)[0] == 404
    assert ask(client, house.staff, path)[0] == 405
    assert ask(client, house.staff, path, said)[1]["state"] == "upheld"
    assert Reply.objects.get().decided_by == house.staff
    house.card().refresh_from_db()
    assert ask(client, house.staff, f"scorecards/{house.card().pk}/")[1]["score"] == "98.00"


def test_it_leaves_approval_to_leaders_and_refuses_after_the_lock(house: RoundHouse, client: Client) -> None:
    inspection_round = house.replying()
    Round.objects.update(reply_due_at=AFTER_REPLIES)
    said = {"meeting_on": "2026-04-17", "decision": "同意", "ranks_shown": True}
    assert ask(client, house.staff, f"rounds/{inspection_round.pk}/decide/", said)[0] == 404
    assert ask(client, house.leader, f"rounds/{inspection_round.pk}/decide/", said)[1]["state"] == "decided"
    status, refusal = ask(client, house.staff, f"rounds/{inspection_round.pk}/step/", {"step": "lock"})
    assert status == 400 and "不归您办理" in str(refusal)
    assert ask(client, house.leader, f"rounds/{inspection_round.pk}/step/", {"step": "lock"})[1]["state"] == "locked"
    status, refusal = ask(client, house.supervisor, f"scorecards/{house.card().pk}/judge/", sheet(house, 1))
    assert status == 400 and "已锁定" in str(refusal)
    assert ask(client, house.cast["secretary"], f"scorecards/{house.card().pk}/")[1]["rank"] == 1
