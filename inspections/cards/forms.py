"""Forms of the cards' staff pages: a line with its bands in words, a plate's deed, a paste or a file (mission M34)."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.admin_forms import ServiceForm, day_field
from governance.frame.imports.forms import PasteForm
from governance.generics import ModelForm
from governance.periods import today
from governance.sheets.card_wording import BAND, Unreadable, read_rule
from inspections.cards.sheet_import import CardHead, card_text
from inspections.indicators.registry import INDICATORS
from inspections.models import Checklist, ChecklistItem
from inspections.scorecards.words import bands_kept, bands_words
from moral_bank.rules.models import Deed
from villages.models import Unit


class BandsField(forms.CharField):
    """Bands in words, kept as [[95, 5], [85, 4]]."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return bands_words(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return []
        try:
            rule = read_rule(text)
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from error
        if rule.kind != BAND:
            raise forms.ValidationError("请写成“95%得10分，90%得8分”。")
        return bands_kept(rule.bands)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bands_words(initial or []) != (data or "").strip()


class ItemForm(ModelForm):
    """One line of a draft."""

    bands = BandsField(label="分档", required=False, help_text="如 95%得10分，90%得8分")
    indicator = forms.ChoiceField(
        label="实测指标",
        required=False,
        choices=[("", "—"), *((code, one.name) for code, one in INDICATORS.items())],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = ChecklistItem
        fields = ["position", "name", "kind", "points", "per_case", "case_unit", "bands", "exclusive", "indicator", "basis"]


class PlateForm(ModelForm):
    """A plate and its deed, chosen from the township's points rules."""

    deed_code = forms.ChoiceField(label="积分事项", widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, deeds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.deed_code
        known = {code for code, _ in deeds}
        choices = deeds if not kept or kept in known else [*deeds, (kept, f"{kept}（细则里没有）")]
        self.fields["deed_code"] = forms.ChoiceField(label="积分事项", choices=choices, widget=UnfoldAdminSelectWidget)


def deeds_of(township: Unit) -> list[tuple[str, str]]:
    """Code and name of each deed of the township's rules, the newest wording of a code first."""
    deeds = Deed.objects.filter(rule_set__township=township).order_by("-rule_set__version")
    found: dict[str, str] = {}
    for code, name, score in deeds.values_list("code", "name", "score"):
        found.setdefault(code, f"{code} {name}（{score:+d}）")
    return sorted(found.items())


class ChecklistForm(ServiceForm):
    """The head of a card."""


class CardForm(PasteForm):
    """A card to be read: where it belongs, and its table as a paste or a file."""

    text_of = staticmethod(card_text)
    township = forms.ModelChoiceField(
        label="乡镇", queryset=Unit.objects.none(), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    use = forms.ChoiceField(label="用途", choices=Checklist.Use.choices, widget=UnfoldAdminSelectWidget)
    name = forms.CharField(label="名称", max_length=80, widget=UnfoldAdminTextInputWidget)
    valid_from = day_field("启用日期")
    source = forms.CharField(label="出处", max_length=300, required=False, widget=UnfoldAdminTextInputWidget)
    file = forms.FileField(
        label="Excel 文件",
        required=False,
        help_text="xlsx、xls 或 csv；合并的分值按“几条共用”读",
        widget=UnfoldAdminFileFieldWidget,
    )
    table = forms.CharField(
        label="或者粘贴表格",
        required=False,
        strip=False,
        help_text="从 Excel 或 WPS 整块复制，第一行是表头，如：考核项目、标准分、考核内容、分值、评分办法",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 14, "wrap": "off", "spellcheck": "false"}),
    )
    good_only = forms.BooleanField(label="只写入看得懂的行，其余以后再补", required=False, widget=UnfoldBooleanWidget)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        townships = Unit.objects.visible_to(user, Action.CHECKLIST_EDIT).on(today()).filter(level=Unit.Level.TOWNSHIP)
        self.fields["township"].queryset = townships  # type: ignore[attr-defined]

    def head(self) -> CardHead:
        """What the form says of the card."""
        cleaned = self.cleaned_data
        return CardHead(cleaned["township"], cleaned["use"], cleaned["name"], cleaned["valid_from"], cleaned["source"])
