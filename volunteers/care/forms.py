"""What is written of somebody in care."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.frame.forms import PageForm
from villages.models import Resident
from volunteers.models import CareNote


class CareForm(PageForm):
    """One person of the visited household."""

    resident = forms.ModelChoiceField(
        Resident.objects.none(), label="谁", empty_label=None, error_messages={"required": "请选人。"}
    )
    condition = forms.ChoiceField(label="情况", choices=CareNote.Condition)
    need = forms.CharField(label="需要什么（平安的可不填）", max_length=200, required=False)
    again_on = forms.DateField(
        label="下次看望（可不填）", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, residents: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resident"].queryset = residents  # type: ignore[attr-defined]
