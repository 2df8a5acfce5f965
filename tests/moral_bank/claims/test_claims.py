"""申报 and 核实: who may, what is refused, what is written down for whom, how often it counts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.accounts.duties import Duty
from governance.accounts.models import User
from governance.disclosure.models import Notice
from moral_bank.claims.services import (
    ClaimError,
    Declaration,
    accounts_open,
    claim_declare,
    claim_reject,
    claim_verify,
    claim_withdraw,
    claims_declare,
    claims_waiting_for,
    may_verify,
    with_alike,
)
from moral_bank.models import Account, Claim, Closing, Entry, Rating
from moral_bank.rules.models import Deed, Head
from tests.builders import (
    make_account,
    make_cast,
    make_deed,
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
        self.rule_set = make_rule_set(self.township, adopted=False)
        make_deed(self.rule_set, "H1", Head.SERVICE, "志愿服务时长", 2, points=2, by_quantity=True, unit="小时")
        make_deed(self.rule_set, "O1", Head.SERVICE, "村务监督", 2, points=2, verifier=Duty.OVERSEER)
        self.rule_set.state, self.rule_set.adopted_at = "adopted", NOW
        self.rule_set.save()
        self.household = make_household(self.village)

    def declare(self, by: str = "cadre", code: str = "J1", **fields: object) -> Claim:
        values = {"score": 6 if code == "J1" else None, "note": "", "occurred_on": MARCH, **fields}
        return claim_declare(
            household=self.household,
            deed=Deed.objects.get(code=code, rule_set=self.rule_set),
            by=self.cast[by],
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
def test_it_sends_to_the_panel_what_the_named_officer_verifies(yard: Yard) -> None:
    claim = claim_verify(claim=yard.declare(), by=yard.cast["sanitation"], at=NOW)
    assert (claim.state, claim.entry, claim.decided_by) == ("verified", None, yard.cast["sanitation"])
    assert claim.history.latest().history_user == yard.cast["sanitation"]
    with pytest.raises(ClaimError, match="不能重复"):
        claim_verify(claim=claim, by=yard.cast["sanitation"], at=NOW)
    assert not Entry.objects.exists()
    assert Account.objects.get().balance == 0, "nothing is posted before the month is locked"


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
def test_it_waits_for_no_duty_that_cannot_verify(yard: Yard) -> None:
    """An adopted deed may still name the overseer, who verifies nothing: the village stands in."""
    claim = yard.declare(code="O1")
    can = {duty for duty, user in yard.cast.items() if may_verify(claim, user)}
    assert can == {duty for duty, user in yard.cast.items() if claims_waiting_for(user).filter(pk=claim.pk).exists()}
    assert can == {"secretary"}, "the cadre declared it"
    assert claim.deed.get_verifier_display() == "村务监督委员会成员"
    with pytest.raises(ValidationError, match="overseer"):
        claim.deed.clean_fields()


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
def test_it_refuses_a_locked_month_at_once(yard: Yard) -> None:
    before = yard.declare()
    make_locked_month(yard.village, yard.rule_set, date(2026, 3, 1))
    with pytest.raises(ClaimError, match="已锁定") as refused:
        yard.declare()
    assert refused.value.code == "locked"
    assert yard.declare(occurred_on=date(2026, 4, 1)).state == "declared"
    assert claim_verify(claim=before, by=yard.cast["sanitation"], at=NOW).state == "verified", "declared in time"


@time_machine.travel(NOW, tick=False)
def test_it_refuses_a_month_in_which_the_household_was_rated_elsewhere(yard: Yard) -> None:
    """A household that has moved since: the month of its former village is locked, that of its own is not."""
    former = make_village(yard.township, "马鞍村委会", "511923102202")
    notice = Notice.objects.create(unit=former, kind="rating", title="公示", opens_on=MARCH, closes_on=MARCH)
    closing = Closing.objects.create(
        village=former, kind="month", start=date(2026, 3, 1), state="noticed", rule_set=yard.rule_set, computed_at=NOW,
        notice=notice,
    )  # fmt: skip
    Rating.objects.create(closing=closing, account=make_account(yard.household), score=60, rank=1)
    yard.declare()
    closing.state, closing.locked_at = "locked", NOW
    closing.save()
    with pytest.raises(ClaimError, match="已锁定"):
        yard.declare()


@time_machine.travel(NOW, tick=False)
def test_it_counts_by_quantity(yard: Yard) -> None:
    assert (yard.declare(code="H1", quantity=3).score, yard.declare(code="S1").score) == (6, 5)
    for code, quantity, words in (("H1", 0, "数量"), ("H1", 1000, "数量"), ("S1", 2, "不按数量"), ("H1", 600, "不能超过")):
        with pytest.raises(ClaimError, match=words):
            yard.declare(code=code, quantity=quantity)


@pytest.mark.parametrize(
    ("source", "applicant", "consent", "kept"),
    [
        ("cadre", "", "", True),
        ("household", "王小明", "spoken", True),
        ("neighbour", "李四", "signed", True),
        ("household", "", "spoken", False),
        ("neighbour", "李四", "", False),
        ("neighbour", "李四", "gossip", False),
        ("cadre", "李四", "", False),
        ("nobody", "李四", "spoken", False),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_it_writes_down_for_others_only_with_name_and_consent(
    yard: Yard, source: str, applicant: str, consent: str, kept: bool
) -> None:
    if kept:
        claim = yard.declare(source=source, applicant=applicant, consent=consent)
        assert (claim.applicant, claim.consent, claim.declared_by) == (applicant, consent, yard.cast["cadre"])
        return
    with pytest.raises(ClaimError) as refused:
        yard.declare(source=source, applicant=applicant, consent=consent)
    assert refused.value.code == "consent"


@time_machine.travel(NOW, tick=False)
def test_it_is_withdrawn_by_its_declarer_until_the_panel_has_judged(yard: Yard) -> None:
    claim = yard.declare()
    with pytest.raises(ClaimError, match="只有申报人"):
        claim_withdraw(claim=claim, by=yard.cast["sanitation"], at=NOW)
    claim_verify(claim=claim, by=yard.cast["sanitation"], at=NOW)
    assert claim_withdraw(claim=claim, by=yard.cast["cadre"], at=NOW).state == "withdrawn"
    with pytest.raises(ClaimError, match="不能撤回"):
        claim_withdraw(claim=claim, by=yard.cast["cadre"], at=NOW)
    with pytest.raises(ClaimError, match="不能重复"):
        claim_verify(claim=claim, by=yard.cast["sanitation"], at=NOW)


@time_machine.travel(NOW, tick=False)
def test_it_hints_at_what_is_alike(yard: Yard) -> None:
    first, second = yard.declare(), yard.declare()
    yard.declare(occurred_on=date(2026, 3, 3))

    def alike() -> set[int]:
        return {claim.pk for claim in with_alike(Claim.objects.all()) if claim.alike}

    assert alike() == {first.pk, second.pk}
    claim_withdraw(claim=second, by=yard.cast["cadre"], at=NOW)
    assert alike() == set()


@time_machine.travel(NOW, tick=False)
def test_it_declares_many_in_as_many_statements_as_one(yard: Yard) -> None:
    deed, by = Deed.objects.get(code="S1"), yard.cast["cadre"]
    assert by.grants, "read once a request"

    def declared(count: int) -> int:
        homes = [make_household(yard.village) for _ in range(count)]
        said = [Declaration(home, deed, MARCH, row_key=uuid4()) for home in homes]
        with CaptureQueriesContext(connection) as captured:
            found = claims_declare(declarations=said, by=by, at=NOW)
        assert [claim.account.household for claim in found if isinstance(claim, Claim)] == homes
        return len(captured)

    assert declared(2) == declared(40)
    assert Claim.history.count() == 42


@time_machine.travel(NOW, tick=False)
def test_it_says_of_many_which_were_refused_and_takes_a_row_once(yard: Yard) -> None:
    deed = Deed.objects.get(code="S1")
    far = make_household(make_village(yard.township, "马鞍村委会", "511923102202"))
    said = [
        Declaration(far, deed, MARCH, row_key=uuid4()),
        Declaration(yard.household, deed, MARCH, row_key=uuid4()),
        Declaration(yard.household, deed, date(2026, 4, 3), row_key=uuid4()),
    ]
    for by in ("cadre", "secretary"):
        stranger, entered, future = claims_declare(declarations=said, by=yard.cast[by], at=NOW)
        assert entered == Claim.objects.get()
        assert isinstance(stranger, ClaimError) and stranger.code == "scope"
        assert isinstance(future, ClaimError) and future.code == "date"


def test_it_opens_the_missing_accounts_once(yard: Yard) -> None:
    homes = [(home.pk, yard.village.parent_id) for home in (yard.household, make_household(yard.village, "李四"))]
    for _ in range(2):
        accounts_open(homes, MARCH)
        assert list(Account.objects.order_by("household").values_list("household", "township", "opened_on")) == [
            (*home, MARCH) for home in homes
        ]
