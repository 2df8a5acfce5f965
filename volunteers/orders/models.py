"""点单、派单、跑单、评单 (plan §三.2; design §12)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from governance.accounts.duties import Action
from governance.cases.models import Case, Visit
from governance.sealed import SealedField
from villages.models import Household, Resident, Unit
from villages.scope import ScopedQuerySet
from volunteers.orders import order_flow as flow
from volunteers.people.models import ServiceTeam, Volunteer
from volunteers.projects.models import Project

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

STATE_CHOICES = [(state.value, flow.STATE_LABELS[state]) for state in flow.State]
STEP_CHOICES = [(step.value, flow.STEP_LABELS[step]) for step in flow.Step]
OPEN = [state.value for state in flow.OPEN]
SERVED = [state.value for state in flow.SERVED]
TEXT_LENGTH = 500


class Level(models.TextChoices):
    """How far an overdue order has climbed."""

    VILLAGE = "village", "村（社区）"
    SECRETARY = "secretary", "村党组织书记"
    TOWNSHIP = "township", "乡镇"


class Source(models.TextChoices):
    PHONE = "phone", "电话"
    PERSON = "person", "当面"
    PUBLIC = "public", "公开页面"
    VISIT = "visit", "走访"
    CARE = "care", "关爱记录"


class ServiceOrderQuerySet(ScopedQuerySet["ServiceOrder"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def offered_to(self, user: User | AnonymousUser) -> Self:
        """Orders that a volunteer's account is asked to take: kind, hamlet and time may be shown, nothing of the person."""
        asked = Offer.objects.filter(volunteer__user=user.pk, state=Offer.State.ASKED)
        return self.filter(pk__in=asked.order_by().values("order")) if user.is_authenticated else self.none()

    def run_by(self, user: User | AnonymousUser) -> Self:
        """Orders that a volunteer's account took, now or before."""
        runs = Run.objects.filter(volunteer__user=user.pk)
        return self.filter(pk__in=runs.order_by().values("order")) if user.is_authenticated else self.none()

    def served_visible_to(self, user: User | AnonymousUser) -> Self:
        """Orders whose person a volunteer's account may see: theirs, from acceptance to completion (mission M30)."""
        runs = Run.objects.filter(volunteer__user=user.pk, ended_at=None)
        return self.open().filter(pk__in=runs.order_by().values("order")) if user.is_authenticated else self.none()


class ServiceOrder(models.Model):
    """One need. `name`, `phone` and `place` are of the one served; `caller` is who asked for them (代点), "" where they asked
    themselves. The points of a served order are open until judged satisfied, or the village releases or withholds them."""

    State = flow.State
    Level = Level
    Source = Source

    class Rating(models.TextChoices):
        SATISFIED = "satisfied", "满意"
        UNSATISFIED = "unsatisfied", "不满意"

    class JudgedBy(models.TextChoices):
        SLIP = "slip", "评单条"
        PHONE = "phone", "电话代评"

    class Points(models.TextChoices):
        NONE = "", "—"
        OPEN = "open", "待村里定"
        RELEASED = "released", "计分"
        WITHHELD = "withheld", "不计分"

    view_action = Action.SERVICE_VIEW
    scope_township = "township"
    scope_village = "village"
    scope_unit = "unit"

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+", db_index=False)
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="service_orders", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="组（聚居点）", related_name="+")
    number = models.CharField("编号", max_length=20)
    project = models.ForeignKey(Project, models.PROTECT, verbose_name="服务项目", related_name="orders", db_index=False)
    source = models.CharField("点单方式", max_length=8, choices=Source, default=Source.PHONE)
    name = models.CharField("服务对象", max_length=60)
    phone = SealedField("联系电话", max_length=20, blank=True)
    place = models.CharField("具体位置", max_length=120, blank=True)
    caller = models.CharField("代点人", max_length=60, blank=True)
    caller_phone = SealedField("代点人电话", max_length=20, blank=True)
    household = models.ForeignKey(
        Household, models.PROTECT, verbose_name="户", null=True, blank=True, related_name="service_orders"
    )
    resident = models.ForeignKey(
        Resident, models.PROTECT, verbose_name="居民", null=True, blank=True, related_name="service_orders"
    )
    visit = models.ForeignKey(
        Visit, models.PROTECT, verbose_name="来自走访", null=True, blank=True, related_name="service_orders"
    )
    text = models.TextField("需求", max_length=TEXT_LENGTH)
    wanted_at = models.DateTimeField("希望的时间", null=True, blank=True)
    people = models.PositiveSmallIntegerField("需要几人", default=1)
    is_emergency = models.BooleanField("十分钟应急", default=False)
    state = models.CharField("状态", max_length=10, choices=STATE_CHOICES, default=flow.State.ASKED.value)
    team = models.ForeignKey(ServiceTeam, models.PROTECT, verbose_name="服务队", null=True, blank=True, related_name="orders")
    asked_at = models.DateTimeField("点单时间")
    logged_at = models.DateTimeField("登记时间")
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", null=True, blank=True, related_name="+", db_index=False
    )
    called_back_at = models.DateTimeField("回电时间", null=True, blank=True)
    offered_at = models.DateTimeField("派单时间", null=True, blank=True)
    accepted_at = models.DateTimeField("接单时间", null=True, blank=True)
    contacted_at = models.DateTimeField("首次联系时间", null=True, blank=True)
    contact_logged_at = models.DateTimeField("首次联系登记时间", null=True, blank=True)
    arrived_at = models.DateTimeField("到达时间", null=True, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    stopped_at = models.DateTimeField("取消（中止）时间", null=True, blank=True)
    contact_due_at = models.DateTimeField("首次联系限时", null=True, blank=True)
    accept_due_at = models.DateTimeField("接单限时")
    finish_due_at = models.DateTimeField("完成限时")
    judge_due_at = models.DateTimeField("评单限时", null=True, blank=True)
    climb_at = models.DateTimeField("升级时间", null=True, blank=True)
    level = models.CharField("升级到", max_length=10, choices=Level, default=Level.VILLAGE)
    slip_hash = models.CharField(max_length=64, blank=True, editable=False)
    slip_used_at = models.DateTimeField("评单条使用时间", null=True, blank=True, editable=False)
    rating = models.CharField("评价", max_length=12, choices=Rating, blank=True)
    rating_words = models.CharField("评单的话", max_length=200, blank=True)
    judged_how = models.CharField("评单方式", max_length=6, choices=JudgedBy, blank=True)
    judged_at = models.DateTimeField("评单时间", null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="代评人", null=True, blank=True, related_name="+", db_index=False
    )
    complaint = models.ForeignKey(Case, models.PROTECT, verbose_name="不满意转办", null=True, blank=True, related_name="service_orders")
    points = models.CharField("计分", max_length=8, choices=Points, blank=True, default="")
    points_reason = models.CharField("计分理由", max_length=200, blank=True)

    objects: ServiceOrderQuerySet = ServiceOrderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "服务订单"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["township", "-id"], name="service_order_by_township"),
            models.Index(fields=["village", "-id"], name="service_order_by_village"),
            models.Index(fields=["village", "state", "finish_due_at"], name="service_order_open_by_due", condition=Q(state__in=OPEN)),
            models.Index(fields=["township", "state", "finish_due_at"], name="service_order_open_of_town", condition=Q(state__in=OPEN)),
            models.Index(fields=["climb_at"], name="service_order_climb", condition=Q(climb_at__isnull=False)),
            models.Index(fields=["judge_due_at"], name="service_order_unjudged", condition=Q(state="done")),
            models.Index(fields=["slip_hash"], name="service_order_by_slip", condition=~Q(slip_hash="")),
            models.Index(fields=["project", "-id"], name="service_order_by_project"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["township", "number"], name="service_order_number_once"),
            models.CheckConstraint(condition=Q(state__in=[state.value for state in flow.State]), name="service_order_state_known"),
            models.CheckConstraint(
                condition=(Q(state__in=SERVED) & Q(finished_at__isnull=False)) | (~Q(state__in=SERVED) & Q(finished_at=None)),
                name="service_order_finished_at",
            ),
            models.CheckConstraint(
                condition=(Q(state="judged", judged_at__isnull=False) & ~Q(rating="") & ~Q(judged_how=""))
                | (~Q(state="judged") & Q(judged_at=None, rating="", judged_how="")),
                name="service_order_judged_is_whole",
            ),
            models.CheckConstraint(condition=Q(state__in=SERVED) | Q(points=""), name="service_order_points_after_service"),
            models.CheckConstraint(
                condition=~Q(points="released") | Q(rating="satisfied") | ~Q(points_reason=""), name="service_order_released_with_reason"
            ),
            models.CheckConstraint(condition=~Q(points="withheld") | ~Q(points_reason=""), name="service_order_withheld_with_reason"),
            models.CheckConstraint(
                condition=Q(contacted_at=None) | Q(contacted_at__gte=F("asked_at")), name="service_order_contact_after_asking"
            ),
            models.CheckConstraint(condition=Q(asked_at__lte=F("logged_at")), name="service_order_logged_after_asking"),
            models.CheckConstraint(condition=Q(people__gte=1, people__lte=50), name="service_order_people"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.project.name}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def due_at(self) -> datetime | None:
        """The next limit of an open order: first contact of an emergency, acceptance, completion."""
        return getattr(self, self.running) if self.is_open else None

    @property
    def running(self) -> str:
        """The field of the limit that runs while the order is open."""
        first = "contact_due_at" if self.contact_due_at is not None and self.contacted_at is None else ""
        return first or ("accept_due_at" if self.accepted_at is None else "finish_due_at")

    @property
    def contact_is_late_entry(self) -> bool:
        """Whether the first contact was in time but written down after its limit: late entry, not late help."""
        due, at, logged = self.contact_due_at, self.contacted_at, self.contact_logged_at
        return bool(due and at and logged and at <= due < logged)


class OrderPart(ScopedQuerySet):  # type: ignore[type-arg]
    """Rows of orders: seen by those who see the order."""

    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        return self.filter(order__in=ServiceOrder.objects.visible_to(user, action).order_by().values("pk"))


class ServiceStep(models.Model):
    """One step of an order: who, when, for which volunteer, the words; insert-only (trigger). `by` None is the clock or the one served.

    `happened_at` is when it happened where that is not when it was written (`at`). The note never names the one served.
    """

    order = models.ForeignKey(ServiceOrder, models.PROTECT, verbose_name="订单", related_name="steps")
    step = models.CharField("步骤", max_length=12, choices=STEP_CHOICES)
    at = models.DateTimeField("登记时间")
    happened_at = models.DateTimeField("发生时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="经办人", null=True, blank=True, related_name="+", db_index=False
    )
    volunteer = models.ForeignKey(
        Volunteer, models.PROTECT, verbose_name="志愿者", null=True, blank=True, related_name="+", db_index=False
    )
    source = models.CharField("原状态", max_length=10, choices=STATE_CHOICES, blank=True)
    target = models.CharField("新状态", max_length=10, choices=STATE_CHOICES)
    level = models.CharField("升级到", max_length=10, choices=Level, blank=True)
    note = models.CharField("说明", max_length=TEXT_LENGTH, blank=True)

    objects: OrderPart = OrderPart.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "办理记录"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "level"], condition=Q(step="climb"), name="service_order_climbs_once_per_level")
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.order_id}"


class Offer(models.Model):
    """Somebody is asked to take an order. A volunteer who declined is not asked again for it unless its time has changed: `wanted_at` is
    the order's time when they were asked."""

    class State(models.TextChoices):
        ASKED = "asked", "待答复"
        ACCEPTED = "accepted", "已接"
        DECLINED = "declined", "不接"
        EXPIRED = "expired", "超时未答"
        CLOSED = "closed", "已收回"

    order = models.ForeignKey(ServiceOrder, models.PROTECT, verbose_name="订单", related_name="offers")
    volunteer = models.ForeignKey(Volunteer, models.PROTECT, verbose_name="志愿者", related_name="offers", db_index=False)
    wanted_at = models.DateTimeField("希望的时间", null=True, blank=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField("派单时间")
    expires_at = models.DateTimeField("答复限时")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    reason = models.CharField("不接的原因", max_length=100, blank=True)

    objects: OrderPart = OrderPart.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "派单"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["volunteer", "state"], name="offer_of_volunteer"),
            models.Index(fields=["expires_at"], name="offer_expires", condition=Q(state="asked")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "volunteer"], condition=Q(state="asked"), name="offer_open_once"),
            models.CheckConstraint(
                condition=Q(state="asked", answered_at=None) | (~Q(state="asked") & Q(answered_at__isnull=False)),
                name="offer_answered_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} → {self.volunteer_id}"


class Run(models.Model):
    """跑单 of one volunteer: the order is theirs from `accepted_at` until `ended_at`. `user` is their account when they took it, which
    stays where they leave or get another."""

    class Outcome(models.TextChoices):
        DONE = "done", "完成"
        REDISPATCHED = "redispatched", "改派"
        NO_SHOW = "no_show", "未到"
        CANCELLED = "cancelled", "取消"
        ABORTED = "aborted", "中止"

    order = models.ForeignKey(ServiceOrder, models.PROTECT, verbose_name="订单", related_name="runs")
    volunteer = models.ForeignKey(Volunteer, models.PROTECT, verbose_name="志愿者", related_name="runs", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="接单时的账号", null=True, blank=True, related_name="+", db_index=False
    )
    accepted_at = models.DateTimeField("接单时间")
    set_out_at = models.DateTimeField("出发时间", null=True, blank=True)
    arrived_at = models.DateTimeField("到达时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    outcome = models.CharField("结果", max_length=12, choices=Outcome, blank=True)
    reason = models.CharField("原因", max_length=200, blank=True)

    objects: OrderPart = OrderPart.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "跑单"
        ordering = ["id"]
        indexes = [models.Index(fields=["volunteer", "-id"], name="run_of_volunteer")]
        constraints = [
            models.UniqueConstraint(fields=["order", "volunteer"], condition=Q(ended_at=None), name="run_open_once"),
            models.UniqueConstraint(fields=["order", "volunteer"], condition=Q(outcome="done"), name="run_done_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")), name="run_ended_is_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.volunteer_id}"


class HoursQuerySet(ScopedQuerySet["Hours"]):
    def of_account(self, user: User) -> Self:
        return self.filter(volunteer__user=user)

    def with_service(self) -> Self:
        """With `service`: the project of the order, or what the old ledger says."""
        return self.annotate(service=Coalesce("order__project__name", "text"))


class Hours(models.Model):
    """时数: insert-only (trigger). One row for each person and order; a correction is the opposite row (`reverses`) and a new one.

    Imported rows have no order: `row_key` says which row of the old ledger it is, `text` what was done.
    """

    view_action = Action.VOLUNTEER_VIEW
    scope_village = "village"
    scope_unit = "volunteer__resident__household__unit"

    volunteer = models.ForeignKey(Volunteer, models.PROTECT, verbose_name="志愿者", related_name="hours", db_index=False)
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="+", db_index=False)
    order = models.ForeignKey(ServiceOrder, models.PROTECT, verbose_name="订单", null=True, blank=True, related_name="hours")
    served_on = models.DateField("服务日期")
    minutes = models.IntegerField("时长（分钟）")
    text = models.CharField("服务内容", max_length=100)
    reason = models.CharField("与项目不同的原因", max_length=100, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, verbose_name="冲正", null=True, blank=True, related_name="reversed_by"
    )
    row_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField("登记时间")

    objects: HoursQuerySet = HoursQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "服务时长"
        ordering = ["-served_on", "-id"]
        indexes = [
            models.Index(fields=["volunteer", "-served_on", "-id"], name="hours_of_volunteer"),
            models.Index(fields=["village", "-served_on", "-id"], name="hours_of_village"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(reverses=None, minutes__gte=1, minutes__lte=1440)
                | Q(reverses__isnull=False, minutes__lte=-1, minutes__gte=-1440),
                name="hours_figures",
                violation_error_message="一次服务 1 到 1440 分钟。",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False) | Q(row_key__isnull=False) | Q(reverses__isnull=False), name="hours_have_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.served_on} {self.minutes}"
