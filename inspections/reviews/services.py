"""A year's 述职评议 from its opening to the lock: secretaries, weights, ballots counted twice, results (plan §四(三); mission M35).

Results are computed from locked rounds and from ballots whose two passes agree. Settling computes once more and refuses
by name whatever is missing or differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action, Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import today
from inspections.conflicts import conflict_reason
from inspections.errors import InspectionError
from inspections.models import Ballot, Review, Statement
from inspections.reviews.reviewing import Counts, Weights
from inspections.reviews.rows import Pair, Row, ballot_pairs, review_rows, statements_of
from villages.models import Post, Unit

FIRST_YEAR = 2020
MOST = 9999
NAMED = 5


def review_open(*, township: Unit, year: int, by: User, at: datetime | None = None) -> Review:
    """Open a year's review with a statement for every village that stands on 31 December, or today while the year runs."""
    now = at or timezone.now()
    if township.level != Unit.Level.TOWNSHIP or not by.may(Action.REVIEW_RUN, township.path):
        raise InspectionError("这个乡镇的述职评议不归您办理。", "scope")
    if not FIRST_YEAR <= year <= today(now).year:
        raise InspectionError(f"年度须在 {FIRST_YEAR} 到 {today(now).year} 之间。", "date")
    with transaction.atomic():
        review = Review(township=township, year=year)
        save_by(review, by, InspectionError)
        _call_roll(review, now)
        if not review.statements.exists():
            raise InspectionError(f"{year}年没有村（社区）可以评议。", "need")
    return review


def review_weights(*, review: Review, weights: Weights, by: User) -> Review:
    """Change weights and the points of a ballot while the review is open; the history keeps the former ones."""
    with transaction.atomic():
        row = _take(review, by, Action.REVIEW_RUN)
        for name, value in vars(weights).items():
            setattr(row, name, value)
        save_by(row, by, InspectionError)
    return row


def ballot_enter(
    *, statement: Statement, group: str, pass_number: int, counts: Counts, by: User, at: datetime | None = None
) -> Ballot:
    """Enter one pass of a group's paper ballots, or correct the own pass until both agree; the other pass is another's.

    Whoever, or whose kin, holds a post in the village is refused. The same once more changes nothing.
    """
    now = at or timezone.now()
    with transaction.atomic():
        Review.objects.select_for_update(of=("self",)).get(pk=statement.review_id)
        row = Statement.objects.select_related("review__township", "village").get(pk=statement.pk)
        _may_enter(row, by, today(now))
        pair = next((pair for pair in ballot_pairs([row]) if pair.group == group), None)
        if pair is None or pass_number not in (1, 2):
            raise InspectionError("没有这类票或这一遍，请刷新页面。", "need")
        ballot = pair.entered(pass_number)
        if ballot is not None and ballot.by_id == by.pk and vars(counts) == _counts(ballot):
            return ballot
        _check_entry(pair, pass_number, counts, by)
        ballot = ballot or Ballot(statement=row, group=group, pass_number=pass_number, by=by)
        for name, value in vars(counts).items():
            setattr(ballot, name, value)
        ballot.at = now
        save_by(ballot, by, InspectionError)
    return ballot


def ballots_enter(*, statement: Statement, pass_number: int, counts: Mapping[str, Counts], by: User) -> None:
    """One pass of several groups, each with its counts: all of them or none."""
    with transaction.atomic():
        for group, entered in counts.items():
            ballot_enter(statement=statement, group=group, pass_number=pass_number, counts=entered, by=by)


def review_compute(*, review: Review, by: User, at: datetime | None = None) -> list[Row]:
    """Call the roll anew and keep every village's result as far as it goes; each row says what it still lacks."""
    with transaction.atomic():
        row = _take(review, by, Action.REVIEW_RUN)
        return _compute(row, at or timezone.now())


def review_lock(*, review: Review, by: User, at: datetime | None = None) -> Review:
    """Settle the year for good and tell the secretaries; a village that lacks something blocks it by name."""
    now = at or timezone.now()
    with transaction.atomic():
        row = _take(review, by, Action.REVIEW_RUN)
        rows = _compute(row, now)
        blockers = review_blockers(rows)
        if blockers:
            more = f"；等 {len(blockers)} 个村（社区）" if len(blockers) > NAMED else ""
            raise InspectionError(f"还不能确定：{'；'.join(blockers[:NAMED])}{more}。", "blocked")
        row.state, row.locked_at, row.locked_by = Review.State.LOCKED, now, by
        save_by(row, by, InspectionError)
        _tell_secretaries(row, rows, now)
    return row


def review_blockers(rows: Iterable[Row]) -> list[str]:
    """Each village that lacks something, with what."""
    return [f"{row.statement.village}缺{'、'.join(row.missing)}" for row in rows if row.missing]


def _take(review: Review, by: User, action: Action) -> Review:
    """The review under its lock, if `by` may and it is open."""
    row = Review.objects.select_for_update(of=("self",)).select_related("township").get(pk=review.pk)
    if not by.may(action, row.township.path):
        raise InspectionError("这次述职评议不归您办理。", "scope")
    if row.state == Review.State.LOCKED:
        raise InspectionError(f"{row}已确定，不能再改动。", "locked")
    return row


def _call_roll(review: Review, now: datetime) -> None:
    """A statement for every village of the day with its secretary; one that has ballots stays as it is."""
    day = min(date(review.year, 12, 31), today(now))
    villages = list(Unit.objects.villages().filter(parent=review.township_id).on(day).order_by("path"))
    posts = Post.objects.current(day).filter(kind=Duty.SECRETARY, unit__in=villages).order_by("appointed_on", "pk")
    secretaries = {post.unit_id: post for post in posts}
    voted = set(Ballot.objects.filter(statement__review=review).values_list("statement_id", flat=True))
    kept = {row.village_id: row for row in Statement.objects.filter(review=review)}
    for village in villages:
        row = kept.pop(village.pk, None) or Statement(review=review, village=village)
        post = secretaries.get(village.pk)
        if row.pk is None or (row.pk not in voted and row.secretary_id != (post.pk if post else None)):
            row.secretary = post
            row.full_clean()
            row.save()
    Statement.objects.filter(pk__in=[row.pk for row in kept.values() if row.pk not in voted]).delete()


def _compute(review: Review, now: datetime) -> list[Row]:
    _call_roll(review, now)
    rows = review_rows(review, statements_of(review))
    for row in rows:
        statement, result = row.statement, row.result
        statement.quarters_mean, statement.ballot_score, statement.score = result.quarters_mean, result.ballot_score, result.score
        statement.grade = result.grade.value if result.grade else ""
        statement.trail = [{"words": line.words, "amount": str(line.amount)} for line in result.trail]
    Statement.objects.bulk_update(
        [row.statement for row in rows], ["quarters_mean", "ballot_score", "score", "grade", "trail"], batch_size=500
    )
    return rows


def _may_enter(statement: Statement, by: User, on: date) -> None:
    if not by.may(Action.REVIEW_ENTER, statement.village.path):
        raise InspectionError(f"{statement.village}的票不归您录入。", "scope")
    if statement.review.state == Review.State.LOCKED:
        raise InspectionError(f"{statement.review}已确定，不能再改动。", "locked")
    reason = conflict_reason(user=by, village=statement.village, on=on)
    if reason:
        raise InspectionError(f"{reason}，应当回避，不能录入这个村的票。", "kin")


def _check_entry(pair: Pair, pass_number: int, counts: Counts, by: User) -> None:
    reason = pair.closed_to(by, pass_number)
    if reason:
        raise InspectionError(f"{pair.statement.village}{pair.label}：{reason}", "locked" if pair.agreed else "another")
    if not all(0 <= value <= MOST for value in vars(counts).values()):
        raise InspectionError(f"票数须在 0 到 {MOST} 之间。", "need")
    if not counts.total:
        raise InspectionError(f"{pair.label}一张也没有，请核对；没有票的不用录。", "need")


def _counts(ballot: Ballot) -> dict[str, int]:
    return {name: getattr(ballot, name) for name in Counts.__dataclass_fields__}


def _tell_secretaries(review: Review, rows: Iterable[Row], now: datetime) -> None:
    for row in rows:
        user = row.statement.secretary.user if row.statement.secretary is not None else None
        if user is not None and user.is_active:
            messages_send(
                users=[user],
                text=f"{review}结果已确定，可以查看得分和由来",
                link=f"/reviews/statements/{row.statement.pk}/",
                key=f"statement:{row.statement.pk}",
                at=now,
            )
