"""The record that an address names."""

from __future__ import annotations

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.periods import today
from villages.scope import get_visible_or_404
from volunteers.models import CareRecord

RELATED = ("resident__household", "category", "village", "unit", "township", "helper", "substitute", "entered_by")


def record_of(request: UserRequest, pk: int, action: Action | None = None) -> CareRecord:
    return get_visible_or_404(CareRecord.objects.with_helpers(today()).select_related(*RELATED), request.user, action, pk=pk)
