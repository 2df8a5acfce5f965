"""What a village's collective took in and spent in a year, head by head, in whole fen (plan §三.3; mission M07)."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.accounts.duties import Action
from governance.frame.imports.models import SheetImport, committed_at_fits
from governance.sheets.money import yuan
from villages.economy.figures import Band, Line, band_of, gain_of, lines_of
from villages.economy.heads import FIRST_YEAR, INVESTMENT, all_heads
from villages.scope import ScopedQuerySet

USER = settings.AUTH_USER_MODEL
LAST_YEAR = 2200
HEAD_CHOICES = [(head.key, head.name) for head in all_heads()]


class EconomyStatementQuerySet(ScopedQuerySet["EconomyStatement"]):
    def standing(self) -> Self:
        """Confirmed by the township, and not put right since."""
        return self.filter(state=EconomyStatement.State.CONFIRMED)

    def open(self) -> Self:
        return self.filter(state__in=EconomyStatement.OPEN)


class EconomyStatement(models.Model):
    """The statement of one village and year. What the township has confirmed stays as it is: it is put right by another version."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        REPORTED = "reported", "已报镇"
        CONFIRMED = "confirmed", "镇已核"
        REPLACED = "replaced", "已更正"

    OPEN = (State.DRAFT, State.REPORTED)

    view_action = Action.ECONOMY_VIEW
    scope_village, scope_unit = "village", ""

    village = models.ForeignKey("villages.Unit", models.PROTECT, verbose_name="村（社区）", related_name="economy_statements")
    year = models.PositiveSmallIntegerField("年度")
    version = models.PositiveSmallIntegerField("版次", default=1)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    reason = models.CharField("更正原因", max_length=200, blank=True)
    returned = models.CharField("退回原因", max_length=200, blank=True)
    drafted_by = models.ForeignKey(USER, models.PROTECT, verbose_name="填报人", related_name="+")
    drafted_at = models.DateTimeField("填报时间")
    confirmed_by = models.ForeignKey(USER, models.PROTECT, verbose_name="核定人", null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField("核定时间", null=True, blank=True)

    objects: EconomyStatementQuerySet = EconomyStatementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "村集体经济年度收支"
        ordering = ["-year", "village__path", "-version"]
        indexes = [models.Index(fields=["year", "village"], name="economy_of_year")]
        constraints = [
            models.UniqueConstraint(fields=["village", "year", "version"], name="economy_version_once"),
            models.UniqueConstraint(
                fields=["village", "year"],
                condition=Q(state="confirmed"),
                name="economy_confirmed_once",
                violation_error_message="这个村这一年已有镇核定的收支。",
            ),
            models.UniqueConstraint(
                fields=["village", "year"],
                condition=Q(state__in=["draft", "reported"]),
                name="economy_open_once",
                violation_error_message="这个村这一年正在填报。",
            ),
            models.CheckConstraint(condition=Q(year__gte=FIRST_YEAR, year__lt=LAST_YEAR), name="economy_year_fits"),
            models.CheckConstraint(
                condition=Q(state__in=["confirmed", "replaced"], confirmed_by__isnull=False, confirmed_at__isnull=False)
                | Q(state__in=["draft", "reported"], confirmed_by=None, confirmed_at=None),
                name="economy_confirmed_by_somebody",
                violation_error_message="核定须写明谁在什么时候核的。",
            ),
            models.CheckConstraint(
                condition=Q(version=1, reason="") | Q(version__gt=1) & ~Q(reason=""),
                name="economy_corrected_with_reason",
                violation_error_message="更正须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.village}{self.year}年收支"

    @property
    def fens(self) -> dict[str, int]:
        """Head → fen; read `amounts` beforehand where there are several statements."""
        return {amount.head: amount.fen for amount in self.amounts.all()}

    @property
    def lines(self) -> list[Line]:
        return lines_of(self.year, self.fens)

    @property
    def gain(self) -> int:
        return gain_of(self.year, self.fens)

    @property
    def gain_yuan(self) -> str:
        return yuan(self.gain)

    @property
    def band(self) -> Band:
        return band_of(self.gain)


class EconomyAmount(models.Model):
    """One head of a statement."""

    statement = models.ForeignKey(EconomyStatement, models.CASCADE, verbose_name="收支", related_name="amounts")
    head = models.CharField("科目", max_length=20, choices=HEAD_CHOICES)
    fen = models.BigIntegerField("金额（分）")

    class Meta:
        verbose_name = verbose_name_plural = "科目金额"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "head"], name="economy_head_once"),
            models.CheckConstraint(
                condition=Q(fen__gte=0) | Q(head=INVESTMENT),
                name="economy_only_investments_lose",
                violation_error_message="只有投资收益可以是负数。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_head_display()} {yuan(self.fen)}"


class EconomyImport(SheetImport):
    """One uploaded yearly table of a township."""

    view_action = Action.ECONOMY_CHECK
    scope_township, scope_village, scope_unit = "township", "", ""

    township = models.ForeignKey("villages.Unit", models.PROTECT, verbose_name="乡镇", related_name="+")

    objects: ScopedQuerySet[EconomyImport] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "村集体经济收支导入"
        ordering = ["-id"]
        constraints = [committed_at_fits("villages_economyimport_committed_at")]
