"""What stands on a scorecard: samples, measured figures, answers, the village's replies, and the phones' forms (mission M34, M35)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.cases.models import Case
from inspections.cards.models import ChecklistItem
from inspections.rounds.models import Scorecard
from villages.models import Household, Unit

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

USER = settings.AUTH_USER_MODEL


class CardPartQuerySet(models.QuerySet[Any]):
    """Rows of a scorecard, seen by those who see the card."""

    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        return self.filter(card__in=Scorecard.objects.visible_to(user, action).order_by().values("pk"))


class Sample(models.Model):
    """One household, site or case that the seed drew for a village."""

    class Kind(models.TextChoices):
        HOUSEHOLD = "household", "入户"
        SITE = "site", "聚居点"
        CASE = "case", "事项"

    card = models.ForeignKey(Scorecard, models.CASCADE, verbose_name="评分表", related_name="samples")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    position = models.PositiveSmallIntegerField("序号")
    household = models.ForeignKey(Household, models.PROTECT, verbose_name="户", null=True, blank=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="聚居点", null=True, blank=True, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, verbose_name="事项", null=True, blank=True, related_name="+")
    seen = models.CharField("现场情况", max_length=200, blank=True)

    objects: CardPartQuerySet = CardPartQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "抽样"
        ordering = ["card", "kind", "position"]
        constraints = [
            models.UniqueConstraint(fields=["card", "kind", "position"], name="sample_position_once"),
            models.CheckConstraint(
                condition=Q(kind="household", household__isnull=False, unit=None, case=None)
                | Q(kind="site", household=None, unit__isnull=False, case=None)
                | Q(kind="case", household=None, unit=None, case__isnull=False),
                name="sample_is_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.position}"


class Measure(models.Model):
    """A measured figure of a card: `good` of `of`, taken at one moment, frozen by the lock.

    `good_keys` and `missed_keys` are the ids of the records that it counted (trigger); None where it was taken before they
    were kept.
    """

    card = models.ForeignKey(Scorecard, models.CASCADE, verbose_name="评分表", related_name="measures")
    indicator = models.CharField("实测指标", max_length=30)
    good = models.PositiveIntegerField("达标数")
    of = models.PositiveIntegerField("总数")
    enough = models.BooleanField("样本足够")
    taken_at = models.DateTimeField("取数时间")
    good_keys = models.JSONField("达标记录的编号", null=True, editable=False)
    missed_keys = models.JSONField("未达标记录的编号", null=True, editable=False)

    objects: CardPartQuerySet = CardPartQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "实测指标"
        constraints = [
            models.UniqueConstraint(fields=["card", "indicator"], name="measure_once"),
            models.CheckConstraint(condition=Q(good__lte=models.F("of")), name="measure_good_within_all"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.good}/{self.of}"

    @property
    def listed(self) -> bool:
        """Whether the records behind the figure were kept with it."""
        return self.good_keys is not None and self.missed_keys is not None


class Answer(models.Model):
    """What was judged on one line: by the team on site, or by the village itself (自评).

    `proposed` is what the measured figure proposed at that moment; a judgement that differs from it says why in `reason`.
    """

    class Side(models.TextChoices):
        SITE = "site", "督查组"
        SELF = "self", "村自评"

    card = models.ForeignKey(Scorecard, models.CASCADE, verbose_name="评分表", related_name="answers")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, verbose_name="考核内容", related_name="+")
    side = models.CharField("评分方", max_length=4, choices=Side, default=Side.SITE)
    value = models.DecimalField("处数（或百分比）", max_digits=8, decimal_places=2, default=Decimal(0))
    applies = models.BooleanField("适用", default=True)
    note = models.CharField("现场情况", max_length=300, blank=True)
    proposed = models.DecimalField("实测值", max_digits=8, decimal_places=2, null=True, blank=True)
    reason = models.CharField("与实测不同的理由", max_length=200, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="评分人", related_name="+")
    at = models.DateTimeField("评分时间")

    objects: CardPartQuerySet = CardPartQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评分"
        constraints = [
            models.UniqueConstraint(fields=["card", "item", "side"], name="answer_once"),
            models.CheckConstraint(condition=Q(value__gte=0), name="answer_not_negative"),
            models.CheckConstraint(
                condition=Q(side="self") | Q(proposed=None) | Q(value=models.F("proposed"), applies=True) | ~Q(reason=""),
                name="answer_differs_with_reason",
                violation_error_message="与实测数不同，请写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card_id} {self.item_id} {self.value}"


class Sheet(models.Model):
    """One form that a phone sent: `key` is its UUID, `digest` the keyed hash of what it said; the same twice does nothing."""

    class Form(models.TextChoices):
        SCORE = "score", "现场评分"
        CHECK = "check", "户月评"
        PATROL = "patrol", "门前三包巡查"

    key = models.UUIDField("提交号", unique=True)
    form = models.CharField("表", max_length=8, choices=Form)
    user = models.ForeignKey(USER, models.PROTECT, verbose_name="提交人", related_name="+")
    digest = models.CharField(max_length=64)
    target = models.BigIntegerField("评分表、户或责任人的编号")
    at = models.DateTimeField("收到时间")

    class Meta:
        verbose_name = verbose_name_plural = "收到的表"

    def __str__(self) -> str:
        return str(self.key)


class Reply(models.Model):
    """申辩: what a village says against its card within three working days, and what became of it.

    Upheld, `value` replaces the answer of `item`.
    """

    view_action = Action.ROUND_VIEW

    class State(models.TextChoices):
        OPEN = "open", "待答复"
        UPHELD = "upheld", "采纳"
        DISMISSED = "dismissed", "不采纳"

    card = models.ForeignKey(Scorecard, models.PROTECT, verbose_name="评分表", related_name="replies")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, verbose_name="考核内容", related_name="+")
    text = models.TextField("申辩理由", max_length=500)
    asked_by = models.ForeignKey(USER, models.PROTECT, verbose_name="申辩人", related_name="+")
    asked_at = models.DateTimeField("申辩时间")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField("答复", max_length=500, blank=True)
    value = models.DecimalField("更正为", max_digits=8, decimal_places=2, null=True, blank=True)
    decided_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="答复人", null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)

    objects: CardPartQuerySet = CardPartQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "申辩"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["card", "item"], condition=Q(state="open"), name="reply_open_once_per_item",
                violation_error_message="这一条已有一件申辩待答复。",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None)
                | (Q(state="upheld", decided_at__isnull=False, value__isnull=False) & ~Q(answer=""))
                | (Q(state="dismissed", decided_at__isnull=False, value=None) & ~Q(answer="")),
                name="reply_closed_with_answer",
                violation_error_message="答复须写明理由。",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("asked_by")),
                name="reply_decided_by_another",
                violation_error_message="申辩人不能答复自己的申辩。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card_id} {self.get_state_display()}"
