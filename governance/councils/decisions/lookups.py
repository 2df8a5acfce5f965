"""The decision that an address names."""

from __future__ import annotations

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.decisions.models import Decision
from villages.scope import get_visible_or_404

RELATED = ("kind", "village__parent", "unit__parent__parent", "township", "begun_by", "adopted_by", "finished_by", "withdrawn_by")


def decision_of(user: User, pk: int, action: Action | None = None) -> Decision:
    return get_visible_or_404(Decision.objects.select_related(*RELATED), user, action, pk=pk)
