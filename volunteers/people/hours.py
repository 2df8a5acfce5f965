"""时长 of an old ledger that was wrong: reversed with a reason (hours of orders are corrected at the order)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import save_by
from volunteers.models import Hours
from volunteers.people.errors import VolunteerError


def hours_reverse(*, hours: Hours, reason: str, by: User, at: datetime | None = None) -> Hours:
    """The opposite row; both stay."""
    if not reason.strip():
        raise VolunteerError("请写明原因。", "reason", field="reason")
    with transaction.atomic():
        rows = Hours.objects.visible_to(by, Action.VOLUNTEER_EDIT).select_for_update(of=("self",))
        row = rows.select_related("volunteer", "village").filter(pk=hours.pk).first()
        if row is None:
            raise VolunteerError("这条时长不归您冲正。", "scope")
        if not is_reversible(row):
            raise VolunteerError("只能冲正原台账导入的时长，一条一次；订单的时长请在订单里更正。", "state")
        opposite = Hours(
            volunteer=row.volunteer,
            village=row.village,
            served_on=row.served_on,
            minutes=-row.minutes,
            text=row.text,
            reason=reason.strip(),
            reverses=row,
            by=by,
            at=at or timezone.now(),
        )
        save_by(opposite, by, VolunteerError)
    return opposite


def is_reversible(hours: Hours) -> bool:
    """Imported, and standing."""
    return hours.order_id is None and hours.reverses_id is None and not hasattr(hours, "reversed_by")
