"""最美家庭, honours and private reminders (plan §三.4; domain.md §7; mission M24, M25)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.disclosure.models import Notice
from villages.models import Unit
from villages.of_township import OfTownship
from villages.scope import ScopedQuerySet


class Nomination(models.Model):
    """最美家庭 of a half-year: 提名 → 村评议 → 公示 3 天 → 镇审核. `half` is the first day of the half-year."""

    class State(models.TextChoices):
        NOMINATED = "nominated", "待村评议"
        RECOMMENDED = "recommended", "村评议通过"
        NOTICED = "noticed", "公示中"
        CONFIRMED = "confirmed", "镇已审定"
        REFUSED = "refused", "未通过"

    class Source(models.TextChoices):
        SELF = "self", "自荐"
        NEIGHBOUR = "neighbour", "邻居推荐"
        BODY = "body", "组织推荐"
        SCORE = "score", "按积分提名"

    view_action = Action.AWARD_VIEW
    scope_village = "village"  # the village that nominated votes, wherever the household moved
    scope_unit = "account__household__unit"

    account = models.ForeignKey("moral_bank.Account", models.PROTECT, verbose_name="户", related_name="nominations")
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="+")
    half = models.DateField("半年首日")
    source = models.CharField("提名方式", max_length=10, choices=Source)
    nominator = models.CharField("提名人", max_length=60)
    story = models.CharField("主要事迹", max_length=500)
    state = models.CharField("状态", max_length=12, choices=State, default=State.NOMINATED)
    nominated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+")
    nominated_at = models.DateTimeField("登记时间")
    present = models.PositiveSmallIntegerField("到会人数", null=True, blank=True)
    votes_yes = models.PositiveSmallIntegerField("同意票", null=True, blank=True)
    votes_no = models.PositiveSmallIntegerField("不同意票", null=True, blank=True)
    recused = models.CharField("回避人员", max_length=100, blank=True)
    judged_on = models.DateField("村评议日期", null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="村评议记录人", null=True, blank=True, related_name="+"
    )
    notice = models.ForeignKey(
        Notice, models.PROTECT, verbose_name="公示", null=True, blank=True, related_name="nominations"
    )
    notice_row = models.PositiveSmallIntegerField("公示序号", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="镇审核人", null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("镇审核时间", null=True, blank=True)
    reason = models.CharField("未通过原因", max_length=200, blank=True)

    objects: ScopedQuerySet[Nomination] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "最美家庭提名"
        ordering = ["-half", "village__path", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "half"], name="nomination_once", violation_error_message="这一户本半年已被提名。"
            ),
            models.CheckConstraint(
                condition=Q(half__day=1, half__month__in=[1, 7]), name="nomination_half_begins"
            ),
            models.CheckConstraint(
                condition=Q(state="nominated")
                | (Q(state="refused") & ~Q(reason=""))
                | Q(
                    state__in=["recommended", "noticed", "confirmed"],
                    judged_on__isnull=False,
                    present__isnull=False,
                    votes_yes__isnull=False,
                    present__gte=3,
                    present__lt=F("votes_yes") * 2,
                ),
                name="nomination_judged",
                violation_error_message="未通过须写明原因；通过须有 3 人以上到会、过半数同意的村评议记录。",
            ),
            models.CheckConstraint(
                condition=Q(present=None, votes_yes=None, votes_no=None)
                | Q(present__gte=F("votes_yes") + F("votes_no"), votes_yes__isnull=False, votes_no__isnull=False),
                name="nomination_votes_of_present",
                violation_error_message="同意票和不同意票之和不能超过到会人数。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["noticed", "confirmed"]) | Q(notice__isnull=False, notice_row__isnull=False),
                name="nomination_noticed_before_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decided_by=F("nominated_by"))),
                name="nomination_confirmed_by_another",
                violation_error_message="提名的人不能审定自己的提名。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account.household.head_name} 最美家庭提名"


class Honour(models.Model):
    """An honour on the red list: 年度评优 from a locked year's rating, 最美家庭 from a confirmed nomination."""

    class Kind(models.TextChoices):
        YEAR = "year", "年度道德积分优秀户"
        FAMILY = "family", "最美家庭"

    view_action = Action.AWARD_VIEW
    scope_township = "village__parent"  # households move within their township only (trigger)
    scope_village = "account__household__village"
    scope_unit = "account__household__unit"

    account = models.ForeignKey("moral_bank.Account", models.PROTECT, verbose_name="户", related_name="honours")
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="honours")
    kind = models.CharField("荣誉", max_length=8, choices=Kind)
    period = models.CharField("期间", max_length=10)
    number = models.CharField("证书编号", max_length=40, unique=True)
    granted_on = models.DateField("授予日期")
    rating = models.OneToOneField(
        "moral_bank.Rating", models.PROTECT, verbose_name="年度评分", null=True, blank=True, related_name="honour"
    )
    nomination = models.OneToOneField(
        Nomination, models.PROTECT, verbose_name="提名", null=True, blank=True, related_name="honour"
    )
    revoked_on = models.DateField("撤销日期", null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="撤销人", null=True, blank=True, related_name="+"
    )
    revoked_reason = models.CharField("撤销原因", max_length=200, blank=True)

    objects: ScopedQuerySet[Honour] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "荣誉"
        ordering = ["-granted_on", "village__path", "id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "period"], name="honour_once_per_period"),
            models.CheckConstraint(
                condition=Q(kind="year", rating__isnull=False, nomination=None)
                | Q(kind="family", nomination__isnull=False, rating=None),
                name="honour_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(revoked_on=None, revoked_reason="") | (Q(revoked_on__isnull=False) & ~Q(revoked_reason="")),
                name="honour_revoked_with_reason",
                violation_error_message="撤销荣誉须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class Reminder(OfTownship):
    """整改提醒: a private word to a household after a locked quarter without a star; never published."""

    view_action = Action.REMINDER_VIEW
    township_from = "rating.account.township_id"
    scope_village = "rating__account__household__village"
    scope_unit = "rating__account__household__unit"

    rating = models.OneToOneField(
        "moral_bank.Rating", models.PROTECT, verbose_name="季度评分", related_name="reminder"
    )
    told_on = models.DateField("提醒日期")
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="提醒人", related_name="+")
    note = models.CharField("约定怎么改", max_length=200, blank=True)
    recorded_at = models.DateTimeField("登记时间")

    objects: ScopedQuerySet[Reminder] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "整改提醒"
        ordering = ["-told_on", "-id"]
        indexes = [models.Index(fields=["township", "-told_on", "-id"], name="reminder_by_township")]

    def __str__(self) -> str:
        return f"{self.told_on} 整改提醒"
