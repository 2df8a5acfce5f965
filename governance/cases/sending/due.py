"""What a phone sent that stands in another version already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from governance.accounts.models import User
from governance.cases.models import Conflict
from governance.frame.due import Todo


def conflicts_todo(user: User, now: datetime) -> Iterator[Todo]:
    count = Conflict.objects.visible_to(user).filter(outcome="").count()
    if count:
        yield Todo(now, "内容不一致", f"{count} 件提交要您看一下以哪份为准", reverse("cases:conflict-list"), None)
