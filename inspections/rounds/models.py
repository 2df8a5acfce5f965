"""季度督查: rounds, teams, samples, answers, replies, scorecards (plan §四(三) 镇党委每季度将开展一次专项监督检查; mission M34, M35)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.periods import Kind, Period
from inspections.cards.models import GRADE_CHOICES, Checklist
from villages.models import Unit
from villages.scope import ScopedQuerySet, TownQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

TEXT_LENGTH = 1000
USER = settings.AUTH_USER_MODEL


class Round(models.Model):
    """One township's quarter: planned → scoring → replying → decided → locked. The row is also the task (`job`).

    `quarter` is its first day. `seed` draws the samples. `ranks_shown`: the committee decided that ranks are published.
    A locked round and all that belongs to it never changes (triggers).
    """

    class State(models.TextChoices):
        PLANNED = "planned", "方案"
        SCORING = "scoring", "现场评分"
        REPLYING = "replying", "村核对申辩"
        DECIDED = "decided", "党委已审定"
        LOCKED = "locked", "已锁定"

    class Job(models.TextChoices):
        IDLE = "idle", "—"
        QUEUED = "queued", "计算中"
        FAILED = "failed", "计算失败"

    view_action = Action.PLAN_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="rounds")
    quarter = models.DateField("季度首日")
    name = models.CharField("名称", max_length=80)
    checklist = models.ForeignKey(Checklist, models.PROTECT, verbose_name="检查表", related_name="rounds")
    focus = models.TextField("督查重点", max_length=TEXT_LENGTH, blank=True)
    opens_on = models.DateField("现场督查开始")
    closes_on = models.DateField("现场督查结束")
    household_count = models.PositiveSmallIntegerField("每村抽查户数", default=5)
    site_count = models.PositiveSmallIntegerField("每村抽查聚居点数", default=2)
    case_count = models.PositiveSmallIntegerField("每村抽查事项数", default=3)
    seed = models.CharField("抽样种子", max_length=32)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PLANNED)
    planned_by = models.ForeignKey(USER, models.PROTECT, verbose_name="编制人", related_name="+")
    planned_at = models.DateTimeField("编制时间")
    handed_at = models.DateTimeField("移交村核对时间", null=True, blank=True)
    reply_due_at = models.DateTimeField("申辩截止", null=True, blank=True)
    computed_at = models.DateTimeField("汇总时间", null=True, blank=True)
    decided_at = models.DateTimeField("审定时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="审定登记人", null=True, blank=True, related_name="+"
    )
    meeting_on = models.DateField("党委会日期", null=True, blank=True)
    decision = models.TextField("审定意见", max_length=TEXT_LENGTH, blank=True)
    ranks_shown = models.BooleanField("通报公布名次", default=False)
    locked_at = models.DateTimeField("锁定时间", null=True, blank=True)
    job = models.CharField("后台任务", max_length=8, choices=Job, default=Job.IDLE)
    job_at = models.DateTimeField("任务时间", null=True, blank=True)
    job_error = models.CharField("失败原因", max_length=200, blank=True)
    job_tries = models.PositiveSmallIntegerField("已试次数", default=0)

    objects: TownQuerySet[Round] = TownQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords(excluded_fields=["job", "job_at", "job_error", "job_tries"])

    class Meta:
        verbose_name = verbose_name_plural = "季度督查"
        ordering = ["-quarter", "township__path"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "quarter"], name="round_once_per_quarter", violation_error_message="这个季度已有督查。"
            ),
            models.CheckConstraint(
                condition=Q(closes_on__gte=models.F("opens_on")),
                name="round_window",
                violation_error_message="现场督查结束不能早于开始。",
            ),
            models.CheckConstraint(
                condition=Q(quarter__day=1, quarter__month__in=[1, 4, 7, 10]), name="round_is_of_quarter"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "scoring"])
                | Q(handed_at__isnull=False, reply_due_at__isnull=False, computed_at__isnull=False),
                name="round_replies_after_hand_over",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "scoring", "replying"])
                | (Q(decided_at__isnull=False, decided_by__isnull=False, meeting_on__isnull=False) & ~Q(decision="")),
                name="round_decided_by_committee",
            ),
            models.CheckConstraint(
                condition=Q(state="locked", locked_at__isnull=False) | (~Q(state="locked") & Q(locked_at=None)),
                name="round_locked_at",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def period(self) -> Period:
        return Period(Kind.QUARTER, self.quarter)

    @property
    def takes_scores(self) -> bool:
        return self.state in (self.State.SCORING, self.State.REPLYING)


class RoundPartQuerySet(models.QuerySet[Any]):
    """Rows of a round, seen by those who see the round."""

    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        return self.filter(round__in=Round.objects.visible_to(user, action).order_by().values("pk"))


class Team(models.Model):
    """督查组."""

    round = models.ForeignKey(Round, models.CASCADE, verbose_name="督查", related_name="teams")
    name = models.CharField("组名", max_length=30)

    objects: RoundPartQuerySet = RoundPartQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "督查组"
        ordering = ["round", "id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "name"], name="team_name_once", violation_error_message="组名重复。")
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """Somebody of a team; whoever, or whose kin, holds a post in one of its villages is refused (trigger)."""

    team = models.ForeignKey(Team, models.CASCADE, verbose_name="督查组", related_name="members")
    user = models.ForeignKey(USER, models.PROTECT, verbose_name="成员", related_name="+")
    is_head = models.BooleanField("组长", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "督查组成员"
        ordering = ["team", "-is_head", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"], name="team_member_once", violation_error_message="这名成员已在组里。"
            )
        ]

    def __str__(self) -> str:
        return self.user.name


class Recusal(models.Model):
    """回避: a person who must not inspect a village, and why (kin in another household, an interest)."""

    view_action = Action.PLAN_VIEW
    scope_village = "village"
    scope_unit = ""

    user = models.ForeignKey(USER, models.PROTECT, verbose_name="回避人", related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="+")
    reason = models.CharField("回避原因", max_length=100)
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="登记人", related_name="+")
    at = models.DateTimeField("登记时间")

    objects: ScopedQuerySet[Recusal] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "回避"
        ordering = ["village__path", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "village"], name="recusal_village_once", violation_error_message="已登记过回避。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user.name} 回避 {self.village}"


HANDED = (Round.State.REPLYING, Round.State.DECIDED, Round.State.LOCKED)
"""The states in which a village has its card in hand."""


class ScorecardQuerySet(ScopedQuerySet["Scorecard"]):
    def points_shown_to(self, user: User) -> Self:
        """Those of which `shows_points_to` says yes."""
        township = Scorecard.objects.visible_to(user, Action.PLAN_VIEW).order_by().values("pk")
        return self.filter(Q(round__state__in=HANDED) | Q(pk__in=township))


class Scorecard(models.Model):
    """A village's card in one round: the computed result with its trail.

    `sections` is a list of {key, name, sort, points, score}, `trail` a list of {section, item, amount, asked, words,
    measured}, both in the order of the card. `change` is against the last quarter's score. `rank` 1 is the best. `missing` lines
    still have to be judged: until there are none, nothing of the result is there (constraint, trigger).
    """

    view_action = Action.ROUND_VIEW
    scope_village = "village"
    scope_unit = ""

    round = models.ForeignKey(Round, models.PROTECT, verbose_name="督查", related_name="cards")
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="scorecards")
    team = models.ForeignKey(
        Team, models.PROTECT, verbose_name="督查组", null=True, blank=True, related_name="cards"
    )
    scored_at = models.DateTimeField("评完时间", null=True, blank=True)
    scored_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="评完确认人", null=True, blank=True, related_name="+"
    )
    score = models.DecimalField("得分", max_digits=7, decimal_places=2, null=True, blank=True)
    self_score = models.DecimalField("自评分", max_digits=7, decimal_places=2, null=True, blank=True)
    grade = models.CharField("等次", max_length=8, choices=GRADE_CHOICES, blank=True)
    vetoed = models.BooleanField("一票否决", default=False)
    rank = models.PositiveSmallIntegerField("名次", null=True, blank=True)
    change = models.DecimalField("比上季度", max_digits=7, decimal_places=2, null=True, blank=True)
    sections = models.JSONField("各项得分", default=list, blank=True)
    trail = models.JSONField("得分由来", default=list, blank=True)
    missing = models.PositiveSmallIntegerField("未评条数", default=0)

    objects: ScorecardQuerySet = ScorecardQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "督查评分表"
        ordering = ["round", "village__path"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "village"], name="scorecard_once", violation_error_message="这个村已有评分表。"
            ),
            models.CheckConstraint(condition=Q(score=None) | Q(score__gte=0), name="scorecard_score_not_negative"),
            models.CheckConstraint(
                condition=Q(vetoed=False) | Q(grade="poor"), name="scorecard_veto_is_poor"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=False, missing=0) | Q(score=None, grade="", vetoed=False, rank=None, change=None),
                name="scorecard_result_when_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.village} {self.round.period.label}"

    @property
    def score_words(self) -> str:
        """The score, or what is still to come before there is one; the same on every page, sheet and paper."""
        if self.score is not None:
            return str(self.score)
        return f"—，{self.missing} 条未评" if self.missing else "—"

    @property
    def change_words(self) -> str:
        """+1.50, −0.50, 0.00 against the last quarter; empty without one."""
        if self.change is None:
            return ""
        return f"{self.change:+.2f}".replace("-", "−") if self.change else "0.00"

    def shows_points_to(self, user: User) -> bool:
        """The township sees points as they come, a village only once its card is handed over."""
        return self.round.state in HANDED or user.may(Action.PLAN_VIEW, self.village.path)

    def shows_rank_to(self, user: User) -> bool:
        """Ranks as the committee decided; the township's own people see them before."""
        published = self.round.ranks_shown and self.round.state in (Round.State.DECIDED, Round.State.LOCKED)
        return published or user.may(Action.PLAN_VIEW, self.village.path)
