"""What is disclosed, small powers, activities."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from governance.accounts.duties import Action, Duty
from governance.accounts.models import User
from governance.disclosure.models import Activity, Affair, AffairQuestion, AffairTurn, Power
from governance.periods import today
from tests.desk.due.truth import Truth, holds, of_town
from tests.desk.due.world import TODAY

STANDING = ("published", "archived")


def _states(turn: AffairTurn) -> set[str]:
    return {affair.state for affair in turn.affairs.all()}


def _own(user: User, village: Any, action: Action = Action.AFFAIR_EDIT) -> bool:
    """The village's own, not the office's for it."""
    return user.may(action, village.path) and not of_town(user)


def _climbs(question: AffairQuestion, user: User) -> bool:
    late, township = (TODAY - question.answer_by).days, question.affair.turn.village.parent_id
    assert township is not None
    return (late > 0 and holds(user, Duty.STAFF, township)) or (late > 3 and holds(user, Duty.LEADER, township))


def _lives(user: User, village: Any, action: Action = Action.AFFAIR_VIEW) -> bool:
    """Whether the user has a duty below the village: what it shows to all of it is theirs to read."""
    return any(action in grant.actions and grant.path.startswith(village.path) for grant in user.grants)


def _affairs() -> Any:
    return Affair.objects.select_related("turn__village").prefetch_related("turn__affairs")


def _questions() -> Any:
    return AffairQuestion.objects.select_related("affair__turn__village")


DISCLOSURE = {
    "affair": Truth(
        lambda: AffairTurn.objects.select_related("village", "kind").prefetch_related("affairs"),
        lambda row: row.kind.is_active and not _states(row) & set(STANDING),
        lambda row, user: _own(user, row.village) and "review" not in _states(row),
        lambda row: row.due_on < TODAY and (row.met_on is None or row.met_on > row.due_on),
        lambda row, user: user.may(Action.AFFAIR_VIEW, row.village.path) or _lives(user, row.village),
    ),
    "affair-review": Truth(
        _affairs,
        lambda row: row.state == "review",
        lambda row, user: user.may(Action.AFFAIR_REVIEW, row.turn.village.path) and user.pk not in (row.drafted_by_id, row.edited_by_id),
        lambda row: today(row.submitted_at) + timedelta(days=3) < TODAY,
        lambda row, user: user.may(Action.AFFAIR_VIEW, row.turn.village.path) or _lives(user, row.turn.village),
        lambda row: row.turn.village_id,
    ),
    "affair-correction": Truth(
        _affairs,
        lambda row: row.state in ("draft", "reviewed") and bool(_states(row.turn) & set(STANDING)),
        lambda row, user: _own(user, row.turn.village),
    ),
    "affair-question": Truth(
        _questions,
        lambda row: row.answered_at is None,
        lambda row, user: _own(user, row.affair.turn.village),
        lambda row: row.answer_by < TODAY,
        lambda row, user: user.may(Action.AFFAIR_VIEW, row.affair.turn.village.path), lambda row: row.affair.turn.village_id,
    ),
    "affair-question-climbed": Truth(
        _questions, lambda row: row.answered_at is None, _climbs, lambda row: row.answer_by < TODAY
    ),
    "power-review": Truth(
        lambda: Power.objects.select_related("township"),
        lambda row: row.is_active and row.review_on is not None and row.review_on <= TODAY + timedelta(days=30),
        lambda row, user: user.may(Action.POWER_EDIT, row.township.path),
        lambda row: row.review_on < TODAY,
    ),
    "activity": Truth(
        lambda: Activity.objects.select_related("village"),
        lambda row: row.state in ("planned", "invited") and row.planned_on <= TODAY,
        lambda row, user: _own(user, row.village, Action.ACTIVITY_EDIT),
        lambda row: row.planned_on + timedelta(days=3) < TODAY,
        lambda row, user: user.may(Action.ACTIVITY_VIEW, row.village.path) or _lives(user, row.village, Action.ACTIVITY_VIEW),
    ),
}  # fmt: skip

