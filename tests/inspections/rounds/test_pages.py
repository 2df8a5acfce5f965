"""The office's pages of a quarter: plan, teams, steps, refusals in words, and as many statements whatever the villages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from governance.periods import today
from inspections.models import Recusal, Round, Scorecard, Team
from tests.inspections.house import HANDED, RoundHouse
from tests.pages import queries, read

pytestmark = pytest.mark.django_db
PLAN = {
    "opens_on": "2026-04-08", "closes_on": "2026-04-10", "focus": "人居环境", "household_count": 2, "site_count": 1,
    "case_count": 1,
}  # fmt: skip


@pytest.fixture
def house() -> RoundHouse:
    return RoundHouse()


def post(client: Client, house: RoundHouse, path: str, data: dict[str, object] | None = None, by: str = "staff") -> str:
    client.force_login(house.cast[by], backend="django.contrib.auth.backends.ModelBackend")
    return client.post(path, data or {}, follow=True).content.decode()


def test_it_plans_by_form_and_keeps_what_was_typed(house: RoundHouse, client: Client) -> None:
    path = reverse("inspections:round-create")
    said = {**PLAN, "township": house.township.pk, "checklist": house.checklist.pk, "quarter": "2026-Q1"}
    page = post(client, house, path, {**said, "closes_on": "2026-04-01"})
    assert "现场督查结束不能早于开始" in page and "人居环境" in page and not Round.objects.exists()
    page = post(client, house, path, said)
    assert "已保存" in page and "还没有督查组" in page
    assert "这个季度已有督查" in post(client, house, path, said)


def test_it_makes_teams_and_says_why_somebody_must_keep_away(house: RoundHouse, client: Client) -> None:
    house.plan()
    Recusal.objects.create(user=house.second, village=house.villages[1], reason="连襟任职", by=house.staff, at=HANDED)
    path = reverse("inspections:team-create", args=[house.round.pk])  # type: ignore[union-attr]
    said = {
        "name": "第一组", "head": house.supervisor.pk, "members": [house.second.pk],
        "villages": [village.pk for village in house.villages],
    }  # fmt: skip
    page = post(client, house, path, said)
    assert "已登记回避马鞍村（连襟任职），应当回避" in page and not Team.objects.exists()
    page = post(client, house, path, {**said, "villages": [house.villages[0].pk, house.villages[2].pk]})
    assert "第一组" in page and "未安排" in page
    page = post(client, house, reverse("inspections:round-step", args=[house.round.pk, "start"]))  # type: ignore[union-attr]
    assert "还没有安排督查组：马鞍村" in page


def test_it_goes_from_step_to_step(house: RoundHouse, client: Client) -> None:
    inspection_round = house.scoring()
    step = reverse("inspections:round-step", args=[inspection_round.pk, "hand-over"])
    assert "还没有评完：八一村、马鞍村、千溪村" in post(client, house, step)
    for number in range(3):
        house.judge(number)
    assert "已移交各村核对" in post(client, house, step)
    assert "村里的申辩期还没有过" in read(client, house.leader, reverse("inspections:round-detail", args=[inspection_round.pk]))
    Round.objects.update(reply_due_at=HANDED)
    decide = reverse("inspections:round-decide", args=[inspection_round.pk])
    meeting = today(Round.objects.get().handed_at).isoformat()
    page = post(client, house, decide, {"meeting_on": meeting, "decision": ""}, "leader")
    assert "请写明审定意见" in page
    page = post(client, house, decide, {"meeting_on": meeting, "decision": "同意", "ranks_shown": "on"}, "leader")
    assert "公布名次" in page
    assert "已锁定" in post(client, house, reverse("inspections:round-step", args=[inspection_round.pk, "lock"]), by="leader")
    page = post(client, house, reverse("inspections:round-send-back", args=[inspection_round.pk]), {"reason": "再看"}, "leader")
    assert "已锁定，不能再改动" in page
    assert Round.objects.get().state == Round.State.LOCKED


def test_it_leaves_the_committees_steps_to_leaders(house: RoundHouse, client: Client) -> None:
    house.replying()
    path = reverse("inspections:round-step", args=[house.round.pk, "lock"])  # type: ignore[union-attr]
    client.force_login(house.staff, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(path).status_code == 404
    assert client.get(reverse("inspections:round-decide", args=[house.round.pk])).status_code == 404  # type: ignore[union-attr]


def test_it_reads_the_page_in_as_many_statements_whatever_the_villages(client: Client) -> None:
    counts = []
    for villages, code in ((1, "511923104"), (4, "511923105")):
        house = RoundHouse(villages, code)
        house.scoring()
        Scorecard.objects.update(missing=0)
        paths = [reverse("inspections:round-list"), reverse("inspections:round-detail", args=[house.round.pk])]  # type: ignore[union-attr]
        counts.append([queries(client, house.staff, path) for path in paths])
    assert counts[0] == counts[1]


def test_it_puts_what_is_due_on_the_first_page(house: RoundHouse, client: Client) -> None:
    house.scoring()
    assert "现场评分：千溪村" in read(client, house.supervisor, "/")
    assert "现场评分" not in read(client, house.leader, "/")
    for number in range(3):
        house.judge(number)
    assert "现场评分" not in read(client, house.supervisor, "/")
    house.hand_over()
    Round.objects.update(reply_due_at="2099-01-01T00:00Z")
    assert "核对督查评分" in read(client, house.cast["secretary"], "/")
    assert "核对督查评分" not in read(client, house.staff, "/")
    item = house.item("白色垃圾")
    house.card().replies.create(item=item, text="请核", asked_by=house.cast["secretary"], asked_at=HANDED)
    assert "申辩待答复：八一村" in read(client, house.staff, "/")
    Round.objects.update(reply_due_at=HANDED)
    assert "待党委审定" in read(client, house.leader, "/")
