"""Days off and make-up workdays as the township's staff load them when the State Council announces a year (design §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class CalendarDayQuerySet(models.QuerySet["CalendarDay"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """The calendar is the same everywhere: all of it for those who may, nothing for others."""
        allowed = user.is_authenticated and user.may(action or CalendarDay.view_action)
        return self.all() if allowed else self.none()


class CalendarDay(models.Model):
    """One day on which a weekday is off or a weekend day is worked. A year with any row here replaces the shipped one."""

    class Kind(models.TextChoices):
        OFF = "off", "放假"
        WORK = "work", "上班（调休）"

    view_action = Action.UNIT_VIEW

    day = models.DateField("日期", unique=True, error_messages={"unique": "这一天已经有了。"})
    name = models.CharField("名称", max_length=20)
    kind = models.CharField("类型", max_length=4, choices=Kind)

    objects: CalendarDayQuerySet = CalendarDayQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "节假日与调休"
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["off", "work"]), name="calendar_day_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}{self.get_kind_display()}"
