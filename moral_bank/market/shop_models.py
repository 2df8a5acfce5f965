"""Shops of the 道德超市, the money behind them and those who supply them."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.sealed import SealedField
from villages.models import Unit
from villages.scope import Reach, ScopedQuerySet

_M = TypeVar("_M", bound=models.Model)


class ShopQuerySet(ScopedQuerySet[_M]):
    """What belongs to a shop: a village has one for all, so the duties of its groups and yards see it as well."""

    def reached_by(self, reach: Reach) -> Q | None:
        return super().reached_by(replace(reach, villages=reach.villages_around))


class Shop(models.Model):
    """A village's 道德超市 with its settings. Where a village has a shop, grants stop at 100 % of its cover (trigger)."""

    view_action = Action.MARKET_VIEW
    scope_village = "village"
    scope_unit = ""

    village = models.OneToOneField(Unit, models.PROTECT, verbose_name="村（社区）", related_name="shop")
    name = models.CharField("名称", max_length=60)
    place = models.CharField("地点", max_length=100, blank=True)
    hours = models.CharField("开放时间", max_length=100, blank=True)
    cents_per_point = models.PositiveIntegerField(
        "每分折合（分钱）", default=100, validators=[MinValueValidator(1), MaxValueValidator(100000)]
    )
    hold_days = models.PositiveSmallIntegerField(
        "预留天数", default=7, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    is_open = models.BooleanField("开放兑换", default=True)

    objects: ShopQuerySet[Shop] = ShopQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "道德超市"
        ordering = ["village__path"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cents_per_point__gte=1, hold_days__gte=1, hold_days__lte=60),
                name="shop_settings_positive",
                violation_error_message="每分折合至少 1 分钱，预留 1 到 60 天。",
            )
        ]

    def __str__(self) -> str:
        return self.name


class FundMove(models.Model):
    """Money of a shop in or out, in 分 (cents). Insert-only; the fund is their sum."""

    class Kind(models.TextChoices):
        GRANT = "grant", "拨入"
        DONATION = "donation", "捐赠"
        PURCHASE = "purchase", "进货付款"
        OUT = "out", "其他支出"
        CORRECTION = "correction", "更正"

    view_action = Action.MARKET_VIEW
    scope_village = "shop__village"
    scope_unit = ""

    shop = models.ForeignKey(Shop, models.PROTECT, verbose_name="道德超市", related_name="fund_moves")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    cents = models.BigIntegerField("金额（分）")
    on = models.DateField("日期")
    memo = models.CharField("说明", max_length=100)
    source_key = models.CharField("来源", max_length=80, unique=True, null=True, blank=True)  # null: typed by somebody
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+")
    at = models.DateTimeField("登记时间")

    objects: ShopQuerySet[FundMove] = ShopQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "资金台账"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["grant", "donation"], cents__gt=0)
                | Q(kind__in=["purchase", "out"], cents__lt=0)
                | (Q(kind="correction") & ~Q(cents=0)),
                name="fund_move_sign",
                violation_error_message="拨入、捐赠为正数，付款、支出为负数。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.memo}"


class Supplier(models.Model):
    """供货单位 of a village's shop."""

    view_action = Action.MARKET_VIEW
    scope_village = "village"
    scope_unit = ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="suppliers")
    name = models.CharField("名称", max_length=60)
    contact = models.CharField("联系人", max_length=40, blank=True)
    phone = SealedField("联系电话", max_length=20, blank=True)
    is_active = models.BooleanField("在用", default=True)

    objects: ShopQuerySet[Supplier] = ShopQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "供货单位"
        ordering = ["village__path", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "name"], name="supplier_once", violation_error_message="已有这个供货单位。"
            )
        ]

    def __str__(self) -> str:
        return self.name
