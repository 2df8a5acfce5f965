"""申诉, once: what may be appealed against, who answers, what becomes of it; and what the databases refuse."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction

from governance.accounts.duties import Duty
from governance.accounts.inbox_models import Message
from governance.accounts.models import User
from governance.frame.saving import save_by
from moral_bank.claims.appeals import AppealError, answer_refusal, appeal_answer, appeal_file, appeals_waiting_for
from moral_bank.claims.services import claim_reject, claim_verify
from moral_bank.ledger.services import entry_reverse
from moral_bank.models import Appeal, Claim, Entry
from moral_bank.rules.models import Deed
from tests.builders import (
    make_account,
    make_cast,
    make_entry,
    make_household,
    make_rule_set,
    make_township,
    make_user,
    make_village,
)
from tests.trial import run_in_trial_mode

NOW = datetime(2026, 4, 2, 4, tzinfo=UTC)
MARCH = date(2026, 3, 2)
SAID: dict[str, Any] = {"name": "王小明", "text": "那天我在场，有人作证。", "at": NOW}


class Yard:
    """A household with a refused claim of the cadre's, a loss and a veto in the ledger, and two clerks."""

    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)
        self.clerk = make_user("clerk", Duty.STAFF, self.township)
        rule_set = make_rule_set(self.township)
        self.deeds = {deed.code: deed for deed in Deed.objects.filter(rule_set=rule_set)}
        self.household = make_household(self.village)
        self.account = make_account(self.household)
        self.claim = Claim.objects.create(
            account=self.account, deed=self.deeds["S1"], occurred_on=MARCH, score=5,
            declared_by=self.cast["cadre"], declared_at=NOW,
        )  # fmt: skip
        claim_reject(claim=self.claim, reason="没有这回事", by=self.cast["yard_head"], at=NOW)
        self.loss = self.entry("L1")
        self.veto = self.entry("V1")

    def entry(self, code: str) -> Entry:
        return make_entry(self.account, self.deeds[code], MARCH, self.cast["staff"])

    def appeal(self, by: str = "cadre", **about: Any) -> Appeal:
        return appeal_file(**(about or {"claim": self.claim}), by=self.cast[by], **SAID)

    def answer(self, appeal: Appeal, upheld: bool = True, by: User | None = None) -> Appeal:
        return appeal_answer(appeal=appeal, upheld=upheld, answer="证人属实", by=by or self.clerk, at=NOW)


@pytest.fixture
def yard(db: None) -> Yard:
    with time_machine.travel(NOW, tick=False):
        return Yard()


@time_machine.travel(NOW, tick=False)
def test_it_sends_an_upheld_claim_back_to_the_panel(yard: Yard) -> None:
    appeal = yard.answer(yard.appeal())
    claim = Claim.objects.get()
    assert (appeal.state, claim.state, claim.reason, claim.decided_by) == ("upheld", "verified", "", yard.clerk)
    told = Message.objects.get(user=yard.cast["cadre"])
    assert told.link == f"/appeals/{appeal.pk}/" and "申诉成立" in told.text and "证人属实" in told.text


@time_machine.travel(NOW, tick=False)
def test_it_judges_anew_with_the_figure_declared(yard: Yard) -> None:
    """What a cap had left of it before an objection struck it is forgotten."""
    Claim.objects.update(score=2, counts_on=MARCH)
    yard.answer(yard.appeal())
    assert Claim.objects.values_list("score", "counts_on").get() == (5, None)


@pytest.mark.parametrize("what", ["loss", "veto"])
@time_machine.travel(NOW, tick=False)
def test_it_reverses_an_upheld_entry_into_the_open_month(yard: Yard, what: str) -> None:
    entry = getattr(yard, what)
    yard.answer(yard.appeal(entry=entry))
    made = Entry.objects.get(reverses=entry)
    assert (made.score, made.occurred_on, made.posted_by) == (-entry.score, date(2026, 4, 2), yard.clerk)
    assert "申诉成立，证人属实" in made.memo


@time_machine.travel(NOW, tick=False)
def test_it_is_final_once_dismissed(yard: Yard) -> None:
    appeal = yard.answer(yard.appeal(), upheld=False)
    assert (appeal.state, Claim.objects.get().state) == ("dismissed", "rejected")
    with pytest.raises(AppealError, match="不能再答复"):
        yard.answer(appeal)
    with pytest.raises(AppealError, match="已经申诉过"):
        yard.appeal()


@time_machine.travel(NOW, tick=False)
def test_it_takes_one_appeal_against_one_thing(yard: Yard) -> None:
    yard.appeal()
    yard.appeal(entry=yard.loss)
    for about in ({"claim": yard.claim}, {"entry": yard.loss}):
        with pytest.raises(AppealError) as refused:
            yard.appeal(**about)
        assert refused.value.code == "once"
    with pytest.raises(AppealError, match="一条申报或一条记录"):
        yard.appeal(claim=yard.claim, entry=yard.loss)


@time_machine.travel(NOW, tick=False)
def test_it_refuses_what_is_no_loss_and_who_is_a_stranger(yard: Yard) -> None:
    gain, reversed_ = yard.entry("S1"), yard.entry("L1")
    reversal = entry_reverse(entry=reversed_, reason="记错", by=yard.cast["staff"], at=NOW)
    for entry in (gain, reversed_, reversal):
        with pytest.raises(AppealError, match="只有扣分或一票否决"):
            yard.appeal(entry=Entry.objects.get(pk=entry.pk))
    waiting = Claim.objects.create(
        account=yard.account, deed=yard.deeds["S1"], occurred_on=MARCH, score=5,
        declared_by=yard.cast["cadre"], declared_at=NOW,
    )  # fmt: skip
    with pytest.raises(AppealError, match="只有退回的申报"):
        yard.appeal(claim=waiting)
    yard.cast["far"] = make_user("far", Duty.CADRE, make_village(yard.township, "马鞍村委会", "511923102202"))
    with pytest.raises(AppealError, match="范围"):
        yard.appeal(by="far")
    with pytest.raises(AppealError, match="谁申诉"):
        appeal_file(claim=yard.claim, name=" ", text="x", by=yard.cast["cadre"])


@time_machine.travel(NOW, tick=False)
def test_it_is_answered_by_a_clerk_who_had_no_hand_in_it(yard: Yard) -> None:
    """`appeals_waiting_for` says in one statement what `answer_refusal` says appeal by appeal."""
    claims = [yard.claim]
    for by, refuser in (("staff", "yard_head"), ("cadre", "staff")):
        claim = Claim.objects.create(
            account=yard.account, deed=yard.deeds["S1"], occurred_on=MARCH, score=5,
            declared_by=yard.cast[by], declared_at=NOW,
        )  # fmt: skip
        claim.state, claim.reason, claim.decided_by, claim.decided_at = "rejected", "x", yard.cast[refuser], NOW
        claim.save()
        claims.append(claim)
    appeals = [*(yard.appeal(claim=claim) for claim in claims), yard.appeal(entry=yard.loss)]
    for user, count in ((yard.cast["staff"], 1), (yard.clerk, 4), (yard.cast["leader"], 0), (yard.cast["cadre"], 0)):
        wanted = {appeal.pk for appeal in appeals if not answer_refusal(appeal, user)}
        assert set(appeals_waiting_for(user).values_list("pk", flat=True)) == wanted
        assert len(wanted) == count
    with pytest.raises(AppealError, match="别的工作人员"):
        yard.answer(appeals[1], by=yard.cast["staff"])
    with pytest.raises(AppealError, match="镇工作人员"):
        yard.answer(appeals[0], by=yard.cast["secretary"])
    with pytest.raises(AppealError, match="理由"):
        appeal_answer(appeal=appeals[0], upheld=True, answer=" ", by=yard.clerk)


def broken(yard: Yard) -> dict[str, Any]:
    """Ways around the services, each with what the database says to it (None where it let it pass)."""
    appeal, answered = yard.appeal(), yard.answer(yard.appeal(entry=yard.loss), upheld=False)
    gain = yard.entry("S1")
    verified = Claim.objects.create(
        account=yard.account, deed=yard.deeds["S1"], occurred_on=MARCH, score=5,
        declared_by=yard.cast["cadre"], declared_at=NOW,
    )  # fmt: skip
    claim_verify(claim=verified, by=yard.cast["yard_head"], at=NOW)
    save_by(Claim.objects.get(pk=yard.claim.pk), yard.cast["staff"], AppealError)  # the history of a strike
    filed = {"account": yard.account, "name": "x", "text": "x", "received_by": yard.cast["cadre"], "received_at": NOW}
    closed = {"state": "upheld", "answer": "x", "answered_at": NOW}
    ways: dict[str, Any] = {
        "against what was not refused": lambda: Appeal.objects.create(claim=verified, **filed),
        "against a gain": lambda: Appeal.objects.create(entry=gain, **filed),
        "against another household's": lambda: Appeal.objects.create(
            entry=yard.veto, **{**filed, "account": make_account(make_household(yard.village))}
        ),
        "answered at once": lambda: Appeal.objects.create(entry=yard.veto, **filed, **closed, answered_by=yard.clerk),
        "twice": lambda: Appeal.objects.create(claim=yard.claim, **filed),
        "changed afterwards": lambda: Appeal.objects.filter(pk=answered.pk).update(answer="y"),
        "in other words": lambda: Appeal.objects.filter(pk=appeal.pk).update(text="y"),
        "by who refused it": lambda: Appeal.objects.filter(pk=appeal.pk).update(
            **closed, answered_by=yard.cast["yard_head"]
        ),
        "by who struck it": lambda: Appeal.objects.filter(pk=appeal.pk).update(**closed, answered_by=yard.cast["staff"]),
        "deleted": lambda: _run("DELETE FROM moral_bank_appeal WHERE id = %s", appeal.pk),
        "judged again without being upheld": lambda: Claim.objects.filter(pk=yard.claim.pk).update(state="verified"),
    }
    return {name: _said(way) for name, way in ways.items()}


def _said(way: Any) -> str | None:
    try:
        with transaction.atomic():
            way()
            transaction.set_rollback(True)
    except DatabaseError as error:
        return str(error)
    return None


def _run(sql: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def broken_on_sqlite() -> dict[str, Any]:
    """`broken` for tests/trial.py, where this module's builders run in a process of its own."""
    with time_machine.travel(NOW, tick=False):
        return broken(Yard())


WORDS = {
    "against what was not refused": "申诉须针对",
    "against a gain": "申诉须针对",
    "against another household's": "申诉须针对",
    "answered at once": "申诉须针对",
    "twice": "claim_id",
    "changed afterwards": "不能再改",
    "in other words": "不能再改",
    "by who refused it": "没有经办过",
    "by who struck it": "没有经办过",
    "deleted": "不能删除",
    "judged again without being upheld": "不能这样改变状态",
}


@time_machine.travel(NOW, tick=False)
def test_it_is_kept_by_postgresql(yard: Yard) -> None:
    said = broken(yard)
    assert {name: words in (said[name] or "") for name, words in WORDS.items()} == dict.fromkeys(WORDS, True), said


def test_it_is_kept_by_sqlite(tmp_path: Path) -> None:
    said = run_in_trial_mode("tests.moral_bank.claims.test_appeals:broken_on_sqlite", tmp_path)
    assert {name: words in (said[name] or "") for name, words in WORDS.items()} == dict.fromkeys(WORDS, True), said
