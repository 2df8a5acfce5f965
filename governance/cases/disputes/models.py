"""矛盾纠纷: parties, mediator, sittings, agreement, performance (plan §三.3; 人民调解法; domain.md §5, §12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.cases.categories.models import Risk
from governance.cases.engine.models import Case
from governance.sealed import SealedField
from villages.models import Post, Resident
from villages.scope import ScopedQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class PartQuerySet(ScopedQuerySet["Dispute"]):
    """Rows that belong to a case are seen by those who see the case."""

    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        return self.filter(case__in=Case.objects.visible_to(user, action).order_by().values("pk"))


class Dispute(models.Model):
    """What a dispute has beyond its case. `mediator` is a post; kin of a party is refused (trigger)."""

    class Tier(models.TextChoices):
        VILLAGE = "village", "村（社区）调解"
        TOWNSHIP = "township", "镇调解"
        COURT = "court", "引导诉讼"

    class Outcome(models.TextChoices):
        AGREED = "agreed", "达成协议"
        FAILED = "failed", "未达成协议"

    Risk = Risk
    view_action = Action.CASE_VIEW

    case = models.OneToOneField(Case, models.PROTECT, verbose_name="事项", related_name="dispute")
    risk = models.CharField("风险等级", max_length=6, choices=Risk, default=Risk.GREEN)
    mediator = models.ForeignKey(
        Post, models.PROTECT, verbose_name="调解员", null=True, blank=True, related_name="disputes"
    )
    leader = models.CharField("责任领导", max_length=40, blank=True)
    tier = models.CharField("调解层级", max_length=10, choices=Tier, default=Tier.VILLAGE)
    outcome = models.CharField("调处结果", max_length=8, choices=Outcome, blank=True)

    objects: PartQuerySet = PartQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "矛盾纠纷"
        constraints = [
            models.CheckConstraint(condition=Q(risk__in=Risk.values), name="dispute_risk_known"),
            models.CheckConstraint(condition=Q(tier__in=["village", "township", "court"]), name="dispute_tier_known"),
        ]

    def __str__(self) -> str:
        return str(self.case)


class Party(models.Model):
    """A party: a resident of the register, or an outsider with name and phone."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, verbose_name="纠纷", related_name="parties")
    resident = models.ForeignKey(
        Resident, models.PROTECT, verbose_name="居民", null=True, blank=True, related_name="disputes"
    )
    name = models.CharField("姓名", max_length=60)
    phone = SealedField("联系电话", max_length=20, blank=True)
    address = models.CharField("住址", max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "当事人"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "resident"], condition=Q(resident__isnull=False), name="party_resident_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="party_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Recusal(models.Model):
    """回避: a mediator's post that must not have this dispute, and why (near kin in another household, an interest)."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, verbose_name="纠纷", related_name="recusals")
    post = models.ForeignKey(Post, models.PROTECT, verbose_name="调解员", related_name="+")
    reason = models.CharField("回避原因", max_length=100)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "回避"
        constraints = [models.UniqueConstraint(fields=["dispute", "post"], name="recusal_once")]

    def __str__(self) -> str:
        return f"{self.post}：{self.reason}"


class Sitting(models.Model):
    """调解记录: one mediation sitting."""

    class Outcome(models.TextChoices):
        AGREED = "agreed", "达成一致"
        AGAIN = "again", "再次调解"
        FAILED = "failed", "调解不成"

    dispute = models.ForeignKey(Dispute, models.PROTECT, verbose_name="纠纷", related_name="sittings")
    round = models.PositiveSmallIntegerField("第几次办理")
    number = models.PositiveSmallIntegerField("第几次调解")
    held_at = models.DateTimeField("调解时间")
    place = models.CharField("调解地点", max_length=60)
    mediator = models.ForeignKey(Post, models.PROTECT, verbose_name="调解员", related_name="+")
    present = models.CharField("到场人员", max_length=200)
    content = models.TextField("调解情况", max_length=2000)
    outcome = models.CharField("结果", max_length=8, choices=Outcome)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="记录人", related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "调解记录"
        ordering = ["round", "number"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "round", "number"], name="sitting_number_once"),
        ]

    def __str__(self) -> str:
        return f"第{self.number}次调解"


class Agreement(models.Model):
    """调解协议 of a round, its performance, and whether the court was asked to confirm it within 30 days (司法确认)."""

    class Form(models.TextChoices):
        WRITTEN = "written", "书面协议"
        ORAL = "oral", "口头协议"

    class Performance(models.TextChoices):
        PENDING = "pending", "待履行"
        PARTLY = "partly", "部分履行"
        FULL = "full", "已履行"
        BROKEN = "broken", "未履行"

    class Confirmation(models.TextChoices):
        OPEN = "open", "未申请"
        ASKED = "asked", "已共同申请"
        CONFIRMED = "confirmed", "已确认"
        WAIVED = "waived", "双方不申请"

    dispute = models.ForeignKey(Dispute, models.PROTECT, verbose_name="纠纷", related_name="agreements")
    round = models.PositiveSmallIntegerField("第几次办理")
    form = models.CharField("形式", max_length=8, choices=Form, default=Form.WRITTEN)
    signed_on = models.DateField("签订（生效）日期")
    facts = models.TextField("纠纷主要事实、争议事项", max_length=2000)
    terms = models.TextField("协议内容", max_length=2000)
    perform_by = models.DateField("履行期限", null=True, blank=True)
    how = models.CharField("履行方式", max_length=200, blank=True)
    performance = models.CharField("履行情况", max_length=8, choices=Performance, default=Performance.PENDING)
    performed_on = models.DateField("履行日期", null=True, blank=True)
    performance_note = models.CharField("履行说明", max_length=300, blank=True)
    confirmation = models.CharField("司法确认", max_length=10, choices=Confirmation, default=Confirmation.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "调解协议"
        ordering = ["round"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "round"], name="agreement_once_per_round"),
            models.CheckConstraint(
                condition=~Q(performance="full") | Q(performed_on__isnull=False), name="agreement_performed_on"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} 第{self.round}次"
