"""小微权力清单: each small power of a village with its basis, steps, papers, limits and who supervises it (plan §三.1; domain.md §4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.disclosure.affairs.models import AffairKind
from governance.disclosure.powers.flow import Step, steps_of
from villages.models import Unit
from villages.scope import TownQuerySet

REVIEW_WITHIN = timedelta(days=365)
SAMPLE = "示例"


def steps_fit(text: str) -> None:
    """Each line a step: who | what | how long."""
    try:
        steps_of(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class PowerQuerySet(TownQuerySet["Power"]):
    def public(self) -> Any:
        return self.filter(is_active=True)


class Power(models.Model):
    """One small power. What the township has not confirmed is a sample (示例) wherever it is shown; a confirmed text is not changed
    without being confirmed anew. `steps`: one line each, who|what|how long. `errand`, `decision`: codes of the kinds that carry it out."""

    class Area(models.TextChoices):
        DECISION = "decision", "重大决策"
        PROJECT = "project", "工程项目"
        PURCHASE = "purchase", "物资服务采购"
        ASSET = "asset", "资产资源"
        MONEY = "money", "财务管理"
        AID = "aid", "救助补贴"
        LAND = "land", "宅基地和土地"
        SEAL = "seal", "印章和证明"
        PARTY = "party", "党务"
        SERVICE = "service", "便民服务"

    WORDS = ("name", "area", "basis", "body", "steps", "papers", "limits", "supervisor", "cost")

    view_action = Action.POWER_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    code = models.CharField("代码", max_length=20)
    area = models.CharField("类别", max_length=10, choices=Area)
    name = models.CharField("权力事项", max_length=40)
    basis = models.CharField("依据", max_length=200, help_text="写制度、文件名称，由镇核对")
    body = models.CharField("责任主体", max_length=60)
    steps = models.TextField(
        "办理步骤", max_length=2000, validators=[steps_fit],
        help_text="一步一行：谁|做什么|多久，如“村民代表会议|表决，过半数同意|当天”；时限可不写",
    )  # fmt: skip
    papers = models.CharField("要交的材料", max_length=300, blank=True)
    limits = models.CharField("不得", max_length=300, blank=True, help_text="行使这项权力时不能做的")
    supervisor = models.CharField("谁来监督", max_length=100)
    cost = models.CharField("收费", max_length=60, default="不收费")
    kinds = models.ManyToManyField(AffairKind, verbose_name="要公开的事项", related_name="powers", blank=True)
    errand = models.CharField("代办事项", max_length=16, blank=True, help_text="由哪种代办来办，填事项类别的代码")
    decision = models.CharField("决策程序", max_length=20, blank=True, help_text="按哪种程序决定，填决策程序的代码")
    confirmed_on = models.DateField("镇确认日期", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="确认人", null=True, blank=True, related_name="+"
    )
    review_on = models.DateField("下次核对", null=True, blank=True)
    version = models.PositiveSmallIntegerField("第几版", default=1)
    is_active = models.BooleanField("启用", default=True)
    position = models.PositiveSmallIntegerField("顺序", default=0)

    objects: PowerQuerySet = PowerQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "小微权力"
        ordering = ["township__path", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["township", "code"], name="power_code_once", violation_error_message="已有同代码的权力事项。"),
            models.CheckConstraint(
                condition=Q(confirmed_on=None, confirmed_by=None, review_on=None)
                | Q(confirmed_on__isnull=False, confirmed_by__isnull=False, review_on__isnull=False),
                name="power_confirmed_by_somebody",
                violation_error_message="确认须有确认人、日期和下次核对日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sample(self) -> bool:
        return self.confirmed_on is None

    @property
    def flow(self) -> list[Step]:
        return steps_of(self.steps)

    @property
    def state_words(self) -> str:
        return SAMPLE if self.is_sample else "镇已确认"
