"""三务公开: what a village discloses and by when, each list with its versions, and what residents ask about it
(plan §三.1 依法公开; domain.md §4, §12; mission M20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.disclosure.affairs.timing import Rule, Timing
from governance.disclosure.said import Said
from governance.periods import Period, today
from governance.sealed import same_number
from villages.models import Unit
from villages.scope import Reach, ScopedQuerySet, TownQuerySet

USER = settings.AUTH_USER_MODEL
ROWS, COLUMNS, CELL = 500, 20, 200
COLUMN_SEPARATOR = "、"
_M = TypeVar("_M", bound=models.Model)


class AffairKind(models.Model):
    """One line of a township's catalogue (公开目录). `columns` are the headings that a new list begins with; nothing is due of
    periods that ended before `since`."""

    class Section(models.TextChoices):
        PARTY = "party", "党务"
        VILLAGE = "village", "村务"
        FINANCE = "finance", "财务"

    class DueRule(models.TextChoices):
        MONTHLY = Rule.MONTHLY.value, "每月"
        QUARTERLY = Rule.QUARTERLY.value, "每季度"
        YEARLY = Rule.YEARLY.value, "每年"
        AT_ONCE = Rule.AT_ONCE.value, "及时（发生后）"

    view_action = Action.AFFAIR_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    code = models.CharField("代码", max_length=20)
    section = models.CharField("类别", max_length=8, choices=Section)
    name = models.CharField("公开事项", max_length=40)
    basis = models.CharField("公开依据", max_length=100)
    body = models.CharField("公开主体", max_length=40)
    channel = models.CharField("公开渠道", max_length=60)
    level = models.CharField("公开层级", max_length=20, default="村（社区）")
    rule = models.CharField("公开时限", max_length=10, choices=DueRule)
    day = models.PositiveSmallIntegerField("几日前", default=20, help_text="每月、每季度、每年公开的，填 1 到 28")
    month = models.PositiveSmallIntegerField("几月", default=1, help_text="每年公开的，填第二年的几月")
    workdays = models.PositiveSmallIntegerField("几个工作日内", default=5, help_text="及时公开的，从发生的第二天算起")
    columns = models.CharField("表头", max_length=200, blank=True, help_text="拟稿时先填好的栏目，用顿号分开")
    hangs_days = models.PositiveSmallIntegerField("公开天数", default=30, help_text="过后转入往期，网上仍可查")
    since = models.DateField("从哪天起公开", default=today)
    is_active = models.BooleanField("启用", default=True)
    position = models.PositiveSmallIntegerField("顺序", default=0)

    objects: TownQuerySet[AffairKind] = TownQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "公开事项"
        ordering = ["township__path", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "code"], name="affair_kind_code_once", violation_error_message="已有同代码的公开事项。"
            ),
            models.CheckConstraint(
                condition=Q(day__gte=1, day__lte=28, month__gte=1, month__lte=12, workdays__gte=1, workdays__lte=60),
                name="affair_kind_days",
                violation_error_message="日期填 1 到 28，月份填 1 到 12，工作日填 1 到 60。",
            ),
            models.CheckConstraint(
                condition=Q(hangs_days__gte=7, hangs_days__lte=366),
                name="affair_kind_hangs",
                violation_error_message="公开天数填 7 到 366。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def timing(self) -> Timing:
        return Timing(Rule(self.rule), self.day, self.month, self.workdays)

    @property
    def deadline(self) -> str:
        return self.timing.words

    @property
    def headings(self) -> list[str]:
        return [word.strip() for word in self.columns.split(COLUMN_SEPARATOR) if word.strip()]


class AroundQuerySet(ScopedQuerySet[_M]):
    """What a village shows to all of it: the duties of its groups and yards see it as well."""

    def reached_by(self, reach: Reach) -> Q | None:
        return super().reached_by(replace(reach, villages=reach.villages_around))


class AffairTurnQuerySet(AroundQuerySet["AffairTurn"]):
    def with_standing(self) -> Self:
        """With `stands`: whether a list of it is public or in the archive."""
        return self.annotate(stands=Exists(Affair.objects.filter(turn=OuterRef("pk"), state__in=Affair.STANDING)))

    def waiting(self, day: date) -> Self:
        """What is to be disclosed and is not, in villages that stand on `day`, of what the catalogue has."""
        rows = self.with_standing().filter(stands=False, cancelled_at=None, kind__is_active=True)
        return rows.filter(village__in=Unit.objects.on(day).order_by().values("pk"))


class AffairTurn(models.Model):
    """What a village has to disclose once: an item for a period, or for what happened on a day. `met_on` is the day of its first
    publication; a list that was corrected later was in time all the same."""

    view_action = Action.AFFAIR_VIEW
    scope_village, scope_unit = "village", ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="affair_turns")
    kind = models.ForeignKey(AffairKind, models.PROTECT, verbose_name="公开事项", related_name="turns")
    period = models.CharField("期间", max_length=8, blank=True)
    event = models.CharField("事由", max_length=60, blank=True)
    begins_on = models.DateField("期间开始或发生日期")
    due_on = models.DateField("最迟公开")
    met_on = models.DateField("首次公开", null=True, blank=True)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)
    cancelled_by = models.ForeignKey(USER, models.PROTECT, verbose_name="取消人", null=True, blank=True, related_name="+")
    cancel_reason = models.CharField("取消原因", max_length=100, blank=True)

    objects: AffairTurnQuerySet = AffairTurnQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "应公开事项"
        ordering = ["-due_on", "village__path", "kind__position", "id"]
        indexes = [models.Index(fields=["village", "-due_on"], name="affair_turn_of_village")]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "kind", "period"], condition=~Q(period=""), name="affair_turn_once",
                violation_error_message="这个事项本期已经有了。",
            ),
            models.CheckConstraint(
                condition=Q(period="") & ~Q(event="") | ~Q(period="") & Q(event=""),
                name="affair_turn_of_period_or_event",
                violation_error_message="请写明事由。",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by=None, cancel_reason="")
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False, met_on=None) & ~Q(cancel_reason=""),
                name="affair_turn_cancelled_with_reason",
                violation_error_message="取消须写明原因；公开过的不能取消。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind.name}（{self.of}）"

    @property
    def body(self) -> str:
        """公开主体, as it is called there."""
        return self.village.in_words(self.kind.body)

    @property
    def of(self) -> str:
        """The period, or what happened, in words."""
        return Period.parse(self.period).label if self.period else f"{self.event}，{self.begins_on:%Y-%m-%d}"

    @property
    def title(self) -> str:
        """What a list of it is called."""
        if not self.period:
            return f"{self.kind.name}：{self.event}"
        return f"{self.village.short_name}{Period.parse(self.period).label}{self.kind.name}"


class AffairQuerySet(AroundQuerySet["Affair"]):
    def public(self) -> Self:
        """What anybody may read, the earlier versions of a list among it."""
        return self.filter(state__in=Affair.SHOWN)

    def current(self) -> Self:
        """The lists that hang now."""
        return self.filter(state=Affair.State.PUBLISHED)


class Affair(models.Model):
    """One version of a list. It is written as a draft, looked at by the village's overseers, published, and never changed after that: a
    mistake is corrected by a further version (`replaces`), what must not stand in public is withdrawn."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        REVIEW = "review", "待审核"
        REVIEWED = "reviewed", "已审核，待发布"
        PUBLISHED = "published", "公开中"
        ARCHIVED = "archived", "往期"
        CORRECTED = "corrected", "已更正"
        WITHDRAWN = "withdrawn", "已撤回"

    WRITTEN: Sequence[str] = (State.DRAFT, State.REVIEW, State.REVIEWED)
    STANDING: Sequence[str] = (State.PUBLISHED, State.ARCHIVED)
    SHOWN: Sequence[str] = (*STANDING, State.CORRECTED, State.WITHDRAWN)

    view_action = Action.AFFAIR_VIEW
    scope_village, scope_unit = "turn__village", ""

    turn = models.ForeignKey(AffairTurn, models.PROTECT, verbose_name="应公开事项", related_name="affairs")
    version = models.PositiveSmallIntegerField("第几稿", default=1)
    replaces = models.ForeignKey(
        "self", models.PROTECT, verbose_name="更正的是", null=True, blank=True, related_name="corrections"
    )
    title = models.CharField("标题", max_length=100)
    columns = models.JSONField("栏目", default=list, blank=True)
    rows = models.JSONField("内容（已脱敏）", default=list, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    source = models.CharField("来源", max_length=100, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    drafted_by = models.ForeignKey(USER, models.PROTECT, verbose_name="拟稿人", related_name="+")
    drafted_at = models.DateTimeField("拟稿时间")
    edited_by = models.ForeignKey(USER, models.PROTECT, verbose_name="最后修改人", related_name="+")
    submitted_at = models.DateTimeField("送审时间", null=True, blank=True)
    reviewed_by = models.ForeignKey(USER, models.PROTECT, verbose_name="审核人", null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    opinion = models.CharField("审核意见", max_length=200, blank=True)
    published_by = models.ForeignKey(USER, models.PROTECT, verbose_name="发布人", null=True, blank=True, related_name="+")
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    hangs_until = models.DateField("公开至", null=True, blank=True)
    withdrawn_by = models.ForeignKey(USER, models.PROTECT, verbose_name="撤回人", null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=100, blank=True)

    objects: AffairQuerySet = AffairQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "公开内容"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["turn"], condition=Q(state__in=["draft", "review", "reviewed"]), name="affair_one_draft",
                violation_error_message="这一项已有一份没有发布的稿子。",
            ),
            models.UniqueConstraint(
                fields=["turn"], condition=Q(state__in=["published", "archived"]), name="affair_one_standing",
                violation_error_message="这一项已经公开，要改请更正。",
            ),
            models.UniqueConstraint(fields=["turn", "version"], name="affair_version_once"),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("drafted_by")) & ~Q(reviewed_by=F("edited_by")),
                name="affair_reviewed_by_another",
                violation_error_message="审核人不能是拟稿或修改的人。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "review"]) | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="affair_reviewed_before_shown",
                violation_error_message="公开内容须先由监督委员会审核。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "review", "reviewed"])
                | Q(published_by__isnull=False, published_at__isnull=False, hangs_until__isnull=False),
                name="affair_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn")
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="affair_withdrawn_with_reason",
                violation_error_message="撤回须写明原因。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def is_open_to_questions(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def desk_lines(self) -> list[list[tuple[str, str]]]:
        """Each row's cells with their headings, for those who log in."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]

    @property
    def lines(self) -> list[list[tuple[str, str]]]:
        """As anybody may read them: nothing of a list that was withdrawn."""
        return [] if self.state == self.State.WITHDRAWN else self.desk_lines


class AffairQuestion(Said):
    """质询: what a resident asks about a published list, answered once by the day that was promised."""

    view_action = Action.AFFAIR_VIEW
    scope_village, scope_unit = "affair__turn__village", ""
    receipt = "disclosure/affairs/_question_receipt.html"

    affair = models.ForeignKey(Affair, models.PROTECT, verbose_name="公开内容", related_name="questions")
    received_at = models.DateTimeField("提出时间", default=timezone.now)

    objects: ScopedQuerySet[AffairQuestion] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "质询"
        ordering = ["-id"]
        indexes = [models.Index(fields=["number"], name="affair_question_by_number")]
        constraints = [
            models.UniqueConstraint(
                "affair", "name", same_number("phone"), "text", name="affair_question_once",
                violation_error_message="这条质询已经收到。",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="affair_question_has_number"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
                name="affair_question_answered_in_words",
                violation_error_message="答复质询须写明内容。",
            ),
        ]  # fmt: skip

    @property
    def state_words(self) -> str:
        return "待答复" if self.answered_at is None else "已答复"
