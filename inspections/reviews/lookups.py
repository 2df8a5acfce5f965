"""The review that an address names, and the statements that somebody sees of it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from governance.accounts.duties import Action
from governance.accounts.models import User
from inspections.models import Review, Statement

SECRETARY = ("village", "secretary__user", "secretary__resident")


def review_visible(user: User, pk: int, action: Action | None = None) -> Review:
    return get_object_or_404(Review.objects.visible_to(user, action).select_related("township", "locked_by"), pk=pk)


def statements_seen(user: User, review: Review, action: Action | None = None) -> QuerySet[Statement]:
    """The statements of a review that `user` sees, with what a row reads, in the order of the tree."""
    rows = Statement.objects.visible_to(user, action).filter(review=review)
    return rows.select_related(*SECRETARY).order_by("village__path")
