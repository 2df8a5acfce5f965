"""便民代办: who asked, what for, hand-over and satisfaction (plan §三.1, §三.4 一次性告知、一站式、一条龙)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.cases.categories.models import ServiceKind
from governance.cases.disputes.models import PartQuerySet
from governance.cases.engine.models import Case
from governance.sealed import SealedField


class Errand(models.Model):
    """What an errand has beyond its case. The phone's last four digits open the state to its owner (receipt look-up)."""

    class Satisfaction(models.TextChoices):
        GOOD = "good", "满意"
        FAIR = "fair", "基本满意"
        BAD = "bad", "不满意"

    view_action = Action.CASE_VIEW

    case = models.OneToOneField(Case, models.PROTECT, verbose_name="事项", related_name="errand")
    service = models.ForeignKey(ServiceKind, models.PROTECT, verbose_name="代办方式", null=True, blank=True, related_name="+")
    client = models.CharField("委托人", max_length=60)
    phone = SealedField("联系电话", max_length=20)
    account = models.CharField("缴费户号", max_length=40, blank=True)
    amount = models.DecimalField("代缴金额（元）", max_digits=9, decimal_places=2, null=True, blank=True)
    handed_to = models.CharField("交给", max_length=60, blank=True)
    handed_at = models.DateTimeField("交件时间", null=True, blank=True)
    satisfaction = models.CharField("满意度", max_length=6, choices=Satisfaction, blank=True)
    comment = models.CharField("评价", max_length=200, blank=True)

    objects: PartQuerySet = PartQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "便民代办"
        constraints = [
            models.CheckConstraint(condition=~Q(client="") & ~Q(phone=""), name="errand_has_client"),
            models.CheckConstraint(
                condition=Q(handed_at=None, handed_to="") | (Q(handed_at__isnull=False) & ~Q(handed_to="")),
                name="errand_hand_over_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gt=0),
                name="errand_amount_positive",
                violation_error_message="金额须大于 0。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.case)
