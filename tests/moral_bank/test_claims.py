"""申报 → 核实 → 入账: who may, what is refused, what is posted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction

from governance.accounts.duties import Duty
from governance.accounts.models import User
from moral_bank.claims import ClaimError, accounts_open, claim_declare, claim_reject, claim_verify, may_verify
from moral_bank.ledger import LedgerError
from moral_bank.models import Account, Claim, Entry
from moral_bank.rule_models import Deed
from tests.builders import (
    make_cast,
    make_household,
    make_locked_month,
    make_rule_set,
    make_township,
    make_user,
    make_village,
)

NOW = datetime(2026, 4, 2, 4, tzinfo=UTC)
MARCH = date(2026, 3, 2)


class Yard:
    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)
        self.rule_set = make_rule_set(self.township)
        self.household = make_household(self.village)

    def declare(self, by: str = "cadre", code: str = "J1", key: UUID | None = None, **fields: object) -> Claim:
        values = {"score": 6 if code == "J1" else None, "note": "", "occurred_on": MARCH, **fields}
        return claim_declare(
            household=self.household,
            deed=Deed.objects.get(code=code, rule_set=self.rule_set),
            by=self.cast[by],
            client_key=key or uuid4(),
            at=NOW,
            **values,  # type: ignore[arg-type]
        )


@pytest.fixture
def yard(db: None) -> Yard:
    with time_machine.travel(NOW, tick=False):
        return Yard()


def fresh(user: User) -> User:
    """The user as the next request reads it."""
    return User.objects.get(pk=user.pk)


@time_machine.travel(NOW, tick=False)
def test_it_posts_what_the_named_officer_verifies(yard: Yard) -> None:
    claim = yard.declare()
    assert not Entry.objects.exists()
    entry = claim_verify(claim=claim, by=yard.cast["sanitation"], at=NOW)
    claim.refresh_from_db()
    assert (claim.state, claim.entry, claim.decided_by) == ("posted", entry, yard.cast["sanitation"])
    assert (entry.score, entry.points, entry.source_key) == (6, 6, f"claim:{claim.pk}")
    with pytest.raises(ClaimError, match="不能重复"):
        claim_verify(claim=claim, by=yard.cast["sanitation"], at=NOW)
    assert Account.objects.get().balance == 6


@time_machine.travel(NOW, tick=False)
def test_it_creates_once_what_is_sent_twice(yard: Yard) -> None:
    key = uuid4()
    assert yard.declare(key=key) == yard.declare(key=key)
    assert Claim.objects.count() == 1


@pytest.mark.parametrize(
    ("duty", "may"),
    [("sanitation", True), ("yard_head", False), ("mediator", False), ("secretary", False), ("staff", False)],
)
@time_machine.travel(NOW, tick=False)
def test_it_waits_for_the_officer_whom_the_deed_names(yard: Yard, duty: str, may: bool) -> None:
    claim = yard.declare()
    assert may_verify(claim, yard.cast[duty]) is may
    if not may:
        with pytest.raises(ClaimError, match="不归您核实"):
            claim_verify(claim=claim, by=yard.cast[duty], at=NOW)


@time_machine.travel(NOW, tick=False)
def test_it_falls_to_the_village_where_the_post_is_vacant(yard: Yard) -> None:
    yard.cast["sanitation"].posts.update(ended_on=date(2026, 3, 1))
    claim = yard.declare()
    assert may_verify(claim, fresh(yard.cast["secretary"]))
    assert not may_verify(claim, fresh(yard.cast["cadre"])), "the declarer never verifies"
    assert not may_verify(claim, fresh(yard.cast["sanitation"]))


@time_machine.travel(NOW, tick=False)
def test_it_keeps_declarer_and_verifier_apart_in_the_database(yard: Yard) -> None:
    claim = yard.declare(by="sanitation")
    with pytest.raises(ClaimError, match="自己"):
        claim_verify(claim=claim, by=yard.cast["sanitation"], at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(
            state="rejected", reason="x", decided_by=yard.cast["sanitation"], decided_at=NOW
        )


@time_machine.travel(NOW, tick=False)
def test_it_rejects_with_a_reason_only(yard: Yard) -> None:
    claim = yard.declare()
    with pytest.raises(ClaimError, match="原因"):
        claim_reject(claim=claim, reason=" ", by=yard.cast["sanitation"])
    rejected = claim_reject(claim=claim, reason="不是本户", by=yard.cast["sanitation"], at=NOW)
    assert (rejected.state, rejected.reason, rejected.entry) == ("rejected", "不是本户", None)


@time_machine.travel(NOW, tick=False)
def test_it_refuses_other_villages_other_versions_and_the_future(yard: Yard) -> None:
    other = make_village(yard.township, "马鞍村委会", "511923102202")
    stranger = make_user("stranger", Duty.CADRE, other)
    yard.cast["stranger"] = stranger
    with pytest.raises(ClaimError, match="范围"):
        yard.declare(by="stranger")
    with pytest.raises(ClaimError, match="今天"):
        yard.declare(occurred_on=date(2026, 4, 3))
    with pytest.raises(ClaimError, match="细则"):
        yard.declare(occurred_on=date(2025, 12, 31))
    with pytest.raises(ClaimError, match="之间"):
        yard.declare(score=11)


@time_machine.travel(NOW, tick=False)
def test_it_leaves_the_claim_waiting_when_the_ledger_refuses(yard: Yard) -> None:
    claim = yard.declare()
    make_locked_month(yard.village, yard.rule_set, date(2026, 3, 1))
    with pytest.raises(LedgerError, match="已锁定"):
        claim_verify(claim=claim, by=yard.cast["sanitation"], at=NOW)
    claim.refresh_from_db()
    assert claim.state == "declared"


def test_it_opens_the_missing_accounts_once(yard: Yard) -> None:
    make_household(yard.village, "李四")
    assert accounts_open([yard.village], MARCH) == 2
    assert accounts_open([yard.village], MARCH) == 0
