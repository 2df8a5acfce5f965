"""What the month does with approved claims: it shows them, an upheld objection may strike one, its lock posts the rest
(plan §三.1, §三.4; docs/decisions/0012-moral-bank.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.models import Objection
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.guards import refused_by
from governance.privacy import mask_name
from moral_bank.claims.points import POINTS, ClaimPoints
from moral_bank.closings.notice import public_number, title_of
from moral_bank.models import Claim, Closing, Rating
from moral_bank.passbooks.cover import covers_of
from moral_bank.passbooks.guards import COVER


class PostingError(DomainError):
    """What is refused of an approved claim: `scope`, `state`, `reason`, `objection`, `cover`, `posting`."""


def claims_of(closing: Closing) -> QuerySet[Claim]:
    """The approved claims that a month shows."""
    return Claim.objects.filter(closing=closing, state=Claim.State.APPROVED)


def cover_blockers(closings: Sequence[Closing]) -> dict[int, str]:
    """Closing id → what the village's shop lacks for the points that the month would give out, where it lacks anything;
    a fixed number of queries."""
    covers = covers_of(closing.village for closing in closings)
    waiting = Claim.objects.filter(closing__in=closings, closing__village__in=covers, state=Claim.State.APPROVED).order_by()
    points = dict(waiting.values_list("closing").annotate(points=Sum(ClaimPoints()))) if covers else {}
    return {
        closing.pk: f"本月申报要入账 {points[closing.pk]} 积分，道德超市的资金和库存只够再发 "
        f"{covers[closing.village_id].left_points} 积分，请先补充资金或进货"
        for closing in closings
        if closing.pk in points and points[closing.pk] > covers[closing.village_id].left_points
    }


_POST = f"""
INSERT INTO moral_bank_entry (account_id, township_id, village_id, deed_id, head, veto, memo, score, points, occurred_on,
                              month, source_key, reverses_id, posted_by_id, posted_at)
SELECT c.account_id, a.township_id, %(village)s, c.deed_id, d.head, d.is_veto,
       substr(d.name || CASE WHEN c.note <> '' THEN '（' || c.note || '）' ELSE '' END, 1, 200), c.score,
       {POINTS.format(score="c.score", deed_high="d.score_high", deed_score="d.score", deed_points="d.points")},
       c.counts_on, %(month)s, 'claim:' || CAST(c.id AS varchar(20)), NULL, s.recorded_by_id, %(at)s
  FROM moral_bank_claim c
  JOIN moral_bank_account a ON a.id = c.account_id
  JOIN moral_bank_deed d ON d.id = c.deed_id
  JOIN moral_bank_judgement j ON j.claim_id = c.id AND j.approved
   AND j.round = (SELECT MAX(l.round) FROM moral_bank_judgement l WHERE l.claim_id = c.id)
  JOIN moral_bank_sitting s ON s.id = j.sitting_id
 WHERE c.closing_id = %(closing)s AND c.state = 'approved'
 ORDER BY c.id"""

_MARK = """
UPDATE moral_bank_claim SET state = 'posted', entry_id = e.id
  FROM moral_bank_entry e
 WHERE moral_bank_claim.closing_id = %(closing)s AND moral_bank_claim.state = 'approved'
   AND e.source_key = 'claim:' || CAST(moral_bank_claim.id AS varchar(20))"""


def claims_post(closing: Closing, at: datetime) -> int:
    """Post all approved claims of a month in one insert, by whoever recorded their sitting; returns how many.

    Called by the lock before the month shuts. The entry's village is the closing's, where the household was rated.
    """
    values: dict[str, Any] = {
        "closing": closing.pk,
        "village": closing.village_id,
        "month": closing.start,
        "at": connection.ops.adapt_datetimefield_value(at),
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_POST, values)
            cursor.execute(_MARK, values)
            return int(cursor.rowcount)
    except IntegrityError as error:
        raise _refusal_of(error) from error


def _refusal_of(error: IntegrityError) -> Exception:
    """A trigger's own message; a constraint has none."""
    refusal = refused_by(error)
    if refusal.isascii():
        return error
    return PostingError(f"本月申报不能入账：{refusal}", "cover" if refusal == COVER else "posting")


def claim_strike(
    *, claim: Claim, objection: Objection, reason: str, by: User, at: datetime | None = None
) -> Claim:
    """撤销: an approved claim does not stand after an upheld objection to the month that shows it.

    It still names the month, which is stale by that until it is computed again.
    """
    now = at or timezone.now()
    if not reason.strip():
        raise PostingError("撤销申报须写明原因。", "reason")
    with transaction.atomic():
        claims = Claim.objects.select_for_update(of=("self",)).select_related("closing__village", "closing__rule_set")
        claim = claims.get(pk=claim.pk)
        closing = claim.closing
        if claim.state != Claim.State.APPROVED or closing is None:
            raise PostingError(f"这条申报{claim.get_state_display()}，不能撤销。", "state")
        if not may_strike(by, closing):
            raise PostingError("这条申报不归您撤销。", "scope")
        if not is_upheld_against(objection, closing):
            raise PostingError("只有异议成立后才能撤销申报。", "objection")
        claim.state, claim.reason = Claim.State.REJECTED, f"异议成立：{reason.strip()}"
        claim._history_date = now  # type: ignore[attr-defined]
        claim._change_reason = f"异议 {objection.number}"  # type: ignore[attr-defined]
        save_by(claim, by, PostingError, ["state", "reason"])
    return claim


def may_strike(user: User, closing: Closing) -> bool:
    path = closing.village.path
    return user.may(Action.CLOSING_RUN, path) or user.may(Action.OBJECTION_ANSWER, path)


def is_upheld_against(objection: Objection, closing: Closing) -> bool:
    """Whether an objection to the closing's notice, or to one that it showed before, was upheld."""
    notice = objection.notice
    return (
        objection.state == Objection.State.UPHELD
        and notice.unit_id == closing.village_id
        and notice.title == title_of(closing)
    )


@dataclass(frozen=True)
class Suspects:
    """What an objection may be about: `line` of the list in its own words ("" where it names none), the ids of the ratings
    that answer to it, and the month's approved claims; `of_line`: those of the household on the line only."""

    line: str
    ratings: list[int]
    claims: list[Claim]
    of_line: bool


def claims_by_objection(closing: Closing, objections: Iterable[Objection]) -> dict[int, Suspects]:
    """Objection id → the claims of the household on its line of the list; all of them where it names no line, or one
    that no household answers to any more (its name or number was corrected). Two queries for all."""
    lines = {objection.pk: _line(objection) for objection in objections}
    if not lines:
        return {}
    related = ("account__household", "deed")
    claims = list(claims_of(closing).select_related(*related).order_by("counts_on", "pk"))
    ratings = _ratings_by_line(closing) if any(lines.values()) else {}
    found = {}
    for pk, line in lines.items():
        its = ratings.get(line) if line else None
        chosen = [claim for claim in claims if its is None or claim.account_id in its]
        found[pk] = Suspects(" ".join(line or ()), sorted((its or {}).values()), chosen, of_line=its is not None)
    return found


def _line(objection: Objection) -> tuple[str, ...] | None:
    """户号 and 户主 as the list said them; None where no line is named."""
    number, rows = objection.row_number, objection.notice.rows
    if number is None or not 1 <= number <= len(rows):
        return None
    return tuple(rows[number - 1][1:3])


def _ratings_by_line(closing: Closing) -> dict[tuple[str, ...], dict[int, int]]:
    """Account → rating by what the list shows of them: several where it cannot tell them apart."""
    found: dict[tuple[str, ...], dict[int, int]] = {}
    rows = Rating.objects.filter(closing=closing)
    shown = ("account__household__number", "account__household__head_name")
    for rating, account, number, head in rows.values_list("pk", "account", *shown):
        found.setdefault((public_number(number), mask_name(head) or "*"), {})[account] = rating
    return found
