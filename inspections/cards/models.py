"""检查表: versioned cards of sections and items, for four uses (plan §四(三), §三.4, §三.1; design §7)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from inspections.scorecards import scoring
from villages.models import Unit
from villages.scope import TownQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

KIND_CHOICES = [(kind.value, label) for kind, label in scoring.KIND_LABELS.items()]
SORT_CHOICES = [(sort.value, label) for sort, label in scoring.SORT_LABELS.items()]
GRADE_CHOICES = [(grade.value, label) for grade, label in scoring.GRADE_LABELS.items()]


class ChecklistQuerySet(TownQuerySet["Checklist"]):
    def in_force(self, township_id: int, use: str, day: date) -> Checklist | None:
        """The adopted card of a use that counts on `day`: the latest whose `valid_from` has come."""
        found = self.filter(township_id=township_id, use=use, state=Checklist.State.ADOPTED, valid_from__lte=day)
        return found.order_by("-valid_from", "-version").first()


class Checklist(models.Model):
    """One version of a card; once adopted it never changes (trigger), only a later version does.

    `full` are the marks without bonus; `good`, `fair`, `passing` are the least totals in per cent of them.
    """

    class Use(models.TextChoices):
        QUARTER = "quarter", "村季度督查"
        SETTLEMENT = "settlement", "聚居点（示范点）检查"
        HOUSEHOLD = "household", "户月评"
        FRONT = "front", "门前三包巡查"

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        ADOPTED = "adopted", "已启用"

    view_action = Action.CHECKLIST_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="checklists")
    use = models.CharField("用途", max_length=10, choices=Use)
    name = models.CharField("名称", max_length=80)
    version = models.PositiveSmallIntegerField("版本", default=1)
    valid_from = models.DateField("启用日期")
    full = models.DecimalField("满分", max_digits=6, decimal_places=2, default=Decimal(100))
    good = models.DecimalField("“好”的分数线（%）", max_digits=5, decimal_places=2, default=Decimal(90))
    fair = models.DecimalField("“较好”的分数线（%）", max_digits=5, decimal_places=2, default=Decimal(80))
    passing = models.DecimalField("“一般”的分数线（%）", max_digits=5, decimal_places=2, default=Decimal(60))
    source = models.CharField("出处", max_length=300, blank=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    adopted_at = models.DateTimeField("启用确认时间", null=True, blank=True)
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="启用确认人", null=True, blank=True, related_name="+"
    )

    objects: ChecklistQuerySet = ChecklistQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "检查表"
        ordering = ["township__path", "use", "name", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "use", "name", "version"],
                name="checklist_version_once",
                violation_error_message="这个版本号已有。",
            ),
            models.CheckConstraint(
                condition=Q(good__gt=F("fair"), fair__gt=F("passing"), passing__gt=0, good__lte=100, full__gt=0),
                name="checklist_grades_descend",
                violation_error_message="等次分数线须从好到一般依次降低，在 0 到 100 之间；满分须大于 0。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} 第{self.version}版"


class PartQuerySet(models.QuerySet["ChecklistSection"]):
    def visible_to(self, user: User | AnonymousUser, action: Action = Action.CHECKLIST_VIEW) -> Self:
        return self.filter(checklist__in=Checklist.objects.visible_to(user, action).order_by().values("pk"))


class ChecklistSection(models.Model):
    """考核项目. For a bonus section `points` is the ceiling of all its bonuses, for a veto section 0."""

    checklist = models.ForeignKey(Checklist, models.CASCADE, verbose_name="检查表", related_name="sections")
    position = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("考核项目", max_length=60)
    sort = models.CharField("类别", max_length=8, choices=SORT_CHOICES, default=scoring.Sort.NORMAL.value)
    points = models.DecimalField("标准分", max_digits=6, decimal_places=2, default=Decimal(0))

    objects: PartQuerySet = PartQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "考核项目"
        ordering = ["checklist", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["checklist", "position"], name="section_position_once", violation_error_message="顺序重复。"
            ),
            models.CheckConstraint(condition=Q(points__gte=0), name="section_points_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class ItemQuerySet(models.QuerySet["ChecklistItem"]):
    def visible_to(self, user: User | AnonymousUser, action: Action = Action.CHECKLIST_VIEW) -> Self:
        return self.filter(section__checklist__in=Checklist.objects.visible_to(user, action).order_by().values("pk"))


class ChecklistItem(models.Model):
    """考核内容: one line. `points` empty: it shares the cell above. `bands` is a list of [least per cent, points]."""

    section = models.ForeignKey(ChecklistSection, models.CASCADE, verbose_name="考核项目", related_name="items")
    position = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("考核内容", max_length=200)
    kind = models.CharField("计分办法", max_length=8, choices=KIND_CHOICES, default=scoring.Kind.EACH.value)
    points = models.DecimalField(
        "标准分", max_digits=6, decimal_places=2, null=True, blank=True, help_text="留空则与上一条共用分值"
    )
    per_case = models.DecimalField(
        "每处（次、户）扣或加", max_digits=6, decimal_places=2, default=Decimal(0), help_text="只写数，不写正负号"
    )
    case_unit = models.CharField("单位", max_length=6, blank=True, default="处")
    bands = models.JSONField("分档", default=list, blank=True)
    exclusive = models.BooleanField("与上一条只扣重的一条", default=False)
    indicator = models.CharField("实测指标", max_length=30, blank=True)
    basis = models.CharField("评分办法原文", max_length=200, blank=True)

    objects: ItemQuerySet = ItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "考核内容"
        ordering = ["section", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "position"], name="item_position_once", violation_error_message="顺序重复。"
            ),
            models.CheckConstraint(
                condition=Q(per_case__gte=0) & (Q(points=None) | Q(points__gte=0)), name="item_points_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name
