"""资料注销: who is forgotten next and who was, the rule, the button."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, redirect
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, press, sent
from governance.frame.columns import Col
from governance.frame.lists import Listing, Tab, To, list_page
from governance.periods import today
from governance.reading import text_sent
from villages.models import Forgetting, Resident, Unit
from villages.retention.forms import RetentionForm
from villages.retention.services import (
    list_mark,
    residents_due,
    residents_forget,
    retention_set,
    rule_of,
    towns_forgetting,
)

RETENTION = Listing(
    "资料注销",
    [
        Col("姓名", "name", whole=True),
        Col("户号", "household.number"),
        Col("村（社区）", "household.village"),
        Col("状态", "get_status_display"),
        Col("状态日期", "status_on"),
        Col("注销日期", "forgotten_on"),
    ],
    unit="人",
)


@duty_required(Action.RESIDENT_FORGET)
def retention_start(request: UserRequest) -> HttpResponse:
    """The first of the user's townships."""
    return redirect("villages:retention-town", get_list_or_404(towns_forgetting(request.user))[0].pk)


@duty_required(Action.RESIDENT_FORGET)
def retention(request: UserRequest, pk: int) -> HttpResponse:
    """A dry view: nothing happens by looking. The button says which list was looked at."""
    town = _town(request, pk)
    due = residents_due(town, today())
    rows = Resident.objects.visible_to(request.user, Action.RESIDENT_FORGET).filter(household__village__parent=town)
    tabs = (
        Tab("due", "到期待注销", lambda rows, user: rows.filter(pk__in=due.order_by().values("pk")), ("status_on", "pk"), "没有到期的人。"),
        Tab("done", "已注销", lambda rows, user: rows.exclude(forgotten_on=None), ("-forgotten_on", "-pk"), "还没有注销过。"),
    )
    listing = replace(RETENTION, tabs=tabs, actions=(To("改保留年限", "villages:retention-rule", (town.pk,), first=False),))
    runs = Forgetting.objects.filter(township=town).select_related("by")[:10]
    towns = towns_forgetting(request.user)
    context: dict[str, Any] = {"town": town, "towns": towns, "rule": rule_of(town), "due": due.count(), "runs": runs}
    context["mark"] = list_mark(town, today())
    return list_page(request, listing, rows.select_related("household__village"), "villages/retention/list.html", **context)


@require_POST
@duty_required(Action.RESIDENT_FORGET)
def retention_run(request: UserRequest, pk: int) -> HttpResponse:
    looked_at = text_sent(request, "looked_at")
    press(request, residents_forget, "已注销 {} 人的资料。".format, township=_town(request, pk), by=request.user, looked_at=looked_at)
    return redirect("villages:retention-town", pk)


@duty_required(Action.RESIDENT_FORGET)
def retention_rule(request: UserRequest, pk: int) -> HttpResponse:
    town = _town(request, pk)
    form = RetentionForm(**sent(request), rule=rule_of(town))
    if act(request, form, retention_set, "已保存。", township=town, by=request.user):
        return redirect("villages:retention-town", pk)
    return form_page(request, form, title=f"{town}的资料保留年限", button="保存", up=To("资料注销", "villages:retention-town", (pk,)))


def _town(request: UserRequest, pk: int) -> Unit:
    return get_object_or_404(towns_forgetting(request.user), pk=pk)
