"""Approved claims in the month's closing: counted, shown, struck, posted by the lock (plan §三.4; mission M23–M24)."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.accounts.duties import Duty
from governance.disclosure.models import Objection
from governance.disclosure.notices import objection_answer, objection_file
from moral_bank.claims.appeals import AppealError, answer_refusal, appeal_answer, appeal_file, appeals_waiting_for
from moral_bank.claims.posting import PostingError, claim_strike, claims_by_objection, cover_blockers
from moral_bank.closings.explain import explain
from moral_bank.closings.services import (
    ClosingError,
    closing_blockers,
    closing_compute,
    closing_lock,
    closing_publish,
    closings_advance,
    closings_take_down,
    is_stale,
)
from moral_bank.closings.sql import figures
from moral_bank.models import Account, Appeal, Claim, Closing, Entry, FundMove, Shop
from moral_bank.panel.exports import result_words
from tests.builders import end_household, make_user
from tests.moral_bank.closings.house import noon, noon_after, rows_of
from tests.moral_bank.closings.test_closings import Racer
from tests.moral_bank.panel.house import MARCH, SAT, PanelHouse
from villages.models import Household

pytestmark = pytest.mark.django_db
LOCKED_AT = noon(2026, 4, 6)


@pytest.fixture
def house() -> PanelHouse:
    return PanelHouse()


def uphold(house: PanelHouse, closing: Closing, row: int | None = 1, *, upheld: bool = True) -> Objection:
    """An objection to a line of the shown list, answered by the office."""
    closing.refresh_from_db()
    assert closing.notice is not None
    text = "没有参加" if upheld else "好像没有参加"
    objection = objection_file(
        notice=closing.notice, row_number=row, name="李大山", phone="15400000001", text=text, at=noon(2026, 4, 2)
    )
    return objection_answer(objection=objection, upheld=upheld, answer="查实", by=house.cast["staff"], at=noon(2026, 4, 3))


# --- counting --------------------------------------------------------------------------------------------------------


def test_it_counts_approved_claims_like_entries(house: PanelHouse) -> None:
    house.enter("S1", MARCH)
    shown = [house.approved(), house.approved("J1", house.accounts[1], score=4), house.approved("L1", house.accounts[1])]
    house.claim(account=house.accounts[2])
    house.approved(account=house.accounts[2], on=date(2026, 2, 2))
    closing = house.compute("2026-03")
    scores = dict(closing.ratings.values_list("account", "score"))
    assert [scores[account.pk] for account in house.accounts] == [70, 54, 60]
    assert closing.entry_count == 4
    assert list(closing.claims.order_by("pk")) == shown
    assert not is_stale(closing)


def test_it_takes_a_veto_that_is_not_posted_yet(house: PanelHouse) -> None:
    house.approved("V1")
    closing = house.compute("2026-03")
    rating = closing.ratings.get(account=house.accounts[0])
    assert rating.vetoed
    assert not is_stale(closing)
    found = explain(rating)
    assert [one.claim.deed.code for one in found.pending_vetoes] == ["V1"]


def test_it_lets_go_of_claims_that_left_the_month(house: PanelHouse) -> None:
    claim = house.approved()
    house.compute("2026-03")
    end_household(house.accounts[0].household_id, date(2026, 3, 15))
    closing = house.compute("2026-03")
    claim.refresh_from_db()
    assert (claim.closing, closing.entry_count) == (None, 0)


def test_it_explains_what_waits_with_its_judgement(house: PanelHouse) -> None:
    house.enter("S1", MARCH)
    claim = house.approved(note="清理河道")
    closing = house.compute("2026-03")
    found = explain(closing.ratings.get(account=house.accounts[0]))
    line = next(line for line in found.heads if line.head == "service")
    assert (line.total, line.value, len(line.entries), found.current) == (10, 15, 1, True)
    (one,) = line.pending
    assert (one.claim, one.sitting.held_on, one.yes, one.voting) == (claim, SAT, 5, 5)  # type: ignore[attr-defined]


# --- showing ---------------------------------------------------------------------------------------------------------


def test_it_shows_deeds_and_figures_but_no_free_text(house: PanelHouse) -> None:
    house.approved(note="王小明清理河道")
    house.approved("L1")
    notice = house.publish("2026-03").notice
    assert notice is not None
    row = next(row for row in notice.rows if row[1] == house.accounts[0].household.number)
    assert (notice.columns[-1], row[-1]) == ("加减分事项", "参加志愿服务 +5；扣分 -10")
    assert {row[-1] for row in notice.rows} == {"无", row[-1]}
    assert "清理河道" not in str(notice.rows)


def test_it_shows_no_deeds_for_quarters(house: PanelHouse) -> None:
    for month in ("2026-01", "2026-02", "2026-03"):
        house.lock(month)
    notice = house.publish("2026-Q1").notice
    assert notice is not None and notice.columns[-1] == "星级"


# --- staleness -------------------------------------------------------------------------------------------------------


def test_it_is_stale_after_a_new_approval(house: PanelHouse) -> None:
    closing = house.compute("2026-03")
    house.approved()
    assert is_stale(closing)
    assert not is_stale(house.compute("2026-03"))


def test_it_is_stale_after_a_strike_and_an_approval_of_equal_count(house: PanelHouse) -> None:
    claim = house.approved()
    closing = house.publish("2026-03")
    claim_strike(claim=claim, objection=uphold(house, closing), reason="没有参加", by=house.cast["staff"])
    closing.refresh_from_db()
    assert figures([closing])[closing.pk].entries == 0
    house.approved(account=house.accounts[1])
    assert is_stale(closing), "one struck, one approved: the number alone would not tell"
    claims = Claim.objects.filter(account=house.accounts[0])
    claims.update(closing=None)
    assert is_stale(closing), "the approved one does not name the month"
    Claim.objects.filter(account=house.accounts[1]).update(closing=closing)
    assert not is_stale(closing)
    claims.update(closing=closing)
    assert is_stale(closing), "the struck one names it still"


# --- posting ---------------------------------------------------------------------------------------------------------


def test_it_posts_at_the_lock_and_leaves_the_ratings(house: PanelHouse) -> None:
    claims = [house.approved(note="清理河道"), house.approved("J1", house.accounts[1], score=4), house.approved("V1")]
    closing = house.publish("2026-03")
    before, counted = rows_of(closing), closing.entry_count
    assert not Entry.objects.exists()
    closing_lock(closing=closing, at=LOCKED_AT)
    entries = Entry.objects.order_by("pk")
    assert [
        (entry.source_key, entry.claim, entry.account_id, entry.memo, entry.score, entry.points, entry.veto) for entry in entries
    ] == [
        (f"claim:{claims[0].pk}", claims[0], house.accounts[0].pk, "参加志愿服务（清理河道）", 5, 5, False),
        (f"claim:{claims[1].pk}", claims[1], house.accounts[1].pk, "庭院整洁", 4, 4, False),
        (f"claim:{claims[2].pk}", claims[2], house.accounts[0].pk, "虐待老人", -20, 0, True),
    ]
    assert {(entry.posted_by, entry.posted_at, entry.village, entry.month) for entry in entries} == {
        (house.cast["secretary"], LOCKED_AT, house.village, date(2026, 3, 1))
    }
    assert set(Claim.objects.values_list("state", "closing")) == {("posted", closing.pk)}
    assert list(Account.objects.filter(balance__gt=0).order_by("pk").values_list("balance", flat=True)) == [5, 4]
    found = figures([closing])[closing.pk]
    assert (rows_of(closing), found.entries, found.same) == (before, counted, True)
    assert explain(closing.ratings.get(account=house.accounts[0])).current


def test_it_gives_the_part_of_the_points_that_the_cap_left(house: PanelHouse) -> None:
    claim = house.claim()
    house.sit(house.verdict(claim))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE moral_bank_claim SET score = 3 WHERE id = %s", [claim.pk])
        cursor.execute("UPDATE moral_bank_deed SET points = 10 WHERE code = 'S1'")
        cursor.execute("SET session_replication_role = DEFAULT")
    house.lock("2026-03")
    entry = Entry.objects.get()
    assert (entry.score, entry.points) == (3, 6) == (3, entry.deed.points_for(3))  # type: ignore[union-attr]


def test_it_does_not_lock_what_an_approval_made_stale(house: PanelHouse) -> None:
    closing = house.publish("2026-03")
    house.approved()
    with pytest.raises(ClosingError, match="须重新计算"):
        closing_lock(closing=closing, at=LOCKED_AT)
    assert not Entry.objects.exists()


def test_it_posts_a_late_claim_with_the_month_of_its_sitting(house: PanelHouse) -> None:
    claim = house.claim(on=date(2026, 2, 10))
    house.lock("2026-02")
    house.sit(house.verdict(claim))
    house.lock("2026-03")
    entry = Entry.objects.get()
    assert (entry.occurred_on, entry.month) == (SAT, date(2026, 3, 1))


def test_it_asks_the_database_equally_often_for_many_claims(house: PanelHouse) -> None:
    counts = []
    for month, number in (("2026-02", 1), ("2026-03", 9)):
        claims = [house.claim(account=house.accounts[n % 3], on=date.fromisoformat(f"{month}-02")) for n in range(number)]
        house.sit(*(house.verdict(claim) for claim in claims))
        closing = house.publish(month)
        with CaptureQueriesContext(connection) as captured:
            closing_lock(closing=closing, at=noon_after(closing.period) + timedelta(days=5))
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert Entry.objects.count() == 10


def test_it_waits_for_money_behind_the_points(house: PanelHouse) -> None:
    house.approved()
    house.approved("J1", house.accounts[1], score=4)
    shop = Shop.objects.create(village=house.village, name="八一村道德超市", cents_per_point=100)
    closing = house.publish("2026-03")
    words = "本月申报要入账 9 积分，道德超市的资金和库存只够再发 0 积分，请先补充资金或进货"
    assert closing_blockers(closing, LOCKED_AT) == [words]
    with pytest.raises(ClosingError, match="只够再发 0 积分"):
        closing_lock(closing=closing, at=LOCKED_AT)
    assert closings_advance(LOCKED_AT) == 0
    closing.refresh_from_db()
    assert (closing.state, closing.job) == ("noticed", "idle")
    FundMove.objects.create(
        shop=shop, kind="grant", cents=900, on=date(2026, 4, 6), memo="拨入", source_key="t", by=house.cast["staff"], at=LOCKED_AT
    )
    assert closings_advance(LOCKED_AT) == 1
    assert Account.objects.get(pk=house.accounts[0].pk).balance == 5


# --- striking --------------------------------------------------------------------------------------------------------


def test_it_strikes_after_an_upheld_objection_only(house: PanelHouse) -> None:
    claim, staff = house.approved(), house.cast["staff"]
    closing = house.publish("2026-03")
    dismissed = uphold(house, closing, upheld=False)
    with pytest.raises(PostingError, match="只有异议成立后"):
        claim_strike(claim=claim, objection=dismissed, reason="没有参加", by=staff)
    upheld = uphold(house, closing)
    with pytest.raises(PostingError, match="须写明原因"):
        claim_strike(claim=claim, objection=upheld, reason=" ", by=staff)
    with pytest.raises(PostingError, match="不归您撤销"):
        claim_strike(claim=claim, objection=upheld, reason="没有参加", by=house.cast["secretary"])
    struck = claim_strike(claim=claim, objection=upheld, reason="没有参加", by=staff, at=noon(2026, 4, 3))
    assert (struck.state, struck.reason, struck.closing) == ("rejected", "异议成立：没有参加", closing)
    with pytest.raises(PostingError, match="已退回，不能撤销"):
        claim_strike(claim=claim, objection=upheld, reason="没有参加", by=staff)
    closings_take_down(closings=[closing], reason="异议成立", by=staff, at=noon(2026, 4, 4))
    closing_compute(closing.pk, noon(2026, 4, 4))
    fresh = closing_publish(closing=closing, at=noon(2026, 4, 4))
    assert {row[-1] for row in fresh.rows} == {"无"}
    closing.refresh_from_db()
    closing_lock(closing=closing, at=noon(2026, 4, 9))
    assert not Entry.objects.exists()
    assert Claim.objects.get(pk=claim.pk).closing is None


def test_it_asks_of_a_shop_what_two_smallints_do_not_hold(house: PanelHouse) -> None:
    house.adopt("H1", "见义勇为", 200, points=200)
    house.approved("H1")
    closing = house.publish("2026-03")
    with CaptureQueriesContext(connection) as captured:
        assert cover_blockers([closing]) == {}
    assert not [query for query in captured if "moral_bank_claim" in query["sql"]], "nothing is summed up without a shop"
    Shop.objects.create(village=house.village, name="道德超市", cents_per_point=100)
    assert "要入账 200 积分" in cover_blockers([closing])[closing.pk]


def test_it_strikes_by_an_objection_to_an_earlier_list(house: PanelHouse) -> None:
    claim = house.approved()
    closing = house.publish("2026-03")
    upheld = uphold(house, closing)
    assert closings_advance(noon(2026, 4, 9)) == 0, "the night neither shows the same list anew nor posts it"
    closing_compute(closing.pk, noon(2026, 4, 9))
    closing_publish(closing=closing, at=noon(2026, 4, 9))
    claim_strike(claim=claim, objection=upheld, reason="没有参加", by=house.cast["staff"])
    february = house.approved(account=house.accounts[1], on=date(2026, 2, 2))
    house.compute("2026-02")
    with pytest.raises(PostingError, match="只有异议成立后"):
        claim_strike(claim=february, objection=upheld, reason="没有参加", by=house.cast["staff"])


def test_it_finds_the_claims_of_the_line_objected_to(house: PanelHouse) -> None:
    claims = [house.approved(), house.approved(account=house.accounts[1]), house.approved(account=house.accounts[1])]
    closing = house.publish("2026-03")
    assert closing.notice is not None
    numbers = [row[1] for row in closing.notice.rows]
    second = numbers.index(house.accounts[1].household.number) + 1
    objections = [uphold(house, closing, second), uphold(house, closing, None), uphold(house, closing, len(numbers))]
    with CaptureQueriesContext(connection) as captured:
        found = claims_by_objection(closing, objections)
    assert [found[objection.pk].claims for objection in objections] == [claims[1:], claims, []]
    assert [found[objection.pk].of_line for objection in objections] == [True, False, True]
    assert len(captured) == 2


def test_it_leaves_the_choice_open_where_nobody_answers_to_the_line_any_more(house: PanelHouse) -> None:
    claim, closing = house.approved(), house.publish("2026-03")
    assert closing.notice is not None
    line = [row[1] for row in closing.notice.rows].index(house.accounts[0].household.number) + 1
    objection = uphold(house, closing, line)
    Household.objects.filter(pk=house.accounts[0].household_id).update(head_name="张小明")
    found = claims_by_objection(closing, [objection])[objection.pk]
    assert (found.claims, found.of_line) == ([claim], False)


def test_it_lets_nobody_answer_for_what_they_struck(house: PanelHouse) -> None:
    claim, closing, staff = house.approved("J1", score=8), house.publish("2026-03"), house.cast["staff"]
    claim = claim_strike(claim=claim, objection=uphold(house, closing), reason="没有参加", by=staff, at=noon(2026, 4, 3))
    appeal = appeal_file(claim=claim, name="王小明", text="在场", by=house.cast["cadre"], at=noon(2026, 4, 4))
    clerk = make_user("clerk", Duty.STAFF, house.township)
    for user, may in ((staff, False), (clerk, True)):
        assert (answer_refusal(appeal, user) == "", appeals_waiting_for(user).exists()) == (may, may)
    with pytest.raises(AppealError, match="撤销"):
        appeal_answer(appeal=appeal, upheld=False, answer="维持", by=staff, at=noon(2026, 4, 4))
    with pytest.raises(IntegrityError, match="没有经办过"), transaction.atomic():
        Appeal.objects.update(state="dismissed", answer="维持", answered_by=staff, answered_at=noon(2026, 4, 4))
    first = claim.judgements.get()
    assert result_words(first) == "通过，后退回：异议成立：没有参加"
    appeal_answer(appeal=appeal, upheld=True, answer="属实", by=clerk, at=noon(2026, 4, 4))
    claim.refresh_from_db()
    house.sit(house.verdict(claim, score=4, reason="一般"), held_on=date(2026, 4, 5), at=noon(2026, 4, 5))
    assert [result_words(one) for one in claim.judgements.order_by("round")] == ["通过，后退回，申诉成立后再评议", "通过"]


# --- races -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_never_locks_a_month_without_one_of_its_claims() -> None:
    """A sitting and the lock of its month at once: the claim is in the month, or counts in the next one."""
    house = PanelHouse(households=1)
    for month in range(1, 5):
        on = date(2026, month, 2)
        claim, closing = house.claim(on=on), house.publish(f"2026-{month:02}")
        at = noon(closing.period.end.year, closing.period.end.month, 1) + timedelta(days=5)
        barrier = threading.Barrier(2)
        judge = Racer(
            lambda claim=claim, at=at: house.sit(house.verdict(claim), held_on=at.date(), at=at),  # type: ignore[misc]
            barrier,
        )
        locker = Racer(lambda closing=closing, at=at: closing_lock(closing=closing, at=at), barrier)  # type: ignore[misc]
        for racer in (judge, locker):
            racer.start()
        for racer in (judge, locker):
            racer.join()
        claim.refresh_from_db()
        closing.refresh_from_db()
        assert judge.outcome == "done"
        assert (locker.outcome, closing.state, claim.counts_on) in {
            ("stale", "noticed", on),
            ("done", "locked", at.date()),
        }
