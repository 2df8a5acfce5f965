"""Expiry of points: announced thirty days before, first earned first spent, once, and never more than is there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from governance.disclosure.models import Notice
from governance.disclosure.notices import notice_withdraw, objection_answer, objection_file
from moral_bank.ledger.services import entry_post, entry_reverse, points_spend
from moral_bank.market.services import (
    redemption_cancel,
    redemption_hand,
    redemption_hold,
    redemption_refund,
    redemptions_expire,
)
from moral_bank.models import Account, Entry, Expiry, Redemption
from moral_bank.passbooks.expiry import ExpiryError, expiries_run, expiring_of, expiry_cancel, expiry_decide, lapses
from moral_bank.proof.chain import chain_heads
from moral_bank.proof.reconciling import reconcile
from moral_bank.proof.verifying import chain_verify
from tests.builders import make_account, make_entry, make_household, make_locked_month, make_user, make_village
from tests.moral_bank.market.house import MarketHouse
from tests.moral_bank.passbooks.test_passbooks import APRIL, MARCH, PassbookHouse, refused
from villages.households.services import household_move
from villages.models import Unit
from villages.units.services import NewUnit, units_merge

CUTOFF, LAST = date(2026, 3, 31), date(2026, 6, 30)
NIGHT = datetime(2026, 6, 30, 17, tzinfo=UTC)


def decided(house: PassbookHouse, cutoff: date = CUTOFF, last: date = LAST) -> Expiry:
    return expiry_decide(
        village=house.village, earned_until=cutoff, expires_on=last, basis="村民代表会议决定", by=house.cast["staff"], at=APRIL
    )


def read(account: Account) -> Account:
    return Account.objects.select_related("household").get(pk=account.pk)


def balance(account: Account) -> int:
    return Account.objects.get(pk=account.pk).balance


@pytest.fixture
def house(db: None) -> PassbookHouse:
    return PassbookHouse()


def test_it_announces_the_rule_and_no_household(house: PassbookHouse) -> None:
    notice = decided(house).notice
    assert (notice.kind, notice.unit, notice.opens_on, notice.closes_on) == (
        Notice.Kind.EXPIRY, house.village, date(2026, 4, 2), LAST,
    )  # fmt: skip
    text = str(notice.rows)
    assert "2026年3月31日" in text and "2026年6月30日" in text and "村民代表会议决定" in text
    assert "次日起不再计入余额" in text and "退货退回的" in text and "异议答复以前不执行" in text
    assert house.household.head_name not in text and house.household.number not in text


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"expires_on": date(2026, 5, 1)}, "date"),
        ({"earned_until": LAST}, "date"),
        ({"earned_until": date(2026, 6, 1)}, "date"),
        ({"earned_until": date(2026, 5, 31), "expires_on": date(2026, 6, 29)}, "date"),
        ({"basis": " "}, "reason"),
    ],
)
def test_it_refuses_a_hasty_or_baseless_decision(house: PassbookHouse, fields: dict[str, object], code: str) -> None:
    given = {"village": house.village, "earned_until": CUTOFF, "expires_on": LAST, "basis": "会议", "by": house.cast["staff"]}
    with pytest.raises(ExpiryError) as refusal:
        expiry_decide(**{**given, **fields}, at=APRIL)  # type: ignore[arg-type]
    assert refusal.value.code == code
    assert not Notice.objects.exists()


def test_it_is_the_office_s_to_decide(house: PassbookHouse) -> None:
    for by in (house.cast["secretary"], make_user("elsewhere")):
        with pytest.raises(ExpiryError) as refusal:
            expiry_decide(village=house.village, earned_until=CUTOFF, expires_on=LAST, basis="会议", by=by, at=APRIL)
        assert refusal.value.code == "scope"
    decided(house)
    with pytest.raises(ExpiryError):
        decided(house)


def runs_as_it_should(house: PassbookHouse) -> bool:
    """10 points until the cutoff of which 4 are spent, 5 after it: 6 lapse, once; an account without any is left alone."""
    house.post("a")
    house.post("b")
    house.spend(4, "s")
    house.post("c", date(2026, 4, 1), APRIL)
    empty = make_account(make_household(house.village, "李四"))
    kept, told = expiries_run(NIGHT - timedelta(hours=2)), expiring_of(read(house.account))
    done = expiries_run(NIGHT), expiries_run(NIGHT + timedelta(days=1))
    entry = Entry.objects.get(source_key__startswith="expiry:")
    return (
        (kept, done) == (0, (1, 0))
        and told == [(LAST, 6)]
        and (balance(house.account), balance(empty)) == (5, 0)
        and (entry.points, entry.score, entry.head, entry.occurred_on) == (-6, 0, "", date(2026, 7, 1))
    )


def test_it_lapses_what_is_left_of_the_oldest_once(house: PassbookHouse) -> None:
    expiry = decided(house)
    assert runs_as_it_should(house)
    entry = Entry.objects.get(source_key=f"expiry:{expiry.pk}:{house.account.pk}")
    assert entry.memo == "积分到期（依据：村民代表会议决定）" and entry.posted_by == house.cast["staff"]
    expiry.refresh_from_db()
    assert expiry.done_at == NIGHT


def test_it_says_beforehand_what_would_lapse(house: PassbookHouse, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    house.post("a")
    house.post("b")
    assert expiring_of(house.account) == []
    decided(house)
    decided(house, date(2026, 4, 2), date(2026, 7, 31))
    house.post("c", date(2026, 4, 1), APRIL)
    account = read(house.account)
    with django_assert_num_queries(2):
        assert expiring_of(account) == [(LAST, 10), (date(2026, 7, 31), 5)]
    house.spend(12, "s")
    assert expiring_of(read(account)) == [(date(2026, 7, 31), 3)]


def test_it_runs_after_the_last_day_and_not_when_cancelled_or_withdrawn(house: PassbookHouse) -> None:
    house.post("a")
    expiry = decided(house)
    assert expiries_run(datetime(2026, 6, 30, 15, 59, tzinfo=UTC)) == 0
    with pytest.raises(ExpiryError):
        expiry_cancel(expiry=expiry, reason="", by=house.cast["staff"])
    with pytest.raises(ExpiryError):
        expiry_cancel(expiry=expiry, reason="改期", by=house.cast["secretary"])
    expiry = expiry_cancel(expiry=expiry, reason="改期", by=house.cast["staff"], at=APRIL)
    expiry.notice.refresh_from_db()
    assert (expiry.notice.withdrawn_reason, Expiry.objects.get().reason) == ("改期", "改期")
    assert expiries_run(NIGHT) == 0 and balance(house.account) == 5
    with pytest.raises(ExpiryError):
        expiry_cancel(expiry=expiry, reason="改期", by=house.cast["staff"])
    again = decided(house)
    Notice.objects.filter(pk=again.notice_id).update(withdrawn_at=APRIL, withdrawn_reason="错", withdrawn_by=house.cast["staff"])
    assert expiries_run(NIGHT) == 0 and expiring_of(house.account) == []


@pytest.mark.parametrize("upheld", [True, False])
def test_it_waits_for_objections_and_stops_for_an_upheld_one(house: PassbookHouse, upheld: bool) -> None:
    house.post("a")
    expiry = decided(house)
    objection = objection_file(
        notice=expiry.notice, row_number=None, name="李四", phone="13900000000", text="没有开会", at=APRIL
    )
    assert expiries_run(NIGHT) == 0 and balance(house.account) == 5
    assert expiring_of(read(house.account)) == [(LAST, 5)]
    assert Expiry.objects.get().state.label == "有异议未办结，暂不执行"
    objection_answer(objection=objection, upheld=upheld, answer="查过了", by=house.cast["staff"], at=NIGHT)
    assert expiring_of(read(house.account)) == ([] if upheld else [(LAST, 5)])
    assert Expiry.objects.get().state.label == ("异议成立，请取消" if upheld else "公示中")
    assert (expiries_run(NIGHT), balance(house.account)) == ((0, 5) if upheld else (1, 0))


def test_the_reason_of_cancelling_is_kept_beside_that_of_the_notice(house: PassbookHouse) -> None:
    expiry = decided(house)
    notice_withdraw(notice=expiry.notice, reason="写错了", by=house.cast["staff"], at=APRIL)
    assert Expiry.objects.get().state.label == "公示已撤回"
    with pytest.raises(ExpiryError, match="公示已撤回，请先取消它"):
        decided(house)
    expiry = expiry_cancel(expiry=expiry, reason="改期重办", by=house.cast["staff"], at=APRIL)
    assert (expiry.reason, expiry.notice.withdrawn_reason) == ("改期重办", "写错了")
    assert decided(house).state.label == "公示中"


def merged(house: PassbookHouse, other: Unit) -> Unit:
    return units_merge(
        sources=[house.village, other], into=NewUnit("兴隆村委会", "511923102210"), on=date(2026, 5, 1), by=house.cast["staff"]
    )


def test_after_a_merger_it_takes_from_its_own_village_only(house: PassbookHouse) -> None:
    other = make_village(house.township, "马鞍村委会", "511923102202")
    strange = make_account(make_household(other))
    make_entry(strange, house.deed, date(2026, 3, 2), house.cast["staff"])
    house.post("a")
    decided(house)
    new = merged(house, other)
    assert (expiring_of(read(house.account)), expiring_of(read(strange))) == ([(LAST, 5)], [])
    assert expiries_run(NIGHT) == 1
    assert (balance(house.account), balance(strange)) == (0, 5)
    assert Entry.objects.get(source_key__startswith="expiry:").village == new


MAY: dict[str, Any] = {"earned_until": CUTOFF, "expires_on": date(2026, 5, 3), "basis": "会议"}
EVE, AFTER = datetime(2026, 5, 3, 10, tzinfo=UTC), datetime(2026, 5, 3, 17, tzinfo=UTC)


@pytest.fixture
def market(db: None) -> MarketHouse:
    """王小明 has 100 points that lapse on 3 May."""
    market = MarketHouse()
    expiry_decide(village=market.village, by=market.staff, at=APRIL, **MAY)
    return market


def held(market: MarketHouse, quantity: int, at: datetime) -> Redemption:
    return redemption_hold(
        account=market.account, item=market.soap, quantity=quantity, by=market.clerk, at=at
    )


def give_back(market: MarketHouse, redemption: Redemption, way: str) -> None:
    if way == "cancelled":
        redemption_cancel(redemption=redemption, reason="不要", by=market.clerk, at=AFTER)
    elif way == "expired":
        assert redemptions_expire(at=AFTER + timedelta(days=20)) == 1
    else:
        redemption_refund(redemption=redemption, reason="坏的", goods_back=True, by=market.clerk, at=AFTER)


@pytest.mark.parametrize("way", ["cancelled", "expired", "refunded"])
def test_no_hold_carries_points_over_the_day(market: MarketHouse, way: str) -> None:
    redemption = held(market, 12, EVE)
    if way == "refunded":
        redemption_hand(redemption=redemption, code=redemption.code, collector="王小明", by=market.second, at=EVE)
    assert expiries_run(AFTER) == 1 and market.balance() == 0
    give_back(market, redemption, way)
    assert market.balance() == 0
    keys = Entry.objects.filter(source_key__startswith="expiry:").order_by("pk").values_list("source_key", "points")
    rule = Expiry.objects.get()
    assert list(keys) == [
        (f"expiry:{rule.pk}:{market.account.pk}", -40),
        (f"expiry:{rule.pk}:redemption:{redemption.pk}:{market.account.pk}", -60),
    ]
    chain_heads(AFTER)
    assert chain_verify(market.township) is None and reconcile(market.township, AFTER).findings == []


def test_what_came_after_the_cutoff_comes_back(market: MarketHouse) -> None:
    """100 that lapse and 50 that stay: 120 held, of which 20 are of the 50."""
    make_entry(market.account, market.rules.deeds.get(code="J1"), date(2026, 4, 1), market.staff, score=50)
    redemption = held(market, 24, EVE)
    assert expiries_run(AFTER) == 1 and market.balance() == 30
    give_back(market, redemption, "cancelled")
    assert market.balance() == 50


def test_a_return_takes_no_more_than_it_brought(market: MarketHouse) -> None:
    """What was posted late, dated before the cutoff, stays; so does what was held after the rule had run."""
    before = held(market, 2, EVE)
    assert expiries_run(AFTER) == 1
    market.earn(market.account, 25)
    after = held(market, 1, AFTER + timedelta(hours=1))
    give_back(market, before, "cancelled")
    assert market.balance() == 20
    redemption_cancel(redemption=after, reason="不要", by=market.clerk, at=AFTER + timedelta(hours=2))
    assert market.balance() == 25


def test_a_return_lapses_after_a_merger(market: MarketHouse) -> None:
    held(market, 12, APRIL)
    units_merge(sources=[market.village], into=NewUnit("兴隆村委会", "511923102210"), on=date(2026, 5, 1), by=market.staff)
    assert expiries_run(AFTER) == 1 and market.balance() == 0
    assert redemptions_expire(at=AFTER) == 1 and market.balance() == 0


@pytest.mark.parametrize(("away", "left"), [(date(2026, 4, 20), 60), (date(2026, 5, 20), 0)])
def test_a_return_lapses_where_the_household_was_when_the_rule_ran(market: MarketHouse, away: date, left: int) -> None:
    held(market, 12, APRIL)
    other = make_village(market.township, "马鞍村委会", "511923102202")
    if away < MAY["expires_on"]:
        household_move(household=market.account.household, unit=other, on=away, by=market.staff)
    assert expiries_run(AFTER) == 1
    if away > MAY["expires_on"]:
        household_move(household=market.account.household, unit=other, on=away, by=market.staff)
    kept = market.balance()
    assert redemptions_expire(at=AFTER + timedelta(days=20)) == 1
    assert market.balance() - kept == left


def test_a_broken_night_leaves_nothing_half_done_and_the_next_one_repairs_it(house: PassbookHouse) -> None:
    house.post("a")
    expiry = decided(house)
    july = make_locked_month(house.village, house.rule_set, date(2026, 7, 1))
    assert expiries_run(NIGHT) == 0
    expiry.refresh_from_db()
    assert expiry.done_at is None and balance(house.account) == 5
    assert july.state == "locked"
    assert expiries_run(NIGHT + timedelta(days=31)) == 1
    assert balance(house.account) == 0


def test_the_source_key_stops_a_second_effect_where_the_mark_is_lost(house: PassbookHouse) -> None:
    house.post("a")
    expiry = decided(house)
    expiries_run(NIGHT)
    house.post("b")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE moral_bank_expiry SET done_at = NULL WHERE id = %s", [expiry.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert expiries_run(NIGHT) == 0
    assert balance(house.account) == 5


def test_it_holds_the_month_before_the_accounts(house: PassbookHouse) -> None:
    """As every poster does, so that nobody waits in a circle."""
    house.post("a")
    decided(house)
    with CaptureQueriesContext(connection) as queries:
        assert expiries_run(NIGHT) == 1
    locks = [sql for query in queries if "pg_advisory" in (sql := query["sql"]) or '"moral_bank_account"' in sql and "FOR UPDATE" in sql]
    assert ["pg_advisory" in sql for sql in locks] == [True, False]


def test_it_runs_over_a_village_in_a_fixed_number_of_queries(
    house: PassbookHouse, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def night(homes: int) -> None:
        for _ in range(homes):
            make_entry(make_account(make_household(house.village)), house.deed, date(2026, 3, 2), house.cast["staff"])
        last = LAST + timedelta(days=homes)
        decided(house, last=last)
        with django_assert_num_queries(8):
            assert expiries_run(NIGHT + timedelta(days=homes)) == 1

    night(1)
    night(9)
    assert Entry.objects.filter(source_key__startswith="expiry:").count() == 10


STEPS = st.lists(st.tuples(st.sampled_from("ggggsssrux"), st.integers(1, 9), st.integers(0, 60)), max_size=18)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, cutoffs=st.lists(st.integers(0, 60), min_size=1, max_size=3, unique=True))
def test_the_sums_agree_with_a_plain_simulation_of_points(
    house: PassbookHouse, steps: list[tuple[str, int, int]], cutoffs: list[int]
) -> None:
    """Every point is a thing of its own here: those of standing grants by age, of which each spent point takes the oldest."""
    account = make_account(make_household(house.village))
    grants: list[tuple[date, Entry]] = []
    spent: list[Entry] = []
    judged = house.rule_set.deeds.select_related("rule_set").get(code="J1")
    by, first = house.cast["staff"], date(2026, 1, 5)
    for number, (what, points, day) in enumerate(steps):
        key = f"{account.pk}:{number}"
        if what == "g":
            on = first + timedelta(days=day)
            entry = entry_post(account=account, deed=judged, occurred_on=on, score=points, by=by, source_key=key, at=APRIL)
            grants.append((on, entry))
        elif what == "s" and points <= balance(account):
            spent.append(points_spend(account=account, points=points, memo="兑换", by=by, source_key=key, at=APRIL))
        elif what == "r" and spent:
            entry_reverse(entry=spent.pop(day % len(spent)), reason="退货", by=by, at=APRIL)
        elif what == "u" and grants and grants[day % len(grants)][1].points <= balance(account):
            entry_reverse(entry=grants.pop(day % len(grants))[1], reason="记错", by=by, at=APRIL)
    pool = sorted(on for on, entry in grants for _ in range(entry.points))
    pool = pool[sum(-entry.points for entry in spent):]
    account.refresh_from_db()
    assert len(pool) == account.balance
    for cutoff in sorted(cutoffs):
        until = first + timedelta(days=cutoff)
        rule = Expiry(pk=1, village=house.village, earned_until=until)
        stays = [on for on in pool if on > until]
        found = lapses(rule).filter(pk=account.pk).first()
        assert (found.lapse if found else 0) == len(pool) - len(stays)
        if len(stays) < len(pool):
            gone, key = len(pool) - len(stays), f"{account.pk}:x{cutoff}"
            points_spend(account=account, points=gone, memo="到期", by=by, source_key=key, at=APRIL)
        pool = stays
    assert balance(account) == len(pool)


AROUND = {
    "expiry without notice in time": (
        "INSERT INTO moral_bank_expiry (township_id, village_id, earned_until, expires_on, basis, notice_id, decided_by_id,"
        " decided_at, reason) SELECT township_id, village_id, earned_until, '2026-05-01', basis,"
        " (SELECT max(id) + 1000 FROM disclosure_notice), decided_by_id, decided_at, '' FROM moral_bank_expiry"
    ),
    "expiry before the cutoff's month is locked": (
        "INSERT INTO moral_bank_expiry (township_id, village_id, earned_until, expires_on, basis, notice_id, decided_by_id,"
        " decided_at, reason) SELECT township_id, village_id, '2026-06-01', '2026-07-30', basis,"
        " (SELECT max(id) + 1000 FROM disclosure_notice), decided_by_id, decided_at, '' FROM moral_bank_expiry"
    ),
    "expiry with another day": "UPDATE moral_bank_expiry SET expires_on = '2026-07-31'",
    "expiry with another cutoff": "UPDATE moral_bank_expiry SET earned_until = '2026-04-30'",
    "expiry done too early": "UPDATE moral_bank_expiry SET done_at = '2026-06-30 15:59:00'",
    "expiry done and cancelled": (
        "UPDATE moral_bank_expiry SET done_at = '2026-07-01 01:00:00', cancelled_at = '2026-07-01 01:00:00', reason = 'x'"
    ),
    "expiry cancelled without a reason": "UPDATE moral_bank_expiry SET cancelled_at = '2026-05-01 01:00:00'",
    "expiry deleted": "DELETE FROM moral_bank_expiry",
}


def test_it_refuses_sql_around_the_code(house: PassbookHouse) -> None:
    decided(house)
    assert {name: refused(statement) for name, statement in AROUND.items()} == dict.fromkeys(AROUND, True)
    assert not refused("UPDATE moral_bank_expiry SET done_at = '2026-06-30 16:00:00'")
    expiries_run(NIGHT)
    for statement in ("done_at = NULL", "cancelled_at = done_at, done_at = NULL"):
        assert refused(f"UPDATE moral_bank_expiry SET {statement}")
    assert MARCH < APRIL
