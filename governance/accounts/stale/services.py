"""Each night: who has not logged in for too long is told, and who was told and has still not come is locked."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from governance.accounts.inbox import messages_send
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.accounts.rules.models import AccountRules
from governance.accounts.stale.models import NOTICE, StaleAccount
from governance.periods import today


def stale_watch(*, at: datetime | None = None) -> int:
    """How many were locked. Without a rule those who were only told are let be."""
    now, days = at or timezone.now(), AccountRules.now().stale_days
    since = now - timedelta(days=days)
    stale = _unused(since) if days else User.objects.none()
    StaleAccount.objects.filter(locked_at=None).exclude(noticed_at=None).exclude(user__in=stale).update(noticed_at=None)
    _notice(stale, days, now)
    due = StaleAccount.objects.filter(locked_at=None, noticed_at__lte=now - NOTICE).select_related("user").order_by("pk")
    return sum(_lock(row, days, now) for row in due)


def stale_lift(user: User) -> None:
    """The account may be logged in to again, and its days begin anew."""
    rows = StaleAccount.objects.filter(user=user).exclude(noticed_at=None)
    rows.update(noticed_at=None, locked_at=None, unlocked_at=timezone.now())


def is_stale_locked(user: User) -> bool:
    return StaleAccount.objects.filter(user=user).exclude(locked_at=None).exists()


def unlocked(users: QuerySet[User]) -> QuerySet[User]:
    """Those of `users` that are not locked for long disuse."""
    return users.filter(Q(stale=None) | Q(stale__locked_at=None))


def _unused(since: datetime) -> QuerySet[User]:
    """Active accounts without a log-in since then; who never came counts from the day the account was made."""
    idle = Q(last_login__lt=since) | Q(last_login=None, created_at__lt=since)
    return User.objects.filter(idle, is_active=True).exclude(stale__unlocked_at__gte=since)


def _notice(stale: QuerySet[User], days: int, now: datetime) -> None:
    new = list(stale.filter(Q(stale=None) | Q(stale__noticed_at=None)).order_by("pk"))
    until = today(now + NOTICE)
    text = f"您的账号 {days} 天没有登录。{until:%Y-%m-%d} 以前登录一次就照常使用，否则锁定；任职和记录不受影响。"
    with transaction.atomic():
        StaleAccount.objects.bulk_create(
            [StaleAccount(user=user, noticed_at=now) for user in new],
            update_conflicts=True, unique_fields=["user"], update_fields=["noticed_at"],
        )  # fmt: skip
        messages_send(users=new, text=text, link=reverse("accounts:inbox"), key=f"stale:{now:%Y%m%d}", at=now, text_out=f"乡治：{text}")


def _lock(row: StaleAccount, days: int, now: datetime) -> bool:
    """Not the last of a kind of 三员 that can log in: somebody has to be there to unlock."""
    user = row.user
    with transaction.atomic():
        others = unlocked(User.objects.select_for_update(of=("self",)).filter(is_active=True)).exclude(pk=user.pk)
        if user.guard and not list(others.filter(guard=user.guard)):
            return False
        taken = StaleAccount.objects.filter(pk=row.pk, locked_at=None, noticed_at=row.noticed_at).update(locked_at=now)
        if taken:
            access_log(AccessLog.Kind.LOCKED, username=user.username, detail=f"{days} 天没有登录，已通知本人 {NOTICE.days} 天")
    return bool(taken)
