"""The covenant or version that an address names."""

from __future__ import annotations

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.covenants.models import Covenant, CovenantVersion
from villages.scope import get_visible_or_404

PLACE = "unit__parent__parent"


def covenant_of(user: User, pk: int, action: Action | None = None) -> Covenant:
    found: Covenant = get_visible_or_404(Covenant.objects.select_related(PLACE, "made_by"), user, action, pk=pk)
    return found


def version_of(user: User, pk: int, action: Action | None = None) -> CovenantVersion:
    related = (f"covenant__{PLACE}", "decision", "made_by", "set_by")
    found: CovenantVersion = get_visible_or_404(CovenantVersion.objects.select_related(*related), user, action, pk=pk)
    return found
