"""What a phone sent that stands in another version already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from governance.accounts.models import User
from governance.cases.models import Conflict
from governance.frame.due import DueKind, Todo


def _conflicts(rows: QuerySet[Conflict], user: User, now: datetime) -> Iterator[Todo]:
    """One line for all."""
    if count := rows.count():
        yield Todo(now, "内容不一致", f"{count} 件提交要您看一下以哪份为准", reverse("cases:conflict-list"), None)


KINDS = [
    DueKind(
        "conflict",
        "内容不一致的提交",
        open=lambda now: Conflict.objects.filter(outcome=""),
        held=lambda rows, user, now: rows.visible_to(user),
        lines=_conflicts,
    )
]
