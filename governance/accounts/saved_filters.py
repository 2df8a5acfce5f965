"""Keep what a person asks of a list."""

from __future__ import annotations

from django.db import transaction

from governance.accounts.models import SavedFilter, User
from governance.errors import DomainError

MOST = 12  # of one list, so that they can be looked over


class FilterError(DomainError):
    """A filter that is not kept: `label`, `query`, `most`."""


def filter_save(*, user: User, page: str, label: str, query: str) -> SavedFilter:
    """Keep a filter under a name; the same name keeps the new one."""
    label = label.strip()
    if not label or "\0" in label or len(label) > 20:
        raise FilterError("请给筛选起一个 20 字以内的名称。", "label")
    if len(query) > 500:
        raise FilterError("这个筛选的条件太长，不能保存。", "query")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # one after the other, so that none goes over the limit
        kept = SavedFilter.objects.visible_to(user).filter(page=page).exclude(label=label)
        if kept.count() >= MOST:
            raise FilterError(f"一个列表最多保存 {MOST} 个筛选，请先删除不用的。", "most")
        return SavedFilter.objects.update_or_create(user=user, page=page, label=label, defaults={"query": query})[0]
