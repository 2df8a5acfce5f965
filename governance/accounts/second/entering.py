"""Between the password and the session: whose password was right and whose code is asked for; and what a log-in brings with it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_otp.models import Device

from governance.accounts.models import AccountRules, StaleAccount, User
from governance.accounts.passwords import is_too_old

WAITING = "second"
OWED = "second_owed"
"""The session's key that says: nothing is opened before a second factor is enrolled."""
SECONDS = 10 * 60


def code_await(request: HttpRequest, user: User, leads: str) -> None:
    """The password was right; nobody is logged in. `leads`: where to go afterwards."""
    moment = timezone.now().timestamp()
    waiting = {"user": user.pk, "backend": getattr(user, "backend", ""), "hash": user.get_session_auth_hash(), "at": moment}
    request.session.cycle_key()
    request.session[WAITING] = {**waiting, "leads": leads}


def awaited(request: HttpRequest) -> tuple[User, str] | None:
    """Whose code is waited for, and where that leads; None after ten minutes, or where the password was changed meanwhile."""
    waiting = request.session.get(WAITING)
    if waiting is None or timezone.now().timestamp() - waiting["at"] > SECONDS:
        return None
    user = User.objects.filter(pk=waiting["user"], is_active=True).first()
    if user is None or not constant_time_compare(waiting["hash"], user.get_session_auth_hash()):
        return None
    user.backend = waiting["backend"]
    return user, waiting["leads"]


def enter(request: HttpRequest, user: User, device: Device) -> None:
    """django-otp keeps in the session by which device."""
    request.session.pop(WAITING, None)
    user.__dict__["otp_device"] = device
    login(request, user)


@receiver(user_logged_in)
def _look_after(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """What is asked of this account from now on; that somebody came ends what was noted of long disuse."""
    rules = AccountRules.now()
    if rules.second_for and user.owes_second():
        request.session[OWED] = True
    if not user.must_change_password and is_too_old(user, rules.password_days, timezone.now()):
        user.must_change_password = True
        user.save(update_fields=["must_change_password"])
    StaleAccount.objects.filter(user=user, locked_at=None).delete()
