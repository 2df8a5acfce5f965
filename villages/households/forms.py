"""What is asked before whole ID numbers leave the portal."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm
from governance.periods import today
from villages.models import Unit


class WholeNumbersForm(PageForm):
    village = forms.ModelChoiceField(Unit.objects.none(), label="村（社区）", required=False, empty_label="全部村（社区）")
    reason = forms.CharField(
        label="用途",
        min_length=4,
        max_length=100,
        help_text="写明给谁、办什么事。用途写进表格，也记入访问日志。",
        error_messages={"required": "请写明用途。", "min_length": "请把用途写具体，至少 4 个字。"},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = Unit.objects.visible_to(user, Action.RESIDENT_EXPORT).villages().on(today())
        self.fields["village"].queryset = villages  # type: ignore[attr-defined]


class TellForm(PageForm):
    """Who wants the file."""

    applicant = forms.CharField(
        label="谁申请的",
        max_length=100,
        help_text="写明本人、监护人或受托人，和核对过的证件，如：本人，已核对身份证。",
        error_messages={"required": "请写明谁来申请的。"},
    )
