"""特殊困难群体台账 (plan §三.2 施行志愿服务孤寡老人、失能人员、留守儿童等特殊困难群体台账管理; design §12; domain.md §6, §14).

L1 name and category, L2 phone, address, helper, L3 ID number, illness, disability, guardianship; of children everything is L3.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.cases.models import Visit
from governance.crypto import decrypt, encrypt
from villages.models import Household, Resident, Unit
from villages.scope import ScopedQuerySet, TownQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class Tier(models.TextChoices):
    HIGH = "high", "高"
    KEY = "key", "重点"
    NORMAL = "normal", "一般"


class CareCategory(models.Model):
    """A category of a township, with the days of its tiers: 0 means a month by the calendar. `rule` names what proposes people
    for it from the register ("" for none)."""

    class Rule(models.TextChoices):
        NONE = "", "不从名册提出"
        OLD_ALONE = "old_alone", "65 岁以上独居"
        OLD_PAIR = "old_pair", "65 岁以上，同住的都在 65 岁以上"
        CHILD_LEFT = "child_left", "16 岁以下，户内没有成年人在册"

    view_action = Action.CARE_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    code = models.CharField("代码", max_length=20)
    name = models.CharField("名称", max_length=30)
    is_child = models.BooleanField("儿童", default=False, help_text="儿童的全部内容只给儿童主任、书记等有权的人和结对人看")
    tier = models.CharField("一般定为", max_length=6, choices=Tier, default=Tier.NORMAL)
    rule = models.CharField("从名册提出", max_length=12, choices=Rule, blank=True, default="")
    high_days = models.PositiveSmallIntegerField("高：几天一次（0 为每月）", default=7)
    key_days = models.PositiveSmallIntegerField("重点：几天一次（0 为每月）", default=0)
    normal_days = models.PositiveSmallIntegerField("一般：几天一次（0 为每月）", default=0)
    is_active = models.BooleanField("启用", default=True)
    position = models.PositiveSmallIntegerField("顺序", default=0)

    objects: TownQuerySet[CareCategory] = TownQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "特殊困难群体类别"
        ordering = ["township__path", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["township", "code"], name="care_category_once", violation_error_message="已有同代码的类别。"),
            models.CheckConstraint(
                condition=Q(is_child=False) | (Q(high_days__gte=1, high_days__lte=31, key_days__lte=31, normal_days__lte=31)),
                name="care_children_monthly",
                violation_error_message="儿童至少每月探访一次。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def days_of(self, tier: str) -> int:
        """Days between contacts of a tier; 0 for a month by the calendar."""
        days: int = getattr(self, f"{tier}_days")
        return days


class CareQuerySet(ScopedQuerySet["CareRecord"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """In scope: grown-ups with CARE_VIEW, children with CARE_L3 or CARE_CHILD; besides, whom the account helps."""
        if not user.is_authenticated:
            return self.none()
        grown = super().visible_to(user, action).filter(category__is_child=False).order_by().values("pk")
        children = self._children(user)
        return self.filter(Q(pk__in=grown) | Q(pk__in=children) | self.helped_by(user))

    def _children(self, user: User) -> models.QuerySet[CareRecord]:
        rows = CareRecord.objects.none()
        for action in (Action.CARE_L3, Action.CARE_CHILD):
            rows |= ScopedQuerySet.visible_to(CareRecord.objects.all(), user, action)  # type: ignore[arg-type]
        return rows.filter(category__is_child=True).order_by().values("pk")  # type: ignore[return-value]

    @staticmethod
    def helped_by(user: User) -> Q:
        return Q(Q(helper=user.pk) | Q(substitute=user.pk), left_on=None)

    def current(self) -> Self:
        return self.filter(left_on=None)

    def overdue(self, day: date) -> Self:
        """Not reached when they should have been: shown the same day."""
        return self.current().filter(due_on__lte=day)


class CareRecord(models.Model):
    """One person in the ledger. `last_on` and `due_on` follow the visits; `private` (illness, disability, guardianship) is cipher text."""

    Tier = Tier

    class Consent(models.TextChoices):
        SELF = "self", "本人同意"
        GUARDIAN = "guardian", "监护人同意"
        DUTY = "duty", "依法定职责，不需同意"

    view_action = Action.CARE_VIEW
    scope_township = "township"
    scope_village = "village"
    scope_unit = "unit"

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+", db_index=False)
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="cared_for", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="组（聚居点）", related_name="+")
    resident = models.ForeignKey(Resident, models.PROTECT, verbose_name="居民", related_name="care_records")
    category = models.ForeignKey(CareCategory, models.PROTECT, verbose_name="类别", related_name="records")
    tier = models.CharField("等级", max_length=6, choices=Tier)
    tier_reason = models.CharField("定级理由", max_length=200)
    helper = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="结对帮扶人", null=True, blank=True, related_name="cared_for"
    )
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="替补", null=True, blank=True, related_name="cared_for_too"
    )
    needs = models.CharField("需要什么", max_length=200, blank=True)
    private = models.BinaryField(editable=False, default=b"")
    consent = models.CharField("同意", max_length=8, choices=Consent, default=Consent.SELF)
    consented_on = models.DateField("同意日期", null=True, blank=True)
    entered_on = models.DateField("纳入日期")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="纳入人", related_name="+")
    judged_on = models.DateField("最近评定")
    left_on = models.DateField("退出日期", null=True, blank=True)
    left_reason = models.CharField("退出原因", max_length=100, blank=True)
    last_on = models.DateField("最近探访", null=True, blank=True)
    due_on = models.DateField("应探访日期", null=True, blank=True)
    level = models.CharField(
        "升级到", max_length=10, choices=[("helper", "结对人"), ("village", "村（社区）"), ("township", "乡镇")], default="helper"
    )

    objects: CareQuerySet = CareQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords(excluded_fields=["private"])

    class Meta:
        verbose_name = verbose_name_plural = "特殊困难群体"
        ordering = ["village__path", "id"]
        indexes = [
            models.Index(fields=["township", "due_on", "id"], name="care_due_of_town", condition=Q(left_on=None)),
            models.Index(fields=["village", "due_on", "id"], name="care_due_of_village", condition=Q(left_on=None)),
            models.Index(fields=["due_on", "id"], name="care_due", condition=Q(left_on=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["resident"],
                condition=Q(left_on=None),
                name="care_resident_once",
                violation_error_message="此人已在台账里。",
            ),
            models.CheckConstraint(
                condition=Q(left_on=None, left_reason="", due_on__isnull=False)
                | (Q(left_on__isnull=False, due_on=None) & ~Q(left_reason="")),
                name="care_left_is_whole",
            ),
            models.CheckConstraint(condition=~Q(tier_reason=""), name="care_tier_has_reason", violation_error_message="请写定级的理由。"),
            models.CheckConstraint(
                condition=Q(consent="duty") | Q(consented_on__isnull=False),
                name="care_consent_has_day",
                violation_error_message="请填同意的日期。",
            ),
            models.CheckConstraint(
                condition=Q(helper=None) | Q(substitute=None) | ~Q(helper=F("substitute")),
                name="care_two_helpers",
                violation_error_message="替补不能与结对帮扶人是同一人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resident} {self.category}"

    @property
    def private_words(self) -> str:
        """Illness, disability, guardianship in clear; whoever shows it writes an access log row (`care_reveal`)."""
        return decrypt(bytes(self.private)) if self.private else ""

    def set_private(self, words: str) -> None:
        self.private = encrypt(words) if words else b""


class CareDecision(models.Model):
    """Somebody whom the register proposed and people decided not to take in; not proposed again before `again_on`."""

    resident = models.ForeignKey(Resident, models.PROTECT, related_name="+", verbose_name="居民")
    category = models.ForeignKey(CareCategory, models.PROTECT, related_name="+", verbose_name="类别")
    reason = models.CharField("不纳入的理由", max_length=100)
    again_on = models.DateField("下次再提")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="决定人", related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "不纳入的决定"
        ordering = ["-id"]
        indexes = [models.Index(fields=["resident", "category", "-again_on"], name="care_decided")]

    def __str__(self) -> str:
        return f"{self.resident_id} {self.category_id}"


class CareNote(models.Model):
    """关爱记录 of one person of a visited household: safe or not, what is needed, when to come again. Never published."""

    class Condition(models.TextChoices):
        WELL = "well", "平安"
        NEEDS = "needs", "需要帮助"
        URGENT = "urgent", "情况紧急"

    view_action = Action.CARE_VIEW
    scope_village = "resident__household__village"
    scope_unit = "resident__household__unit"

    visit = models.ForeignKey(Visit, models.PROTECT, verbose_name="走访", related_name="care_notes")
    resident = models.ForeignKey(Resident, models.PROTECT, verbose_name="居民", related_name="care_notes")
    condition = models.CharField("情况", max_length=8, choices=Condition)
    need = models.CharField("需要什么", max_length=200, blank=True)
    again_on = models.DateField("下次看望", null=True, blank=True)
    again_by = models.ForeignKey(
        Visit, models.PROTECT, verbose_name="再次看望", null=True, blank=True, related_name="care_followed"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+")
    at = models.DateTimeField("登记时间")

    objects: ScopedQuerySet[CareNote] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "关爱记录"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "resident"], name="care_note_once"),
            models.CheckConstraint(
                condition=Q(condition="well") | ~Q(need=""),
                name="care_note_says_need",
                violation_error_message="请写明需要什么帮助。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resident} {self.get_condition_display()}"


class CareRound(models.Model):
    """An extra round over the high tier, for severe weather or a festival: its list is made with one button."""

    class Kind(models.TextChoices):
        WEATHER = "weather", "恶劣天气"
        FESTIVAL = "festival", "节日"
        OTHER = "other", "其他"

    view_action = Action.CARE_VIEW
    scope_village = "village"
    scope_unit = ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="care_rounds")
    kind = models.CharField("因为", max_length=8, choices=Kind)
    name = models.CharField("名称", max_length=40)
    day = models.DateField("日期")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="发起人", related_name="+")
    at = models.DateTimeField("发起时间")

    objects: ScopedQuerySet[CareRound] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "专项探访"
        ordering = ["-day", "-id"]
        constraints = [models.UniqueConstraint(fields=["village", "day", "name"], name="care_round_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class RiskHousehold(models.Model):
    """住处有风险的户: a slope, a low place, an unsafe house; where they are taken, and who calls them (转移 list)."""

    class Risk(models.TextChoices):
        SLOPE = "slope", "地质灾害"
        LOW = "low", "低洼易涝"
        UNSAFE = "unsafe", "危房"
        RIVER = "river", "临河"

    view_action = Action.CARE_VIEW
    scope_village = "household__village"
    scope_unit = "household__unit"

    household = models.ForeignKey(Household, models.PROTECT, verbose_name="户", related_name="risks")
    risk = models.CharField("风险", max_length=8, choices=Risk)
    shelter = models.CharField("转移到", max_length=60)
    keeper = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="叫应责任人", related_name="+")
    since = models.DateField("登记日期")
    ended_on = models.DateField("解除日期", null=True, blank=True)

    objects: ScopedQuerySet[RiskHousehold] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "风险户"
        ordering = ["household__village__path", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(ended_on=None),
                name="risk_household_once",
                violation_error_message="这一户已登记风险。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.get_risk_display()}"


class CareRoundPerson(models.Model):
    """Somebody on the list of a round: reached by a visit, a call (叫应), or not yet. Also households at risk without anybody in care."""

    round = models.ForeignKey(CareRound, models.CASCADE, verbose_name="专项探访", related_name="people")
    record = models.ForeignKey(CareRecord, models.PROTECT, verbose_name="关爱对象", null=True, blank=True, related_name="rounds")
    household = models.ForeignKey(Household, models.PROTECT, verbose_name="户", related_name="+")
    answered_at = models.DateTimeField("叫应时间", null=True, blank=True)
    moved_at = models.DateTimeField("转移时间", null=True, blank=True)
    note = models.CharField("备注", max_length=100, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "专项探访名单"
        ordering = ["round", "id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "record"], condition=Q(record__isnull=False), name="care_round_person_once"),
            models.UniqueConstraint(fields=["round", "household"], condition=Q(record=None), name="care_round_household_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.household_id}"
