"""Accounts that nobody logs in to: told of it first, locked later, never deleted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.accounts.duties import Action
from governance.periods import today

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

NOTICE = timedelta(days=14)


class StaleQuerySet(models.QuerySet["StaleAccount"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those that were told of it, for the system administrator; none for anyone else."""
        allowed = user.is_authenticated and user.may(Action.ACCOUNT_MANAGE)
        return self.exclude(noticed_at=None) if allowed else self.none()


class StaleAccount(models.Model):
    """`noticed_at`: the holder was told; `locked_at`: nobody may log in since, posts and records stay; `unlocked_at`: from then on the
    days are counted anew."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="stale")
    noticed_at = models.DateTimeField("通知时间", null=True)
    locked_at = models.DateTimeField("锁定时间", null=True)
    unlocked_at = models.DateTimeField("解锁时间", null=True)

    objects: StaleQuerySet = StaleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "久未登录"
        ordering = ["noticed_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(locked_at=None) | Q(noticed_at__isnull=False), name="stale_locked_once_noticed"),
        ]

    def __str__(self) -> str:
        return f"{self.user}"

    @property
    def words(self) -> str:
        """What a list says of it."""
        if self.locked_at:
            return "已锁定"
        return f"{self.locks_on:%Y-%m-%d} 锁定" if self.noticed_at else ""

    @property
    def locks_on(self) -> date | None:
        return today(self.noticed_at + NOTICE) if self.noticed_at else None
