"""季度目标考核 and 述职评议 of village secretaries (plan §四(三) 将治理成效纳入村居党组织书记述职评议和季度目标考核; mission M35)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from inspections.cards.models import GRADE_CHOICES
from villages.models import Post, Unit
from villages.scope import ScopedQuerySet, TownQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

USER = settings.AUTH_USER_MODEL


def _percent(label: str, default: int) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=5, decimal_places=2, default=Decimal(default))


class Review(models.Model):
    """One year's review of a township: result = quarters' mean × `quarters_weight` + 民主测评 × `ballot_weight` (per cent).

    The ballot weighs leaders, members and residents; a ballot of 好/较好/一般/差 counts `good`/`fair`/`passing`/`poor` points.
    """

    class State(models.TextChoices):
        OPEN = "open", "办理中"
        LOCKED = "locked", "已确定"

    view_action = Action.REVIEW_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="reviews")
    year = models.PositiveSmallIntegerField("年度")
    quarters_weight = _percent("季度督查权重（%）", 60)
    ballot_weight = _percent("民主测评权重（%）", 40)
    leaders_weight = _percent("镇领导票权重（%）", 40)
    members_weight = _percent("党员、村民代表票权重（%）", 30)
    residents_weight = _percent("群众票权重（%）", 30)
    good = _percent("“好”折算分", 100)
    fair = _percent("“较好”折算分", 85)
    passing = _percent("“一般”折算分", 70)
    poor = _percent("“差”折算分", 50)
    state = models.CharField("状态", max_length=8, choices=State, default=State.OPEN)
    locked_at = models.DateTimeField("确定时间", null=True, blank=True)
    locked_by = models.ForeignKey(USER, models.PROTECT, verbose_name="确定人", null=True, blank=True, related_name="+")

    objects: TownQuerySet[Review] = TownQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "述职评议"
        ordering = ["-year", "township__path"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "year"], name="review_once_per_year", violation_error_message="这一年已有评议。"
            ),
            models.CheckConstraint(
                condition=Q(ballot_weight=Decimal(100) - F("quarters_weight"), quarters_weight__gte=0, ballot_weight__gte=0),
                name="review_weights_sum",
                violation_error_message="季度督查与民主测评的权重之和须为 100。",
            ),
            models.CheckConstraint(
                condition=Q(
                    residents_weight=Decimal(100) - F("leaders_weight") - F("members_weight"),
                    leaders_weight__gte=0,
                    members_weight__gte=0,
                    residents_weight__gte=0,
                ),
                name="review_groups_sum",
                violation_error_message="镇领导、党员代表、群众三类票的权重之和须为 100。",
            ),
            models.CheckConstraint(
                condition=Q(good__gt=F("fair"), fair__gt=F("passing"), passing__gt=F("poor"), poor__gte=0, good__lte=100),
                name="review_points_descend",
                violation_error_message="折算分须从好到差依次降低，在 0 到 100 之间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.township}{self.year}年述职评议"


class StatementQuerySet(ScopedQuerySet["Statement"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """The township sees a review as it grows, a village its own statement only once the review is settled."""
        township = super().visible_to(user, Action.PLAN_VIEW).order_by().values("pk")
        return super().visible_to(user, action).filter(Q(review__state=Review.State.LOCKED) | Q(pk__in=township))


class Statement(models.Model):
    """述职: one village's secretary in a review, and the result once it is computed.

    `trail` is a list of {words, amount}, which sum to `score`.
    """

    view_action = Action.REVIEW_VIEW
    scope_village = "village"
    scope_unit = ""

    review = models.ForeignKey(Review, models.PROTECT, verbose_name="评议", related_name="statements")
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="statements")
    secretary = models.ForeignKey(
        Post, models.PROTECT, verbose_name="书记", null=True, blank=True, related_name="+"
    )
    quarters_mean = models.DecimalField("季度均分", max_digits=6, decimal_places=2, null=True, blank=True)
    ballot_score = models.DecimalField("测评得分", max_digits=6, decimal_places=2, null=True, blank=True)
    score = models.DecimalField("总分", max_digits=6, decimal_places=2, null=True, blank=True)
    grade = models.CharField("等次", max_length=8, choices=GRADE_CHOICES, blank=True)
    trail = models.JSONField("得分由来", default=list, blank=True)

    objects: StatementQuerySet = StatementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "书记述职"
        ordering = ["review", "village__path"]
        constraints = [models.UniqueConstraint(fields=["review", "village"], name="statement_once")]

    def __str__(self) -> str:
        return f"{self.village} {self.review.year}"

    @property
    def secretary_name(self) -> str:
        """Who states; a vacant post is said."""
        return self.secretary.holder_name if self.secretary is not None else "书记空缺"


class BallotQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """Counts are seen by those who enter or run, not by the villages."""
        rows = Statement.objects.visible_to(user, action or Action.REVIEW_ENTER)
        return self.filter(statement__in=rows.order_by().values("pk"))


class Ballot(models.Model):
    """Paper ballots of one group for one secretary, counted twice by two people; they must agree before they count."""

    class Group(models.TextChoices):
        LEADERS = "leaders", "镇领导"
        MEMBERS = "members", "党员、村民代表"
        RESIDENTS = "residents", "群众"

    statement = models.ForeignKey(Statement, models.PROTECT, verbose_name="述职", related_name="ballots")
    group = models.CharField("票类", max_length=10, choices=Group)
    pass_number = models.PositiveSmallIntegerField("第几遍", choices=[(1, "第一遍"), (2, "第二遍")])
    good = models.PositiveSmallIntegerField("好", default=0)
    fair = models.PositiveSmallIntegerField("较好", default=0)
    passing = models.PositiveSmallIntegerField("一般", default=0)
    poor = models.PositiveSmallIntegerField("差", default=0)
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="录入人", related_name="+")
    at = models.DateTimeField("录入时间")

    objects: BallotQuerySet = BallotQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "测评票数"
        ordering = ["statement", "group", "pass_number"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "group", "pass_number"], name="ballot_pass_once"),
            models.UniqueConstraint(
                fields=["statement", "group", "by"], name="ballot_two_people",
                violation_error_message="两遍须由两个人录入。",
            ),
            models.CheckConstraint(condition=Q(pass_number__in=[1, 2]), name="ballot_two_passes"),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id} {self.get_group_display()} {self.pass_number}"
