"""第二验证: the code after the password, one's own page, enrolling, printing, giving up."""

from __future__ import annotations

import django_otp
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from governance.accounts.decorators import UserRequest
from governance.accounts.models import CodeSheet, SecondApp
from governance.accounts.second.entering import OWED, awaited, enter
from governance.accounts.second.forms import CodeForm, FirstCodeForm, PasswordAgainForm
from governance.accounts.second.services import (
    FEW,
    SecondError,
    app_begin,
    app_confirm,
    has_second,
    second_give_up,
    sheet_print,
)
from governance.qr import qr_svg

BEGUN = "second_begun"  # the session's key of the app whose key this browser may show, since the password was given here


@never_cache
@sensitive_post_parameters()
def login_second(request: HttpRequest) -> HttpResponse:
    """The second step of logging in; without the first it leads back there."""
    found = awaited(request)
    if request.user.is_authenticated or found is None:
        return redirect(settings.LOGIN_REDIRECT_URL if request.user.is_authenticated else settings.LOGIN_URL)
    user, leads = found
    form = CodeForm(request.POST if request.method == "POST" else None, user=user, request=request)
    if form.is_valid():
        enter(request, user, form.device)
        if isinstance(form.device, CodeSheet) and (left := form.device.left) < FEW:
            messages.warning(request, f"备用验证码只剩 {left} 个，请重新打印一张。")
        return redirect(leads)
    return render(request, "accounts/second/login.html", {"form": form, "who": user.username}, status=422 if form.errors else 200)


@login_required
def second(request: UserRequest) -> HttpResponse:
    """What this account has, and what can be done."""
    app = SecondApp.objects.filter(user=request.user, confirmed=True).first()
    sheet = CodeSheet.objects.filter(user=request.user).first()
    context = {"app": app, "sheet": sheet, "few": sheet is not None and sheet.left < FEW, "owed": request.session.get(OWED, False)}
    return render(request, "accounts/second/second.html", context)


@never_cache
@sensitive_post_parameters()
@login_required
def second_app(request: UserRequest) -> HttpResponse:
    """The password first, then the key."""
    form = PasswordAgainForm(request.POST if request.method == "POST" else None, user=request.user, request=request)
    if form.is_valid():
        try:
            request.session[BEGUN] = app_begin(user=request.user).pk
        except SecondError as error:
            form.add_error(None, error.message)
        else:
            return redirect("accounts:second-key")
    context = {"form": form, "title": "启用验证器", "button": "下一步"}
    return render(request, "accounts/second/password.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
def second_key(request: UserRequest) -> HttpResponse:
    """The key as QR code and as text, until the first code was given."""
    apps = SecondApp.objects.filter(user=request.user, confirmed=False).select_related("user")
    app = apps.filter(pk=request.session.get(BEGUN, 0)).first()
    if app is None:
        return redirect("accounts:second")
    form = FirstCodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            app_confirm(app=app, code=form.cleaned_data["code"])
        except SecondError as error:
            form.add_error("code", error.message)
        else:
            _enrolled(request, app)
            messages.success(request, "验证器已启用。从下一次登录起，填了密码再填验证码。")
            return redirect("accounts:second")
    context = {"form": form, "app": app, "qr": qr_svg(app.address)}
    return render(request, "accounts/second/key.html", context, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters()
@login_required
def second_print(request: UserRequest) -> HttpResponse:
    """The codes stand in this one answer only."""
    form = PasswordAgainForm(request.POST if request.method == "POST" else None, user=request.user, request=request)
    if form.is_valid():
        codes = sheet_print(user=request.user)
        _enrolled(request, CodeSheet.objects.get(user=request.user))
        return render(request, "accounts/second/codes.html", {"codes": codes})
    context = {"form": form, "title": "打印备用验证码", "button": "打印", "prints": True}
    return render(request, "accounts/second/password.html", context, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters()
@login_required
def second_remove(request: UserRequest) -> HttpResponse:
    """With a code: who lost both asks the system administrator."""
    if not has_second(request.user):
        return redirect("accounts:second")
    form = CodeForm(request.POST if request.method == "POST" else None, user=request.user, request=request)
    if form.is_valid():
        second_give_up(user=request.user)
        request.session.pop(django_otp.DEVICE_ID_SESSION_KEY, None)
        if request.user.owes_second():
            request.session[OWED] = True
        messages.success(request, "第二验证已停用。")
        return redirect("accounts:second")
    return render(request, "accounts/second/remove.html", {"form": form}, status=422 if form.errors else 200)


def _enrolled(request: UserRequest, device: SecondApp | CodeSheet) -> None:
    """This session needs no code any more, and owes nothing."""
    django_otp.login(request, device)
    for key in (OWED, BEGUN):
        request.session.pop(key, None)
