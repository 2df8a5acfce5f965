"""The access log: who logged in, was turned away, exported, or saw a sensitive field (plan §三.1; design §2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from governance.accounts.models import AccessLog, LogKind, User

BEGAN = "began_at"
"""The session's key of the moment at which its password was given."""
_asking: ContextVar[HttpRequest | None] = ContextVar("asking", default=None)


@contextmanager
def asked_by(request: HttpRequest) -> Iterator[None]:
    """Rows of the log that are written in the block carry the address of `request`."""
    token = _asking.set(request)
    try:
        yield
    finally:
        _asking.reset(token)


def access_log(
    kind: LogKind,
    *,
    request: HttpRequest | None = None,
    user: User | None = None,
    detail: str = "",
    username: str = "",
) -> None:
    """Add one row. Without `request` it has the address and page of the one that is being answered, none in the background; without
    `user` it is the request's; `username` names somebody who has not logged in."""
    request = request or _asking.get()
    asker = getattr(request, "user", None)
    if user is None and asker is not None and asker.is_authenticated:
        user = asker
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
    request.session[BEGAN] = timezone.now().timestamp()
    access_log(LogKind.LOGIN, request=request, user=user)


@receiver(user_logged_out)
def _log_logout(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        access_log(LogKind.LOGOUT, request=request, user=user)


@receiver(user_login_failed)
def _log_failure(credentials: dict[str, Any], request: HttpRequest | None = None, detail: str = "", **kwargs: Any) -> None:
    """A try while locked is logged by `views.locked_out`, which answers it. `detail`: what was wrong, where it was not the password."""
    if not getattr(request, "axes_locked_out", False):
        access_log(LogKind.FAILED, request=request, username=str(credentials.get("username") or ""), detail=detail)
