"""Filters and forms of passbooks, proxies, cover and expiry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm
from governance.frame.pinyin import name_q
from governance.periods import today
from moral_bank.models import Expiry, Passbook
from moral_bank.passbooks.cover import LEVELS
from moral_bank.passbooks.expiry import NOTICE_DAYS
from villages.filters import VillageFilter, villages_seen
from villages.models import Unit

PASSBOOK_STATES = [("", "有效"), ("revoked", "已作废"), ("all", "全部")]
EXPIRY_STATES = [
    ("", "全部状态"), ("waiting", "公示中"), ("withdrawn", "公示已撤回"), ("done", "已办结"), ("cancelled", "已取消")
]  # fmt: skip
DAY_ERRORS = {"required": "请选日期。", "invalid": "日期应写作 2026-04-08。"}


def day_widget() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class PassbookFilter(VillageFilter):
    state = forms.ChoiceField(label="状态", choices=PASSBOOK_STATES, required=False)

    field_order = ["village", "state", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["placeholder"] = "户主姓名、拼音或户号"

    def rows(self, user: User) -> QuerySet[Passbook]:
        """The passbooks that `user` may issue and the filter asks for; those in force unless told otherwise."""
        rows, home = Passbook.objects.visible_to(user), "account__household__"
        if "village" in self.fields and self.value("village"):
            rows = rows.filter(account__household__village=self.value("village"))
        if words := self.value("q"):
            named = name_q(words, name=f"{home}head_name", key=f"{home}head_pinyin")
            rows = rows.filter(named | Q(account__household__number__contains=words.strip()))
        state = self.value("state")
        return rows if state == "all" else rows.filter(revoked_at__isnull=state != "revoked")


class RevokeForm(PageForm):
    reason = forms.CharField(label="作废原因", max_length=100, error_messages={"required": "请写明作废原因，如遗失。"})


class ProxyForm(PageForm):
    """代领人: who, what they are to the head, and how the household agreed."""

    name = forms.CharField(label="代领人姓名", max_length=40, error_messages={"required": "请写代领人姓名。"})
    relation = forms.CharField(label="与户主关系", max_length=20, error_messages={"required": "请写与户主关系。"})
    consent = forms.CharField(label="户主如何同意（当面、电话、签字）", max_length=60, error_messages={"required": "请写明如何同意。"})


class CoverFilter(VillageFilter):
    level = forms.ChoiceField(label="状态", choices=[("", "全部状态"), *LEVELS.items()], required=False)

    field_order = ["village", "level"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["q"]


class ExpiryFilter(VillageFilter):
    state = forms.ChoiceField(label="状态", choices=EXPIRY_STATES, required=False)

    field_order = ["village", "state"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["q"]

    def rows(self, user: User) -> QuerySet[Expiry]:
        """The dated rules of the townships whose rules `user` reads, as the filter asks."""
        rows, state = Expiry.objects.visible_to(user), self.value("state")
        if "village" in self.fields and self.value("village"):
            rows = rows.filter(village=self.value("village"))
        if state in ("waiting", "withdrawn"):
            standing = state == "waiting"
            return rows.filter(done_at=None, cancelled_at=None, notice__withdrawn_at__isnull=standing)
        return rows.filter(**{f"{state}_at__isnull": False}) if state else rows


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
