"""Logging a deed, the list that waits for me, verifying and returning."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from governance.accounts.duties import Duty
from moral_bank.claims import claims_waiting_for, may_verify
from moral_bank.models import Claim, Entry
from moral_bank.rule_models import Head
from tests.builders import make_deed, make_rule_set, make_user
from tests.desk.pages import Desk, neighbour, queries, read
from villages.models import Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def form(desk: Desk, code: str = "S1", **changes: Any) -> dict[str, Any]:
    return {"client_key": uuid4(), "occurred_on": "2026-04-01", "deed": desk.deeds[code].pk, "note": "", **changes}


def send(client: Client, desk: Desk, data: dict[str, Any], duty: str = "cadre") -> Any:
    client.force_login(desk.cast[duty])
    return client.post(f"/households/{desk.accounts[0].household_id}/log/", data, follow=True)


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_keeps_a_deed_and_shows_it_on_the_household(client: Client, desk: Desk) -> None:
    page = send(client, desk, form(desk, note="清理河道")).content.decode()
    assert "已记下：参加志愿服务，待核实" in page
    assert "清理河道" in page
    claim = Claim.objects.get()
    assert (claim.declared_by, claim.score, claim.occurred_on) == (desk.cast["cadre"], 5, date(2026, 4, 1))


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_keeps_one_claim_when_sent_twice(client: Client, desk: Desk) -> None:
    data = form(desk)
    send(client, desk, data)
    assert "已记下" in send(client, desk, data).content.decode()
    assert Claim.objects.count() == 1
    other = send(client, desk, {**data, "deed": desk.deeds["L1"].pk}).content.decode()
    assert "没有重复记" in other
    assert Claim.objects.count() == 1


@pytest.mark.parametrize(("score", "kept"), [("7", True), ("", False), ("0", False), ("11", False), ("x", False)])
@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_takes_a_judged_figure_within_its_range(client: Client, desk: Desk, score: str, kept: bool) -> None:
    data = form(desk, "J1", **{f"score-{desk.deeds['J1'].pk}": score})
    response = send(client, desk, data)
    assert response.status_code == (200 if kept else 422)
    assert list(Claim.objects.values_list("score", flat=True)) == ([7] if kept else [])


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_gives_back_what_was_typed_when_refused(client: Client, desk: Desk) -> None:
    data = form(desk, note="清理河道", occurred_on="2026-04-03")
    response = send(client, desk, data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "发生日期不能晚于今天" in page
    assert 'value="清理河道"' in page
    assert f'value="{data["client_key"]}"' in page
    assert f'value="{desk.deeds["S1"].pk}" checked' in page


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_offers_the_deeds_of_the_day(client: Client, desk: Desk) -> None:
    second = make_rule_set(desk.township, version=2, valid_from=date(2026, 4, 1), adopted=False)
    make_deed(second, "N1", Head.CIVILITY, "新事项", 3)
    second.state, second.adopted_at = "adopted", timezone.now()
    second.save()
    client.force_login(desk.cast["cadre"])
    assert "新事项" in client.get(f"/households/{desk.accounts[0].household_id}/log/").content.decode()
    response = send(client, desk, {**form(desk), "occurred_on": "2026-04-01"})
    assert "不属于发生当日施行的积分细则" in response.content.decode()
    send(client, desk, {**form(desk), "occurred_on": "2026-03-31"})
    assert Claim.objects.get().occurred_on == date(2026, 3, 31)


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_puts_frequent_deeds_first(client: Client, desk: Desk) -> None:
    path = f"/households/{desk.accounts[0].household_id}/log/"
    assert "常用</a>" not in read(client, desk.cast["cadre"], path)
    desk.claim("L1")
    page = read(client, desk.cast["cadre"], path)
    assert page.index("参与赌博") < page.index("参加志愿服务")
    assert page.count("参与赌博") == 1


@pytest.mark.parametrize("duty", ["leader", "supervisor", "overseer", "system"])
def test_it_lets_only_declarers_log(client: Client, desk: Desk, duty: str) -> None:
    assert send(client, desk, form(desk), duty).status_code == 404
    assert not Claim.objects.exists()


def test_it_waits_for_exactly_those_who_may_verify(desk: Desk) -> None:
    """`claims_waiting_for` says in one statement what `may_verify` says claim by claim, whoever stands or has gone."""
    other = neighbour()
    for code in ("S1", "J1"):
        for by in ("cadre", "yard_head", "sanitation", "staff"):
            desk.claim(code, by=by)
    for vacant in (None, Duty.YARD_HEAD, Duty.SANITATION):
        if vacant:
            Post.objects.filter(kind=vacant, unit__path__startswith=desk.village.path).update(ended_on=date(2026, 2, 1))
        for user in (*desk.cast.values(), *other.values()):
            user.__dict__.pop("grants", None)
            wanted = {claim.pk for claim in Claim.objects.all() if may_verify(claim, user)}
            assert set(claims_waiting_for(user).values_list("pk", flat=True)) == wanted, (user, vacant)
    assert claims_waiting_for(desk.cast["cadre"]).exists(), "the cadre stands in where the post is vacant"


def test_it_counts_an_officer_who_cannot_log_in_as_absent(desk: Desk) -> None:
    desk.claim(by="staff")
    assert not claims_waiting_for(desk.cast["secretary"]).exists()
    officer = desk.cast["yard_head"]
    officer.is_active = False
    officer.save()
    assert claims_waiting_for(desk.cast["secretary"]).exists()


def test_it_verifies_and_posts(client: Client, desk: Desk) -> None:
    claim = desk.claim()
    client.force_login(desk.cast["yard_head"])
    assert client.get(f"/claims/{claim.pk}/verify/").status_code == 405
    assert "已核实入账" in client.post(f"/claims/{claim.pk}/verify/", follow=True).content.decode()
    assert Entry.objects.get().claim == claim
    again = client.post(f"/claims/{claim.pk}/verify/", follow=True).content.decode()
    assert "不能重复办理" in again


def test_it_returns_with_a_reason(client: Client, desk: Desk) -> None:
    claim = desk.claim()
    client.force_login(desk.cast["yard_head"])
    assert "请写明退回原因" in client.post(f"/claims/{claim.pk}/reject/", {"reason": " "}).content.decode()
    client.post(f"/claims/{claim.pk}/reject/", {"reason": "时间不清楚"})
    claim.refresh_from_db()
    assert (claim.state, claim.reason) == ("rejected", "时间不清楚")
    assert "时间不清楚" in read(client, desk.cast["cadre"], "/claims/?tab=returned")


def test_it_refuses_the_declarer_and_the_wrong_officer(client: Client, desk: Desk) -> None:
    claim = desk.claim()
    for duty, words in (("cadre", "不能核实自己的申报"), ("mediator", "不归您核实")):
        client.force_login(desk.cast[duty])
        assert words in client.post(f"/claims/{claim.pk}/verify/", follow=True).content.decode()
    for user in (*neighbour().values(), desk.cast["leader"], make_user("newcomer")):
        client.force_login(user)
        assert client.post(f"/claims/{claim.pk}/verify/").status_code == 404
        assert client.post(f"/claims/{claim.pk}/reject/", {"reason": "x"}).status_code == 404
    claim.refresh_from_db()
    assert claim.state == "declared"


@pytest.mark.parametrize("tab", ["waiting", "declared", "returned"])
def test_it_reads_as_often_for_many_claims(client: Client, desk: Desk, tab: str) -> None:
    def fill(times: int) -> int:
        desk.grow(times)
        for account in desk.accounts[-times:]:
            desk.claim(account=account)
            desk.claim(account=account, by="yard_head")
            desk.claim(
                account=account,
                by="yard_head",
                state="rejected",
                reason="时间不清楚",
                decided_by=desk.cast["cadre"],
                decided_at=timezone.now(),
            )
        return queries(client, desk.cast["yard_head"], f"/claims/?tab={tab}")

    assert fill(3) == fill(30)
