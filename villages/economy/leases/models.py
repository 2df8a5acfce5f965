"""What a village's collective has let out: to whom, how much, until when (plan §三.3; mission M07)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.sheets.money import yuan
from villages.scope import ScopedQuerySet


class Lease(models.Model):
    """A 发包合同. `lessee` is a firm, or a person's name with stars. It runs until it is renewed by another, or ended with the reason."""

    class State(models.TextChoices):
        RUNNING = "running", "履行中"
        RENEWED = "renewed", "已续签"
        ENDED = "ended", "已终止"

    view_action = Action.ECONOMY_VIEW
    scope_village, scope_unit = "village", ""

    village = models.ForeignKey("villages.Unit", models.PROTECT, verbose_name="村（社区）", related_name="leases")
    subject = models.CharField("发包的资产资源", max_length=60)
    lessee = models.CharField("承包方", max_length=60)
    amount = models.CharField("面积或数量", max_length=30)
    begins_on = models.DateField("起始日期")
    runs_out_on = models.DateField("到期日期")
    yearly_fen = models.PositiveBigIntegerField("每年金额（分）")
    state = models.CharField("状态", max_length=10, choices=State, default=State.RUNNING)
    renews = models.OneToOneField(
        "self", models.PROTECT, verbose_name="续签自", null=True, blank=True, related_name="renewed_as"
    )
    ended_on = models.DateField("终止日期", null=True, blank=True)
    end_reason = models.CharField("终止原因", max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+")

    objects: ScopedQuerySet[Lease] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "发包合同"
        ordering = ["runs_out_on", "id"]
        indexes = [models.Index(fields=["runs_out_on"], name="lease_running", condition=Q(state="running"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(runs_out_on__gt=F("begins_on")),
                name="lease_ends_after_it_begins",
                violation_error_message="到期日期须晚于起始日期。",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False) & ~Q(end_reason="")
                | ~Q(state="ended") & Q(ended_on=None, end_reason=""),
                name="lease_ended_with_reason",
                violation_error_message="终止合同须写明日期和原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}（{self.lessee}）"

    @property
    def yearly_yuan(self) -> str:
        return yuan(self.yearly_fen)
