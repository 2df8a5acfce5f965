"""道德超市: shops, money behind the points, goods by lot, holds and hand-overs, stock-takes (plan §三.4; mission M26).

A hold takes points and goods at once: one spending entry and one `Move` out of each lot. Whatever ends it otherwise than by
hand-over reverses the entry and moves the goods back, so the ledger's and the stock's own rules guard both.
"""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from governance.sheets.money import yuan
from moral_bank.market.shop_models import Shop, ShopQuerySet, Supplier
from villages.models import Resident
from villages.of_township import OfTownship
from villages.scope import ScopedQuerySet


class Item(models.Model):
    """An article of a shop's catalogue; `stock` is what can still be taken, moved by the trigger on `Move` only."""

    view_action = Action.MARKET_VIEW
    scope_village = "shop__village"
    scope_unit = ""

    shop = models.ForeignKey(Shop, models.PROTECT, verbose_name="道德超市", related_name="items")
    name = models.CharField("物品", max_length=60)
    unit = models.CharField("单位", max_length=10, default="件")
    points = models.PositiveIntegerField("兑换积分", validators=[MinValueValidator(1)])
    stock = models.IntegerField("可兑数量", default=0, editable=False)
    is_active = models.BooleanField("上架", default=True)

    objects: ShopQuerySet[Item] = ShopQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords(excluded_fields=["stock"])

    class Meta:
        verbose_name = verbose_name_plural = "兑换物品"
        ordering = ["shop", "points", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "name"], name="item_once_per_shop", violation_error_message="目录里已有这个物品。"
            ),
            models.CheckConstraint(
                condition=Q(stock__gte=0), name="item_not_oversold", violation_error_message="这个物品没有了。"
            ),
            models.CheckConstraint(
                condition=Q(points__gte=1), name="item_price_positive", violation_error_message="兑换积分至少为 1。"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Lot(models.Model):
    """One delivery of an article: what it cost, until when it is good, and how much of it can still be taken."""

    view_action = Action.MARKET_VIEW
    scope_village = "item__shop__village"
    scope_unit = ""

    item = models.ForeignKey(Item, models.PROTECT, verbose_name="物品", related_name="lots")
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, verbose_name="供货单位", null=True, blank=True, related_name="lots"
    )
    number = models.CharField("批号", max_length=40, blank=True)
    received_on = models.DateField("进货日期")
    best_before = models.DateField("保质期至", null=True, blank=True)
    unit_cents = models.PositiveIntegerField("单价（分）")
    donated = models.BooleanField("捐赠", default=False)
    stock = models.IntegerField("可兑数量", default=0, editable=False)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="验收人", related_name="+")

    objects: ShopQuerySet[Lot] = ShopQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "进货批次"
        ordering = ["item", "best_before", "received_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stock__gte=0), name="lot_not_oversold", violation_error_message="这一批没有这么多了。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.received_on}"

    @property
    def yuan(self) -> str:
        """What one piece cost, in 元."""
        return yuan(self.unit_cents)


class Redemption(OfTownship):
    """兑换: hold (预留) → hand-over by a second person, or back: cancelled, expired, refunded.

    `entry` is the spending entry posted with the hold; its reversal is the way back. `code` is the six-digit pick-up code.
    `on` is the day on which it happened, which for an offline day's paper list is not the day of the entry's posting.
    """

    class State(models.TextChoices):
        HELD = "held", "待领取"
        DONE = "done", "已领取"
        CANCELLED = "cancelled", "已取消"
        EXPIRED = "expired", "逾期退回"
        REFUNDED = "refunded", "已退货"

    view_action = Action.MARKET_VIEW
    township_from = "account.township_id"
    scope_village = "shop__village"
    scope_unit = "account__household__unit"

    shop = models.ForeignKey(Shop, models.PROTECT, verbose_name="道德超市", related_name="redemptions")
    account = models.ForeignKey("moral_bank.Account", models.PROTECT, verbose_name="户", related_name="redemptions")
    item = models.ForeignKey(Item, models.PROTECT, verbose_name="物品", related_name="redemptions")
    quantity = models.PositiveIntegerField("数量", default=1)
    points = models.PositiveIntegerField("扣减积分")
    state = models.CharField("状态", max_length=10, choices=State, default=State.HELD)
    code = models.CharField("取货码", max_length=6)
    row_key = models.UUIDField("登记表行号", unique=True, null=True, blank=True)  # which line of which paper list
    on = models.DateField("兑换日期")
    paper = models.CharField("纸质登记表", max_length=60, blank=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+")
    held_at = models.DateTimeField("登记时间")
    expires_at = models.DateTimeField("保留至")
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="交付人", null=True, blank=True, related_name="+"
    )
    handed_at = models.DateTimeField("交付时间", null=True, blank=True)
    collector = models.CharField("领取人", max_length=40, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="退回经办人", null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField("退回时间", null=True, blank=True)
    reason = models.CharField("退回原因", max_length=100, blank=True)
    entry = models.OneToOneField(
        "moral_bank.Entry", models.PROTECT, verbose_name="支取记录", related_name="redemption"
    )

    objects: ScopedQuerySet[Redemption] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "兑换"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["township", "-id"], name="redemption_by_township"),
            models.Index(fields=["expires_at"], name="redemption_waiting", condition=Q(state="held")),
            models.Index(fields=["township", "expires_at", "held_by"], name="redemption_to_hand", condition=Q(state="held")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "code"], condition=Q(state="held"), name="redemption_code_once"
            ),
            models.CheckConstraint(
                condition=Q(handed_by=None) | ~Q(handed_by=F("held_by")),
                name="redemption_handed_by_another",
                violation_error_message="登记人不能自己交付，请另一位经办人交付。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["held", "cancelled", "expired"], handed_by=None, handed_at=None)
                | (
                    Q(state__in=["done", "refunded"], handed_by__isnull=False, handed_at__isnull=False)
                    & ~Q(collector="")
                ),
                name="redemption_handed_fits",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["held", "done"], ended_at=None, reason="")
                | (Q(state__in=["cancelled", "expired", "refunded"], ended_at__isnull=False) & ~Q(reason="")),
                name="redemption_end_has_reason",
                violation_error_message="取消或退货须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} × {self.quantity}"


class StockTake(models.Model):
    """盘点 by two people, `witness` as the other was called then: a `StockCount` for each lot on the shelf, a move for each
    difference. Insert-only."""

    view_action = Action.MARKET_VIEW
    scope_village = "shop__village"
    scope_unit = ""

    shop = models.ForeignKey(Shop, models.PROTECT, verbose_name="道德超市", related_name="stock_takes")
    on = models.DateField("盘点日期")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="盘点人", related_name="+")
    witness = models.CharField("监盘人", max_length=40)
    witness_account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="监盘人的账号", null=True, blank=True, related_name="+"
    )
    witness_resident = models.ForeignKey(
        Resident, models.PROTECT, verbose_name="监盘人（名册）", null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField("登记时间")

    objects: ShopQuerySet[StockTake] = ShopQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "盘点"
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.shop} {self.on} 盘点"


class StockCount(models.Model):
    """What one lot should have had on the shelf (held goods are still there) and what was found. Insert-only."""

    stock_take = models.ForeignKey(StockTake, models.PROTECT, verbose_name="盘点", related_name="counts")
    lot = models.ForeignKey(Lot, models.PROTECT, verbose_name="批次", related_name="counts")
    expected = models.PositiveIntegerField("账面数量")
    counted = models.PositiveIntegerField("实盘数量")
    reason = models.CharField("差异原因", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "盘点明细"
        ordering = ["stock_take", "lot"]
        constraints = [
            models.UniqueConstraint(fields=["stock_take", "lot"], name="stock_count_once"),
            models.CheckConstraint(
                condition=Q(counted=F("expected")) | ~Q(reason=""),
                name="stock_count_explained",
                violation_error_message="有差异的须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot} {self.counted - self.expected:+d}"


class Move(OfTownship):
    """Goods of one lot in or out. Insert-only; a trigger moves the stock of the lot and of its article."""

    class Kind(models.TextChoices):
        RECEIVED = "received", "进货"
        HELD = "held", "兑换出库"
        RETURNED = "returned", "退回"
        COUNTED = "counted", "盘点差异"
        SCRAPPED = "scrapped", "报损"

    view_action = Action.MARKET_VIEW
    township_from = "item.shop.village.parent_id"
    scope_village = "item__shop__village"
    scope_unit = ""

    lot = models.ForeignKey(Lot, models.PROTECT, verbose_name="批次", related_name="moves")
    item = models.ForeignKey(Item, models.PROTECT, verbose_name="物品", related_name="moves")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    quantity = models.IntegerField("数量", help_text="入为正，出为负")
    redemption = models.ForeignKey(
        Redemption, models.PROTECT, verbose_name="兑换", null=True, blank=True, related_name="moves"
    )
    stock_take = models.ForeignKey(
        StockTake, models.PROTECT, verbose_name="盘点", null=True, blank=True, related_name="moves"
    )
    reason = models.CharField("说明", max_length=100, blank=True)
    source_key = models.CharField("来源", max_length=80, unique=True, null=True, blank=True)  # null: typed by somebody
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="经办人", null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    objects: ShopQuerySet[Move] = ShopQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "出入库"
        ordering = ["-id"]
        indexes = [models.Index(fields=["township", "-id"], name="move_by_township")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["received", "returned"], quantity__gt=0)
                | Q(kind__in=["held", "scrapped"], quantity__lt=0)
                | (Q(kind="counted") & ~Q(quantity=0)),
                name="move_sign",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["held", "returned"], redemption__isnull=False)
                | Q(kind__in=["received", "counted", "scrapped"], redemption=None),
                name="move_of_a_redemption",
            ),
            models.CheckConstraint(
                condition=Q(kind="counted", stock_take__isnull=False) | (~Q(kind="counted") & Q(stock_take=None)),
                name="move_of_a_stock_take",
            ),
            models.UniqueConstraint(fields=["stock_take", "lot"], name="move_once_per_count"),
            models.CheckConstraint(
                condition=~Q(kind__in=["counted", "scrapped"]) | ~Q(reason=""),
                name="move_difference_explained",
                violation_error_message="差异和报损须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.quantity:+d}"
