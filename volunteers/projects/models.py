"""服务项目库: what may be asked for, who may do it, what counts (plan §三.2 建立“邻里守望”“十分钟应急服务”等志愿服务项目库)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from villages.models import Unit
from villages.scope import TownQuerySet


class Project(models.Model):
    """One service of a township's library. `minutes` is what one person's service counts by default, `deed_code` the line of the
    rules whose points it earns ("" for none: the rules in force on the day of service are asked)."""

    class Asker(models.TextChoices):
        ALL = "all", "全体村民"
        CARE = "care", "特殊困难群体"

    class Doer(models.TextChoices):
        ALL = "all", "全体志愿者"
        ADULT = "adult", "成年志愿者"
        PARTY = "party", "党员志愿者"
        SKILLED = "skilled", "有此项专长的志愿者"

    view_action = Action.VOLUNTEER_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    code = models.CharField("代码", max_length=20)
    name = models.CharField("名称", max_length=40)
    text = models.CharField("服务内容", max_length=300)
    asker = models.CharField("谁可以点", max_length=8, choices=Asker, default=Asker.ALL)
    doer = models.CharField("谁可以做", max_length=8, choices=Doer, default=Doer.ALL)
    minimum = models.PositiveSmallIntegerField("至少几人", default=1)
    minutes = models.PositiveSmallIntegerField("计入时长（分钟）", default=60)
    deed_code = models.CharField("积分事项代码", max_length=20, blank=True, help_text="积分细则里的事项代码；不计积分的留空")
    dangers = models.CharField("志愿者不做的事", max_length=300, blank=True)
    is_emergency = models.BooleanField("十分钟应急", default=False, help_text="点单后 10 分钟内须有人联系")
    is_public = models.BooleanField("村民可在公开页面点单", default=True)
    is_active = models.BooleanField("启用", default=True)
    position = models.PositiveSmallIntegerField("顺序", default=0)

    objects: TownQuerySet[Project] = TownQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "服务项目"
        ordering = ["township__path", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "code"], name="project_code_once", violation_error_message="已有同代码的服务项目。"
            ),
            models.CheckConstraint(
                condition=Q(minimum__gte=1) & Q(minutes__gte=1) & Q(minutes__lte=1440),
                name="project_figures",
                violation_error_message="至少 1 人，时长 1 到 1440 分钟。",
            ),
            models.CheckConstraint(
                condition=Q(is_emergency=False) | Q(is_public=False),
                name="project_emergency_not_public",
                violation_error_message="应急服务不能在公开页面点单：公开页面的点单要先回电核实。",
            ),
        ]

    def __str__(self) -> str:
        return self.name
