"""What is asked when somebody agrees."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.frame.forms import PageForm, day_widget
from governance.periods import today
from villages.consents.services import is_child
from villages.models import Consent, Resident


class ConsentForm(PageForm):
    """A child's guardian must be written, anybody else's may."""

    purpose = forms.ChoiceField(label="同意什么", choices=Consent.Purpose.choices, widget=forms.RadioSelect)
    given_on = forms.DateField(label="同意日期", widget=day_widget())
    how = forms.ChoiceField(label="方式", choices=Consent.How.choices, widget=forms.RadioSelect, initial=Consent.How.SIGNED)
    guardian = forms.CharField(label="监护人", max_length=60, required=False)
    guardian_relation = forms.CharField(label="监护人与本人关系", max_length=20, required=False)

    def __init__(self, *args: Any, resident: Resident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        child = is_child(resident, today())
        for name in ("guardian", "guardian_relation"):
            self.fields[name].required = child
        self.fields["guardian"].help_text = "未满十四周岁，须由监护人同意。" if child else "本人满十四周岁的可不填。"
