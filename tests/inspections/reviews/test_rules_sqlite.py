"""The rules of reviews on SQLite, the trial mode, by going around the code."""

from __future__ import annotations

from pathlib import Path

from inspections.models import Ballot, Recusal, Statement
from inspections.reviews.services import review_lock
from tests.inspections.reviews.house import ReviewHouse
from tests.inspections.reviews.test_reviews import SETTLED, UNSETTLED, passes, unsettled
from tests.trial import run_in_trial_mode

KIN = (
    'INSERT INTO inspections_ballot (statement_id, "group", pass_number, good, fair, passing, poor, by_id, at) '
    "SELECT {statement}, 'residents', 1, 1, 0, 0, 0, {by}, '2026-01-05'"
)


def passed_by() -> list[str]:
    """The statements that the database let pass; none of them should."""
    house = ReviewHouse()
    unsettled(house)
    found = [name for name, statement in UNSETTLED.items() if passes(statement)]
    kin = KIN.format(statement=house.statement().pk, by=house.first.pk)
    found += [] if passes(kin) else ["the statement about kin is not sound"]
    Recusal.objects.create(
        user=house.first, village=house.villages[0], reason="亲戚", by=house.second, at=house.review.history.first().history_date
    )
    found += ["kin"] if passes(kin) else []
    Recusal.objects.all().delete()
    Ballot.objects.filter(group="members").delete()
    Statement.objects.update(score=None)
    house.vote()
    review_lock(review=house.review, by=house.first)
    return found + [name for name, statement in SETTLED.items() if passes(statement)]


def test_it_is_kept_in_trial_mode_too(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.inspections.reviews.test_rules_sqlite:passed_by", tmp_path) == []
