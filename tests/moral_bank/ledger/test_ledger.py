"""The ledger through its service, and around it by SQL: what must never happen is refused by PostgreSQL itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, connections, transaction
from pytest_django import DjangoAssertNumQueries

from governance.accounts.models import User
from moral_bank.ledger.services import LedgerError, entry_post, entry_reverse, points_spend
from moral_bank.models import Account, Closing, Entry, ImmutableError
from moral_bank.rules.models import Deed, RuleSet
from tests.builders import (
    make_account,
    make_cast,
    make_entry,
    make_household,
    make_locked_month,
    make_rule_set,
    make_township,
    make_village,
)
from villages.households.services import household_move

MARCH = date(2026, 3, 2)
NOW = datetime(2026, 4, 2, 4, tzinfo=UTC)


class House:
    """A village with one account, its rules and a clerk."""

    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.clerk: User = make_cast(self.township, self.village)["staff"]
        self.rule_set: RuleSet = make_rule_set(self.township)
        self.account: Account = make_account(make_household(self.village))
        make_household(self.village, "李四")  # without an account yet

    def deed(self, code: str) -> Deed:
        return self.rule_set.deeds.select_related("rule_set").get(code=code)

    def post(self, code: str = "S1", key: str = "k", on: date = MARCH, score: int | None = None) -> Entry:
        return entry_post(
            account=self.account,
            deed=self.deed(code),
            occurred_on=on,
            score=score,
            by=self.clerk,
            source_key=key,
            at=NOW,
        )

    def spend(self, points: int, key: str) -> Entry:
        return points_spend(
            account=self.account, points=points, memo="兑换", by=self.clerk, source_key=key, at=NOW
        )

    def balance(self) -> int:
        return Account.objects.get(pk=self.account.pk).balance

    def lock_march(self) -> Closing:
        return make_locked_month(self.village, self.rule_set, date(2026, 3, 1))


@pytest.fixture
def house(db: None) -> House:
    return House()


def test_it_posts_once_for_a_key(house: House) -> None:
    first = house.post()
    assert house.post() == first
    assert (first.score, first.points, first.month, house.balance()) == (5, 5, date(2026, 3, 1), 5)
    with pytest.raises(LedgerError) as refusal:
        house.post(on=date(2026, 3, 3))
    assert refusal.value.code == "conflict"
    assert Entry.objects.count() == 1


def test_it_posts_a_judged_score_within_its_range_only(house: House) -> None:
    entry = house.post("J1", "judged", score=7)
    assert (entry.score, entry.points) == (7, 7)
    for score in (0, 11):
        with pytest.raises(LedgerError):
            house.post("J1", "beyond", score=score)
    with pytest.raises(LedgerError):
        house.post("S1", "fixed", score=6)


def test_it_takes_no_points_for_a_bad_deed(house: House) -> None:
    entry = house.post("L1", "loss")
    assert (entry.score, entry.points, house.balance()) == (-10, 0, 0)


def test_it_posts_to_the_village_of_the_day(house: House, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    other = make_village(house.township, "马鞍村委会", "511923102202")
    household_move(household=house.account.household, unit=other, on=date(2026, 4, 1), by=house.clerk)
    house.account.refresh_from_db()
    house.post("S1", "a")
    deed = house.deed("S1")
    with django_assert_num_queries(3):  # savepoint, insert, release
        at_once = entry_post(account=house.account, deed=deed, occurred_on=MARCH, by=house.clerk, source_key="b", at=NOW)
    back = entry_reverse(entry=at_once, reason="记错户", by=house.clerk, at=NOW)
    spent = points_spend(account=house.account, points=2, memo="", by=house.clerk, source_key="s", occurred_on=MARCH, at=NOW)
    assert [entry.village for entry in (at_once, back, spent)] == [house.village, other, house.village]
    assert list(Entry.objects.order_by("pk").values_list("village", flat=True)) == [house.village.pk] * 2 + [
        other.pk, house.village.pk
    ]  # fmt: skip
    make_locked_month(house.village, house.rule_set, MARCH.replace(day=1))
    with pytest.raises(LedgerError):
        house.post("S1", "c")


def test_it_refuses_tomorrow_and_draft_rules(house: House) -> None:
    with pytest.raises(LedgerError, match="不能晚于今天"):
        house.post(on=date(2026, 4, 3))
    draft = make_rule_set(house.township, adopted=False, version=2)
    with pytest.raises(LedgerError, match="尚未施行"):
        entry_post(
            account=house.account,
            deed=draft.deeds.get(code="S1"),
            occurred_on=MARCH,
            by=house.clerk,
            source_key="draft",
            at=NOW,
        )


def test_it_refuses_redemption_below_zero(house: House) -> None:
    house.post()
    house.spend(5, "first")
    with pytest.raises(LedgerError) as refusal:
        house.spend(1, "second")
    assert refusal.value.code == "overdrawn"
    assert house.balance() == 0
    with pytest.raises(LedgerError):
        house.spend(0, "nothing")


def test_it_reverses_once_into_the_open_month(house: House) -> None:
    entry = house.post()
    reversal = entry_reverse(entry=entry, reason="记错户", by=house.clerk, at=NOW)
    assert (reversal.score, reversal.points, reversal.month) == (-5, -5, date(2026, 4, 1))
    assert house.balance() == 0
    assert entry_reverse(entry=entry, reason="记错户", by=house.clerk, at=NOW) == reversal
    with pytest.raises(LedgerError):
        entry_reverse(entry=reversal, reason="再改", by=house.clerk, at=NOW)
    with pytest.raises(LedgerError, match="原因"):
        entry_reverse(entry=entry, reason=" ", by=house.clerk, at=NOW)


def test_it_refuses_to_reverse_points_already_spent(house: House) -> None:
    entry = house.post()
    house.spend(3, "spent")
    with pytest.raises(LedgerError) as refusal:
        entry_reverse(entry=entry, reason="记错户", by=house.clerk, at=NOW)
    assert refusal.value.code == "overdrawn"
    assert house.balance() == 2


def test_it_refuses_a_locked_month_with_a_reason(house: House) -> None:
    house.lock_march()
    with pytest.raises(LedgerError, match="已锁定") as refusal:
        house.post()
    assert refusal.value.code == "locked"
    assert house.post(on=date(2026, 4, 1)).month == date(2026, 4, 1)


def test_it_forbids_change_in_model_and_queryset(house: House) -> None:
    entry = house.post()
    with pytest.raises(ImmutableError):
        entry.save()
    with pytest.raises(ImmutableError):
        entry.delete()
    with pytest.raises(ImmutableError):
        Entry.objects.update(points=9)
    with pytest.raises(ImmutableError):
        Entry.objects.all().delete()


AROUND: dict[str, str] = {
    "overdraw by balance": "UPDATE moral_bank_account SET balance = -1",
    "money from nowhere": "UPDATE moral_bank_account SET balance = balance + 100",
    "open an account with money": "INSERT INTO moral_bank_account (household_id, township_id, balance, opened_on) "
    "SELECT h.id, a.township_id, 5, a.opened_on FROM villages_household h, moral_bank_account a "
    "WHERE h.id <> a.household_id",
    "change an entry": "UPDATE moral_bank_entry SET points = 100",
    "delete an entry": "DELETE FROM moral_bank_entry",
    "post a source key twice": "INSERT INTO moral_bank_entry (account_id, township_id, village_id, deed_id, head, veto, "
    "memo, score, points, occurred_on, month, source_key, posted_by_id, posted_at) SELECT account_id, township_id, "
    "village_id, deed_id, head, veto, memo, score, points, occurred_on, month, source_key, posted_by_id, posted_at "
    "FROM moral_bank_entry",
    "overdraw by an entry": "INSERT INTO moral_bank_entry (account_id, township_id, village_id, head, veto, memo, score, "
    "points, occurred_on, month, source_key, posted_by_id, posted_at) SELECT account_id, township_id, village_id, '', "
    "veto, memo, 0, -6, occurred_on, month, 'around', posted_by_id, posted_at FROM moral_bank_entry",
    "post into another month": "INSERT INTO moral_bank_entry (account_id, township_id, village_id, deed_id, head, veto, "
    "memo, score, points, occurred_on, month, source_key, posted_by_id, posted_at) SELECT account_id, township_id, "
    "village_id, deed_id, head, veto, memo, score, points, occurred_on, '2026-02-01', 'around', posted_by_id, posted_at "
    "FROM moral_bank_entry",
    "reverse by another sum": "INSERT INTO moral_bank_entry (account_id, township_id, village_id, deed_id, head, veto, "
    "memo, score, points, occurred_on, month, source_key, posted_by_id, posted_at, reverses_id) SELECT account_id, "
    "township_id, village_id, deed_id, head, veto, memo, -score, -points + 1, occurred_on, month, 'around', "
    "posted_by_id, posted_at, id FROM moral_bank_entry",
    "change adopted rules": "UPDATE moral_bank_ruleset SET five_star = 95",
    "change an adopted deed": "UPDATE moral_bank_deed SET score = 6 WHERE code = 'S1'",
    "delete an adopted head": "DELETE FROM moral_bank_rulehead",
}
POST_ANEW = AROUND["post a source key twice"].replace("source_key, posted_by_id, posted_at FROM", "'new', posted_by_id, posted_at FROM")
LOCKED_AROUND: dict[str, str] = {
    "post into a locked month": POST_ANEW,
    "unlock a closing": "UPDATE moral_bank_closing SET state = 'open', locked_at = NULL",
    "delete a locked closing": "DELETE FROM moral_bank_closing",
    "rate in a locked closing": "INSERT INTO moral_bank_rating (closing_id, account_id, score, rank, vetoed, honoured) "
    "SELECT c.id, a.id, 99, 1, false, false FROM moral_bank_closing c, moral_bank_account a",
}


def refused(statement: str) -> bool:
    """Whether the database refuses `statement` outright (deferred checks count as well)."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            connection.check_constraints()
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("statement", AROUND.values(), ids=AROUND.keys())
def test_it_refuses_sql_around_the_code(house: House, statement: str) -> None:
    house.post()
    assert refused(statement)
    assert house.balance() == 5


@pytest.mark.parametrize("statement", LOCKED_AROUND.values(), ids=LOCKED_AROUND.keys())
def test_it_refuses_sql_into_a_locked_period(house: House, statement: str) -> None:
    house.post()
    house.lock_march()
    assert refused(statement)
    assert Entry.objects.count() == 1


def test_it_lets_the_same_sql_pass_where_nothing_forbids_it(house: House) -> None:
    house.post()
    assert not refused(POST_ANEW)
    assert house.balance() == 10


def test_it_refuses_to_truncate(house: House) -> None:
    house.post()
    connection.check_constraints()
    assert refused("TRUNCATE moral_bank_entry CASCADE")


def race(sessions: int, times: int, work: Callable[[int], bool]) -> int:
    """How often `work(number)` succeeded in `sessions` threads that start together, `times` calls in all."""
    barrier = threading.Barrier(sessions)
    won: list[int] = []

    def run(session: int) -> None:
        barrier.wait()
        try:
            won.append(sum(work(number) for number in range(session, times, sessions)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(session,)) for session in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == sessions
    return sum(won)


@pytest.mark.django_db(transaction=True)
def test_it_lets_exactly_as_many_redeem_as_there_are_points() -> None:
    """16 sessions, 2,000 redemptions of 1 point from balances of 100 in total."""
    house = House()
    accounts = [house.account] + [make_account(make_household(house.village, f"李四{n}")) for n in range(3)]
    for account in accounts:
        for _ in range(5):
            make_entry(account, house.deed("S1"), MARCH, house.clerk)

    def redeem(number: int) -> bool:
        try:
            points_spend(
                account=accounts[number % 4], points=1, memo="兑换", by=house.clerk, source_key=f"r{number}", at=NOW
            )
        except LedgerError as error:
            assert error.code == "overdrawn"
            return False
        return True

    assert race(16, 2000, redeem) == 100
    assert set(Account.objects.values_list("balance", flat=True)) == {0}
    assert Entry.objects.filter(points=-1).count() == 100


@pytest.mark.django_db(transaction=True)
def test_it_would_overdraw_without_the_lock() -> None:
    """The control: look first, then take, with no constraint behind it; a barrier puts all looks before all takes."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE control_entry (points int)")
        cursor.execute("INSERT INTO control_entry VALUES (1)")
    looked = threading.Barrier(16)

    def redeem(number: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(points) FROM control_entry")
            enough: bool = cursor.fetchone()[0] >= 1
            looked.wait()
            if enough:
                cursor.execute("INSERT INTO control_entry VALUES (-1)")
        return enough

    try:
        assert race(16, 16, redeem) == 16
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(points) FROM control_entry")
            assert cursor.fetchone()[0] == -15
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE control_entry")
