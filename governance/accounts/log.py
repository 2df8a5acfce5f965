"""The access log: who logged in, was turned away, exported, or saw a sensitive field (plan §三.1; design §2)."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from governance.accounts.models import AccessLog, LogKind, User


def access_log(
    kind: LogKind,
    *,
    request: HttpRequest | None = None,
    user: User | None = None,
    detail: str = "",
    username: str = "",
) -> None:
    """Add one row. Without `user` it is the request's; `username` names somebody who has not logged in."""
    if user is None and request is not None and request.user.is_authenticated:
        user = request.user
    AccessLog.objects.create(
        kind=kind,
        user=user,
        username=_text(user.username if user else username, 64),
        ip=client_ip(request) if request else None,
        path=_text(request.path, 200) if request else "",
        detail=_text(detail, 200),
    )


def client_ip(request: HttpRequest) -> str | None:
    """The caller's address: what the outermost of PROXY_COUNT trusted proxies saw, else the connection's own end."""
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    count = settings.PROXY_COUNT
    found = hops[-count].strip() if 0 < count <= len(hops) else ""
    try:
        return str(ip_address(found or request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None


def _text(value: str, length: int) -> str:
    """PostgreSQL stores no NUL, which an address may carry."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}")[:length]


@receiver(user_logged_in)
def _log_login(request: HttpRequest, user: User, **kwargs: Any) -> None:
    access_log(LogKind.LOGIN, request=request, user=user)


@receiver(user_logged_out)
def _log_logout(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        access_log(LogKind.LOGOUT, request=request, user=user)


@receiver(user_login_failed)
def _log_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """A try while locked is logged by `views.locked_out`, which answers it."""
    if not getattr(request, "axes_locked_out", False):
        access_log(LogKind.FAILED, request=request, username=str(credentials.get("username") or ""))
