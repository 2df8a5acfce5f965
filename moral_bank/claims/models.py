"""申报 and what follows it until the entry: claims, appeals, sheets of past ledgers (plan §三.1, §三.4; mission M23)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.frame.imports.models import SheetImport, committed_at_fits
from villages.models import Unit
from villages.of_township import OfTownship
from villages.scope import ScopedQuerySet, TownQuerySet


class Claim(OfTownship):
    """申报: what somebody says a household did: 核实 by the officer the deed names, 评议, 公示 with its month, 入账. What a served order
    earned is verified already: nobody has decided it (`decided_by`), and `row_key` says which volunteer's part in which order it is.

    `score` is the figure declared, after the panel the figure agreed. `counts_on` is the day to which the entry is dated:
    `occurred_on`, unless its month was locked before the panel had judged. `closing` is the month's closing that shows it.
    """

    class State(models.TextChoices):
        DECLARED = "declared", "待核实"
        VERIFIED = "verified", "待评议"
        APPROVED = "approved", "待公示入账"
        POSTED = "posted", "已入账"
        REJECTED = "rejected", "已退回"
        WITHDRAWN = "withdrawn", "已撤回"

    class Source(models.TextChoices):
        CADRE = "cadre", "干部申报"
        HOUSEHOLD = "household", "户申报（代录）"
        NEIGHBOUR = "neighbour", "邻居申报（代录）"
        SERVICE = "service", "志愿服务评单"
        MEETING = "meeting", "会议到会"

    BROUGHT = (Source.SERVICE, Source.MEETING)
    """Verified by another room: a judged order, a confirmed meeting."""

    class Consent(models.TextChoices):
        SPOKEN = "spoken", "当面口头同意"
        PHONE = "phone", "电话同意"
        SIGNED = "signed", "纸质申报表签字"

    view_action = Action.CLAIM_VIEW
    township_from = "account.township_id"
    scope_village = "account__household__village"
    scope_unit = "account__household__unit"

    account = models.ForeignKey("moral_bank.Account", models.PROTECT, verbose_name="户", related_name="claims")
    deed = models.ForeignKey("moral_bank.Deed", models.PROTECT, verbose_name="事项", related_name="claims")
    occurred_on = models.DateField("发生日期")
    counts_on = models.DateField("记入日期", null=True, blank=True)
    quantity = models.PositiveSmallIntegerField("数量", default=1)
    score = models.SmallIntegerField("评分")
    note = models.CharField("说明", max_length=200, blank=True)
    source = models.CharField("申报方式", max_length=10, choices=Source, default=Source.CADRE)
    applicant = models.CharField("申报的人", max_length=40, blank=True)
    consent = models.CharField("如何同意代录", max_length=10, choices=Consent, blank=True)
    row_key = models.UUIDField("台账行号", unique=True, null=True, blank=True)  # which row of a past ledger
    state = models.CharField("状态", max_length=10, choices=State, default=State.DECLARED)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="申报人", related_name="declared"
    )
    declared_at = models.DateTimeField("申报时间")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="核实人", null=True, blank=True, related_name="decided"
    )
    decided_at = models.DateTimeField("核实时间", null=True, blank=True)
    reason = models.CharField("退回原因", max_length=200, blank=True)
    closing = models.ForeignKey(
        "moral_bank.Closing", models.PROTECT, verbose_name="公示的月结", null=True, blank=True, related_name="claims"
    )
    entry = models.OneToOneField(
        "moral_bank.Entry", models.PROTECT, verbose_name="入账", null=True, blank=True, related_name="claim"
    )

    objects: ScopedQuerySet[Claim] = ScopedQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "申报"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["township", "-id"], name="claim_by_township"),
            models.Index(fields=["account"], name="claim_waiting", condition=Q(state="declared")),
            models.Index(fields=["account"], name="claim_to_judge", condition=Q(state="verified")),
            models.Index(fields=["occurred_on"], name="claim_unjudged", condition=Q(state__in=["declared", "verified"])),
            models.Index(fields=["counts_on", "account"], name="claim_pending", condition=Q(state="approved")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("declared_by")) | Q(state="withdrawn"),
                name="claim_verified_by_another",
                violation_error_message="申报人不能核实自己的申报。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["declared", "withdrawn"], entry=None)
                | Q(state="verified", decided_at__isnull=False, entry=None)
                | Q(state="approved", decided_at__isnull=False, counts_on__isnull=False, entry=None)
                | Q(state="posted", decided_at__isnull=False, counts_on__isnull=False, entry__isnull=False)
                | (Q(state="rejected", decided_at__isnull=False, entry=None) & ~Q(reason="")),
                name="claim_state_fits",
                violation_error_message="退回须写明原因。",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["cadre", "service", "meeting"], applicant="", consent="")
                | (Q(source__in=["household", "neighbour"]) & ~Q(applicant="") & ~Q(consent="")),
                name="claim_written_down_with_consent",
                violation_error_message="代录须写明申报的人和如何同意。",
            ),
            models.CheckConstraint(
                condition=~Q(source__in=["service", "meeting"]) | (Q(row_key__isnull=False) & ~Q(state="declared")),
                name="claim_brought_verified",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="claim_quantity_positive", violation_error_message="数量至少为 1。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account.household.head_name} {self.deed.name}"


class Appeal(OfTownship):
    """申诉 to the township, once: against a claim that was refused, or against a posted veto or loss."""

    class State(models.TextChoices):
        OPEN = "open", "待答复"
        UPHELD = "upheld", "申诉成立"
        DISMISSED = "dismissed", "维持原决定"

    view_action = Action.CLAIM_VIEW
    township_from = "account.township_id"
    scope_village = "account__household__village"
    scope_unit = "account__household__unit"

    account = models.ForeignKey("moral_bank.Account", models.PROTECT, verbose_name="户", related_name="appeals")
    claim = models.OneToOneField(
        Claim, models.PROTECT, verbose_name="申报", null=True, blank=True, related_name="appeal"
    )
    entry = models.OneToOneField(
        "moral_bank.Entry", models.PROTECT, verbose_name="记录", null=True, blank=True, related_name="appeal"
    )
    name = models.CharField("申诉的人", max_length=40)
    text = models.CharField("理由", max_length=500)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="代录人", related_name="+")
    received_at = models.DateTimeField("申诉时间")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    answer = models.CharField("答复", max_length=500, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="答复人", null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    objects: ScopedQuerySet[Appeal] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "申诉"
        ordering = ["-id"]
        indexes = [models.Index(fields=["township", "-id"], name="appeal_by_township")]
        constraints = [
            models.CheckConstraint(
                condition=Q(claim=None, entry__isnull=False) | Q(claim__isnull=False, entry=None),
                name="appeal_against_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state="open", answered_at=None, answered_by=None)
                | (Q(state__in=["upheld", "dismissed"], answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="appeal_closed_with_answer",
                violation_error_message="答复申诉须写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}：{self.text[:20]}"


class BankImport(SheetImport):
    """An uploaded sheet on its way in: rules into a draft, or past ledgers into claims."""

    class Kind(models.TextChoices):
        RULES = "rules", "积分细则"
        CLAIMS = "claims", "积分台账"

    view_action = Action.RULE_EDIT

    kind = models.CharField("类别", max_length=8, choices=Kind)
    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    rule_set = models.ForeignKey(
        "moral_bank.RuleSet", models.CASCADE, verbose_name="细则草稿", null=True, blank=True, related_name="imports"
    )

    objects: TownQuerySet[BankImport] = TownQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "道德银行导入"
        ordering = ["-id"]
        constraints = [committed_at_fits("bank_import_committed_at")]

    @property
    def outlives_commit(self) -> bool:
        return self.kind == self.Kind.RULES
