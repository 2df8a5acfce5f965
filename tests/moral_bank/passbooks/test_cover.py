"""资金与库存覆盖: the figures, and the trigger that refuses grants beyond them (migration 0007)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from governance.accounts.models import User
from moral_bank.claims.points import ClaimPoints
from moral_bank.ledger.services import LedgerError, entry_post, entry_reverse, points_spend
from moral_bank.models import Account, Claim, Entry, FundMove, Item, Lot, Move, Shop
from moral_bank.passbooks.cover import BLOCK, OK, WARN, cover_of, covers_of, level_of
from moral_bank.rules.models import Deed, RuleSet
from tests.builders import (
    make_account,
    make_cast,
    make_household,
    make_rule_set,
    make_township,
    make_village,
)
from villages.models import Unit

MARCH = date(2026, 3, 2)
NOW = datetime(2026, 4, 2, 4, tzinfo=UTC)
GRANT = (
    "INSERT INTO moral_bank_entry (account_id, township_id, village_id, deed_id, head, veto, memo, score, points,"
    " occurred_on, month, source_key, posted_by_id, posted_at)"
    " SELECT a.id, a.township_id, h.village_id, d.id, d.head, false, 'x', {score}, {points}, '2026-03-02', '2026-03-01',"
    " 'sql:{key}:' || a.id, u.id, '2026-04-02 00:00:00+00' FROM moral_bank_account a"
    " JOIN villages_household h ON h.id = a.household_id"
    " JOIN moral_bank_deed d ON d.code = 'S1' JOIN accounts_user u ON u.username LIKE 'staff-%'{where}"
)
SPEND = GRANT.replace("d.id, d.head", "NULL, ''")


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


class CoverHouse:
    """A village with a shop (1 元 a point), 10 元 of fund and no goods, and two accounts."""

    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)
        self.clerk: User = self.cast["staff"]
        self.rule_set: RuleSet = make_rule_set(self.township)
        self.deed: Deed = self.rule_set.deeds.select_related("rule_set").get(code="S1")
        self.accounts = [make_account(make_household(self.village)) for _ in range(2)]
        self.shop = make_shop(self.village)
        fund(self.shop, 1000, self.clerk)

    def post(self, key: str, account: Account | None = None) -> Entry:
        return entry_post(
            account=account or self.accounts[0], deed=self.deed, occurred_on=MARCH, by=self.clerk, source_key=key, at=NOW
        )

    def balance(self) -> int:
        return Account.objects.get(pk=self.accounts[0].pk).balance


def make_shop(village: Unit, **fields: object) -> Shop:
    return Shop.objects.create(**{"village": village, "name": "道德超市", "cents_per_point": 100, **fields})


def fund(shop: Shop, cents: int, by: User) -> FundMove:
    kind = FundMove.Kind.GRANT if cents > 0 else FundMove.Kind.OUT
    return FundMove.objects.create(
        shop=shop, kind=kind, cents=cents, on=MARCH, memo="拨入", source_key=f"test:{uuid4()}", by=by, at=timezone.now()
    )


def goods(shop: Shop, quantity: int, unit_cents: int, by: User) -> Lot:
    item = Item.objects.create(shop=shop, name=f"洗衣液{uuid4()}"[:40], points=5)
    lot = Lot.objects.create(item=item, received_on=MARCH, unit_cents=unit_cents, received_by=by)
    Move.objects.create(
        lot=lot, item=item, kind="received", quantity=quantity, source_key=f"test:{uuid4()}", by=by, at=timezone.now()
    )
    return lot


def claim(account: Account, deed: Deed, score: int, by: User, other: User) -> None:
    """An approved claim as the panel leaves it, past the triggers that ask for its sitting."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        Claim.objects.create(
            account=account, deed=deed, occurred_on=MARCH, counts_on=MARCH, score=score,
            state="approved", declared_by=by, declared_at=NOW, decided_by=other, decided_at=NOW,
        )  # fmt: skip
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def house(db: None) -> CoverHouse:
    return CoverHouse()


@pytest.mark.parametrize(
    ("liability", "cover", "level"),
    [(0, 0, BLOCK), (0, 1, OK), (799, 1000, OK), (800, 1000, WARN), (999, 1000, WARN), (1000, 1000, BLOCK), (5, -1, BLOCK)],
)
def test_it_warns_from_80_and_blocks_from_100(liability: int, cover: int, level: str) -> None:
    assert level_of(liability, cover) == level


def test_it_counts_balances_fund_goods_and_what_is_pending(house: CoverHouse) -> None:
    house.post("a")
    goods(house.shop, 3, 250, house.clerk)
    judged = house.rule_set.deeds.get(code="J1")
    claim(house.accounts[0], house.deed, 5, house.cast["yard_head"], house.clerk)
    claim(house.accounts[1], judged, 7, house.cast["yard_head"], house.clerk)
    claim(house.accounts[1], house.rule_set.deeds.get(code="L1"), -10, house.cast["yard_head"], house.clerk)
    cover = cover_of(house.village)
    assert cover is not None
    assert (cover.balance, cover.liability_cents, cover.fund_cents, cover.goods_cents) == (5, 500, 1000, 750)
    assert (cover.cover_cents, cover.percent, cover.level, cover.label) == (1750, 28, OK, "正常")
    assert (cover.pending_points, cover.left_points, cover.pending_over) == (12, 12, False)


def test_it_counts_the_points_of_claims_by_one_formula(house: CoverHouse) -> None:
    """SQL and `Deed.points_for` agree for fixed, judged and bad deeds, for parts that caps left, and for none."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE moral_bank_deed SET points = 7 WHERE id = %s", [house.deed.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    for code in (house.deed.code, "J1", "L1"):
        for score in (-10, 0, 1, 2, 5):
            claim(house.accounts[0], house.rule_set.deeds.get(code=code), score, house.cast["yard_head"], house.clerk)
    rows = Claim.objects.select_related("deed").annotate(given=ClaimPoints())
    found = {(row.deed.code, row.score): row.given for row in rows}
    assert found == {(row.deed.code, row.score): row.deed.points_for(row.score) for row in rows}
    assert [found[house.deed.code, score] for score in (-10, 0, 1, 2, 5)] == [0, 0, 1, 2, 7]


def test_it_counts_goods_worth_more_than_an_int4(house: CoverHouse) -> None:
    goods(house.shop, 9_900, 3_000_00, house.clerk)
    cover = cover_of(house.village)
    assert cover is not None and cover.goods_cents == 2_970_000_000


def test_it_is_none_without_a_shop_and_asks_a_fixed_number_of_times(
    house: CoverHouse, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    others = [make_village(house.township, f"第{number}村委会", f"51192310230{number}") for number in (1, 2)]
    with django_assert_num_queries(5):
        assert set(covers_of([house.village])) == {house.village.pk}
    make_shop(others[0])
    with django_assert_num_queries(5):
        found = covers_of([house.village, *others])
    assert set(found) == {house.village.pk, others[0].pk}
    assert found[others[0].pk].level == BLOCK and found[others[0].pk].ratio is None


def test_it_grants_up_to_the_cover_and_not_beyond(house: CoverHouse) -> None:
    house.post("a")
    house.post("b", house.accounts[1])
    with pytest.raises(LedgerError) as refusal:
        house.post("c")
    assert refusal.value.code == "cover" and "暂停发放" in refusal.value.message
    assert (house.balance(), Entry.objects.count()) == (5, 2)
    fund(house.shop, 499, house.clerk)
    with pytest.raises(LedgerError):
        house.post("c")
    goods(house.shop, 1, 1, house.clerk)
    house.post("c")


def test_it_never_refuses_spending_refunds_losses_and_reversals(house: CoverHouse) -> None:
    first = house.post("a")
    spent = points_spend(account=house.accounts[0], points=3, memo="兑换", by=house.clerk, source_key="s", at=NOW)
    fund(house.shop, -1000, house.clerk)
    loss = house.rule_set.deeds.select_related("rule_set").get(code="L1")
    entry_post(account=house.accounts[0], deed=loss, occurred_on=MARCH, by=house.clerk, source_key="l", at=NOW)
    points_spend(account=house.accounts[0], points=1, memo="兑换", by=house.clerk, source_key="s2", at=NOW)
    entry_reverse(entry=spent, reason="退货", by=house.clerk, at=NOW)
    points_spend(account=house.accounts[0], points=4, memo="到期", by=house.clerk, source_key="s3", at=NOW)
    assert house.balance() == 0
    with pytest.raises(LedgerError) as refusal:
        house.post("b")
    assert refusal.value.code == "cover"
    assert first.points == 5


def test_it_leaves_villages_without_a_shop_alone(house: CoverHouse) -> None:
    other = make_village(house.township, "东沟村委会", "511923102299")
    account = make_account(make_household(other))
    for key in "abc":
        house.post(key, account)
    assert Account.objects.get(pk=account.pk).balance == 15


def test_it_goes_by_the_village_of_today(house: CoverHouse) -> None:
    other = make_village(house.township, "东沟村委会", "511923102299")
    account = make_account(make_household(other))
    for key in "abc":
        house.post(key, account)
    household = account.household
    household.village, household.unit = house.village, house.accounts[0].household.unit
    household.save()
    with pytest.raises(LedgerError):
        house.post("d")


def test_it_judges_many_rows_of_several_villages_in_one_statement(house: CoverHouse) -> None:
    other = make_village(house.township, "东沟村委会", "511923102299")
    make_account(make_household(other))
    sql(GRANT.format(key="all", score=5, points=5, where=""))
    assert Account.objects.filter(balance=5).count() == 3
    with pytest.raises(IntegrityError, match="entry_within_cover|超市的资金和库存"):
        sql(GRANT.format(key="more", score=5, points=5, where=""))
    sql(GRANT.format(key="there", score=5, points=5, where=f" WHERE h.village_id = {other.pk}"))


AROUND: dict[str, str] = {
    "grant": GRANT.format(key="g", score=1, points=1, where=""),
    "grant without score": GRANT.format(key="h", score=0, points=1, where=""),
}
ALLOWED: dict[str, str] = {
    "score only": GRANT.format(key="i", score=1, points=0, where=""),
    "spending": SPEND.format(key="j", score=0, points=-1, where=""),
    "refund": SPEND.format(key="k", score=0, points=1, where=""),
}


def refused(statement: str) -> bool:
    try:
        with transaction.atomic():
            sql(statement)
            transaction.set_rollback(True)
    except IntegrityError as error:
        return "超市的资金和库存" in str(error)
    return False


def full_house() -> CoverHouse:
    house = CoverHouse()
    house.post("a")
    house.post("b", house.accounts[1])
    return house


def test_it_refuses_sql_around_the_code(db: None) -> None:
    full_house()
    assert {name: refused(statement) for name, statement in AROUND.items()} == dict.fromkeys(AROUND, True)
    assert {name: refused(statement) for name, statement in ALLOWED.items()} == dict.fromkeys(ALLOWED, False)


def in_two_sessions(work: Callable[[int], None]) -> list[BaseException]:
    """Both at the same moment, each in a session of its own; what they raise."""
    barrier, raised = threading.Barrier(2), []

    def run(number: int) -> None:
        try:
            barrier.wait(20)
            work(number)
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    return raised


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_sessions_cannot_both_take_the_last_of_the_cover(guarded: bool) -> None:
    """Both have posted before either commits; without the shop's lock both sums miss the other's points."""
    house = CoverHouse()
    house.post("a")
    meet = threading.Barrier(2)
    if not guarded:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef('moral_bank_entry_within_cover'::regproc)")
            kept = cursor.fetchone()[0]
            cursor.execute(kept.replace("FOR NO KEY UPDATE", ""))

    def post(number: int) -> None:
        with transaction.atomic():
            house.post(f"race:{number}", house.accounts[number])
            if not guarded:
                meet.wait(20)

    try:
        raised = in_two_sessions(post)
    finally:
        if not guarded:
            with connection.cursor() as cursor:
                cursor.execute(kept)
    cover = cover_of(house.village)
    assert cover is not None
    if guarded:
        assert [type(error) for error in raised] == [LedgerError] and cover.liability_cents == 1000
    else:
        assert raised == [] and cover.liability_cents == 1500 > cover.cover_cents
