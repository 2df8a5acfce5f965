"""What a village holds for its people: shows, talks, training, health, law (plan §三.2–3; mission M21)."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.disclosure.affairs.models import AroundQuerySet
from villages.models import Unit

USER = settings.AUTH_USER_MODEL
MOST = 5000  # people at one activity


class ActivityQuerySet(AroundQuerySet["Activity"]):
    def coming(self) -> Self:
        """Planned or invited to, not held yet."""
        return self.filter(state__in=Activity.COMING)


class Activity(models.Model):
    """Planned for a day and a place, invited to, held or cancelled. `turnout` is a number: nobody signs in."""

    class Kind(models.TextChoices):
        SHOW = "show", "文艺演出"
        POLICY = "policy", "政策宣讲"
        TRAINING = "training", "科技培训"
        HEALTH = "health", "卫生保健"
        LAW_TALK = "law_talk", "法律讲座"
        LAW_HOME = "law_home", "法律进社区"

    class State(models.TextChoices):
        PLANNED = "planned", "已计划"
        INVITED = "invited", "已通知"
        HELD = "held", "已举办"
        CANCELLED = "cancelled", "已取消"

    COMING = (State.PLANNED, State.INVITED)

    view_action = Action.ACTIVITY_VIEW
    scope_village, scope_unit = "village", ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="activities")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    title = models.CharField("活动", max_length=60)
    festival = models.CharField("节日", max_length=20, blank=True)
    planned_on = models.DateField("日期")
    starts = models.TimeField("开始时间", null=True, blank=True)
    place = models.CharField("地点", max_length=60)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PLANNED)
    planned_by = models.ForeignKey(USER, models.PROTECT, verbose_name="登记人", related_name="+")
    invited_on = models.DateField("通知日期", null=True, blank=True)
    invitation = models.CharField("怎么通知的", max_length=100, blank=True)
    turnout = models.PositiveIntegerField("到场人数", null=True, blank=True)
    told = models.TextField("活动情况", max_length=1000, blank=True)
    asked = models.TextField("群众问了什么", max_length=1000, blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, verbose_name="记录人", null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField("记录时间", null=True, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=100, blank=True)
    changed_at = models.DateTimeField("最后改动", auto_now=True)

    objects: ActivityQuerySet = ActivityQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "活动"
        ordering = ["-planned_on", "-id"]
        indexes = [models.Index(fields=["village", "-planned_on"], name="activity_of_village")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="invited") | Q(invited_on__isnull=False) & ~Q(invitation=""),
                name="activity_invited_somehow",
                violation_error_message="请写怎么通知的。",
            ),
            models.CheckConstraint(
                condition=Q(state="held", turnout__isnull=False, recorded_by__isnull=False, recorded_at__isnull=False)
                | ~Q(state="held") & Q(turnout=None, recorded_by=None, recorded_at=None),
                name="activity_held_with_turnout",
                violation_error_message="已举办的须有到场人数和记录人，没有举办的没有到场人数。",
            ),
            models.CheckConstraint(
                condition=Q(turnout=None) | Q(turnout__lte=MOST),
                name="activity_turnout_fits",
                violation_error_message=f"到场人数最多 {MOST} 人。",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled") & ~Q(cancel_reason="") | ~Q(state="cancelled") & Q(cancel_reason=""),
                name="activity_cancelled_with_reason",
                violation_error_message="取消活动须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.title
