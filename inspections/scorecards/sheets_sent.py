"""Forms that a phone sends are taken once for their UUID; the same UUID with other content is a correction (design §8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.cases.sending.services import digest
from inspections.errors import InspectionError
from inspections.models import Sheet


def sheet_take(
    *,
    key: UUID,
    form: str,
    target: int,
    payload: Mapping[str, str],
    by: User,
    make: Callable[[], object],
    at: datetime | None = None,
) -> str:
    """Run `make` for a form about `target` unless it came before: "created", "same" (nothing is done) or "amended".

    Of two that arrive at once the unique key undoes one, which then reads the other's. Raises InspectionError (`key`)
    where the UUID is another's or of another form; what `make` raises leaves nothing behind.
    """
    now = at or timezone.now()
    says = digest(payload)
    if not Sheet.objects.filter(key=key).exists():
        try:
            with transaction.atomic():
                Sheet.objects.create(key=key, form=form, user=by, digest=says, target=target, at=now)
                make()
            return "created"
        except IntegrityError:
            if not Sheet.objects.filter(key=key).exists():
                raise
    with transaction.atomic():
        sheet = Sheet.objects.select_for_update().get(key=key)
        if (sheet.user_id, sheet.form, sheet.target) != (by.pk, form, target):
            raise InspectionError("这张表的提交号有误，请重新打开页面再填。", "key")
        if sheet.digest == says:
            return "same"
        make()
        sheet.digest, sheet.at = says, now
        sheet.save(update_fields=["digest", "at"])
    return "amended"
