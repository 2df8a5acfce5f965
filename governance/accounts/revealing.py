"""Whole ID numbers are looked up one at a time: each look is logged, and whoever looks too often is stopped and reported."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from governance.accounts.duties import Guard
from governance.accounts.inbox import messages_send
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.errors import DomainError


class RevealError(DomainError):
    """No more numbers this hour."""

    code = "often"


def reveal_logged(*, of: str, by: User, request: HttpRequest | None = None) -> None:
    """Log that `by` sees the ID number of `of`. RevealError from REVEALS_PER_HOUR on; the auditors are told once an hour."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # two looks at once are counted one after the other
        looks = AccessLog.objects.filter(kind=AccessLog.Kind.REVEAL, user=by, detail__startswith="身份证号：")
        if looks.filter(at__gt=timezone.now() - timedelta(hours=1)).count() < settings.REVEALS_PER_HOUR:
            access_log(AccessLog.Kind.REVEAL, request=request, user=by, detail=f"身份证号：{of}")
            return
    access_log(AccessLog.Kind.DENIED, request=request, user=by, detail=f"一小时内查看身份证号超过 {settings.REVEALS_PER_HOUR} 次：{of}")
    _tell_auditors(by)
    raise RevealError(f"一小时内最多查看 {settings.REVEALS_PER_HOUR} 个完整身份证号，已告知审计员。请过一会儿再查看。")


def _tell_auditors(by: User) -> None:
    hour = timezone.localtime()
    messages_send(
        users=User.objects.filter(guard=Guard.AUDIT, is_active=True),
        text=f"{by.name}（{by.username}）一小时内查看完整身份证号超过 {settings.REVEALS_PER_HOUR} 次，请核对访问日志。",
        link=f"{reverse('admin:accounts_accesslog_changelist')}?q={by.username}",
        key=f"reveals:{by.pk}:{hour:%Y%m%d%H}",
    )
