"""One row of everything that the ledger's guards speak of, laid down for `test_ledger_guards.py`; names are the rows' ids."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection

from governance.disclosure.models import Notice
from moral_bank.market.services import redemption_cancel, redemption_hand
from moral_bank.models import (
    Appeal,
    ChainHead,
    ChainLink,
    Claim,
    Closing,
    CoverDay,
    Expiry,
    Honour,
    Judgement,
    Move,
    Nomination,
    PanelMember,
    Passbook,
    Proxy,
    Rating,
    Reconciliation,
    Redemption,
    Reminder,
    Sitting,
    StockCount,
    StockTake,
    Supplier,
    Vote,
)
from tests.builders import make_entry, make_household, make_rule_set, make_village, settlement_of
from tests.moral_bank.market.house import NOW, MarketHouse
from tests.moral_bank.panel.house import make_member

SPRING, MARCH = date(2026, 1, 1), date(2026, 3, 1)


class World(MarketHouse):
    """`ids` names rows: `UPDATE … WHERE id = {held}`."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: dict[str, Any] = {}
        self._market()
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            self._bank()
            self._claims()
            self._awards()
            self._papers()
            cursor.execute("SET session_replication_role = origin")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def keep(self, **rows: Any) -> None:
        self.ids |= {name: row.pk for name, row in rows.items()}

    def notice(self, kind: str = "rating", closes: date = date(2026, 4, 30)) -> Notice:
        return Notice.objects.create(unit=self.village, kind=kind, title="公示", opens_on=date(2026, 4, 1), closes_on=closes)

    def _market(self) -> None:
        self.other = make_village(self.township, "马鞍村委会", "511923102202")
        self.stranger = make_household(self.other, "马鞍人家")
        self.poor = self.home("李四", 10)
        held, done = self.hold(quantity=2), self.hold()
        redemption_hand(redemption=done, code=done.code, collector="王小明", by=self.second, at=NOW)
        back = redemption_cancel(redemption=self.hold(), reason="不要了", by=self.clerk, at=NOW)
        self.spent = make_entry(self.account, self.rules.deeds.get(code="S1"), date(2026, 3, 3), self.staff)
        self.draft = make_rule_set(self.township, adopted=False, version=2, valid_from=date(2027, 1, 1))
        self.keep(
            account=self.account, poor=self.poor, village=self.village, other=self.other, township=self.township,
            staff=self.staff, clerk=self.clerk, second=self.second, rules=self.rules, draft=self.draft, shop=self.shop,
            soap=self.soap, oil=self.oil, early=self.early, pot=self.pot, held=held, done=done, back=back, entry=self.spent,
            stranger=self.stranger, s1=self.rules.deeds.get(code="S1"), j1=self.rules.deeds.get(code="J1"),
            draft_s1=self.draft.deeds.get(code="S1"), draft_head=self.draft.heads.first(), head=self.rules.heads.first(),
            late=self.late, spending=held.entry, yard=settlement_of(self.village),
        )  # fmt: skip

    def _bank(self) -> None:
        """Closings of every state with ratings, a stock-take, what the night keeps."""
        state = {"rule_set": self.rules, "computed_at": NOW}
        shown, locked = self.notice(), self.notice()
        self.opened = self._closing("month", date(2026, 5, 1), "open")
        self.computed = self._closing("month", date(2026, 4, 1), "computed", **state)
        self.noticed = self._closing("month", date(2026, 2, 1), "noticed", notice=shown, **state)
        self.locked = self._closing("month", SPRING, "locked", notice=locked, locked_at=NOW, **state)
        quarter = self._closing("quarter", SPRING, "locked", notice=self.notice(), locked_at=NOW, **state)
        self.year = self._closing("year", date(2025, 1, 1), "locked", notice=self.notice(), locked_at=NOW, **state)
        rate = Rating.objects.create
        self.honoured = rate(closing=self.year, account=self.account, score=95, rank=1, stars=5, honoured=True)
        self.starless = rate(closing=quarter, account=self.account, score=40, rank=1, stars=0)
        self.keep(received=Move.objects.get(kind="received", lot=self.early))
        plain = rate(closing=self.year, account=self.poor, score=50, rank=2)
        take = StockTake.objects.create(shop=self.shop, on=MARCH, by=self.clerk, witness="王", witness_account=self.second, at=NOW)
        count = StockCount.objects.create(stock_take=take, lot=self.early, expected=38, counted=37, reason="破损")
        move = Move.objects.create(
            lot=self.early, item=self.soap, kind="counted", quantity=-1, stock_take=take, reason="破损", source_key="take", at=NOW
        )
        self.keep(
            opened=self.opened, computed=self.computed, noticed=self.noticed, locked=self.locked, year=self.year, quarter=quarter,
            rating=rate(closing=self.computed, account=self.account, score=60, rank=1), settled=self.starless, take=take,
            honoured=self.honoured, plain=plain, count=count, counted=move, out=Move.objects.filter(redemption=self.ids["held"]).first(),
            link=ChainLink.objects.create(township=self.township, position=1, entry_id=self.spent.pk, digest="a" * 64),
            chain_head=ChainHead.objects.create(township=self.township, day=MARCH, count=1, digest="a" * 64, sealed_at=NOW),
            report=Reconciliation.objects.create(township=self.township, day=MARCH, made_at=NOW),
            cover=CoverDay.objects.create(
                village=self.village, day=MARCH, balance=1, cents_per_point=100, fund_cents=1, goods_cents=1
            ),
            supplier=Supplier.objects.create(village=self.village, name="供销社"), fund=self.shop.fund_moves.get(kind="grant"),
        )  # fmt: skip

    def _closing(self, kind: str, start: date, state: str, **fields: Any) -> Closing:
        return Closing.objects.create(village=self.village, kind=kind, start=start, state=state, **fields)

    def _claim(self, state: str, account: Any = None, **fields: Any) -> Claim:
        decided = {} if state in ("declared", "withdrawn") else {"decided_by": self.second, "decided_at": NOW}
        return Claim.objects.create(
            account=account or self.account, deed=self.rules.deeds.get(code="S1"), score=5, state=state,
            declared_by=self.clerk, declared_at=NOW, **{"occurred_on": MARCH, **decided, **fields},
        )  # fmt: skip

    def _claims(self) -> None:
        members = [make_member(self.village, f"评议{seat}", by=self.staff) for seat in range(4)]
        self.kin = make_member(self.village, "王小明", household=self.account.household, by=self.staff)
        absent = make_member(self.village, "未到会", by=self.staff)
        again = PanelMember.objects.create(
            village=self.village, resident=members[0].resident, appointed_by=self.staff, appointed_on=SPRING, ended_on=MARCH
        )
        stranger = make_member(self.other, "外村人", by=self.staff)
        sitting = self._sitting([*members, self.kin])
        verified, approved, judged = self._claim("verified"), self._claim("approved", counts_on=MARCH), self._claim("verified")
        posted = self._claim("posted", counts_on=self.spent.occurred_on, entry=self.spent, closing=self.locked)
        Claim.objects.filter(pk=approved.pk).update(closing=self.noticed)
        judgement = Judgement.objects.create(claim=judged, sitting=sitting, approved=True, score=5)
        old = Judgement.objects.create(claim=approved, sitting=sitting, approved=True, score=5)
        votes = [Vote.objects.create(judgement=judgement, member=member, choice="yes") for member in members[:3]]
        rejected = self._claim("rejected", reason="不属实", row_key=uuid4())
        Redemption.objects.filter(state="cancelled").update(row_key=uuid4())
        appeal = {"name": "王小明", "text": "不服", "received_by": self.clerk, "received_at": NOW, "account": self.account}
        answer = {"state": "dismissed", "answer": "维持", "answered_by": self.staff, "answered_at": NOW}
        self.keep(
            declared=self._claim("declared"), verified=verified, approved=approved, judged=judged, posted=posted, rejected=rejected,
            late_claim=self._claim("verified", counts_on=SPRING), fresh=self._sitting([]), sitting=sitting, judgement=judgement,
            refused=self._claim("rejected", reason="重复"),
            old=old, member=members[3], seat=members[0], kin=self.kin, again=again, absent=absent, outside=stranger, vote=votes[0],
            appeal=Appeal.objects.create(claim=rejected, **appeal),
            answered=Appeal.objects.create(entry=self.spent, **appeal, **answer),
            bench=Sitting.members.through.objects.filter(sitting=sitting).first(),
        )  # fmt: skip

    def _sitting(self, members: list[Any]) -> Sitting:
        sitting = Sitting.objects.create(
            village=self.village, held_on=MARCH, recorded_by=self.second, recorded_at=NOW
        )
        sitting.members.set(members)
        return sitting

    def _nomination(self, state: str, half: date, **fields: Any) -> Nomination:
        return Nomination.objects.create(
            account=self.account, village=self.village, half=half, source="self", nominator="王小明", story="好", state=state,
            nominated_by=self.clerk, nominated_at=NOW, **fields,
        )  # fmt: skip

    def _awards(self) -> None:
        judged = {"judged_on": MARCH, "judged_by": self.second, "present": 5, "votes_yes": 4, "votes_no": 1}
        over, running = self.notice("award", date(2026, 4, 3)), self.notice("award", date(2099, 1, 1))
        shown = {**judged, "notice_row": 1}
        confirmed = self._nomination(
            "confirmed", date(2024, 1, 1), notice=over, decided_by=self.staff, decided_at=NOW, **shown
        )
        number = {"account": self.account, "village": self.village, "granted_on": MARCH}
        self.keep(
            nominated=self._nomination("nominated", date(2026, 1, 1)),
            recommended=self._nomination("recommended", date(2025, 7, 1), **judged),
            shown=self._nomination("noticed", date(2025, 1, 1), notice=over, **shown),
            showing=self._nomination("noticed", date(2024, 7, 1), notice=running, **shown),
            confirmed=confirmed, award_notice=over, other_notice=self.notice(),
            family=Honour.objects.create(kind="family", period="2024-H1", number="A1", nomination=confirmed, **number),
            year_honour=Honour.objects.create(kind="year", period="2025", number="A2", rating=self.honoured, **number),
            unhonoured=self._nomination("confirmed", date(2023, 7, 1), notice=over, decided_by=self.staff, decided_at=NOW, **shown),
            reminder=Reminder.objects.create(rating=self.starless, told_on=MARCH, told_by=self.second, recorded_at=NOW),
        )  # fmt: skip

    def _papers(self) -> None:
        terms = {"issued_by": self.clerk, "issued_at": NOW, "nonce": "n"}
        gone = {"revoked_by": self.clerk, "revoked_at": NOW, "reason": "丢失"}
        person = {"account": self.account, "relation": "子", "consent": "当面", "added_by": self.clerk, "added_on": MARCH}
        self.keep(
            passbook=Passbook.objects.create(account=self.account, token_hash="a", **terms),
            revoked=Passbook.objects.create(account=self.account, token_hash="b", **terms, **gone),
            proxy=Proxy.objects.create(name="王一", **person), ended_proxy=Proxy.objects.create(name="王二", ended_on=MARCH, **person),
            expiry=self._expiry(date(2026, 5, 20)), done_expiry=self._expiry(date(2026, 5, 21), done_at=NOW + timedelta(days=60)),
        )  # fmt: skip

    def _expiry(self, ends: date, **fields: Any) -> Expiry:
        return Expiry.objects.create(
            township=self.township, village=self.village, earned_until=MARCH, expires_on=ends, basis="村规", decided_by=self.staff,
            decided_at=datetime.fromisoformat("2026-04-02T12:00+08:00"), notice=self.notice("expiry"), **fields,
        )  # fmt: skip


