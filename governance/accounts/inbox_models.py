"""Messages inside the portal, and what leaves it by SMS or webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.sealed import SealedField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own, nobody else's."""
        return self.filter(user=user) if user.is_authenticated else self.none()

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Message(models.Model):
    """Something that `user` should know; `key` tells events apart, so that none is told twice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="messages", db_index=False)
    text = models.CharField("内容", max_length=200)
    link = models.CharField("页面", max_length=200)
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    objects: MessageQuerySet = MessageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="message_of_user"),
            models.Index(fields=["user"], name="message_unread", condition=Q(read_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="message_once"),
            models.CheckConstraint(condition=Q(link__startswith="/"), name="message_link_is_ours"),
        ]

    def __str__(self) -> str:
        return self.text


class Outbox(models.Model):
    """One message on its way out of the portal; the row is the task, sent at least once.

    `user`: whom it is for, None where the receiver has no account; then `place`, the path of a unit, says whose it is to look after
    it. `template` and `params` are for gateways that only send words
    agreed on before ("" where there is no such template); `receipt` is the gateway's own number of it, by which it says later
    whether the phone got it.
    """

    class Channel(models.TextChoices):
        SMS = "sms", "短信"
        WEBHOOK = "webhook", "推送"

    class State(models.TextChoices):
        QUEUED = "queued", "待发送"
        SENT = "sent", "已发送"
        FAILED = "failed", "发送失败"

    channel = models.CharField("渠道", max_length=8, choices=Channel)
    to = SealedField("发给", max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    place = models.CharField(max_length=120, blank=True, default="")
    text = models.CharField("内容", max_length=200)
    template = models.CharField("短信模板", max_length=20, blank=True)
    params = models.JSONField("模板参数", default=dict, blank=True)
    key = models.CharField(max_length=160, unique=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    next_at = models.DateTimeField("下次发送")
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    receipt = models.CharField("回执号", max_length=80, blank=True)
    delivered_at = models.DateTimeField("送达时间", null=True, blank=True)
    error = models.CharField("原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "待发消息"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["next_at"], name="outbox_due", condition=Q(state="queued")),
            models.Index(fields=["receipt"], name="outbox_by_receipt", condition=~Q(receipt="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (Q(state__in=["queued", "failed"], sent_at=None)),
                name="outbox_sent_at",
            ),
            models.CheckConstraint(condition=Q(channel__in=["sms", "webhook"]), name="outbox_channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.to}"

    @property
    def reason(self) -> str:
        """Why it was given up, in words."""
        if self.error.startswith("HTTP 4"):
            return f"短信网关（推送地址）不接收（{self.error}），请核对号码、短信模板和签名"
        if self.error.startswith("HTTP "):
            return f"短信网关（推送地址）自己出错（{self.error}）"
        return self.error if self.error.startswith("未送达") else "短信网关（推送地址）连不上"

    @property
    def state_words(self) -> str:
        return "已送达" if self.delivered_at is not None else self.get_state_display()
