"""What the portal asks of accounts beyond a password: one row, without which nothing is asked."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from governance.accounts.duties import Duty, Guard

HOLDERS = [*Duty.choices, *Guard.choices]
STALE_DAYS = 180


class AccountRules(models.Model):
    """`second_for`: duties and 三员 whose holders must have a second factor. Days: 0 is never."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    second_for = models.JSONField("须启用第二验证", default=list, blank=True)
    password_days = models.PositiveSmallIntegerField("密码最长使用天数", default=0)
    stale_days = models.PositiveSmallIntegerField("多少天没有登录算久未登录", default=STALE_DAYS)

    class Meta:
        verbose_name = verbose_name_plural = "账号安全要求"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="account_rules_one")]

    def __str__(self) -> str:
        names = dict(HOLDERS)
        second = "、".join(names[holder] for holder in self.second_for) or "不要求"
        return f"第二验证：{second}；密码最长使用：{_days(self.password_days)}；久未登录：{_days(self.stale_days)}"

    @classmethod
    def now(cls) -> AccountRules:
        """As they are in force."""
        return cls.objects.filter(pk=1).first() or cls()

    def ask_second_of(self, user: Any) -> bool:
        """Whether this one's duties of today, or office among 三员, ask for a second factor."""
        return bool(self.second_for) and not {user.guard, *user.duties()}.isdisjoint(self.second_for)


def _days(days: int) -> str:
    return f"{days} 天" if days else "不限"
