"""民主测评: paper ballots entered by two people, village by village, and where the two passes differ (mission M35)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.act import act, form_page, sent
from governance.periods import today
from governance.reading import text_asked
from inspections.conflicts import conflict_reason
from inspections.models import Review, Statement
from inspections.reviews.forms import BallotForm
from inspections.reviews.lookups import review_visible, statements_seen
from inspections.reviews.rows import PASSES, Pair, ballot_pairs
from inspections.reviews.services import ballots_enter


@never_cache
@duty_required(Action.REVIEW_ENTER)
def ballot_entry(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    review = review_visible(user, pk, Action.REVIEW_ENTER)
    number = 2 if text_asked(request, "pass") == "2" else 1
    pairs = _by_statement(user, review)
    statement = _chosen(request, pairs, number)
    kept_away = conflict_reason(user=user, village=statement.village, on=today()) if statement else ""
    mine = pairs.get(statement, []) if statement else []
    closed = [(pair, pair.closed_to(user, number)) for pair in mine]
    settled = review.state == Review.State.LOCKED
    takes = [] if kept_away or settled else [pair for pair, reason in closed if not reason]
    form = BallotForm(**sent(request), pairs=takes, pass_number=number)
    words = f"{statement.village}{PASSES[number]}已保存。" if statement else ""
    if act(request, form, ballots_enter, words, statement=statement, pass_number=number, by=user):
        return redirect(_next(user, review, number))
    context = {
        "review": review, "statement": statement, "number": number, "pass_name": PASSES[number],
        "takes": takes, "closed": [(pair, reason) for pair, reason in closed if reason], "kept_away": kept_away,
        "settled": settled, "villages": _progress(pairs, number),
        "other": 3 - number, "other_name": PASSES[3 - number],
    }  # fmt: skip
    return form_page(request, form, "inspections/reviews/ballots.html", **context)


@duty_required(Action.REVIEW_ENTER)
def ballot_compare(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    review = review_visible(user, pk, Action.REVIEW_ENTER)
    pairs = ballot_pairs(statements_seen(user, review, Action.REVIEW_ENTER))
    show = text_asked(request, "show")
    tests: dict[str, Any] = {"all": lambda pair: True, "differ": lambda pair: pair.differs, "absent": _absent}
    shown = [pair for pair in pairs if tests.get(show, lambda pair: bool(pair.lack))(pair)]
    context = {
        "review": review,
        "rows": [(pair, _own_pass(pair, user)) for pair in shown],
        "total": len(pairs),
        "differ": sum(pair.differs for pair in pairs),
        "absent": sum(map(_absent, pairs)),
        "show": show,
        "is_open": review.state == Review.State.OPEN,
    }
    return render(request, "inspections/reviews/compare.html", context)


def _absent(pair: Pair) -> bool:
    return bool(pair.lack) and not pair.differs


def _own_pass(pair: Pair, user: User) -> int:
    """Which pass of the two is the user's to correct, 0 for none."""
    if not pair.differs:
        return 0
    return next((number for number in PASSES if not pair.closed_to(user, number)), 0)


def _by_statement(user: User, review: Review) -> dict[Statement, list[Pair]]:
    found: dict[Statement, list[Pair]] = {}
    for pair in ballot_pairs(statements_seen(user, review, Action.REVIEW_ENTER)):
        found.setdefault(pair.statement, []).append(pair)
    return found


def _chosen(request: UserRequest, pairs: dict[Statement, list[Pair]], number: int) -> Statement | None:
    """The village of the address, else the first that still waits for this pass, else the first."""
    if named := text_asked(request, "village"):
        found = [statement for statement in pairs if str(statement.village_id) == named]
        if not found:
            raise Http404
        return found[0]
    return _waiting(request.user, pairs, number) or next(iter(pairs), None)


def _waiting(user: User, pairs: dict[Statement, list[Pair]], number: int) -> Statement | None:
    """The first village with a group that this user may enter in this pass and has not."""
    for statement, groups in pairs.items():
        if any(pair.entered(number) is None and not pair.closed_to(user, number) for pair in groups):
            return statement
    return None


def _next(user: User, review: Review, number: int) -> str:
    """Where one goes after saving: the next village that waits, else the comparison."""
    waiting = _waiting(user, _by_statement(user, review), number)
    if waiting is None:
        return reverse("inspections:review-compare", args=[review.pk])
    return reverse("inspections:review-ballots", args=[review.pk], query={"pass": number, "village": waiting.village_id})


def _progress(pairs: dict[Statement, list[Pair]], number: int) -> list[tuple[Statement, int, int]]:
    """Each village with how many groups are entered in this pass, and of how many."""
    return [
        (statement, sum(pair.entered(number) is not None for pair in groups), len(groups))
        for statement, groups in pairs.items()
    ]
