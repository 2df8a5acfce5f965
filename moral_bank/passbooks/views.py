"""积分存折: the list, one household's passbook with its proxies and statement, and what is printed of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, press, sent
from governance.frame.forms import PageForm
from governance.frame.lists import list_export, list_page, sheet_or_back
from governance.periods import Period, today
from governance.qr import qr_svg
from governance.reading import month_asked
from moral_bank.models import Account, Entry, Passbook, Proxy
from moral_bank.passbooks.expiry import expiring_of
from moral_bank.passbooks.exports import PASSBOOKS as LEDGER
from moral_bank.passbooks.exports import STATEMENT
from moral_bank.passbooks.forms import ProxyForm, RevokeForm
from moral_bank.passbooks.lists import PASSBOOKS
from moral_bank.passbooks.proxies import proxy_add, proxy_end
from moral_bank.passbooks.services import passbook_code, passbook_issue, passbook_revoke, passbook_token
from moral_bank.passbooks.statements import last_lines, months_of, statement_of
from villages.models import Household
from villages.scope import get_visible_or_404

PRINTED_LINES = 24
RELATED = ("account__household__village", "account__household__unit")


@duty_required(Action.PASSBOOK_ISSUE)
def passbook_list(request: UserRequest) -> HttpResponse:
    return list_page(request, PASSBOOKS, Passbook.objects.visible_to(request.user).select_related(*RELATED, "issued_by", "revoked_by"))


@duty_required(Action.EXPORT)
def passbook_export(request: UserRequest) -> HttpResponseBase:
    """The filtered list, where the user may export."""
    allowed = Passbook.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = Passbook.objects.visible_to(request.user).filter(pk__in=allowed)
    return list_export(request, PASSBOOKS, rows, LEDGER, "moral_bank:passbook-list")


@never_cache
@duty_required(Action.ENTRY_VIEW)
def household_passbook(request: UserRequest, pk: int) -> HttpResponse:
    return _page(request, _household(request, pk))


@require_POST
@duty_required(Action.PASSBOOK_ISSUE)
def passbook_issue_view(request: UserRequest, pk: int) -> HttpResponse:
    household = _household(request, pk, Action.PASSBOOK_ISSUE)
    done = press(request, passbook_issue, "存折已发放，请打印后交给这一户。", household=household, by=request.user)
    if done:
        return redirect("moral_bank:passbook-print", pk=done.result.pk)
    return redirect("moral_bank:household-passbook", pk=pk)


@require_POST
@duty_required(Action.PASSBOOK_ISSUE)
def passbook_revoke_view(request: UserRequest, pk: int) -> HttpResponse:
    passbook, form = _passbook(request, pk), RevokeForm(**sent(request))
    if act(request, form, passbook_revoke, "存折已作废，原来的二维码打不开了。", passbook=passbook, by=request.user):
        return redirect("moral_bank:household-passbook", pk=passbook.account.household_id)
    return _page(request, passbook.account.household, form)


@never_cache
@duty_required(Action.PASSBOOK_ISSUE)
def passbook_print(request: UserRequest, pk: int) -> HttpResponse:
    """The paper: printed again it carries the same QR. A revoked one is printed no more."""
    passbook = _passbook(request, pk)
    if passbook.revoked_at is not None:
        messages.error(request, "这本存折已作废，请发放新的。")
        return redirect("moral_bank:household-passbook", pk=passbook.account.household_id)
    address = request.build_absolute_uri(reverse("public:passbook", args=[passbook_token(passbook)]))
    context = {
        "passbook": passbook,
        "household": passbook.account.household,
        "account": passbook.account,
        "lines": last_lines(passbook.account, PRINTED_LINES),
        "expiring": expiring_of(passbook.account),
        "qr": qr_svg(address),
        "code": passbook_code(passbook),
        "printed_on": today(),
    }
    return render(request, "moral_bank/passbooks/print.html", context)


@never_cache
@duty_required(Action.ENTRY_VIEW)
def statement_print(request: UserRequest, pk: int) -> HttpResponse:
    """A month of the household's own points on paper."""
    household = _household(request, pk)
    account, month = _account(household), _month(request)
    statement = statement_of(account, month) if account else None
    context = {"household": household, "statement": statement, "month": month, "printed_on": today()}
    return render(request, "moral_bank/passbooks/statement.html", context)


@duty_required(Action.EXPORT)
def statement_export(request: UserRequest, pk: int) -> HttpResponseBase:
    """The whole passbook as a sheet."""
    household = _household(request, pk, Action.EXPORT)
    entries = Entry.objects.visible_to(request.user, Action.EXPORT)
    rows = entries.filter(account__household=household).exclude(points=0)
    return sheet_or_back(request, STATEMENT, rows, reverse("moral_bank:household-passbook", args=[pk]))


@require_POST
@duty_required(Action.PASSBOOK_ISSUE)
def proxy_add_view(request: UserRequest, pk: int) -> HttpResponse:
    household, form = _household(request, pk, Action.PASSBOOK_ISSUE), ProxyForm(**sent(request))
    if act(request, form, proxy_add, lambda proxy: f"已登记代领人：{proxy.name}。", household=household, by=request.user):
        return redirect("moral_bank:household-passbook", pk=pk)
    return _page(request, household, form)


@require_POST
@duty_required(Action.PASSBOOK_ISSUE)
def proxy_end_view(request: UserRequest, pk: int) -> HttpResponse:
    proxies = Proxy.objects.select_related("account")
    proxy = get_visible_or_404(proxies, request.user, Action.PASSBOOK_ISSUE, pk=pk)
    press(request, proxy_end, f"已取消代领人：{proxy.name}。", proxy=proxy, by=request.user)
    return redirect("moral_bank:household-passbook", pk=proxy.account.household_id)


def _page(request: UserRequest, household: Household, form: PageForm | None = None) -> HttpResponse:
    """One household's passbook; `form` is the one that was refused, as it was sent."""
    user, account, month = request.user, _account(household), _month(request)
    issues = user.may(Action.PASSBOOK_ISSUE, household.unit.path)
    context: dict[str, Any] = {
        "household": household,
        "account": account,
        "month": month,
        "may_issue": issues,
        "may_change": issues and household.ended_on is None,
        "may_export": user.may(Action.EXPORT, household.unit.path),
        "revoke": form if isinstance(form, RevokeForm) else RevokeForm(),
        "proxy_form": form if isinstance(form, ProxyForm) else ProxyForm(),
    }
    if account is not None:
        context |= _of_account(account, month)
    return form_page(request, form or PageForm(), "moral_bank/passbooks/detail.html", **context)


def _of_account(account: Account, month: Period) -> dict[str, Any]:
    return {
        "passbook": account.passbooks.filter(revoked_at=None).select_related("issued_by").first(),
        "former": account.passbooks.exclude(revoked_at=None).select_related("revoked_by").order_by("-pk"),
        "proxies": account.proxies.filter(ended_on=None).select_related("added_by").order_by("pk"),
        "statement": statement_of(account, month),
        "months": months_of(account),
        "expiring": expiring_of(account),
    }


def _household(request: UserRequest, pk: int, action: Action = Action.ENTRY_VIEW) -> Household:
    return get_visible_or_404(Household.objects.select_related("village", "unit"), request.user, action, pk=pk)


def _account(household: Household) -> Account | None:
    return Account.objects.filter(household=household).select_related("household").first()


def _passbook(request: UserRequest, pk: int) -> Passbook:
    return get_visible_or_404(Passbook.objects.select_related(*RELATED, "issued_by"), request.user, pk=pk)


def _month(request: UserRequest) -> Period:
    """The month that the address names, this one where it names none or something else."""
    return month_asked(request)
