"""What somebody of 三员 asks to be changed of a 三员 account, and what another one of them said to it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from governance.accounts.duties import Action, Guard
from governance.sealed import SealedField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class ConsentQuerySet(models.QuerySet["GuardRequest"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All of them for each of 三员, none for anyone else."""
        return self.all() if user.is_authenticated and user.may(Action.GUARD_CONSENT) else self.none()

    def unanswered(self) -> Self:
        return self.filter(state=GuardRequest.State.OPEN)


class RequestKind(models.TextChoices):
    RESET = "reset", "重置密码"
    UPDATE = "update", "修改姓名或电话"
    DISABLE = "disable", "停用"
    ENABLE = "enable", "启用"
    APPOINT = "appoint", "增设三员账号"
    SECOND = "second", "取消第二验证并重置密码"


class RequestState(models.TextChoices):
    OPEN = "open", "待同意"
    AGREED = "agreed", "已同意"
    REFUSED = "refused", "不同意"
    WITHDRAWN = "withdrawn", "已撤回"
    EXPIRED = "expired", "已过期"


ANSWERED = (RequestState.AGREED, RequestState.REFUSED)
WITH_CODE = (RequestKind.RESET, RequestKind.APPOINT, RequestKind.SECOND)


class GuardRequest(models.Model):
    """Asked by one of 三员, answered by another; the database lets a 三员 account be changed under an agreed one alone (guards.py).

    `username`, `name`, `phone` and `guard` are what a new or changed account shall have. The code with which the holder makes a
    password has two halves: who asks is shown the first, who agrees the second, and here are hashes only. An agreed request is in
    force until `done_at`: at once, or when the holder has used the code.
    """

    Kind, State = RequestKind, RequestState

    kind = models.CharField("事项", max_length=8, choices=RequestKind)
    target = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="账号", null=True, related_name="+")
    username = models.CharField("登录名", max_length=32, blank=True)
    name = models.CharField("姓名", max_length=40, blank=True)
    phone = SealedField("联系电话", max_length=20, blank=True)
    guard = models.CharField("三员", max_length=10, choices=Guard, blank=True)
    reason = models.CharField("原因", max_length=200)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="申请人", related_name="+")
    asked_at = models.DateTimeField("申请时间")
    expires_at = models.DateTimeField("有效期至")
    state = models.CharField("状态", max_length=9, choices=RequestState, default=RequestState.OPEN)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="答复人", null=True, related_name="+")
    answered_at = models.DateTimeField("答复时间", null=True)
    done_at = models.DateTimeField("办结时间", null=True)
    first_hash = models.CharField(max_length=64, blank=True)
    second_hash = models.CharField(max_length=64, blank=True)

    objects: ConsentQuerySet = ConsentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "三员账号变更"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RequestKind.values), name="guard_request_kind_known"),
            models.CheckConstraint(
                condition=Q(state="open", answered_by=None, answered_at=None)
                | Q(state__in=("withdrawn", "expired"), answered_by=None, answered_at__isnull=False)
                | Q(state__in=ANSWERED, answered_by__isnull=False, answered_at__isnull=False),
                name="guard_request_state",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("asked_by")), name="guard_request_by_another"
            ),
            models.CheckConstraint(condition=Q(done_at=None) | Q(state="agreed"), name="guard_request_done_once_agreed"),
            models.CheckConstraint(condition=Q(kind="appoint") | Q(target__isnull=False), name="guard_request_target"),
            models.UniqueConstraint(fields=["target"], condition=Q(state="open"), name="guard_request_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.about}"

    @property
    def about(self) -> str:
        """The account in words."""
        if self.target is not None:
            return f"{self.target.name}（{self.target.username}，{self.target.get_guard_display()}）"
        return f"{self.name}（{self.username}，{self.get_guard_display()}）"

    @property
    def with_code(self) -> bool:
        """Whether the holder makes a new password with a code."""
        return self.kind in WITH_CODE

    def is_open(self, at: datetime | None = None) -> bool:
        return self.state == RequestState.OPEN and self.expires_at > (at or timezone.now())

    def may_answer(self, user: Any) -> bool:
        """Whether it waits for this one's word."""
        return self.is_open() and user.pk != self.asked_by_id and user.may(Action.GUARD_CONSENT)
