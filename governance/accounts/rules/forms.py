"""The page of the rules for accounts."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.accounts.forms import dress
from governance.accounts.rules.models import HOLDERS, AccountRules

LONGEST = 3650
SHORTEST = 30  # a shorter age of passwords locks everybody out of their work more often than it keeps anybody else out


class RulesForm(forms.Form):
    """Nothing is asked for where nothing is chosen, and 0 is never."""

    second_for = forms.MultipleChoiceField(
        label="担任这些职务的，登录须有第二验证", choices=HOLDERS, required=False, widget=forms.CheckboxSelectMultiple
    )
    password_days = forms.IntegerField(
        label="密码最长使用天数", min_value=0, max_value=LONGEST,
        help_text="0 为不限。定期强制改密码往往使密码更简单，没有上级要求的建议不限。",
    )
    stale_days = forms.IntegerField(
        label="多少天没有登录算久未登录", min_value=0, max_value=LONGEST, help_text="0 为不查。到期先通知本人，再过 14 天仍没有登录的锁定。"
    )

    def __init__(self, *args: Any, rules: AccountRules, **kwargs: Any) -> None:
        shown = {"second_for": rules.second_for, "password_days": rules.password_days, "stale_days": rules.stale_days}
        super().__init__(*args, **{**kwargs, "initial": shown})
        dress(self)

    def clean_password_days(self) -> int:
        return self._long_enough("password_days")

    def clean_stale_days(self) -> int:
        return self._long_enough("stale_days")

    def _long_enough(self, name: str) -> int:
        days: int = self.cleaned_data[name]
        if 0 < days < SHORTEST:
            raise forms.ValidationError(f"最少 {SHORTEST} 天，或者填 0。")
        return days
