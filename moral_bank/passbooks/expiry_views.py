"""积分到期: the dated rules of each village, announced at least thirty days before."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To, list_export, list_page
from moral_bank.models import Expiry
from moral_bank.passbooks.expiry import expiry_cancel, expiry_decide, lapse_total
from moral_bank.passbooks.exports import EXPIRIES as LEDGER
from moral_bank.passbooks.forms import CancelForm, ExpiryForm
from moral_bank.passbooks.lists import EXPIRIES

RELATED = ("village", "notice", "decided_by")
TO_EXPIRIES = To("积分到期", "moral_bank:expiry-list")


@duty_required(Action.RULE_VIEW)
def expiry_list(request: UserRequest) -> HttpResponse:
    rows = Expiry.objects.visible_to(request.user)
    return list_page(request, EXPIRIES, rows.select_related(*RELATED).prefetch_related("notice__objections"))


@duty_required(Action.EXPORT)
def expiry_export(request: UserRequest) -> HttpResponseBase:
    allowed = Expiry.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = Expiry.objects.visible_to(request.user).filter(pk__in=allowed)
    return list_export(request, EXPIRIES, rows, LEDGER, "moral_bank:expiry-list")


@duty_required(Action.RULE_EDIT)
def expiry_create(request: UserRequest) -> HttpResponse:
    form = ExpiryForm(**sent(request), user=request.user)
    if act(request, form, expiry_decide, _decided, by=request.user):
        return redirect("moral_bank:expiry-list")
    context = {"title": "登记积分到期", "button": "保存并公示", "up": TO_EXPIRIES}
    return form_page(request, form, "moral_bank/passbooks/expiry_form.html", **context)


@duty_required(Action.RULE_EDIT)
def expiry_cancel_view(request: UserRequest, pk: int) -> HttpResponse:
    rows = Expiry.objects.visible_to(request.user, Action.RULE_EDIT).select_related(*RELATED)
    expiry, form = get_object_or_404(rows, pk=pk), CancelForm(**sent(request))
    if act(request, form, expiry_cancel, "已取消，积分照旧有效，公示已撤回。", expiry=expiry, by=request.user):
        return redirect("moral_bank:expiry-list")
    homes, points = lapse_total(expiry) if expiry.is_open else (0, 0)
    context = {"title": "取消积分到期", "heading": f"取消积分到期：{expiry.village}", "button": "取消这次到期", "up": TO_EXPIRIES}
    figures = {"expiry": expiry, "homes": homes, "points": points}
    return form_page(request, form, "moral_bank/passbooks/expiry_cancel.html", **context, **figures)


def _decided(expiry: Expiry) -> str:
    homes, points = lapse_total(expiry)
    return f"已登记并公示。按现在的余额，到期时有 {homes} 户、共 {points} 分到期。"
