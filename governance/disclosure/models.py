"""Notices (公示) with a window, masked rows and objections (plan §三.1 依法公开; domain.md §7, §12)."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from governance.accounts.duties import Action
from governance.disclosure.activities.models import Activity
from governance.disclosure.affairs.models import Affair, AffairKind, AffairQuestion, AffairTurn
from governance.disclosure.powers.models import Power
from governance.disclosure.said import TEXT_LENGTH, Said
from governance.sealed import same_number
from villages.models import Unit
from villages.scope import UnitScopedQuerySet


class NoticeQuerySet(UnitScopedQuerySet["Notice"]):
    def public(self, day: date) -> Self:
        """What anybody may read on `day`: in its window and not withdrawn; a notice past its date is simply gone."""
        return self.filter(opens_on__lte=day, closes_on__gte=day, withdrawn_at=None)


class Notice(models.Model):
    """A list shown to a village for `opens_on`..`closes_on` (both inclusive); its rows hold masked names only."""

    class Kind(models.TextChoices):
        RATING = "rating", "评分公示"
        STAR = "star", "星级公示"
        HONOUR = "honour", "年度评优公示"
        AWARD = "award", "最美家庭公示"
        EXPIRY = "expiry", "积分到期公示"
        OTHER = "other", "其他公示"

    COUNTED = (Kind.RATING, Kind.STAR, Kind.HONOUR)
    """Every household of the village stands on these: they hang printed, the web counts them."""

    view_action = Action.NOTICE_VIEW
    scope_path, scope_below = "unit__path", False

    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="单位", related_name="notices")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    title = models.CharField("标题", max_length=100)
    reason = models.CharField("事由", max_length=300, blank=True)
    columns = models.JSONField("栏目", default=list)
    rows = models.JSONField("名单（已脱敏）", default=list)
    channel = models.CharField("异议渠道", max_length=120, blank=True)
    seal = models.CharField("台账校验码", max_length=100, blank=True, default="")
    opens_on = models.DateField("公示开始")
    closes_on = models.DateField("公示截止")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=100, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="撤回人", null=True, blank=True, related_name="+"
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="发布人", null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField("发布时间", auto_now_add=True)

    objects: NoticeQuerySet = NoticeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "公示"
        ordering = ["-opens_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="notice_window",
                violation_error_message="公示截止不能早于开始。",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_counted(self) -> bool:
        return self.kind in self.COUNTED

    @property
    def is_list(self) -> bool:
        """Whether its rows are a list of people or households, and not words about one matter."""
        columns: list[str] = self.columns
        return columns[:1] != ["事项"] and columns[1:2] != ["内容"]

    def is_public(self, day: date) -> bool:
        return self.withdrawn_at is None and self.opens_on <= day <= self.closes_on


class Objection(Said):
    """What somebody says against a notice, and the office's answer (异议 → 复核 → 答复). The same words of the same person about the
    same line stand once, however often they are sent; `number` and the phone's end look it up, `answer_by` was promised."""

    class State(models.TextChoices):
        OPEN = "open", "待答复"
        UPHELD = "upheld", "异议成立"
        DISMISSED = "dismissed", "异议不成立"

    view_action = Action.NOTICE_VIEW
    scope_path, scope_below = "notice__unit__path", False
    receipt = "disclosure/_objection_receipt.html"

    notice = models.ForeignKey(Notice, models.PROTECT, verbose_name="公示", related_name="objections")
    row_number = models.PositiveIntegerField("名单序号", null=True, blank=True)
    text = models.TextField("异议内容", max_length=TEXT_LENGTH)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)

    objects: UnitScopedQuerySet[Objection] = UnitScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "异议"
        ordering = ["-id"]
        indexes = [models.Index(fields=["number"], name="objection_by_number")]
        constraints = [
            models.UniqueConstraint(
                "notice",
                Coalesce("row_number", 0),
                "name",
                same_number("phone"),
                "text",
                name="objection_once",
                violation_error_message="这条异议已经收到。",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="objection_has_number"),
            models.CheckConstraint(
                condition=Q(state="open", answered_at=None)
                | (Q(state__in=["upheld", "dismissed"], answered_at__isnull=False) & ~Q(answer="")),
                name="objection_closed_with_answer",
                violation_error_message="答复异议须写明理由。",
            )
        ]


__all__ = ["Activity", "Affair", "AffairKind", "AffairQuestion", "AffairTurn", "Notice", "NoticeQuerySet", "Objection", "Power"]
