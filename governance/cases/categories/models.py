"""What staff set up for cases: categories with limits, kinds of service, offices, the days of return visits."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action, Duty
from governance.cases.engine import flow
from governance.workdays import Limit, LimitUnit
from villages.models import Unit
from villages.scope import TownQuerySet

KIND_CHOICES = [(kind.value, flow.KIND_LABELS[kind]) for kind in flow.Kind]
UNIT_CHOICES = [
    (LimitUnit.MINUTES.value, "分钟"),
    (LimitUnit.HOURS.value, "小时"),
    (LimitUnit.WORKHOURS.value, "工作小时"),
    (LimitUnit.WORKDAYS.value, "工作日"),
]
UNITS = [value for value, _ in UNIT_CHOICES]


class Risk(models.TextChoices):
    """风险等级 of a dispute."""

    GREEN = "green", "绿（一般）"
    YELLOW = "yellow", "黄（较大）"
    RED = "red", "红（重大）"


class Office(models.Model):
    """A township's office, to which cases climb; its members share one queue."""

    view_action = Action.CASE_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="offices")
    code = models.SlugField("代码", max_length=16)
    name = models.CharField("名称", max_length=40)
    phone = models.CharField("办公电话", max_length=20, blank=True)

    objects: TownQuerySet[Office] = TownQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "办公室"
        ordering = ["township__path", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "code"], name="office_code_once", violation_error_message="已有这个代码的办公室。"
            )
        ]

    def __str__(self) -> str:
        return self.name


class OfficeMember(models.Model):
    """An account in an office's queue; the rights still come from its post."""

    office = models.ForeignKey(Office, models.CASCADE, verbose_name="办公室", related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="offices")

    class Meta:
        verbose_name = verbose_name_plural = "办公室成员"
        constraints = [
            models.UniqueConstraint(
                fields=["office", "user"], name="office_member_once", violation_error_message="已在这个办公室。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.office}"


class ServiceKind(models.Model):
    """四办一跟踪: 即办, 承诺办, 联办, 急办; the township words them itself."""

    view_action = Action.CASE_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    code = models.SlugField("代码", max_length=16)
    name = models.CharField("名称", max_length=20)
    meaning = models.CharField("说明", max_length=100, blank=True)
    position = models.PositiveSmallIntegerField("顺序", default=0)

    objects: TownQuerySet[ServiceKind] = TownQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "代办方式"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "code"], name="service_kind_once", violation_error_message="已有这个代码。"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """One kind of event, dispute or errand: stable `code`, its limits in working time, the office it climbs to.

    For errands it is the catalogue's entry too: `bring` says what to bring, one thing a line (一次性告知).
    """

    class Urgency(models.TextChoices):
        URGENT = "urgent", "紧急"
        NORMAL = "normal", "一般"
        HARD = "hard", "疑难"

    view_action = Action.CASE_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="categories")
    kind = models.CharField("类型", max_length=8, choices=KIND_CHOICES)
    code = models.SlugField("代码", max_length=16, help_text="定下后不要改，统计按代码连续")
    name = models.CharField("名称", max_length=30)
    urgency = models.CharField("缓急", max_length=8, choices=Urgency, default=Urgency.NORMAL)
    accept_amount = models.PositiveSmallIntegerField("受理限时", default=1)
    accept_unit = models.CharField("受理限时单位", max_length=10, choices=UNIT_CHOICES, default="workdays")
    step_amount = models.PositiveSmallIntegerField("每步限时", default=1)
    step_unit = models.CharField("每步限时单位", max_length=10, choices=UNIT_CHOICES, default="workdays")
    case_amount = models.PositiveSmallIntegerField("全程限时", default=3)
    case_unit = models.CharField("全程限时单位", max_length=10, choices=UNIT_CHOICES, default="workdays")
    longest = models.PositiveSmallIntegerField("延期后全程最多（工作日）", default=15)
    goes_to = models.CharField("登记后交给", max_length=12, choices=Duty, blank=True, help_text="不选：由登记人办理")
    office = models.ForeignKey(
        Office, models.PROTECT, verbose_name="逾期升级到", null=True, blank=True, related_name="categories"
    )
    service = models.ForeignKey(
        ServiceKind, models.PROTECT, verbose_name="代办方式", null=True, blank=True, related_name="+"
    )
    bring = models.TextField("需带材料（一行一样）", max_length=1000, blank=True)
    steps = models.TextField("办理流程（一行一步）", max_length=1000, blank=True)
    asks_account = models.BooleanField("要登记缴费户号", default=False)
    is_active = models.BooleanField("启用", default=True)
    position = models.PositiveSmallIntegerField("顺序", default=0)

    objects: TownQuerySet[Category] = TownQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "事项类别"
        ordering = ["kind", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "code"], name="category_code_once", violation_error_message="已有这个代码的类别。"
            ),
            models.CheckConstraint(
                condition=Q(accept_unit__in=UNITS, step_unit__in=UNITS, case_unit__in=UNITS)
                & Q(accept_amount__gte=1, step_amount__gte=1, case_amount__gte=1, longest__gte=1),
                name="category_limits_known",
                violation_error_message="限时至少为 1。",
            ),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in flow.Kind]), name="category_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name

    def step_limit(self, state: str) -> Limit:
        """The limit of the step in which a case in `state` is: of accepting it, or of each step afterwards."""
        if state == flow.State.FOUND:
            return Limit(self.accept_amount, LimitUnit(self.accept_unit))
        return Limit(self.step_amount, LimitUnit(self.step_unit))

    @property
    def case_limit(self) -> Limit:
        return Limit(self.case_amount, LimitUnit(self.case_unit))

    @property
    def longest_limit(self) -> Limit:
        """The whole case's limit once an extension was granted, counted from the same start."""
        return Limit(self.longest, LimitUnit.WORKDAYS)


class ReturnRule(models.Model):
    """On which day after the end a dispute of some risk is visited again (调处回访; plan §三.3)."""

    view_action = Action.CASE_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    risk = models.CharField("风险等级", max_length=6, choices=Risk)
    day = models.PositiveSmallIntegerField("办结后第几天")

    objects: TownQuerySet[ReturnRule] = TownQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "回访规则"
        ordering = ["township__path", "risk", "day"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "risk", "day"], name="return_rule_once", violation_error_message="已有这条规则。"
            ),
            models.CheckConstraint(
                condition=Q(day__gte=1, day__lte=365), name="return_rule_day", violation_error_message="天数须在 1 到 365 之间。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_risk_display()} 第{self.day}天"
