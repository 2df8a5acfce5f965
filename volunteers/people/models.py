"""志愿者, their teams, stars by hours, certificates (plan §三.2, §三.4 “党员+网格员(联户长)”志愿服务; domain.md §14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.crypto import decrypt, keyed_hash, sealed
from governance.frame.imports.models import SheetImport, committed_at_fits
from governance.sealed import SealedField
from governance.sheets.persons import whole_number
from villages.models import Consent, Overlay, Resident, Unit
from villages.scope import ScopedQuerySet, TownQuerySet
from volunteers.projects.models import Project

if TYPE_CHECKING:
    from governance.accounts.models import User


class VolunteerQuerySet(ScopedQuerySet["Volunteer"]):
    def with_id_number(self, number: str) -> Self:
        """Outsiders by the keyed hash of their ID number."""
        return self.filter(id_hash=keyed_hash(whole_number(number)))

    def active(self) -> Self:
        return self.filter(state=Volunteer.State.ACTIVE)

    def with_minutes(self) -> Self:
        """With `minutes`: what all rows of their hours add up to."""
        hours = apps.get_model("volunteers", "Hours")._default_manager.filter(volunteer=models.OuterRef("pk")).order_by()
        total = models.Subquery(hours.values("volunteer").annotate(total=models.Sum("minutes")).values("total"))
        return self.annotate(minutes=Coalesce(total, 0))

    def serving(self, village: Unit) -> Self:
        """Those of a village, and those of others who also serve there."""
        covering = Volunteer.covers.through._default_manager.filter(unit=village).order_by().values("volunteer")
        return self.filter(Q(village=village) | Q(pk__in=covering))

    def registered(self) -> Self:
        """All but those who have left."""
        return self.exclude(state=Volunteer.State.LEFT)

    def of_account(self, user: User) -> Self:
        return self.filter(user=user)


class Volunteer(models.Model):
    """A resident of the register, or an outsider whose name, phone and ID number stand here (the number as SM4-GCM cipher text and
    keyed hash). `adult_on` is the 18th birthday, where it is known: before it a guardian's consent is needed. `agreed_on` and
    `agreed_how`: when and how an outsider agreed to serve; a resident's consent stands with the others (villages/consents)."""

    class State(models.TextChoices):
        APPLIED = "applied", "申请"
        ACTIVE = "active", "在册"
        PAUSED = "paused", "暂停"
        LEFT = "left", "退出"

    class Days(models.TextChoices):
        ALL = "all", "每天"
        WORKDAYS = "workdays", "工作日"
        RESTDAYS = "restdays", "休息日"

    view_action = Action.VOLUNTEER_VIEW
    scope_township = "township"
    scope_village = "village"
    scope_unit = "resident__household__unit"

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+", editable=False)
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="volunteers", db_index=False)
    resident = models.ForeignKey(
        Resident, models.PROTECT, verbose_name="居民", null=True, blank=True, related_name="volunteers", db_index=False
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="账号", null=True, blank=True, related_name="volunteer"
    )
    name = models.CharField("姓名", max_length=60)
    name_pinyin = models.CharField(max_length=200, editable=False, db_index=True)
    phone = SealedField("联系电话", max_length=20, blank=True)
    id_cipher = models.BinaryField("身份证号密文", editable=False, default=b"")
    id_hash = models.CharField(max_length=64, editable=False, blank=True, db_index=True)
    adult_on = models.DateField("年满十八周岁", null=True, blank=True, editable=False)
    guardian = models.CharField("监护人", max_length=60, blank=True)
    guardian_consented_on = models.DateField("监护人同意日期", null=True, blank=True)
    agreed_on = models.DateField("本人同意日期", null=True, blank=True)
    agreed_how = models.CharField("本人同意方式", max_length=10, choices=Consent.How, blank=True, default="")
    is_party_member = models.BooleanField("党员", default=False)
    overlay = models.ForeignKey(
        Overlay, models.PROTECT, verbose_name="网格员（联户长）", null=True, blank=True, related_name="volunteers"
    )
    projects = models.ManyToManyField(Project, verbose_name="愿做的服务", related_name="volunteers", blank=True)
    covers = models.ManyToManyField(Unit, verbose_name="服务的村（社区）", related_name="covered_by", blank=True)
    days = models.CharField("哪些天", max_length=8, choices=Days, default=Days.ALL)
    state = models.CharField("状态", max_length=8, choices=State, default=State.APPLIED)
    joined_on = models.DateField("加入日期", null=True, blank=True)
    left_on = models.DateField("退出日期", null=True, blank=True)
    reason = models.CharField("暂停（退出）原因", max_length=100, blank=True)

    objects: VolunteerQuerySet = VolunteerQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "志愿者"
        ordering = ["village__path", "name_pinyin", "id"]
        indexes = [
            models.Index(fields=["township", "id"], name="volunteer_by_township"),
            models.Index(fields=["village", "state", "id"], name="volunteer_by_village"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["resident"],
                condition=Q(resident__isnull=False) & ~Q(state="left"),
                name="volunteer_resident_once",
                violation_error_message="这位居民已登记为志愿者。",
            ),
            models.UniqueConstraint(
                fields=["township", "id_hash"],
                condition=~Q(id_hash="") & ~Q(state="left"),
                name="volunteer_id_once",
                violation_error_message="这个身份证号的人已登记为志愿者。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["applied", "left"]) | Q(joined_on__isnull=False),
                name="volunteer_joined",
            ),
            models.CheckConstraint(
                condition=Q(resident__isnull=False) | (~Q(id_hash="") & ~Q(phone="")),
                name="volunteer_is_known",
                violation_error_message="不在名册里的，须写明身份证号和联系电话。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["paused", "left"]) | ~Q(reason=""),
                name="volunteer_reason",
                violation_error_message="请写明原因。",
            ),
            models.CheckConstraint(
                condition=(Q(state="left") & Q(left_on__isnull=False)) | (~Q(state="left") & Q(left_on=None)),
                name="volunteer_left_on",
            ),
            models.CheckConstraint(
                condition=Q(state="applied") | Q(adult_on=None) | Q(adult_on__lte=F("joined_on"))
                | (Q(guardian_consented_on__isnull=False) & ~Q(guardian="")),
                name="volunteer_guardian_consents",
                violation_error_message="未满十八周岁的，须写明监护人和同意日期。",
            ),
            models.CheckConstraint(
                condition=Q(agreed_on=None, agreed_how="") | (Q(agreed_on__isnull=False, resident=None) & ~Q(agreed_how="")),
                name="volunteer_agreed",
                violation_error_message="不在名册里的，本人同意的日期和方式都要写。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def id_number(self) -> str:
        """The outsider's or resident's number in clear; whoever shows it writes an access log row."""
        if self.resident is not None:
            return self.resident.id_number
        return decrypt(bytes(self.id_cipher)) if self.id_cipher else ""

    def set_id_number(self, number: str) -> None:
        self.id_cipher, self.id_hash, _ = sealed(number)


class ServiceTeam(models.Model):
    """服务队 of a village; the 应急 team is the one that the on-call roster takes its people from."""

    class Kind(models.TextChoices):
        NEIGHBOUR = "neighbour", "邻里守望"
        EMERGENCY = "emergency", "十分钟应急"
        PARTY = "party", "党员"
        SKILLED = "skilled", "专业服务"
        OTHER = "other", "其他"

    view_action = Action.VOLUNTEER_VIEW
    scope_village = "village"
    scope_unit = ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="service_teams")
    name = models.CharField("名称", max_length=40)
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.NEIGHBOUR)
    leader = models.ForeignKey(
        Volunteer, models.PROTECT, verbose_name="队长", null=True, blank=True, related_name="teams_led"
    )
    is_active = models.BooleanField("启用", default=True)

    objects: ScopedQuerySet[ServiceTeam] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "服务队"
        ordering = ["village__path", "kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "name"], name="service_team_once", violation_error_message="本村已有同名的服务队。"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ServiceMember(models.Model):
    team = models.ForeignKey(ServiceTeam, models.CASCADE, verbose_name="服务队", related_name="members")
    volunteer = models.ForeignKey(Volunteer, models.PROTECT, verbose_name="志愿者", related_name="memberships")
    since = models.DateField("加入日期")

    class Meta:
        verbose_name = verbose_name_plural = "队员"
        ordering = ["team", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "volunteer"], name="service_member_once", violation_error_message="已在这支队伍里。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id} in {self.team_id}"


class StarRule(models.Model):
    """Stars by hours of a township, off until it is active: proposed, never given by themselves (民函〔2012〕340号 had
    100/300/600/1000/1500 hours)."""

    view_action = Action.VOLUNTEER_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    stars = models.PositiveSmallIntegerField("星级")
    hours = models.PositiveIntegerField("累计时长（小时）")
    is_active = models.BooleanField("启用", default=False)

    objects: TownQuerySet[StarRule] = TownQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "志愿者星级标准"
        ordering = ["township__path", "stars"]
        constraints = [
            models.UniqueConstraint(fields=["township", "stars"], name="star_rule_once"),
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5, hours__gte=1), name="star_rule_figures"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} 星"


class Certificate(models.Model):
    """志愿服务记录证明 (Order 67 of 2020): person, service and minutes from `since` to `until`, issuer, number; it stays as issued.

    `masked_number` is the ID number as the paper shows it, "" where none was registered.
    """

    view_action = Action.VOLUNTEER_VIEW
    scope_village = "volunteer__village"
    scope_unit = "volunteer__resident__household__unit"

    volunteer = models.ForeignKey(Volunteer, models.PROTECT, verbose_name="志愿者", related_name="certificates")
    number = models.CharField("编号", max_length=30)
    name = models.CharField("姓名", max_length=60)
    masked_number = models.CharField("身份证号（脱敏）", max_length=20, blank=True)
    since = models.DateField("自")
    until = models.DateField("至")
    minutes = models.PositiveIntegerField("时长（分钟）")
    services = models.JSONField("服务内容")
    issuer = models.CharField("出具单位", max_length=60)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="经办人", related_name="+")
    issued_at = models.DateTimeField("出具时间")

    objects: ScopedQuerySet[Certificate] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "志愿服务记录证明"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["issuer", "number"], name="certificate_number_once"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="certificate_period"),
        ]

    def __str__(self) -> str:
        return self.number


class HoursImport(SheetImport):
    """A ledger of volunteers and hours that a village kept: name, team, day, hours."""

    view_action = Action.VOLUNTEER_IMPORT
    scope_township, scope_village, scope_unit = "township", "", ""

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")

    objects: ScopedQuerySet[HoursImport] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "志愿服务台账导入"
        ordering = ["-id"]
        constraints = [committed_at_fits("volunteers_hoursimport_committed_at")]
