"""The rule set that an address names, for those who may see or edit it."""

from __future__ import annotations

from django.http import Http404
from django.shortcuts import get_object_or_404

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.accounts.models import User
from moral_bank.rules.models import RuleSet

pass


def rule_set_or_404(user: User, pk: int, action: Action | None = None) -> RuleSet:
    """A version that `user` sees, or on which he may do `action`."""
    return get_object_or_404(RuleSet.objects.visible_to(user, action).select_related("township", "adopted_by"), pk=pk)


def draft_or_404(request: UserRequest, pk: int) -> RuleSet:
    """A draft that the user may edit; an adopted version has no such page."""
    draft = rule_set_or_404(request.user, pk, Action.RULE_EDIT)
    if draft.state != RuleSet.State.DRAFT:
        raise Http404
    return draft
