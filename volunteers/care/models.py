"""特殊困难群体台账 (plan §三.2 施行志愿服务孤寡老人、失能人员、留守儿童等特殊困难群体台账管理; design §12; domain.md §6, §14).

L1 name and category, L2 phone, address, helper, L3 ID number, illness, disability, guardianship; of children everything is L3.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import MATRIX, Action, Duty
from governance.crypto import decrypt, encrypt
from villages.models import Post, Resident, Unit
from villages.scope import ScopedQuerySet, TownQuerySet
from volunteers.care.tiers import ADULT, year_before, years_before

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


HELPING = [duty for duty in Duty if Action.SERVICE_RUN in MATRIX[duty]]


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
        """What duties open; to look at (`action` None), also whom the account helps."""
        held = self.by_duty(user, action)
        if action is not None or not user.is_authenticated:
            return held
        return self.filter(Q(pk__in=held.order_by().values("pk")) | self.helped_by(user))

    def by_duty(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """Grown-ups where CARE_VIEW is held and `action` may be done. Children where, besides, CARE_L3 is held, or where children's
        care is: it lets look and maintain."""
        grown = self.place_of(user, Action.CARE_VIEW) & (Q() if action is None else self.place_of(user, action))
        children = self.place_of(user, Action.CARE_L3) & (Q() if action is None else grown)
        children |= self.place_of(user, Action.CARE_CHILD) & (Q() if action in (None, Action.CARE_VIEW, Action.CARE_EDIT) else grown)
        kinds = Q(is_child=False) & grown | Q(is_child=True) & children
        return self.filter(kinds) if grown == children else self.filter(grown | children, kinds)

    def children_of(self, user: User | AnonymousUser) -> Self:
        """Children's records that are open to the account."""
        return self.visible_to(user).filter(is_child=True)

    @staticmethod
    def helped_by(user: User) -> Q:
        """Whom the account is to help, as long as a post that helps is held above the village, there or below it."""
        around = Q(pk__in=[])
        for grant in user.grants:
            if Action.SERVICE_RUN in grant.actions:
                around |= Q(village__path__startswith=grant.path) | Q(village__code__in=grant.path.strip("/").split("/"))
        return Q(Q(helper=user.pk) | Q(substitute=user.pk), left_on=None) & around

    def with_helpers(self, day: date) -> Self:
        """`helper_stands` and `substitute_stands`: whether they still hold such a post on `day`."""
        return self.annotate(helper_stands=_stands("helper", day), substitute_stands=_stands("substitute", day))

    def current(self) -> Self:
        return self.filter(left_on=None)

    def present(self) -> Self:
        """In the ledger and in the register: who moved away or died waits for nobody, but for being taken out."""
        return self.current().filter(resident__status=Resident.Status.PRESENT)

    def gone(self) -> Self:
        """Moved away or died, and still in the ledger."""
        return self.current().exclude(resident__status=Resident.Status.PRESENT)

    def grown_up(self, day: date) -> Self:
        """Children until now, by their age alone, who are 18 or whose birth date the register no longer has."""
        grown = Q(resident__birth_date=None) | Q(resident__birth_date__lte=years_before(day, ADULT))
        return self.filter(grown, is_child=True, category__is_child=False)

    def to_judge(self, day: date) -> Self:
        """Last judged a year ago or earlier."""
        return self.present().filter(judged_on__lte=year_before(day))


def _stands(name: str, day: date) -> Exists:
    posts = Post.objects.current(day).filter(user=OuterRef(name), user__is_active=True, user__guard="", kind__in=HELPING)
    near = posts.annotate(village_path=ExpressionWrapper(OuterRef("village__path"), models.CharField()))
    return Exists(near.filter(Q(village_path__startswith=F("unit__path")) | Q(unit__path__startswith=F("village_path"))))


class CareRecord(models.Model):
    """One person in the ledger. `last_on` and `due_on` follow the contacts; `private` (guardian; illness, disability) is cipher text,
    and `reveals` counts how often it was looked at. Place and township follow the resident's household (guards). `is_child`: of a
    children's category, or below 18 (guards, and the night)."""

    Tier = Tier

    class Level(models.TextChoices):
        HELPER = "helper", "结对人"
        VILLAGE = "village", "村（社区）"
        TOWNSHIP = "township", "乡镇"

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
    is_child = models.BooleanField("儿童", default=False, editable=False)
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
    reveals = models.PositiveIntegerField("敏感项查看次数", default=0, editable=False)
    level = models.CharField(
        "升级到", max_length=10, choices=Level, default=Level.HELPER
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
    def private_words(self) -> tuple[str, str]:
        """Guardian, and illness or disability, in clear; whoever shows them writes an access log row (`care_reveal`)."""
        guardian, words = json.loads(decrypt(bytes(self.private))) if self.private else ("", "")
        return guardian, words

    def set_private(self, guardian: str, words: str) -> None:
        self.private = encrypt(json.dumps([guardian, words], ensure_ascii=False)) if guardian or words else b""


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


class CareTurn(models.Model):
    """A day by which somebody had to be reached, and when they were (after it, or never, is a miss). Written when the day is met
    or has passed; only `met_on` and `note` are filled in later, once."""

    view_action = Action.CARE_VIEW
    scope_township = "record__township"
    scope_village = "record__village"
    scope_unit = "record__unit"

    record = models.ForeignKey(CareRecord, models.PROTECT, verbose_name="关爱对象", related_name="turns", db_index=False)
    due_on = models.DateField("应探访日期")
    met_on = models.DateField("探访日期", null=True, blank=True)
    note = models.ForeignKey("CareNote", models.PROTECT, verbose_name="关爱记录", null=True, blank=True, related_name="turns")

    objects: ScopedQuerySet[CareTurn] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "应探访"
        ordering = ["-due_on", "-id"]
        indexes = [models.Index(fields=["due_on"], name="care_turn_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["record", "due_on"], name="care_turn_once"),
            models.CheckConstraint(condition=Q(note=None) | Q(met_on__isnull=False), name="care_turn_met_by_note"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.due_on}"
