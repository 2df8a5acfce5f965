"""Count that a form asked again for what is on record."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from governance.accounts.models import User
from governance.desk.repeats.models import RepeatCount
from governance.desk.repeats.names import form_name
from governance.errors import DomainError
from governance.frame.slowing import tried
from governance.periods import today
from villages.models import Unit

DAY = 86400


class RepeatError(DomainError):
    """A press that is not counted: `form`, `scope`, `once`."""


def repeat_add(*, form: str, by: User, at: datetime | None = None) -> RepeatCount:
    """One more for the form in this month. Who pressed is kept nowhere but for a day in the cache, so that one person counts once
    a day."""
    if not form_name(form):
        raise RepeatError("没有这张表。", "form")
    township = _township_of(by)
    if township is None:
        raise RepeatError("您的账号不属于哪个乡镇，请直接告诉镇里。", "scope")
    if tried(f"repeat:{by.pk}:{form}", DAY) > 1:
        raise RepeatError("今天已经记下过了，谢谢。", "once")
    with transaction.atomic():
        row, _ = RepeatCount.objects.get_or_create(township=township, form=form, month=today(at).replace(day=1))
        RepeatCount.objects.filter(pk=row.pk).update(count=F("count") + 1)
    row.refresh_from_db()
    return row


def _township_of(user: User) -> Unit | None:
    """Where the user's duty is, the first of several; of those without a place, the township that the portal is for."""
    towns = Unit.objects.filter(level=Unit.Level.TOWNSHIP).on(today()).order_by("path")
    codes = {code for grant in user.grants for code in grant.path.strip("/").split("/")}
    return towns.filter(code__in=codes).first() if codes else towns.first()
