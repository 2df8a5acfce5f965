"""Pages of the two-person rule for 三员 accounts, and the one on which a holder turns the code into a password."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from governance.accounts import consent
from governance.accounts.consent_forms import AskForm, CodeForm
from governance.accounts.consent_models import GuardRequest
from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.reading import key_asked, text_asked, text_sent

PER_PAGE = 30


@duty_required(Action.GUARD_CONSENT)
def guard_requests(request: UserRequest) -> HttpResponse:
    """Those that wait first, then by time; above them the accounts."""
    consent.requests_expire()
    rows = GuardRequest.objects.visible_to(request.user).select_related("target", "asked_by", "answered_by")
    waiting = [row for row in rows.unanswered() if row.may_answer(request.user)]
    page = Paginator(rows, PER_PAGE).get_page(text_asked(request, "page"))
    guards = User.objects.exclude(guard="").order_by("guard", "username")
    return render(request, "accounts/guard_requests.html", {"page": page, "waiting": waiting, "guards": guards})


@never_cache
@sensitive_post_parameters()
@duty_required(Action.GUARD_CONSENT)
def guard_ask(request: UserRequest) -> HttpResponse:
    """The first half of the code stands in this one answer only."""
    form = AskForm(request.POST if request.method == "POST" else None, initial={"target": key_asked(request, "user") or None})
    if form.is_valid():
        try:
            asked, half = consent.change_ask(**form.cleaned_data, by=request.user)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            if half:
                return render(request, "accounts/guard_half.html", {"asked": asked, "half": half, "which": "前半段"})
            messages.success(request, "已申请，等另一位三员同意。")
            return redirect("accounts:guard-request", asked.pk)
    return render(request, "accounts/guard_ask.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters()
@duty_required(Action.GUARD_CONSENT)
def guard_request(request: UserRequest, pk: int) -> HttpResponse:
    """One request; its answer is sent here too, and the second half of the code stands in that answer only."""
    consent.requests_expire()
    rows = GuardRequest.objects.visible_to(request.user).select_related("target", "asked_by", "answered_by")
    asked = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        try:
            half = _answered(request, asked)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            if half:
                asked.refresh_from_db()
                return render(request, "accounts/guard_half.html", {"asked": asked, "half": half, "which": "后半段"})
        return redirect("accounts:guard-request", pk)
    context = {"asked": asked, "may_answer": asked.may_answer(request.user), "own": asked.asked_by_id == request.user.pk}
    return render(request, "accounts/guard_request.html", context)


def _answered(request: UserRequest, asked: GuardRequest) -> str:
    answer = text_sent(request, "answer")
    if answer == "agree":
        return consent.change_agree(asked=asked, by=request.user)
    service = consent.change_withdraw if answer == "withdraw" else consent.change_refuse
    service(asked=asked, by=request.user)
    return ""


@never_cache
@sensitive_post_parameters()
def password_code(request: HttpRequest) -> HttpResponse:
    """Nobody is logged in here: two halves and a login name stand for the old password."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            consent.code_use(**form.arguments())
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "新密码已设置，请登录。")
            return redirect("accounts:login")
    return render(request, "accounts/password_code.html", {"form": form}, status=422 if form.errors else 200)
