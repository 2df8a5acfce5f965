"""专项探访 and households at risk (design §12; domain.md §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from villages.models import Household, Unit
from villages.scope import ScopedQuerySet
from volunteers.care.models import CareRecord

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class CareRound(models.Model):
    """An extra round over the high tier, for severe weather or a festival: its list is made with one button."""

    class Kind(models.TextChoices):
        WEATHER = "weather", "恶劣天气"
        FESTIVAL = "festival", "节日"
        OTHER = "other", "其他"

    view_action = Action.CARE_VIEW
    scope_village = "village"
    scope_unit = ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="care_rounds")
    kind = models.CharField("因为", max_length=8, choices=Kind)
    name = models.CharField("名称", max_length=40)
    day = models.DateField("日期")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="发起人", related_name="+")
    at = models.DateTimeField("发起时间")

    objects: ScopedQuerySet[CareRound] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "专项探访"
        ordering = ["-day", "-id"]
        constraints = [models.UniqueConstraint(fields=["village", "day", "name"], name="care_round_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class RiskHousehold(models.Model):
    """住处有风险的户: a slope, a low place, an unsafe house; where they are taken, and who calls them (转移 list)."""

    class Risk(models.TextChoices):
        SLOPE = "slope", "地质灾害"
        LOW = "low", "低洼易涝"
        UNSAFE = "unsafe", "危房"
        RIVER = "river", "临河"

    view_action = Action.CARE_VIEW
    scope_village = "household__village"
    scope_unit = "household__unit"

    household = models.ForeignKey(Household, models.PROTECT, verbose_name="户", related_name="risks")
    risk = models.CharField("风险", max_length=8, choices=Risk)
    shelter = models.CharField("转移到", max_length=60)
    keeper = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="叫应责任人", related_name="+")
    since = models.DateField("登记日期")
    ended_on = models.DateField("解除日期", null=True, blank=True)

    objects: ScopedQuerySet[RiskHousehold] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "风险户"
        ordering = ["household__village__path", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(ended_on=None),
                name="risk_household_once",
                violation_error_message="这一户已登记风险。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.get_risk_display()}"


class CareRoundPersonQuerySet(ScopedQuerySet["CareRoundPerson"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """In scope; people in care only where their record is open (children!)."""
        records = CareRecord.objects.by_duty(user).order_by().values("pk")
        return super().visible_to(user, action).filter(Q(record=None) | Q(record__in=records))

    def unreached(self) -> Self:
        return self.filter(answered_at=None, moved_at=None)


class CareRoundPerson(models.Model):
    """Somebody on the list of a round: reached by a visit, a call (叫应), or not yet. Also households at risk without anybody in care."""

    view_action = Action.CARE_VIEW
    scope_village = "round__village"
    scope_unit = ""

    round = models.ForeignKey(CareRound, models.CASCADE, verbose_name="专项探访", related_name="people")
    record = models.ForeignKey(CareRecord, models.PROTECT, verbose_name="关爱对象", null=True, blank=True, related_name="rounds")
    household = models.ForeignKey(Household, models.PROTECT, verbose_name="户", related_name="+")
    answered_at = models.DateTimeField("叫应时间", null=True, blank=True)
    moved_at = models.DateTimeField("转移时间", null=True, blank=True)
    note = models.CharField("备注", max_length=100, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", null=True, blank=True, related_name="+"
    )

    objects: CareRoundPersonQuerySet = CareRoundPersonQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "专项探访名单"
        ordering = ["round", "id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "record"], condition=Q(record__isnull=False), name="care_round_person_once"),
            models.UniqueConstraint(fields=["round", "household"], condition=Q(record=None), name="care_round_household_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.household_id}"

    @property
    def is_reached(self) -> bool:
        return self.answered_at is not None or self.moved_at is not None
