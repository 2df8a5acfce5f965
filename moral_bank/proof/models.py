"""Proof that the ledger is whole: the hash chain over postings, its daily heads, the nightly reconciliation (mission M23)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from governance.accounts.duties import Action
from villages.models import Unit
from villages.scope import TownQuerySet


class ChainLink(models.Model):
    """One sealed posting: `digest` = SHA-256 of the link before it and of the entry as it was posted.

    `entry_id` is a plain number, so that the link of a deleted entry stays and names it.
    """

    view_action = Action.PROOF_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+", db_index=False)
    position = models.PositiveBigIntegerField("序号")
    entry_id = models.BigIntegerField("记录", unique=True)
    digest = models.CharField("校验值", max_length=64)

    objects: TownQuerySet[ChainLink] = TownQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "台账校验链"
        ordering = ["township", "position"]
        constraints = [
            models.UniqueConstraint(fields=["township", "position"], name="chain_link_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="chain_link_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.digest[:16]}"


class ChainHead(models.Model):
    """The chain's end on a day, printed on the public notices: how many postings, and the last digest."""

    view_action = Action.PROOF_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    day = models.DateField("日期")
    count = models.PositiveBigIntegerField("记录数")
    digest = models.CharField("校验值", max_length=64)
    sealed_at = models.DateTimeField("封存时间")

    objects: TownQuerySet[ChainHead] = TownQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "每日校验码"
        ordering = ["township", "-day"]
        constraints = [models.UniqueConstraint(fields=["township", "day"], name="chain_head_once_per_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.digest[:16]}"


class Reconciliation(models.Model):
    """One run of the comparison, by night or at once: accounts with their entries, stock with its moves, holds, the chain.
    `findings` name each difference in Chinese; an empty list is a clean run. A later run stands beside the earlier ones."""

    view_action = Action.PROOF_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    day = models.DateField("日期")
    figures = models.JSONField("核对的数", default=dict)
    findings = models.JSONField("不符之处", default=list)
    made_at = models.DateTimeField("核对时间")

    objects: TownQuerySet[Reconciliation] = TownQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "每日核对"
        ordering = ["-day", "township", "-made_at"]

    def __str__(self) -> str:
        return f"{self.day} 核对"
