"""Findings and what follows: 整改通知书、督办单、约谈、问责 (plan §四(三) 进行通报，逗硬问责，以压促改; mission M36)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.accounts.duties import Action
from governance.cases.models import Photo
from inspections.cards.models import ChecklistItem
from inspections.rounds.models import Scorecard
from inspections.scorecards.models import Answer
from villages.models import Unit
from villages.scope import ScopedQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

USER = settings.AUTH_USER_MODEL


class OrderQuerySet(ScopedQuerySet["Order"]):
    def open(self) -> Self:
        return self.exclude(state=Order.State.CLOSED)


class Order(models.Model):
    """整改通知书 or 督办单: issued → signed → reported → closed; a failed re-check gives new days and counts a miss.

    Signed within 1 working day, fixed within 7. The one who re-checks is neither who reported nor who issued (CHECK).
    `misses` counts failed re-checks and days let pass; the second one proposes 约谈.
    """

    class Kind(models.TextChoices):
        NOTICE = "notice", "整改通知书"
        OVERSIGHT = "oversight", "督办单"

    class State(models.TextChoices):
        ISSUED = "issued", "待签收"
        SIGNED = "signed", "整改中"
        REPORTED = "reported", "待复核"
        FAILED = "failed", "复核未过，继续整改"
        CLOSED = "closed", "已销号"

    view_action = Action.ORDER_VIEW
    scope_village = "village"
    scope_unit = ""

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="被通知（承办）单位", related_name="orders")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    number = models.CharField("编号", max_length=20)
    card = models.ForeignKey(
        Scorecard, models.PROTECT, verbose_name="督查评分表", null=True, blank=True, related_name="orders"
    )
    found_on = models.DateField("检查时间")
    requirement = models.TextField("整改（督办）要求", max_length=1000)
    issued_by = models.ForeignKey(USER, models.PROTECT, verbose_name="签发人", related_name="+")
    issued_at = models.DateTimeField("签发时间")
    sign_due_on = models.DateField("签收期限")
    fix_due_on = models.DateField("整改期限")
    state = models.CharField("状态", max_length=10, choices=State, default=State.ISSUED)
    signed_by = models.ForeignKey(USER, models.PROTECT, verbose_name="签收人", null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    reported_by = models.ForeignKey(USER, models.PROTECT, verbose_name="报告人", null=True, blank=True, related_name="+")
    reported_at = models.DateTimeField("报告时间", null=True, blank=True)
    report = models.TextField("办理（整改）情况", max_length=1000, blank=True)
    checked_by = models.ForeignKey(USER, models.PROTECT, verbose_name="复核人", null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField("复核时间", null=True, blank=True)
    opinion = models.CharField("复核意见", max_length=500, blank=True)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    misses = models.PositiveSmallIntegerField("未按要求整改次数", default=0)
    missed_on = models.DateField("逾期已记到", null=True, blank=True)

    objects: OrderQuerySet = OrderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "整改与督办"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["township", "number"], name="order_number_once"),
            models.CheckConstraint(condition=Q(fix_due_on__gte=F("sign_due_on")), name="order_signed_before_fixed"),
            models.CheckConstraint(
                condition=Q(checked_by=None)
                | (~Q(checked_by=F("reported_by")) & ~Q(checked_by=F("issued_by"))),
                name="order_checked_by_another",
                violation_error_message="复核人不能是报告整改的人，也不能是签发人。",
            ),
            models.CheckConstraint(
                condition=Q(state="issued") | Q(signed_by__isnull=False, signed_at__isnull=False), name="order_signed"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["issued", "signed", "failed"])
                | (Q(reported_by__isnull=False, reported_at__isnull=False) & ~Q(report="")),
                name="order_reported",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_on__isnull=False, checked_by__isnull=False) & ~Q(opinion="")
                | (~Q(state="closed") & Q(closed_on=None)),
                name="order_closed_after_check",
                violation_error_message="销号须有复核人和复核意见。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.village}"


class OrderPartQuerySet(models.QuerySet[Any]):
    """Rows of an order, seen by those who see the order."""

    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        return self.filter(order__in=Order.objects.visible_to(user, action).order_by().values("pk"))


class OrderStep(models.Model):
    """One step of an order: who, when, words; insert-only (trigger). `by` None is the clock."""

    class Step(models.TextChoices):
        ISSUE = "issue", "签发"
        SIGN = "sign", "签收"
        ASK = "ask", "申请延期"
        GRANT = "grant", "同意延期"
        DENY = "deny", "不同意延期"
        REPORT = "report", "报告整改"
        FAIL = "fail", "复核未过"
        CLOSE = "close", "复核销号"
        MISS = "miss", "逾期未整改"
        TALK = "talk", "建议约谈"

    order = models.ForeignKey(Order, models.PROTECT, verbose_name="整改", related_name="steps")
    step = models.CharField("步骤", max_length=8, choices=Step)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="经办人", null=True, blank=True, related_name="+")
    note = models.CharField("说明", max_length=1000, blank=True)
    fix_due_on = models.DateField("此后的整改期限")

    objects: OrderPartQuerySet = OrderPartQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "办理记录"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.get_step_display()}"


class OrderExtension(models.Model):
    """延期: asked before the day is over, decided by somebody else; granted at most once."""

    class State(models.TextChoices):
        ASKED = "asked", "待批准"
        GRANTED = "granted", "已同意"
        DENIED = "denied", "未同意"

    order = models.ForeignKey(Order, models.PROTECT, verbose_name="整改", related_name="extensions")
    until = models.DateField("延期至")
    reason = models.CharField("理由", max_length=300)
    asked_by = models.ForeignKey(USER, models.PROTECT, verbose_name="申请人", related_name="+")
    asked_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=8, choices=State, default=State.ASKED)
    decided_by = models.ForeignKey(USER, models.PROTECT, verbose_name="批准人", null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)

    objects: OrderPartQuerySet = OrderPartQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "整改延期"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=~Q(state="denied"), name="order_extension_once",
                violation_error_message="只能延期一次。",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="order_extension_not_by_asker"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.until}"


class Finding(models.Model):
    """发现的问题: seen on site, for one line of the card or beside it; put right through an order."""

    view_action = Action.ORDER_VIEW
    scope_village = "village"
    scope_unit = ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="findings")
    card = models.ForeignKey(
        Scorecard, models.PROTECT, verbose_name="评分表", null=True, blank=True, related_name="findings"
    )
    item = models.ForeignKey(
        ChecklistItem, models.PROTECT, verbose_name="考核内容", null=True, blank=True, related_name="+"
    )
    text = models.CharField("存在问题", max_length=300)
    found_by = models.ForeignKey(USER, models.PROTECT, verbose_name="发现人", related_name="+")
    found_at = models.DateTimeField("发现时间")
    order = models.ForeignKey(
        Order, models.PROTECT, verbose_name="整改通知", null=True, blank=True, related_name="findings"
    )

    objects: ScopedQuerySet[Finding] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "发现的问题"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        cards = Scorecard.objects.visible_to(user).order_by().values("pk")
        orders = Order.objects.visible_to(user).order_by().values("pk")
        return self.filter(Q(answer__card__in=cards) | Q(order__in=orders))


class Evidence(models.Model):
    """A photo of what was seen on a line of the card, or of what an order changed. Never asked for, only offered."""

    photo = models.OneToOneField(Photo, models.PROTECT, verbose_name="照片", related_name="+")
    answer = models.ForeignKey(Answer, models.PROTECT, null=True, blank=True, related_name="evidence")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="evidence")

    objects: EvidenceQuerySet = EvidenceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "佐证照片"
        constraints = [
            models.CheckConstraint(
                condition=Q(answer__isnull=False, order=None) | Q(answer=None, order__isnull=False),
                name="evidence_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return str(self.photo_id)


class BlameQuerySet(ScopedQuerySet["Blame"]):
    """For leaders alone: the action is theirs only."""


class Blame(models.Model):
    """约谈与问责 records, seen by leaders only; one that came of an order names it."""

    class Kind(models.TextChoices):
        TALK = "talk", "约谈"
        CRITICISM = "criticism", "通报批评"
        INQUIRY = "inquiry", "书面检查"
        PROPOSAL = "proposal", "移送（建议）问责"

    view_action = Action.BLAME
    scope_village = "village"
    scope_unit = ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="blames")
    order = models.ForeignKey(Order, models.PROTECT, verbose_name="起因", null=True, blank=True, related_name="blames")
    kind = models.CharField("方式", max_length=10, choices=Kind)
    person = models.CharField("对象", max_length=60)
    on = models.DateField("日期")
    facts = models.TextField("事由", max_length=1000)
    outcome = models.CharField("结果", max_length=300, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="登记人", related_name="+")
    at = models.DateTimeField("登记时间")

    objects: BlameQuerySet = BlameQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "约谈与问责"
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.village}"
