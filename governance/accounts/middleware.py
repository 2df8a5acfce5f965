"""What is watched on every request: its address, what a browser keeps of its answer, an ended session, what somebody has to do first,
a denial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from governance.accounts.decorators import UserRequest, to_login
from governance.accounts.log import BEGAN, access_log, asked_by
from governance.accounts.models import AccessLog
from governance.accounts.second.entering import OWED

GetResponse = Callable[[HttpRequest], HttpResponse]


class NulMiddleware:
    """Refuse an address that has a NUL in it: PostgreSQL compares no text with one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path:
            raise BadRequest("NUL")
        return self.get_response(request)


class AddressMiddleware:
    """The log learns where a request came from, however deep in the services its row is written."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with asked_by(request):
            return self.get_response(request)


class UnkeptMiddleware:
    """No browser keeps what was answered to somebody who is signed in: Back shows nothing of it to who comes next. Logging out
    takes away what was kept before; never "storage", which holds the phone's drafts. The phone's own pages are kept by its worker."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            del response["Cache-Control"]
            add_never_cache_headers(response)
        match = request.resolver_match
        if request.method == "POST" and match is not None and match.view_name == "accounts:logout":
            response["Clear-Site-Data"] = '"cache"'
        return response


class SessionExitMiddleware:
    """Log out who made no request for SESSION_IDLE_SECONDS, and everybody SESSION_ABSOLUTE_SECONDS after the password was given,
    which no request puts off: there a stolen cookie ends. Pages then send them to the login page by themselves."""

    session_key = "seen_at"
    write_after = 60  # seconds: how stale the stored moment may be, to spare the session a write a request

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and (ended := self._why_ended(cast(UserRequest, request))):
            cast(Any, request).ended_user = request.user.pk
            logout(request)
            messages.info(request, f"{ended}，请重新登录。")
            if HtmxDetails(request):
                return to_login(request)
        return self.get_response(request)

    def _why_ended(self, request: UserRequest) -> str:
        """"" while the session goes on; one that does not say when it began has ended."""
        if timezone.now().timestamp() - request.session.get(BEGAN, 0) > settings.SESSION_ABSOLUTE_SECONDS:
            return f"登录已满 {settings.SESSION_ABSOLUTE_SECONDS // 3600} 小时"
        return f"您已超过 {settings.SESSION_IDLE_SECONDS // 60} 分钟没有操作" if self._is_idle(request) else ""

    def _is_idle(self, request: UserRequest) -> bool:
        now = timezone.now().timestamp()
        seen = request.session.get(self.session_key)
        if seen is None:
            seen = (request.user.last_login or timezone.now()).timestamp()
        if now - seen > settings.SESSION_IDLE_SECONDS:
            return True
        if now - seen > self.write_after:
            request.session[self.session_key] = now
        return False


@dataclass(frozen=True)
class FirstStep:
    """What somebody does before anything else: the page for it, what may be opened meanwhile, and in words."""

    page: str
    allowed: tuple[str, ...]
    words: str


OWN_PASSWORD = FirstStep("accounts:password", ("accounts:password", "accounts:logout"), "请先在网页上修改密码。")
OWN_SECOND = FirstStep(
    "accounts:second",
    ("accounts:second", "accounts:second-app", "accounts:second-key", "accounts:second-print", "accounts:password", "accounts:logout"),
    "请先在网页上启用第二验证。",
)


class FirstStepsMiddleware:
    """Who must change the password, or must enrol a second factor, can open nothing else. `unready` of the request is what is to be
    done first, for whoever answers something else than a page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        step = _first_step(request) if request.user.is_authenticated else None
        match = request.resolver_match
        if step is None or (match and match.view_name in step.allowed):
            return None
        cast(Any, request).unready = step.words
        if match and "api" in match.namespaces:
            return JsonResponse({"detail": step.words, "code": "first"}, status=403)
        if HtmxDetails(request):
            return HttpResponseClientRedirect(resolve_url(step.page))
        return redirect(step.page)


def _first_step(request: Any) -> FirstStep | None:
    """Nobody is asked in the database but who was found to owe a second factor on logging in."""
    if request.user.must_change_password:
        return OWN_PASSWORD
    if not request.session.get(OWED):
        return None
    if request.user.owes_second():
        return OWN_SECOND
    del request.session[OWED]
    return None


class DenialLogMiddleware:
    """Log what was refused (403) or hidden (404) from a logged-in user; unknown addresses are not denials."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in (403, 404) and request.resolver_match and request.user.is_authenticated:
            access_log(AccessLog.Kind.DENIED, request=request, detail=f"{request.method} {response.status_code}")
        return response
