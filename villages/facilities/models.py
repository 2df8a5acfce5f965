"""A village's facilities and points: where they are, who keeps them, what was seen there, what was broken (missions M08–M10)."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import VILLAGE_DUTIES, YARD_DUTIES, Action, Duty
from governance.frame.imports.models import SheetImport, committed_at_fits
from villages.facilities.kinds import KIND_CHOICES, FacilityKind, kinds
from villages.scope import ScopedQuerySet

KEEPER_CHOICES = [(duty.value, duty.label) for duty in (*VILLAGE_DUTIES, Duty.GROUP_HEAD, *YARD_DUTIES)]
CHINA = {"latitude": (Decimal("3.8"), Decimal("53.6")), "longitude": (Decimal("73.5"), Decimal("135.1"))}


class Facility(models.Model):
    """A place in the register. `unit` is its settlement, or the village. `keeper` is a duty, not a person: whoever holds it there keeps
    the place. `state`, `checked_on` and `check_due_on` follow from its checks and faults."""

    class State(models.TextChoices):
        WORKING = "working", "正常"
        BROKEN = "broken", "待修"
        CLOSED = "closed", "停用"
        ENDED = "ended", "已撤销"

    view_action = Action.FACILITY_VIEW
    scope_village, scope_unit = "village", "unit"

    village = models.ForeignKey("villages.Unit", models.PROTECT, verbose_name="村（社区）", related_name="facilities")
    unit = models.ForeignKey("villages.Unit", models.PROTECT, verbose_name="所在地", related_name="+")
    kind = models.CharField("类型", max_length=16)
    name = models.CharField("名称", max_length=60)
    address = models.CharField("位置", max_length=120, blank=True)
    keeper = models.CharField("管护岗位", max_length=12, choices=KEEPER_CHOICES, blank=True)
    owner = models.CharField("权属或运维单位", max_length=60, blank=True)
    hours = models.CharField("开放时间", max_length=60, blank=True)
    amount = models.CharField("数量", max_length=30, blank=True)
    served = models.PositiveIntegerField("服务户数", null=True, blank=True)
    connected = models.PositiveIntegerField("接入户数", null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField("经度", max_digits=8, decimal_places=5, null=True, blank=True)
    since = models.DateField("启用日期")
    state = models.CharField("状态", max_length=8, choices=State, default=State.WORKING)
    checked_on = models.DateField("最近检查", null=True, blank=True)
    check_due_on = models.DateField("下次检查", null=True, blank=True)
    ended_on = models.DateField("撤销日期", null=True, blank=True)
    end_reason = models.CharField("撤销原因", max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+")

    objects: ScopedQuerySet[Facility] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "设施和点位"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["village", "kind", "id"], name="facility_of_village"),
            models.Index(fields=["check_due_on"], name="facility_check_due", condition=Q(check_due_on__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "kind", "name"],
                condition=~Q(state="ended"),
                name="facility_name_once",
                violation_error_message="这个村（社区）已有同类同名的设施。",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False, check_due_on=None) & ~Q(end_reason="")
                | ~Q(state="ended") & Q(ended_on=None, end_reason=""),
                name="facility_ended_with_reason",
                violation_error_message="撤销须写明日期和原因。",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__isnull=False, latitude__range=CHINA["latitude"])
                & Q(longitude__isnull=False, longitude__range=CHINA["longitude"]),
                name="facility_lies_in_china",
                violation_error_message="纬度和经度要一起填，并且在中国境内。",
            ),
            models.CheckConstraint(
                condition=Q(connected=None) | Q(served__isnull=False, connected__lte=F("served")),
                name="facility_connected_are_served",
                violation_error_message="接入户数不能多于服务户数。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def its_kind(self) -> FacilityKind:
        return kinds()[self.kind]

    @property
    def kind_name(self) -> str:
        return dict(KIND_CHOICES)[self.kind]


class FacilityCheck(models.Model):
    """Somebody looked at a place; insert-only. One that was wrong is put right by another that names it (`corrects`) and counts instead."""

    class Outcome(models.TextChoices):
        FINE = "fine", "正常"
        BROKEN = "broken", "损坏"
        CLOSED = "closed", "停用"

    facility = models.ForeignKey(Facility, models.PROTECT, verbose_name="设施", related_name="checks")
    on = models.DateField("检查日期")
    outcome = models.CharField("情况", max_length=8, choices=Outcome)
    note = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="检查人", related_name="+")
    at = models.DateTimeField("登记时间")
    corrects = models.OneToOneField(
        "self", models.PROTECT, verbose_name="更正的是", null=True, blank=True, related_name="corrected_by"
    )

    class Meta:
        verbose_name = verbose_name_plural = "设施检查"
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["facility", "-on", "-id"], name="facility_checks_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="fine") | ~Q(note=""),
                name="facility_check_says_what",
                violation_error_message="请写明哪里坏了，或者为什么停用。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.facility} {self.on}"


class FacilityFault(models.Model):
    """What a check found broken, until it is mended. `case_row` and `case_number` name the case that was made of it: cases stand above
    villages, so that it is no foreign key; once written it stays (trigger)."""

    class How(models.TextChoices):
        CASE = "case", "事项办结"
        CHECK = "check", "检查正常"
        RIGHTED = "righted", "检查更正"
        ENDED = "ended", "设施撤销"

    view_action = Action.FACILITY_VIEW
    scope_village, scope_unit = "facility__village", "facility__unit"

    facility = models.ForeignKey(Facility, models.PROTECT, verbose_name="设施", related_name="faults")
    found_by = models.OneToOneField(FacilityCheck, models.PROTECT, verbose_name="哪次检查", related_name="fault")
    found_on = models.DateField("发现日期")
    due_on = models.DateField("修复期限")
    case_row = models.PositiveBigIntegerField("事项", null=True, blank=True, unique=True)
    case_number = models.CharField("事项编号", max_length=20, blank=True)
    mended_on = models.DateField("修复日期", null=True, blank=True)
    mended_how = models.CharField("怎样修复", max_length=8, choices=How, blank=True)

    objects: ScopedQuerySet[FacilityFault] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "设施损坏"
        ordering = ["-id"]
        indexes = [models.Index(fields=["due_on"], name="facility_fault_due", condition=Q(mended_on=None))]
        constraints = [
            models.UniqueConstraint(fields=["facility"], condition=Q(mended_on=None), name="facility_one_open_fault"),
            models.CheckConstraint(
                condition=Q(mended_on=None, mended_how="")
                | Q(mended_on__isnull=False, mended_on__gte=F("found_on")) & ~Q(mended_how=""),
                name="facility_fault_mended_somehow",
            ),
            models.CheckConstraint(
                condition=Q(case_row=None, case_number="") | Q(case_row__isnull=False) & ~Q(case_number=""),
                name="facility_fault_case_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility} {self.found_on}"

    @property
    def is_mended(self) -> bool:
        """Repaired, and not only over."""
        return self.mended_how in (self.How.CASE, self.How.CHECK)


class FacilityImport(SheetImport):
    """One uploaded register of a township."""

    view_action = Action.FACILITY_IMPORT
    scope_township, scope_village, scope_unit = "township", "", ""

    township = models.ForeignKey("villages.Unit", models.PROTECT, verbose_name="乡镇", related_name="+")

    objects: ScopedQuerySet[FacilityImport] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "设施和点位导入"
        ordering = ["-id"]
        constraints = [committed_at_fits("villages_facilityimport_committed_at")]
