"""Forms of passbooks, proxies and expiry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm, day_widget
from governance.periods import today
from moral_bank.passbooks.expiry import NOTICE_DAYS
from villages.filters import villages_seen
from villages.models import Unit

DAY_ERRORS = {"required": "请选日期。", "invalid": "日期应写作 2026-04-08。"}


class RevokeForm(PageForm):
    reason = forms.CharField(label="作废原因", max_length=100, error_messages={"required": "请写明作废原因，如遗失。"})


class ProxyForm(PageForm):
    """代领人: who, what they are to the head, and how the household agreed."""

    name = forms.CharField(label="代领人姓名", max_length=40, error_messages={"required": "请写代领人姓名。"})
    relation = forms.CharField(label="与户主关系", max_length=20, error_messages={"required": "请写与户主关系。"})
    consent = forms.CharField(label="户主如何同意（当面、电话、签字）", max_length=60, error_messages={"required": "请写明如何同意。"})


class ExpiryForm(PageForm):
    """The rule as the meeting decided it; the days are checked by the service."""

    village = forms.ModelChoiceField(
        Unit.objects.none(), label="村（社区）", empty_label="请选择", error_messages={"required": "请选村（社区）。"}
    )
    earned_until = forms.DateField(label="哪一天以前得到的积分（含当日）", widget=day_widget(), error_messages=DAY_ERRORS)
    expires_on = forms.DateField(
        label=f"到期日（当天仍可兑换，至少在 {NOTICE_DAYS} 天以后）", widget=day_widget(), error_messages=DAY_ERRORS
    )
    basis = forms.CharField(
        label="依据（会议、日期、决定）", max_length=100, error_messages={"required": "请写明依据，如村民代表会议决定。"}
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Unit.objects.visible_to(user, Action.RULE_EDIT).villages().on(today())
        self.fields["village"].queryset = villages_seen(user).filter(pk__in=mine.order_by().values("pk"))  # type: ignore[attr-defined]
        self.fields["expires_on"].widget.attrs["min"] = (today() + timedelta(days=NOTICE_DAYS)).isoformat()


class CancelForm(PageForm):
    reason = forms.CharField(label="取消原因", max_length=100, error_messages={"required": "请写明取消原因。"})
