"""户月评 and 门前三包 (plan §三.4 引导规范晾晒、圈养、堆码，按照一月一评; §三.1, §三.2 门前“三包”; mission M17, M27)."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.accounts.duties import Action
from governance.sealed import SealedField
from inspections.cards.models import Checklist
from moral_bank.models import Entry
from villages.models import Household, Unit
from villages.of_township import OfTownship
from villages.scope import ScopedQuerySet

USER = settings.AUTH_USER_MODEL


class Plate(models.TextChoices):
    """清洁牌: what hangs at the door until the next month (domain.md §8)."""

    CLEAN = "clean", "清洁"
    FAIR = "fair", "比较清洁"
    POOR = "poor", "不清洁"


class WalkOrder(models.Model):
    """Where a household comes on the way through its settlement; without a row it follows by its number."""

    household = models.OneToOneField(Household, models.CASCADE, verbose_name="户", related_name="walk_order")
    position = models.PositiveSmallIntegerField("走访顺序")

    class Meta:
        verbose_name = verbose_name_plural = "走访顺序"

    def __str__(self) -> str:
        return f"{self.household_id}: {self.position}"


class PlateDeed(models.Model):
    """Which deed of the points rules (环境卫生评比) a plate posts, by the deed's code; no row: it posts none."""

    view_action = Action.CHECKLIST_VIEW

    checklist = models.ForeignKey(Checklist, models.CASCADE, verbose_name="检查表", related_name="plate_deeds")
    plate = models.CharField("清洁牌", max_length=6, choices=Plate)
    deed_code = models.CharField("积分事项编号", max_length=20)

    class Meta:
        verbose_name = verbose_name_plural = "清洁牌对应的积分事项"
        constraints = [
            models.UniqueConstraint(
                fields=["checklist", "plate"], name="plate_deed_once", violation_error_message="这种牌已有对应事项。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_plate_display()} {self.deed_code}"


class HouseholdCheck(OfTownship):
    """A household's month: `faults` is {item key: cases}; nobody judges the own household or kin (trigger).

    `score` is empty where an old ledger has plates alone. `revision` counts corrections from 0; a correction reverses the entry
    and posts anew under the next revision.
    """

    view_action = Action.CHECK_VIEW
    township_from = "household.village.parent_id"
    scope_village = "household__village"
    scope_unit = "household__unit"

    household = models.ForeignKey(Household, models.PROTECT, verbose_name="户", related_name="checks")
    month = models.DateField("月份")
    checklist = models.ForeignKey(Checklist, models.PROTECT, verbose_name="检查表", related_name="+")
    faults = models.JSONField("扣分", default=dict, blank=True)
    score = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True, blank=True)
    plate = models.CharField("清洁牌", max_length=6, choices=Plate)
    note = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="评分人", related_name="+")
    at = models.DateTimeField("评分时间")
    revision = models.PositiveSmallIntegerField("更正次数", default=0)
    entry = models.OneToOneField(
        Entry, models.PROTECT, verbose_name="入账", null=True, blank=True, related_name="household_check"
    )

    objects: ScopedQuerySet[HouseholdCheck] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "户月评"
        ordering = ["-month", "household__unit__path", "household__number"]
        indexes = [
            models.Index(fields=["month", "household"], name="check_by_month"),
            models.Index(fields=["-month", "id"], name="check_latest"),
            models.Index(fields=["township", "-month", "id"], name="check_by_township"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "month"], name="check_once_per_month", violation_error_message="这一户本月已评。"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="check_is_of_month"),
            models.CheckConstraint(condition=Q(score__gte=0), name="check_score_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.month:%Y-%m}"

    @property
    def score_words(self) -> str:
        return "—" if self.score is None else f"{self.score.normalize():f}"


class FrontQuerySet(ScopedQuerySet["Front"]):
    def standing(self) -> Self:
        """Fronts that somebody answers for today."""
        return self.filter(ended_on=None)

    def last_patrolled(self, state: str) -> Self:
        """Fronts whose last patrol came out as `state`."""
        return self.filter(pk__in=FrontPatrol.objects.last_of_fronts().filter(state=state).order_by().values("front"))

    def with_last_patrol(self) -> Self:
        """Each with `last_patrols`, a list of its last patrol or of none, in one more query."""
        last = FrontPatrol.objects.last_of_fronts().select_related("by", "rechecked_by")
        return self.prefetch_related(models.Prefetch("patrols", last, to_attr="last_patrols"))


class Front(models.Model):
    """门前三包 responsibility: a shop or a household that answers for its front (包卫生、包秩序、包绿化)."""

    class Kind(models.TextChoices):
        SHOP = "shop", "商铺"
        HOUSEHOLD = "household", "住户"

    view_action = Action.FRONT_VIEW
    scope_village = "village"
    scope_unit = "unit"

    kind = models.CharField("类别", max_length=10, choices=Kind)
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="fronts")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="组（聚居点、街道）", related_name="+")
    household = models.ForeignKey(
        Household, models.PROTECT, verbose_name="住户", null=True, blank=True, related_name="fronts"
    )
    name = models.CharField("店名（户主）", max_length=60)
    person = models.CharField("责任人", max_length=60)
    phone = SealedField("联系电话", max_length=20, blank=True)
    place = models.CharField("门牌或位置", max_length=100)
    plate_number = models.CharField("责任牌编号", max_length=20)
    signed_on = models.DateField("签订责任书日期", null=True, blank=True)
    ended_on = models.DateField("停止日期", null=True, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="登记人", related_name="+")
    at = models.DateTimeField("登记时间")

    objects: FrontQuerySet = FrontQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "门前三包责任"
        ordering = ["village__path", "plate_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "plate_number"], name="front_plate_once", violation_error_message="本村已有这个牌号。"
            ),
            models.CheckConstraint(
                condition=Q(kind="household", household__isnull=False) | Q(kind="shop"),
                name="front_household_is_known",
                violation_error_message="住户须从名册里选。",
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(kind="household", ended_on=None),
                name="front_household_once",
                violation_error_message="这一户已登记过门前三包。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.plate_number}）"


class PatrolQuerySet(ScopedQuerySet["FrontPatrol"]):
    def last_of_fronts(self) -> Self:
        """The patrol written last of each front."""
        later = FrontPatrol.objects.filter(front=models.OuterRef("front"), pk__gt=models.OuterRef("pk"))
        return self.filter(~models.Exists(later))


class FrontPatrol(models.Model):
    """One patrol of a front: what was wrong by item, until when to put it right, and the re-check by another person."""

    class State(models.TextChoices):
        FINE = "fine", "合格"
        REMINDED = "reminded", "已提醒，待复查"
        FIXED = "fixed", "复查合格"
        AGAIN = "again", "复查仍不合格"

    view_action = Action.FRONT_VIEW
    scope_village = "front__village"
    scope_unit = "front__unit"

    front = models.ForeignKey(Front, models.PROTECT, verbose_name="门前三包责任", related_name="patrols")
    checklist = models.ForeignKey(Checklist, models.PROTECT, verbose_name="检查表", related_name="+")
    faults = models.JSONField("扣分", default=dict, blank=True)
    score = models.DecimalField("得分", max_digits=6, decimal_places=2)
    note = models.CharField("现场情况", max_length=200, blank=True)
    state = models.CharField("结果", max_length=10, choices=State)
    due_on = models.DateField("复查日期", null=True, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="巡查人", related_name="+")
    at = models.DateTimeField("巡查时间")
    rechecked_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="复查人", null=True, blank=True, related_name="+"
    )
    rechecked_at = models.DateTimeField("复查时间", null=True, blank=True)
    recheck_note = models.CharField("复查情况", max_length=200, blank=True)

    objects: PatrolQuerySet = PatrolQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "门前三包巡查"
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["front", "-at"], name="patrol_by_front"),
            models.Index(fields=["due_on"], name="patrol_due", condition=Q(due_on__isnull=False)),
            models.Index(fields=["front"], name="patrol_again", condition=Q(state="again")),
            models.Index(fields=["-at", "-id"], name="patrol_latest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="fine", due_on=None, rechecked_at=None)
                | Q(state="reminded", due_on__isnull=False, rechecked_at=None)
                | Q(state__in=["fixed", "again"], due_on__isnull=False, rechecked_at__isnull=False, rechecked_by__isnull=False),
                name="patrol_state_fits",
            ),
            models.UniqueConstraint(
                fields=["front"],
                condition=Q(state="reminded"),
                name="patrol_one_open",
                violation_error_message="上一次巡查还没有复查。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.front_id} {self.get_state_display()}"
