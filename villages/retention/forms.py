"""The rule of a township."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.frame.forms import PageForm
from villages.models import Retention


class RetentionForm(PageForm):
    """Without years everybody is kept."""

    years = forms.IntegerField(
        label="迁出或死亡满几年以后注销", required=False, min_value=1, max_value=100, help_text="不填就一直保留。"
    )
    nightly = forms.BooleanField(label="到期的每晚自动注销", required=False, help_text="不勾选的，由工作人员看过名单再注销。")

    def __init__(self, *args: Any, rule: Retention, **kwargs: Any) -> None:
        super().__init__(*args, initial={"years": rule.years, "nightly": rule.nightly}, **kwargs)
