"""What must never happen in a review, in the databases' words: votes or results changed after it is settled."""

from governance.guards import refuse, shut
from inspections.rounds.guards import CONFLICT

LOCKED = "述职评议已确定，不能再改动"
AGREED = "两遍票数一致，已经确认，不能再改动"
ENTERER = "票数只能由原录入人更正"
KIN = "录入人本人或亲属在这个村任职，或已登记回避，不能录入这个村的票"
APART = "两遍票数还不一致或只录了一遍，不能确定"
UNRATED = "还有村没有算出总分，不能确定"
NAMELESS = "确定须记下确定人和时间"

_NOT_KIN = (
    "EXISTS (SELECT 1 FROM inspections_statement s WHERE s.id = NEW.statement_id AND "
    + CONFLICT.format(user="NEW.by_id", village="s.village_id")
    + ")"
)
_COLUMNS = ("good", "fair", "passing", "poor")


def _twin(row: str) -> str:
    """The other pass of the ballots `row` says the same."""
    same = " AND ".join(f"o.{column} = {row}.{column}" for column in _COLUMNS)
    return (
        f'EXISTS (SELECT 1 FROM inspections_ballot o WHERE o.statement_id = {row}.statement_id AND o."group" = {row}."group" '
        f"AND o.pass_number <> {row}.pass_number AND {same})"
    )


_LOCKING = "NEW.state = 'locked' AND OLD.state <> 'locked' AND "
_ALONE = (
    "EXISTS (SELECT 1 FROM inspections_ballot b JOIN inspections_statement s ON s.id = b.statement_id "
    f"WHERE s.review_id = NEW.id AND NOT {_twin('b')})"
)
_NO_SCORE = (
    "EXISTS (SELECT 1 FROM inspections_statement s WHERE s.review_id = NEW.id AND s.score IS NULL AND s.secretary_id IS NOT NULL)"
)
_MOVED = " OR ".join(f'NEW.{column} <> OLD.{column}' for column in ("by_id", "statement_id", '"group"', "pass_number"))


def _review_locked(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM inspections_review r WHERE r.id = {row}.review_id AND r.state = 'locked')"


def _statement_locked(row: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM inspections_statement s JOIN inspections_review r ON r.id = s.review_id "
        f"WHERE s.id = {row}.statement_id AND r.state = 'locked')"
    )


GUARDS = [
    refuse("inspections_review_settled_update", "UPDATE", "inspections_review", "OLD.state = 'locked'", LOCKED),
    refuse("inspections_review_settled_delete", "DELETE", "inspections_review", "OLD.state = 'locked'", LOCKED),
    refuse("inspections_review_settles_agreed", "UPDATE", "inspections_review", _LOCKING + _ALONE, APART),
    refuse("inspections_review_settles_rated", "UPDATE", "inspections_review", _LOCKING + _NO_SCORE, UNRATED),
    refuse(
        "inspections_review_settled_by", "UPDATE", "inspections_review",
        _LOCKING + "(NEW.locked_at IS NULL OR NEW.locked_by_id IS NULL)", NAMELESS,
    ),
    *shut("inspections_statement_settled", "inspections_statement", _review_locked, LOCKED),
    *shut("inspections_ballot_settled", "inspections_ballot", _statement_locked, LOCKED),
    refuse("inspections_ballot_agreed_update", "UPDATE", "inspections_ballot", _twin("OLD"), AGREED),
    refuse("inspections_ballot_agreed_delete", "DELETE", "inspections_ballot", _twin("OLD"), AGREED),
    refuse("inspections_ballot_stays_its", "UPDATE", "inspections_ballot", _MOVED, ENTERER),
    refuse("inspections_ballot_not_kin", "INSERT", "inspections_ballot", _NOT_KIN, KIN),
    refuse("inspections_ballot_not_kin_later", "UPDATE", "inspections_ballot", _NOT_KIN, KIN),
]  # fmt: skip
