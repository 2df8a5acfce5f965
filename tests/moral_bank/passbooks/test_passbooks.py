"""积分存折 and 代领人: the key that is stored nowhere, one in force, revoked for good, statements that add up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from governance.periods import Period
from moral_bank.ledger.services import entry_post, entry_reverse, points_spend
from moral_bank.models import Account, Entry, Passbook, Proxy
from moral_bank.passbooks.proxies import proxy_add, proxy_end
from moral_bank.passbooks.services import PassbookError, passbook_find, passbook_issue, passbook_revoke, passbook_token
from moral_bank.passbooks.statements import last_lines, months_of, statement_of
from moral_bank.rules.models import Deed
from tests.builders import (
    make_account,
    make_cast,
    make_household,
    make_rule_set,
    make_township,
    make_user,
    make_village,
)

MARCH, APRIL = datetime(2026, 3, 20, 4, tzinfo=UTC), datetime(2026, 4, 2, 4, tzinfo=UTC)


class PassbookHouse:
    """A village with one household and its account, its rules and a cast."""

    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)
        self.household = make_household(self.village)
        self.account: Account = make_account(self.household)
        self.rule_set = make_rule_set(self.township)
        self.deed: Deed = self.rule_set.deeds.select_related("rule_set").get(code="S1")

    def issue(self) -> Passbook:
        return passbook_issue(household=self.household, by=self.cast["yard_head"], at=MARCH)

    def post(self, key: str, on: date = date(2026, 3, 2), at: datetime = MARCH, memo: str = "") -> Entry:
        return entry_post(
            account=self.account, deed=self.deed, occurred_on=on, by=self.cast["staff"], source_key=key, memo=memo, at=at
        )

    def spend(self, points: int, key: str, at: datetime = APRIL) -> Entry:
        return points_spend(
            account=self.account, points=points, memo="兑换：赵小丽领", by=self.cast["staff"], source_key=key, at=at
        )


@pytest.fixture
def house(db: None) -> PassbookHouse:
    return PassbookHouse()


def test_it_opens_by_a_key_that_the_database_does_not_hold(house: PassbookHouse, settings: Settings) -> None:
    passbook = house.issue()
    token = passbook_token(passbook)
    assert len(token) == 24
    assert passbook_token(Passbook.objects.get(pk=passbook.pk)) == token
    assert passbook_find(token) == passbook
    row = Passbook.objects.filter(pk=passbook.pk).values().get()
    assert not any(token in str(value) for value in row.values())
    for wrong in ("", token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B"), token + "A", "王" * 24):
        assert passbook_find(wrong) is None
    settings.HASH_KEY = "00" * 32
    assert passbook_token(passbook) != token
    assert passbook_find(passbook_token(passbook)) is None


def test_it_has_one_in_force_and_a_revoked_one_opens_nothing(house: PassbookHouse) -> None:
    first = house.issue()
    with pytest.raises(PassbookError) as refusal:
        house.issue()
    assert refusal.value.code == "exists"
    with pytest.raises(PassbookError):
        passbook_revoke(passbook=first, reason="  ", by=house.cast["staff"])
    passbook_revoke(passbook=first, reason="遗失", by=house.cast["staff"])
    assert passbook_find(passbook_token(first)) is None
    with pytest.raises(PassbookError) as refusal:
        passbook_revoke(passbook=first, reason="遗失", by=house.cast["staff"])
    assert refusal.value.code == "state"
    second = house.issue()
    assert passbook_token(second) != passbook_token(first)


def test_it_is_issued_in_scope_only_and_opens_the_account(house: PassbookHouse) -> None:
    other = make_village(house.township, "东沟村委会", "511923102299")
    stranger = make_user("stranger", "yard_head", other)
    with pytest.raises(PassbookError) as refusal:
        passbook_issue(household=house.household, by=stranger)
    assert refusal.value.code == "scope"
    with pytest.raises(PassbookError):
        passbook_issue(household=house.household, by=house.cast["overseer"])
    home = make_household(house.village, "李四")
    assert passbook_issue(household=home, by=house.cast["cadre"]).account.household == home
    with pytest.raises(PassbookError):
        passbook_revoke(passbook=house.issue(), reason="遗失", by=stranger)


def test_it_keeps_proxies(house: PassbookHouse) -> None:
    words: dict[str, Any] = {"household": house.household, "relation": "外甥", "consent": "户主当面同意"}
    proxy = proxy_add(**words, name=" 赵小丽 ", by=house.cast["yard_head"], at=MARCH)
    assert (proxy.name, proxy.added_on) == ("赵小丽", date(2026, 3, 20))
    with pytest.raises(PassbookError) as refusal:
        proxy_add(**words, name="赵小丽", by=house.cast["yard_head"])
    assert refusal.value.code == "exists"
    with pytest.raises(PassbookError):
        proxy_add(**{**words, "consent": ""}, name="钱多", by=house.cast["yard_head"])
    with pytest.raises(PassbookError):
        proxy_add(**words, name="钱多", by=house.cast["overseer"])
    proxy_end(proxy=proxy, by=house.cast["staff"], at=APRIL)
    with pytest.raises(PassbookError):
        proxy_end(proxy=proxy, by=house.cast["staff"], at=APRIL)
    proxy_add(**words, name="赵小丽", by=house.cast["yard_head"], at=APRIL)


def test_it_states_a_month_with_running_balances(house: PassbookHouse) -> None:
    house.post("a")
    house.post("b", memo="参加志愿服务（帮赵小丽收麦）")
    spent = house.spend(4, "c")
    entry_reverse(entry=spent, reason="赵小丽退货", by=house.cast["staff"], at=APRIL)
    house.post("d", date(2026, 3, 28), APRIL)
    march, april = (statement_of(house.account, Period.parse(text)) for text in ("2026-03", "2026-04"))
    assert (march.opening, march.closing, march.paid_in, march.paid_out) == (0, 10, 10, 0)
    assert (april.opening, april.closing, april.paid_in, april.paid_out) == (10, 15, 9, 4)
    assert [line.balance for line in april.lines] == [6, 10, 15]
    assert [line.plain for line in april.lines] == ["支取", "冲正", "参加志愿服务（3月28日）"]
    assert [line.by for line in april.lines] == [house.cast["staff"].name] * 3
    assert march.lines[1].what.startswith("参加志愿服务（帮赵小丽收麦）")
    assert not any("赵" in line.plain for line in (*march.lines, *april.lines))
    assert [line.balance for line in last_lines(house.account, 2)] == [10, 15]
    assert months_of(house.account, APRIL) == [Period.parse("2026-04"), Period.parse("2026-03")]


def test_it_asks_a_fixed_number_of_times(
    house: PassbookHouse, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(6):
        house.post(f"k{number}")
        with django_assert_num_queries(5):
            statement_of(house.account, Period.parse("2026-03"))
            last_lines(house.account, 20)
            months_of(house.account, MARCH)


AROUND = {
    "passbook twice in force": (
        "INSERT INTO moral_bank_passbook (account_id, township_id, nonce, token_hash, issued_by_id, issued_at, reason)"
        " SELECT account_id, township_id, 'x', 'y', issued_by_id, issued_at, '' FROM moral_bank_passbook WHERE revoked_at IS NULL"
    ),
    "passbook alive again": "UPDATE moral_bank_passbook SET revoked_at = NULL, reason = '' WHERE revoked_at IS NOT NULL",
    "passbook with another key": "UPDATE moral_bank_passbook SET token_hash = 'x' WHERE revoked_at IS NULL",
    "passbook with another nonce": "UPDATE moral_bank_passbook SET nonce = 'x' WHERE revoked_at IS NULL",
    "passbook revoked without reason": (
        "UPDATE moral_bank_passbook SET revoked_at = issued_at WHERE revoked_at IS NULL"
    ),
    "passbook deleted": "DELETE FROM moral_bank_passbook",
    "proxy renamed": "UPDATE moral_bank_proxy SET name = '别人' WHERE ended_on IS NULL",
    "proxy alive again": "UPDATE moral_bank_proxy SET ended_on = NULL WHERE ended_on IS NOT NULL",
    "proxy twice": (
        "INSERT INTO moral_bank_proxy (account_id, name, relation, consent, added_by_id, added_on)"
        " SELECT account_id, name, relation, consent, added_by_id, added_on FROM moral_bank_proxy WHERE ended_on IS NULL"
    ),
    "proxy ended before": "UPDATE moral_bank_proxy SET ended_on = '2020-01-01' WHERE ended_on IS NULL",
    "proxy deleted": "DELETE FROM moral_bank_proxy",
}


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except IntegrityError:
        return True
    return False


def used_house() -> PassbookHouse:
    """One passbook revoked and one in force, one proxy ended and one standing."""
    house = PassbookHouse()
    passbook_revoke(passbook=house.issue(), reason="遗失", by=house.cast["staff"])
    house.issue()
    for name, ended in (("赵小丽", True), ("钱多", False)):
        proxy = proxy_add(
            household=house.household, name=name, relation="亲戚", consent="当面", by=house.cast["staff"], at=MARCH
        )
        if ended:
            proxy_end(proxy=proxy, by=house.cast["staff"], at=APRIL)
    return house


def test_it_refuses_sql_around_the_code(db: None) -> None:
    used_house()
    assert {name: refused(statement) for name, statement in AROUND.items()} == dict.fromkeys(AROUND, True)
    assert Proxy.objects.count() == 2
