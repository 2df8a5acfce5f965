"""Forms of what is disclosed: a list with its table, what happened, the overseers' word, reasons (plan §三.1)."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.affairs.filling import Filled
from governance.disclosure.affairs.models import Affair, AffairKind, AffairTurn
from governance.disclosure.affairs.services import Content
from governance.disclosure.affairs.tables import Table, table_of_file, table_read, table_text
from governance.disclosure.affairs.timing import Rule
from governance.errors import DomainError
from governance.frame.forms import PageForm, day_widget
from governance.frame.imports.forms import PasteForm
from governance.periods import today
from villages.models import Unit


def begun(turn: AffairTurn, standing: Affair | None, filled: Filled | None = None) -> dict[str, str]:
    """What a new draft begins with: the portal's own records where they are asked for, the list that stands, or the headings."""
    if filled is not None:
        return {"title": turn.title, "table": table_text(filled.columns, filled.rows), "note": filled.note, "source": filled.source}
    if standing is not None:
        table = table_text(standing.columns, standing.rows)
        return {"title": standing.title, "table": table, "note": standing.note, "source": standing.source}
    return {"title": turn.title, "table": "\t".join(turn.kind.headings)}


class AffairForm(PasteForm, PageForm):
    """A list as a paste or a file, words, or both."""

    text_of = staticmethod(table_of_file)
    needs_table = False

    title = forms.CharField(label="标题", max_length=100, error_messages={"required": "请写标题。"})
    table = forms.CharField(
        label="表格（从 Excel 或 WPS 整块复制，带表头）",
        help_text="姓名写成“王**”；不写电话、身份证号、银行账号和门牌号。",
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 10, "spellcheck": "false", "wrap": "off"}),
    )
    file = forms.FileField(label="或者选一个 Excel 文件（xlsx、xls 或 csv）", required=False)
    note = forms.CharField(
        label="说明（本期没有的，写“本期无此事项”）", max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
    source = forms.CharField(label="来源（可不填，如哪次会议的决议、哪本账）", max_length=100, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.read: Table = [], []
        self._keep(cleaned.get("table") or "")
        try:
            self.read = table_read(cleaned.get("table") or "")
        except DomainError as error:
            self.add_error("table", error.message)
        return cleaned

    def _keep(self, text: str) -> None:
        """What came by a file is shown as if it had been pasted, so that it can be put right on the page."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data["table"] = text  # type: ignore[index]

    def arguments(self) -> dict[str, Any]:
        cleaned, (columns, rows) = self.cleaned_data, self.read
        return {"content": Content(cleaned["title"], columns, rows, cleaned["note"], cleaned["source"])}


class TurnForm(PageForm):
    """What happened that is disclosed at once."""

    village = forms.ModelChoiceField(Unit.objects.none(), label="村（社区）", error_messages={"required": "请选村（社区）。"})
    kind = forms.ModelChoiceField(AffairKind.objects.none(), label="公开事项", error_messages={"required": "请选公开事项。"})
    event = forms.CharField(label="什么事", max_length=60, error_messages={"required": "请写明是什么事。"})
    on = forms.DateField(label="哪天发生（决定、收到）的", initial=today, widget=day_widget())

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = Unit.objects.visible_to(user, Action.AFFAIR_EDIT).villages().on(today()).order_by("path")
        kinds = AffairKind.objects.visible_to(user).filter(rule=Rule.AT_ONCE, is_active=True)
        self.fields["village"].queryset = villages  # type: ignore[attr-defined]
        self.fields["kind"].queryset = kinds.order_by("position", "pk")  # type: ignore[attr-defined]
        only = list(villages[:2])
        if len(only) == 1:
            self.fields["village"].initial = only[0].pk
            self.fields["village"].widget = forms.HiddenInput()


class ReviewForm(PageForm):
    passed = forms.ChoiceField(
        label="审核意见",
        choices=[("1", "属实，可以公开"), ("0", "退回修改")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选审核意见。"},
    )
    opinion = forms.CharField(label="说明（退回的要写明哪里要改）", max_length=200, required=False, widget=forms.Textarea({"rows": 3}))

    def arguments(self) -> dict[str, Any]:
        return {"passed": self.cleaned_data["passed"] == "1", "opinion": self.cleaned_data["opinion"]}


class ReasonForm(PageForm):
    reason = forms.CharField(
        label="原因", max_length=100, widget=forms.Textarea({"rows": 2}), error_messages={"required": "请写明原因。"}
    )
