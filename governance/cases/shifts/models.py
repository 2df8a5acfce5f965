"""轮流坐班 and 错时: who sits when (plan §三.1, §四.2). No clock-in: a roster says who is there, nothing says who was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.periods import SHANGHAI
from villages.models import Post, Unit
from villages.scope import ScopedQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class ShiftKind(models.Model):
    """A village's shift: from when to when, on which days. 错时 is just another shift; 应急值守 may end the morning after."""

    class Days(models.TextChoices):
        WORKDAYS = "workdays", "工作日"
        RESTDAYS = "restdays", "休息日"
        ALL = "all", "每天"

    class Purpose(models.TextChoices):
        SITTING = "sitting", "坐班（错时）"
        ON_CALL = "oncall", "应急值守"

    view_action = Action.SHIFT_VIEW
    scope_village = "village"
    scope_unit = ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="shift_kinds")
    purpose = models.CharField("用途", max_length=8, choices=Purpose, default=Purpose.SITTING)
    name = models.CharField("班次", max_length=20)
    starts = models.TimeField("开始")
    ends = models.TimeField("结束")
    days = models.CharField("哪些天", max_length=8, choices=Days, default=Days.WORKDAYS)
    is_active = models.BooleanField("启用", default=True)

    objects: ScopedQuerySet[ShiftKind] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "班次"
        ordering = ["village__path", "starts", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "name"], name="shift_kind_once", violation_error_message="本村已有同名班次。"
            ),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")) | Q(purpose="oncall"),
                name="shift_kind_ends_after_start",
                violation_error_message="结束须晚于开始；只有应急值守可以到第二天早上。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ShiftQuerySet(ScopedQuerySet["Shift"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def on_call(self, at: datetime) -> Self:
        """Published 应急值守 that runs at this moment, also one that began the evening before."""
        local = at.astimezone(SHANGHAI)
        day, now = local.date(), local.time()
        over_night = Q(kind__ends__lte=F("kind__starts"))
        begun = Q(day=day, kind__starts__lte=now) & (over_night | Q(kind__ends__gt=now))
        since_yesterday = Q(over_night, day=day - timedelta(days=1), kind__ends__gt=now)
        return self.published().filter(begun | since_yesterday, kind__purpose=ShiftKind.Purpose.ON_CALL)


class Shift(models.Model):
    """One post's turn on one day; one for each kind and day of a village."""

    view_action = Action.SHIFT_VIEW
    scope_village = "village"
    scope_unit = ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="shifts", db_index=False)
    kind = models.ForeignKey(ShiftKind, models.PROTECT, verbose_name="班次", related_name="shifts")
    day = models.DateField("日期")
    post = models.ForeignKey(Post, models.PROTECT, verbose_name="值班人", related_name="shifts")
    published_at = models.DateTimeField("发布时间", null=True, blank=True)

    objects: ShiftQuerySet = ShiftQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "值班"
        ordering = ["day", "kind__starts", "id"]
        indexes = [
            models.Index(fields=["-day", "id"], name="shift_latest"),
            models.Index(fields=["village", "day"], name="shift_by_day"),
        ]
        constraints = [models.UniqueConstraint(fields=["kind", "day"], name="shift_one_per_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


class SwapQuerySet(models.QuerySet["Swap"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        return self.filter(shift__in=Shift.objects.visible_to(user, action).order_by().values("pk"))


class Swap(models.Model):
    """换班: whoever has `shift` asks whoever has `other` to change with them; both agree, or nothing moves."""

    class State(models.TextChoices):
        ASKED = "asked", "待对方同意"
        AGREED = "agreed", "已换班"
        REFUSED = "refused", "对方不同意"
        DROPPED = "dropped", "已撤回"

    shift = models.ForeignKey(Shift, models.CASCADE, verbose_name="我的班", related_name="swaps_asked")
    other = models.ForeignKey(Shift, models.CASCADE, verbose_name="对方的班", related_name="swaps_offered")
    reason = models.CharField("原因", max_length=100, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="申请人", related_name="+")
    asked_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=8, choices=State, default=State.ASKED)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="答复人", null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    objects: SwapQuerySet = SwapQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "换班"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["shift"], condition=Q(state="asked"), name="swap_open_once_mine"),
            models.UniqueConstraint(fields=["other"], condition=Q(state="asked"), name="swap_open_once_theirs"),
            models.CheckConstraint(condition=~Q(shift=F("other")), name="swap_of_two"),
            models.CheckConstraint(
                condition=~Q(state="agreed") | (Q(answered_by__isnull=False) & ~Q(answered_by=F("asked_by"))),
                name="swap_agreed_by_both",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shift} ↔ {self.other}"
