"""Forms that came twice with different words: look at both, say which holds."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.engine.log_form import CaseLogForm
from governance.cases.errors import CaseError
from governance.cases.models import Category, Conflict
from governance.cases.sending.conflicts import conflict_keep, conflict_replace, conflict_separate
from governance.cases.sending.services import case_send, visit_send
from governance.cases.visits.forms import VisitForm
from governance.errors import DomainError
from governance.frame.paging import page_of
from villages.models import Unit

LABELS = {
    "category": "类别", "unit": "地方", "text": "情况", "place": "具体位置", "source": "来源", "client": "委托人",
    "phone": "联系电话", "account": "缴费户号", "parties": "当事人", "seen": "看到的、听到的", "kind": "类型",
    "companions": "同行人",
}  # fmt: skip


@duty_required(Action.CASE_LOG)
def conflict_list(request: UserRequest) -> HttpResponse:
    rows = Conflict.objects.visible_to(request.user).filter(outcome="")
    rows = rows.select_related("sent__case__category", "sent__case__unit", "sent__visit__unit").order_by("id")
    page = page_of(request, rows)
    shown = [(conflict, _later(conflict, request.user)) for conflict in page]
    return render(request, "cases/sending/conflict_list.html", {"page": page, "rows": shown})


@duty_required(Action.CASE_LOG)
def conflict_settle(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    rows = Conflict.objects.select_related("sent__case__category", "sent__case__unit", "sent__visit__unit")
    conflict = get_object_or_404(rows.visible_to(user), pk=pk)
    if request.method == "POST":
        try:
            _settle(conflict, request.POST.get("outcome", ""), user)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "已处理。")
            return redirect("cases:conflict-list")
    context = {"conflict": conflict, "later": _later(conflict, user), "outcomes": Conflict.Outcome.choices}
    return render(request, "cases/sending/conflict_settle.html", context)


def _settle(conflict: Conflict, outcome: str, user: User) -> None:
    if outcome == Conflict.Outcome.KEEP:
        conflict_keep(conflict=conflict, by=user)
        return
    is_case = conflict.sent.case_id is not None
    key = uuid4()
    data = {**conflict.payload, "client_key": str(key)}
    form: Any = CaseLogForm(data, user=user) if is_case else VisitForm(data, user=user)
    if not form.is_valid():
        raise CaseError("后收到的那份内容不完整或地方已变动，不能采用，请选“保留先收到的”。", "need")
    if outcome == Conflict.Outcome.REPLACE:
        conflict_replace(conflict=conflict, report=form.report(), by=user)
    elif outcome == Conflict.Outcome.SEPARATE:
        send: Any = case_send if is_case else visit_send
        conflict_separate(
            conflict=conflict,
            send=lambda: send(key=key, payload=conflict.payload, report=form.report(), by=user),
            by=user,
        )
    else:
        raise CaseError("请选怎样处理。", "need")


def _later(conflict: Conflict, user: User) -> list[tuple[str, str]]:
    """What the later one says, field by field, in words."""
    said: dict[str, Any] = conflict.payload
    names = {
        "category": Category.objects.visible_to(user).filter(pk=said.get("category") or 0).values_list("name", flat=True),
        "unit": Unit.objects.visible_to(user).filter(pk=said.get("unit") or 0).values_list("name", flat=True),
    }
    shown = {name: (next(iter(names[name]), "") if name in names else said[name]) for name in LABELS if name in said}
    return [(LABELS[name], str(value)) for name, value in shown.items() if value]
