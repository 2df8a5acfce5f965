"""What the databases refuse of claims, panels and votes, whoever writes: SQL around the code (plan §三.4; mission M23)."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from moral_bank.models import Appeal, Claim, Judgement, PanelMember, Sitting, Vote
from tests.builders import FOUNDED, make_resident, make_village
from tests.moral_bank.closings.house import noon
from tests.moral_bank.ledger.test_ledger import refused
from tests.moral_bank.panel.house import PanelHouse, make_member
from tests.worlds import module_world

pytestmark = pytest.mark.django_db


class Around(PanelHouse):
    """Claims by name: `fresh` declared, `waiting` verified with a sitting that judged it by two votes of five and `kin` at
    the table, `passed` approved, `posted` in a locked February, `refused` rejected with an open appeal."""

    def __init__(self) -> None:
        super().__init__(households=3, members=5)
        self.kin = make_member(self.village, "王小红", household=self.accounts[0].household, by=self.cast["staff"])
        self.members.append(self.kin)
        self.again = PanelMember.objects.create(
            village=self.village, resident=self.members[0].resident, appointed_by=self.cast["staff"],
            appointed_on=FOUNDED, ended_on=noon(2026, 3, 23).date(),
        )  # fmt: skip
        posted = self.approved(account=self.accounts[1], on=noon(2026, 2, 2).date())
        self.lock("2026-02")
        passed = self.approved(account=self.accounts[1])
        rejected = self.claim(account=self.accounts[2])
        self.sit(self.verdict(rejected, approved=False))
        Appeal.objects.create(
            account=self.accounts[2], claim=rejected, name="王小明", text="属实", received_by=self.cast["cadre"],
            received_at=noon(2026, 3, 21),
        )  # fmt: skip
        fresh = self.claim(account=self.accounts[1], state="declared", decided_by=None, decided_at=None)
        waiting = self.claim()
        self.sitting = self.half_judged(waiting)
        other = make_village(self.township, "马鞍村委会", "511923102202")
        self.absent = make_member(self.village, "郑玉珍", by=self.cast["staff"])
        self.names = {
            "fresh": fresh.pk, "waiting": waiting.pk, "passed": passed.pk, "posted": posted.pk, "refused": rejected.pk,
            "kin": self.kin.pk, "stranger": make_member(other, "冯七", by=self.cast["staff"]).pk,
            "again": self.again.pk, "absent": self.absent.pk, "sitting": self.sitting.pk, "third": self.members[2].pk,
            "fourth": self.members[3].pk, "judgement": Judgement.objects.get(claim=waiting).pk,
            "seat": self.members[4].pk, "staff": self.cast["staff"].pk,
            "passer": make_resident(self.accounts[0].household, "路人").pk,
            "entry": Claim.objects.get(pk=posted.pk).entry_id, "account": self.accounts[0].pk,
        }  # fmt: skip

    def half_judged(self, claim: Claim) -> Sitting:
        """The rows of a sitting written by hand, with two votes in favour: one too few."""
        by = self.cast["secretary"]
        sitting = Sitting.objects.create(
            village=self.village, held_on=noon(2026, 3, 22), recorded_by=by,
            recorded_at=noon(2026, 3, 22),
        )  # fmt: skip
        through = Sitting.members.through
        through.objects.bulk_create(through(sitting=sitting, panelmember=member) for member in [*self.members, self.again])
        judgement = Judgement.objects.create(claim=claim, sitting=sitting, approved=True, score=claim.score)
        for member in self.members[:2]:
            Vote.objects.create(judgement=judgement, member=member, choice="yes")
        return sitting


VOTE = "INSERT INTO moral_bank_vote (judgement_id, member_id, choice, reason) VALUES ({judgement}, {member}, '{choice}', 'x')"
STATE = (
    "UPDATE moral_bank_claim SET state = '{state}', decided_at = '2026-03-21 00:00:00+00:00', counts_on = occurred_on, "
    "reason = 'x' WHERE id = {claim}"
)
ENTRY = (
    "INSERT INTO moral_bank_entry (account_id, township_id, village_id, deed_id, head, veto, memo, score, points, occurred_on, "
    "month, source_key, posted_by_id, posted_at) SELECT account_id, township_id, village_id, deed_id, head, veto, memo, {score}, "
    "points, '{on}', '2026-03-01', 'around', posted_by_id, posted_at FROM moral_bank_entry WHERE id = {entry}"
)
POST = (
    "UPDATE moral_bank_claim SET state = 'posted', entry_id = "
    "(SELECT id FROM moral_bank_entry WHERE source_key = 'around') WHERE id = {passed}"
)
COPY = (
    "INSERT INTO moral_bank_claim (account_id, township_id, deed_id, occurred_on, counts_on, quantity, score, note, source, applicant, "
    "consent, row_key, state, declared_by_id, declared_at, decided_by_id, decided_at, reason, entry_id) "
    "SELECT account_id, township_id, deed_id, "
    "occurred_on, counts_on, quantity, score, note, source, applicant, consent, '{key}', state, declared_by_id, declared_at, "
    "decided_by_id, decided_at, reason, entry_id FROM moral_bank_claim WHERE id = {claim}"
)
KEY = "0b7a4f2e6c3d4d0c9a3f5c1d2e3f4a5b"


def _state(claim: str, state: str) -> str:
    return STATE.replace("{claim}", claim).replace("{state}", state)


def _vote(member: str, choice: str, judgement: str = "{judgement}") -> str:
    return VOTE.replace("{judgement}", judgement).replace("{member}", member).replace("{choice}", choice)


def _judge(claim: str, number: int, approved: str = "true") -> str:
    return (
        "INSERT INTO moral_bank_judgement (claim_id, sitting_id, round, approved, score, reason) "
        f"VALUES ({claim}, {{sitting}}, {number}, {approved}, 5, 'x')"
    )


THIRD = _vote("{third}", "yes")
NEW_SITTING = (
    "INSERT INTO moral_bank_sitting (village_id, held_on, note, recorded_by_id, recorded_at) "
    "SELECT village_id, held_on, note, recorded_by_id, recorded_at FROM moral_bank_sitting WHERE id = {sitting}"
)
# Statement(s) that must be refused, by the guard that refuses them; several are joined by "; ".
AROUND: dict[str, tuple[str, str]] = {
    "change a judgement": ("moral_bank_judgement_insert_only", "UPDATE moral_bank_judgement SET score = 1"),
    "delete a judgement": ("moral_bank_judgement_insert_only", "DELETE FROM moral_bank_judgement"),
    "change a vote": ("moral_bank_vote_insert_only", "UPDATE moral_bank_vote SET choice = 'no'"),
    "delete a vote": ("moral_bank_vote_insert_only", "DELETE FROM moral_bank_vote"),
    "change a sitting": ("moral_bank_sitting_insert_only", "UPDATE moral_bank_sitting SET note = 'x'"),
    "delete those present": ("moral_bank_sitting_members_insert_only", "DELETE FROM moral_bank_sitting_members"),
    "give a seat to somebody else": (
        "panel_member_same",
        "UPDATE moral_bank_panelmember SET resident_id = {passer} WHERE id = {seat}",
    ),
    "seat somebody afterwards": (
        "sitting_of_own_panel",
        "INSERT INTO moral_bank_sitting_members (sitting_id, panelmember_id) VALUES ({sitting}, {absent})",
    ),
    "seat somebody of another panel": (
        "sitting_of_own_panel",
        NEW_SITTING + "; INSERT INTO moral_bank_sitting_members (sitting_id, panelmember_id) "
        "SELECT MAX(id), {stranger} FROM moral_bank_sitting",
    ),
    "let an absent member vote": ("vote_of_present", _vote("{absent}", "yes")),
    "let one person vote by two seats": ("vote_once_per_person", _vote("{again}", "yes")),
    "let kin vote": ("vote_of_kin", _vote("{kin}", "yes")),
    "let kin abstain": ("vote_of_kin", _vote("{kin}", "abstain")),
    "vote after the decision": (
        "vote_in_time",
        "; ".join((_vote("{third}", "yes"), _state("{waiting}", "approved"), _vote("{fourth}", "no"))),
    ),
    "judge what nobody verified": ("judgement_in_time", _judge("{fresh}", 1)),
    "judge what is decided": ("judgement_in_time", _judge("{passed}", 2)),
    "judge again without an appeal": ("judgement_in_time", _judge("{waiting}", 2)),
    "declare as approved": ("claim_starts", COPY.replace("{claim}", "{passed}").replace("{key}", KEY)),
    "skip the verifying": ("claim_steps", _state("{fresh}", "approved")),
    "go back to declared": ("claim_steps", _state("{waiting}", "declared")),
    "take up again without an upheld appeal": ("claim_steps", _state("{refused}", "verified")),
    "withdraw what is approved": ("claim_steps", _state("{passed}", "withdrawn")),
    "undo a posting": ("claim_steps", "UPDATE moral_bank_claim SET state = 'rejected', entry_id = NULL, reason = 'x' WHERE id = {posted}"),
    "approve by two votes": ("claim_judged", _state("{waiting}", "approved")),
    "approve by half of the votes": (
        "claim_judged",
        "; ".join((_vote("{third}", "no"), _vote("{fourth}", "abstain"), _state("{waiting}", "approved"))),
    ),
    "approve above the judged figure": (
        "claim_judged",
        "; ".join((THIRD, _state("{waiting}", "approved").replace("reason = 'x'", "score = 6"))),
    ),
    "approve into a locked month": (
        "claim_month_open",
        "; ".join((THIRD, _state("{waiting}", "approved").replace("counts_on = occurred_on", "counts_on = '2026-02-02'"))),
    ),
    "raise an approved score": ("claim_frozen", "UPDATE moral_bank_claim SET score = 4 WHERE id = {passed}"),
    "give an approved claim away": ("claim_frozen", "UPDATE moral_bank_claim SET account_id = {account} WHERE id = {passed}"),
    "redate an approved claim": ("claim_frozen", "UPDATE moral_bank_claim SET occurred_on = '2026-03-03' WHERE id = {passed}"),
    "move a posted claim to no month": ("claim_frozen", "UPDATE moral_bank_claim SET closing_id = NULL WHERE id = {posted}"),
    "post without an entry of its own": (
        "claim_posted",
        "; ".join((ENTRY.replace("{score}", "score - 1").replace("{on}", "2026-03-02"), POST)),
    ),
    "post with an entry of another day": (
        "claim_posted",
        "; ".join((ENTRY.replace("{score}", "score").replace("{on}", "2026-03-03"), POST)),
    ),
    "delete a claim": ("claim_kept", "DELETE FROM moral_bank_claim WHERE id = {fresh}"),
    "lock a month without posting": (
        "closing_leaves_no_claim",
        "UPDATE moral_bank_claim SET closing_id = (SELECT MAX(id) FROM moral_bank_closing WHERE state <> 'locked')"
        " WHERE id = {passed}; UPDATE moral_bank_closing SET state = 'locked', locked_at = computed_at WHERE state <> 'locked'",
    ),
}  # fmt: skip
# The same ways where nothing forbids them.
ALLOWED: dict[str, str] = {
    "approve by three votes": "; ".join((THIRD, _state("{waiting}", "approved").replace("reason = 'x'", "score = 4"))),
    "recuse kin": _vote("{kin}", "recused"),
    "post with its entry": "; ".join((ENTRY.replace("{score}", "score").replace("{on}", "2026-03-02"), POST)),
    "strike": _state("{passed}", "rejected"),
    "take up after an upheld appeal": "UPDATE moral_bank_appeal SET state = 'upheld', answer = 'x', answered_by_id = {staff}, "
    "answered_at = received_at; " + _state("{refused}", "verified") + "; " + _judge("{refused}", 2),
}


def attempt(house: Around, statements: str) -> bool:
    """Whether the last of the statements is refused after the others went through; nothing of it stays."""
    *before, last = statements.format(**house.names).split("; ")
    with transaction.atomic():
        with connection.cursor() as cursor:
            for statement in before:
                cursor.execute(statement)
        found = refused(last)
        transaction.set_rollback(True)
    return found


def published() -> Around:
    found = Around()
    found.publish("2026-01")
    return found


house = module_world(published)


@pytest.mark.parametrize("name", AROUND)
def test_it_refuses_sql_around_the_code(house: Around, name: str) -> None:
    assert attempt(house, AROUND[name][1])


def test_it_lets_the_same_sql_pass_where_nothing_forbids_it(house: Around) -> None:
    assert {name: attempt(house, statements) for name, statements in ALLOWED.items()} == dict.fromkeys(ALLOWED, False)


def triggers() -> set[str]:
    """The guards of migration 0004 as PostgreSQL names them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname NOT LIKE '%%truncate'")
        return {name.removesuffix("_row") for (name,) in cursor.fetchall()}


def test_it_needs_each_guard(house: Around) -> None:
    """Without its guard each statement goes through, unless the next guard behind it stands in its way."""
    guards = {guard for guard, _ in AROUND.values()}
    assert guards <= triggers()
    idle = set(guards)
    for guard, statements in AROUND.values():
        with transaction.atomic():
            drop(guard)
            if not attempt(house, statements):
                idle.discard(guard)
            transaction.set_rollback(True)
    assert idle == set()


def drop(guard: str) -> None:
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP FUNCTION {guard}() CASCADE")
