"""Forms that came twice with different words: look at both, say which holds."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.engine.log_form import CaseLogForm
from governance.cases.errors import CaseError
from governance.cases.models import Category, Conflict
from governance.cases.sending.conflicts import conflict_keep, conflict_replace, conflict_separate
from governance.cases.sending.lists import CONFLICTS
from governance.cases.sending.services import case_send, visit_send
from governance.cases.visits.forms import VisitForm
from governance.frame.act import press
from governance.frame.lists import list_page
from governance.reading import text_sent
from villages.models import Unit

RELATED = ("sent__case__category", "sent__case__unit", "sent__visit__unit")
LABELS = {
    "category": "类别", "unit": "地方", "text": "情况", "place": "具体位置", "source": "来源", "client": "委托人",
    "phone": "联系电话", "account": "缴费户号", "parties": "当事人", "seen": "看到的、听到的", "kind": "类型",
    "companions": "同行人",
}  # fmt: skip


@duty_required(Action.CASE_LOG)
def conflict_list(request: UserRequest) -> HttpResponse:
    return list_page(request, CONFLICTS, Conflict.objects.visible_to(request.user).filter(outcome="").select_related(*RELATED))


@duty_required(Action.CASE_LOG)
def conflict_settle(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    conflict = get_object_or_404(Conflict.objects.select_related(*RELATED).visible_to(user), pk=pk)
    outcome = text_sent(request, "outcome")
    if request.method == "POST" and press(request, _settle, "已处理。", conflict=conflict, outcome=outcome, by=user):
        return redirect("cases:conflict-list")
    context = {"conflict": conflict, "later": _later(conflict, user), "outcomes": Conflict.Outcome.choices}
    return render(request, "cases/sending/conflict_settle.html", context)


def _settle(*, conflict: Conflict, outcome: str, by: User) -> None:
    if outcome == Conflict.Outcome.KEEP:
        conflict_keep(conflict=conflict, by=by)
        return
    is_case = conflict.sent.case_id is not None
    data = {**conflict.payload, "client_key": str(uuid4())}
    form: Any = CaseLogForm(data, user=by) if is_case else VisitForm(data, user=by)
    if not form.is_valid():
        raise CaseError("后收到的那份内容不完整或地方已变动，不能采用，请选“保留先收到的”。", "need")
    if outcome == Conflict.Outcome.REPLACE:
        conflict_replace(conflict=conflict, report=form.report(), by=by)
    elif outcome == Conflict.Outcome.SEPARATE:
        send: Any = case_send if is_case else visit_send
        separate = partial(send, payload=conflict.payload, by=by, **form.arguments())
        conflict_separate(conflict=conflict, send=separate, by=by)
    else:
        raise CaseError("请选怎样处理。", "need")


def _later(conflict: Conflict, user: User) -> list[tuple[str, str]]:
    """What the later one says, field by field, in words."""
    payload: dict[str, Any] = conflict.payload
    names = {
        "category": Category.objects.visible_to(user).filter(pk=payload.get("category") or 0).values_list("name", flat=True),
        "unit": Unit.objects.visible_to(user).filter(pk=payload.get("unit") or 0).values_list("name", flat=True),
    }
    shown = {name: (next(iter(names[name]), "") if name in names else payload[name]) for name in LABELS if name in payload}
    return [(LABELS[name], str(value)) for name, value in shown.items() if value]
