"""Forms of errands: fees, satisfaction, the receipt's look-up."""

from __future__ import annotations

from django import forms

from governance.cases.models import Errand
from governance.frame.forms import PageForm


class ErrandForm(PageForm):
    account = forms.CharField(label="缴费户号", max_length=40, required=False)
    amount = forms.DecimalField(label="代缴金额（元）", max_digits=9, decimal_places=2, min_value=0, required=False)


class RateForm(PageForm):
    satisfaction = forms.ChoiceField(
        label="满意吗", choices=Errand.Satisfaction, widget=forms.RadioSelect,
        error_messages={"required": "请选满意、基本满意或不满意。"},
    )
    comment = forms.CharField(label="想说的话（可不填）", max_length=200, required=False)


class ReceiptForm(PageForm):
    number = forms.CharField(label="受理编号", max_length=20, error_messages={"required": "请填受理编号。"})
    tail = forms.RegexField(
        r"^\d{4}$",
        label="办理时留的电话后四位",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": "4"}),
        error_messages={"required": "请填电话后四位。", "invalid": "请填四位数字。"},
    )
