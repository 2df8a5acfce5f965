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
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from governance.frame.qr import qr_svg
from governance.periods import Period, month_or_this, today
from moral_bank.models import Account, Entry, Passbook, Proxy
from moral_bank.passbooks.expiry import expiring_of
from moral_bank.passbooks.exports import PASSBOOKS, STATEMENT
from moral_bank.passbooks.forms import PassbookFilter, ProxyForm, RevokeForm
from moral_bank.passbooks.proxies import proxy_add, proxy_end
from moral_bank.passbooks.services import passbook_issue, passbook_revoke, passbook_token
from moral_bank.passbooks.statements import last_lines, months_of, statement_of
from villages.models import Household
from villages.scope import get_visible_or_404

PRINTED_LINES = 24
RELATED = ("account__household__village", "account__household__unit")


@duty_required(Action.PASSBOOK_ISSUE)
def passbook_list(request: UserRequest) -> HttpResponse:
    user, form = request.user, PassbookFilter(request.GET, user=request.user)
    rows = form.rows(user).select_related(*RELATED, "issued_by", "revoked_by")
    page = page_of(request, rows.order_by("-issued_at", "-pk"))
    asked = any(request.GET.get(name) for name in form.fields)
    context = {"form": form, "page": page, "asked": asked, "may_export": user.may(Action.EXPORT)}
    return render(request, "moral_bank/passbooks/list.html", context)


@duty_required(Action.EXPORT)
def passbook_export(request: UserRequest) -> HttpResponseBase:
    """The filtered list, where the user may export."""
    allowed = Passbook.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = PassbookFilter(request.GET, user=request.user).rows(request.user).filter(pk__in=allowed)
    try:
        return ledger_response(PASSBOOKS, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:passbook-list")


@never_cache
@duty_required(Action.ENTRY_VIEW)
def household_passbook(request: UserRequest, pk: int) -> HttpResponse:
    return _page(request, _household(request, pk))


@require_POST
@duty_required(Action.PASSBOOK_ISSUE)
def passbook_issue_view(request: UserRequest, pk: int) -> HttpResponse:
    household = _household(request, pk, Action.PASSBOOK_ISSUE)
    try:
        passbook = passbook_issue(household=household, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:household-passbook", pk=pk)
    messages.success(request, "存折已发放，请打印后交给这一户。")
    return redirect("moral_bank:passbook-print", pk=passbook.pk)


@require_POST
@duty_required(Action.PASSBOOK_ISSUE)
def passbook_revoke_view(request: UserRequest, pk: int) -> HttpResponse:
    passbook = _passbook(request, pk)
    form = RevokeForm(request.POST)
    if form.is_valid():
        try:
            passbook_revoke(passbook=passbook, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "存折已作废，原来的二维码打不开了。")
            return redirect("moral_bank:household-passbook", pk=passbook.account.household_id)
    return _page(request, passbook.account.household, revoke=form)


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
    try:
        return ledger_response(STATEMENT, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:household-passbook", pk=pk)


@require_POST
@duty_required(Action.PASSBOOK_ISSUE)
def proxy_add_view(request: UserRequest, pk: int) -> HttpResponse:
    household = _household(request, pk, Action.PASSBOOK_ISSUE)
    form = ProxyForm(request.POST)
    if form.is_valid():
        try:
            proxy = proxy_add(household=household, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已登记代领人：{proxy.name}。")
            return redirect("moral_bank:household-passbook", pk=pk)
    return _page(request, household, proxy=form)


@require_POST
@duty_required(Action.PASSBOOK_ISSUE)
def proxy_end_view(request: UserRequest, pk: int) -> HttpResponse:
    proxies = Proxy.objects.select_related("account")
    proxy = get_visible_or_404(proxies, request.user, Action.PASSBOOK_ISSUE, pk=pk)
    try:
        proxy_end(proxy=proxy, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"已取消代领人：{proxy.name}。")
    return redirect("moral_bank:household-passbook", pk=proxy.account.household_id)


def _page(
    request: UserRequest, household: Household, *, revoke: RevokeForm | None = None, proxy: ProxyForm | None = None
) -> HttpResponse:
    """One household's passbook; with a form that was refused, as it was sent."""
    user, account = request.user, _account(household)
    month = _month(request)
    issues = user.may(Action.PASSBOOK_ISSUE, household.unit.path)
    context: dict[str, Any] = {
        "household": household,
        "account": account,
        "month": month,
        "may_issue": issues,
        "may_change": issues and household.ended_on is None,
        "may_export": user.may(Action.EXPORT, household.unit.path),
        "revoke": revoke or RevokeForm(),
        "proxy_form": proxy or ProxyForm(),
        "adding": proxy is not None,
    }
    if account is not None:
        context |= {
            "passbook": account.passbooks.filter(revoked_at=None).select_related("issued_by").first(),
            "former": account.passbooks.exclude(revoked_at=None).select_related("revoked_by").order_by("-pk"),
            "proxies": account.proxies.filter(ended_on=None).select_related("added_by").order_by("pk"),
            "statement": statement_of(account, month),
            "months": months_of(account),
            "expiring": expiring_of(account),
        }
    refused = bool((revoke and revoke.errors) or (proxy and proxy.errors))
    return render(request, "moral_bank/passbooks/detail.html", context, status=422 if refused else 200)


def _household(request: UserRequest, pk: int, action: Action = Action.ENTRY_VIEW) -> Household:
    return get_visible_or_404(Household.objects.select_related("village", "unit"), request.user, action, pk=pk)


def _account(household: Household) -> Account | None:
    return Account.objects.filter(household=household).select_related("household").first()


def _passbook(request: UserRequest, pk: int) -> Passbook:
    return get_visible_or_404(Passbook.objects.select_related(*RELATED, "issued_by"), request.user, pk=pk)


def _month(request: UserRequest) -> Period:
    """The month that the address names, this one where it names none or something else."""
    return month_or_this(request.GET.get("month", ""))
