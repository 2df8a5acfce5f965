"""The rules of cases on SQLite, the trial mode, by going around the code."""

from __future__ import annotations

from pathlib import Path

from django.db import DatabaseError, connection, transaction

from governance.cases.models import Dispute, Recusal
from tests.builders import make_resident, make_township, make_village
from tests.cases.disputes.test_disputes import START, DisputeHouse
from tests.cases.engine.test_cases import GUARDED
from tests.trial import run_in_trial_mode
from villages.models import Post

VISIT = (
    "INSERT INTO cases_visit (township_id, village_id, unit_id, kind, place, companions, seen, went_at, by_id, logged_at)"
    " SELECT township_id, {0}, {0}, 'call', '', '', 'x', logged_at, first_receiver_id, logged_at FROM cases_case"
)


def passed_by() -> list[str]:
    """The statements that the database let pass; none of them should."""
    house = DisputeHouse()
    house.settle()
    relative = Post.objects.create(
        kind="yard_head", unit=house.village, resident=make_resident(house.household, "王二"), appointed_on="2026-01-01"
    )
    secretary = house.user("secretary").posts.get()
    Recusal.objects.create(dispute=Dispute.objects.get(), post=secretary, reason="亲戚", by=house.user("staff"), at=START)
    house.log(by="cadre")
    far = make_village(make_township("511923103"), "九龙村委会", "511923103201")
    statements = {
        **GUARDED,
        "in a village of another township": f"UPDATE cases_case SET village_id = {far.pk}",
        "a visit of another township's village": VISIT.format(far.pk),
        "filed before its visits": "UPDATE cases_case SET state = 'filed', filed_at = '2026-06-02' WHERE kind = 'dispute'",
        "kin as mediator": f"UPDATE cases_dispute SET mediator_id = {relative.pk}",
        "recused mediator": f"UPDATE cases_dispute SET mediator_id = {secretary.pk}",
        "party of the mediator's house": f"UPDATE cases_party SET resident_id = {house.other.pk} WHERE resident_id IS NULL",
        "mediator recused later": f"UPDATE cases_recusal SET post_id = {house.post.pk}",
    }
    return [name for name, statement in statements.items() if _passes(statement)]


def _passes(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


def test_it_is_kept_in_trial_mode_too(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.cases.test_rules_sqlite:passed_by", tmp_path) == []
