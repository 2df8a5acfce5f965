"""Forms of the pages of posts."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm
from governance.frame.imports.forms import encoding_field
from governance.periods import today
from governance.sheets.limits import Limits
from villages.models import Unit


class OfficerSheetForm(PageForm):
    """A list of 一长四员 of one township; which one is asked of those who appoint in several."""

    township = forms.ModelChoiceField(Unit.objects.none(), label="哪个乡镇", empty_label=None)
    file = forms.FileField(
        label="一长四员名单（.xlsx、.xls、.csv 或 .txt）",
        widget=forms.ClearableFileInput({"accept": ".xlsx,.xls,.csv,.txt"}),
        error_messages={"required": "请选择文件。"},
    )
    encoding = encoding_field()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        townships = Unit.objects.visible_to(user, Action.POST_APPOINT).on(today()).filter(level=Unit.Level.TOWNSHIP)
        self.fields["township"].queryset = townships  # type: ignore[attr-defined]
        if len(townships) == 1:
            self.fields["township"].initial, self.fields["township"].widget = townships[0], forms.HiddenInput()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        most = Limits().file_bytes
        if file.size > most:
            raise forms.ValidationError(f"文件超过 {most // 1024 // 1024} MB，请拆分后再上传。")
        return file
