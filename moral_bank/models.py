"""道德银行: rules, claims, the ledger, closings and ratings (plan §三.1, §三.4; design §4, §5; mission M22–M24).

Two numbers never mix: 评分 (`score`, feeds ratings) and 积分 (`points`, spendable).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractMonth, ExtractYear

from governance.accounts.duties import Action
from governance.disclosure.models import Notice
from governance.periods import KIND_CHOICES, Kind, Period
from moral_bank.awards.models import Honour, Nomination, Reminder
from moral_bank.claims.models import Appeal, BankImport, Claim
from moral_bank.market.models import Item, Lot, Move, Redemption, StockCount, StockTake
from moral_bank.market.shop_models import FundMove, Shop, Supplier
from moral_bank.panel.models import Judgement, PanelMember, Sitting, Vote
from moral_bank.passbooks.models import CoverDay, Expiry, Passbook, Proxy
from moral_bank.proof.models import ChainHead, ChainLink, Reconciliation
from moral_bank.rules.models import Deed, Head, RuleHead, RuleSet
from villages.models import Household, Unit
from villages.scope import ScopedQuerySet

__all__ = [
    "Account",
    "Appeal",
    "BankImport",
    "ChainHead",
    "ChainLink",
    "Claim",
    "Closing",
    "CoverDay",
    "Deed",
    "Entry",
    "Expiry",
    "FundMove",
    "Head",
    "Honour",
    "ImmutableError",
    "Item",
    "Judgement",
    "Lot",
    "Move",
    "Nomination",
    "PanelMember",
    "Passbook",
    "Proxy",
    "Rating",
    "Reconciliation",
    "Redemption",
    "Reminder",
    "RuleHead",
    "RuleSet",
    "Shop",
    "Sitting",
    "StockCount",
    "StockTake",
    "Supplier",
    "Vote",
]


class Account(models.Model):
    """A household's 道德银行 account. `balance` is moved only by the ledger's own trigger and never below zero."""

    view_action = Action.ENTRY_VIEW
    scope_township = "township"
    scope_village = "household__village"
    scope_unit = "household__unit"

    household = models.OneToOneField(Household, models.PROTECT, verbose_name="户", related_name="account")
    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    balance = models.BigIntegerField("积分余额", default=0, editable=False)
    opened_on = models.DateField("开户日期")

    objects: ScopedQuerySet[Account] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "积分账户"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(balance__gte=0), name="account_not_overdrawn", violation_error_message="积分余额不足。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.household} 的积分账户"


class ImmutableError(TypeError):
    """An entry was to be changed or deleted; correct it by a reversing entry (冲正)."""


class EntryQuerySet(ScopedQuerySet["Entry"]):
    def update(self, **kwargs: object) -> int:
        raise ImmutableError("entries are insert-only")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise ImmutableError("entries are insert-only")

    def in_month(self, month: Period) -> Self:
        return self.filter(month=month.start)

    def moving(self) -> Self:
        """Without entries and reversals that cancel each other out within one month."""
        return self.exclude(reversed_by__month=F("month")).exclude(reverses__month=F("month"))


class Entry(models.Model):
    """One posted line of the ledger (积分台账); insert-only, kept so by triggers on both engines.

    `village` is where the household belonged when the deed occurred, `month` the first day of `occurred_on`'s month.
    """

    view_action = Action.ENTRY_VIEW
    scope_township = "township"
    scope_village = "account__household__village"
    scope_unit = "account__household__unit"

    account = models.ForeignKey(Account, models.PROTECT, verbose_name="账户", related_name="entries", db_index=False)
    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+", db_index=False)
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="+", db_index=False)
    deed = models.ForeignKey(Deed, models.PROTECT, verbose_name="事项", null=True, blank=True, related_name="entries")
    head = models.CharField("类别", max_length=14, choices=Head, blank=True)
    veto = models.BooleanField("一票否决", default=False)
    memo = models.CharField("事由", max_length=200)
    score = models.SmallIntegerField("评分")
    points = models.IntegerField("积分")
    occurred_on = models.DateField("发生日期")
    month = models.DateField("月份")
    source_key = models.CharField("来源", max_length=80, unique=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, verbose_name="冲正", null=True, blank=True, related_name="reversed_by"
    )
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="入账人", related_name="+", db_index=False
    )
    posted_at = models.DateTimeField("入账时间")

    objects: EntryQuerySet = EntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "积分台账"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["township", "-id"], name="entry_by_township"),
            models.Index(fields=["account", "occurred_on"], name="entry_by_account"),
            models.Index(fields=["month", "account"], name="entry_by_month", include=["head", "score", "veto"]),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(points=0) | ~Q(score=0), name="entry_moves_something"),
            models.CheckConstraint(
                condition=Q(
                    month__day=1,
                    month__month=ExtractMonth("occurred_on"),
                    month__year=ExtractYear("occurred_on"),
                ),
                name="entry_month_is_of_day",
            ),
            models.CheckConstraint(
                condition=Q(deed=None, head="") | (Q(deed__isnull=False) & ~Q(head="")),
                name="entry_deed_has_head",
            ),
            models.CheckConstraint(condition=~Q(head="") | Q(score=0), name="entry_spending_scores_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.occurred_on} {self.memo} {self.score:+d}"

    def save(self, *args: object, **kwargs: object) -> None:
        if self.pk is not None:
            raise ImmutableError("entries are insert-only")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise ImmutableError("entries are insert-only")


class ClosingQuerySet(ScopedQuerySet["Closing"]):
    def for_period(self, period: Period) -> Self:
        return self.filter(kind=period.kind, start=period.start)


class Closing(models.Model):
    """A village's month, quarter or year: open → computed → noticed → locked. The row is also the task (`job`).

    `entry_count` (entries and approved claims) and `household_count` are what the ratings were computed from: the ledger is
    insert-only, so equal counts mean equal content, and the claims that a month counts name it (`closing_sql.figures`).
    """

    class State(models.TextChoices):
        OPEN = "open", "未计算"
        COMPUTED = "computed", "已计算"
        NOTICED = "noticed", "公示中"
        LOCKED = "locked", "已锁定"

    class Job(models.TextChoices):
        IDLE = "idle", "—"
        QUEUED = "queued", "计算中"
        FAILED = "failed", "计算失败"

    view_action = Action.CLOSING_VIEW
    scope_village = "village"
    scope_unit = ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="closings")
    kind = models.CharField("期间类别", max_length=8, choices=KIND_CHOICES)
    start = models.DateField("期间首日")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    rule_set = models.ForeignKey(
        RuleSet, models.PROTECT, verbose_name="细则版本", null=True, blank=True, related_name="closings"
    )
    household_count = models.PositiveIntegerField("户数", default=0)
    entry_count = models.PositiveIntegerField("记录数", default=0)
    computed_at = models.DateTimeField("计算时间", null=True, blank=True)
    notice = models.OneToOneField(
        Notice, models.PROTECT, verbose_name="公示", null=True, blank=True, related_name="closing"
    )
    locked_at = models.DateTimeField("锁定时间", null=True, blank=True)
    job = models.CharField("后台任务", max_length=8, choices=Job, default=Job.IDLE)
    job_at = models.DateTimeField("任务时间", null=True, blank=True)
    job_error = models.CharField("失败原因", max_length=200, blank=True)
    job_tries = models.PositiveSmallIntegerField("已试次数", default=0)

    objects: ClosingQuerySet = ClosingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "结算"
        ordering = ["-start", "kind", "village__path"]
        constraints = [
            models.UniqueConstraint(fields=["village", "kind", "start"], name="closing_once_per_period"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(computed_at__isnull=False, rule_set__isnull=False),
                name="closing_computed_by_rules",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "computed"]) | Q(notice__isnull=False), name="closing_noticed_before_lock"
            ),
            models.CheckConstraint(
                condition=Q(state="locked", locked_at__isnull=False) | (~Q(state="locked") & Q(locked_at=None)),
                name="closing_locked_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.village} {self.period.label}"

    @property
    def period(self) -> Period:
        return Period(Kind(self.kind), self.start)


class RatingQuerySet(ScopedQuerySet["Rating"]):
    def in_period(self, period: Period) -> Self:
        return self.filter(closing__kind=period.kind, closing__start=period.start)


class Rating(models.Model):
    """A household's result in one closing; the heads are kept for months, longer periods are means of shorter ones.

    `score` is 0–100 with two decimals, `stars` 0 or 2–5 (none for months), `honoured` the year's top households.
    """

    view_action = Action.RATING_VIEW
    scope_township = "closing__village__parent"  # households move within their township only (trigger)
    scope_village = "account__household__village"
    scope_unit = "account__household__unit"

    closing = models.ForeignKey(Closing, models.PROTECT, verbose_name="结算", related_name="ratings", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, verbose_name="户", related_name="ratings")
    law = models.PositiveSmallIntegerField("遵纪守法", null=True, blank=True)
    service = models.PositiveSmallIntegerField("志愿服务", null=True, blank=True)
    sanitation = models.PositiveSmallIntegerField("环境卫生评比", null=True, blank=True)
    participation = models.PositiveSmallIntegerField("参与小区治理", null=True, blank=True)
    civility = models.PositiveSmallIntegerField("文明创建", null=True, blank=True)
    score = models.DecimalField("得分", max_digits=5, decimal_places=2, default=Decimal(0))
    rank = models.PositiveIntegerField("名次")
    stars = models.PositiveSmallIntegerField("星级", null=True, blank=True)
    vetoed = models.BooleanField("一票否决", default=False)
    honoured = models.BooleanField("年度评优", default=False)

    objects: RatingQuerySet = RatingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "评分与星级"
        ordering = ["closing", "rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["closing", "account"], name="rating_once_per_closing"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="rating_score_in_range"),
            models.CheckConstraint(
                condition=Q(stars=None) | Q(stars__in=[0, 2, 3, 4, 5]), name="rating_stars_known"
            ),
            models.CheckConstraint(
                condition=Q(vetoed=False) | (Q(honoured=False) & (Q(stars=None) | Q(stars=0))),
                name="rating_veto_takes_stars",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.score}"
