"""What a resident fills in to object, and what the office answers."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from governance.disclosure.said import TEXT_LENGTH
from governance.frame.forms import PageForm, unchosen


class SayingForm(PageForm):
    """Who says what in writing. `website` is a trap for robots."""

    name = forms.CharField(
        label="您的姓名",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "请写明姓名。"},
    )
    phone = forms.CharField(
        label="联系电话",
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": "请写明联系电话。"},
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.pop("website", ""):
            raise forms.ValidationError("提交没有成功，请重新填写。")
        return cleaned


def _words_field(label: str, required: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 4}), error_messages={"required": required}
    )


class ObjectionForm(SayingForm):
    """An objection to one line of a notice, or to the notice as a whole."""

    row_number = forms.IntegerField(
        label="名单序号（对整个公示有异议可不填）",
        required=False,
        min_value=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    text = _words_field("异议内容", "请写明异议内容。")
    field_order = ("row_number", "name", "phone", "text")


class QuestionForm(SayingForm):
    """What somebody wants to know of a list that is disclosed."""

    text = _words_field("想问什么", "请写明想问什么。")
    field_order = ("text", "name", "phone")


class OwnLineForm(PageForm):
    """What only the household has at hand: its number and the code on its passbook."""

    house = forms.CharField(label="户号", max_length=30, error_messages={"required": "请填户号。"})
    code = forms.CharField(
        label="存折上的查询码（8 位数字）",
        max_length=12,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "请填存折上的查询码。"},
    )

    def clean_code(self) -> str:
        digits = "".join(self.cleaned_data["code"].split())
        if not re.fullmatch(r"[0-9]{8}", digits):
            raise forms.ValidationError("查询码是存折二维码下面的 8 位数字。")
        return digits


class WordsForm(PageForm):
    """An answer in words."""

    answer = _words_field("答复", "请写明答复。")


class AnswerForm(WordsForm):
    """采纳 or 不采纳, in words."""

    upheld = forms.ChoiceField(
        label="处理", choices=unchosen([("1", "采纳（异议成立）"), ("0", "不采纳")]), error_messages={"required": "请选择是否采纳。"},
    )
    field_order = ("upheld", "answer")
