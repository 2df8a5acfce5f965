"""积分存折, 代领人 and the expiry of points (plan §三.4; domain.md §7; mission M26)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.accounts.duties import Action
from governance.disclosure.models import Notice, Objection
from moral_bank.market.shop_models import ShopQuerySet
from villages.models import Unit
from villages.of_township import OfTownship
from villages.scope import ScopedQuerySet, TownQuerySet


class Passbook(OfTownship):
    """A printed passbook's QR key: whoever holds the paper reads balance and entries, without names. Revocable.

    The key itself is not stored: it is derived from `nonce`, and only its keyed hash is kept to look it up.
    """

    view_action = Action.PASSBOOK_ISSUE
    township_from = "account.township_id"
    scope_village = "account__household__village"
    scope_unit = "account__household__unit"

    account = models.ForeignKey("moral_bank.Account", models.PROTECT, verbose_name="户", related_name="passbooks")
    nonce = models.CharField(max_length=32, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="发放人", related_name="+")
    issued_at = models.DateTimeField("发放时间")
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="作废人", null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField("作废时间", null=True, blank=True)
    reason = models.CharField("作废原因", max_length=100, blank=True)

    objects: ScopedQuerySet[Passbook] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "积分存折"
        ordering = ["-id"]
        indexes = [models.Index(fields=["township", "-id"], name="passbook_by_township")]
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(revoked_at=None),
                name="passbook_one_in_force",
                violation_error_message="这一户的存折还有效，要换新的请先作废。",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, reason="") | (Q(revoked_at__isnull=False) & ~Q(reason="")),
                name="passbook_revoked_with_reason",
                violation_error_message="作废须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} 存折"


class Proxy(models.Model):
    """代领人: who may redeem and collect for a household besides its own people."""

    view_action = Action.ENTRY_VIEW
    scope_township = "account__township"
    scope_village = "account__household__village"
    scope_unit = "account__household__unit"

    account = models.ForeignKey("moral_bank.Account", models.PROTECT, verbose_name="户", related_name="proxies")
    name = models.CharField("代领人", max_length=40)
    relation = models.CharField("与户主关系", max_length=20)
    consent = models.CharField("如何同意", max_length=60)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+")
    added_on = models.DateField("登记日期")
    ended_on = models.DateField("取消日期", null=True, blank=True)

    objects: ScopedQuerySet[Proxy] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "代领人"
        ordering = ["account", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "name"],
                condition=Q(ended_on=None),
                name="proxy_once",
                violation_error_message="这位代领人已登记。",
            ),
            models.CheckConstraint(condition=Q(ended_on=None) | Q(ended_on__gte=F("added_on")), name="proxy_term"),
        ]

    def __str__(self) -> str:
        return self.name


class Expiry(models.Model):
    """A dated rule: points earned until `earned_until` that are still there on `expires_on` lapse, after a notice.

    Points carry over by default; only such a row ends them. `done_at` is set when the entries are posted.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "公示中"
        OBJECTED = "objected", "有异议未办结，暂不执行"
        UPHELD = "upheld", "异议成立，请取消"
        WITHDRAWN = "withdrawn", "公示已撤回"
        CANCELLED = "cancelled", "已取消"
        DONE = "done", "已办结"

    view_action = Action.RULE_VIEW

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="point_expiries")
    earned_until = models.DateField("得分截至")
    expires_on = models.DateField("到期日")
    basis = models.CharField("依据", max_length=100)
    notice = models.OneToOneField(Notice, models.PROTECT, verbose_name="公示", related_name="point_expiry")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+")
    decided_at = models.DateTimeField("登记时间")
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)
    reason = models.CharField("取消原因", max_length=100, blank=True)
    done_at = models.DateTimeField("办结时间", null=True, blank=True)

    objects: TownQuerySet[Expiry] = TownQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "积分到期"
        ordering = ["-expires_on", "village__path"]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "expires_on"],
                condition=Q(cancelled_at=None),
                name="expiry_once_per_day",
                violation_error_message="这一天已有到期安排。",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("earned_until")),
                name="expiry_after_earning",
                violation_error_message="到期日须晚于得分截至日。",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(cancelled_at=None), name="expiry_done_or_cancelled"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, reason="") | (Q(cancelled_at__isnull=False) & ~Q(reason="")),
                name="expiry_cancelled_with_reason",
                violation_error_message="取消须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.village} {self.expires_on} 积分到期"

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.cancelled_at is None

    @property
    def state(self) -> State:
        """Reads the notice and its objections; lists prefetch them."""
        if self.done_at is not None:
            return self.State.DONE
        if self.cancelled_at is not None:
            return self.State.CANCELLED
        if self.notice.withdrawn_at is not None:
            return self.State.WITHDRAWN
        objections = {objection.state for objection in self.notice.objections.all()}
        if Objection.State.UPHELD in objections:
            return self.State.UPHELD
        return self.State.OBJECTED if Objection.State.OPEN in objections else self.State.WAITING


class CoverDay(models.Model):
    """What stood behind a village's points on one evening; one row a day, counted by the beat (资金覆盖日报)."""

    view_action = Action.MARKET_VIEW
    scope_village = "village"
    scope_unit = ""

    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="cover_days", db_index=False)
    day = models.DateField("日期")
    balance = models.BigIntegerField("待兑付积分")
    cents_per_point = models.PositiveIntegerField("每分折合（分钱）")
    fund_cents = models.BigIntegerField("资金（分）")
    goods_cents = models.BigIntegerField("库存（分）")

    objects: ShopQuerySet[CoverDay] = ShopQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "资金覆盖日报"
        ordering = ["-day", "village__path"]
        constraints = [models.UniqueConstraint(fields=["village", "day"], name="cover_day_once")]

    def __str__(self) -> str:
        return f"{self.village} {self.day}"
