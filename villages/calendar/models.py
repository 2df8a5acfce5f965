"""Days off and make-up workdays: the county's, as the State Council announces a year, and a township's own over them (design §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from villages.scope import reach_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class CalendarDayQuerySet(models.QuerySet["CalendarDay"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """The county's days are read by all who may, and changed by the county; a township's own days are its own and the county's."""
        reach = reach_of(user, action or CalendarDay.view_action)
        if reach is None:
            return self.none()
        own = Q(township__in=sorted(reach.townships_around))
        countywide = action in (None, CalendarDay.view_action) or keeps_the_county(user)
        return self.filter(own | Q(township=None) if countywide else own)

    def of(self, township_id: int | None) -> Self:
        """What counts in a township: the county's days and its own."""
        return self.filter(Q(township=None) | Q(township=township_id))


def keeps_the_county(user: User | AnonymousUser) -> bool:
    """Whether `user` keeps the calendar of the whole county."""
    grants = user.grants if user.is_authenticated else ()
    return any(Action.CALENDAR_EDIT in grant.actions and grant.level == "county" for grant in grants)


class CalendarDay(models.Model):
    """One day that is off or worked. Without `township` it is the county's: a year with any such row replaces the shipped one.
    With it, it is that township's own and counts there alone, over the county's."""

    class Kind(models.TextChoices):
        OFF = "off", "放假"
        WORK = "work", "上班（调休）"

    view_action = Action.UNIT_VIEW

    township = models.ForeignKey(
        "villages.Unit", models.PROTECT, verbose_name="乡镇", related_name="+", null=True, blank=True, help_text="空着：全县"
    )
    day = models.DateField("日期")
    name = models.CharField("名称", max_length=20)
    kind = models.CharField("类型", max_length=4, choices=Kind)

    objects: CalendarDayQuerySet = CalendarDayQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "节假日与调休"
        ordering = ["-day", F("township").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["day"], condition=Q(township=None), name="calendar_day_once", violation_error_message="这一天已经有了。"
            ),
            models.UniqueConstraint(
                fields=["township", "day"], name="calendar_own_day_once", violation_error_message="本镇这一天已经有了。"
            ),
            models.CheckConstraint(condition=Q(kind__in=["off", "work"]), name="calendar_day_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}{self.get_kind_display()}"
