"""Units, households, residents and posts (plan §二, §三; mission M01–M03)."""

from __future__ import annotations

import re
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import SINGLE_DUTIES, Action, Duty
from governance.crypto import decrypt, keyed_hash, sealed, tail_hash
from governance.sealed import SealedField
from governance.sheets.persons import whole_number
from villages.calendar.models import CalendarDay as CalendarDay
from villages.consents.models import Consent as Consent
from villages.economy.leases.models import Lease as Lease
from villages.economy.models import EconomyAmount as EconomyAmount
from villages.economy.models import EconomyImport as EconomyImport
from villages.economy.models import EconomyStatement as EconomyStatement
from villages.facilities.models import Facility as Facility
from villages.facilities.models import FacilityCheck as FacilityCheck
from villages.facilities.models import FacilityFault as FacilityFault
from villages.facilities.models import FacilityImport as FacilityImport
from villages.first_day.models import FirstCode as FirstCode
from villages.households.numbers import NumberKey
from villages.numbers.models import NumberSeries as NumberSeries
from villages.posts.models import Proposal as Proposal
from villages.posts.naming import CONSENT_OF_VILLAGERS, NamedInPublic
from villages.retention.models import FORGOTTEN_IS_EMPTY
from villages.retention.models import Forgetting as Forgetting
from villages.retention.models import Retention as Retention
from villages.roster.models import RosterImport as RosterImport
from villages.scope import ScopedQuerySet, UnitScopedQuerySet
from villages.units.codes import is_community
from villages.units.overlay_models import Overlay as Overlay
from villages.units.overlay_models import OverlayMember as OverlayMember

_COMMITTEE = re.compile(r"(村?(村民委员会|村委会)|(社区)?(居民委员会|居委会))$")


class UnitQuerySet(UnitScopedQuerySet["Unit"]):
    def on(self, day: date) -> Self:
        """Units that exist on `day`."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)

    def villages(self) -> Self:
        return self.filter(level=Unit.Level.VILLAGE)

    def within(self, unit: Unit) -> Self:
        """The unit itself and everything below it."""
        return self.filter(path__startswith=unit.path)


class Unit(models.Model):
    """One node of the tree 县 → 镇 → 村/社区 → 村民小组 → 聚居点/院落; `path` is made of the codes from the top."""

    class Level(models.TextChoices):
        COUNTY = "county", "县"
        TOWNSHIP = "township", "乡镇"
        VILLAGE = "village", "村（社区）"
        GROUP = "group", "村民小组"
        SETTLEMENT = "settlement", "聚居点（院落）"

    class KeyArea(models.TextChoices):
        MERGED = "merged", "涉改合并村"
        RESETTLED = "resettled", "易地扶贫搬迁聚居点"
        LARGE_YARD = "large_yard", "规模集聚院户"
        PETITION = "petition", "信访矛盾复杂村组"

    view_action = Action.UNIT_VIEW
    scope_path, scope_below = "path", True

    code = models.CharField("代码", max_length=18, unique=True, help_text="12 位区划代码；村以下逐级加 3 位")
    name = models.CharField("名称", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level)
    parent = models.ForeignKey("self", models.PROTECT, verbose_name="上级", null=True, blank=True, related_name="children")
    path = models.CharField(max_length=120, db_index=True, editable=False)
    key_area = models.CharField("重点领域", max_length=12, choices=KeyArea, blank=True)
    valid_from = models.DateField("设立日期")
    valid_to = models.DateField("撤销日期", null=True, blank=True)
    predecessors = models.ManyToManyField(
        "self", through="Succession", through_fields=("successor", "predecessor"), symmetrical=False,
        related_name="successors", verbose_name="前身",
    )  # fmt: skip

    objects: UnitQuerySet = UnitQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="unit_valid_to_after_from",
                violation_error_message="撤销日期须晚于设立日期。",
            ),
            models.CheckConstraint(
                condition=Q(level="county", parent=None) | (~Q(level="county") & Q(parent__isnull=False)),
                name="unit_parent_unless_county",
                violation_error_message="县以外的单位须有上级。",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    @property
    def short_name(self) -> str:
        """How people say it: 八一村 for 八一村委会 or 八一村村民委员会, 西兴社区 for 西兴社区居委会 or 西兴居民委员会."""
        return _COMMITTEE.sub(lambda found: "村" if found.group().endswith(("村民委员会", "村委会")) else "社区", self.name)

    @property
    def is_community(self) -> bool:
        """社区, of a village."""
        return self.level == self.Level.VILLAGE and is_community(self.code)

    def in_words(self, text: str) -> str:
        """What is said of villages, as it is said here: 居民委员会, 居民会议, 居务 in a community."""
        if not self.is_community:
            return text
        for village, community in (("村民", "居民"), ("村务", "居务"), ("村党组织", "社区党组织"), ("村“两委”", "社区“两委”")):
            text = text.replace(village, community)
        return text

    @property
    def overseers_name(self) -> str:
        return "居务监督委员会" if self.is_community else "村务监督委员会"

    @property
    def own_names(self) -> list[str]:
        """A township's name and the one above it, as they stand before a village's name: 平昌县, 西兴镇."""
        return [*([self.parent.name] if self.parent else []), self.name]

    def stands_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def choice_label(self) -> str:
        """Name with the names above it up to the village: 八一村 / 第一村民小组 / 柏树院. Takes `parent__parent` selected."""
        names = [str(self)]
        above = self.parent
        while above is not None and self.level in (self.Level.GROUP, self.Level.SETTLEMENT):
            names.insert(0, str(above))
            if above.level == self.Level.VILLAGE:
                break
            above = above.parent
        return " / ".join(names)


class Succession(models.Model):
    """Lineage of merged and split units (涉改合并村): `predecessor` ended on `on`, `successor` took over."""

    predecessor = models.ForeignKey(Unit, models.PROTECT, related_name="followed_by", verbose_name="前身")
    successor = models.ForeignKey(Unit, models.PROTECT, related_name="preceded_by", verbose_name="后继")
    on = models.DateField("生效日期")

    class Meta:
        verbose_name = verbose_name_plural = "沿革"
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once"),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="succession_not_self"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class Household(models.Model):
    """户 by 户口簿 or by actual co-residence. `unit` is the lowest unit it lives in, `village` that unit's village."""

    class Kind(models.TextChoices):
        BOOKLET = "booklet", "户口簿户"
        RESIDENCE = "residence", "共同居住户"

    view_action = Action.HOUSEHOLD_VIEW
    scope_village = "village"
    scope_unit = "unit"

    number = models.CharField("户号", max_length=30)
    number_key = models.GeneratedField(expression=NumberKey("number"), output_field=models.TextField(), db_persist=True)
    head_name = models.CharField("户主", max_length=60)
    head_pinyin = models.CharField(max_length=200, editable=False, db_index=True)
    kind = models.CharField("户类型", max_length=10, choices=Kind, default=Kind.BOOKLET)
    address = models.CharField("住址", max_length=120, blank=True)
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="households", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="组（聚居点）", related_name="housed")
    ended_on = models.DateField("销户日期", null=True, blank=True)

    objects: ScopedQuerySet[Household] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords(excluded_fields=["number_key"])

    class Meta:
        verbose_name = verbose_name_plural = "户"
        ordering = ["village__path", "unit__path", "head_pinyin", "id"]
        indexes = [
            models.Index(fields=["village", "unit"], name="household_standing", condition=Q(ended_on=None)),
            models.Index(fields=["village", "id"], name="household_of_village"),
            models.Index(fields=["number_key"], name="household_by_number"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"], name="household_number_once_per_village", violation_error_message="本村已有这个户号。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.head_name}（{self.number}）"


class Placement(models.Model):
    """Where a household belonged and when: half-open days, one open row each; never rewritten by a merger."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="placements")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "户的归属"
        constraints = [
            models.UniqueConstraint(fields=["household"], condition=Q(valid_to=None), name="placement_one_open_per_household"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="placement_valid_to_after_from"),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.valid_from}"


class ResidentQuerySet(ScopedQuerySet["Resident"]):
    def with_id_number(self, number: str) -> Self:
        """Residents whose ID number is `number`, found by keyed hash."""
        return self.filter(id_hash=keyed_hash(whole_number(number)))

    def with_id_tail(self, tail: str) -> Self:
        """Residents whose ID number ends with these four characters."""
        return self.filter(id_tail_hash=tail_hash(tail))

    def present(self) -> Self:
        return self.filter(status=Resident.Status.PRESENT)


class Resident(models.Model):
    """A person of a household. The ID number is stored as SM4-GCM cipher text and as keyed hash, never in clear."""

    class Sex(models.TextChoices):
        MALE = "M", "男"
        FEMALE = "F", "女"

    class Status(models.TextChoices):
        PRESENT = "present", "在册"
        MOVED = "moved", "迁出"
        DIED = "died", "死亡"

    view_action = Action.HOUSEHOLD_VIEW
    scope_village = "household__village"
    scope_unit = "household__unit"

    household = models.ForeignKey(Household, models.PROTECT, verbose_name="户", related_name="residents")
    name = models.CharField("姓名", max_length=60)
    name_pinyin = models.CharField(max_length=200, editable=False, db_index=True)
    sex = models.CharField("性别", max_length=1, choices=Sex, blank=True)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    id_cipher = models.BinaryField("身份证号密文", editable=False, default=b"")
    id_hash = models.CharField(max_length=64, editable=False, blank=True, db_index=True)
    id_tail_hash = models.CharField(max_length=64, editable=False, blank=True, default="", db_default="", db_index=True)
    phone = SealedField("联系电话", max_length=20, blank=True)
    relation = models.CharField("与户主关系", max_length=20, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PRESENT)
    status_on = models.DateField("状态日期", null=True, blank=True)
    note = models.CharField("备注", max_length=500, blank=True)
    forgotten_on = models.DateField("资料注销日期", null=True, blank=True, editable=False)

    objects: ResidentQuerySet = ResidentQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "居民"
        ordering = ["household__village__path", "name_pinyin", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["id_hash"],
                condition=~Q(id_hash="") & Q(status="present"),
                name="resident_present_once",
                violation_error_message="这个身份证号的人已在册。",
            ),
            FORGOTTEN_IS_EMPTY,
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def id_number(self) -> str:
        """The number in clear; whoever shows it writes an access log row (`resident_reveal`)."""
        return decrypt(bytes(self.id_cipher)) if self.id_cipher else ""

    def set_id_number(self, number: str) -> None:
        self.id_cipher, self.id_hash, self.id_tail_hash = sealed(number)


class PostQuerySet(UnitScopedQuerySet["Post"]):
    def current(self, day: date) -> Self:
        """Posts in force on `day`: appointed, not ended, term not over."""
        return self.filter(
            Q(ended_on=None) | Q(ended_on__gt=day),
            Q(term_end=None) | Q(term_end__gte=day),
            appointed_on__lte=day,
        )


class Post(NamedInPublic, models.Model):
    """A duty held at a unit for a term (推选 → 聘任 → 卸任); holder is an account, a resident, or both for one person."""

    Kind = Duty
    view_action = Action.POST_VIEW
    scope_path, scope_below = "unit__path", True

    kind = models.CharField("职务", max_length=12, choices=Duty)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="单位", related_name="posts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="账号", null=True, blank=True, related_name="posts")
    resident = models.ForeignKey(Resident, models.PROTECT, verbose_name="居民", null=True, blank=True, related_name="posts")
    elected_on = models.DateField("推选日期", null=True, blank=True)
    appointed_on = models.DateField("聘任日期")
    term_end = models.DateField("任期至", null=True, blank=True)
    ended_on = models.DateField("卸任日期", null=True, blank=True)
    end_reason = models.CharField("卸任原因", max_length=60, blank=True)
    # null, since SQLite adds such a column without making the table, and so its triggers, anew
    phone = models.CharField(  # noqa: DJ001
        "公开电话", max_length=20, null=True, blank=True, help_text="岗位的电话，值班表向村民公开；不要填私人号码"
    )
    consented_on = models.DateField("书面同意公开日期", null=True, blank=True)

    objects: PostQuerySet = PostQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["unit__path", "kind", "-appointed_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(resident__isnull=False),
                name="post_has_holder",
                violation_error_message="请选任职的人：居民或账号。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("appointed_on")),
                name="post_ends_after_appointment",
                violation_error_message="卸任日期不能早于聘任日期。",
            ),
            models.CheckConstraint(
                condition=Q(term_end=None) | Q(term_end__gte=F("appointed_on")),
                name="post_term_after_appointment",
                violation_error_message="任期不能早于聘任日期。",
            ),
            CONSENT_OF_VILLAGERS,
            models.CheckConstraint(
                condition=Q(elected_on=None) | Q(elected_on__lte=F("appointed_on")),
                name="post_elected_before_appointment",
                violation_error_message="推选日期不能晚于聘任日期。",
            ),
            models.UniqueConstraint(
                fields=["unit", "kind"],
                condition=Q(ended_on=None, kind__in=[str(duty) for duty in SINGLE_DUTIES]),
                name="post_single_holder",
                violation_error_message="这个职务已有人担任，请先办理卸任。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.holder_name}"

    @property
    def holder_name(self) -> str:
        if self.resident:
            return self.resident.name
        return self.user.name if self.user else ""
