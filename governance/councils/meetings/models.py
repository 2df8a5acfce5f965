"""Meetings of a body: called → held → minuted → confirmed → filed; who was there; what was dealt with (domain.md §3, §12)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.councils.bodies.models import Body, Seat
from villages.models import Household, Post, Unit
from villages.scope import ScopedQuerySet

USER = settings.AUTH_USER_MODEL


class Meeting(models.Model):
    """One meeting. `base` says what is counted: `entitled` and `present` are its figures at the day, of the attendance's rows or of the
    register and a count, frozen when it is confirmed. `afterwards` says that it was not called here but written down later, `write_by`
    until when it should be."""

    class State(models.TextChoices):
        CALLED = "called", "已通知"
        HELD = "held", "已召开，待记录"
        MINUTED = "minuted", "已记录，待确认"
        CONFIRMED = "confirmed", "已确认"
        FILED = "filed", "已归档"
        CANCELLED = "cancelled", "已取消"

    class Base(models.TextChoices):
        MEMBERS = "members", "按成员"
        HOUSEHOLDS = "households", "按户（逐户）"
        OPEN = "open", "不限，来的都算"
        VOTERS = "voters", "按年满十八周岁的人（只记人数）"
        HOMES = "homes", "按户（只记户数）"

    COUNTED = (Base.VOTERS, Base.HOMES)
    """Too many to tap: who came is a number."""
    WRITTEN = ("minuted", "confirmed", "filed")
    KEPT = ("confirmed", "filed")

    view_action = Action.COUNCIL_VIEW
    scope_village, scope_unit = "village", "unit"

    body = models.ForeignKey(Body, models.PROTECT, verbose_name="议事组织", related_name="meetings")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="所在单位", related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="meetings")
    topic = models.CharField("议题", max_length=120)
    on = models.DateField("会议日期")
    time = models.TimeField("时间", null=True, blank=True)
    place = models.CharField("地点", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.CALLED)
    base = models.CharField("到会基数", max_length=12, choices=Base)
    afterwards = models.BooleanField("会后补记", default=False)
    write_by = models.DateField("最迟记录", editable=False)
    noticed_on = models.DateField("通知（张贴）日期", null=True, blank=True)
    called_by = models.ForeignKey(USER, models.PROTECT, verbose_name="召集（登记）人", related_name="+")
    called_at = models.DateTimeField("登记时间")
    entitled = models.PositiveIntegerField("应到", null=True, blank=True)
    present = models.PositiveIntegerField("实到", null=True, blank=True)
    guests = models.CharField("列席人员", max_length=200, blank=True)
    minutes = models.TextField("会议记录", max_length=8000, blank=True)
    minuted_by = models.ForeignKey(USER, models.PROTECT, verbose_name="记录人", null=True, blank=True, related_name="+")
    minuted_at = models.DateTimeField("记录时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(USER, models.PROTECT, verbose_name="确认人", null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    filed_at = models.DateTimeField("归档时间", null=True, blank=True)
    end_reason = models.CharField("取消原因", max_length=100, blank=True)

    objects: ScopedQuerySet[Meeting] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "会议"
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["village", "-on"], name="meeting_of_village")]
        constraints = [
            models.CheckConstraint(
                condition=Q(present=None) | Q(entitled__isnull=False, present__lte=F("entitled")),
                name="meeting_present_fits",
                violation_error_message="实到人数不能多于应到人数。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["called", "held", "cancelled"]) | (Q(minuted_by__isnull=False) & Q(present__isnull=False)),
                name="meeting_minuted_fits",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["called", "held", "minuted", "cancelled"])
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="meeting_confirmed_fits",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(end_reason=""),
                name="meeting_cancelled_with_reason",
                violation_error_message="取消会议须写明原因。",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("minuted_by")),
                name="meeting_confirmed_by_another",
                violation_error_message="会议由记录人以外的人确认。",
            ),
            models.CheckConstraint(condition=~Q(state="filed") | Q(filed_at__isnull=False), name="meeting_filed_fits"),
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.on:%Y-%m-%d}"

    def get_state_display(self) -> str:  # type: ignore[no-redef]
        """A record that was cancelled is void."""
        is_void = self.state == self.State.CANCELLED and self.minuted_by_id is not None
        return "已作废" if is_void else self.State(self.state).label

    @property
    def is_counted(self) -> bool:
        return self.base in self.COUNTED

    @property
    def is_written(self) -> bool:
        return self.state in self.WRITTEN

    @property
    def is_kept(self) -> bool:
        """Whether nothing of it changes any more."""
        return self.state in self.KEPT

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.CALLED, self.State.HELD)


class Attendance(models.Model):
    """Somebody entitled, and whether they came: a seat, a post's holder, or a household (院户会)."""

    class Status(models.TextChoices):
        PRESENT = "present", "到会"
        EXCUSED = "excused", "请假"
        ABSENT = "absent", "缺席"

    view_action = Action.COUNCIL_VIEW
    scope_village, scope_unit = "meeting__village", "meeting__unit"

    meeting = models.ForeignKey(Meeting, models.CASCADE, verbose_name="会议", related_name="attendances")
    seat = models.ForeignKey(Seat, models.PROTECT, verbose_name="成员", null=True, blank=True, related_name="attendances")
    post = models.ForeignKey(Post, models.PROTECT, verbose_name="任职", null=True, blank=True, related_name="attendances")
    household = models.ForeignKey(Household, models.PROTECT, verbose_name="户", null=True, blank=True, related_name="attendances")
    status = models.CharField("到会情况", max_length=8, choices=Status, default=Status.PRESENT)

    objects: ScopedQuerySet[Attendance] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "到会情况"
        ordering = ["meeting", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "seat"], name="attendance_seat_once"),
            models.UniqueConstraint(fields=["meeting", "post"], name="attendance_post_once"),
            models.UniqueConstraint(fields=["meeting", "household"], name="attendance_household_once"),
            models.CheckConstraint(
                condition=Q(seat__isnull=False, post=None, household=None)
                | Q(seat=None, post__isnull=False, household=None)
                | Q(seat=None, post=None, household__isnull=False),
                name="attendance_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.get_status_display()}"


class Item(models.Model):
    """One item of a meeting (议题): what was said, what was agreed."""

    view_action = Action.COUNCIL_VIEW
    scope_village, scope_unit = "meeting__village", "meeting__unit"

    meeting = models.ForeignKey(Meeting, models.PROTECT, verbose_name="会议", related_name="items")
    number = models.PositiveSmallIntegerField("序号")
    title = models.CharField("事项", max_length=120)
    said = models.TextField("讨论情况", max_length=4000, blank=True)
    outcome = models.CharField("议定意见", max_length=500, blank=True)

    objects: ScopedQuerySet[Item] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "会议事项"
        ordering = ["meeting", "number"]
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="meeting_item_number_once")]

    def __str__(self) -> str:
        return self.title


class Task(models.Model):
    """What an item asks somebody to do (会议任务), until when, and what came of it. `post` is the officer whose to-do it stands in; `who`
    says it in words."""

    class State(models.TextChoices):
        OPEN = "open", "办理中"
        DONE = "done", "已落实"
        DROPPED = "dropped", "不再办理"

    view_action = Action.COUNCIL_VIEW
    scope_village, scope_unit = "item__meeting__village", "item__meeting__unit"

    item = models.ForeignKey(Item, models.PROTECT, verbose_name="会议事项", related_name="tasks")
    what = models.CharField("任务", max_length=200)
    who = models.CharField("承办人", max_length=60)
    post = models.ForeignKey(Post, models.PROTECT, verbose_name="任职", null=True, blank=True, related_name="council_tasks")
    due_on = models.DateField("办理期限")
    state = models.CharField("状态", max_length=8, choices=State, default=State.OPEN)
    result = models.CharField("落实情况", max_length=300, blank=True)
    done_on = models.DateField("办结日期", null=True, blank=True)
    made_by = models.ForeignKey(USER, models.PROTECT, verbose_name="登记人", related_name="+")
    made_at = models.DateTimeField("登记时间")
    closed_by = models.ForeignKey(USER, models.PROTECT, verbose_name="办结登记人", null=True, blank=True, related_name="+")

    objects: ScopedQuerySet[Task] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "会议任务"
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "what"], name="task_once", violation_error_message="这个事项已有同样的任务。"),
            models.CheckConstraint(
                condition=Q(state="open", done_on=None, closed_by=None)
                | (Q(state__in=["done", "dropped"], done_on__isnull=False, closed_by__isnull=False) & ~Q(result="")),
                name="task_closed_fits",
                violation_error_message="办结须写明落实情况和日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.what


class Outcome(models.Model):
    """What was made of an item, or of the meeting as a whole (`item` None), once for each kind: a case, an order, a notice, deeds. `page`
    and `row` lead there. Insert-only."""

    view_action = Action.COUNCIL_VIEW
    scope_village, scope_unit = "meeting__village", "meeting__unit"

    meeting = models.ForeignKey(Meeting, models.PROTECT, verbose_name="会议", related_name="outcomes")
    item = models.ForeignKey(Item, models.PROTECT, verbose_name="会议事项", null=True, blank=True, related_name="outcomes")
    kind = models.CharField("类别", max_length=12)
    page = models.CharField("页面", max_length=60, blank=True)
    row = models.PositiveBigIntegerField("记录", null=True, blank=True)
    label = models.CharField("说明", max_length=120)
    made_by = models.ForeignKey(USER, models.PROTECT, verbose_name="登记人", related_name="+")
    made_at = models.DateTimeField("登记时间")

    objects: ScopedQuerySet[Outcome] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "会议形成的事"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "kind"],
                condition=Q(item__isnull=False),
                name="outcome_once_per_item",
                violation_error_message="这个事项已经办过这一样。",
            ),
            models.UniqueConstraint(
                fields=["meeting", "kind"],
                condition=Q(item=None),
                name="outcome_once_per_meeting",
                violation_error_message="这次会议已经办过这一样。",
            ),
        ]

    def __str__(self) -> str:
        return self.label
