"""Kinds of decision and their gates: data of a township, in versions (plan §三.1 四议四调四评; mission M19)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.councils.bodies.models import Body
from governance.councils.decisions import gates
from villages.models import Unit
from villages.scope import TownQuerySet
from villages.units.codes import is_community

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

USER = settings.AUTH_USER_MODEL
WHAT_CHOICES = [(what.value, label) for what, label in gates.WHAT_LABELS.items()]
STAGE_CHOICES = [(stage.value, label) for stage, label in gates.STAGE_LABELS.items()]
QUORUM_CHOICES = [(base.value, label) for base, label in gates.QUORUM_LABELS.items()]
NUM, DEN, MORE = "如三分之二填 2；不要求填 0", "如三分之二填 3", "打勾为“超过”，不打勾为“达到”"
MAJORITY_CHOICES = [(base.value, label) for base, label in gates.MAJORITY_LABELS.items()]


class DecisionKindQuerySet(TownQuerySet["DecisionKind"]):
    def in_force(self, day: date) -> Self:
        """Of each code the version that a decision begun on `day` follows."""
        later = self.model.objects.filter(
            township=models.OuterRef("township"), code=models.OuterRef("code"), state="adopted", valid_from__lte=day
        )
        newest = later.order_by("-valid_from", "-version").values("pk")[:1]
        return self.filter(state="adopted", valid_from__lte=day, pk=models.Subquery(newest))


class DecisionKind(models.Model):
    """One version of a kind; once adopted it never changes (trigger), so that a decision keeps the steps with which it began."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        ADOPTED = "adopted", "已启用"

    class Place(models.TextChoices):
        VILLAGE = "village", "村（社区）"
        YARD = "yard", "聚居点（院落）"

    class Effect(models.TextChoices):
        NONE = "", "无"
        APPOINT = "appoint", "通过即聘任"
        COVENANT = "covenant", "通过即施行规约"

    view_action = Action.COUNCIL_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="decision_kinds")
    code = models.SlugField("代码", max_length=20)
    name = models.CharField("名称", max_length=40)
    version = models.PositiveSmallIntegerField("版本", default=1)
    valid_from = models.DateField("启用日期", help_text="从这一天起开始的决策按本版程序办理")
    place = models.CharField("在哪一级办", max_length=8, choices=Place, default=Place.VILLAGE)
    effect = models.CharField("通过以后", max_length=8, choices=Effect, blank=True, default="")
    takes_money = models.BooleanField("涉及资金", default=False, help_text="登记时填金额和受益户，受益户的亲属回避")
    note = models.CharField("适用范围", max_length=300, blank=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    adopted_by = models.ForeignKey(USER, models.PROTECT, verbose_name="启用确认人", null=True, blank=True, related_name="+")
    adopted_at = models.DateTimeField("启用确认时间", null=True, blank=True)

    objects: DecisionKindQuerySet = DecisionKindQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "决策程序"
        ordering = ["township__path", "code", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "code", "version"], name="decision_kind_version_once", violation_error_message="这个版本号已有。"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", adopted_at=None) | Q(state="adopted", adopted_at__isnull=False),
                name="decision_kind_adopted_fits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} 第{self.version}版"


class GateQuerySet(models.QuerySet["Gate"]):
    def visible_to(self, user: User | AnonymousUser, action: Action = Action.COUNCIL_VIEW) -> Self:
        return self.filter(kind__in=DecisionKind.objects.visible_to(user, action).order_by().values("pk"))

    def unchecked(self) -> Self:
        """待核: nobody has compared them with the text of the law yet."""
        return self.filter(needs_checking=True, confirmed_at=None)


class Gate(models.Model):
    """One step of a kind by one rule. Rows of one position are the same step: as it is law at different times, or what may be done
    instead of each other. 待核 is one that is to be compared with the law's text and was not yet."""

    class Confirm(models.TextChoices):
        NONE = "", "不需要"
        VILLAGE = "village", "村（社区）另一人确认"
        TOWNSHIP = "township", "镇确认"

    class Area(models.TextChoices):
        ANY = "", "村和社区"
        VILLAGE = "village", "只用于村"
        COMMUNITY = "community", "只用于社区"

    kind = models.ForeignKey(DecisionKind, models.CASCADE, verbose_name="决策程序", related_name="gates")
    position = models.PositiveSmallIntegerField("第几步")
    name = models.CharField("步骤", max_length=40)
    phase = models.CharField("阶段名称", max_length=20, blank=True, help_text="如：四议、四调、四评")
    what = models.CharField("是什么", max_length=12, choices=WHAT_CHOICES, default=gates.What.MEETING.value)
    stage = models.CharField("什么时候办", max_length=8, choices=STAGE_CHOICES, default=gates.Stage.DECIDE.value)
    area = models.CharField("用于", max_length=10, choices=Area, blank=True, default="")
    body = models.CharField("会议", max_length=12, choices=Body.Kind, blank=True)
    quorum_base = models.CharField("到会按什么算", max_length=8, choices=QUORUM_CHOICES, blank=True, default="")
    quorum_num = models.PositiveSmallIntegerField("到会人数：几份", default=0, help_text=NUM)
    quorum_den = models.PositiveSmallIntegerField("到会人数：分成几份", default=1, help_text=DEN)
    quorum_more = models.BooleanField("到会人数：须超过", default=False, help_text=MORE)
    house_num = models.PositiveSmallIntegerField("到会户数：几份", default=0, help_text=NUM)
    house_den = models.PositiveSmallIntegerField("到会户数：分成几份", default=1, help_text=DEN)
    house_more = models.BooleanField("到会户数：须超过", default=False, help_text=MORE)
    majority_base = models.CharField("同意按什么算", max_length=12, choices=MAJORITY_CHOICES, blank=True, default="")
    majority_num = models.PositiveSmallIntegerField("同意：几份", default=0, help_text=NUM)
    majority_den = models.PositiveSmallIntegerField("同意：分成几份", default=1, help_text=DEN)
    majority_more = models.BooleanField("同意：须超过", default=False, help_text=MORE)
    is_secret = models.BooleanField("无记名投票", default=False, help_text="只记票数，不记谁投什么票")
    min_days = models.PositiveSmallIntegerField("距上一步至少几天", default=0)
    call_days = models.PositiveSmallIntegerField("会议提前几天通知", default=0)
    notice_days = models.PositiveSmallIntegerField("公示（公开）几天", default=0)
    papers = models.TextField("需要的材料", max_length=500, blank=True, help_text="一行一份")
    paper_count = models.PositiveSmallIntegerField("材料份数", default=0, editable=False)
    confirm = models.CharField("记录由谁确认", max_length=8, choices=Confirm, blank=True, default="")
    law_from = models.DateField("规则施行自", null=True, blank=True)
    law_to = models.DateField("规则施行至", null=True, blank=True)
    basis = models.CharField("依据", max_length=120, blank=True, help_text="写文件名称，不写第几条")
    needs_checking = models.BooleanField("待核", default=False, help_text="还没有对照文件原文核对")
    confirmed_by = models.ForeignKey(USER, models.PROTECT, verbose_name="核对人", null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField("核对时间", null=True, blank=True)

    objects: GateQuerySet = GateQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "程序步骤"
        ordering = ["kind", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quorum_den__gte=1, quorum_den__lte=100, quorum_num__lte=F("quorum_den"))
                & Q(house_den__gte=1, house_den__lte=100, house_num__lte=F("house_den"))
                & Q(majority_den__gte=1, majority_den__lte=100, majority_num__lte=F("majority_den")),
                name="gate_shares_fit",
                violation_error_message="几分之几的写法不对：分母 1 到 100，分子不大于分母。",
            ),
            models.CheckConstraint(
                condition=(Q(quorum_more=False) | Q(quorum_num__lt=F("quorum_den")))
                & (Q(house_more=False) | Q(house_num__lt=F("house_den")))
                & (Q(majority_more=False) | Q(majority_num__lt=F("majority_den"))),
                name="gate_shares_possible",
                violation_error_message="不可能超过全体，请改为“达到”。",
            ),
            models.CheckConstraint(
                condition=Q(law_from=None) | Q(law_to=None) | Q(law_to__gte=F("law_from")),
                name="gate_law_in_order",
                violation_error_message="规则施行的截止不能早于开始。",
            ),
            models.CheckConstraint(
                condition=Q(what="meeting") | Q(quorum_base="", majority_base="", body="", call_days=0),
                name="gate_figures_of_meetings",
                violation_error_message="只有会议才有到会、同意和会议通知的要求。",
            ),
            models.CheckConstraint(
                condition=~Q(what__in=["notice", "publication"]) | Q(notice_days__gte=1),
                name="gate_notice_has_days",
                violation_error_message="公示和公开须写明几天。",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None) | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="gate_confirmed_fits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.paper_count = len(self.paper_names)
        super().save(*args, **kwargs)

    @property
    def is_unchecked(self) -> bool:
        return self.needs_checking and self.confirmed_at is None

    @property
    def opinion_word(self) -> str:
        """What the township's opinion is called: 预审 before the decision, 评议 of what came of it."""
        return "预审" if self.stage == gates.Stage.DECIDE else "评议"

    @property
    def paper_names(self) -> list[str]:
        return [line.strip() for line in self.papers.splitlines() if line.strip()]

    @property
    def rule(self) -> gates.Rule:
        return gates.Rule(
            self.position,
            self.name,
            gates.What(self.what),
            stage=gates.Stage(self.stage),
            quorum_base=gates.Quorum(self.quorum_base),
            quorum=gates.Share(self.quorum_num, self.quorum_den, self.quorum_more),
            house_quorum=gates.Share(self.house_num, self.house_den, self.house_more),
            majority_base=gates.Majority(self.majority_base),
            majority=gates.Share(self.majority_num, self.majority_den, self.majority_more),
            min_days=self.min_days,
            call_days=self.call_days,
            notice_days=self.notice_days,
            paper_count=self.paper_count,
            needs_confirming=bool(self.confirm),
            law_from=self.law_from,
            law_to=self.law_to,
        )


def area_of(village: Unit) -> str:
    """Which rules are a village's, and which a community's."""
    return Gate.Area.COMMUNITY if is_community(village.code) else Gate.Area.VILLAGE
