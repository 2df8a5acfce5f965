"""评议小组 and 评议会 through the services: quorum, majority, recusal, figures, caps, months, one effect a key (mission M23)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from moral_bank.claims.appeals import appeal_answer, appeal_file
from moral_bank.models import Account, Claim, Judgement, PanelMember, Sitting, Vote
from moral_bank.panel.exports import result_words
from moral_bank.panel.services import PanelError, is_carried, member_add, member_end
from moral_bank.rules.models import Deed
from tests.builders import make_account, make_household, make_resident, make_village
from tests.moral_bank.closings.house import noon
from tests.moral_bank.panel.house import MARCH, SAT, PanelHouse, make_member
from tests.once import sent_once
from villages.models import Placement, Resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> PanelHouse:
    return PanelHouse()


def fresh(claim: Claim) -> Claim:
    return Claim.objects.get(pk=claim.pk)


# --- members ---------------------------------------------------------------------------------------------------------


def test_it_seats_residents_of_the_village_only(house: PanelHouse) -> None:
    staff, resident = house.cast["staff"], make_resident(make_household(house.village, "冯七"), "冯七")
    seat: dict[str, Any] = {"village": house.village, "appointed_on": date(2026, 3, 1), "at": noon(2026, 3, 1)}
    member = member_add(resident=resident, by=house.cast["secretary"], **seat)
    assert (member.resident, member.appointed_by) == (resident, house.cast["secretary"])
    with pytest.raises(PanelError, match="已是评议小组成员"):
        member_add(resident=resident, by=staff, **seat)
    other = make_village(house.township, "马鞍村委会", "511923102202")
    stranger = make_resident(make_household(other, "褚八"), "褚八")
    with pytest.raises(PanelError, match="本村（社区）在册"):
        member_add(resident=stranger, by=staff, **seat)
    with pytest.raises(PanelError, match="不归您维护"):
        member_add(resident=stranger, by=house.cast["yard_head"], **seat)
    with pytest.raises(PanelError, match="晚于今天"):
        member_add(resident=stranger, by=staff, **{**seat, "village": other, "appointed_on": date(2026, 3, 2)})


def test_it_keeps_the_term_of_who_leaves_and_may_come_back(house: PanelHouse) -> None:
    member, staff = house.members[0], house.cast["staff"]
    left = member_end(member=member, ended_on=date(2026, 3, 10), by=staff, at=noon(2026, 3, 10))
    assert left.ended_on == date(2026, 3, 10)
    with pytest.raises(PanelError, match="已经退出"):
        member_end(member=member, ended_on=date(2026, 3, 11), by=staff, at=noon(2026, 3, 11))
    member_add(village=house.village, resident=member.resident, appointed_on=date(2026, 3, 12), by=staff, at=noon(2026, 3, 12))
    assert PanelMember.objects.filter(resident=member.resident).count() == 2
    with pytest.raises(PanelError, match="不是本村评议小组成员"):
        house.sit(house.verdict(house.claim()))


def test_it_seats_nobody_twice_on_one_day(house: PanelHouse) -> None:
    member, staff = house.members[0], house.cast["staff"]
    member_end(member=member, ended_on=date(2026, 3, 18), by=staff, at=noon(2026, 3, 20))
    seat: dict[str, Any] = {"village": house.village, "resident": member.resident, "by": staff, "at": noon(2026, 3, 20)}
    with pytest.raises(PanelError, match="两次任期不能重叠"):
        member_add(appointed_on=date(2026, 3, 17), **seat)
    assert member_add(appointed_on=date(2026, 3, 18), **seat).pk


def test_it_takes_no_vote_of_who_has_gone(house: PanelHouse) -> None:
    claim = house.claim()
    for status_on in (SAT, None):
        Resident.objects.filter(pk=house.members[1].resident_id).update(status="died", status_on=status_on)
        with pytest.raises(PanelError, match="钱桂英已不在册，请先登记退出评议小组"):
            house.sit(house.verdict(claim))
    Resident.objects.filter(pk=house.members[1].resident_id).update(status_on=SAT + timedelta(days=1))
    assert house.sit(house.verdict(claim), at=noon(2026, 3, 22)).pk


# --- what carries ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("votes", "carried"),
    [
        ("yes yes yes", True),
        ("yes yes no", True),
        ("yes no abstain", False),
        ("yes yes no no", False),
        ("yes yes no abstain", False),
        ("yes yes yes no abstain", True),
        ("no no no", False),
        ("", False),
    ],
)
def test_it_carries_by_more_than_half_of_those_voting(votes: str, carried: bool) -> None:
    assert is_carried(votes.split()) is carried


def test_it_approves_with_every_vote_kept(house: PanelHouse) -> None:
    claim = house.claim()
    sitting = house.sit(house.verdict(claim, {3: "no", 4: "recused"}), note="院坝会")
    claim = fresh(claim)
    assert (claim.state, claim.score, claim.counts_on, claim.entry) == ("approved", 5, MARCH, None)
    judgement = Judgement.objects.get(claim=claim)
    assert (judgement.sitting, judgement.round, judgement.approved, judgement.score) == (sitting, 1, True, 5)
    votes = judgement.votes.order_by("pk").values_list("member", "choice", "reason")
    assert list(votes) == [
        *((member.pk, "yes", "") for member in house.members[:3]),
        (house.members[3].pk, "no", ""),
        (house.members[4].pk, "recused", "沾亲"),
    ]
    assert list(sitting.members.order_by("pk")) == house.members
    assert claim.history.get(state="approved").history_user == house.cast["secretary"]


def test_it_rejects_with_a_reason(house: PanelHouse) -> None:
    claim = house.claim()
    with pytest.raises(PanelError, match="王小明户“参加志愿服务”：不通过须写明评议意见"):
        house.sit(house.verdict(claim, approved=False, reason=" "))
    house.sit(house.verdict(claim, approved=False))
    claim = fresh(claim)
    assert (claim.state, claim.reason, claim.counts_on) == ("rejected", "不属实", None)


def test_it_recuses_kin_and_never_lets_them_vote(house: PanelHouse) -> None:
    kin = make_member(house.village, "王小红", household=house.accounts[0].household, by=house.cast["staff"])
    house.members.append(kin)
    claim = house.claim()
    with pytest.raises(PanelError, match="王小红与申报户同户，须回避") as refused:
        house.sit(house.verdict(claim, {5: "yes"}))
    assert (refused.value.code, refused.value.claim) == ("kin", claim)
    house.sit(house.verdict(claim))
    vote = Vote.objects.get(member=kin)
    assert (vote.choice, vote.reason) == ("recused", "与申报户同户")


@pytest.mark.parametrize(
    ("votes", "match"),
    [
        ({0: "recused", 1: "recused", 2: "recused"}, "表决的须有 3 人以上，现在只有 2 人"),
        ({0: "no", 1: "no", 2: "abstain"}, "同意的没有过半数"),
        ({0: "perhaps"}, "没有登记赵永福的表决"),
    ],
)
def test_it_refuses_what_does_not_carry(house: PanelHouse, votes: dict[int, str], match: str) -> None:
    claim = house.claim()
    with pytest.raises(PanelError, match=match):
        house.sit(house.verdict(claim, votes))
    assert fresh(claim).state == "verified"
    assert not Sitting.objects.exists()


def test_it_refuses_a_refusal_that_most_are_against(house: PanelHouse) -> None:
    with pytest.raises(PanelError, match="同意的已过半数"):
        house.sit(house.verdict(house.claim(), {0: "yes", 1: "yes", 2: "yes"}, approved=False))


def test_it_refuses_benches_that_are_too_small_or_wrong(house: PanelHouse) -> None:
    claim = house.claim()
    with pytest.raises(PanelError, match="到会成员须有 3 人以上"):
        house.sit(house.verdict(claim), members=house.members[:2])
    with pytest.raises(PanelError, match="没有到会的成员不能表决"):
        house.sit(house.verdict(claim), members=house.members[:4])
    stranger = make_member(make_village(house.township, "马鞍村委会", "511923102202"), "冯七", by=house.cast["staff"])
    with pytest.raises(PanelError, match="不是本村评议小组成员"):
        house.sit(house.verdict(claim), members=[*house.members, stranger])
    verdict = house.verdict(claim)
    with pytest.raises(PanelError, match="回避须写明原因"):
        house.sit(type(verdict)(claim, True, {**verdict.votes, house.members[0].pk: ("recused", " ")}))


def test_it_refuses_other_recorders_villages_days_and_states(house: PanelHouse) -> None:
    claim = house.claim()
    with pytest.raises(PanelError, match="不归您登记"):
        house.sit(house.verdict(claim), by=house.cast["yard_head"])
    with pytest.raises(PanelError, match="不能晚于今天"):
        house.sit(house.verdict(claim), held_on=date(2026, 3, 21))
    with pytest.raises(PanelError, match="发生在评议日期之后"):
        house.sit(house.verdict(claim), held_on=date(2026, 3, 1))
    with pytest.raises(PanelError, match="没有评议任何申报"):
        house.sit()
    with pytest.raises(PanelError, match="只能评议一次"):
        house.sit(house.verdict(claim), house.verdict(claim))
    other = make_village(house.township, "马鞍村委会", "511923102202")
    elsewhere = house.claim(account=make_account(make_household(other)))
    with pytest.raises(PanelError, match="不是这个村"):
        house.sit(house.verdict(claim), house.verdict(elsewhere))
    declared = house.claim(state="declared", decided_by=None, decided_at=None)
    with pytest.raises(PanelError, match="王小明户“参加志愿服务”：这条申报待核实"):
        house.sit(house.verdict(claim), house.verdict(declared))
    assert fresh(claim).state == "verified", "all of a sitting or nothing"


def test_it_judges_what_the_recorder_declared(house: PanelHouse) -> None:
    claim = house.claim(declared_by=house.cast["secretary"])
    house.sit(house.verdict(claim), by=house.cast["secretary"])
    assert fresh(claim).state == "approved"


# --- figures ---------------------------------------------------------------------------------------------------------


def test_it_takes_the_panels_figure_within_the_range_with_a_reason(house: PanelHouse) -> None:
    claim = house.claim("J1", score=6)
    for figure in (None, 0, 11):
        with pytest.raises(PanelError, match="分值"):
            house.sit(house.verdict(claim, score=figure, reason="整洁"))
    with pytest.raises(PanelError, match="写明理由"):
        house.sit(house.verdict(claim, score=8))
    house.sit(house.verdict(claim, score=8, reason="比上月整洁"))
    assert (fresh(claim).score, Judgement.objects.get().score) == (8, 8)


def test_it_leaves_a_fixed_figure_alone(house: PanelHouse) -> None:
    claim = house.claim(score=15, quantity=3)
    with pytest.raises(PanelError, match="固定分值"):
        house.sit(house.verdict(claim, score=10))
    house.sit(house.verdict(claim))
    assert fresh(claim).score == 15


def capped(house: PanelHouse, cap: int) -> None:
    """Cap the deed S1 a month, past the guard of adopted rules."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE moral_bank_deed SET cap_month = %s WHERE code = 'S1'", [cap])
        cursor.execute("SET session_replication_role = DEFAULT")
    assert Deed.objects.get(code="S1", rule_set=house.rule_set).cap_month == cap


def test_it_grants_what_the_cap_leaves_in_the_order_of_the_sitting(house: PanelHouse) -> None:
    capped(house, 8)
    first, second, third, other = *(house.claim() for _ in range(3)), house.claim(account=house.accounts[1])
    house.sit(*(house.verdict(claim) for claim in (first, second, third, other)))
    found = [(fresh(claim).state, fresh(claim).score, fresh(claim).reason) for claim in (first, second, third, other)]
    assert found == [("approved", 5, ""), ("approved", 3, ""), ("rejected", 5, "已到上限"), ("approved", 5, "")]
    assert set(Judgement.objects.values_list("score", "approved")) == {(5, True)}


# --- months ----------------------------------------------------------------------------------------------------------


def test_it_counts_on_the_sittings_day_once_the_month_is_locked(house: PanelHouse) -> None:
    february, march = house.claim(on=date(2026, 2, 10)), house.claim()
    house.lock("2026-02")
    house.sit(house.verdict(february), house.verdict(march))
    assert (fresh(february).counts_on, fresh(march).counts_on) == (SAT, MARCH)


def test_it_counts_today_what_is_written_down_after_the_sittings_month_is_locked(house: PanelHouse) -> None:
    claim = house.claim()
    house.lock("2026-03")
    house.sit(house.verdict(claim), at=noon(2026, 4, 8))
    assert fresh(claim).counts_on == date(2026, 4, 8)


def test_it_counts_on_the_sittings_day_what_was_before_the_roster(house: PanelHouse) -> None:
    """The household came on the roster in April: March's closing rates nobody to post it for."""
    early, usual = house.claim(), house.claim(account=house.accounts[1])
    Placement.objects.filter(household=house.accounts[0].household).update(valid_from=date(2026, 4, 1))
    house.sit(house.verdict(early), house.verdict(usual), held_on=date(2026, 4, 1), at=noon(2026, 4, 1))
    assert (fresh(early).counts_on, fresh(usual).counts_on) == (date(2026, 4, 1), MARCH)
    for month in ("2026-03", "2026-04"):
        house.lock(month)
    assert {fresh(early).state, fresh(usual).state} == {"posted"}


def test_it_judges_a_second_time_after_an_upheld_appeal_only(house: PanelHouse) -> None:
    claim = house.claim()
    house.sit(house.verdict(claim, approved=False))
    with pytest.raises(PanelError, match="已退回"):
        house.sit(house.verdict(claim))
    appeal = appeal_file(claim=fresh(claim), name="王小明", text="有照片", by=house.cast["yard_head"], at=noon(2026, 3, 21))
    appeal_answer(appeal=appeal, upheld=True, answer="属实", by=house.cast["staff"], at=noon(2026, 3, 22))
    house.sit(house.verdict(claim), held_on=date(2026, 3, 23), at=noon(2026, 3, 23))
    assert fresh(claim).state == "approved"
    assert list(claim.judgements.order_by("pk").values_list("round", "approved")) == [(1, False), (2, True)]
    assert [result_words(one) for one in claim.judgements.order_by("pk")] == ["不通过，申诉成立后再评议", "通过"]


# --- sending twice, sending much -------------------------------------------------------------------------------------


def test_it_asks_the_database_equally_often_for_any_number(house: PanelHouse) -> None:
    capped(house, 100)
    house.approved()  # reads once what the recorder may do
    counts = []
    for number in (1, 12):
        claims = [house.claim(account=account) for account in house.accounts * (number // 3 or 1)][:number]
        with CaptureQueriesContext(connection) as captured:
            house.sit(*(house.verdict(claim) for claim in claims))
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_it_keeps_caps_and_keys_between_sessions() -> None:
    """Two sessions judge claims of one household at once under a cap of 8, each sending its key twice."""
    house = PanelHouse(households=1)
    capped(house, 8)
    claims = [house.claim() for _ in range(2)]
    barrier, failed = threading.Barrier(4), []

    def sit(claim: Claim, key: Any) -> Callable[[], None]:
        def run() -> None:
            try:
                barrier.wait()
                sent_once(lambda: house.sit(house.verdict(claim)).pk, house.cast["secretary"], key)
            except Exception as error:
                failed.append(error)
            finally:
                connections.close_all()

        return run

    keys = [uuid4(), uuid4()]
    threads = [threading.Thread(target=sit(claim, key)) for claim, key in zip(claims, keys, strict=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert Sitting.objects.count() == 2
    assert sorted(Claim.objects.values_list("score", flat=True)) == [3, 5]
    assert Account.objects.get(pk=house.accounts[0].pk).balance == 0


def test_it_knows_the_panel_of_a_day(house: PanelHouse) -> None:
    claim = house.claim()
    late = make_member(house.village, "冯七", by=house.cast["staff"], appointed_on=SAT + timedelta(days=1))
    with pytest.raises(PanelError, match="不是本村评议小组成员"):
        house.sit(house.verdict(claim), members=[*house.members, late])


def test_it_takes_a_sitting_from_programs(client: Client, house: PanelHouse) -> None:
    carried, refused = house.claim(), house.claim("J1", score=6)
    client.force_login(house.cast["secretary"])
    yes, no = ([{"member": member.pk, "choice": choice} for member in house.members] for choice in ("yes", "no"))
    sent = {
        "village": house.village.pk,
        "held_on": "2026-03-20",
        "members": [member.pk for member in house.members],
        "verdicts": [{"claim": carried.pk, "votes": yes}, {"claim": refused.pk, "votes": no, "reason": "不整洁"}],
    }

    def post(**changes: Any) -> Any:
        return client.post("/api/v1/sittings/", {**sent, **changes}, content_type="application/json")

    first = post()
    assert first.status_code == 201
    assert [one["approved"] for one in first.json()["judgements"]] == [True, False]
    assert {fresh(carried).state, fresh(refused).state} == {"approved", "rejected"}
    again = post()
    assert (again.status_code, again.json()["code"]) == (400, "state")
    unknown = post(members=[*sent["members"], 0])  # type: ignore[misc]
    assert (unknown.status_code, unknown.json()["code"]) == (400, "member")
    client.force_login(house.cast["yard_head"])
    assert post().status_code == 404
