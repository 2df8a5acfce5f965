"""The nightly reconciliation: a clean township is clean, and every kind of difference put in around the triggers is named."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.accounts.inbox_models import Message
from moral_bank.market.collectors import collectors
from moral_bank.market.services import redemption_cancel, redemption_hand, redemption_refund
from moral_bank.models import Claim, Reconciliation, Redemption
from moral_bank.proof import reconciling
from moral_bank.proof.chain import chain_heads
from moral_bank.proof.reconciling import reconcile, reconcile_all
from moral_bank.proof.verifying import chain_verify
from tests.moral_bank.closings.house import noon
from tests.moral_bank.market.house import NOW, MarketHouse
from tests.moral_bank.panel.house import PanelHouse

NIGHT = datetime.fromisoformat("2026-04-03T02:30:00+08:00")


class Town(MarketHouse):
    """The market's house with a redemption in each state, sealed."""

    def __init__(self) -> None:
        super().__init__()
        self.held = self.hold(quantity=2)
        self.done = self.handed()
        self.cancelled = redemption_cancel(redemption=self.hold(), reason="不要了", by=self.clerk, at=NOW)
        self.refunded = self.refund(goods_back=True)
        self.lost = self.refund(goods_back=False)
        chain_heads(NOW)

    def handed(self) -> Redemption:
        held = self.hold()
        who = collectors(self.account)[0]
        return redemption_hand(redemption=held, code=held.code, collector=who, by=self.second, at=NOW)

    def refund(self, goods_back: bool) -> Redemption:
        return redemption_refund(redemption=self.handed(), reason="坏的", goods_back=goods_back, by=self.clerk, at=NOW)


@pytest.fixture
def town(db: None) -> Town:
    return Town()


def around(statement: str, *values: Any) -> None:
    """SQL past every trigger, as only the owner of the database can."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = origin")


def words(report: Reconciliation) -> list[str]:
    return [f"{found['kind']} {found['words']} {found['link']}" for found in report.findings]


def test_it_finds_nothing_where_nothing_is_wrong(town: Town) -> None:
    report = reconcile(town.township, NIGHT)
    assert report.findings == []
    assert (report.day, report.figures["accounts"], report.figures["redemptions"]) == (date(2026, 4, 3), 1, 5)
    assert report.figures["villages"] == [{"name": "八一村", "accounts": 1, "points": 85, "cents": 8500}]
    assert not Message.objects.exists()


def test_it_names_a_guard_that_is_gone(town: Town) -> None:
    around("DROP TRIGGER claim_kept ON moral_bank_claim; ALTER TABLE moral_bank_honour DROP CONSTRAINT honour_has_its_reason")
    assert words(reconcile(town.township, NIGHT)) == [
        "数据库规则 数据库里缺少约束 honour_has_its_reason（moral_bank_honour），请系统管理员执行 migrate ",
        "数据库规则 数据库里缺少触发器 claim_kept，请系统管理员执行 migrate ",
    ]


def spending(town: Town) -> int:
    assert town.held.entry_id
    return town.held.entry_id


BROKEN: dict[str, tuple[str, str, str, str]] = {
    # name: statement, what it is about, kind, words
    "a balance": ("UPDATE moral_bank_account SET balance = balance + 7 WHERE id = %s", "account", "余额", "余额 92，各笔记录合计 85"),
    "an article's stock": ("UPDATE moral_bank_item SET stock = stock - 1 WHERE id = %s", "soap", "库存", "各批合计 96，出入库合计 96"),
    "a lot's stock": ("UPDATE moral_bank_lot SET stock = stock + 1 WHERE id = %s", "early", "批次", "这一批库存"),
    "a move between articles": (
        "UPDATE moral_bank_move SET item_id = (SELECT max(id) FROM moral_bank_item) WHERE id = "
        "(SELECT min(id) FROM moral_bank_move WHERE lot_id = %s)",
        "early",
        "批次",
        "有记到别的物品上的出入库",
    ),
    "the goods of a hold": (
        "UPDATE moral_bank_move SET quantity = -1 WHERE redemption_id = %s",
        "held",
        "兑换",
        "香皂 × 2（待领取）：出入库合计 -1，应为 -2",
    ),
    "the points of a hold": ("UPDATE moral_bank_redemption SET points = 9 WHERE id = %s", "held", "兑换", "应扣 9 分，记录为 -10 分"),
    "the household of a hold": (
        "UPDATE moral_bank_redemption SET account_id = (SELECT max(id) FROM moral_bank_account) WHERE id = %s",
        "held",
        "兑换",
        "扣的是别户的积分",
    ),
    "a hold called back in name only": (
        "UPDATE moral_bank_redemption SET state = 'cancelled', ended_at = now(), reason = 'x' WHERE id = %s",
        "held",
        "兑换",
        "（已取消）：积分没有退回、出入库合计 -2，应为 +0",
    ),
    "a refund in name only": (
        "UPDATE moral_bank_redemption SET state = 'refunded', ended_at = now(), reason = 'x' WHERE id = %s",
        "done",
        "兑换",
        "（已退货）：积分没有退回",
    ),
    "a hand-over after the points were given back": (
        "UPDATE moral_bank_redemption SET state = 'held', handed_by_id = NULL, handed_at = NULL, ended_at = NULL, reason = '' "
        "WHERE id = %s",
        "refunded",
        "兑换",
        "（待领取）：积分已被冲正、出入库合计 +0，应为 -1",
    ),
    "a hold deleted": (
        "WITH gone AS (DELETE FROM moral_bank_move WHERE redemption_id = %s RETURNING redemption_id) "
        "DELETE FROM moral_bank_redemption WHERE id IN (SELECT redemption_id FROM gone)",
        "held",
        "来源",
        "道德超市兑换：香皂×2：没有对应的兑换",
    ),
    "a claim's entry out of nowhere": (
        "UPDATE moral_bank_entry SET source_key = 'claim:999' WHERE id = (SELECT min(id) FROM moral_bank_entry "
        "WHERE account_id = %s)",
        "account",
        "来源",
        "没有对应的申报",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_it_names_each_kind_of_difference(town: Town, name: str) -> None:
    statement, about, kind, said = BROKEN[name]
    if "max(id) FROM moral_bank_account" in statement:
        town.home("李四", 0)
    around(statement, getattr(town, about).pk)
    report = reconcile(town.township, NIGHT)
    assert any(line.startswith(kind) and said in line for line in words(report)), words(report)
    assert Message.objects.get().text == f"04月03日台账核对发现 {len(report.findings)} 处不符，请查看。"


def test_it_names_what_the_chain_says(town: Town) -> None:
    """A memo alters no sum: only the chain sees it. Since the last head by night, from the beginning on Sundays."""
    around("UPDATE moral_bank_entry SET memo = '别的' WHERE id = %s", spending(town))
    assert any(line.startswith("校验链 记录被改：第 21 条") for line in words(reconcile(town.township, NOW)))
    assert reconcile(town.township, NIGHT).findings == []
    sunday = NIGHT + timedelta(days=2)
    assert any(line.startswith("校验链") for line in words(reconcile(town.township, sunday)))
    assert chain_verify(town.township) is not None


def test_it_keeps_every_run_of_a_day(town: Town) -> None:
    around("UPDATE moral_bank_account SET balance = balance + 1")
    first = reconcile(town.township, NIGHT)
    around("UPDATE moral_bank_account SET balance = balance - 1")
    again = reconcile(town.township, NIGHT + timedelta(hours=8))
    first.refresh_from_db()
    assert (again.day, again.findings, len(first.findings)) == (first.day, [], len(words(first)))
    assert first.findings
    assert reconcile_all(NIGHT + timedelta(days=1)) == 0
    assert Reconciliation.objects.count() == 3
    for statement in ("UPDATE moral_bank_reconciliation SET findings = '[]'", "DELETE FROM moral_bank_reconciliation"):
        with pytest.raises(IntegrityError, match="只增不改"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Message.objects.count() == 1


def test_it_says_that_there_is_more(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "SHOWN", 2)
    for name in ("李四", "王五", "赵六"):
        town.home(name, 0)
    around("UPDATE moral_bank_account SET balance = balance + 1")
    report = reconcile(town.township, NIGHT)
    assert [found["words"][:10] for found in report.findings][-1] == "还有更多，只列出前 "
    assert len(report.findings) == 3


def test_it_asks_as_often_for_many_as_for_one(town: Town) -> None:
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            reconcile(town.township, NIGHT)
        counts.append(len(queries))
        for number in range(5):
            town.hold(account=town.home(f"李{number}", 10))
        chain_heads(NOW)
    assert counts[1] >= counts[2]


@pytest.fixture
def panel(db: None) -> PanelHouse:
    """One claim posted with its month, one approved."""
    house = PanelHouse()
    house.sit(house.verdict(house.claim()), at=noon(2026, 3, 21))
    house.lock("2026-03")
    house.claim("J1", house.accounts[1], score=4, state="declared", decided_by=None, decided_at=None)
    chain_heads(noon(2026, 4, 9))
    return house


def test_it_finds_posted_claims_right(panel: PanelHouse) -> None:
    assert Claim.objects.filter(state="posted").count() == 1
    report = reconcile(panel.township, noon(2026, 4, 9))
    assert (report.findings, report.figures["claims"]) == ([], 1)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE moral_bank_claim SET score = 3 WHERE state = 'posted'", "申报 +3 分（2026-03-02），入账 +5 分（2026-03-02）"),
        ("UPDATE moral_bank_claim SET deed_id = (SELECT min(id) FROM moral_bank_deed) + 1 WHERE state = 'posted'", "户或事项不同"),
        ("UPDATE moral_bank_claim SET state = 'approved', entry_id = NULL WHERE state = 'posted'", "所在月份已锁定，却没有入账"),
    ],
    ids=["another score", "another deed", "left behind"],
)
def test_it_names_claims_that_differ_from_their_entries(panel: PanelHouse, statement: str, said: str) -> None:
    around(statement)
    report = reconcile(panel.township, noon(2026, 4, 9))
    assert any(line.startswith("申报") and said in line for line in words(report)), words(report)
