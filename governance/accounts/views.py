"""Login, password, and the page of a locked account."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.request import RawPostDataException
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import resolve
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest
from governance.accounts.forms import LoginForm, OwnPasswordForm
from governance.accounts.lockout import tries_many_names
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, Message, SavedFilter, User
from governance.accounts.saved_filters import FilterError, filter_save
from governance.accounts.second.entering import code_await
from governance.accounts.second.services import has_second
from governance.accounts.sms import SIGNATURE, SmsError, receipt_take
from governance.accounts.users import user_change_password
from governance.reading import text_asked, text_sent

MESSAGES_PER_PAGE = 30


class LoginView(views.LoginView):
    """Django's login: `next` is followed only within this host; 三员 land in the admin, which is all they have."""

    form_class = LoginForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Where there is no account yet, the page says how to begin."""
        return super().get_context_data(**context, nobody=not User.objects.exists())

    def form_valid(self, form: Any) -> HttpResponse:
        """Who has a second factor is not logged in yet."""
        user: User = form.get_user()
        if not has_second(user):
            return super().form_valid(form)
        code_await(self.request, user, self.get_redirect_url() or _landing(user))
        return redirect("accounts:login-second")

    def get_default_redirect_url(self) -> str:
        return _landing(self.request.user)


def _landing(user: Any) -> str:
    guard = user.is_authenticated and user.guard
    return resolve_url("admin:index" if guard else settings.LOGIN_REDIRECT_URL)


@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """Somebody is typing: the request itself keeps the session (`SessionExitMiddleware`)."""
    return HttpResponse(status=204)


@sensitive_post_parameters()
@never_cache
@login_required
def password(request: UserRequest) -> HttpResponse:
    """Change one's own password; the session goes on under a new key."""
    form = OwnPasswordForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        user_change_password(user=request.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, request.user)
        messages.success(request, "密码已修改。")
        return redirect("admin:index" if request.user.guard else settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/password.html", {"form": form})


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer of django-axes to a locked account (its AXES_LOCKOUT_CALLABLE); 429 as page or, below /api/, as JSON."""
    minutes = int(get_cool_off(request).total_seconds() // 60)
    access_log(AccessLog.Kind.LOCKED, request=request, username=str((credentials or {}).get("username") or ""))
    reason = f"密码连续错了 {settings.AXES_FAILURE_LIMIT} 次，账号已锁定"
    if tries_many_names(request):
        reason = f"从这个网络地址有 {settings.NAMES_PER_ADDRESS} 个登录名没有登录成功，暂时不能从这里登录"
    if request.path.startswith("/api/"):
        detail = f"{reason}，请 {minutes} 分钟后再试。"
        return JsonResponse({"detail": detail, "code": "locked"}, status=429)
    context = {"minutes": minutes, "reason": reason}
    return render(request, "accounts/locked.html", context, status=429)


@login_required
def inbox(request: UserRequest) -> HttpResponse:
    """Unread messages first, then by time."""
    rows = Message.objects.visible_to(request.user).order_by(F("read_at").desc(nulls_first=True), "-created_at", "-id")
    page = Paginator(rows, MESSAGES_PER_PAGE).get_page(text_asked(request, "page"))
    return render(request, "accounts/inbox.html", {"page": page})


@login_required
def message(request: UserRequest, pk: int) -> HttpResponse:
    """Mark one's own message read and go where it leads."""
    row = get_object_or_404(Message.objects.visible_to(request.user), pk=pk)
    Message.objects.filter(pk=row.pk, read_at=None).update(read_at=timezone.now())
    return redirect(row.link)


@require_POST
@login_required
def inbox_read(request: UserRequest) -> HttpResponse:
    """Mark all of one's messages read."""
    Message.objects.visible_to(request.user).unread().update(read_at=timezone.now())
    return redirect("accounts:inbox")


@require_POST
@login_required
def saved_filter(request: UserRequest) -> HttpResponse:
    """Keep what one asks of a list."""
    path, page = _list_of(request)
    query = QueryDict(text_sent(request, "query")).urlencode()
    try:
        filter_save(user=request.user, page=page, label=text_sent(request, "label"), query=query)
    except FilterError as error:
        messages.error(request, error.message)
    return redirect(f"{path}?{query}")


@require_POST
@login_required
def saved_filter_remove(request: UserRequest, pk: int) -> HttpResponse:
    path, _ = _list_of(request)
    get_object_or_404(SavedFilter.objects.visible_to(request.user), pk=pk).delete()
    return redirect(path)


def _list_of(request: UserRequest) -> tuple[str, str]:
    """Path and name of the list that was open; a path that is none of ours is a 404, so that nobody is led away."""
    path = text_sent(request, "path")
    return path, resolve(path).view_name


@csrf_exempt
@require_POST
def sms_receipt(request: HttpRequest) -> HttpResponse:
    """The SMS gateway says what became of a message; its signature stands for a log-in. What it cannot sign is not there."""
    try:
        receipt_take(body=request.body, signature=request.headers.get(SIGNATURE, ""), at=timezone.now())
    except (SmsError, RawPostDataException) as error:  # the latter where a form came instead of JSON
        raise Http404 from error
    return HttpResponse(status=204)
