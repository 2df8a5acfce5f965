"""The moral bank's rules: rule sets, heads and deeds, in versions (plan §三.1; design §4; mission M22)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from simple_history.models import HistoricalRecords

from governance.accounts.duties import MATRIX, VILLAGE_DUTIES, YARD_DUTIES, Action, Duty
from villages.models import Unit
from villages.scope import TownQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class Head(models.TextChoices):
    """The five heads of the plan (§三.1)."""

    LAW = "law", "遵纪守法"
    SERVICE = "service", "志愿服务"
    SANITATION = "sanitation", "环境卫生评比"
    PARTICIPATION = "participation", "参与小区治理"
    CIVILITY = "civility", "文明创建"


class RuleSetQuerySet(TownQuerySet["RuleSet"]):
    def in_force(self, township_id: int, day: date) -> RuleSet | None:
        """The adopted version that counts on `day`: the latest whose `valid_from` has come."""
        found = self.filter(township_id=township_id, state=RuleSet.State.ADOPTED, valid_from__lte=day)
        return found.order_by("-valid_from", "-version").first()

    def with_running(self, day: date) -> Any:
        """With `running`: the key of the version that is `in_force` in the same township on `day`."""
        adopted = RuleSet.objects.filter(township=OuterRef("township"), state=RuleSet.State.ADOPTED, valid_from__lte=day)
        return self.annotate(running=Subquery(adopted.order_by("-valid_from", "-version").values("pk")[:1]))


class RuleSet(models.Model):
    """One version of a township's points rules (积分细则); once adopted it never changes (trigger), only a successor does."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        ADOPTED = "adopted", "已施行"

    view_action = Action.RULE_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="rule_sets")
    name = models.CharField("名称", max_length=60)
    version = models.PositiveSmallIntegerField("版本")
    valid_from = models.DateField("施行日期", help_text="须为某月 1 日")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    five_star = models.PositiveSmallIntegerField("五星分数线", default=90)
    four_star = models.PositiveSmallIntegerField("四星分数线", default=80)
    three_star = models.PositiveSmallIntegerField("三星分数线", default=70)
    two_star = models.PositiveSmallIntegerField("二星分数线", default=60)
    year_top_percent = models.PositiveSmallIntegerField(
        "年度评优比例（%）", default=10, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    notice_days = models.PositiveSmallIntegerField(
        "公示天数", default=5, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    cap_month = models.PositiveSmallIntegerField("每户每月加分上限", null=True, blank=True, help_text="留空为不限")
    cap_quarter = models.PositiveSmallIntegerField("每户每季加分上限", null=True, blank=True, help_text="留空为不限")
    cap_year = models.PositiveSmallIntegerField("每户每年加分上限", null=True, blank=True, help_text="留空为不限")
    year_floor = models.PositiveSmallIntegerField(
        "年度评优最低得分", default=0, validators=[MaxValueValidator(100)], help_text="低于此分不评优，0 为不限"
    )
    meeting_on = models.DateField("通过日期", null=True, blank=True)
    meeting_body = models.CharField("通过的会议", max_length=60, blank=True)
    meeting_note = models.CharField("会议记录摘要", max_length=300, blank=True)
    adopted_at = models.DateTimeField("施行确认时间", null=True, blank=True)
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="施行确认人", null=True, blank=True, related_name="+"
    )

    objects: RuleSetQuerySet = RuleSetQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "积分细则"
        ordering = ["township__path", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "version"], name="rule_set_version_once", violation_error_message="这个版本号已有。"
            ),
            models.UniqueConstraint(
                fields=["township", "valid_from"],
                condition=Q(state="adopted"),
                name="rule_set_one_adopted_per_day",
                violation_error_message="同一施行日期已有一个版本。",
            ),
            models.CheckConstraint(
                condition=Q(
                    five_star__gt=F("four_star"),
                    four_star__gt=F("three_star"),
                    three_star__gt=F("two_star"),
                    five_star__lte=100,
                ),
                name="rule_set_stars_descend",
                violation_error_message="分数线须从五星到二星依次降低，且不超过 100。",
            ),
            models.CheckConstraint(
                condition=Q(year_top_percent__gte=1, year_top_percent__lte=100, notice_days__gte=1),
                name="rule_set_percent_and_days",
                violation_error_message="评优比例须在 1 到 100 之间，公示至少 1 天。",
            ),
            models.CheckConstraint(
                condition=Q(year_floor__lte=100),
                name="rule_set_floor_reachable",
                violation_error_message="年度评优最低得分不超过 100。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} 第{self.version}版"


class RuleHead(models.Model):
    """What a head starts a month with and what it can reach: clamp(base + Σ, 0, maximum)."""

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, verbose_name="积分细则", related_name="heads")
    head = models.CharField("类别", max_length=14, choices=Head)
    base = models.PositiveSmallIntegerField("基础分")
    maximum = models.PositiveSmallIntegerField("满分")

    class Meta:
        verbose_name = verbose_name_plural = "五类分值"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule_set", "head"], name="rule_head_once", violation_error_message="这一类已有分值。"
            ),
            models.CheckConstraint(
                condition=Q(base__lte=F("maximum"), maximum__lte=100),
                name="rule_head_base_within_maximum",
                violation_error_message="基础分不能高于满分，满分不超过 100。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_head_display()} {self.base}/{self.maximum}"


# What a deed says, in the order of its forms.
DEED_FIELDS = [
    "code",
    "head",
    "name",
    "unit",
    "score",
    "score_high",
    "points",
    "by_quantity",
    "is_veto",
    "verifier",
    "cap_month",
    "cap_quarter",
    "cap_year",
    "category",
    "audience",
    "note",
    "source",
]


class DeedQuerySet(models.QuerySet["Deed"]):
    def visible_to(self, user: User | AnonymousUser, action: Action = Action.RULE_VIEW) -> Self:
        return self.filter(rule_set__in=RuleSet.objects.visible_to(user, action))


class Deed(models.Model):
    """积分事项: one line of a rule set. A fixed deed gives `score`; a judged one anything in `score`..`score_high`.

    `points` are what a fixed deed adds to the spendable account; a judged deed adds its score where positive.
    """

    VERIFIERS = [
        (str(duty), duty.label) for duty in (*VILLAGE_DUTIES, *YARD_DUTIES) if Action.CLAIM_VERIFY in MATRIX[duty]
    ]

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, verbose_name="积分细则", related_name="deeds")
    head = models.CharField("类别", max_length=14, choices=Head)
    code = models.CharField("编号", max_length=20)
    name = models.CharField("事项", max_length=200)
    unit = models.CharField("计分单位", max_length=20, default="次")
    score = models.SmallIntegerField("评分", help_text="扣分写负数")
    score_high = models.SmallIntegerField("评分上限", null=True, blank=True, help_text="留空为固定分值")
    points = models.PositiveSmallIntegerField("积分", default=0, help_text="扣分事项不扣积分，填 0")
    verifier = models.CharField("核实人", max_length=12, choices=VERIFIERS, default=Duty.YARD_HEAD)
    is_veto = models.BooleanField("一票否决", default=False, help_text="当季、当年不评星")
    by_quantity = models.BooleanField("按数量计分", default=False, help_text="如每小时 1 分：分值乘以数量")
    cap_month = models.PositiveSmallIntegerField("每户每月上限", null=True, blank=True, help_text="留空为不限")
    cap_quarter = models.PositiveSmallIntegerField("每户每季上限", null=True, blank=True, help_text="留空为不限")
    cap_year = models.PositiveSmallIntegerField("每户每年上限", null=True, blank=True, help_text="留空为不限")
    category = models.CharField("原类别", max_length=60, blank=True)
    audience = models.CharField("适用对象", max_length=60, blank=True)
    note = models.CharField("上限或说明", max_length=100, blank=True)
    source = models.CharField("出处", max_length=200, blank=True)

    objects: DeedQuerySet = DeedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "积分事项"
        ordering = ["rule_set", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule_set", "code"], name="deed_code_once", violation_error_message="这个编号已有。"
            ),
            models.CheckConstraint(
                condition=~Q(score=0) | Q(score_high__isnull=False),
                name="deed_score_not_zero",
                violation_error_message="固定分值不能为 0。",
            ),
            models.CheckConstraint(
                condition=Q(score_high=None) | Q(score_high__gt=F("score")),
                name="deed_range_ascends",
                violation_error_message="评分上限须高于评分。",
            ),
            models.CheckConstraint(
                condition=Q(score__gt=0) | Q(points=0),
                name="deed_loss_takes_no_points",
                violation_error_message="扣分事项不扣积分，积分须为 0。",
            ),
            models.CheckConstraint(
                condition=Q(by_quantity=False) | Q(score_high=None),
                name="deed_quantity_of_fixed",
                violation_error_message="按数量计分的须为固定分值。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_judged(self) -> bool:
        return self.score_high is not None

    def get_verifier_display(self) -> str:  # type: ignore[no-redef]
        """An adopted deed may name a duty that verifies nothing and is no choice any more."""
        return str(Duty(self.verifier).label)

    def points_for(self, score: int) -> int:
        """Spendable points of a claim that gives `score` (`claims/points.py` says the same in SQL): a part of a fixed deed's
        score gives that part of its points."""
        if self.is_judged or score <= 0:
            return max(score, 0)
        return self.points * score // self.score if self.score > 0 else 0
