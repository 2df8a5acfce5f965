"""评议小组 of a village: members, sittings, judgements and the votes behind them (domain.md §7; mission M23)."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.accounts.duties import Action
from villages.models import Resident, Unit
from villages.scope import ScopedQuerySet


class PanelMemberQuerySet(ScopedQuerySet["PanelMember"]):
    def seated(self, day: date) -> Self:
        """Those who had not left by the end of `day`."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=day))


class PanelMember(models.Model):
    """A resident's seat in the village's 评议小组, from when to when."""

    view_action = Action.CLAIM_VIEW
    scope_village = "village"
    scope_unit = ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="panel_members")
    resident = models.ForeignKey(Resident, models.PROTECT, verbose_name="居民", related_name="panel_seats")
    appointed_on = models.DateField("推选日期")
    ended_on = models.DateField("退出日期", null=True, blank=True)
    appointed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+")

    objects: PanelMemberQuerySet = PanelMemberQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "评议小组成员"
        ordering = ["village__path", "appointed_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "resident"],
                condition=Q(ended_on=None),
                name="panel_member_once",
                violation_error_message="这位居民已是评议小组成员。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("appointed_on")),
                name="panel_member_term",
                violation_error_message="退出日期不能早于推选日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.resident.name


class Sitting(models.Model):
    """One 评议会: who of the panel was present, and who wrote it down. Insert-only."""

    view_action = Action.CLAIM_VIEW
    scope_village = "village"
    scope_unit = ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="sittings")
    held_on = models.DateField("评议日期")
    members = models.ManyToManyField(PanelMember, verbose_name="到会成员", related_name="sittings")
    note = models.CharField("说明", max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="记录人", related_name="+")
    recorded_at = models.DateTimeField("记录时间")

    objects: ScopedQuerySet[Sitting] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "评议会"
        ordering = ["-held_on", "-id"]

    def __str__(self) -> str:
        return f"{self.village} {self.held_on:%Y-%m-%d} 评议会"


class Judgement(models.Model):
    """What a sitting decided on a claim: the figure and why. Insert-only; `round` 2 only after an upheld appeal."""

    view_action = Action.CLAIM_VIEW
    scope_village = "sitting__village"
    scope_unit = ""

    claim = models.ForeignKey("moral_bank.Claim", models.PROTECT, verbose_name="申报", related_name="judgements")
    sitting = models.ForeignKey(Sitting, models.PROTECT, verbose_name="评议会", related_name="judgements")
    round = models.PositiveSmallIntegerField("第几次评议", default=1)
    approved = models.BooleanField("通过")
    score = models.SmallIntegerField("评议分值")
    reason = models.CharField("评议意见", max_length=200, blank=True)

    objects: ScopedQuerySet[Judgement] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "评议结果"
        ordering = ["sitting", "id"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "round"], name="judgement_once_per_round"),
            models.CheckConstraint(condition=Q(round__in=[1, 2]), name="judgement_two_rounds_at_most"),
            models.CheckConstraint(
                condition=Q(approved=True) | ~Q(reason=""),
                name="judgement_refusal_has_reason",
                violation_error_message="不通过须写明评议意见。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {'通过' if self.approved else '不通过'}"


class Vote(models.Model):
    """One member's word on one claim, or their 回避. Insert-only; kin of the household can only be recused (trigger)."""

    class Choice(models.TextChoices):
        YES = "yes", "同意"
        NO = "no", "不同意"
        ABSTAIN = "abstain", "弃权"
        RECUSED = "recused", "回避"

    view_action = Action.CLAIM_VIEW
    scope_village = "member__village"
    scope_unit = ""

    judgement = models.ForeignKey(Judgement, models.PROTECT, verbose_name="评议结果", related_name="votes")
    member = models.ForeignKey(PanelMember, models.PROTECT, verbose_name="成员", related_name="votes")
    choice = models.CharField("表决", max_length=8, choices=Choice)
    reason = models.CharField("回避原因", max_length=100, blank=True)

    objects: ScopedQuerySet[Vote] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "评议表决"
        ordering = ["judgement", "id"]
        constraints = [
            models.UniqueConstraint(fields=["judgement", "member"], name="vote_once_per_member"),
            models.CheckConstraint(
                condition=~Q(choice="recused") | ~Q(reason=""),
                name="vote_recusal_has_reason",
                violation_error_message="回避须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.get_choice_display()}"
