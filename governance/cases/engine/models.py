"""Cases: one engine for events, disputes and errands (plan §三.1, §三.3, §三.4, §四; design §6)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from governance.accounts.duties import Action, Duty
from governance.cases.categories.models import Category, Office
from governance.cases.engine import flow
from villages.models import Household, Resident, Unit
from villages.scope import ScopedQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

KIND_CHOICES = [(kind.value, flow.KIND_LABELS[kind]) for kind in flow.Kind]
STATE_CHOICES = [(state.value, flow.STATE_LABELS[state]) for state in flow.State]
STEP_CHOICES = [(step.value, flow.STEP_LABELS[step]) for step in flow.Step]
OPEN = [state.value for state in flow.OPEN]
TEXT_LENGTH = 1000


class Level(models.TextChoices):
    """How far an overdue case has climbed."""

    VILLAGE = "village", "村（社区）"
    OFFICE = "office", "镇办公室"
    LEADER = "leader", "镇领导"


class Source(models.TextChoices):
    PATROL = "patrol", "巡查发现"
    RESIDENT = "resident", "群众反映"
    VISIT = "visit", "走访"
    SUPERIOR = "superior", "上级交办"
    PHONE = "phone", "电话"
    OTHER = "other", "其他"


class CaseQuerySet(ScopedQuerySet["Case"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """Rows in scope; private ones only for those who are on them."""
        rows = super().visible_to(user, action)
        return rows.filter(Q(private=False) | self.on_it(user)) if user.is_authenticated else rows

    @staticmethod
    def on_it(user: User) -> Q:
        """Rows that `user` wrote down, has or had, or that sit with a post or an office of theirs."""
        persons = CasePerson.objects.filter(case=OuterRef("pk"), user=user)
        return Q(Exists(persons)) | CaseQuerySet.queued_for(user)

    @staticmethod
    def queued_for(user: User) -> Q:
        """Rows that sit with a post or an office of `user`, and with nobody in person."""
        mine = Q(office__in=Office.objects.filter(members__user=user.pk).values("pk"))
        for grant in user.grants:
            mine |= Q(holder_duty=grant.duty, holder_unit=grant.unit_id)
        return mine

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def timed(self) -> Self:
        """Without what came from an old ledger and nobody has taken up: it has no due time."""
        return self.filter(case_due_at__isnull=False)


class Case(models.Model):
    """An event, dispute or errand. It sits with one person, one post (`holder_duty` at `holder_unit`), one office or nobody.

    `first_receiver` (首问负责) and `number` are written once (trigger); `round` counts reopenings from 1; due times are UTC.
    A case from an old ledger keeps its `old_number` and has no due times until the first step that sets a clock.
    """

    Kind = flow.Kind
    State = flow.State
    Level = Level
    Source = Source
    view_action = Action.CASE_VIEW
    scope_township = "township"
    scope_village = "village"
    scope_unit = "unit"

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+", db_index=False)
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="cases", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="组（聚居点）", related_name="+")
    place = models.CharField("具体位置", max_length=120, blank=True)
    latitude = models.DecimalField("纬度", max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField("经度", max_digits=8, decimal_places=5, null=True, blank=True)
    kind = models.CharField("类型", max_length=8, choices=KIND_CHOICES)
    number = models.CharField("编号", max_length=20)
    old_number = models.CharField("原编号", max_length=40, blank=True)
    round = models.PositiveSmallIntegerField("第几次办理", default=1)
    category = models.ForeignKey(Category, models.PROTECT, verbose_name="类别", related_name="cases", db_index=False)
    urgency = models.CharField("缓急", max_length=8, choices=Category.Urgency)
    text = models.TextField("情况", max_length=TEXT_LENGTH)
    source = models.CharField("来源", max_length=10, choices=Source, default=Source.PATROL)
    private = models.BooleanField("不公开（只有经办人可见）", default=False)
    state = models.CharField("状态", max_length=14, choices=STATE_CHOICES, default=flow.State.FOUND.value)
    paused_at = models.DateTimeField("暂停时间", null=True, blank=True)
    first_receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="首问责任人", related_name="+", db_index=False
    )
    found_at = models.DateTimeField("发现时间")
    logged_at = models.DateTimeField("登记时间")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="办理人", null=True, blank=True, related_name="+",
        db_index=False,
    )
    holder_duty = models.CharField("办理岗位", max_length=12, choices=Duty, blank=True)
    holder_unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="岗位所在单位", null=True, blank=True, related_name="+", db_index=False
    )
    office = models.ForeignKey(
        Office, models.PROTECT, verbose_name="办理办公室", null=True, blank=True, related_name="+", db_index=False
    )
    level = models.CharField("升级到", max_length=8, choices=Level, default=Level.VILLAGE)
    round_at = models.DateTimeField("本次开始时间")
    step_at = models.DateTimeField("本步开始时间")
    step_due_at = models.DateTimeField("本步限时", null=True, blank=True)
    case_due_at = models.DateTimeField("全程限时", null=True, blank=True)
    near_at = models.DateTimeField("提醒时间", null=True, blank=True)
    climb_at = models.DateTimeField("升级时间", null=True, blank=True)
    finished_at = models.DateTimeField("办结时间", null=True, blank=True)
    filed_at = models.DateTimeField("归档时间", null=True, blank=True)
    result = models.TextField("办理结果", max_length=TEXT_LENGTH, blank=True)
    household = models.ForeignKey(
        Household, models.PROTECT, verbose_name="户", null=True, blank=True, related_name="cases"
    )
    resident = models.ForeignKey(
        Resident, models.PROTECT, verbose_name="居民", null=True, blank=True, related_name="cases"
    )
    visit = models.ForeignKey(
        "cases.Visit", models.PROTECT, verbose_name="来自走访", null=True, blank=True, related_name="cases"
    )
    import_key = models.CharField(max_length=64, blank=True, editable=False)

    objects: CaseQuerySet = CaseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "事件、纠纷与代办"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["township", "-id"], name="case_by_township"),
            models.Index(fields=["assignee"], name="case_assigned", condition=Q(assignee__isnull=False)),
            models.Index(fields=["village", "-id"], name="case_by_village"),
            models.Index(fields=["village", "case_due_at"], name="case_open_by_due", condition=Q(state__in=OPEN)),
            models.Index(fields=["township", "case_due_at", "id"], name="case_open_of_township", condition=Q(state__in=OPEN)),
            models.Index(fields=["case_due_at", "id"], name="case_open_first_due", condition=Q(state__in=OPEN)),
            models.Index(fields=["category", "unit", "-logged_at"], name="case_alike"),
            models.Index(fields=["near_at"], name="case_near", condition=Q(near_at__isnull=False)),
            models.Index(fields=["climb_at"], name="case_climb", condition=Q(climb_at__isnull=False)),
            models.Index(fields=["assignee", "case_due_at"], name="case_of_person", condition=Q(state__in=OPEN)),
            models.Index(
                fields=["holder_unit", "holder_duty"], name="case_of_post", condition=Q(holder_unit__isnull=False)
            ),
            models.Index(fields=["office"], name="case_of_office", condition=Q(office__isnull=False)),
            models.Index(fields=["first_receiver", "-id"], name="case_of_receiver"),
            models.Index(fields=["finished_at"], name="case_done", condition=Q(state="done")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["township", "number"], name="case_number_once"),
            models.UniqueConstraint(
                fields=["village", "import_key"], condition=~Q(import_key=""), name="case_imported_once"
            ),
            models.CheckConstraint(condition=Q(state__in=[state.value for state in flow.State]), name="case_state_known"),
            models.CheckConstraint(
                condition=Q(assignee=None, office=None)
                | Q(assignee=None, holder_unit=None)
                | Q(office=None, holder_unit=None),
                name="case_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(holder_unit=None, holder_duty="") | (Q(holder_unit__isnull=False) & ~Q(holder_duty="")),
                name="case_post_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__isnull=False, longitude__isnull=False),
                name="case_point_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*OPEN, "void"], finished_at=None)
                | (~Q(state__in=[*OPEN, "void"]) & Q(finished_at__isnull=False)),
                name="case_finished_at",
            ),
            models.CheckConstraint(
                condition=Q(state="filed", filed_at__isnull=False) | (~Q(state="filed") & Q(filed_at=None)),
                name="case_filed_at",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN) | Q(near_at=None, climb_at=None, paused_at=None), name="case_clocks_end"
            ),
            models.CheckConstraint(
                condition=Q(paused_at=None) | Q(near_at=None, climb_at=None), name="case_clocks_stand_in_pause"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.category.name}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_historic(self) -> bool:
        """Whether it came from an old ledger."""
        return self.import_key != ""

    @property
    def state_words(self) -> str:
        return "已暂停" if self.paused_at is not None else self.get_state_display()

    @property
    def due_at(self) -> datetime | None:
        """The nearer of the two due times while the case is open and not paused."""
        if not self.is_open or self.paused_at is not None:
            return None
        return min(filter(None, (self.step_due_at, self.case_due_at)), default=None)

    @property
    def holder_name(self) -> str:
        """Who has it, in words; the caller selects assignee, holder_unit and office."""
        if self.assignee:
            return self.assignee.name
        if self.office:
            return self.office.name
        if self.holder_unit:
            return f"{self.holder_unit}{Duty(self.holder_duty).label}"
        return "尚未分派"


class CasePerson(models.Model):
    """Somebody who is on a case: wrote it down, has or had it, or was told when it climbed. Private cases ask for it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "经办人"
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="case_person_once")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.case_id}"


class StepQuerySet(models.QuerySet["CaseStep"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        return self.filter(case__in=Case.objects.visible_to(user, action).order_by().values("pk"))


class CaseStep(models.Model):
    """One step of a case: who, when, from where to where, the words; insert-only (trigger). `by` None is the clock."""

    case = models.ForeignKey(Case, models.PROTECT, verbose_name="事项", related_name="steps")
    step = models.CharField("步骤", max_length=16, choices=STEP_CHOICES)
    round = models.PositiveSmallIntegerField("第几次办理")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="经办人", null=True, blank=True, related_name="+",
        db_index=False,
    )
    source = models.CharField("原状态", max_length=14, choices=STATE_CHOICES, blank=True)
    target = models.CharField("新状态", max_length=14, choices=STATE_CHOICES)
    level = models.CharField("升级到", max_length=8, choices=Level, blank=True)
    note = models.CharField("说明", max_length=TEXT_LENGTH, blank=True)
    holder = models.CharField("此后由谁办理", max_length=120, blank=True)
    step_due_at = models.DateTimeField("本步限时", null=True, blank=True)
    case_due_at = models.DateTimeField("全程限时", null=True, blank=True)

    objects: StepQuerySet = StepQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "办理记录"
        ordering = ["id"]
        indexes = [models.Index(fields=["case", "at"], name="case_step_finish", condition=Q(step="finish"))]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round", "level"], condition=Q(step="climb"), name="case_climbs_once_per_level"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.case_id}"


class Extension(models.Model):
    """An extension asked for (延期); granted at most once in a round, never by the one who asked."""

    class State(models.TextChoices):
        ASKED = "asked", "待批准"
        GRANTED = "granted", "已同意"
        DENIED = "denied", "未同意"

    case = models.ForeignKey(Case, models.PROTECT, verbose_name="事项", related_name="extensions")
    round = models.PositiveSmallIntegerField("第几次办理")
    reason = models.CharField("理由", max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="申请人", related_name="+")
    asked_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=8, choices=State, default=State.ASKED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="批准人", null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "延期"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round"], condition=~Q(state="denied"), name="extension_once_per_round"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="extension_not_by_asker"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_state_display()}"


class ReturnVisitQuerySet(ScopedQuerySet["ReturnVisit"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        return self.filter(case__in=Case.objects.visible_to(user, action).order_by().values("pk"))


class ReturnVisit(models.Model):
    """回访: a row with its due day; a case with an open one is not filed (trigger)."""

    class State(models.TextChoices):
        OPEN = "open", "待回访"
        DONE = "done", "已回访"
        DROPPED = "dropped", "因重开取消"

    class Finding(models.TextChoices):
        SETTLED = "settled", "稳定，无反复"
        WATCH = "watch", "基本稳定，继续关注"
        RELAPSE = "relapse", "有反复"

    view_action = Action.CASE_VIEW
    scope_village = "case__village"
    scope_unit = "case__unit"

    # So many days before its day at most may a visit be made, a third of its days if these are fewer.
    EARLY = 3

    case = models.ForeignKey(Case, models.PROTECT, verbose_name="事项", related_name="return_visits")
    round = models.PositiveSmallIntegerField("第几次办理")
    day = models.PositiveSmallIntegerField("第几天")
    due_on = models.DateField("应回访日期")
    state = models.CharField("状态", max_length=8, choices=State, default=State.OPEN)
    done_on = models.DateField("回访日期", null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="回访人", null=True, blank=True, related_name="+"
    )
    finding = models.CharField("回访结果", max_length=8, choices=Finding, blank=True)
    note = models.CharField("回访情况", max_length=500, blank=True)

    objects: ReturnVisitQuerySet = ReturnVisitQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "回访"
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["due_on"], name="return_visit_due", condition=Q(state="open")),
            models.Index(fields=["due_on", "id"], name="return_visit_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "round", "day"], name="return_visit_once"),
            models.CheckConstraint(
                condition=Q(state="done", done_on__isnull=False, done_by__isnull=False) & ~Q(finding="") & ~Q(note="")
                | ~Q(state="done"),
                name="return_visit_done_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} 第{self.day}天"

    @property
    def opens_on(self) -> date:
        """The first day on which it may be made."""
        return self.due_on - timedelta(days=min(self.day // 3, self.EARLY))
