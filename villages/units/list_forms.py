"""Forms by which lists of units, and of groups and settlements, are pasted or uploaded."""

from __future__ import annotations

from django import forms

from governance.frame.forms import PageForm
from governance.frame.imports.forms import PasteForm
from governance.sheets.units import places_text, units_text


def _text_field(label: str, example: str) -> forms.CharField:
    widget = forms.Textarea({"rows": 8, "spellcheck": "false", "placeholder": example})
    return forms.CharField(label=label, required=False, strip=False, widget=widget)


class UnitListForm(PasteForm, PageForm):
    """Codes and names."""

    text_of = staticmethod(units_text)
    table = _text_field("粘贴代码和名称，一行一个", "511929101201 青杠村委会\n511929101202 黄桷村委会")
    file = forms.FileField(label="或者上传文件（xlsx、xls 或 csv）", required=False)


class PlaceListForm(PasteForm, PageForm):
    """Villages with their groups and settlements."""

    text_of = staticmethod(places_text)
    table = _text_field("粘贴各村的组和聚居点，一行一组", "八一村 1组：柏树院、王家院\n八一村 2组：李家湾\n马鞍村：老屋湾、堰塘边")
    file = forms.FileField(label="或者上传文件（xlsx、xls 或 csv，列名为村、村民小组、聚居点）", required=False)
