"""Forms of the 道德超市 (plan §三.4). Money is typed in 元 and handed on in 分."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.forms import PageForm, day_widget
from governance.periods import today
from moral_bank.market.paper import PAPER_ROWS, PaperList, PaperRow, clerks
from moral_bank.market.services import MarketError
from moral_bank.market.stock import CountLine, Delivery, ShopDetails
from moral_bank.market.witnesses import Witness, witness_named
from moral_bank.models import FundMove, Item, Lot, Shop, Supplier
from villages.models import Unit

MOST_OF_ONE = 10
CELLS = ("home", "item", "quantity", "collector", "note")
BY_SIGN = {FundMove.Kind.GRANT: 1, FundMove.Kind.DONATION: 1, FundMove.Kind.OUT: -1, FundMove.Kind.CORRECTION: 1}


def day_field(label: str, *, required: bool = True, initial: Any = today) -> forms.DateField:
    messages = {"required": "请选日期。", "invalid": "日期应写作 2026-04-08。"}
    widget = day_widget()
    return forms.DateField(label=label, required=required, initial=initial, widget=widget, error_messages=messages)


def yuan_field(label: str, *, most: str = "9999999", **terms: Any) -> forms.DecimalField:
    widget = forms.NumberInput({"inputmode": "decimal", "step": "0.01"})
    messages = {"required": "请填金额。", "invalid": "金额应写作 12.50。"}
    return forms.DecimalField(
        label=label, max_digits=9, decimal_places=2, max_value=Decimal(most), widget=widget, error_messages=messages, **terms
    )


def cents(yuan: Decimal | None) -> int:
    return int((yuan or Decimal(0)) * 100)


def count_field(label: str) -> forms.IntegerField:
    messages = {"required": "请填数量。", "invalid": "数量应是整数。"}
    widget = forms.NumberInput({"inputmode": "numeric", "min": "1"})
    return forms.IntegerField(label=label, min_value=1, max_value=99_999, widget=widget, error_messages=messages)


def typed(data: Mapping[str, Any], name: str, most: int | None = None) -> str:
    """What stands in a cell that no form field reads; PostgreSQL takes no NUL."""
    return str(data.get(name, "")).replace("\x00", "").strip()[:most]


class RedeemForm(PageForm):
    """`pick-<item>`: how many of each article, chosen from what is good today and what the balance reaches.

    `price-<item>` is the price that the page showed; `items` are annotated with `good`.
    """

    def __init__(self, *args: Any, items: Sequence[Any], balance: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = {f"pick-{item.pk}": item for item in items}
        for name, item in self.items.items():
            most = min(item.good, balance // item.points, MOST_OF_ONE)
            choices = [(0, "不换"), *((count, f"{count} {item.unit}（{count * item.points} 分）") for count in range(1, most + 1))]
            field = forms.TypedChoiceField(label=item.name, choices=choices, coerce=int, required=False)
            field.widget.attrs["class"] = "form-select"
            field.error_messages["invalid_choice"] = "这个数量现在换不了，请重新选。"
            self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name, item in self.items.items():
            shown = self.data.get(name.replace("pick", "price"), item.points)
            if self.cleaned_data.get(name) and str(shown) != str(item.points):
                self.add_error(name, f"价格刚改为 {item.points} 分，请核对后再登记。")
        picked = [name for name in self.data if name.startswith("pick-") and self.data[name] not in ("", "0")]
        if gone := [name for name in picked if name not in self.fields]:
            self.add_error(None, f"选的物品里有 {len(gone)} 种现在换不了，请重新选。")
        if not self.errors and not self.wanted():
            self.add_error(None, "还没有选物品。")
        return cleaned

    def wanted(self) -> list[tuple[Item, int]]:
        return [(item, self.cleaned_data[name]) for name, item in self.items.items() if self.cleaned_data.get(name)]

    def arguments(self) -> dict[str, Any]:
        return {"wanted": self.wanted()}

    def refuse(self, error: DomainError) -> None:
        """The reasons of `MarketError.rows` beside their articles, too."""
        wanted = [name for name in self.items if self.cleaned_data.get(name)]
        for row, reason in (error.rows if isinstance(error, MarketError) else {}).items():
            self.add_error(wanted[row], reason)
        super().refuse(error)


class CodeForm(PageForm):
    code = forms.RegexField(
        r"^\d{6}$",
        label="取货码（六位数字）",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": "6"}),
        error_messages={"required": "请填取货码。", "invalid": "取货码是六位数字。"},
    )


class HandForm(CodeForm):
    collector = forms.ChoiceField(
        label="领取人", widget=forms.RadioSelect, error_messages={"required": "请选领取人。"}
    )

    def __init__(self, *args: Any, people: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["collector"]
        field.choices = [(name, name) for name in people]
        field.error_messages["invalid_choice"] = "请从列表里选领取人。"
        self.is_wrong_code = False

    def refuse(self, error: DomainError) -> None:
        self.is_wrong_code = error.code == "code"
        self.add_error("code" if self.is_wrong_code else None, error.message)


class ReasonForm(PageForm):
    reason = forms.CharField(label="原因", max_length=100, error_messages={"required": "请写明原因。"})


class RefundForm(ReasonForm):
    field_order = ["goods_back", "reason"]

    goods_back = forms.ChoiceField(
        label="货物",
        choices=[("1", "已收回，放回货架"), ("0", "没有收回或已损坏，报损")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选货物是否收回。"},
    )

    def arguments(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"], "goods_back": self.cleaned_data["goods_back"] == "1"}


class ShopForm(PageForm):
    name = forms.CharField(label="名称", max_length=60, error_messages={"required": "请填名称。"})
    place = forms.CharField(label="地点", max_length=100, required=False)
    hours = forms.CharField(label="开放时间", max_length=100, required=False)
    rate = yuan_field("每 1 积分折合（元）", min_value=Decimal("0.01"), most="1000", initial=Decimal(1))
    hold_days = forms.IntegerField(label="预留天数", min_value=1, max_value=60, initial=7)
    is_open = forms.BooleanField(
        label="开放兑换", required=False, initial=True, widget=forms.CheckboxInput({"class": "form-check-input"})
    )

    def arguments(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        kept = {name: cleaned[name] for name in ("name", "place", "hours", "hold_days", "is_open")}
        return {"details": ShopDetails(cents_per_point=cents(cleaned["rate"]), **kept)}


class ShopOpenForm(ShopForm):
    village = forms.ModelChoiceField(
        Unit.objects.none(), label="村（社区）", empty_label="请选择", error_messages={"required": "请选村（社区）。"}
    )
    fund = yuan_field("启动资金（元）", min_value=Decimal(0), initial=Decimal(0))

    field_order = ["village", "name", "place", "hours", "fund", "rate", "hold_days", "is_open"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = Unit.objects.visible_to(user, Action.FUND_EDIT).villages().on(today()).filter(shop=None)
        self.fields["village"].queryset = villages  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {**super().arguments(), "village": cleaned["village"], "fund_cents": cents(cleaned["fund"])}


class ItemForm(PageForm):
    name = forms.CharField(label="物品", max_length=60, error_messages={"required": "请填物品名称。"})
    unit = forms.CharField(label="单位", max_length=10, initial="件", error_messages={"required": "请填单位。"})
    points = forms.IntegerField(
        label="兑换积分", min_value=1, max_value=100_000, widget=forms.NumberInput({"inputmode": "numeric"}),
        error_messages={"required": "请填兑换积分。", "min_value": "兑换积分至少为 1。"},
    )  # fmt: skip
    is_active = forms.BooleanField(
        label="上架", required=False, initial=True, widget=forms.CheckboxInput({"class": "form-check-input"})
    )


class SupplierForm(PageForm):
    name = forms.CharField(label="名称", max_length=60, error_messages={"required": "请填名称。"})
    contact = forms.CharField(label="联系人", max_length=40, required=False)
    phone = forms.CharField(label="联系电话", max_length=20, required=False, widget=forms.TextInput({"inputmode": "tel"}))
    is_active = forms.BooleanField(
        label="在用", required=False, initial=True, widget=forms.CheckboxInput({"class": "form-check-input"})
    )


class LotForm(PageForm):
    item = forms.ModelChoiceField(
        Item.objects.none(), label="物品", empty_label="请选择", error_messages={"required": "请选物品。"}
    )
    quantity = count_field("数量")
    price = yuan_field("单价（元，捐赠的填估价）", min_value=Decimal(0))
    donated = forms.BooleanField(
        label="捐赠的，不付款（估价超过 1000 元的由镇上登记）", required=False, widget=forms.CheckboxInput({"class": "form-check-input"})
    )
    supplier = forms.ModelChoiceField(Supplier.objects.none(), label="供货单位", required=False, empty_label="不填")
    number = forms.CharField(label="批号", max_length=40, required=False)
    received_on = day_field("进货日期")
    best_before = day_field("保质期至", required=False, initial=None)

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items: Any = self.fields["item"]
        items.queryset = Item.objects.filter(shop=shop, is_active=True).order_by("name")
        suppliers: Any = self.fields["supplier"]
        suppliers.queryset = Supplier.objects.filter(village=shop.village_id, is_active=True).order_by("name")

    def arguments(self) -> dict[str, Any]:
        cleaned = {**self.cleaned_data}
        return {"delivery": Delivery(unit_cents=cents(cleaned.pop("price")), **cleaned)}


class ScrapForm(PageForm):
    quantity = count_field("报损数量")
    reason = forms.CharField(label="原因", max_length=100, error_messages={"required": "请写明原因。"})


class FundForm(PageForm):
    kind = forms.ChoiceField(label="类别", choices=[(kind.value, kind.label) for kind in BY_SIGN])
    amount = yuan_field("金额（元；更正可填负数）")
    on = day_field("日期")
    memo = forms.CharField(label="说明", max_length=100, error_messages={"required": "请写说明。"})

    def arguments(self) -> dict[str, Any]:
        cleaned = {**self.cleaned_data}
        amount = cents(cleaned.pop("amount"))
        return {**cleaned, "cents": BY_SIGN[FundMove.Kind(cleaned["kind"])] * amount}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        amount, kind = cleaned.get("amount"), cleaned.get("kind")
        if amount is not None and (not amount or (amount < 0 and kind != FundMove.Kind.CORRECTION)):
            self.add_error("amount", "金额应大于 0；只有更正可以填负数。")
        return cleaned


class TakeForm(PageForm):
    """`counted-<lot>`, `expected-<lot>` and `reason-<lot>`: what was found of each of `lots`; `wrong` says by the lot's id what
    is to be put right."""

    on = day_field("盘点日期")
    witness = forms.CharField(
        label="监盘人（另一个人，名册或账号里的姓名）", max_length=60, error_messages={"required": "请填监盘人。"},
        widget=forms.TextInput({"list": "witnesses", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, shop: Shop, lots: Sequence[Lot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shop, self.lots = shop, lots
        self.wrong: dict[int, str] = {}
        self.lines: list[CountLine] = []

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for lot in self.lots:
            self._count(lot, *(typed(self.data, f"{name}-{lot.pk}") for name in _COUNTED))
        if self.wrong and not self.errors:
            self.add_error(None, "有几行要改，盘点还没有保存。")
        return cleaned

    def clean_witness(self) -> Witness:
        try:
            return witness_named(self.shop.village, self.cleaned_data["witness"], today())
        except MarketError as error:
            raise forms.ValidationError(error.message) from error

    def _count(self, lot: Lot, counted: str, expected: str, reason: str) -> None:
        if not counted.isdecimal() or len(counted) > 6:
            self.wrong[lot.pk] = "请填实盘数量（整数）。"
        elif len(reason) > 100:
            self.wrong[lot.pk] = "原因请写在 100 字以内。"
        else:
            booked = int(expected) if expected.isdecimal() and len(expected) < 7 else -1
            self.lines.append(CountLine(lot, booked, int(counted), reason))

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "lines": self.lines}

    def refuse(self, error: DomainError) -> None:
        for row, reason in (error.rows if isinstance(error, MarketError) else {}).items():
            self.wrong[self.lines[row].lot.pk] = reason
        super().refuse(error)

    def rows(self) -> list[tuple[Lot, str, str, str]]:
        """(lot, counted, reason, what is wrong) of each line as it was typed."""
        return [
            (lot, self.data.get(f"counted-{lot.pk}", ""), self.data.get(f"reason-{lot.pk}", ""), self.wrong.get(lot.pk, ""))
            for lot in self.lots
        ]


_COUNTED = ("counted", "expected", "reason")


class PaperForm(PageForm):
    """The head of a list; its lines are `home-1` … `note-15`."""

    on = day_field("登记表日期", initial=None)
    number = forms.CharField(label="登记表编号", max_length=60, error_messages={"required": "请填登记表编号。"})
    held_by = forms.ModelChoiceField(
        User.objects.none(), label="登记人", empty_label="请选择", error_messages={"required": "请选登记人。"}
    )
    handed_by = forms.ModelChoiceField(
        User.objects.none(), label="交付人", empty_label="请选择", error_messages={"required": "请选交付人。"}
    )
    good_only = forms.BooleanField(
        label="只录入没有问题的行", required=False, widget=forms.CheckboxInput({"class": "form-check-input"})
    )

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shop = shop
        for name, action in (("held_by", Action.MARKET_REDEEM), ("handed_by", Action.MARKET_HAND)):
            field: Any = self.fields[name]
            field.queryset = clerks(shop, action)
            field.label_from_instance = lambda user: user.name

    def arguments(self) -> dict[str, Any]:
        return {"paper": self.paper(), "rows": self.rows(), "good_only": self.cleaned_data["good_only"]}

    def paper(self) -> PaperList:
        cleaned = self.cleaned_data
        day: date = cleaned["on"]
        return PaperList(self.shop, day, cleaned["number"].strip(), cleaned["held_by"], cleaned["handed_by"])

    def rows(self) -> list[PaperRow]:
        """All lines as typed, the empty ones too."""
        data = self.data if self.is_bound else {}
        return [
            PaperRow(line, **{cell: typed(data, f"{cell}-{line}") for cell in CELLS})
            for line in range(1, PAPER_ROWS + 1)
        ]
